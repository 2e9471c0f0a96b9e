/** Nodes of an order that begins with the state of a backup. */

import { assertEquals } from "@std/assert";
import { Replay } from "../../../src/engine/core/replay.ts";
import { EngineNode } from "../../../src/engine/node.ts";
import { beginningWith } from "../../../src/protocol/replica/executor.ts";
import { allOf } from "../../../src/snapshot.ts";
import { itemsOf } from "../../../src/batch.ts";
import { Sites } from "../../database/store/machine.ts";
import { within } from "../within.ts";
import { MemoryEngine, MemoryOrder } from "./memory_engine.ts";
import { set, view } from "./node_asks.ts";

Deno.test("a node answers nothing before it has the state that its order begins with (E16)", async () => {
  const machine = new Sites();
  machine.apply(set(5));
  const [expected] = itemsOf(machine.read(view)!);
  const replay = new Replay(machine, beginningWith(9, 1));
  const bytes = allOf(replay.freeze());
  const coming = Promise.withResolvers<void>();
  const engine = new MemoryEngine(new MemoryOrder(), "n");
  const { order } = engine;
  engine.open = () => {
    const pieces = async function* () {
      await coming.promise;
      yield bytes;
    };
    return Promise.resolve({
      cluster: order.cluster,
      epoch: 1,
      snapshot: { cut: replay.cut(1), bytes: bytes.length, pieces },
    });
  };
  const node = new EngineNode(engine, { node: "n", machine: new Sites() });
  node.start();
  try {
    let isAnswered = false;
    const read = node.read(view, 10_000).finally(() => isAnswered = true);
    const change = { client: "c".repeat(32), born: 0, seq: 1, done: 0, end: false, commands: set(6) };
    const changed = node.submit(change, 10_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assertEquals([isAnswered, node.isReady, order.records.length], [false, false, 0]);
    coming.resolve();
    const answer = await within("the answer", read);
    assertEquals(answer.kind === "value" && [answer.index, [...itemsOf(answer.outputs)]], [9, [expected]]);
    // The log continues after the last command of the backup.
    const outcome = await within("the output", changed);
    assertEquals(outcome.kind === "output" && outcome.index, 10);
    assertEquals(node.core.halted, undefined);
  } finally {
    await node.close();
  }
});
