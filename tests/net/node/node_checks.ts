/**
 * Checks of the rules of a node on the network, each of which fails soon if its rule is broken.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { entryOf } from "../../../src/access/auth_entries.ts";
import { Token } from "../../../src/access/token.ts";
import { NodeCore } from "../../../src/engine/core/node_core.ts";
import { encodeRecord } from "../../../src/engine/core/record.ts";
import { Replay } from "../../../src/engine/core/replay.ts";
import type { EngineNode as EngineNodeType } from "../../../src/engine/node.ts";
import { wireVersion } from "../../../src/limits.ts";
import { beginningWith } from "../../../src/protocol/replica/executor.ts";
import { pause } from "../../../src/runtime/within.ts";
import { allOf } from "../../../src/snapshot.ts";
import { usualBounds } from "../../../src/net/node/node_load.ts";
import { commandBatch, Counter, readBatch, stateOf } from "../../engine/machine.ts";
import { newSecret, RawClient } from "../raw_client.ts";
import { type LocalNode, LocalNodes, type LocalNodesOptions, type NodeParts } from "./local_nodes.ts";
import { type MemoryEngine as MemoryEngineType, MemoryOrder } from "./memory_engine.ts";
import { counting, set, statusOf, submit } from "./node_asks.ts";

/** Milliseconds for what comes at once. */
const soonMs = 2_500;

/** A check of one rule, for nodes that are made of these parts. */
export type NodeCheck = (parts: NodeParts) => Promise<void>;

