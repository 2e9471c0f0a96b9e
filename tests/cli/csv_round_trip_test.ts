/** CSV that was exported changes nothing where it is imported again. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { VaxlogClient } from "../../src/library/client.ts";
import { gatewayTo } from "../http/checked_gateway.ts";
import { stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const hourMs = 3_600_000;
const feedDocument = JSON.stringify({ location: { resourceType: "Location", id: "1" }, schedules: [], slots: [] });

async function exported(stage: Stage): Promise<string> {
  const run = stageOn(stage, "", "");
  assertEquals(await run.run("8892", "export", "sites.csv"), 0, run.stderr);
  return run.outputs.get("sites.csv")?.text ?? "";
}

/** Imports what was exported, an hour later. @returns the stage, after checking that nothing has changed. */
async function importedAgain(stage: Stage, text: string): Promise<void> {
  const again = stageOn(stage, "sites.csv", text);
  again.now = stage.now + hourMs;
  assertEquals(await again.run("8892", "import", "sites.csv"), 0, again.stdout + again.stderr);
  assertStringIncludes(again.stdout, "0 sites added, 0 changed, ");
  assertStringIncludes(again.stdout, ", 0 out of date");
  assertEquals(again.cluster.sites.lastEntry, stage.cluster.sites.lastEntry, again.stdout);
}

const report = fc.record({
  name: fc.constantFrom("A", "B"),
  source: fc.constantFrom(undefined, "phone", "https://a.example/feed"),
  product: fc.constantFrom(undefined, "207", "208"),
  value: fc.constantFrom(0, 5, 12, true, false, "unknown" as const),
  unit: fc.constantFrom("doses" as const, "appointments" as const, undefined),
  hours: fc.integer({ min: 0, max: 40 }),
  document: fc.constantFrom(undefined, feedDocument, '{"csv":{"County":"Essex"}}'),
});

Deno.test("CSV of sites with products and several sources changes nothing where it is imported again", async () => {
  const ends = fc.constantFrom("none", "merge", "retire");
  await fc.assert(
    fc.asyncProperty(fc.array(report, { maxLength: 8 }), ends, async (reports, end) => {
      const stage = new Stage();
      const client = new VaxlogClient(stage.cluster);
      const recordedAt = stage.now;
      for (const name of ["A", "B"]) await client.add(name, "07001", { recordedAt });
      for (const { name, value, hours, document, ...said } of reports) {
        const observedAt = recordedAt - hours * hourMs;
        await client.set(name, value, { ...said, observedAt, recordedAt, confirms: true });
        const { source } = said;
        const extra = document?.includes("csv");
        if (document !== undefined) await client.document(name, document, { source, recordedAt, observedAt, extra });
      }
      if (end === "merge") await client.merge("B", "A", { recordedAt });
      if (end === "retire") await client.retire("A", "closed", { recordedAt });
      await importedAgain(stage, await exported(stage));
    }),
    { numRuns: 200 },
  );
});

Deno.test("an upload of CSV that was exported finds nothing new at sites with products", async () => {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  const at = { recordedAt: stage.now, observedAt: stage.now - hourMs, source: "county", unit: "doses" } as const;
  for (const [product, count] of [["207", 3], ["208", 4]] as const) {
    await client.set("Harvard University", count, { ...at, product });
  }
  await client.document("Harvard University", feedDocument, { recordedAt: stage.now, source: "https://a.example/" });
  const text = await exported(stage);
  assertStringIncludes(text, "7,02138,Harvard University,doses");
  await using gateway = await gatewayTo(stage, stage.now);
  const { json } = await gateway.ask("POST", "/api/csv", text, { "content-type": "text/csv" });
  assertEquals(json.records.map(({ effect }: { effect: string }) => effect), ["same"]);
});
