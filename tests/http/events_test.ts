import { assert, assertEquals } from "@std/assert";
import type { Entry } from "../../src/library/client.ts";
import {
  EventHub,
  eventKeptBytesMax,
  eventUnreadBytesMax,
  eventWatchersMax,
  type PackedEntries,
} from "../../src/http/events.ts";
import { parsePlace } from "../../src/http/log_name.ts";
import { GatewayStage, placeAt, requestOf } from "./stage.ts";

const log = "3f2a90c1d2e4";
const reports = "/api/sites/Harvard%20University/reports";

/** An event as a browser has it. */
interface Event {
  readonly id: number;
  readonly log: string;
  readonly data: Entry & { readonly documentBytes?: number };
}

/** Reads events until there are `count`, and leaves. */
async function take(response: Response, count: number): Promise<Event[]> {
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/event-stream"]);
  const events: Event[] = [];
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n").map((line) => line.split(/: (.*)/s));
      text = text.slice(end + 2);
      const fields = Object.fromEntries(lines);
      if (fields.event !== "entry") continue;
      const place = parsePlace(fields.id)!;
      events.push({ id: place.index, log: place.log, data: JSON.parse(fields.data) });
    }
    if (events.length >= count) return events;
  }
  return events;
}

function watch(stage: GatewayStage, query = "", headers: Record<string, string> = {}): Promise<Response> {
  return Promise.resolve(stage.gateway.fetch(requestOf("GET", `/api/events${query}`, undefined, headers)));
}

Deno.test("who watches sees each entry once, in order, from now on", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", reports, { value: 1 });
  const response = await watch(stage);
  const taken = take(response, 3);
  for (const value of [2, 3, 4]) await stage.done("POST", reports, { value, who: "Ada" });
  const events = await taken;
  assertEquals(events.map(({ id }) => id), [3, 4, 5]);
  assertEquals(events.map(({ data }) => data.kind === "report" && [data.index, data.availability, data.who]), [
    [3, 2, "Ada"],
    [4, 3, "Ada"],
    [5, 4, "Ada"],
  ]);
});

Deno.test("who comes back with Last-Event-ID misses nothing, and sees nothing twice", async () => {
  await using stage = new GatewayStage();
  let known = 0;
  const seen: number[] = [];
  for (let round = 1; round <= 5; round++) {
    for (let at = 0; at < 40; at++) await stage.done("POST", reports, { value: at });
    const response = await watch(stage, "?after=0", { "last-event-id": placeAt(known) });
    const events = await take(response, 1);
    seen.push(...events.map(({ id }) => id));
    known = events.at(-1)!.id;
  }
  seen.push(...(await take(await watch(stage, `?after=${known}`), 201 - known)).map(({ id }) => id));
  assertEquals(seen, Array.from({ length: 201 }, (_, at) => at + 1));
});

Deno.test("one site may be watched alone, and a document is not sent to all", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Other", zip: "1" });
  const response = await watch(stage, "?site=Other&after=1");
  const taken = take(response, 3);
  await stage.done("POST", reports, { value: 1 });
  await stage.done("POST", "/api/sites/Other/reports", { value: 2 });
  const document = JSON.stringify({ text: "é".repeat(1000) });
  await stage.ask("POST", "/api/batch", [{ op: "document", name: "Other", document }]);
  const events = await taken;
  assertEquals(events.map(({ id, data }) => [id, data.kind]), [[2, "added"], [4, "report"], [5, "documented"]]);
  assertEquals(events[2].data.documentBytes, new TextEncoder().encode(document).length);
  assertEquals("document" in events[2].data, false);
});

Deno.test("one site that is watched may change its name, and may be named by its id", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", "/api/sites", { name: "Other", zip: "1" });
  await stage.gateway.services.reached(2);
  const watches = await Promise.all(["Other", "id:2"].map((site) => watch(stage, `?after=2&site=${site}`)));
  await stage.done("PATCH", "/api/sites/Other", { name: "Another" });
  await stage.done("POST", reports, { value: 1 });
  await stage.done("POST", "/api/sites/Another/reports", { value: 2 });
  for (const response of watches) {
    const events = await take(response, 2);
    assertEquals(events.map(({ id, data }) => [id, data.kind, data.site]), [
      [3, "edited", "Another"],
      [5, "report", "Another"],
    ]);
  }
});