/** Waits for what must come soon. */
async function soon<T>(what: string, promise: Promise<T>, ms = soonMs): Promise<T> {
  promise.catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not come soon: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when something is so; fails if that is not soon. */
async function soonSo(what: string, isSo: () => boolean): Promise<void> {
  const endsAt = performance.now() + 3 * soonMs;
  while (!isSo()) {
    assert(performance.now() < endsAt, `it did not come soon: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function onNodes(options: LocalNodesOptions, check: (nodes: LocalNodes, parts: NodeParts) => Promise<void>): NodeCheck {
  return async (parts) => {
    const nodes = new LocalNodes({ ...options, parts });
    try {
      await check(nodes, parts);
    } finally {
      await nodes.close();
    }
  };
}

/** A client that is told at first that it is refused. */
async function refusalOf(client: RawClient): Promise<string> {
  return (await soon("a refusal", client.next("REFUSED"))).reason;
}

/** A node whose order is opened later. */
function unopened(nodes: LocalNodes, parts: NodeParts): { readonly node: LocalNode; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { node: nodes.start({ ...counting, parts, engine: (engine) => engine.opening = promise }), open: resolve };
}

const reader = new Token("board", new Uint8Array(32).fill(1));

/** Waits as long as work takes. */
function work(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
}

/** A machine that takes its time. */
class SlowCounter extends Counter {
  applied = 0;

  override apply(commands: Uint8Array): Uint8Array {
    work(4);
    this.applied++;
    return super.apply(commands);
  }

  override read(commands: Uint8Array): Uint8Array | undefined {
    if (commands.length > 0) work(2);
    return super.read(commands);
  }
}

/** Has a slow node with this many records, and gives what it has executed. */
async function slowNode(
  { EngineNode, MemoryEngine }: NodeParts,
  records: number,
  padding: number,
  check: (node: EngineNodeType, machine: SlowCounter, engine: MemoryEngineType) => Promise<void>,
): Promise<void> {
  const order = new MemoryOrder();
  for (let seq = 1; seq <= records; seq++) {
    const entry = { kind: "request", client: "0a".repeat(16), born: 0, seq, done: 0, end: false } as const;
    const commands = commandBatch(seq, padding);
    order.append(`${seq}`, encodeRecord({ atMs: 1, entries: [{ ...entry, commands }] }));
  }
  const machine = new SlowCounter();
  const engine = new MemoryEngine(order, "n0");
  const node = new EngineNode(engine, { node: "n0", machine });
  try {
    await check(node, machine, engine);
  } finally {
    await node.close();
  }
}

/** The checks, by what they look at. */
export const nodeChecks: Readonly<Record<string, NodeCheck>> = {
  "sessions wait until the node is ready": onNodes({ nodes: 0 }, async (nodes, parts) => {
    const { node, open } = unopened(nodes, parts);
    const client = await RawClient.connect(node.port);
    client.hello();
    await soon("a status", statusOf(node));
    assertEquals(client.received.items, []);
    open();
    await soon("NODE", client.next("NODE"));
    await client.leave();
  }),

  "a session has one link": onNodes(counting, async (nodes) => {
    const { client: first } = await nodes.join();
    const { client: second } = await nodes.join(0, first.secret);
    assertEquals(await refusalOf(first), "its session has another link");
    await second.leave();
  }),

  "what a session has under way is bounded": onNodes({
    ...counting,
    bounds: { ...usualBounds, sessionCount: 4 },
  }, async (nodes) => {
    const [{ engine, server }] = nodes.nodes;
    const { client } = await nodes.join();
    engine.hasQuorum = false;
    for (let seq = 1; seq <= 20; seq++) submit(client, seq, { commands: commandBatch(seq) });
    await soonSo("requests are under way", () => server.load.count >= 4);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(server.load.count, 4);
    engine.hasQuorum = true;
    for (let seq = 1; seq <= 20; seq++) await soon("a result", client.next("RESULT"));
    assertEquals(server.load, { count: 0, bytes: 0 });
    await client.leave();
  }),

  "what all have under way is bounded": onNodes({
    ...counting,
    bounds: { sessionCount: 64, sessionBytes: 2 ** 20, allCount: 4, allBytes: 2 ** 20 },
  }, async (nodes) => {
    const [{ engine, server }] = nodes.nodes;
    engine.hasQuorum = false;
    const clients: RawClient[] = [];
    for (let count = 0; count < 6; count++) {
      engine.hasQuorum = true;
      const { client } = await soon("a session", nodes.join());
      engine.hasQuorum = false;
      submit(client, 1, { commands: commandBatch(count) });
      await soonSo("it came", () => server.load.count === Math.min(4, count + 1));
      clients.push(client);
    }
    for (const client of clients.slice(4)) {
      assertEquals((await soon("a refusal", client.next("DECLINED"))).refusal, "busy");
    }
    for (const client of clients) client.die();
  }),

  "near that, those that have little are served": onNodes({
    ...counting,
    bounds: { sessionCount: 64, sessionBytes: 2 ** 20, allCount: 16, allBytes: 2 ** 20 },
  }, async (nodes) => {
    const [{ engine }] = nodes.nodes;
    const [{ client: greedy }, { client: modest }] = [await nodes.join(), await nodes.join()];
    engine.hasQuorum = false;
    for (let seq = 1; seq <= 20; seq++) submit(greedy, seq, { commands: commandBatch(seq) });
    assertEquals((await soon("a refusal", greedy.next("DECLINED"))).number, 13);
    submit(modest, 1, { commands: commandBatch(1) });
    await soonSo("the rest was declined", () => greedy.received.items.length === 7);
    engine.hasQuorum = true;
    await soon("a result", modest.next("RESULT"));
    await Promise.all([greedy.leave(), modest.leave()]);
  }),

  "a role is looked at before a request is taken": onNodes({ access: [entryOf(reader, "read")] }, async (nodes) => {
    const client = await RawClient.connect(nodes.nodes[0].port, newSecret(), { tokenAt: () => reader });
    client.hello();
    await soon("NODE", client.next("NODE"));
    submit(client, 1, { commands: set() });
    await soon("a refusal", client.next("FORBIDDEN"));
    assertEquals(nodes.order.records, []);
  }),

  "no output is confirmed before it is made": onNodes(counting, async (nodes) => {
    const { client } = await nodes.join();
    submit(client, 1, { done: 1, commands: commandBatch(1) });
    assertEquals(await refusalOf(client), "SUBMIT: done 1 cannot be, as seq is 1");
  }),

  "a node that has halted lets nobody in, and gives nothing": onNodes(counting, async (nodes) => {
    const [{ port, halts }] = nodes.nodes;
    const { client } = await nodes.join();
    nodes.order.append("somebody", new Uint8Array([255]));
    await soonSo("the node halts", () => halts.length > 0);
    const late = await RawClient.connect(port);
    late.hello();
    assertStringIncludes(await refusalOf(late), "it has stopped: ");
    const copier = await RawClient.connect(port);
    copier.send({ kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 });
    assertStringIncludes(await refusalOf(copier), "COPY: it has stopped: ");
    await client.leave();
  }),

  "sessions that wait hear that the node has halted": onNodes({ nodes: 0 }, async (nodes, parts) => {
    nodes.order.append("somebody", new Uint8Array([255]));
    const { node, open } = unopened(nodes, parts);
    const client = await RawClient.connect(node.port);
    client.hello();
    await soon("a status", statusOf(node));
    open();
    assertStringIncludes(await refusalOf(client), "it has stopped: ");
  }),

  "a request has an outcome in time": onNodes(counting, async (nodes) => {
    const [{ engine }] = nodes.nodes;
    const { client } = await nodes.join();
    engine.hasQuorum = false;
    submit(client, 1, { commands: commandBatch(1) });
    await soon("that nobody knows", client.next("UNSURE"), 4_500);
    client.die();
  }),

  "an order is of one cluster": onNodes(counting, async (nodes) => {
    const [{ node, engine, halts }] = nodes.nodes;
    await soon("ready", node.caughtUp);
    nodes.order.cluster = "ab".repeat(16);
    engine.compact();
    await soonSo("the node halts", () => halts.length > 0);
  }),

  "a turn ends after some records": (parts) =>
    slowNode(parts, 50, 0, async (node, machine) => {
      let turns = 0;
      node.onTurn = () => void (machine.applied > 0 && machine.applied < 50 && turns++);
      node.start();
      await soonSo("all are applied", () => machine.applied === 50);
      assert(turns > 5, `50 records of 4 ms were applied in ${turns} turns`);
    }),

  "a turn ends after some reads": (parts) =>
    slowNode(parts, 0, 0, async (node) => {
      node.start();
      await soon("ready", node.caughtUp);
      let turns = 0;
      let answered = 0;
      node.onTurn = () => void (answered > 0 && answered < 50 && turns++);
      const reads = Array.from({ length: 50 }, async () => {
        assertEquals((await node.read(readBatch, soonMs)).kind, "value");
        answered++;
      });
      await soon("all answers", Promise.all(reads));
      assert(turns > 5, `50 reads of 2 ms were answered in ${turns} turns`);
    }),

  "a node takes no more records than it has room for": (parts) =>
    slowNode(parts, 30, 1_000_000, async (node, machine, engine) => {
      engine.pageRecords = 5;
      let most = 0;
      node.onTurn = () => void (most = Math.max(most, engine.given - machine.applied));
      node.start();
      await soonSo("all are applied", () => machine.applied === 30);
      // 8 MiB, and what comes at once.
      assert(most >= 8 && most <= 14, `${most} records of 1 MB waited`);
    }),

  "a state never goes back": (parts) =>
    slowNode(parts, 50, 0, async (node, machine, engine) => {
      // The state after 25 records, which takes long to read.
      const other = new NodeCore<never>({ node: "n1", machine: new Counter() });
      other.step({ kind: "records", records: engine.order.records.slice(0, 25) });
      const [cut, bytes] = [other.replay.cut(1), allOf(other.replay.freeze())];
      let [place, hasRead] = [0, false];
      node.onTurn = () => {
        if (machine.applied > 0 && engine.snapshot === undefined) {
          engine.snapshot = {
            cut,
            bytes: bytes.length,
            pieces: async function* () {
              await soonSo("35 are applied", () => machine.applied >= 35);
              hasRead = true;
              yield bytes;
            },
          };
          engine.compact();
        }
        assert(node.core.place.n >= place, `the state of record ${place} has become that of ${node.core.place.n}`);
        place = node.core.place.n;
      };
      const failed = Promise.withResolvers<never>();
      const onTurn = node.onTurn;
      node.onTurn = () => {
        try {
          onTurn();
        } catch (error) {
          failed.reject(error);
        }
      };
      node.start();
      // The state might go back a moment later.
      const applied = soonSo("all are applied", () => hasRead && node.core.place.n === 50).then(() => pause(50));
      try {
        await Promise.race([failed.promise, applied]);
      } finally {
        await applied.catch(() => {});
      }
      assert(hasRead, "the snapshot was not read");
      assertEquals(node.core.halted, undefined);
    }),

  "a node answers nothing before it has the state that its order begins with": async ({ EngineNode, MemoryEngine }) => {
    const machine = new Counter();
    machine.apply(commandBatch(7));
    const replay = new Replay(machine, beginningWith(9, 1));
    const bytes = allOf(replay.freeze());
    const coming = Promise.withResolvers<void>();
    const engine = new MemoryEngine(new MemoryOrder(), "n0");
    engine.snapshot = {
      cut: replay.cut(1),
      bytes: bytes.length,
      pieces: async function* () {
        await coming.promise;
        yield bytes;
      },
    };
    const node = new EngineNode(engine, { node: "n0", machine: new Counter() });
    node.start();
    try {
      let isAnswered = false;
      const read = node.read(readBatch, soonMs).finally(() => isAnswered = true);
      const change = { client: "0a".repeat(16), born: 0, seq: 1, done: 0, end: false, commands: commandBatch(8) };
      const changed = node.submit(change, soonMs);
      await pause(100);
      assertEquals([isAnswered, node.isReady, engine.order.records.length], [false, false, 0]);
      coming.resolve();
      const answer = await soon("an answer", read);
      assertEquals(answer.kind === "value" && [answer.index, stateOf(answer.outputs)], [9, { count: 1, last: 7 }]);
      // The log continues after the last command of the backup.
      const outcome = await soon("an output", changed);
      assertEquals(outcome.kind === "output" && outcome.index, 10);
    } finally {
      coming.resolve();
      await node.close();
    }
  },
};
