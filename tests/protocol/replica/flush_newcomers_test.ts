/** The flush alone, and the newcomers that it lets in or leaves out (V9). */

import { assertEquals } from "@std/assert";
import { newcomerWaitMs } from "../../../src/limits.ts";
import type { FlushReport } from "../../../src/protocol/replica/replica_host.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { Decision } from "../../../src/protocol/wire/records.ts";
import type { ReplicaId } from "../../../src/uid.ts";
import { Mesh, type Node, v } from "./flush_mesh.ts";

const nothing: FlushReport = { sessions: [], vanished: [] };

const newcomer = (id: ReplicaId) => ({ id, address: `r${id}` });
const ballot = { n: 1, id: 0 };
const stateOk: MeshMessage = { kind: "STATE_OK", v, ballot };

/** A mesh of two whose coordinator waits for the clones of these newcomers. */
function meshWith(...ids: ReplicaId[]): { mesh: Mesh; coordinator: Node } {
  const mesh = new Mesh([nothing, nothing]);
  const [coordinator] = mesh.nodes;
  coordinator.newcomers = ids.map(newcomer);
  coordinator.flush.evaluate();
  mesh.settle();
  return { mesh, coordinator };
}

function membersOf({ installed }: Node): ReplicaId[] | undefined {
  return installed?.members.map(({ id }) => id);
}

Deno.test("Flush begins for a newcomer that has caught up, and lets it in once it is a clone", () => {
  const mesh = new Mesh([nothing, nothing]);
  const [coordinator] = mesh.nodes;
  coordinator.newcomers = [newcomer(5)];
  coordinator.flush.evaluate();
  // Before the reports are complete, another coordinator's decision might bind.
  assertEquals(coordinator.states, []);
  mesh.settle();
  assertEquals([coordinator.states, coordinator.installed], [[[5, ballot]], undefined]);
  coordinator.flush.received(5, stateOk);
  mesh.settle();
  for (const node of mesh.nodes) assertEquals([membersOf(node), node.leftOut], [[0, 1, 5], []]);
});

Deno.test("Flush is not begun for a newcomer by a replica that does not coordinate, nor for one that is dead", () => {
  const mesh = new Mesh([nothing, nothing]);
  for (const node of mesh.nodes) node.newcomers = [newcomer(5)];
  mesh.nodes[1].flush.evaluate();
  mesh.nodes[0].failed.add(5);
  mesh.nodes[0].flush.evaluate();
  assertEquals(mesh.possible().length, 0);
});

Deno.test("Flush takes STATE_OK only of its own round and view", () => {
  const { mesh, coordinator } = meshWith(5);
  coordinator.flush.received(5, { kind: "STATE_OK", v: v - 1, ballot });
  coordinator.flush.received(5, { kind: "STATE_OK", v, ballot: { n: 2, id: 0 } });
  mesh.settle();
  assertEquals(coordinator.installed, undefined);
});

Deno.test("Flush leaves out a newcomer that is slow, and waits no longer for it", () => {
  const { mesh, coordinator } = meshWith(5, 6);
  coordinator.flush.tick(newcomerWaitMs);
  assertEquals(coordinator.flush.waitsFor, { stage: "clones", from: [5, 6] });
  coordinator.flush.received(6, stateOk);
  mesh.settle();
  assertEquals([coordinator.installed, coordinator.leftOut], [undefined, []]);
  assertEquals(coordinator.flush.waitsFor, { stage: "clones", from: [5] });
  coordinator.flush.tick(1);
  mesh.settle();
  for (const node of mesh.nodes) assertEquals(membersOf(node), [0, 1, 6]);
  assertEquals([coordinator.leftOut, coordinator.newcomers.map(({ id }) => id)], [[5], [6]]);
  // Its word comes late.
  coordinator.flush.received(5, stateOk);
  coordinator.flush.tick(10 * newcomerWaitMs);
  assertEquals(mesh.possible().length, 0);
});

Deno.test("Flush does not wait for a newcomer that fails, whether or not it is a clone by then", () => {
  for (const isClone of [false, true]) {
    const { mesh, coordinator } = meshWith(5, 6);
    if (isClone) coordinator.flush.received(5, stateOk);
    coordinator.failed.add(5);
    coordinator.flush.evaluate();
    assertEquals(coordinator.installed, undefined);
    coordinator.flush.received(6, stateOk);
    mesh.settle();
    assertEquals([membersOf(coordinator), coordinator.leftOut], [[0, 1, 6], []]);
  }
});

Deno.test("Flush sends no state where a decision binds, and counts no time before it has", () => {
  const mesh = new Mesh([nothing, nothing]);
  const [coordinator, other] = mesh.nodes;
  const decision: Decision = { v: v + 1, members: [0, 1, 7].map(newcomer), clock: 0, cut: [], expired: [] };
  other.flush.received(0, { kind: "PREPARE", v, ballot: { n: 1, id: 0 } });
  other.flush.received(0, { kind: "ACCEPT", v, ballot: { n: 1, id: 0 }, decision });
  mesh.settle();
  coordinator.newcomers = [newcomer(5)];
  coordinator.flush.tick(10 * newcomerWaitMs);
  coordinator.flush.evaluate();
  coordinator.flush.tick(10 * newcomerWaitMs);
  mesh.settle();
  assertEquals([coordinator.states, coordinator.leftOut, coordinator.installed], [[], [], decision]);
});

Deno.test("Flush sends the state again in a new round", () => {
  const { mesh, coordinator } = meshWith(5);
  coordinator.flush.received(1, { kind: "NACK", v, ballot, promised: { n: 4, id: 1 } });
  mesh.settle();
  assertEquals(coordinator.states, [[5, ballot], [5, { n: 5, id: 0 }]]);
  coordinator.flush.received(5, stateOk);
  assertEquals(coordinator.installed, undefined);
  coordinator.flush.received(5, { ...stateOk, ballot: { n: 5, id: 0 } });
  mesh.settle();
  assertEquals(membersOf(coordinator), [0, 1, 5]);
});
