import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  AnswerError,
  type BriefSite,
  decodeEntries,
  type Entry,
  NotExecutedError,
  UnknownSiteError,
  ValueError,
  VaxlogClient,
} from "../../src/library/client.ts";
import { sitesPerRequestMax } from "../../src/limits.ts";
import { entriesAfter } from "../database/store/machine.ts";
import { MemoryCluster } from "../database/store/memory.ts";

async function namesOf(pages: AsyncIterable<readonly BriefSite[]>): Promise<string[][]> {
  return (await Array.fromAsync(pages)).map((page) => page.map(({ name }) => name));
}

const recordedAt = 1_790_000_000_000;

Deno.test("VaxlogClient views, sets and adds, and tells every outcome", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  const harvard = { id: 1, name: "Harvard University", zip: "02138", availability: 0, observedAt: 0 };
  assertEquals(await client.view(" Harvard University "), {
    kind: "site",
    site: harvard,
    hasDocument: false,
    index: 1,
  });
  const set = { ...harvard, availability: true, observedAt: recordedAt };
  assertEquals(await client.set("Harvard University", true, { recordedAt }), {
    kind: "site",
    site: set,
    effect: "shown",
    entry: 2,
    index: 2,
  });
  const cafe = { id: 3, name: "Café", zip: "00501", availability: 0, observedAt: 0 };
  assertEquals(await client.add("Cafe\u0301", " 00501 "), {
    kind: "site",
    site: cafe,
    effect: "changed",
    entry: 3,
    index: 3,
  });
  assertEquals(await client.add("Café", "1"), { kind: "exists", site: cafe, index: 4 });
  assertEquals(await client.view("MIT "), { kind: "unknownSite", name: "MIT", index: 5 });
  assertEquals(await client.set("MIT", 1), { kind: "unknownSite", name: "MIT", index: 6 });
  const conflict = { kind: "conflict", site: set, entry: 2, index: 7 } as const;
  assertEquals(await client.set("Harvard University", 1, { if: false, ifEntry: 2 }), conflict);
  const old = await client.set("Harvard University", 1, { observedAt: 5, recordedAt });
  assertEquals(old, { kind: "site", site: set, effect: "outOfDate", entry: 4, index: 8 });
  const same = await client.set("Harvard University", 1, { observedAt: 5, who: "another" });
  assertEquals(same, { kind: "site", site: set, effect: "same", entry: 4, index: 9 });
  const other = await client.set("Harvard University", 1, { ifEntry: 4 });
  assertEquals(other, { kind: "conflict", site: set, entry: 2, index: 10 });
  const named = await client.set("Harvard University", true, { ifEntry: 2, recordedAt });
  assertEquals(named, { kind: "site", site: set, effect: "shown", entry: 5, index: 11 });
  const future = await client.set("Harvard University", 1, { observedAt: recordedAt, recordedAt: 1 });
  assert(future.kind === "refused" && future.reason.includes("set the clocks right"));
});

Deno.test("VaxlogClient records when by the clock of this computer, if nothing else is said", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  const before = Date.now();
  const outcome = await client.set("Harvard University", 5);
  assert(outcome.kind === "site" && outcome.site.observedAt >= before && outcome.site.observedAt <= Date.now());
});

