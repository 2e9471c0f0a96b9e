/**
 * Broken CSV, one fault a test: what is told, at which line, and what is read all the same.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { documentBytesMax } from "../../src/limits.ts";
import { inputLineBytesMax } from "../../src/formats/lines.ts";
import type { ProblemKind } from "../../src/formats/problem_kinds.ts";
import { csv } from "./reading.ts";

const header = "Availability,ZIP Code,Site Name\n";
const full = "Availability,ZIP Code,Site Name,Unit,Observed At,Who,Source,Note,Retired,Document\n";

/** A fault: the input, what is told of it (line and kind), a word that the reason has, and the names that are read. */
function broken(
  name: string,
  input: string | readonly (string | Uint8Array)[],
  told: readonly [line: number, kind: ProblemKind][],
  word: string,
  names: readonly string[],
): void {
  Deno.test(`readCsv() ${name}`, async () => {
    const { records, problems } = await csv(...typeof input === "string" ? [input] : input);
    assertEquals(problems.map(({ line, kind }) => [line, kind]), told.map((each) => [...each]));
    for (const { what } of problems) assertEquals(what.includes("\n"), false);
    assertStringIncludes(problems.map(({ what }) => what).join("\n"), word);
    assertEquals(records.map((record) => record.name), names);
  });
}

