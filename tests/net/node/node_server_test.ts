/** What a node says to clients by real links. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { recordedAheadMsMax, wireVersion } from "../../../src/limits.ts";
import { noCluster } from "../../../src/net/node/node_status.ts";
import { commandBatch, readBatch } from "../../engine/machine.ts";
import { RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { counting, set, statusOf, submit, view } from "./node_asks.ts";
import { testNodes, until } from "./node_stage.ts";

testNodes("a node says where a client is, and executes what it submits once", { nodes: 2 }, async (nodes) => {
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

testNodes("a node answers reads, and refuses those that change something", {}, async (nodes) => {
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

testNodes("a node says of a session that has ended, or lacks a request, that it does", {}, async (nodes) => {
  const { client } = await nodes.join();
  submit(client, 2);
  assertEquals((await client.next("DECLINED")).refusal, "gap");
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

testNodes("a node takes no command that was recorded far ahead of its clock", {}, async (nodes) => {
  const { client } = await nodes.join();
  submit(client, 1, { commands: set(1, Date.now() + recordedAheadMsMax + 60_000) });
  assertEquals((await client.next("DECLINED")).refusal, "clock");
  submit(client, 1, { commands: set(1, Date.now() + recordedAheadMsMax - 60_000) });
  assertEquals((await client.next("RESULT")).seq, 1);
  await client.leave();
});

testNodes("sessions wait until the node has all that there was, and it tells its status before", {
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

testNodes("a client of another cluster is refused, also one that has waited", { nodes: 0 }, async (nodes) => {
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

testNodes("without a majority, reads are refused and nobody knows of requests, in time", counting, async (nodes) => {
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

testNodes("a definite refusal of the engine is one for the client, with the reason", counting, async (nodes) => {
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

testNodes("a node that has halted stays, says why, and declines all else", { nodes: 2 }, async (nodes) => {
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

testNodes("a node whose engine has lost records halts", {}, async (nodes) => {
  const [lost] = nodes.nodes;
  const { client } = await nodes.join();
  submit(client, 1);
  await client.next("RESULT");
  lost.engine.barrierOffset = -1;
  await until("the node halts", () => lost.halts.length > 0);
  assertStringIncludes(lost.halts[0], "the engine has lost some");
  await client.leave();
});

testNodes("a node halts when the order that it opens again is of another cluster", {}, async (nodes) => {
  const [{ node, engine, halts }] = nodes.nodes;
  await within("ready", node.caughtUp);
  const before = nodes.order.cluster;
  nodes.order.cluster = "ab".repeat(16);
  engine.compact();
  await until("the node halts", () => halts.length > 0);
  assertEquals(halts, [`The order was of the cluster ${before}, and now it is of ${"ab".repeat(16)}`]);
});

testNodes("sessions that wait are told when the node halts before it is ready", { nodes: 0 }, async (nodes) => {
  nodes.order.append("somebody", new Uint8Array([255, 255]));
  const opening = Promise.withResolvers<void>();
  const node = nodes.start({ engine: (engine) => engine.opening = opening.promise });
  const client = await RawClient.connect(node.port);
  client.hello();
  await statusOf(node);
  opening.resolve();
  assertStringIncludes(await client.refusal(), "it has stopped: Cannot read record 1 of the order");
});

testNodes("a node tells watchers of entries as they are executed, at whichever node", { nodes: 2 }, async (nodes) => {
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

testNodes("a node gives copies, and they are of what it has executed", {}, async (nodes) => {
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

testNodes("a node tells how it and its engine are", { nodes: 2 }, async (nodes) => {
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