Deno.test("VaxlogClient retires, opens again, and notes documents", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  const name = "Harvard University";
  const options = { recordedAt, who: " Ada ", source: "a feed" };
  const retired = await client.retire(name, " moved away ", options);
  assert(retired.kind === "site" && retired.effect === "changed" && retired.site.retired === "moved away");
  const refused = await client.set(name, 5);
  assert(refused.kind === "retired" && refused.site.retired === "moved away");
  assertEquals((await client.retire(name, "another")).kind, "retired");
  assertEquals(await namesOf(client.list()), []);
  assertEquals(await namesOf(client.list({ retired: true })), [[name]]);
  const noted = await client.document(name, '{"a":1}', options);
  assert(noted.kind === "site" && noted.effect === "changed" && noted.entry === 3);
  const opened = await client.reopen(name, { ...options, note: "back" });
  assert(opened.kind === "site" && opened.effect === "changed" && opened.site.retired === undefined);
  const again = await client.reopen(name);
  assert(again.kind === "site" && again.effect === "same" && again.entry === undefined);
  await client.set(name, 7, { ...options, unit: "doses", note: "by phone" });
  const site = {
    id: 1,
    name,
    zip: "02138",
    availability: 7,
    unit: "doses",
    observedAt: recordedAt,
    report: { index: 5, recordedAt, who: "Ada", source: "a feed", note: "by phone" },
    document: '{"a":1}',
  } as const;
  const details = await client.details(name);
  assertEquals(details, { kind: "site", site, index: details.index });
  assertEquals(await Array.fromAsync(client.listFull()), [[site]]);
  const { report, document: _, ...state } = site;
  assertEquals(await Array.fromAsync(client.list()), [[state]]);
  const viewed = await client.view(name);
  assertEquals(viewed, { kind: "site", site: state, report, hasDocument: true, index: viewed.index });
  assertEquals(await Array.fromAsync(client.listBrief()), [[{ name, zip: "02138", availability: 7 }]]);
  const summary = await client.summary();
  assertEquals([summary.sites, summary.retired, summary.lastEntry], [1, 0, 5]);
});

Deno.test("VaxlogClient rejects bad values before it submits anything", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  await assertRejects(() => client.view(""), ValueError);
  await assertRejects(() => client.add("MIT", "2139x"), ValueError, '"2139x"');
  for (const value of [-1, 0.5, NaN, 2 ** 53]) {
    await assertRejects(() => client.set("MIT", value), ValueError);
    await assertRejects(() => client.set("MIT", 1, { if: value }), ValueError);
    await assertRejects(() => client.set("MIT", 1, { ifEntry: value }), ValueError, "index of an entry");
    await assertRejects(() => client.set("MIT", 1, { observedAt: value }), ValueError);
    await assertRejects(() => client.set("MIT", 1, { recordedAt: value }), ValueError);
    await assertRejects(() => client.changes({ after: value }).next(), ValueError);
  }
  await assertRejects(() => client.set("MIT", 1, { who: "x".repeat(65) }), ValueError, "who reports");
  await assertRejects(() => client.set("MIT", 1, { source: "é".repeat(101) }), ValueError, "a source");
  await assertRejects(() => client.set("MIT", 1, { note: "a\nb" }), ValueError, '"a\\nb" as a note');
  await assertRejects(() => client.set("MIT", 1, { unit: "vials" as "doses" }), ValueError, '"vials"');
  await assertRejects(() => client.retire("MIT", " "), ValueError, "without a reason");
  await assertRejects(() => client.document("MIT", ""), ValueError, "a document");
  await assertRejects(() => client.list({ zip: "02x" }).next(), ValueError, '"02x"');
  for (const limit of [0, -1, 1.5]) {
    await assertRejects(() => client.list({ limit }).next(), ValueError);
    await assertRejects(() => client.history("MIT", { limit }).next(), ValueError);
    await assertRejects(() => client.changes({ limit }).next(), ValueError);
  }
  assertEquals(cluster.submitted, 0);
});

async function indicesOf(pages: AsyncIterable<readonly Entry[]>): Promise<number[]> {
  return (await Array.fromAsync(pages)).flat().map(({ index }) => index);
}

Deno.test("VaxlogClient.history() and changes() page through everything between their bounds", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const name = "Harvard University";
  await client.add("MIT", "02139");
  for (let at = 0; at < 60; at++) await client.document(name, JSON.stringify(`${at}`.repeat(3_000)), { recordedAt });
  const all = [1, ...Array.from({ length: 60 }, (_, at) => at + 3)];
  assert((await Array.fromAsync(client.history(name))).length > 2);
  assertEquals(await indicesOf(client.history(name)), all);
  assertEquals(await indicesOf(client.history(name, { newestFirst: true })), all.toReversed());
  assertEquals(await indicesOf(client.history(name, { after: 1, limit: 30 })), all.slice(1, 31));
  assertEquals(await indicesOf(client.history(name, { newestFirst: true, after: 50 })), all.slice(49).toReversed());
  assertEquals(await indicesOf(client.history(name, { newestFirst: true, limit: 25 })), all.slice(-25).toReversed());
  assertEquals(await indicesOf(client.history(name, { after: 100 })), []);
  const indices = Array.from({ length: 62 }, (_, at) => at + 1);
  assertEquals(await indicesOf(client.changes()), indices);
  assertEquals(await indicesOf(client.changes({ after: 1, limit: 40 })), indices.slice(1, 41));
  assertEquals(await indicesOf(client.changes({ after: 62 })), []);
  const unknown = await assertRejects(() => client.history("nowhere").next(), UnknownSiteError, '"nowhere"');
  assertEquals(unknown.site, "nowhere");
});

