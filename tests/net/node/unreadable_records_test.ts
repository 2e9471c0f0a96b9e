/** What no node may append: a record that none of them can read would stop all of them, for ever (rule E6). */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { batchBytesMax } from "../../../src/limits.ts";
import { commandBatch } from "../../engine/machine.ts";
import { counting, submit } from "./node_asks.ts";
import { testNodes } from "./node_stage.ts";

testNodes("the end of a session that has commands ends the link, and no node stops", counting, async (nodes) => {
  const { client: liar } = await nodes.join();
  submit(liar, 1, { end: true, commands: commandBatch(1) });
  assertEquals(await liar.refusal(), "SUBMIT: the end of a session has no commands");
  const { client: honest } = await nodes.join();
  submit(honest, 1, { commands: commandBatch(2) });
  assertEquals((await honest.next("RESULT")).index, 1);
  assertEquals(nodes.nodes[0].halts, []);
  await honest.leave();
});

testNodes("commands that fit a frame and no record end the link, and no node stops", counting, async (nodes) => {
  const { client: liar } = await nodes.join();
  submit(liar, 1, { commands: commandBatch(1, batchBytesMax) });
  assertStringIncludes(await liar.refusal(), "SUBMIT: the commands have 1048580 bytes; they may have 1048576");
  const { client: honest } = await nodes.join();
  submit(honest, 1, { commands: commandBatch(2) });
  assertEquals((await honest.next("RESULT")).index, 1);
  // The largest that may be is taken.
  const { client: large } = await nodes.join();
  submit(large, 1, { commands: commandBatch(1, batchBytesMax - 4) });
  assertEquals((await large.next("RESULT")).index, 2);
  assertEquals(nodes.nodes[0].halts, []);
  await Promise.all([honest.leave(), large.leave()]);
});

testNodes(
  "a request without commands ends the link: with it, readers could fill the table of sessions",
  counting,
  async (nodes) => {
    const { client } = await nodes.join();
    submit(client, 1, { commands: new Uint8Array(0) });
    assertEquals(await client.refusal(), "SUBMIT: it has no commands");
    assertEquals(nodes.order.records.length, 0);
  },
);
