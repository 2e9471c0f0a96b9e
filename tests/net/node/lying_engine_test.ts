/** What a node does with an engine that says what makes no sense, or with one whose keys a stranger changes. */

import { assert, assertEquals } from "@std/assert";
import { CompactedError, EngineRefusedError } from "../../../src/engine/engine.ts";
import { commandBatch } from "../../engine/machine.ts";
import { counting, statusOf, submit } from "./node_asks.ts";
import { testNodes, until } from "./node_stage.ts";

testNodes("a node tells its status although nobody can read how its engine is", {
  ...counting,
  engine: (engine) => engine.health = () => Promise.reject(new TypeError("null is not an alarm")),
}, async (nodes) => {
  const [node] = nodes.nodes;
  await until("it has opened the order", () => node.node.isReady);
  for (let count = 0; count < 2; count++) {
    const { engine: { hasQuorum, warnings } } = await statusOf(node);
    assertEquals([hasQuorum, warnings], [false, [
      "What the engine says of itself cannot be read: null is not an alarm",
    ]]);
  }
});

let opened = 0;

testNodes("a node opens an order a few times a second at most whose records are said to be deleted", {
  ...counting,
  engine: (engine) => {
    const open = engine.open.bind(engine);
    engine.open = () => (opened++, open());
    // deno-lint-ignore require-yield
    engine.follow = async function* () {
      throw new CompactedError("Records after 0 were deleted");
    };
  },
}, async (nodes) => {
  const [{ engine }] = nodes.nodes;
  const { client } = await nodes.join();
  submit(client, 1, { commands: commandBatch(1) });
  await client.next("UNSURE");
  assertEquals(engine.order.records.length, 1);
  assert(opened <= 30, `it has opened the order ${opened} times in 4 seconds`);
  await client.leave();
});

testNodes("a node says in a few words why it has halted, however much its engine says", {
  ...counting,
  engine: (engine) =>
    engine.open = () => Promise.reject(new EngineRefusedError("x".repeat(2 ** 20), { isFinal: true })),
}, async (nodes) => {
  const [{ halts }] = nodes.nodes;
  await until("it has halted", () => halts.length > 0);
  assert(halts[0].length <= 400, `it says ${halts[0].length} characters`);
});