Deno.test("VaxlogClient.list() filters by ZIP and by availability, and continues after an empty page", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  await Promise.all(
    Array.from({ length: sitesPerRequestMax }, (_, at) => client.add(`${at}`.padStart(6, "0"), `${10_000 + at}`)),
  );
  await client.add("Zuber", "02139");
  await client.set("Zuber", "unknown");
  cluster.submitted = 0;
  assertEquals(await namesOf(client.list({ zip: "021" })), [["Harvard University", "Zuber"]]);
  assert(cluster.submitted > 1);
  assertEquals(await namesOf(client.list({ zip: "021", available: true })), []);
  await client.set("Zuber", 3);
  assertEquals(await namesOf(client.list({ available: true })), [["Zuber"]]);
  assertEquals(await namesOf(client.list({ zip: "0", limit: 1 })), [["Harvard University"]]);
});

Deno.test("decodeEntries() reads what a replica sends to a watcher, and nothing else", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  await client.set("Harvard University", 5, { recordedAt });
  const batch = entriesAfter(cluster.sites, 0, 1_000)!;
  assertEquals(decodeEntries(batch.bytes), (await Array.fromAsync(client.changes())).flat());
  assertThrows(() => decodeEntries(batch.bytes.subarray(1)), AnswerError);
});

Deno.test("VaxlogClient.list() pages through everything in order, from and up to where it is told", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const long = "x".repeat(190);
  for (let at = 0; at < 1_000; at++) await client.add(`${long} ${String(at).padStart(4, "0")}`, "1");
  const pages = await namesOf(client.list());
  assert(pages.length > 2);
  assertEquals(pages.flat().length, 1_001);
  assertEquals(pages.flat(), pages.flat().toSorted());
  assertEquals(await namesOf(client.list({ after: `${long} 0997` })), [[`${long} 0998`, `${long} 0999`]]);
  assertEquals(await namesOf(client.list({ limit: 2 })), [["Harvard University", `${long} 0000`]]);
  const limited = await namesOf(client.list({ after: "Harvard University", limit: 500 }));
  assertEquals([limited.length, limited.flat().length], [2, 500]);
  assertEquals(await namesOf(client.list({ after: "z" })), []);
});

Deno.test("VaxlogClient.list() reads no page that nobody asks for", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const pages = client.list();
  await pages.next();
  await pages.return(undefined);
  assertEquals(cluster.submitted, 1);
});

Deno.test("VaxlogClient may have many commands in flight that share one buffer", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  await client.add("MIT", "02139");
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, (_, at) => client.set(at % 2 === 0 ? "MIT" : "Harvard University", at)),
  );
  for (const [at, outcome] of outcomes.entries()) {
    assert(outcome.kind === "site");
    assertEquals(outcome.site.availability, at);
  }
});

Deno.test("VaxlogClient passes on why the cluster refuses", async () => {
  const cluster = new MemoryCluster();
  cluster.insteads.push(
    () => Promise.resolve({ output: new Uint8Array([5]), index: 7 }),
    () => Promise.resolve({ output: new Uint8Array([4, 2, 110, 111]), index: 8 }),
  );
  const client = new VaxlogClient(cluster);
  const outcome = await client.set("Harvard University", 1);
  assert(outcome.kind === "refused" && outcome.reason.includes("send it again"));
  assertEquals(await client.view("Harvard University"), { kind: "refused", reason: "no", index: 8 });
});

