/**
 * What rules K1 to K10 of docs/design/engine.md claim, with a member of etcd in memory.
 *
 * @module
 */

import { beforeAll, type LogRecord, type OrderPlace } from "../../../src/engine/core/order.ts";
import type { EtcdEngine, EtcdEngineOptions } from "../../../src/engine/etcd/etcd_engine.ts";
import type { EtcdRestore, EtcdRestoreOptions } from "../../../src/engine/etcd/restoring.ts";
import { errorOf, withMembers } from "./fake_etcd.ts";
import { pieceBytes } from "../../../src/engine/etcd/snapshots.ts";
import { EtcdStore } from "./store.ts";

/** Makes an engine: that of the project, or one in which a rule is broken. */
export type NewEngine = (options: EtcdEngineOptions) => EtcdEngine;

/** The same for a restore. */
export type NewRestore = (options: EtcdRestoreOptions) => EtcdRestore;

/** A claim: throws if it does not hold. */
type Claim = (
  store: EtcdStore,
  one: EtcdEngine,
  two: EtcdEngine,
  another: (options: Partial<EtcdEngineOptions>) => EtcdEngine,
  restore: (by: string) => EtcdRestore,
) => Promise<void>;

const deadlineMs = 30_000;
const bytes = Uint8Array.of(7);

function must(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

/** What a promise fails with: the name of the error, whether it is final, and its text. */
async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "nothing";
  } catch (error) {
    const { name, message, isFinal } = error as Error & { isFinal?: boolean };
    return `${name}${isFinal ? " for ever" : ""}: ${message}`;
  }
}

async function mustFail(promise: Promise<unknown>, text: string): Promise<void> {
  const said = await failure(promise);
  must(said.includes(text), `it fails with ${said}`);
}

/** The records that the engine gives until the stream ends, as `n/epoch`. */
async function followed(engine: EtcdEngine, after: OrderPlace, reread: boolean): Promise<string> {
  const records: LogRecord[] = [];
  for await (const some of engine.follow(after, reread, new AbortController().signal)) records.push(...some);
  return records.map(({ n, epoch }) => `${n}/${epoch}`).join();
}

/** What an order that is restored begins with. */
const first = { n: 0, revision: 0, epoch: 1, index: 9, digest: 8 };

/** Bytes that have a piece of their own, and one that has not. */
const [whole, part] = [new Uint8Array(pieceBytes).fill(1), Uint8Array.of(2)];

/** The names of the pieces of snapshots. */
function piecesIn(store: EtcdStore): string {
  const body = { key: btoa("p/snap/"), range_end: btoa("p/snap0") };
  const { kvs } = store.answer("/v3/kv/range", body) as { kvs: { key: string }[] };
  return kvs.map(({ key }) => atob(key).split("/")[3]).join();
}

/** The order begins with these bytes, and the engine says so. */
async function mustHave(engine: EtcdEngine, expected: Uint8Array): Promise<void> {
  const { snapshot } = await engine.open(deadlineMs);
  must(
    JSON.stringify(snapshot?.cut) === JSON.stringify(first),
    `the order begins with ${JSON.stringify(snapshot?.cut)}`,
  );
  const pieces: Uint8Array[] = [];
  for await (const piece of snapshot!.pieces()) pieces.push(piece);
  must(pieces.length === 1 && pieces[0].toHex() === expected.toHex(), "the order begins with another state");
}

const cut = { n: 1, revision: 3, epoch: 2, index: 0, digest: 0 };

