/**
 * What rules K1 to K9 of docs/design/engine.md claim, with a member of etcd in memory.
 *
 * @module
 */

import { beforeAll, type LogRecord, type OrderPlace } from "../../../src/engine/core/order.ts";
import type { EtcdEngine, EtcdEngineOptions } from "../../../src/engine/etcd/etcd_engine.ts";
import { errorOf, withMembers } from "./fake_etcd.ts";
import { EtcdStore } from "./store.ts";

/** Makes an engine: that of the project, or one in which a rule is broken. */
export type NewEngine = (options: EtcdEngineOptions) => EtcdEngine;

/** A claim: throws if it does not hold. */
type Claim = (
  store: EtcdStore,
  one: EtcdEngine,
  two: EtcdEngine,
  another: (options: Partial<EtcdEngineOptions>) => EtcdEngine,
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
export async function check(claim: Claim, newEngine: NewEngine): Promise<void> {
  const store = new EtcdStore();
  await withMembers([(path, body) => store.answer(path, body)], async (endpoints) => {
    const [one, two] = ["one", "two"].map((node) => newEngine({ endpoints, prefix: "p", node }));
    try {
      if (!claim.name.startsWith("K1")) await Promise.all([one.open(deadlineMs), two.open(deadlineMs)]);
      await claim(store, one, two, (more) => newEngine({ endpoints, prefix: "p", node: "another", ...more }));
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });
}
