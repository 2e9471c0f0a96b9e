import { assertEquals } from "@std/assert";
import { examplesPerKind } from "../../src/limits.ts";
import { ImportSummary, summaryJson, summaryText } from "../../src/formats/import_summary.ts";
import { readCsv } from "../../src/formats/csv.ts";
import { bytesOf } from "./reading.ts";

async function summaryOf(text: string): Promise<ImportSummary> {
  const summary = new ImportSummary();
  for await (const _ of summary.counted(readCsv(bytesOf(text), summary.onProblem))) continue;
  return summary;
}

Deno.test("ImportSummary counts records, repairs and what was refused", async () => {
  const refused = "x,02138,A\n".repeat(examplesPerKind + 2);
  const summary = await summaryOf(`Availability,ZIP Code,Site Name\n1,02138-1234,B\n${refused}`);
  assertEquals([summary.read, summary.repairs, summary.refused], [1, 1, examplesPerKind + 2]);
  assertEquals(summary.count("availability-invalid"), examplesPerKind + 2);
  assertEquals(summary.count("utf-16"), 0);
  const lines = summaryText(summary).split("\n");
  assertEquals(lines.slice(0, 5), [
    `1 record read, 1 repair made, ${examplesPerKind + 2} refused`,
    "1 repaired: ZIP codes of nine digits, of which the first five are the site's (zip-plus-four)",
    '  line 2: The site has "02138" of the ZIP code "02138-1234"; its document has all of it',
    `${examplesPerKind + 2} refused: invalid availabilities (availability-invalid)`,
    '  line 3: Cannot take "x" as an availability: give a count from 0 to 9007199254740991 in digits alone, ' +
    "or True, False or Unknown",
  ]);
  assertEquals(lines.slice(-2), ["  and 2 more", ""]);
  const json = JSON.parse(summaryJson(summary));
  assertEquals([json.read, json.repairs, json.refused], [1, 1, examplesPerKind + 2]);
  assertEquals(json.problems[1].kind, "availability-invalid");
  assertEquals(json.problems[1].effect, "refused");
  assertEquals(json.problems[1].examples.map(({ line }: { line: number }) => line), [3, 4, 5, 6, 7]);
});

Deno.test("ImportSummary has nothing to say of an import without problems", async () => {
  const summary = await summaryOf("Availability,ZIP Code,Site Name\n1,02138,B\n2,02138,C\n");
  assertEquals(summaryText(summary), "2 records read, 0 repairs made, 0 refused\n");
  assertEquals(summaryJson(summary), '{"read":2,"repairs":0,"refused":0,"problems":[]}');
});
