import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { publicationsMax } from "../../src/http/publishing.ts";
import { assertValidFeed } from "../formats/feed_checks.ts";
import { type Answer, GatewayStage, placeAt, WatchedCluster } from "./stage.ts";

const manifestPath = "/$bulk-publish";
const harvard = "/api/sites/Harvard%20University";

/** A manifest and its files. */
interface Feed {
  readonly answer: Answer;
  readonly files: readonly Answer[];
}

async function fetchFeed(stage: GatewayStage, query = ""): Promise<Feed> {
  const answer = await stage.ask("GET", manifestPath + query);
  assertEquals(answer.status, 200, answer.text);
  const files: Answer[] = [];
  for (const { url } of answer.json.output) {
    const { origin, pathname, search } = new URL(url);
    assertEquals(origin, "http://127.0.0.1");
    files.push(await stage.ask("GET", pathname + search));
  }
  assertEquals(files.map(({ status }) => status), [200, 200, 200]);
  return { answer, files };
}

function resourcesOf({ text }: Answer): Record<string, unknown>[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function namesIn(feed: Feed): unknown[] {
  return resourcesOf(feed.files[0]).map(({ name }) => name);
}

/** Lets time pass, so that changes are published. */
function wait(stage: GatewayStage): void {
  stage.nowMs += 10_000;
}

Deno.test("a manifest names files of all sites, which refer to one another", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Rite Aid, Millville", zip: "08332" });
  await stage.done("POST", `${harvard}/reports`, { value: 12, unit: "appointments" });
  await stage.done("POST", "/api/sites", { name: "Closed", zip: "02139" });
  await stage.done("POST", "/api/sites/Closed/retire", { reason: "closed" });
  const feed = await fetchFeed(stage);
  const { json, headers } = feed.answer;
  assertEquals(headers.get("etag"), `"${placeAt(7)}@127.0.0.1"`);
  assertEquals(headers.get("cache-control"), "public, max-age=60");
  assertEquals(json.request, "http://127.0.0.1/$bulk-publish");
  assertEquals(json.output.map(({ type }: { type: string }) => type), ["Location", "Schedule", "Slot"]);
  for (const { url } of json.output) assert(url.startsWith(`http://127.0.0.1/$bulk-publish/${placeAt(7)}/`), url);
  for (const { headers } of feed.files) {
    assertEquals(headers.get("content-type"), "application/fhir+ndjson");
    assertEquals(headers.get("etag"), `"${placeAt(7)}"`);
  }
  const named = json.output.map(({ url }: { url: string }, at: number) => [url.split("/").at(-1), feed.files[at].text]);
  assertValidFeed({ manifest: feed.answer.text, files: Object.fromEntries(named) });
  // A feed has no word for a site that is retired.
  assertEquals(namesIn(feed), ["Harvard University", "Rite Aid, Millville"]);
  const ids = (at: number) =>
    new Set(resourcesOf(feed.files[at]).map(({ resourceType, id }) => `${resourceType}/${id}`));
  const [locations, schedules] = [ids(0), ids(1)];
  for (const { actor } of resourcesOf(feed.files[1])) {
    assert(locations.has((actor as { reference: string }[])[0].reference));
  }
  for (const { schedule } of resourcesOf(feed.files[2])) {
    assert(schedules.has((schedule as { reference: string }).reference));
  }
});

Deno.test("the transactionTime is when the last entry was recorded", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", `${harvard}/reports`, { value: 12 });
  const feed = await fetchFeed(stage);
  const { recordedAt, kind } = (await stage.ask("GET", `${harvard}/history`)).json.entries[0];
  assertEquals([Date.parse(feed.answer.json.transactionTime), "published"], [recordedAt, kind]);
});

