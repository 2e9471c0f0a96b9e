/**
 * CSV as spreadsheets and other systems write it: what is read, and what is told of it.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { csvExportHeader, csvLine } from "../../src/formats/csv.ts";
import type { ProblemKind } from "../../src/formats/problem_kinds.ts";
import type { ImportRecord } from "../../src/formats/records.ts";
import { csv } from "./reading.ts";

const header = "Availability,ZIP Code,Site Name\n";

/** A way of writing CSV: the input, what is told of it (line and kind), and what the records have. */
function sheet<K extends keyof ImportRecord>(
  name: string,
  input: string,
  told: readonly [line: number, kind: ProblemKind][],
  key: K,
  values: readonly ImportRecord[K][],
): void {
  Deno.test(`readCsv() ${name}`, async () => {
    const { records, problems } = await csv(input);
    assertEquals(problems.map(({ line, kind }) => [line, kind]), told.map((each) => [...each]));
    assertEquals(records.map((record) => record[key]), [...values]);
  });
}

sheet(
  "leaves out columns at the end in which nothing is, and tells it once",
  "Availability,ZIP Code,Site Name,, \r\n5,07001,A,,\r\n0,07002,B,,\r\n",
  [[1, "cells-blank"]],
  "name",
  ["A", "B"],
);
sheet(
  "leaves out a comma at the end of rows",
  `${header}5,07001,A,\n0,07002,B,\n`,
  [[2, "cells-blank"]],
  "name",
  ["A", "B"],
);
sheet(
  "leaves out rows in which nothing is, also before the header",
  `,,\n${header}5,07001,A\n , ,\n,,,\n`,
  [[1, "row-blank"]],
  "name",
  ["A"],
);
sheet("takes a line that names the comma", `sep=,\r\n${header}5,07001,A\n`, [[1, "separator-line"]], "name", ["A"]);
sheet(
  "takes semicolons where a line names them",
  `\ufeffsep=;\r\nAvailability;ZIP Code;Site Name\r\n5;07001;"A; B"\r\n6;07001;C, D\r\n7;07001;"E"x\r\n8;07001;F`,
  [[1, "bom"], [1, "separator-line"], [5, "csv-syntax"]],
  "name",
  ["A; B", "C, D", "F"],
);
sheet(
  "takes a header with spaces around its quotes",
  `"Availability" , "ZIP Code", "Site Name"\n5,07001,A\n`,
  [],
  "name",
  ["A"],
);
sheet(
  "leaves out what keeps a ZIP code from becoming a number",
  `${header}5,'07001,A\n5,"=""07002""",B\n5,="07003",C\n="5",="07004-1234","D,=""5"",="""\r\n`,
  [[2, "zip-guard"], [3, "zip-guard"], [4, "zip-guard"], [5, "availability-invalid"]],
  "zip",
  ["07001", "07002", "07003"],
);
sheet(
  "leaves quotes in a text alone that look like those around a ZIP code",
  `${header}5,="07001","A,=""5"",B"\n5,07001,"C,=""",\n`,
  [[2, "zip-guard"], [3, "cells-blank"]],
  "name",
  ['A,="5",B', 'C,="'],
);
sheet(
  "takes a ZIP code that became a number",
  `${header}5,7001.0,A\n5,07001.00,B\n5,7001.5,C\n`,
  [[2, "zip-decimal"], [2, "zip-length"], [3, "zip-decimal"], [4, "zip-invalid"]],
  "zip",
  ["7001", "07001"],
);
sheet(
  "puts its zero back by a column for the state",
  `Availability,ZIP Code,Site Name,State\n5,7001.0,A,New Jersey\n`,
  [[2, "zip-decimal"], [2, "zip-lost-zero"]],
  "zip",
  ["07001"],
);
sheet(
  "takes nine digits as a ZIP code with four more, however they are joined",
  `${header}5,021380001,A\n5,02138-0001,B\n5,02138 0001,C\n5,02138–0001,D\n5,2138-0001,E\n5,213-1234,F\n`,
  [
    ...[2, 3, 4, 5].map((line): [number, ProblemKind] => [line, "zip-plus-four"]),
    [6, "zip-length"],
    [6, "zip-plus-four"],
    [7, "zip-invalid"],
  ],
  "zip",
  ["02138", "02138", "02138", "02138", "2138"],
);
Deno.test("messages about a ZIP code quote what the input has", async () => {
  const { problems } = await csv(`${header}5,02138 0001,A\n5,'02138–0001,B\n`);
  const told = problems.filter(({ kind }) => kind === "zip-plus-four").map(({ what }) => what);
  const what = (typed: string) => `The site has "02138" of the ZIP code "${typed}"; its document has all of it`;
  assertEquals(told, [what("02138 0001"), what("'02138–0001")]);
});
sheet(
  "takes yes and no",
  `${header}YES,07001,A\nno,07001,B\ny,07001,C\n`,
  [[4, "availability-invalid"]],
  "availability",
  [true, false],
);
sheet(
  "takes units in the singular, and slots",
  "Availability,ZIP Code,Site Name,Unit\n" +
    ["dose", "DOSES", "Appointment", "slot", "Slots", "vials"].map((unit) => `5,07001,A,${unit}\n`).join(""),
  [[7, "unit-invalid"]],
  "unit",
  ["doses", "doses", "appointments", "appointments", "appointments"],
);
sheet(
  "takes a date alone, a space for the T and a second 60",
  "Availability,ZIP Code,Site Name,Observed At\n" +
    ["2026-11-20", "2026-11-20 10:00:00+00", "2026-11-20T23:59:60Z", "2026-11-20T10:00:00 -05:00", "1795000000"]
      .map((time) => `5,07001,A,${time}\n`).join(""),
  [
    [2, "instant-date"],
    [3, "instant-space"],
    [3, "instant-short"],
    [4, "instant-leap"],
    [5, "instant-invalid"],
    [6, "instant-invalid"],
  ],
  "observedAt",
  [Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 20, 10), Date.UTC(2026, 10, 20, 23, 59, 59, 999)],
);
sheet(
  "retires nobody for a reason alone",
  "Availability,ZIP Code,Site Name,Reason\n5,07001,A,Closed for holiday\n",
  [[1, "column-unknown"]],
  "retired",
  [undefined],
);
sheet(
  "takes in Retired whether a site is, and the reason beside it",
  "Availability,ZIP Code,Site Name,Retired,Reason\n5,07001,A,FALSE,\n5,07001,B,TRUE,moved\n5,07001,C,yes,\n" +
    "5,07001,D,closed,moved\n5,07001,E,,moved\n",
  [[1, "column-unknown"]],
  "retired",
  [undefined, "moved", "yes", "closed", undefined],
);
sheet(
  "takes the columns of UNIVAF: the count, and where there is none whether there are any",
  "name,postal_code,available,available_count,valid_at\nA,07001,YES,12,2026-11-20T10:00:00Z\n" +
    "B,07001,NO,,2026-11-20T10:00:00Z\nC,07001,YES,0,\n",
  [[1, "column-second"]],
  "availability",
  [12, false, 0],
);
sheet(
  "takes these columns in any order",
  "available_count,available,name,zip\n12,YES,A,07001\n,NO,B,07001\n",
  [[1, "column-second"]],
  "availability",
  [12, false],
);
sheet(
  "carries the product that a column names",
  "Availability,ZIP Code,Site Name,NDC,Street\n5,07001,A,80777-0273-15,1 Elm St\n5,07001,B,,\n",
  [],
  "product",
  ["80777-0273-15", undefined],
);

