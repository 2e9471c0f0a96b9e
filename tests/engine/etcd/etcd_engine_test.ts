import { assert, assertEquals, assertRejects } from "@std/assert";
import { beforeAll, type LogRecord, type OrderPlace } from "../../../src/engine/core/order.ts";
import { CompactedError, EngineRefusedError, EngineUnknownError } from "../../../src/engine/engine.ts";
import { EtcdEngine } from "../../../src/engine/etcd/etcd_engine.ts";
import { JointNodes } from "./joint.ts";
import { whyNoEtcd, withEtcd } from "./member.ts";

const deadlineMs = 20_000;

/** A test with a real etcd. */
function testEtcd(name: string, run: (endpoint: string) => Promise<void>): void {
  const text = whyNoEtcd === undefined ? name : `${name} (${whyNoEtcd})`;
  Deno.test({ name: text, ignore: whyNoEtcd !== undefined, fn: () => withEtcd(run) });
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The first records after a place, and as `n:text`. */
async function recordsAfter(engine: EtcdEngine, after: OrderPlace, count: number, reread = false) {
  const ended = new AbortController();
  const records: LogRecord[] = [];
  for await (const some of engine.follow(after, reread, ended.signal)) {
    records.push(...some);
    if (records.length >= count) break;
  }
  ended.abort();
  return { records, texts: records.map(({ n, bytes }) => `${n}:${new TextDecoder().decode(bytes)}`) };
}

async function post(endpoint: string, path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(endpoint + path, { method: "POST", body: JSON.stringify(body) });
  return await response.json();
}

testEtcd("EtcdEngine keeps one order of records, with snapshots and epochs", async (endpoint) => {
  const [one, two] = ["one", "two"].map((node) => new EtcdEngine({ endpoints: [endpoint], prefix: "/vaxlog", node }));
  const opened = await one.open(deadlineMs);
  assertEquals({ ...opened, cluster: "" }, { cluster: "", epoch: 1, snapshot: undefined });
  assertEquals(await two.open(deadlineMs), opened);
  assertEquals(await one.barrier(deadlineMs), 0);

  // The same lane and k are the same record, however often it is appended, and another node's are another one.
  assertEquals(await one.append(0, 1, bytesOf("a"), deadlineMs), 1);
  assertEquals(await one.append(0, 1, bytesOf("a"), deadlineMs), 1);
  assertEquals(await two.append(0, 1, bytesOf("b"), deadlineMs), 2);
  assertEquals(await one.append(0, 1, bytesOf("a"), deadlineMs), 0, "it is there, and nobody knows its number");
  assertEquals(await one.append(1, 1, bytesOf("c"), deadlineMs), 3);
  assertEquals(await two.barrier(deadlineMs), 3);
  const { records, texts } = await recordsAfter(two, beforeAll, 3);
  assertEquals(texts, ["1:a", "2:b", "3:c"]);
  assertEquals((await recordsAfter(two, records[0], 2)).texts, ["2:b", "3:c"], "by a watch");
  assertEquals((await recordsAfter(two, records[0], 2, true)).texts, ["2:b", "3:c"], "by a range");

  // A foreign compaction costs no record: the watch is refused, and the keys are read.
  const { header } = await post(endpoint, "/v3/kv/range", { key: "AA==" }) as { header: { revision: string } };
  await post(endpoint, "/v3/kv/compaction", { revision: header.revision });
  assertEquals((await recordsAfter(two, records[0], 2)).texts, ["2:b", "3:c"], "after a compaction");

  // Epochs: one node begins the next one; the other one finds out as it appends, and doubles nothing.
  assertEquals(await one.beginEpoch(1, deadlineMs), true);
  assertEquals(await two.beginEpoch(1, deadlineMs), false);
  assertEquals(await two.append(0, 1, bytesOf("b"), deadlineMs), 0);
  assertEquals(await two.append(0, 2, bytesOf("d"), deadlineMs), 4);
  assertEquals(await two.barrier(deadlineMs), 4);

  // Snapshots: nothing is deleted before one is there, and then a reader from before begins with it.
  await assertRejects(() => one.trim(2, deadlineMs), EngineRefusedError, "no snapshot for epoch 2");
  const cut = { n: 3, revision: records[2].revision, epoch: 2, index: 7, digest: 8 };
  const state = new Uint8Array(2_000_000).map((_, at) => at % 251);
  await one.putSnapshot(cut, [state.subarray(0, 10), state.subarray(10)]);
  await one.trim(2, deadlineMs);
  await one.trim(2, deadlineMs);
  await assertRejects(() => recordsAfter(two, records[0], 2), CompactedError, "after 1");
  const { snapshot, epoch } = await two.open(deadlineMs);
  assertEquals([epoch, snapshot?.cut, snapshot?.bytes], [2, cut, state.length]);
  const pieces: Uint8Array[] = [];
  for await (const piece of snapshot?.pieces() ?? []) pieces.push(piece);
  assertEquals(pieces.map(({ length }) => length), [900_000, 900_000, 200_000]);
  assert(pieces.every((piece, at) => piece.every((byte, i) => byte === (at * 900_000 + i) % 251)));
  const [fourth] = (await recordsAfter(two, cut, 1, true)).records;
  assertEquals([fourth.n, fourth.epoch, fourth.bytes], [4, 2, bytesOf("d")]);

  // People, and other nodes, hear of a node.
  const saying = { node: "one", address: "127.0.0.1:8892", n: 3, digest: 8, clockMs: 1_000 };
  assertEquals(await one.announce(saying, deadlineMs), []);
  assertEquals(await one.announce(saying, deadlineMs), []);
  assertEquals(await two.announce({ ...saying, node: "two" }, deadlineMs), [saying]);
  const health = await one.health(deadlineMs);
  assertEquals([health.hasQuorum, health.members.length, health.members[0].isLeader], [true, 1, true]);

  // A stream shows what comes, and ends when it is told to.
  const ended = new AbortController();
  const stream = one.follow(fourth, false, ended.signal)[Symbol.asyncIterator]();
  const next = stream.next();
  await two.append(3, 1, bytesOf("e"), deadlineMs);
  assertEquals((await next).value?.map(({ n }: LogRecord) => n), [5]);
  const last = stream.next();
  ended.abort();
  assertEquals((await last).done, true);

  // Keys that somebody has deleted are not taken for an order that is new.
  await post(endpoint, "/v3/kv/deleterange", { key: btoa("/vaxlog/epoch") });
  const gone = await assertRejects(
    () => one.append(0, 9, bytesOf("x"), deadlineMs),
    EngineRefusedError,
    "/vaxlog/epoch",
  );
  assertEquals(gone.isFinal, true);
  await Promise.all([one.close(), two.close()]);
});

testEtcd("EtcdEngine says a full quota, a prefix of something else, and that nobody answers", async (endpoint) => {
  const engine = new EtcdEngine({ endpoints: [endpoint], prefix: "/v", node: "one" });
  await engine.open(deadlineMs);
  const { members } = await post(endpoint, "/v3/cluster/member/list", {}) as { members: { ID: string }[] };
  const alarm = { memberID: members[0].ID, alarm: "NOSPACE" };
  await post(endpoint, "/v3/maintenance/alarm", { action: "ACTIVATE", ...alarm });
  const full = await assertRejects(() => engine.append(0, 1, bytesOf("a"), deadlineMs), EngineRefusedError, "disarm");
  assertEquals(full.isFinal, false);
  const { warnings } = await engine.health(deadlineMs);
  assert(warnings.some((text) => text.includes("NOSPACE: compact, defragment each member")), warnings.join());
  await post(endpoint, "/v3/maintenance/alarm", { action: "DEACTIVATE", ...alarm });
  assertEquals(await engine.append(0, 1, bytesOf("a"), deadlineMs), 1);

  await post(endpoint, "/v3/kv/put", { key: btoa("/other/format"), value: btoa("hello") });
  const other = new EtcdEngine({ endpoints: [endpoint], prefix: "/other", node: "one" });
  const wrong = await assertRejects(() => other.open(deadlineMs), EngineRefusedError, 'has "hello"');
  assertEquals(wrong.isFinal, true);
  const nobody = new EtcdEngine({ endpoints: ["http://127.0.0.1:1"], prefix: "/v", node: "one" });
  await assertRejects(() => nobody.barrier(100), EngineUnknownError, "does not answer");
  assertEquals((await nobody.health(100)).hasQuorum, false);
  await Promise.all([engine, other, nobody].map((engine) => engine.close()));
});

testEtcd("nodes on a real etcd serve clients by one order, also while one of them stops", async (endpoint) => {
  const joint = new JointNodes([endpoint], 2_000);
  const [, second] = [joint.start(), joint.start()];
  await Promise.all(["a", "b", "c"].map((id) => joint.client(id, 20)));
  await Promise.all([joint.client("d", 20), joint.stop(second)]);
  joint.start();
  const states = await joint.states();
  assertEquals(states.map(({ executed }) => executed), [80, 80]);
  assertEquals(states[0].digest, states[1].digest);
  assertEquals(joint.nodes.map(({ core }) => core.halted), [undefined, undefined]);
  await joint.close();
});
