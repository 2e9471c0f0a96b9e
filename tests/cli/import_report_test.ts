import { assertEquals } from "@std/assert";
import { examplesPerKind, ImportReport } from "../../src/cli/import_report.ts";
import { readCsv } from "../../src/formats/csv.ts";
import { bytesOf } from "../formats/reading.ts";

const counts = { added: 1, changed: 0, confirmed: 0, same: 0, outOfDate: 0, retired: 0 };
const sites = "1 site added, 0 changed, 0 the same as before, 0 out of date";

async function reportOf(text: string): Promise<ImportReport> {
  const report = new ImportReport();
  for await (const _ of report.counted(readCsv(bytesOf(text), report.onProblem))) continue;
  return report;
}

Deno.test("ImportReport counts records, repairs and what was refused", async () => {
  const refused = "x,02138,A\n".repeat(examplesPerKind + 2);
  const report = await reportOf(`Availability,ZIP Code,Site Name\n1,02138-1234,B\n${refused}`);
  assertEquals([report.read, report.repairs, report.refused], [1, 1, examplesPerKind + 2]);
  assertEquals(report.kinds().map(({ kind, count }) => [kind, count]), [
    ["zip-plus-four", 1],
    ["availability-invalid", examplesPerKind + 2],
  ]);
  const lines = report.text(counts).split("\n");
  assertEquals(lines.slice(0, 6), [
    sites,
    `1 record read, 1 repair made, ${examplesPerKind + 2} refused`,
    "1 repaired: ZIP codes of nine digits, of which the first five are the site's (zip-plus-four)",
    '  line 2: The site has "02138" of the ZIP code "02138-1234"; its document has all of it',
    `${examplesPerKind + 2} refused: invalid availabilities (availability-invalid)`,
    '  line 3: Cannot take "x" as an availability: give a count from 0 to 9007199254740991 in digits alone, ' +
    "or True, False or Unknown",
  ]);
  assertEquals(lines.slice(-2), ["  and 2 more", ""]);
  const json = JSON.parse(report.json(counts));
  assertEquals([json.read, json.repairs, json.refused], [1, 1, examplesPerKind + 2]);
  assertEquals(json.problems[1].kind, "availability-invalid");
  assertEquals(json.problems[1].effect, "refused");
  assertEquals(json.problems[1].examples.map(({ line }: { line: number }) => line), [3, 4, 5, 6, 7]);
});

Deno.test("ImportReport has nothing to say of an import without problems", async () => {
  const report = await reportOf("Availability,ZIP Code,Site Name\n1,02138,B\n2,02138,C\n");
  assertEquals(report.text(counts), `${sites}\n2 records read, 0 repairs made, 0 refused\n`);
  assertEquals(
    report.json(counts),
    '{"added":1,"changed":0,"confirmed":0,"same":0,"outOfDate":0,"retired":0,' +
      '"read":2,"repairs":0,"refused":0,"problems":[]}\n',
  );
});
