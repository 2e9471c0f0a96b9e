/** NDJSON out and in again has what each source says of each product. */

import { assertEquals, assertStringIncludes } from "@std/assert";
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

/** The ids of the Locations in the feed of a database, in the order of their sites. */
async function publishedIds(stage: Stage): Promise<string[]> {
  const run = stageOn(stage, "", "");
  assertEquals(await run.run("8892", "export", "feed/"), 0, run.stderr);
  const lines = (run.outputs.get("feed/locations.ndjson")?.text ?? "").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line).id);
}

/** All sites with their sources, without members that differ from log to log. */
async function knownOf(stage: Stage): Promise<unknown> {
  const client = new VaxlogClient(stage.cluster);
  const sites = (await Array.fromAsync(client.listFull({ retired: true }))).flat();
  return await Promise.all(sites.map(async ({ name, zip, availability, unit, observedAt, checkedAt, ...site }) => {
    const said = (await Array.fromAsync(client.sources(name))).flat();
    const { retired, document, identifiers, locationId } = site;
    const shown = { name, zip, availability, unit, observedAt, checkedAt, retired, document, identifiers, locationId };
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

const identity = fc.record({
  identifiers: fc.uniqueArray(
    fc.record({ system: fc.constantFrom("https://a.example/feed", "npi", "x y"), value: fc.constantFrom("1", "薬 2") }),
    { selector: ({ system }) => system, maxLength: 3 },
  ),
  published: fc.constantFrom(undefined, "A", "1"),
});

Deno.test("NDJSON out and in elsewhere gives the same sites with the same sources, and equal bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), identity, fc.boolean(), async (changes, ids, isRetired) => {
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
      if (ids.identifiers.length > 0) await client.edit("A", { identifiers: ids.identifiers, recordedAt });
      if (ids.published !== undefined) await client.publish("B", ids.published, { recordedAt });
      if (isRetired) await client.retire("A", "closed", { recordedAt });
      const text = await exported(first);
      const second = stageOn(new Stage(), "sites.ndjson", text);
      assertEquals(await second.run("8892", "import", "sites.ndjson"), 0, second.stdout);
      assertEquals(await knownOf(second), await knownOf(first));
      assertEquals(await exported(second), text);
      assertEquals(await publishedIds(second), await publishedIds(first));
      // Where all of it is known, nothing is logged.
      const again = stageOn(second, "sites.ndjson", text);
      again.now += hourMs;
      assertEquals(await again.run("8892", "import", "sites.ndjson"), 0, again.stdout);
      assertEquals(again.cluster.sites.lastEntry, second.cluster.sites.lastEntry);
    }),
    { numRuns: 200 },
  );
});

Deno.test("an import elsewhere takes no identifier and no published id from a site, and says so", async () => {
  const first = new Stage();
  const client = new VaxlogClient(first.cluster);
  const at = { recordedAt: first.now };
  for (const name of ["A", "B", "C"]) await client.add(name, "07001", at);
  await client.edit("A", { identifiers: [{ system: "npi", value: "1" }, { system: "pin", value: "2" }], ...at });
  for (const [name, id] of [["A", "a"], ["B", "b"], ["C", "c"]]) await client.publish(name, id, at);
  const text = await exported(first);

  const second = stageOn(new Stage(), "sites.ndjson", text);
  const there = new VaxlogClient(second.cluster);
  await there.add("A", "07001", at);
  await there.edit("A", { identifiers: [{ system: "npi", value: "9" }], ...at });
  await there.add("Other", "07001", at);
  await there.publish("A", "own", at);
  await there.publish("Other", "b", at);
  assertEquals(await second.run("8892", "import", "sites.ndjson"), 0, second.stdout);
  const known = await Array.fromAsync(there.listFull());
  assertEquals(known.flat().map(({ name, locationId, identifiers }) => [name, locationId, identifiers]), [
    ["A", "own", [{ system: "npi", value: "9" }, { system: "pin", value: "2" }]],
    ["B", undefined, undefined],
    ["C", "c", undefined],
    ["Harvard University", undefined, undefined],
    ["Other", "b", undefined],
  ]);
  for (
    const line of [
      '"A" has "9" of "npi", and the record has "1"; the site keeps its own. It may be another site',
      '"A" does not get the published id "a": it is published as "own" already',
      '"B" does not get the published id "b": "Other" has it',
    ]
  ) assertStringIncludes(second.stdout, line);
});

Deno.test("a new site with an identifier that another site has is told as a possible duplicate", async () => {
  const stage = stageOn(
    new Stage(),
    "sites.ndjson",
    '{"name":"New","zip":"07001","availability":1,"identifiers":[{"system":"npi","value":"1"}]}\n',
  );
  const client = new VaxlogClient(stage.cluster);
  await client.edit("Harvard University", { identifiers: [{ system: "npi", value: "1" }], recordedAt: stage.now });
  assertEquals(await stage.run("8892", "import", "sites.ndjson"), 0, stage.stdout);
  assertStringIncludes(stage.stdout, "merge New --into 'Harvard University'");
});
