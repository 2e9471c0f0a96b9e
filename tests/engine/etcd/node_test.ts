import { assert, assertEquals } from "@std/assert";
import { Replay } from "../../../src/engine/core/replay.ts";
import { EtcdRestore } from "../../../src/engine/etcd/restoring.ts";
import { beginningWith } from "../../../src/protocol/replica/executor.ts";
import { allOf } from "../../../src/snapshot.ts";
import { testNeeding } from "../../net/needing.ts";
import { Counter } from "../machine.ts";
import { within } from "../../../src/runtime/within.ts";
import { withMembers } from "./fake_etcd.ts";
import { JointNodes } from "./joint.ts";
import { EtcdStore } from "./store.ts";

testNeeding(["net"], "nodes serve clients by one order, and one that starts later takes in a snapshot", async () => {
  const store = new EtcdStore();
  await withMembers([(path, body) => store.answer(path, body)], async (endpoints) => {
    const joint = new JointNodes(endpoints, 500);
    try {
      joint.start();
      const second = joint.start();
      await Promise.all([joint.client("a", 12), joint.client("b", 12)]);
      // Clients whose node stops send the same seq to the other one.
      const [late] = await Promise.all([joint.client("c", 12), joint.stop(second)]);
      assertEquals(late, undefined);
      joint.start();
      const states = await joint.states();
      assertEquals(states.map(({ executed }) => executed), [36, 36]);
      assertEquals(states[0].digest, states[1].digest);
      assertEquals(joint.claims.length, 36);
      assert((joint.executed.get("node3") ?? 0) < 36, "the third node has no snapshot");
      assert(joint.nodes.every(({ core }) => core.replay.epoch > 1), "no epoch has begun");
      assertEquals(joint.nodes.map(({ core }) => core.halted), [undefined, undefined]);
    } finally {
      await joint.close();
    }
  });
});

testNeeding(["net"], "nodes of an order that was restored come to one state, also by later snapshots", async () => {
  const store = new EtcdStore();
  await withMembers([(path, body) => store.answer(path, body)], async (endpoints) => {
    const restore = new EtcdRestore({ endpoints, prefix: "/joint", by: "restore-1", backup: "b", atMs: 0 });
    await restore.begin(10_000);
    const { digest } = beginningWith(0, 7);
    const replay = new Replay(new Counter(), { executed: 0, digest });
    await restore.finish(replay.cut(1), [allOf(replay.freeze())], 10_000);
    restore.close();
    const joint = new JointNodes(endpoints, 500);
    try {
      const [first] = await Promise.all([joint.start(), joint.start()]);
      await within(10_000, first.caughtUp);
      assertEquals([first.core.replay.executor.digest, first.core.place.n], [digest.value, 0]);
      await Promise.all([joint.client("a", 12), joint.client("b", 12), joint.client("c", 12)]);
      joint.start();
      const states = await joint.states();
      assertEquals(states, [1, 2, 3].map(() => ({ executed: 36, digest: states[0].digest })));
      assert((joint.executed.get("node3") ?? 0) < 36, "the third node has no later snapshot");
      assert(joint.nodes.every(({ core }) => core.replay.epoch > 1), "no epoch has begun");
      assertEquals(joint.nodes.map(({ core }) => core.halted), [undefined, undefined, undefined]);
    } finally {
      await joint.close();
    }
  });
});

testNeeding(["net"], "a node asks nothing of an order before it has opened it", async () => {
  const store = new EtcdStore();
  const early = Promise.withResolvers<void>();
  const answer = async (path: string, body: Record<string, unknown>) => {
    const conditions = JSON.stringify(body.compare ?? []);
    // The order is made late: after an append that does not wait for it, or some time.
    if (conditions.includes(btoa("/joint/format"))) await within(100, early.promise);
    const said = store.answer(path, body);
    if (conditions.includes(btoa("/joint/lo"))) early.resolve();
    return said;
  };
  await withMembers([answer], async (endpoints) => {
    const joint = new JointNodes(endpoints);
    try {
      const node = joint.start();
      await joint.client("a", 1);
      assertEquals([node.core.halted, joint.claims.length], [undefined, 1]);
    } finally {
      await joint.close();
    }
  });
});