Deno.test("an index that is of no log is refused", async () => {
  await using stage = new GatewayStage();
  const answer = await stage.ask("GET", "/api/events?after=7");
  assertEquals([answer.status, answer.json.detail.includes("no entry 7")], [400, true]);
  for (const bad of ["x", "-1", "1", "1.5", `${log}-99999999999999999999`, `${log}-01`, `${log}-`, `${log}-1r`]) {
    assertEquals((await stage.ask("GET", "/api/events", undefined, { "last-event-id": bad })).status, 400);
  }
});

Deno.test("all who watch share one subscription", async () => {
  await using stage = new GatewayStage();
  await stage.gateway.services.ready();
  const taken = Array.from({ length: 200 }, async () => await take(await watch(stage, "?after=1"), 1));
  await stage.done("POST", reports, { value: 1 });
  for (const events of await Promise.all(taken)) assertEquals(events.map(({ id }) => id), [2]);
  assertEquals(stage.cluster.watches, 1);
});

Deno.test("when the cluster starts from scratch, watchers are disconnected, and the mirror begins again", async () => {
  await using stage = new GatewayStage();
  await stage.done("POST", reports, { value: 1 });
  const response = await watch(stage, "?after=2");
  stage.cluster.startAnew();
  assertEquals(await take(response, 1), []);
  await stage.gateway.services.reached(1);
  assertEquals((await stage.ask("GET", "/api/sites?q=harvard")).json.sites[0].availability, 0);
  // Entries of another log have the same indices, and are others.
  await stage.done("POST", reports, { value: 7 });
  await stage.done("POST", reports, { value: 8 });
  const gone = await stage.ask("GET", "/api/events", undefined, { "last-event-id": placeAt(2) });
  assertEquals([gone.status, gone.json.type], [410, "urn:vaxlog:problem:gone"]);
  const [first] = await take(await watch(stage, "?after=1"), 1);
  assertEquals([first.id, first.log === parsePlace(placeAt(1))!.log], [2, false]);
});

// ---- The hub alone ----

function entryOf(index: number, who = "Ada"): Entry {
  return { kind: "reopened", index, site: "Harvard University", siteId: 1, recordedAt: index, who };
}

/** A hub that knows of no arrivals. */
function hubReading(readMissed: (after: number) => AsyncIterable<readonly Entry[]>): EventHub {
  return new EventHub({ now: () => Date.now(), log: () => log, arrivalAt: () => undefined, readMissed });
}

Deno.test("a watcher is disconnected when its token expires, and not before", async () => {
  let now = Date.UTC(2026, 10, 24);
  const sources = { log: () => log, arrivalAt: () => undefined, readMissed: async function* () {} };
  const hub = new EventHub({ ...sources, now: () => now });
  let ended = 0;
  const watch = (expires: number) => {
    const caller = { account: "a", name: "a", role: "read", expires } as const;
    return hub.watch(undefined, undefined, { caller, begin: () => () => ended++ }).toResponse(false).body!.getReader();
  };
  const delays: number[] = [];
  const timer = globalThis.setTimeout;
  globalThis.setTimeout = ((act: () => void, ms: number) => (delays.push(ms), timer(act, ms))) as typeof setTimeout;
  const [soon, later] = [watch(now + 20), watch(now + 2 ** 32)];
  globalThis.setTimeout = timer;
  // A timer cannot wait for 50 days in one go: it would ring at once, again and again.
  assertEquals(delays.slice(-2), [20, 2 ** 31 - 1]);
  now += 20;
  await soon.read();
  assertEquals((await soon.read()).done, true);
  assertEquals([ended, hub.size], [1, 1]);
  await later.cancel();
  assertEquals([ended, hub.size], [2, 0]);
});

/** Entries as a hub keeps them. */
function packed(entries: readonly Entry[], size = 1): PackedEntries {
  return { size, unpack: () => entries };
}

/** A cluster's log up to its last entry, read a few entries at a time. */
async function* pagesOf(last: () => number, after: number): AsyncGenerator<Entry[]> {
  for (let first = after + 1; first <= last(); first += 10) {
    yield await Array.from({ length: Math.min(10, last() - first + 1) }, (_, at) => entryOf(first + at));
  }
}

