import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { inputLineBytesMax, inputPieceBytes } from "../../src/formats/lines.ts";
import { csvHeader, csvRow } from "../../src/cli/listing.ts";
import { siteCsv } from "../../src/cli/render.ts";
import { csvExportHeader, csvLine, readCsv } from "../../src/formats/csv.ts";
import type { ExportRecord } from "../../src/formats/records.ts";
import { name, record } from "./arbitrary.ts";
import { csv } from "./reading.ts";

Deno.test("readCsv() takes what a list prints", async () => {
  const { records, problems } = await csv(
    'Availability,ZIP Code,Site Name\n0,02138,Harvard University\nTrue,08332,"A, B"\n',
  );
  assertEquals(problems, []);
  assertEquals(records, [
    { line: 2, name: "Harvard University", zip: "02138", availability: 0 },
    { line: 3, name: "A, B", zip: "08332", availability: true },
  ]);
});

Deno.test("readCsv() takes columns in any order and by other names, and CRLF", async () => {
  const text = "site_name,Observed-At,NOTES,zip,Reported By,count,Units\r\n" +
    'A,2026-11-24t10:00:00.5z,"two, words",02138,Ann,5,Doses\r\n';
  const { records, problems } = await csv(text);
  assertEquals(problems, []);
  assertEquals(records, [{
    line: 2,
    name: "A",
    zip: "02138",
    availability: 5,
    unit: "doses",
    observedAt: Date.UTC(2026, 10, 24, 10, 0, 0, 500),
    who: "Ann",
    note: "two, words",
  }]);
});

Deno.test("readCsv() takes a column of a similar name as another one, where there is the right one", async () => {
  const { records } = await csv("Availability,ZIP Code,Site Name,Name\n1,02138,A,B\n");
  assertEquals(records[0]?.document, '{"csv":{"Name":"B"}}');
});

Deno.test("readCsv() keeps unknown columns and the whole ZIP code in the document, beside what is there", async () => {
  const header = 'Availability,"ZIP Code",Site Name,County,__proto__,Document\n';
  const { records } = await csv(
    `${header}1,02138-1234,A,Middlesex,x,"{""b"":1,""csv"":{""City"":""Z""}}"\n1,02138,B,,,\n`,
  );
  assertEquals(
    records.map(({ document }) => document),
    ['{"b":1,"csv":{"City":"Z","County":"Middlesex","__proto__":"x","ZIP Code":"02138-1234"}}', undefined],
  );
});

Deno.test("readCsv() tells nothing of availability where there is none: absent is not 0", async () => {
  const { records } = await csv("Availability,ZIP Code,Site Name\n,02138,A\nunKnown,02138,B\n");
  assertEquals(records.map(({ availability }) => availability), [undefined, "unknown"]);
});

Deno.test("readCsv() reads the same, however its input is cut", async () => {
  const text = '\ufeffAvailability,ZIP Code,Site Name,Note\r\n1,02138,"A ""é"" B",薬局\n\n2,02138,💉,"x"\n3,0,"C\n';
  const bytes = new TextEncoder().encode(text);
  const whole = await csv(bytes);
  assertEquals(whole.records.length, 2);
  assertEquals(whole.problems.map(({ line, kind }) => [line, kind]), [[1, "bom"], [5, "quote-unclosed"]]);
  const single = await csv(...Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)));
  assertEquals(single, whole);
  await fc.assert(fc.asyncProperty(fc.nat(bytes.length), async (at) => {
    assertEquals(await csv(bytes.subarray(0, at), bytes.subarray(at)), whole);
  }));
});

