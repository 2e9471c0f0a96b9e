/** What a client that polls with `_since` knows, and what becomes stale. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { staleAfterMs } from "../../src/limits.ts";
import { readDeleted } from "../../src/formats/links_deleted.ts";
import { assertValidFeed } from "../formats/feed_checks.ts";
import { type Answer, GatewayStage, placeAt } from "./stage.ts";

const hourMs = 3_600_000;

/** A feed that was fetched: the lines of each file by its name. */
interface Fetched {
  readonly manifest: Answer;
  readonly files: Readonly<Record<string, readonly string[]>>;
}

async function fetched(stage: GatewayStage, since?: string): Promise<Fetched> {
  const manifest = await stage.ask("GET", `/$bulk-publish${since === undefined ? "" : `?_since=${since}`}`);
  assertEquals(manifest.status, 200, manifest.text);
  const files: Record<string, readonly string[]> = {};
  for (const { url } of [...manifest.json.output, ...manifest.json.deleted ?? []]) {
    const { pathname, search } = new URL(url);
    const { status, text } = await stage.ask("GET", pathname + search);
    assertEquals(status, 200, text);
    files[pathname.slice(pathname.lastIndexOf("/") + 1)] = text.split("\n").slice(0, -1);
  }
  return { manifest, files };
}

/** The lines of each Location: its own, and those of its Schedules and Slots. */
function byLocation({ files }: Fetched): Map<string, string[]> {
  const locationOf = new Map<string, string>();
  const lines = new Map<string, string[]>();
  for (const line of files["locations.ndjson"]) lines.set(JSON.parse(line).id, [line]);
  for (const line of files["schedules.ndjson"]) {
    const { id, actor: [{ reference }] } = JSON.parse(line);
    locationOf.set(`Schedule/${id}`, reference.replace("Location/", ""));
    lines.get(reference.replace("Location/", ""))?.push(line);
  }
  for (const line of files["slots.ndjson"]) {
    lines.get(locationOf.get(JSON.parse(line).schedule.reference) ?? "")?.push(line);
  }
  return lines;
}

/** The references that a feed deletes. */
function deletedBy({ files }: Fetched): string[] {
  return (files["deleted.ndjson"] ?? []).flatMap((line) =>
    JSON.parse(line).entry.map(({ request }: { request: { method: string; url: string } }) => {
      assertEquals(request.method, "DELETE");
      return request.url;
    })
  );
}

/** What a client knows that polls with `_since`. */
class Copy {
  #since: string | undefined;
  readonly #known = new Map<string, string[]>();