Deno.test("the bytes are the same from every gateway, whenever it began", async () => {
  const cluster = new WatchedCluster();
  await using first = new GatewayStage({}, cluster);
  for (let at = 0; at < 150; at++) await first.done("POST", "/api/sites", { name: `Site ${at}`, zip: "02139" });
  await first.done("POST", `${harvard}/reports`, { value: 12 });
  await fetchFeed(first);
  await first.done("POST", `${harvard}/reports`, { value: true });
  wait(first);
  const one = await fetchFeed(first);
  await using second = new GatewayStage({}, cluster);
  second.nowMs = 7;
  await second.gateway.services.ready();
  const other = await fetchFeed(second);
  assertEquals(other.answer.text, one.answer.text);
  assertEquals(other.files.map(({ text }) => text), one.files.map(({ text }) => text));
  const since = "?_since=2000-01-01T00:00:00Z";
  const [oneSince, otherSince] = [await fetchFeed(first, since), await fetchFeed(second, since)];
  assertEquals(otherSince.answer.text, oneSince.answer.text);
  assertEquals(otherSince.files.map(({ text }) => text), oneSince.files.map(({ text }) => text));
});

Deno.test("a request with If-None-Match gets 304 until something changes", async () => {
  await using stage = new GatewayStage();
  const { answer, files } = await fetchFeed(stage);
  const known = { "if-none-match": answer.headers.get("etag")! };
  const same = await stage.ask("GET", manifestPath, undefined, known);
  assertEquals([same.status, same.text, same.headers.get("etag")], [304, "", `"${placeAt(2)}@127.0.0.1"`]);
  const file = new URL(answer.json.output[0].url).pathname;
  const knownFile = { "if-none-match": files[0].headers.get("etag")! };
  assertEquals((await stage.ask("GET", file, undefined, knownFile)).status, 304);
  await stage.done("POST", `${harvard}/reports`, { value: 12 });
  wait(stage);
  assertEquals((await stage.ask("GET", manifestPath, undefined, known)).status, 200);
});

Deno.test("_since leaves out what has not changed, and nothing that has", async () => {
  await using stage = new GatewayStage();
  for (const name of ["A", "B", "C"]) await stage.done("POST", "/api/sites", { name, zip: "02139" });
  const before = await fetchFeed(stage);
  const since = `?_since=${before.answer.json.transactionTime}`;
  // Recorded in the same millisecond or earlier, by a clock that is behind: it came after, and so it must come.
  await stage.done("POST", "/api/sites/B/reports", { value: 1 });
  wait(stage);
  const all = await fetchFeed(stage);
  const changed = await fetchFeed(stage, since);
  assert(namesIn(changed).includes("B"), String(namesIn(changed)));
  assertEquals(namesIn(changed).includes("Harvard University"), false);
  assert(changed.answer.json.request.includes("_since="));
  assertNotEquals(changed.answer.headers.get("etag"), all.answer.headers.get("etag"));
  // The response is the published text, word for word.
  for (const [at, file] of changed.files.entries()) {
    const lines = new Set(all.files[at].text.split("\n"));
    for (const line of file.text.split("\n")) assert(lines.has(line), line);
  }
  assertEquals(namesIn(await fetchFeed(stage, "?_since=2200-01-01T00:00:00-05:00")), []);
  for (const bad of ["yesterday", "2026-11-24", "5"]) {
    assertEquals((await stage.ask("GET", `${manifestPath}?_since=${bad}`)).status, 400);
  }
});

Deno.test("the files of a manifest stay as they are while the log grows, and are gone in the end", async () => {
  await using stage = new GatewayStage();
  const first = await fetchFeed(stage);
  const path = new URL(first.answer.json.output[2].url).pathname;
  for (let at = 1; at <= publicationsMax; at++) {
    assertEquals((await stage.ask("GET", path)).text, first.files[2].text);
    await stage.done("POST", `${harvard}/reports`, { value: at });
    wait(stage);
    await fetchFeed(stage);
  }
  const gone = await stage.ask("GET", path);
  assertEquals([gone.status, gone.json.type], [410, "urn:vaxlog:problem:gone"]);
});

Deno.test("who polls without a pause gets what was published a moment ago", async () => {
  await using stage = new GatewayStage();
  await fetchFeed(stage);
  await stage.done("POST", `${harvard}/reports`, { value: 12 });
  assertEquals((await fetchFeed(stage)).answer.headers.get("etag"), `"${placeAt(2)}@127.0.0.1"`);
  wait(stage);
  assertEquals((await fetchFeed(stage)).answer.headers.get("etag"), `"${placeAt(3)}@127.0.0.1"`);
});
