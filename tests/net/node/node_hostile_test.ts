/** What a node does with clients that no correct program is, and with too many at once. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ByteWriter } from "../../../src/bytes.ts";
import { writeFrame } from "../../../src/framing.ts";
import { frameBytesMax } from "../../../src/limits.ts";
import { usualBounds } from "../../../src/net/node/node_load.ts";
import { encodeAny } from "../../../src/net/wire.ts";
import { commandBatch, readBatch, stateOf } from "../../engine/machine.ts";
import { batchOf, newSecret, RawClient } from "../raw_client.ts";
import { within } from "../within.ts";
import { counting, submit } from "./node_asks.ts";
import { testNodes, until } from "./node_stage.ts";

testNodes("messages that make no sense end the link, and nothing else", counting, async (nodes) => {
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

testNodes("numbers that are as large as they can be harm nobody else", counting, async (nodes) => {
  const most = Number.MAX_SAFE_INTEGER;
  for (const [seq, done] of [[0, 0], [1, 1], [1, most], [most, most]]) {
    const { client } = await nodes.join();
    submit(client, seq, { done, commands: commandBatch(1) });
    assertEquals(await client.refusal(), `SUBMIT: done ${done} cannot be, as seq is ${seq}`);
  }
  const { client: liar } = await nodes.join();
  submit(liar, most, { done: most - 1, commands: commandBatch(1) });
  assertEquals((await liar.next("DECLINED")).refusal, "gap");
  submit(liar, 1, { born: most, commands: commandBatch(1) });
  assertEquals((await liar.next("RESULT")).index, 1);
  liar.send({ kind: "ASK", rid: most, commands: readBatch });
  assertEquals((await liar.next("ANSWER")).rid, most);
  const { client: honest } = await nodes.join();
  submit(honest, 1, { commands: commandBatch(2) });
  assertEquals((await honest.next("RESULT")).index, 2);
  await Promise.all([liar.leave(), honest.leave()]);
});

testNodes("a session has one link: another one takes its place", counting, async (nodes) => {
  const { client: first } = await nodes.join();
  const { client: second } = await nodes.join(0, first.secret);
  assertEquals(await first.refusal(), "its session has another link");
  submit(second, 1, { commands: commandBatch(1) });
  assertEquals((await second.next("RESULT")).index, 1);
  await second.leave();
});

testNodes("a session that has much under way is not read, and gets all its outcomes", {
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

testNodes("with too much under way in all, a node declines more at once, and others that have little last", {
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

testNodes("bytes count as well as requests", {
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

testNodes("clients that submit and never read lose their links, and others are served meanwhile", {}, async (nodes) => {
  const { client: honest } = await nodes.join();
  const { client: deaf } = await nodes.join();
  deaf.stall();
  const list = batchOf(...Array.from({ length: 16 }, () => ({ kind: "list-page" as const })));
  const ended = new AbortController();
  let [seq, slowest] = [0, 0];
  const before = Deno.memoryUsage().rss;
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
  // Other tests of the process need memory, too.
  assert(Deno.memoryUsage().rss - before < 2 ** 30);
  await honest.leave();
});

testNodes("a flood of requests neither stalls a node nor lets it grow", counting, async (nodes) => {
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

testNodes("nothing is kept of clients that have gone", counting, async (nodes) => {
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

testNodes(
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