broken("refuses an empty file", "", [[1, "csv-empty"]], "no header", []);
broken("refuses a file of empty lines", "\n\r\n\n", [[1, "csv-empty"]], "no header", []);
broken(
  "refuses UTF-16 with a mark",
  [new Uint8Array([0xff, 0xfe, 0x41, 0, 0x0a, 0])],
  [[1, "utf-16"]],
  "save it as UTF-8",
  [],
);
broken("refuses UTF-16 without one", [new Uint8Array([0, 0x41, 0, 0x76])], [[1, "utf-16"]], "UTF-16", []);
broken(
  "reports a byte order mark and reads the rest",
  ["\ufeff", header, "1,02138,A\n"],
  [[1, "bom"]],
  "\\ufeff",
  ["A"],
);
broken(
  "refuses a line in Latin-1 and takes the others",
  [header, "1,02138,A\n2,02138,Caf", new Uint8Array([0xe9]), "\n3,02138,C\n"],
  [[3, "not-utf-8"]],
  '"2,02138,Caf',
  ["A", "C"],
);
broken(
  "refuses carriage returns alone",
  "Availability,ZIP Code,Site Name\r1,02138,A\r",
  [[1, "lone-carriage-return"]],
  "carriage returns",
  [],
);
broken(
  "refuses a header without one of the three columns",
  "Availability,Site Name\n1,A\n",
  [[1, "column-missing"]],
  '"ZIP Code"',
  [],
);
broken(
  "says so where semicolons separate the columns",
  "Availability;ZIP Code;Site Name\n1;02138;A\n",
  [[1, "column-missing"], [1, "column-missing"], [1, "column-missing"]],
  "by commas",
  [],
);
broken(
  "refuses a column that is there twice",
  "Availability,ZIP Code,Site Name,site_name\n1,02138,A,B\n",
  [[1, "column-repeated"]],
  '"site_name"',
  [],
);
broken(
  "refuses an unknown column that is there twice",
  "Availability,ZIP Code,Site Name,County,County\n1,02138,A,B,C\n",
  [[1, "column-repeated"]],
  '"County"',
  [],
);
broken(
  "refuses a column without a name",
  "Availability,ZIP Code, ,Site Name\n1,02138,B,A\n",
  [[1, "column-unnamed"]],
  "Column 3",
  [],
);
broken(
  "refuses a row in which something stands under no name",
  "Availability,ZIP Code,Site Name, \n1,02138,A,B\n2,02138,C,\n",
  [[1, "cells-blank"], [2, "field-count"]],
  "has 4 fields, and the header 3",
  ["C"],
);
broken(
  "refuses a footnote",
  'Availability,ZIP Code,Site Name\n1,02138,A\n"Source: county, 2026"\n',
  [[3, "field-count"]],
  "has 1 field, and the header 3",
  ["A"],
);
broken(
  "tells no column that says where a site is, or how to reach it",
  "Availability,ZIP Code,Site Name,Street Address,City,Phone,Booking Link,Web\n1,02138,A,1 Elm St,Ely,555-0100,x,y\n",
  [],
  "",
  ["A"],
);
broken(
  "tells a column of unknown name and keeps it",
  "Availability,ZIP Code,Site Name,County\n1,02138,A,Middlesex\n",
  [[1, "column-unknown"]],
  '"County"',
  ["A"],
);
broken(
  "refuses lines with too few or too many fields",
  `${header}1,02138\n2,02138,B\n3,02138,C,D\n4,02138,Rite Aid, Millville\n`,
  [[2, "field-count"], [4, "field-count"], [5, "field-count"]],
  '"1,02138" has 2 fields',
  ["B"],
);
broken(
  "refuses a quote that nothing closes, and takes the lines after it",
  `${header}1,02138,"A\n2,02138,B\n3,02138,C\n`,
  [[2, "quote-unclosed"]],
  "the end of the file",
  ["B", "C"],
);
broken(
  "takes the header after a line with a quote that nothing closes",
  `Needles of 5"\n${header}1,02138,A\n`,
  [[1, "quote-unclosed"]],
  "the end of the file",
  ["A"],
);
broken(
  "finds the line of an open quote although a later one closes it",
  `${header}1,02138,"A\n2,02138,B\n3,02138,"C"x"\n4,02138,D\n`,
  [[2, "csv-syntax"], [4, "quote-unclosed"]],
  '"1,02138,\\"A"',
  ["B", "D"],
);
broken(
  "gives an endless quote up after a bounded length",
  [
    header,
    '1,02138,"A\n',
    ...`${"x".repeat(63)}\n`.repeat(inputLineBytesMax / 64 + 10).match(/[^]{1,60000}/g) ?? [],
    "2,02138,B\n",
  ],
  [
    [2, "quote-unclosed"],
    ...Array.from({ length: inputLineBytesMax / 64 + 10 }, (_, at): [number, ProblemKind] => [at + 3, "field-count"]),
  ],
  `${inputLineBytesMax} characters on`,
  ["B"],
);
broken(
  "refuses a quote inside a field without quotes",
  `${header}1,02138,A "B" C\n2,02138,D\n`,
  [[2, "csv-syntax"]],
  "double those in it",
  ["D"],
);
broken(
  "refuses what follows a closing quote",
  `${header}1,02138,"A"B\n2,02138,D\n`,
  [[2, "csv-syntax"]],
  "follows the quote",
  ["D"],
);
broken(
  "refuses a line of endless length and takes the next",
  [header, "1,02138,", ...Array<string>(8).fill("x".repeat(60_000)), "\n2,02138,B\n"],
  [[2, "line-too-long"]],
  `over ${inputLineBytesMax} bytes`,
  ["B"],
);
broken(
  "refuses a row of which a line was left out",
  [header, '1,02138,"A\n', new Uint8Array([0xff]), '\nB"\n2,02138,C\n'],
  [[3, "not-utf-8"], [2, "quote-unclosed"], [4, "quote-unclosed"]],
  "line 3, which was left out",
  ["C"],
);
broken(
  "keeps the lines exact behind a line break in quotes",
  `${full}1,02138,A,,,,,,,"{""a"":\n\n1}"\nx,02138,B,,,,,,,\n`,
  [[5, "availability-invalid"]],
  '"x"',
  ["A"],
);
broken(
  "refuses invalid availabilities",
  `${header}-1,02138,A\n1e3,02138,B\n"1,000",02138,C\ny,02138,D\n007,02138,E\n`,
  [2, 3, 4, 5, 6].map((line) => [line, "availability-invalid"]),
  '"1,000"',
  [],
);
broken(
  "refuses names that a site cannot have",
  `${header}1,02138,\n2,02138,tab\there\n3,02138,over\u202eride\n4,02138,"two\nlines"\n5,02138,${"x".repeat(201)}\n`,
  [[2, "name-invalid"], [3, "name-invalid"], [4, "name-invalid"], [5, "name-invalid"], [7, "name-invalid"]],
  "direction",
  [],
);
broken(
  "refuses invalid ZIP codes, or missing",
  `${header}1,,A\n2,2138a,B\n3,12345678901,C\n4,213-1234,D\n`,
  [[2, "zip-missing"], [3, "zip-invalid"], [4, "zip-invalid"], [5, "zip-invalid"]],
  '"2138a"',
  [],
);
broken(
  "takes a ZIP code of another length as it is, and says so",
  `${header}1,2138,A\n`,
  [[2, "zip-length"]],
  '"2138"',
  ["A"],
);
broken(
  "puts a lost zero back where the state is known",
  "Availability,ZIP Code,Site Name,State\n1,8332,A,NJ\n2,8332,B,TX\n",
  [[2, "zip-lost-zero"], [3, "zip-length"]],
  '"08332"',
  ["A", "B"],
);
broken(
  "takes five of nine digits",
  `${header}1,08332-3762,A\n`,
  [[2, "zip-plus-four"]],
  '"08332"',
  ["A"],
);
broken("refuses invalid units", `${full}1,02138,A,pints,,,,,,\n`, [[2, "unit-invalid"]], '"pints"', []);
broken(
  "refuses invalid instants, or have no offset",
  full + ["24.11.2026", "2026-02-30", "2026-11-24T10:00:00", "2026-02-30T10:00:00Z", "1969-12-31T23:59:59Z", "17"]
    .map((text) => `1,02138,A,,${text},,,,,\n`).join(""),
  [2, 3, 4, 5, 6, 7].map((line) => [line, "instant-invalid"]),
  '"24.11.2026"',
  [],
);
broken(
  "adds the seconds and the minutes of the offset to an instant",
  `${full}1,02138,A,,2026-11-24T10:00-05,,,,,\n`,
  [[2, "instant-short"]],
  '"2026-11-24T10:00:00-05:00"',
  ["A"],
);
broken(
  "refuses texts that are too long or control the terminal",
  `${full}1,02138,A,,,${"x".repeat(65)},,,,\n1,02138,B,,,,${"é".repeat(101)},,,\n1,02138,C,,,,,\x1b[31m,,\n`,
  [[2, "text-invalid"], [3, "text-invalid"], [4, "text-invalid"]],
  "over 200 bytes",
  [],
);
broken(
  "refuses what tells about a report and has no availability",
  `${full},02138,A,,,Ann,,,,\n,02138,B,,,,,,,\n`,
  [[2, "report-missing"]],
  '"who"',
  ["B"],
);
broken(
  "refuses documents that are not objects",
  `${full}1,02138,A,,,,,,,[1]\n1,02138,B,,,,,,,{\n`,
  [[2, "document-invalid"], [3, "document-invalid"]],
  '"[1]"',
  [],
);
broken(
  "refuses a document that is too large",
  `${full}1,02138,A,,,,,,,"{""a"":""${"x".repeat(documentBytesMax)}""}"\n`,
  [[2, "document-too-large"]],
  `at most ${documentBytesMax}`,
  [],
);
