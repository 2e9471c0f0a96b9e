/** Sources, products and ages, over HTTP. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { GatewayStage } from "./stage.ts";

const day = 86_400_000;
const path = "/api/v1/sites/Harvard%20University";

/** A gateway with two products of a store, and a visitor who came two days before. */
async function stageOfSources(): Promise<GatewayStage> {
  const stage = new GatewayStage();
  const { nowMs: now } = stage;
  await stage.done("POST", `${path}/reports`, { value: true, source: "visitor", observedAt: now - 2 * day });
  for (const [product, value] of [["208", 30], ["Novavax 2026", 12]] as const) {
    await stage.done("POST", `${path}/reports`, {
      value,
      product,
      unit: "doses",
      source: "store",
      observedAt: now - 1_000,
    });
  }
  return stage;
}

Deno.test("A site has what each source says of each product, and the doses of the newest source add up", async () => {
  await using stage = await stageOfSources();
  const { json: site } = await stage.ask("GET", path);
  assertEquals([site.availability, site.unit, site.report.source], [42, "doses", "store"]);
  const { json: { sources } } = await stage.ask("GET", `${path}/sources`);
  const now = stage.nowMs;
  assertEquals(
    sources.map((
      { source, product, availability, isStale, changedAt }: Record<string, unknown>,
    ) => [source, product, availability, isStale, changedAt]),
    [
      ["visitor", undefined, true, true, now - 2 * day],
      ["store", "208", 30, undefined, now - 1_000],
      ["store", "Novavax 2026", 12, undefined, now - 1_000],
    ],
  );
  assertEquals((await stage.ask("GET", `${path}/document`)).json.sources, sources);
  assertEquals((await stage.ask("GET", "/api/site/sources?name=Harvard%20University")).json.sources, sources);
});

Deno.test("A report that confirms adds an entry and a time, and another tag, but no report", async () => {
  await using stage = await stageOfSources();
  const before = await stage.ask("GET", path);
  const again = { value: 30, product: "208", unit: "doses", source: "store", confirm: true, observedAt: stage.nowMs };
  const { json: done } = await stage.ask("POST", `${path}/reports`, again);
  assertEquals([done.effect, done.entry, done.site.availability], ["confirmed", 5, 42]);
  assertEquals(done.site.checkedAt, stage.nowMs);
  const after = await stage.ask("GET", path, undefined, { "if-none-match": before.headers.get("etag")! });
  assertEquals([after.status, after.json.report.index, after.json.checkedAt], [200, 4, stage.nowMs]);
  const { json: { entries } } = await stage.ask("GET", `${path}/history?limit=1`);
  assertEquals([entries[0].kind, entries[0].product, entries[0].source], ["confirmed", "208", "store"]);
  const results = await stage.ask("POST", "/api/v1/batch", [{ op: "set", name: "Harvard University", ...again }]);
  assertEquals([results.json[0].status, results.json[0].effect], [200, "same"]);
});

Deno.test("Lists are of a product, a source or an age, from the cluster and from the gateway's own copy", async () => {
  await using stage = await stageOfSources();
  await stage.done("POST", "/api/v1/sites", { name: "MIT", zip: "02139" });
  const list = async (query: string) => {
    const { status, json } = await stage.ask("GET", `/api/v1/sites?${query}`);
    assertEquals(status, 200, query);
    return json.sites.map(({ name, availability }: Record<string, unknown>) => `${name} ${availability}`);
  };
  for (const own of ["", "&q=harv", "&near=02138", "&last=true", "&fresh=1h"]) {
    assertEquals(await list(`product=208${own}`), ["Harvard University 30"], own);
    assertEquals(await list(`source=store${own}`), ["Harvard University 12"], own);
    assertEquals(await list(`source=visitor&product=208${own}`), [], own);
  }
  assertEquals(await list("source=visitor"), ["Harvard University true"]);
  assertEquals(await list("source=visitor&stale=true"), ["Harvard University true"]);
  assertEquals(await list("source=visitor&stale=3d"), []);
  assertEquals(await list("stale=true"), ["MIT 0"]);
  assertEquals(await list("fresh=24h"), ["Harvard University 42"]);
  assertEquals(await list("stale=true&limit=1"), ["MIT 0"]);
  const { text } = await stage.ask("GET", "/api/v1/sites.csv?product=208");
  assertStringIncludes(text, "\n30,02138,Harvard University");
  const stale = await stage.ask("GET", "/api/v1/sites.csv?stale=true");
  assertStringIncludes(stale.text, "\n0,02139,MIT");
  assertEquals(stale.text.includes("Harvard"), false);
});

Deno.test("A list refuses two ages, and what it cannot read as a span of time", async () => {
  await using stage = new GatewayStage();
  for (const query of ["fresh=1h&stale=1h", "fresh=true", "stale=soon"]) {
    assertEquals((await stage.ask("GET", `/api/v1/sites?${query}`)).status, 400, query);
  }
});

Deno.test("A site that was confirmed lately is not stale", async () => {
  await using stage = new GatewayStage();
  const observedAt = stage.nowMs - 2 * day;
  await stage.done("POST", `${path}/reports`, { value: 5, observedAt });
  assertEquals((await stage.ask("GET", "/api/v1/sites")).json.sites[0].isStale, true);
  await stage.done("POST", `${path}/reports`, { value: 5, confirm: true, observedAt: stage.nowMs });
  const [site] = (await stage.ask("GET", "/api/v1/sites")).json.sites;
  assertEquals([site.isStale, site.observedAt, site.checkedAt], [undefined, observedAt, stage.nowMs]);
});
