/** What a node says to clients by real links, whatever they send. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { entryOf } from "../../../src/access/auth_entries.ts";
import { Token } from "../../../src/access/token.ts";
import { ByteWriter } from "../../../src/bytes.ts";
import { writeFrame } from "../../../src/framing.ts";
import { frameBytesMax, recordedAheadMsMax, wireVersion } from "../../../src/limits.ts";
import type { NodeMessageOf } from "../../../src/engine/wire/node_messages.ts";
import { noCluster } from "../../../src/net/node/node_status.ts";
import { usualBounds } from "../../../src/net/node/under_way.ts";
import { encodeAny } from "../../../src/net/wire.ts";
import type { AccessRole } from "../../../src/roles.ts";
import { commandBatch, Counter, readBatch, stateOf } from "../../engine/machine.ts";
import { testAccess } from "../admitted.ts";
import { testNeeding } from "../needing.ts";
import { batchOf, newSecret, RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { type LocalNode, LocalNodes, type LocalNodesOptions } from "./local_nodes.ts";

const harvard = "Harvard University";
const set = (value = 1, recordedAt = 1) => batchOf({ kind: "set", name: harvard, value, recordedAt });
const view = batchOf({ kind: "view", name: harvard });

/** A node whose machine counts commands. */
const counting = { machine: () => new Counter() };

/** Declares a test of some nodes. */
function test(name: string, options: LocalNodesOptions, fn: (nodes: LocalNodes) => Promise<void>): void {
  testNeeding(["net"], name, async () => {
    const nodes = new LocalNodes(options);
    try {
      await fn(nodes);
    } finally {
      await nodes.close();
    }
  });
}

function submit(client: RawClient, seq: number, fields: Partial<NodeMessageOf<"SUBMIT">> = {}): void {
  client.send({ kind: "SUBMIT", seq, born: 0, done: 0, end: false, commands: set(), ...fields });
}

async function statusOf({ port }: LocalNode): Promise<NodeMessageOf<"NODE_IS">> {
  const client = await RawClient.connect(port);
  client.send({ kind: "STATUS", version: wireVersion, waits: false });
  const status = await client.next("NODE_IS");
  await client.leave();
  return status;
}