Deno.test("csvLine() begins as a list does, unless a spreadsheet would take the name for a formula", () => {
  fc.assert(fc.property(record, (site) => {
    const { availability } = site;
    if (availability === "unknown" || /^'*[=+@-]/.test(site.name)) return;
    const listed = { ...site, availability, observedAt: 0 };
    assert(csvLine(site).startsWith(csvRow(siteCsv, listed).trimEnd() + ","));
  }));
  assert(csvExportHeader.startsWith(csvHeader(siteCsv).trimEnd() + ","));
});

Deno.test("csvLine() writes every field in its column", () => {
  const site: ExportRecord = {
    name: 'Rite Aid, "Millville"',
    zip: "08332",
    availability: 33,
    unit: "appointments",
    observedAt: 1679689632613,
    who: "Ann",
    source: "https://publisher.example/$bulk-publish",
    note: "a, b",
    retired: "closed",
    document: '{"a":"\u202e"}',
  };
  assertEquals(
    csvLine(site),
    '33,08332,"Rite Aid, ""Millville""",appointments,2023-03-24T20:27:12.613Z,Ann,' +
      'https://publisher.example/$bulk-publish,"a, b",closed,"{""a"":""\\u202e""}"\n',
  );
});

Deno.test("readCsv() reads what csvLine() writes, and that is written again byte by byte", async () => {
  await fc.assert(fc.asyncProperty(fc.array(record, { maxLength: 20 }), async (sites) => {
    const text = csvExportHeader + sites.map(csvLine).join("");
    const { records, problems } = await csv(text);
    assert(problems.every(({ kind }) => kind === "zip-length"), JSON.stringify(problems));
    assert(records.every(({ isExported }) => isExported === true));
    const read = records.map(({ line: _, isExported: __, availability, ...rest }) => {
      return { ...rest, availability: availability ?? 0 };
    });
    assertEquals(read, sites.map((site) => ({ ...site })));
    assertEquals(csvExportHeader + read.map(csvLine).join(""), text);
  }));
});

Deno.test("readCsv() takes any name that a site may have", async () => {
  await fc.assert(fc.asyncProperty(fc.array(name), async (names) => {
    const text = csvExportHeader + names.map((each) => csvLine({ name: each, zip: "02138", availability: 1 })).join("");
    assertEquals((await csv(text)).records.map((each) => each.name), names);
  }));
});

Deno.test("readCsv() holds a bounded piece of a hundred thousand lines", async () => {
  const lines = 100_000;
  const perPiece = 1000;
  let given = 1;
  async function* pieces() {
    yield new TextEncoder().encode("Availability,ZIP Code,Site Name\n");
    for (let at = 0; at < lines / perPiece; at++) {
      await Promise.resolve();
      given += perPiece;
      yield new TextEncoder().encode(`12,02138,"Site, number ${at}"\n`.repeat(perPiece));
    }
  }
  let read = 0;
  let aheadMax = 0;
  for await (const { line } of readCsv(pieces(), (problem) => assertEquals(problem, undefined))) {
    read++;
    aheadMax = Math.max(aheadMax, given - line);
  }
  assertEquals(read, lines);
  // The reader asks for a piece only when it has read all before it, except for the line that the piece cuts.
  assert(aheadMax <= perPiece, `${aheadMax} lines were read ahead`);
});

Deno.test("readCsv() holds a bounded piece of a line without an end, and of a quote without one", async () => {
  for (const line of ["x".repeat(inputPieceBytes), `${"x".repeat(99)}\n`.repeat(inputPieceBytes / 128)]) {
    let given = 0;
    let isTold = false;
    const endless = async function* () {
      yield new TextEncoder().encode('Availability,ZIP Code,Site Name\n1,02138,"');
      while (!isTold) {
        await Promise.resolve();
        given += line.length;
        assert(given < 2 * inputLineBytesMax, "nothing is told of what has no end");
        yield new TextEncoder().encode(line);
      }
    };
    const kinds = new Set<string>();
    const records = readCsv(endless(), ({ kind, line }) => {
      if (line === 2) isTold = true;
      kinds.add(kind);
    });
    assertEquals(await Array.fromAsync(records), []);
    assert(kinds.has("line-too-long") || kinds.has("quote-unclosed"));
  }
});

Deno.test("readCsv() takes the 0 of an export as a report only where it is one", async () => {
  const sites: ExportRecord[] = [
    { name: "Never", zip: "02138", availability: 0 },
    { name: "None", zip: "02138", availability: 0, observedAt: 1679689632613 },
  ];
  const { records } = await csv(csvExportHeader + sites.map(csvLine).join(""));
  assertEquals(records.map(({ availability }) => availability), [undefined, 0]);
  const { records: [typed] } = await csv(`${csvExportHeader}0,02138,A,doses,,,,,,\n`);
  assertEquals(typed?.availability, 0);
});