Deno.test("who was away for longer than events are kept reads what it has missed from the cluster", async () => {
  let last = 0;
  let pages = 0;
  const hub = hubReading((after) => {
    pages++;
    return pagesOf(() => last, after);
  });
  const publish = (count: number, size: number) => {
    const entries = Array.from({ length: count }, () => entryOf(++last));
    hub.publish(entries, packed(entries, size));
  };
  publish(95, 1);
  // These entries take all the room that there is.
  publish(5, eventKeptBytesMax);
  publish(5, 1);
  const events = await take(hub.watch(3).toResponse(false), 102);
  assertEquals(events.map(({ id }) => id), Array.from({ length: 102 }, (_, at) => at + 4));
  assert(pages >= 10, `${pages} pages`);
  hub.restart();
});

Deno.test("watchers that catch up and do not read are sent little ahead, and miss nothing", async () => {
  let last = 0;
  let pages = 0;
  const who = "x".repeat(1000);
  const hub = hubReading(async function* (after) {
    pages++;
    for await (const page of pagesOf(() => last, after)) yield page.map((entry) => ({ ...entry, who }));
  });
  const publish = (count: number, size: number) => {
    const entries = Array.from({ length: count }, () => entryOf(++last));
    hub.publish(entries, packed(entries, size));
  };
  // All that a watcher may leave unread, and more; none of it is kept.
  publish(1_500, 1);
  publish(5, eventKeptBytesMax);
  publish(5, 1);
  const asleep = Array.from({ length: 20 }, () => hub.watch(0).toResponse(false));
  for (let before = -1; before < pages;) {
    before = pages;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  // Each 64 KiB, and a page.
  assert(hub.unreadBytes <= 20 * (64 + 16) * 1024, `${hub.unreadBytes} bytes`);
  assertEquals([hub.dropped, hub.size], [0, 20]);
  const events = await take(asleep[0], last - 5);
  assertEquals(events.map(({ id }) => id).slice(0, last - 5), Array.from({ length: last - 5 }, (_, at) => at + 1));
  hub.restart();
});

Deno.test("a watcher that does not read is dropped once too much waits for it, and the others continue", async () => {
  const hub = hubReading(() => pagesOf(() => 0, 0));
  const asleep = hub.watch().toResponse(false);
  const awake = hub.watch().toResponse(false);
  let read = 0;
  const reading = (async () => {
    for await (const { length } of awake.body!) read += length;
  })();
  const who = "x".repeat(1000);
  let index = 0;
  while (hub.dropped === 0) {
    const entries = Array.from({ length: 100 }, () => entryOf(++index, who));
    hub.publish(entries, packed(entries));
    // A new watcher gets all that there is, and so do the others; then the one that reads has its turn.
    await hub.watch().toResponse(false).body!.cancel();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert(hub.unreadBytes < 2 * eventUnreadBytesMax);
  }
  assertEquals([hub.dropped, hub.size], [1, 1]);
  hub.restart();
  await reading;
  assert(read > eventUnreadBytesMax);
  assertEquals(await asleep.text().catch((error) => error.message), "it does not read");
});

Deno.test("watchers are bounded in number, and one who leaves makes room", async () => {
  const hub = hubReading(() => pagesOf(() => 0, 0));
  const watching = Array.from({ length: eventWatchersMax }, () => hub.watch().toResponse(false));
  let refused = "";
  try {
    hub.watch();
  } catch (error) {
    refused = String(error);
  }
  assert(refused.includes(`${eventWatchersMax} watchers`), refused);
  await watching[0].body!.cancel();
  hub.watch();
  assertEquals(hub.size, eventWatchersMax);
  hub.restart();
  assertEquals(hub.size, 0);
});

Deno.test("a heartbeat is a comment, which no program sees", async () => {
  const hub = hubReading(() => pagesOf(() => 0, 0));
  const response = hub.watch(0).toResponse(false);
  hub.beat();
  hub.publish([entryOf(1)], packed([entryOf(1)]));
  hub.publish([entryOf(2)], packed([entryOf(2)]));
  // The second is gathered, and does not get lost when it all ends: who comes back asks for it.
  hub.restart();
  const text = await response.text();
  assert(/^retry: 1000\n: after entry 0\n\n:\n\nid: 3f2a90c1d2e4-1\nevent: entry\ndata: \{.*\}\n\n$/.test(text), text);
});
