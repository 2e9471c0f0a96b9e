/** NDJSON out and in again has what each source says of each product. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";
import { stageOn } from "./import_stage.ts";

const hourMs = 3_600_000;

/** Exports all sites as NDJSON. */
async function exported(stage: Stage): Promise<string> {
  const run = stageOn(stage, "", "");
  assertEquals(await run.run("8892", "export", "sites.ndjson"), 0, run.stderr);
  return run.outputs.get("sites.ndjson")?.text ?? "";
}

/** All sites with their sources, without members that differ from log to log. */
async function knownOf(stage: Stage): Promise<unknown> {
  const client = new VaxlogClient(stage.cluster);
  const sites = (await Array.fromAsync(client.listFull({ retired: true }))).flat();
  return await Promise.all(sites.map(async ({ name, zip, availability, unit, observedAt, checkedAt, ...site }) => {
    const said = (await Array.fromAsync(client.sources(name))).flat();
    const { retired, document } = site;
    const shown = { name, zip, availability, unit, observedAt, checkedAt, retired, document };
    const sources = said.map(({ index, recordedAt: _, changedAt: __, ...each }) => ({ ...each, isReport: index > 0 }));
    return { ...shown, sources: sources.toSorted((a, b) => keyOf(a) < keyOf(b) ? -1 : 1) };
  }));
}

function keyOf({ source, product }: { readonly source?: string; readonly product?: string }): string {
  return JSON.stringify([source, product]);
}

const location = (id: string) =>
  JSON.stringify({ location: { resourceType: "Location", id }, schedules: [], slots: [] });

const change = fc.record({
  name: fc.constantFrom("A", "B"),
  source: fc.constantFrom(undefined, "phone", "https://a.example/feed"),
  product: fc.constantFrom(undefined, "207", "208"),
  value: fc.constantFrom(0, 5, 12, true, false, "unknown" as const),
  unit: fc.constantFrom("doses" as const, "appointments" as const, undefined),
  hours: fc.integer({ min: 0, max: 40 }),
  note: fc.constantFrom(undefined, "by the door"),
  document: fc.constantFrom(undefined, location("1"), location("2"), '{"csv":{"County":"Essex"}}'),
});

Deno.test("NDJSON out and in elsewhere gives the same sites with the same sources, and equal bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.boolean(), async (changes, isRetired) => {
      const first = new Stage();
      const client = new VaxlogClient(first.cluster);
      const recordedAt = first.now;
      for (const name of ["A", "B"]) await client.add(name, "07001", { recordedAt });
      for (const { name, value, hours, document, note, ...said } of changes) {
        const observedAt = recordedAt - hours * hourMs;
        await client.set(name, value, { ...said, note, observedAt, recordedAt, confirms: true });
        const { source } = said;
        const extra = document?.includes("csv");
        // An import never gives a source columns in place of its Location.
        if (extra && source !== undefined) continue;
        if (!extra && source === undefined) continue;
        if (document !== undefined) await client.document(name, document, { source, recordedAt, extra });
      }
      if (isRetired) await client.retire("A", "closed", { recordedAt });
      const text = await exported(first);
      const second = stageOn(new Stage(), "sites.ndjson", text);
      assertEquals(await second.run("8892", "import", "sites.ndjson"), 0, second.stdout);
      assertEquals(await knownOf(second), await knownOf(first));
      assertEquals(await exported(second), text);
      // Where all of it is known, nothing is logged.
      const again = stageOn(second, "sites.ndjson", text);
      again.now += hourMs;
      assertEquals(await again.run("8892", "import", "sites.ndjson"), 0, again.stdout);
      assertEquals(again.cluster.sites.lastEntry, second.cluster.sites.lastEntry);
    }),
    { numRuns: 200 },
  );
});