/** All of them, by the rule that they are of. */
export const claims: Readonly<Record<string, Claim>> = {
  "K1: a version that can corrupt data is refused": async (store, one) => {
    store.version = "3.5.1";
    await mustFail(one.open(deadlineMs), "EngineRefusedError for ever: etcd 3.5.1 can corrupt its data");
  },

  "K2: a refusal after an attempt of unknown outcome is unknown": async (store, one) => {
    let turn = 0;
    store.instead = (path) => {
      if (!path.endsWith("txn")) return undefined;
      if (turn++ === 0) return errorOf("etcdserver: request timed out", 14, 503);
      return errorOf("etcdserver: mvcc: database space exceeded", 8, 429);
    };
    await mustFail(one.append(0, 1, bytes, deadlineMs), "EngineUnknownError");
    await mustFail(one.append(0, 1, bytes, deadlineMs), "EngineRefusedError: etcd says");
    await mustFail(one.beginEpoch(1, deadlineMs), "EngineRefusedError");
  },

  "K2: nobody knows who has begun an epoch after an attempt of unknown outcome": async (store, one) => {
    let turn = 0;
    store.instead = (path, body) => {
      if (!path.endsWith("txn") || turn++ > 0) return undefined;
      store.instead = () => undefined;
      store.answer(path, body);
      return errorOf("etcdserver: request timed out", 14, 503);
    };
    await mustFail(one.beginEpoch(1, deadlineMs), "EngineUnknownError");
  },

  "K3: a record without its head is left out": async (store, one) => {
    await one.append(0, 1, bytes, deadlineMs);
    const { revision } = store;
    await one.append(0, 2, bytes, deadlineMs);
    must(await followed(one, { n: 1, revision }, false) === "2/1", "a watch does not give the number of a record");
    store.isLost = (key) => key.endsWith("head");
    must(await followed(one, { n: 1, revision }, false) === "", "a record has a number that nobody has given");
  },

  "K4: records are read where a watch was compacted": async (store, one) => {
    for (let k = 1; k <= 3; k++) await one.append(0, k, bytes, deadlineMs);
    store.answer("/v3/kv/compaction", { revision: String(store.revision) });
    must(await followed(one, { n: 1, revision: 3 }, false) === "2/1,3/1", "records are missing");
  },

  "K4: records are read at one revision": async (store, one, two) => {
    for (let k = 1; k <= 40; k++) await one.append(0, k, bytes, deadlineMs);
    let isFirst = true;
    store.instead = (path, body) => {
      if (!path.endsWith("range") || body.limit === undefined || !isFirst) return undefined;
      // Records come between two pages.
      isFirst = false;
      const page = store.answer(path, body);
      const key = (name: string) => btoa(`p/${name}`);
      const [record, value] = [key("log/0000000001/two/3/0000000001"), btoa("x")];
      const puts = [{ request_put: { key: record, value } }, { request_put: { key: key("head"), value } }];
      store.answer("/v3/kv/txn", { success: puts });
      return Response.json(page);
    };
    const records = await followed(two, beforeAll, true);
    must(records.endsWith("40/1,41/1"), `the last records are ${records.slice(-20)}`);
  },

  "K4: records that were deleted are not passed over": async (_, one, two) => {
    await one.append(0, 1, bytes, deadlineMs);
    await one.beginEpoch(1, deadlineMs);
    await one.append(0, 2, bytes, deadlineMs);
    await one.putSnapshot(cut, [bytes]);
    await one.trim(2, deadlineMs);
    must(await followed(two, cut, true) === "2/2", "what is there is not given");
    await mustFail(followed(two, beforeAll, true), "CompactedError");
  },

  "K5: an append that is there already is not appended again": async (_, one) => {
    must(await one.append(0, 1, bytes, deadlineMs) === 1, "the first append is not record 1");
    must(await one.append(0, 1, bytes, deadlineMs) === 1, "it is appended twice");
    must(await one.barrier(deadlineMs) === 1, "there are two records");
  },

  "K5: an append is of the present epoch": async (_, one, two) => {
    await one.beginEpoch(1, deadlineMs);
    await two.append(0, 1, bytes, deadlineMs);
    must(await followed(one, beforeAll, true) === "1/2", "it is of an epoch that has ended");
  },

  "K6: a barrier is a write where reads may be stale": async (store, one) => {
    await one.append(0, 1, bytes, deadlineMs);
    const stale = store.answer("/v3/kv/range", { key: btoa("p/head") });
    await one.append(0, 2, bytes, deadlineMs);
    store.instead = (path) => path.endsWith("range") ? Response.json(stale) : undefined;
    must(await one.barrier(deadlineMs) === 2, "a barrier is stale");
  },

  "K7: nothing is deleted before there is a snapshot": async (_, one) => {
    await one.append(0, 1, bytes, deadlineMs);
    await one.beginEpoch(1, deadlineMs);
    await mustFail(one.trim(2, deadlineMs), "no snapshot for epoch 2");
    must(await followed(one, beforeAll, true) === "1/1", "records are gone");
  },

  "K7: a snapshot that is damaged is not taken": async (store, one) => {
    await one.putSnapshot(cut, [bytes]);
    const read = async () => {
      for await (const _ of (await one.open(deadlineMs)).snapshot?.pieces() ?? []);
    };
    await read();
    store.corrupt("p/snap/0000000002/one/0000000000", "x");
    await mustFail(read(), "damaged");
  },

  "K9: what keys were before is compacted, and no newer revision": async (store, _one, _two, another) => {
    const engine = another({ node: "three", keptMs: 100 });
    const compacted: number[] = [];
    store.instead = (path, body) => {
      if (path.startsWith("/v3/lease")) return Response.json({ ID: "7", result: { TTL: "10" } });
      if (path === "/v3/kv/compaction") compacted.push(Number(body.revision));
      return undefined;
    };
    const saying = { node: "three", address: "", n: 0, digest: 0, clockMs: 0 };
    await engine.announce(saying, deadlineMs);
    const { revision } = store;
    for (let at = 0; at < 5; at++) await engine.announce(saying, deadlineMs);
    must(compacted.length === 0, "it is compacted at once");
    await new Promise((resolve) => setTimeout(resolve, 120));
    await engine.announce(saying, deadlineMs);
    must(compacted.join() === String(revision), `${compacted.join()} are compacted, and ${revision} is old`);
    await engine.close();
  },

  "K10: an order does not begin without data while a restore is under way": async (_store, one, two, _, restore) => {
    const only = restore("only");
    await only.begin(deadlineMs);
    await mustFail(one.open(deadlineMs), 'EngineRefusedError: a restore of "b" has begun at 1970-01-01T00:00:01.000Z');
    const cluster = await only.finish(first, [part], deadlineMs);
    await mustHave(one, part);
    must((await two.open(deadlineMs)).cluster === cluster, "there is another cluster");
    must(await one.append(0, 1, bytes, deadlineMs) === 1, "the first record is not record 1");
    must(await followed(two, first, true) === "1/1", "the first record is not given");
  },

  "K10: a restore changes nothing where there is an order": async (store, one, _two, _, restore) => {
    const late = restore("late");
    store.instead = (path, body) => {
      if (!path.endsWith("range") || body.limit === undefined) return undefined;
      // An order begins right after nobody has seen one.
      store.instead = () => undefined;
      const said = store.answer(path, body);
      const value = btoa(JSON.stringify({ version: 1, cluster: "0f".repeat(16) }));
      const puts = [["p/format", value], ["p/epoch", btoa("1")]];
      store.answer("/v3/kv/txn", { success: puts.map(([key, value]) => ({ request_put: { key: btoa(key), value } })) });
      return Response.json(said);
    };
    await mustFail(late.begin(deadlineMs), 'below "p/" there is the cluster 0f0f0f0f already; nothing was changed');
    const { kvs } = store.answer("/v3/kv/range", { key: btoa("p/restoring") }) as { kvs: unknown[] };
    must(kvs.length === 0, "it has left its mark");
    await mustFail(late.finish(first, [part], deadlineMs), "already; nothing was changed");
    must((await one.open(deadlineMs)).snapshot === undefined, "the order begins with something");
    await mustFail(restore("later").begin(deadlineMs), "leave --restore out to use it, or name another prefix");
  },

  "K10: of two restores, only the last one makes an order": async (store, one, _two, _, restore) => {
    const [slow, fast, last] = ["slow", "fast", "last"].map(restore);
    await slow.begin(deadlineMs);
    const overtaken = async function* (by: EtcdRestore, bytes: Uint8Array) {
      yield bytes;
      await by.begin(deadlineMs);
    };
    // All pieces are there when another one begins; or one is yet to come.
    await mustFail(slow.finish(first, overtaken(fast, whole), deadlineMs), "somebody else has begun to restore");
    await mustFail(fast.finish(first, overtaken(last, part), deadlineMs), "somebody else has begun to restore");
    must(piecesIn(store) === "", `pieces of ${piecesIn(store)} are left`);
    await slow.undo(deadlineMs);
    await last.finish(first, [part], deadlineMs);
    await mustHave(one, part);
    await mustFail(slow.finish(first, [whole], deadlineMs), "there is the cluster");
    await last.undo(deadlineMs);
    await mustHave(one, part);
  },

  "K10: a restore that has ended half way is finished by the next one": async (store, one, _two, _, restore) => {
    const [half, next] = ["half", "next"].map(restore);
    await half.begin(deadlineMs);
    const ends = async function* () {
      yield whole;
      await Promise.reject(new Error("it dies"));
    };
    await mustFail(half.finish(first, ends(), deadlineMs), "it dies");
    must(piecesIn(store) === "half", "a piece is not there");
    await next.begin(deadlineMs);
    await next.finish(first, [part], deadlineMs);
    must(piecesIn(store) === "next", `the pieces are of ${piecesIn(store)}`);
    await mustHave(one, part);
  },

  "K10: a restore whose last step was done twice is done": async (store, one, _two, _, restore) => {
    const only = restore("only");
    await only.begin(deadlineMs);
    store.instead = (path, body) => {
      if (!path.endsWith("txn") || !JSON.stringify(body.success).includes(btoa("p/format"))) return undefined;
      store.instead = () => undefined;
      store.answer(path, body);
      return errorOf("etcdserver: request timed out", 14, 503);
    };
    const cluster = await only.finish(first, [part], deadlineMs);
    must((await one.open(deadlineMs)).cluster === cluster, "it is of another cluster");
  },
};

