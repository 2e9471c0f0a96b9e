/** An export shows the same where it is imported: also of what is old, unknown, or was never reported. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { asOf } from "../../src/database/site_rules.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { feed } from "./feed_files.ts";
import { stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const hourMs = 3_600_000;

/** What the sites of a database show, and as of when. */
async function shownBy(stage: Stage): Promise<unknown> {
  const sites = (await Array.fromAsync(new VaxlogClient(stage.cluster).list())).flat();
  return sites.map((site) => [site.name, site.zip, site.availability, site.unit, asOf(site)]);
}

/** Each product of a site, with the time as of which it is known. */
async function productsAt(stage: Stage, name: string): Promise<unknown> {
  const said = (await Array.fromAsync(new VaxlogClient(stage.cluster).sources(name))).flat();
  return said.flatMap((each) => each.product === undefined ? [] : [[each.product, each.availability, asOf(each)]])
    .sort();
}

/** A database with all that a site may show. */
async function database(): Promise<Stage> {
  const stage = new Stage();
  const files = Object.entries(feed).map(([name, text]) => [`/feeds/${name}`, text] as const);
  for (const [name, text] of files) stage.inputs.set(name, text);
  assertEquals(await stage.run("8892", "import", "/feeds/bulk-publish.json"), 0, stage.stderr);
  const client = new VaxlogClient(stage.cluster);
  const recordedAt = stage.now;
  const report = async (name: string, value: number | boolean | "unknown", hours: number, more = {}) => {
    await client.add(name, "07001", { recordedAt });
    await client.set(name, value, { recordedAt, observedAt: recordedAt - hours * hourMs, ...more });
  };
  const url = "https://publisher.example/feed";
  await report("doses", 30, 1, { unit: "doses", who: "Ann", source: "phone" });
  await report("old doses", 12, 50, { unit: "doses" });
  await report("old appointments", 3, 50, { unit: "appointments", source: url });
  await report("old count", 7, 50);
  await report("old none", false, 50, { source: url });
  await report("old zero", 0, 50, { source: url });
  await report("old yes", true, 50);
  await report("unknown", "unknown", 1);
  await report("old unknown", "unknown", 50);
  await report("confirmed", 5, 60, { source: url });
  await client.set("confirmed", 5, { recordedAt, observedAt: recordedAt - hourMs, source: url, confirms: true });
  await report("products", 5, 25, { product: "207", unit: "doses", source: url });
  await report("products", 7, 2, { product: "208", unit: "doses", source: url });
  await report("old products", 5, 60, { product: "207", unit: "doses", source: url });
  await report("old products", 7, 50, { product: "a few words", unit: "doses", source: url });
  await client.add("never", "07001", { recordedAt });
  return stage;
}

const places = {
  ndjson: ["sites.ndjson", "sites.ndjson"],
  csv: ["sites.csv", "sites.csv"],
  feed: ["feed/", "/feed/$bulk-publish"],
} as const;

/** Exports a database. */
async function exported(stage: Stage, place: string): Promise<ReadonlyMap<string, string>> {
  const run = stageOn(stage, "", "");
  run.now = stage.now;
  assertEquals(await run.run("8892", "export", place), 0, run.stderr);
  return new Map([...run.outputs].map(([name, { text }]) => [name, text]));
}

/** Imports what was exported. */
async function imported(stage: Stage, files: ReadonlyMap<string, string>, place: string): Promise<Stage> {
  const run = stageOn(stage, "", "");
  for (const [name, text] of files) run.inputs.set(name.includes("/") ? `/${name}` : name, text);
  // Long after it was written: what was fresh then is stale now.
  run.now = stage.now + 100 * hourMs;
  run.changedAt = run.now;
  assertEquals(await run.run("8892", "import", place), 0, run.stdout + run.stderr);
  return run;
}

for (const [format, [out, back]] of Object.entries(places)) {
  Deno.test(`${format}: an export shows the same elsewhere, and where it came from`, async () => {
    const first = await database();
    const shown = await shownBy(first);
    const files = await exported(first, out);
    const elsewhere = await imported(new Stage(), files, back);
    assertEquals(await shownBy(elsewhere), shown);
    for (const name of format === "csv" ? [] : ["products", "old products"]) {
      assertEquals(await productsAt(elsewhere, name), await productsAt(first, name));
    }
    assertEquals(await shownBy(await imported(first, files, back)), shown);
  });
}

Deno.test("a feed says nothing of a stale site to others, and an import of it keeps the site's Slots", async () => {
  const stage = await database();
  stage.now += 100 * hourMs;
  const files = await exported(stage, "feed/");
  assertEquals(files.get("feed/slots.ndjson"), "");
  assertStringIncludes(files.get("feed/locations.ndjson") ?? "", '"url":"urn:vaxlog:last-known"');
  const document = async (stage: Stage) => {
    const outcome = await new VaxlogClient(stage.cluster).details("Pharmacy");
    return outcome.kind === "site" ? outcome.site.document : undefined;
  };
  const before = await document(stage);
  assert(before?.includes('"resourceType":"Slot"'));
  const again = await imported(stage, files, places.feed[1]);
  assertEquals(await document(again), before);
  // It belongs to the report, not to the document.
  const elsewhere = await imported(new Stage(), files, places.feed[1]);
  assertEquals((await document(elsewhere))?.includes("last-known"), false);
});

Deno.test("a feed that does not say what was last known takes no old report away", async () => {
  const stage = await database();
  stage.now += 100 * hourMs;
  const files = new Map(
    [...await exported(stage, "feed/")].map(([name, text]) => [
      name,
      text.split("\n").map((line) => {
        if (!name.endsWith("locations.ndjson") || line === "") return line;
        const { extension: _, ...location } = JSON.parse(line);
        return JSON.stringify(location);
      }).join("\n"),
    ]),
  );
  assertEquals([...files.values()].some((text) => text.includes("last-known")), false);
  const shown = await shownBy(stage);
  assertEquals(await shownBy(await imported(stage, files, places.feed[1])), shown);
  // Elsewhere, nobody knows.
  const elsewhere = await shownBy(await imported(new Stage(), files, places.feed[1])) as [string, string, unknown][];
  assertEquals(elsewhere.find(([name]) => name === "old doses")?.[2], "unknown");
});