/** Resolves when something is so. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (!await isSo()) {
    assert(performance.now() < endsAt, `it never came that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a node says where a client is, and executes what it submits once", { nodes: 2 }, async (nodes) => {
  await until("the nodes know each other", () => nodes.nodes.every(({ node }) => node.others.length === 1));
  const { client, hello } = await nodes.join();
  const { name, cluster, executed } = hello;
  assertEquals({ name, cluster, executed }, { name: "n0", cluster: nodes.order.cluster, executed: 0 });
  assertEquals(hello.nodes, nodes.nodes.map(({ node, address }) => ({ name: node.name, address })));
  submit(client, 1);
  submit(client, 1);
  const [first, second] = [await client.next("RESULT"), await client.next("RESULT")];
  assertEquals(first, second);
  assertEquals([first.seq, first.index], [1, 1]);
  // The same session at the other node.
  const other = await nodes.join(1, client.secret);
  assertEquals(other.hello.executed, 1);
  submit(other.client, 1, { commands: set(2) });
  assertEquals(await other.client.next("RESULT"), first);
  submit(other.client, 2, { done: 1, commands: set(3) });
  assertEquals((await other.client.next("RESULT")).index, 2);
  submit(other.client, 1);
  const declined = await other.client.next("DECLINED");
  assertEquals([declined.isRead, declined.number, declined.refusal], [false, 1, "confirmed"]);
  await Promise.all([client.leave(), other.client.leave()]);
});

test("a node answers reads, and refuses those that change something", {}, async (nodes) => {
  const { client } = await nodes.join();
  submit(client, 1, { commands: set(7) });
  await client.next("RESULT");
  client.send({ kind: "ASK", rid: 5, commands: view });
  const answer = await client.next("ANSWER");
  assertEquals([answer.rid, answer.index], [5, 1]);
  client.send({ kind: "ASK", rid: 6, commands: set() });
  const declined = await client.next("DECLINED");
  assertEquals([declined.isRead, declined.number, declined.refusal], [true, 6, "changes"]);
  await client.leave();
});

test("a node says of a session that has ended, or lacks a request, that it does", {}, async (nodes) => {
  const { client } = await nodes.join();
  submit(client, 2);
  assertEquals((await client.next("DECLINED")).refusal, "expired");
  submit(client, 1);
  submit(client, 3);
  assertEquals((await client.next("DECLINED")).refusal, "gap");
  submit(client, 2, { end: true, commands: new Uint8Array(0) });
  assertEquals((await client.next("RESULT")).seq, 1);
  assertEquals((await client.next("RESULT")).seq, 2);
  submit(client, 3);
  assertEquals((await client.next("DECLINED")).refusal, "ended");
  await client.leave();
});

test("a node takes no command that was recorded far ahead of its clock", {}, async (nodes) => {
  const { client } = await nodes.join();
  submit(client, 1, { commands: set(1, Date.now() + recordedAheadMsMax + 60_000) });
  assertEquals((await client.next("DECLINED")).refusal, "clock");
  submit(client, 1, { commands: set(1, Date.now() + recordedAheadMsMax - 60_000) });
  assertEquals((await client.next("RESULT")).seq, 1);
  await client.leave();
});

test("sessions wait until the node has all that there was, and it tells its status before", {
  nodes: 0,
}, async (nodes) => {
  const opening = Promise.withResolvers<void>();
  const node = nodes.start({ engine: (engine) => engine.opening = opening.promise });
  const client = await RawClient.connect(node.port);
  client.hello();
  submit(client, 1);
  const { cluster, engine } = await statusOf(node);
  assertEquals(cluster, noCluster);
  assertEquals(engine, {
    hasQuorum: false,
    members: [],
    warnings: ["The order is not open: nothing has answered yet"],
  });
  for (
    const message of [
      { kind: "WATCH", version: wireVersion, cluster: undefined, after: 0 },
      { kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 },
    ] as const
  ) {
    const reader = await RawClient.connect(node.port);
    reader.send(message);
    const why = "it has not caught up with the order yet; ask again later, or ask another node";
    assertEquals(await reader.refusal(), `${message.kind}: ${why}`);
  }
  assertEquals(client.received.items, []);
  opening.resolve();
  assertEquals((await client.next("NODE")).cluster, nodes.order.cluster);
  assertEquals((await client.next("RESULT")).seq, 1);
  await within("ready", node.node.caughtUp);
  await client.leave();
});

test("a client of another cluster is refused, also one that has waited", { nodes: 0 }, async (nodes) => {
  const opening = Promise.withResolvers<void>();
  const node = nodes.start({ engine: (engine) => engine.opening = opening.promise });
  const early = await RawClient.connect(node.port);
  early.hello({ cluster: "ab".repeat(16) });
  await statusOf(node);
  opening.resolve();
  await within("ready", node.node.caughtUp);
  const late = await RawClient.connect(node.port);
  late.hello({ cluster: "ab".repeat(16) });
  for (const client of [early, late]) {
    const { reason, cluster } = await client.next("REFUSED");
    assertEquals([reason, cluster], ["HELLO: it is of another cluster", nodes.order.cluster]);
  }
});

test("without a majority, reads are refused and nobody knows of requests, in time", counting, async (nodes) => {
  const [{ engine }] = nodes.nodes;
  const { client } = await nodes.join();
  engine.hasQuorum = false;
  const begunAt = performance.now();
  submit(client, 1, { commands: commandBatch(1) });
  client.send({ kind: "ASK", rid: 1, commands: readBatch });
  const declined = await client.next("DECLINED");
  assertEquals([declined.isRead, declined.refusal], [true, "noQuorum"]);
  const { seq, reason } = await client.next("UNSURE");
  assertEquals([seq, reason], [1, "the engine has not answered in time"]);
  assert(performance.now() - begunAt < 6_000);
  engine.hasQuorum = true;
  // It was appended, or is now: once.
  submit(client, 1, { commands: commandBatch(1) });
  assertEquals((await client.next("RESULT")).index, 1);
  submit(client, 2, { commands: commandBatch(2) });
  assertEquals((await client.next("RESULT")).index, 2);
  await client.leave();
});

test("a definite refusal of the engine is one for the client, with the reason", counting, async (nodes) => {
  const [{ engine }] = nodes.nodes;
  const { client } = await nodes.join();
  engine.refusal = "its quota is full";
  submit(client, 1, { commands: commandBatch(1) });
  const { refusal, reason } = await client.next("DECLINED");
  assertEquals([refusal, reason], ["engine", "its quota is full"]);
  engine.refusal = undefined;
  submit(client, 1, { commands: commandBatch(1) });
  assertEquals((await client.next("RESULT")).index, 1);
  await client.leave();
});

test("a node that has halted stays, says why, and declines all else", { nodes: 2 }, async (nodes) => {
  const [one] = nodes.nodes;
  const { client } = await nodes.join();
  submit(client, 1);
  await client.next("RESULT");
  const watcher = await RawClient.connect(one.port);
  watcher.send({ kind: "WATCH", version: wireVersion, cluster: undefined, after: 1_000 });
  // Nobody can read this record: E6.
  nodes.order.append("somebody", new Uint8Array([255, 255]));
  await until("the node halts", () => one.halts.length > 0);
  const [why] = one.halts;
  assertStringIncludes(why, "Cannot read record 2 of the order");
  submit(client, 2);
  client.send({ kind: "ASK", rid: 1, commands: view });
  for (const isRead of [false, true]) {
    const declined = await client.next("DECLINED");
    assertEquals([declined.isRead, declined.refusal], [isRead, "halted"]);
    assertEquals(declined.reason, `the node has stopped: ${why}`);
  }
  assertEquals(await watcher.refusal(), `WATCH: it has stopped: ${why}; ask again later, or ask another node`);
  const late = await RawClient.connect(one.port);
  late.hello();
  assertEquals(await late.refusal(), `it has stopped: ${why}`);
  const copier = await RawClient.connect(one.port);
  copier.send({ kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 });
  assertEquals(await copier.refusal(), `COPY: it has stopped: ${why}; ask again later, or ask another node`);
  assertEquals((await statusOf(one)).halted, why);
  assertEquals(one.halts.length, 1);
  await client.leave();
});

test("a node whose engine has lost records halts", {}, async (nodes) => {
  const [lost] = nodes.nodes;
  const { client } = await nodes.join();
  submit(client, 1);
  await client.next("RESULT");
  lost.engine.barrierOffset = -1;
  await until("the node halts", () => lost.halts.length > 0);
  assertStringIncludes(lost.halts[0], "the engine has lost some");
  await client.leave();
});

test("a node halts when the order that it opens again is of another cluster", {}, async (nodes) => {
  const [{ node, engine, halts }] = nodes.nodes;
  await within("ready", node.caughtUp);
  const before = nodes.order.cluster;
  nodes.order.cluster = "ab".repeat(16);
  engine.compact();
  await until("the node halts", () => halts.length > 0);
  assertEquals(halts, [`The order was of the cluster ${before}, and now it is of ${"ab".repeat(16)}`]);
});

test("sessions that wait are told when the node halts before it is ready", { nodes: 0 }, async (nodes) => {
  nodes.order.append("somebody", new Uint8Array([255, 255]));
  const opening = Promise.withResolvers<void>();
  const node = nodes.start({ engine: (engine) => engine.opening = opening.promise });
  const client = await RawClient.connect(node.port);
  client.hello();
  await statusOf(node);
  opening.resolve();
  assertStringIncludes(await client.refusal(), "it has stopped: Cannot read record 1 of the order");
});

test("a node tells watchers of entries as they are executed, at whichever node", { nodes: 2 }, async (nodes) => {
  const watcher = await RawClient.connect(nodes.nodes[1].port);
  const { client } = await nodes.join();
  const before = nodes.nodes[0].node.core.replay.executor.machine.lastEntry;
  await within("ready", nodes.nodes[1].node.caughtUp);
  watcher.send({ kind: "WATCH", version: wireVersion, cluster: nodes.order.cluster, after: before });
  submit(client, 1, { commands: set(9) });
  const entries = await watcher.next("ENTRIES");
  assertEquals([entries.cluster, entries.last], [nodes.order.cluster, before + 1]);
  assert(entries.bytes.length > 0);
  const stranger = await RawClient.connect(nodes.nodes[1].port);
  stranger.send({ kind: "WATCH", version: wireVersion, cluster: "ab".repeat(16), after: 0 });
  assertEquals(await stranger.refusal(), "WATCH: it is of another cluster");
  await Promise.all([client.leave(), watcher.leave()]);
});

test("a node gives copies, and they are of what it has executed", {}, async (nodes) => {
  const { client } = await nodes.join();
  const copier = await RawClient.connect(nodes.nodes[0].port);
  copier.send({ kind: "COPY", version: wireVersion, atLeast: 1, offset: 0 });
  submit(client, 1);
  await client.next("RESULT");
  for (let offset = 0;;) {
    const piece = await copier.next("COPIED");
    assertEquals([piece.cluster, piece.executed, piece.offset], [nodes.order.cluster, 1, offset]);
    if (piece.final) break;
    offset += piece.bytes.length;
    copier.send({ kind: "COPY", version: wireVersion, atLeast: 1, offset });
  }
  await Promise.all([client.leave(), copier.leave()]);
});

test("a node tells how it and its engine are", { nodes: 2 }, async (nodes) => {
  const [one, two] = nodes.nodes;
  await until("the nodes know each other", () => nodes.nodes.every(({ node }) => node.others.length === 1));
  const { client } = await nodes.join();
  submit(client, 1);
  await client.next("RESULT");
  one.engine.warnings = ["x".repeat(1_000)];
  const status = await statusOf(one);
  const { name, n, lag, epoch, executed, sessions, waiting, halted, engine } = status;
  assertEquals({ name, n, lag, epoch, executed, sessions, waiting, halted }, {
    name: "n0",
    n: 1,
    lag: 0,
    epoch: 1,
    executed: 1,
    sessions: 1,
    waiting: 0,
    halted: undefined,
  });
  assertEquals(status.cluster, nodes.order.cluster);
  assertEquals(engine.members.map(({ address, isLeader }) => ({ address, isLeader })), [
    { address: "http://127.0.0.1:2379", isLeader: true },
  ]);
  assertEquals([engine.hasQuorum, engine.warnings[0].length], [true, 400]);
  const [{ address, skewMs, name: other }] = status.nodes;
  assertEquals([other, address], ["n1", two.address]);
  assert(Math.abs(skewMs - 2 ** 40) < 5_000);
  // Many who ask cost the engine one question.
  const asked = one.engine.asked.health;
  await Promise.all(Array.from({ length: 10 }, () => statusOf(one)));
  assert(one.engine.asked.health <= asked + 2);
  await client.leave();
});

// ---- Roles ----

const tokenOf = (name: string, byte: number) => new Token(name, new Uint8Array(32).fill(byte));
const tokens: Readonly<Record<AccessRole, Token>> = {
  read: tokenOf("board", 1),
  report: tokenOf("ann", 2),
  operate: tokenOf("olga", 3),
};
const access = (["read", "report", "operate"] as const).map((role) => entryOf(tokens[role], role));

async function guest(nodes: LocalNodes, role: AccessRole): Promise<RawClient> {
  const client = await RawClient.connect(nodes.nodes[0].port, newSecret(), { tokenAt: () => tokens[role] });
  client.hello();
  await client.next("NODE");
  return client;
}

test("a request that needs more than the role of its token ends the link, and is not executed", {
  access,
}, async (nodes) => {
  const redact = batchOf({ kind: "redact", entry: 1, recordedAt: 1 });
  const other = batchOf({ kind: "set", name: harvard, value: 1, recordedAt: 1, by: "olga" });
  const wishes: readonly (readonly [AccessRole, Uint8Array, string])[] = [
    ["read", set(), "a request that does this needs a token with the role report"],
    ["report", redact, "a request that does this needs a token with the role operate"],
    ["report", other, 'a command says that the token "olga" was used, and "ann" was'],
  ];
  for (const [role, commands, why] of wishes) {
    const client = await guest(nodes, role);
    submit(client, 1, { commands });
    assertStringIncludes((await client.next("FORBIDDEN")).reason, why);
    await within("the end of the link", client.closed.promise);
  }
  assertEquals(nodes.order.records, []);
  for (const [role, commands] of [["read", view], ["report", set()], ["operate", other]] as const) {
    const client = await guest(nodes, role);
    submit(client, 1, { commands });
    assertEquals((await client.next("RESULT")).seq, 1);
    await client.leave();
  }
});

test("a copy needs the role operate, and a node has no links with replicas", { access }, async (nodes) => {
  const [{ port }] = nodes.nodes;
  const copier = await RawClient.connect(port, newSecret(), { tokenAt: () => tokens.report });
  copier.send({ kind: "COPY", version: wireVersion, atLeast: 0, offset: 0 });
  assertStringIncludes(await copier.refusal(), "a link for a copy needs a token with the role operate");
  const replica = await RawClient.connect(port, newSecret(), { key: "ab".repeat(32) });
  replica.send({ kind: "PEER", version: wireVersion, cluster: nodes.order.cluster, from: 0, to: 1 });
  assertEquals(await replica.refusal(), "it is not a replica of this cluster");
});

test("a token that is revoked cuts its links", { access: [...access, ...testAccess] }, async (nodes) => {
  const [{ server, node }] = nodes.nodes;
  await within("ready", node.caughtUp);
  const [ann, olga] = [await guest(nodes, "report"), await guest(nodes, "operate")];
  server.allow(access.filter(({ name }) => name !== "ann"));
  assertEquals(await ann.refusal(), "its token was revoked or changed");
  submit(olga, 1);
  assertEquals((await olga.next("RESULT")).seq, 1);
  await olga.leave();
});

// ---- What no correct client does ----

test("messages that make no sense end the link, and nothing else", counting, async (nodes) => {
  const [{ port }] = nodes.nodes;
  const { client: honest } = await nodes.join();
  const refusalOf = async (say: (client: RawClient) => void): Promise<string> => {
    const { client } = await nodes.join();
    say(client);
    return await client.refusal();
  };
  assertEquals(await refusalOf((it) => it.hello()), "HELLO is not a message that a client sends to a node");
  assertEquals(
    await refusalOf((it) => it.read()),
    "READ is not a message that a client sends to a node",
  );
  assertEquals(
    await refusalOf((it) => it.send({ kind: "UNSURE", seq: 1, reason: "" })),
    "UNSURE is not a message that a client sends to a node",
  );
  const early = await RawClient.connect(port);
  submit(early, 1);
  assertEquals(await early.refusal(), "SUBMIT came on a link for a session");
  const frames: readonly (readonly [Uint8Array, string])[] = [
    [Uint8Array.of(0xff, 0xff, 0xff, 0xff), "frame"],
    // A SUBMIT that ends too early, and one whose batch is none.
    [Uint8Array.of(0, 0, 0, 2, 0x51, 1), ""],
    [Uint8Array.of(0, 0, 0, 8, 0x51, 1, 0, 0, 0, 2, 9, 9), ""],
  ];
  for (const [bytes, why] of frames) {
    const { client } = await nodes.join();
    await client.write(bytes);
    assertStringIncludes(await client.refusal(), why);
  }
  const { client: large } = await nodes.join();
  const writer = new ByteWriter();
  writeFrame(writer, encodeAny, {
    kind: "SUBMIT",
    seq: 1,
    born: 0,
    done: 0,
    end: false,
    commands: commandBatch(1, frameBytesMax),
  });
  await large.write(writer.view());
  assertStringIncludes(await large.refusal(), "frame");
  submit(honest, 1, { commands: commandBatch(1) });
  assertEquals((await honest.next("RESULT")).index, 1);
  await honest.leave();
});

test("numbers that are as large as they can be harm nobody else", counting, async (nodes) => {
  const most = Number.MAX_SAFE_INTEGER;
  for (const [seq, done] of [[0, 0], [1, 1], [1, most], [most, most]]) {
    const { client } = await nodes.join();
    submit(client, seq, { done, commands: commandBatch(1) });
    assertEquals(await client.refusal(), `SUBMIT: done ${done} cannot be, as seq is ${seq}`);
  }
  const { client: liar } = await nodes.join();
  submit(liar, most, { done: most - 1, commands: commandBatch(1) });
  assertEquals((await liar.next("DECLINED")).refusal, "expired");
  submit(liar, 1, { born: most, commands: commandBatch(1) });
  assertEquals((await liar.next("RESULT")).index, 1);
  liar.send({ kind: "ASK", rid: most, commands: readBatch });
  assertEquals((await liar.next("ANSWER")).rid, most);
  const { client: honest } = await nodes.join();
  submit(honest, 1, { commands: commandBatch(2) });
  assertEquals((await honest.next("RESULT")).index, 2);
  await Promise.all([liar.leave(), honest.leave()]);
});

test("a session has one link: another one takes its place", counting, async (nodes) => {
  const { client: first } = await nodes.join();
  const { client: second } = await nodes.join(0, first.secret);
  assertEquals(await first.refusal(), "its session has another link");
  submit(second, 1, { commands: commandBatch(1) });
  assertEquals((await second.next("RESULT")).index, 1);
  await second.leave();
});

test("a session that has much under way is not read, and gets all its outcomes", {
  ...counting,
  bounds: { ...usualBounds, sessionCount: 8 },
}, async (nodes) => {
  const [{ engine, server }] = nodes.nodes;
  const { client } = await nodes.join();
  engine.hasQuorum = false;
  for (let seq = 1; seq <= 100; seq++) submit(client, seq, { commands: commandBatch(seq) });
  await until("some are under way", () => server.load.count === 8);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(server.load.count, 8);
  engine.hasQuorum = true;
  for (let seq = 1; seq <= 100; seq++) {
    const result = await client.next("RESULT");
    assertEquals([result.seq, result.index], [seq, seq]);
  }
  assertEquals(server.load, { count: 0, bytes: 0 });
  await client.leave();
});

test("with too much under way in all, a node declines more at once, and others that have little last", {
  ...counting,
  bounds: { sessionCount: 64, sessionBytes: 2 ** 20, allCount: 40, allBytes: 2 ** 20 },
}, async (nodes) => {
  const [{ engine, server }] = nodes.nodes;
  const [{ client: greedy }, { client: modest }] = [await nodes.join(), await nodes.join()];
  engine.hasQuorum = false;
  for (let seq = 1; seq <= 50; seq++) submit(greedy, seq, { commands: commandBatch(seq) });
  const declined = await greedy.next("DECLINED");
  assertEquals([declined.number, declined.refusal, declined.reason], [
    31,
    "busy",
    "too much is under way at this node",
  ]);
  await until("the rest was declined", () => greedy.received.items.length === 19);
  for (let seq = 1; seq <= 5; seq++) submit(modest, seq, { commands: commandBatch(seq) });
  assertEquals((await modest.next("DECLINED")).number, 5);
  assertEquals(server.load.count, 34);
  for (let count = 0; count < 10; count++) {
    const { client } = await nodes.join();
    for (let rid = 1; rid <= 4; rid++) client.send({ kind: "ASK", rid, commands: readBatch });
  }
  await until("all is taken", () => server.load.count === 40);
  engine.hasQuorum = true;
  for (let seq = 1; seq <= 30; seq++) assertEquals((await greedy.next("RESULT")).seq, seq);
  await until("nothing is under way", () => server.load.count === 0);
  await Promise.all([greedy.leave(), modest.leave()]);
});

test("bytes count as well as requests", {
  ...counting,
  bounds: { sessionCount: 512, sessionBytes: 2 ** 20, allCount: 1_000, allBytes: 64 * 1024 },
}, async (nodes) => {
  const [{ engine, server }] = nodes.nodes;
  const { client } = await nodes.join();
  engine.hasQuorum = false;
  for (let seq = 1; seq <= 10; seq++) submit(client, seq, { commands: commandBatch(seq, 10_000) });
  const { number, refusal } = await client.next("DECLINED");
  assertEquals([number, refusal], [7, "busy"]);
  assert(server.load.bytes <= 64 * 1024);
  client.die();
  engine.hasQuorum = true;
  await until("nothing is under way", () => server.load.bytes === 0);
});

test("clients that submit and never read lose their links, and others are served meanwhile", {}, async (nodes) => {
  const { client: honest } = await nodes.join();
  const { client: deaf } = await nodes.join();
  deaf.stall();
  const list = batchOf(...Array.from({ length: 16 }, () => ({ kind: "list-page" as const })));
  const ended = new AbortController();
  let [seq, slowest] = [0, 0];
  const flooding = deaf.flood({ kind: "ASK", rid: 1, commands: list }, 2 ** 26, ended.signal);
  while (seq < 50) {
    const begunAt = performance.now();
    submit(honest, ++seq);
    await honest.next("RESULT");
    slowest = Math.max(slowest, performance.now() - begunAt);
  }
  ended.abort();
  deaf.die();
  await flooding;
  assert(slowest < 1_000, `an honest client waited for ${slowest} ms`);
  assert(Deno.memoryUsage().rss < 2 ** 30);
  await honest.leave();
});

test("a flood of requests neither stalls a node nor lets it grow", counting, async (nodes) => {
  const [{ node, server }] = nodes.nodes;
  const { client: honest } = await nodes.join();
  const { client: flooding } = await nodes.join();
  const ended = new AbortController();
  const message = { kind: "SUBMIT", seq: 1, born: 0, done: 0, end: false, commands: commandBatch(1) } as const;
  const flood = flooding.flood(message, 2 ** 30, ended.signal);
  const counts: number[] = [];
  for (let seq = 1; seq <= 30; seq++) {
    submit(honest, seq, { commands: commandBatch(seq) });
    await honest.next("RESULT");
    counts.push(server.load.count);
  }
  ended.abort();
  flooding.die();
  await flood;
  assert(Math.max(...counts) <= usualBounds.sessionCount + 1);
  await until("nothing is under way", () => server.load.count === 0);
  const { count } = stateOf((await node.read(readBatch, 5_000) as { outputs: Uint8Array }).outputs);
  assertEquals(count, 31);
  await honest.leave();
});

test("nothing is kept of clients that have gone", counting, async (nodes) => {
  const [{ server, engine, node }] = nodes.nodes;
  await within("ready", node.caughtUp);
  const secrets = Array.from({ length: 20 }, () => newSecret());
  engine.hasQuorum = false;
  await Promise.all(secrets.map(async (secret) => {
    const { client } = await nodes.join(0, secret);
    submit(client, 1, { commands: commandBatch(1) });
    await client.leave();
  }));
  assert(server.load.count > 0 && server.sessions === server.load.count);
  engine.hasQuorum = true;
  await until("nothing is kept", () => server.load.count === 0 && server.sessions === 0);
});

test(
  "a node that closes lets its clients go, and what it is asked afterwards has an outcome",
  counting,
  async (nodes) => {
    const [{ server, node }] = nodes.nodes;
    const { client } = await nodes.join();
    server.close();
    await within("the end of the link", client.closed.promise);
    await node.close();
    assertEquals((await node.read(readBatch, 1_000)).kind, "refused");
  },
);