Deno.test("VaxlogClient throws AnswerError at answers that cannot be", async () => {
  const cluster = new MemoryCluster();
  const client = new VaxlogClient(cluster);
  const answer = (...bytes: number[]) =>
    cluster.insteads.push(() => Promise.resolve({ output: new Uint8Array(bytes), index: 1 }));
  answer(99);
  await assertRejects(() => client.view("A"), AnswerError, "one version");
  answer(1, 0, 0);
  await assertRejects(() => client.add("A", "1"), AnswerError);
  answer(2);
  await assertRejects(() => client.list().next(), AnswerError);
  answer(5);
  await assertRejects(() => client.list().next(), AnswerError, "did not list");
});

Deno.test("VaxlogClient passes the errors of the session through", async () => {
  const cluster = new MemoryCluster();
  const lost = new Error("lost");
  cluster.insteads.push(() => Promise.reject(lost));
  assertEquals(await assertRejects(() => new VaxlogClient(cluster).view("A")), lost);
});

/** Nine entries, of which the first four are old: by segments of four. */
async function clientOfOldEntries(): Promise<[VaxlogClient, MemoryCluster]> {
  const cluster = MemoryCluster.ofSmallSegments();
  const client = new VaxlogClient(cluster);
  await client.add("MIT", "1", { recordedAt });
  for (let value = 1; value <= 7; value++) await client.set("Harvard University", value, { recordedAt, who: "Ann" });
  return [client, cluster];
}

Deno.test("VaxlogClient reads changes across the end of old entries, up to a limit anywhere", async () => {
  const [client] = await clientOfOldEntries();
  const indices = async (options: { after?: number; limit?: number }) =>
    (await Array.fromAsync(client.changes(options))).flat().map(({ index }) => index);
  const all = Array.from({ length: 9 }, (_, at) => at + 1);
  for (let after = 0; after <= 10; after++) {
    assertEquals(await indices({ after }), all.slice(after));
    for (let limit = 1; limit <= 10; limit++) {
      assertEquals(await indices({ after, limit }), all.slice(after, after + limit));
    }
  }
});

Deno.test("VaxlogClient takes back and redacts an old entry, and looks for its site only if it must", async () => {
  const [client, cluster] = await clientOfOldEntries();
  const submittedBy = async (call: () => Promise<unknown>) => {
    const before = cluster.submitted;
    await call();
    return cluster.submitted - before;
  };
  const taken = await client.retract(3, { recordedAt });
  assert(taken.kind === "site" && taken.effect === "changed" && taken.entry === 10);
  const redacted = await client.redact(4, { recordedAt });
  assert(redacted.kind === "site" && redacted.effect === "changed" && redacted.entry === 11);
  assertEquals(await submittedBy(() => client.retract(3)), 2);
  assertEquals(await submittedBy(() => client.retract(3, { siteId: 1 })), 1);
  assertEquals(await submittedBy(() => client.retract(9)), 1);
  const wrong = await client.retract(4, { siteId: 2 });
  assert(wrong.kind === "unknownEntry" && wrong.entry === 4);
  const notReport = await client.retract(2);
  assert(notReport.kind === "notReport" && notReport.entry === 2);
  await assertRejects(() => client.retract(4, { siteId: 0 }), ValueError, '"0"');
});

Deno.test("VaxlogClient says that nothing was done if old entries do not come", async () => {
  const [, cluster] = await clientOfOldEntries();
  const submit = cluster.submit.bind(cluster);
  const none = new VaxlogClient({ submit });
  await assertRejects(() => none.retract(3), NotExecutedError, "without a session");
  const failing = new VaxlogClient({
    submit,
    entries: () => {
      throw new Error("No replica gives entries");
    },
  });
  await assertRejects(() => Array.fromAsync(failing.changes()), NotExecutedError, "No replica gives entries");
  // A source that gives nothing until it is aborted.
  const silent = new VaxlogClient({
    submit,
    async *entries(_, signal) {
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      yield* [];
    },
  });
  await assertRejects(() => silent.retract(3, { timeoutMs: 1 }), NotExecutedError, "the deadline of 1 ms passed");
  const leaving = new AbortController();
  const reading = assertRejects(
    () => Array.fromAsync(silent.changes({ signal: leaving.signal })),
    NotExecutedError,
    "was aborted",
  );
  leaving.abort();
  await reading;
  assertEquals(cluster.sites.lastEntry, 9);
});