  async poll(stage: GatewayStage): Promise<Fetched> {
    const feed = await fetched(stage, this.#since);
    const gone = deletedBy(feed).map((reference) => /^Location\/(.*)$/.exec(reference)?.[1] ?? "");
    for (const id of gone) this.#known.delete(id);
    for (const [id, lines] of byLocation(feed)) {
      assert(!gone.includes(id), `${id} is there and deleted`);
      this.#known.set(id, lines);
    }
    this.#since = feed.manifest.json.transactionTime;
    return feed;
  }

  get lines(): string[] {
    return [...this.#known.values()].flat().toSorted();
  }
}

/** Lets time pass, so that changes are published. */
function wait(stage: GatewayStage, ms = 10_000): void {
  stage.nowMs += ms;
}

Deno.test("a client that polls with _since knows what the whole feed says, whatever happens", async () => {
  const names = ["A", "B", "C", "D"];
  const change = fc.record({
    what: fc.constantFrom("report", "report", "report", "retire", "reopen", "merge", "unmerge", "nothing"),
    name: fc.constantFrom(...names),
    into: fc.constantFrom(...names),
    value: fc.constantFrom(0, 30, true, false, "unknown" as const),
    unit: fc.constantFrom("doses" as const, "appointments" as const, undefined),
    observedHoursAgo: fc.integer({ min: 0, max: 30 }),
    skewHours: fc.constantFrom(0, 0, -3, 3),
    passHours: fc.constantFrom(0, 1, 5, 20),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
      await using stage = new GatewayStage();
      const { client } = stage.gateway.services;
      for (const name of names) await client.add(name, "02139", { recordedAt: stage.nowMs });
      const copy = new Copy();
      for (const { what, name, into, value, unit, observedHoursAgo, skewHours, passHours } of changes) {
        const at = { recordedAt: stage.nowMs + skewHours * hourMs };
        if (what === "report") {
          await client.set(name, value, { ...at, unit, observedAt: stage.nowMs - observedHoursAgo * hourMs });
        } else if (what === "retire") await client.retire(name, "closed", at);
        else if (what === "reopen") await client.reopen(name, at);
        else if (what === "merge") await client.merge(name, into, at);
        else if (what === "unmerge") await client.unmerge(name, at);
        await stage.gateway.services.reached((await client.summary()).lastEntry);
        wait(stage);
        await copy.poll(stage);
        assertEquals(copy.lines, [...byLocation(await fetched(stage)).values()].flat().toSorted());
        wait(stage, passHours * hourMs);
      }
      wait(stage, 2 * staleAfterMs);
      await copy.poll(stage);
      const all = await fetched(stage);
      assertEquals(copy.lines, [...byLocation(all).values()].flat().toSorted());
      assertEquals(all.files["slots.ndjson"], []);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a client with _since learns that a site is stale, though a reporter's clock was ahead", async () => {
  await using stage = new GatewayStage();
  const { client } = stage.gateway.services;
  const recordedAt = stage.nowMs;
  await client.add("A", "02139", { recordedAt });
  await client.set("A", 30, { recordedAt, observedAt: recordedAt - 23 * hourMs });
  await client.set("Harvard University", 1, { recordedAt: recordedAt + 3 * hourMs, observedAt: recordedAt });
  await stage.gateway.services.reached(4);
  const copy = new Copy();
  await copy.poll(stage);
  wait(stage, hourMs + 1);
  assertEquals([...byLocation(await copy.poll(stage)).keys()], ["A", "Harvard-University"]);
  assertEquals(copy.lines.filter((line) => line.includes('"Slot"')).length, 1);
});

Deno.test("a site whose report is over a day old has no Slot, and is published as unknown", async () => {
  await using stage = new GatewayStage();
  const old = new Date(stage.nowMs - staleAfterMs).toISOString();
  for (const name of ["New", "Old"]) await stage.done("POST", "/api/sites", { name, zip: "02139" });
  await stage.done("POST", "/api/sites/Old/reports", { value: 40, unit: "appointments", observedAt: old });
  await stage.done("POST", "/api/sites/New/reports", { value: 7, unit: "appointments" });
  const fresh = await fetched(stage);
  assertEquals(fresh.files["slots.ndjson"].length, 2);
  // The first publication gives an id to each of three sites.
  assertEquals(fresh.manifest.headers.get("etag"), `"${placeAt(8)}@127.0.0.1"`);

  // No entry has come, and yet the feed is another one.
  wait(stage, 10_001);
  const known = { "if-none-match": fresh.manifest.headers.get("etag") ?? "" };
  assertEquals((await stage.ask("GET", "/$bulk-publish", undefined, known)).status, 200);
  const feed = await fetched(stage);
  assertEquals(feed.manifest.headers.get("etag"), `"${placeAt(8)}~${Date.parse(old)}@127.0.0.1"`);
  assertEquals(feed.files["slots.ndjson"].map((line) => JSON.parse(line).schedule.reference), ["Schedule/New"]);
  const words = feed.files["schedules.ndjson"].map((line) => {
    const { id, extension = [] } = JSON.parse(line);
    return [id, extension.map(({ valueCode }: { valueCode: string }) => valueCode)];
  });
  assertEquals(words, [["Harvard-University", ["unknown"]], ["New", []], ["Old", ["unknown"]]]);
  const { meta } = JSON.parse(feed.files["locations.ndjson"][2]);
  assertEquals(meta.extension[0].valueDateTime, old);
  const named = Object.entries(feed.files).map(([name, lines]) => [name, lines.map((line) => `${line}\n`).join("")]);
  assertValidFeed({ manifest: feed.manifest.text, files: Object.fromEntries(named) });
  const changed = await fetched(stage, fresh.manifest.json.transactionTime);
  assert(byLocation(changed).has("Old"));
});

Deno.test("--stale-after says from which age on a site is stale", async () => {
  await using stage = new GatewayStage({ staleAfterMs: 2 * hourMs });
  const observedAt = new Date(stage.nowMs - hourMs).toISOString();
  await stage.done("POST", "/api/sites/Harvard%20University/reports", { value: 40, observedAt });
  assertEquals((await fetched(stage)).files["slots.ndjson"].length, 1);
  assertEquals((await stage.ask("GET", "/api/sites")).json.sites[0].isStale, undefined);
  wait(stage, hourMs + 1);
  assertEquals((await fetched(stage)).files["slots.ndjson"].length, 0);
  assertEquals((await stage.ask("GET", "/api/sites")).json.sites[0].isStale, true);
});

Deno.test("retired and merged sites are told to those who ask what has changed, and to nobody else", async () => {
  await using stage = new GatewayStage();
  for (const name of ["A", "B", "C"]) await stage.done("POST", "/api/sites", { name, zip: "02139" });
  await stage.done("POST", "/api/sites/A/reports", { value: 3, unit: "appointments" });
  const before = await fetched(stage);
  assertEquals(before.manifest.json.deleted, undefined);
  const recordedAt = Date.parse(before.manifest.json.transactionTime) + 1_000;
  const { client } = stage.gateway.services;
  await client.retire("A", "closed", { recordedAt });
  await client.merge("C", "B", { recordedAt });
  await stage.gateway.services.reached(7);
  wait(stage);
  const since = new Date(recordedAt).toISOString();
  const changed = await fetched(stage, since);
  const [{ type, url }] = changed.manifest.json.deleted;
  assertEquals([type, new URL(url).search], ["Bundle", `?_since=${encodeURIComponent(since)}`]);
  const bundles = changed.files["deleted.ndjson"].map((line) => JSON.parse(line));
  assertEquals(bundles.map(({ resourceType, type }) => [resourceType, type]), [
    ["Bundle", "transaction"],
    ["Bundle", "transaction"],
  ]);
  assertEquals(deletedBy(changed), ["Location/A", "Schedule/A", "Slot/A", "Location/C", "Schedule/C"]);
  assertEquals([...byLocation(changed).keys()], ["B"]);
  const text = changed.files["deleted.ndjson"].map((line) => `${line}\n`).join("");
  const bytes = () => ReadableStream.from([new TextEncoder().encode(text)]);
  assertEquals(await readDeleted([{ name: "d", url: "d" }], bytes, () => {}), new Set(["A", "C"]));

  const whole = await fetched(stage);
  assertEquals(whole.manifest.json.deleted, undefined);
  assertEquals([...byLocation(whole).keys()], ["B", "Harvard-University"]);
  const { pathname } = new URL(url);
  assertEquals((await stage.ask("GET", pathname)).text, "");
  const later = new Date(recordedAt + 1).toISOString();
  assertEquals((await fetched(stage, later)).manifest.json.deleted, undefined);
});

Deno.test("the Location of a retired site keeps its id, so that no other site gets it", async () => {
  await using stage = new GatewayStage();
  for (const name of ["A b", "A-b"]) await stage.done("POST", "/api/sites", { name, zip: "02139" });
  const before = byLocation(await fetched(stage)).keys().toArray();
  assertEquals(before, ["A-b", "A-b-2", "Harvard-University"]);
  await stage.done("POST", "/api/sites/A%20b/retire", { reason: "closed" });
  wait(stage);
  assertEquals(byLocation(await fetched(stage)).keys().toArray(), ["A-b-2", "Harvard-University"]);
});

Deno.test("pages of other origins may read the feed with --cors, and nothing else", async () => {
  const origin = { origin: "https://other.example" };
  await using closed = new GatewayStage();
  const { headers: without } = await closed.ask("GET", "/$bulk-publish", undefined, origin);
  assertEquals([without.get("access-control-allow-origin"), without.get("cross-origin-resource-policy")], [
    null,
    "same-origin",
  ]);
  assertEquals((await closed.ask("OPTIONS", "/$bulk-publish", undefined, origin)).status, 405);

  await using stage = new GatewayStage({ cors: true });
  const { manifest } = await fetched(stage);
  const etag = manifest.headers.get("etag") ?? "";
  const file = new URL(manifest.json.output[0].url).pathname;
  for (const path of ["/$bulk-publish", file, "/$bulk-publish?_since=yesterday", file.replace("locations", "other")]) {
    for (const tag of ["none", etag]) {
      const { headers } = await stage.ask("GET", path, undefined, { ...origin, "if-none-match": tag });
      assertEquals([headers.get("access-control-allow-origin"), headers.get("cross-origin-resource-policy")], [
        "*",
        "cross-origin",
      ], path);
      assertEquals(headers.get("access-control-expose-headers"), "ETag");
    }
  }
  const asked = await stage.ask("OPTIONS", file, undefined, origin);
  assertEquals([asked.status, asked.text], [204, ""]);
  assertEquals(asked.headers.get("access-control-allow-methods"), "GET, HEAD");
  assertEquals(asked.headers.get("access-control-allow-headers"), "If-None-Match");
  const site = await stage.ask("GET", "/api/sites", undefined, origin);
  assertEquals(site.headers.get("access-control-allow-origin"), null);
  assertEquals((await stage.ask("OPTIONS", "/api/sites", undefined, origin)).status, 405);
});

Deno.test("the files of the feed are packed for those who take gzip, under a tag of their own", async () => {
  await using stage = new GatewayStage();
  for (let at = 0; at < 20; at++) await stage.done("POST", "/api/sites", { name: `Site ${at}`, zip: "02139" });
  const { manifest, files } = await fetched(stage);
  const { pathname } = new URL(manifest.json.output[0].url);
  const request = new Request(`http://127.0.0.1${pathname}`, { headers: { "accept-encoding": "gzip" } });
  const packed = await stage.gateway.fetch(request);
  assertEquals(packed.headers.get("content-encoding"), "gzip");
  assertEquals(packed.headers.get("content-type"), "application/fhir+ndjson");
  assertEquals(packed.headers.get("etag"), `"${placeAt(42)}-gzip"`);
  const text = await new Response(packed.body?.pipeThrough(new DecompressionStream("gzip"))).text();
  assertEquals(text.split("\n").slice(0, -1), files["locations.ndjson"]);
});