Deno.test("csvLine() writes no formula, and readCsv() reads the text that it was", async () => {
  const names = ["=HYPERLINK(1)", "@SUM(1)", "-1+1", "+1", "'=1", "''@x", "'a", "a=b"];
  const lines = names.map((name) => csvLine({ name, zip: "07001", availability: 5, note: name, retired: "FALSE" }));
  for (const line of lines) assertEquals(/(?:^|,)"?[=@+-]/.test(line), false, line);
  const { records } = await csv(csvExportHeader + lines.join(""));
  assertEquals(records.map(({ name }) => name), names);
  assertEquals(records.map(({ note }) => note), names);
  assertEquals(records.every(({ retired }) => retired === "FALSE"), true);
  // Any other CSV has the names that stand in it.
  const other = await csv(`${header}5,07001,'=1\n`);
  assertEquals(other.records[0]?.name, "'=1");
});

Deno.test("readCsv() takes nine digits of an export as the database had them", async () => {
  const line = csvLine({ name: "A", zip: "021380001", availability: 5 });
  const { records } = await csv(csvExportHeader + line);
  assertEquals([records[0]?.zip, records[0]?.document], ["021380001", undefined]);
});

Deno.test("readCsv() says what a time in seconds may be", async () => {
  const { problems } = await csv("Availability,ZIP Code,Site Name,Observed At\n5,07001,A,1795000000\n");
  assertStringIncludes(problems[0]?.what ?? "", "since 1970 in seconds");
});