/** The claim of K8, which needs a member that cannot be reached. */
export async function checkNextMember(newEngine: NewEngine): Promise<void> {
  const store = new EtcdStore();
  await withMembers([(path, body) => store.answer(path, body)], async ([endpoint]) => {
    // Engines begin with any member: half of these begin with the first one.
    for (let turn = 0; turn < 8; turn++) {
      const engine = newEngine({ endpoints: ["http://127.0.0.1:1", endpoint], prefix: "p", node: `node${turn}` });
      const said = await failure(engine.open(1_000));
      await engine.close();
      must(said === "nothing", `it fails with ${said}`);
    }
  });
}

/** Checks a claim. */
export async function check(claim: Claim, newEngine: NewEngine, newRestore: NewRestore): Promise<void> {
  const store = new EtcdStore();
  await withMembers([(path, body) => store.answer(path, body)], async (endpoints) => {
    const [one, two] = ["one", "two"].map((node) => newEngine({ endpoints, prefix: "p", node }));
    const restores: EtcdRestore[] = [];
    const restore = (by: string) => {
      const made = newRestore({ endpoints, prefix: "p", by, backup: "b", atMs: 1_000 });
      restores.push(made);
      return made;
    };
    try {
      if (!/^K10?:/.test(claim.name)) await Promise.all([one.open(deadlineMs), two.open(deadlineMs)]);
      const another = (more: Partial<EtcdEngineOptions>) =>
        newEngine({ endpoints, prefix: "p", node: "another", ...more });
      await claim(store, one, two, another, restore);
    } finally {
      for (const made of restores) made.close();
      await Promise.all([one.close(), two.close()]);
    }
  });
}
