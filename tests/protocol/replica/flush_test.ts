/** The flush alone, with a mesh of its own: one decision a view, in any order of messages and with any failures. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Flush } from "../../../src/protocol/replica/flush.ts";
import type { FlushReport } from "../../../src/protocol/replica/replica_host.ts";
import { newcomerWaitMs } from "../../../src/limits.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { Ballot, Decision, SessionSeq } from "../../../src/protocol/wire/records.ts";
import type { Member, ReplicaId } from "../../../src/uid.ts";
import { Pipe } from "../../../src/simulator/pipe.ts";

const v = 7;

class Node {
  readonly id: ReplicaId;
  readonly flush: Flush;
  readonly from: Pipe<MeshMessage>[];
  readonly failed = new Set<ReplicaId>();
  alive = true;
  installed: Decision | undefined;
  /** Newcomers that have caught up, what was sent to them, and who was left out. */
  newcomers: Member[] = [];
  readonly states: [ReplicaId, Ballot][] = [];
  readonly leftOut: ReplicaId[] = [];

  constructor(id: ReplicaId, nodes: readonly Node[], size: number, report: FlushReport) {
    this.id = id;
    this.from = Array.from({ length: size }, () => new Pipe());
    const members = Array.from({ length: size }, (_, id) => ({ id, address: `r${id}` }));
    this.flush = new Flush({
      id,
      order: { v, members },
      failed: this.failed,
      disk: undefined,
      donor: {
        caughtUp: () => this.newcomers,
        sendState: (to, ballot) => this.states.push([to, ballot]),
        leaveOut: (newcomer) => {
          this.leftOut.push(newcomer);
          this.newcomers = this.newcomers.filter(({ id }) => id !== newcomer);
        },
      },
      send: (to, message) => nodes[to].from[id].push(message),
      report: () => {
        assert(this.flush.frozen, "it reports before it is frozen");
        return report;
      },
      install: (decision) => {
        assertEquals(this.installed, undefined);
        this.installed = decision;
        for (const other of nodes) if (other !== this) other.from[id].push({ kind: "INSTALL", decision });
      },
    });
  }
}

class Mesh {
  readonly nodes: Node[] = [];

  constructor(reports: readonly FlushReport[]) {
    reports.forEach((report, id) => this.nodes.push(new Node(id, this.nodes, reports.length, report)));
  }

  get living(): Node[] {
    return this.nodes.filter(({ alive }) => alive);
  }

  /** The deliveries that are possible now. */
  possible(): (() => void)[] {
    return this.living.flatMap((node) =>
      node.from.flatMap((pipe, from) => pipe.hasNext ? [() => this.deliver(from, node)] : [])
    );
  }

  deliver(from: ReplicaId, to: Node): void {
    const message = to.from[from].take();
    if (message !== undefined) return to.flush.received(from, message);
    to.failed.add(from);
    to.flush.evaluate();
  }

  crash(node: Node, keep: (length: number) => number): void {
    node.alive = false;
    for (const other of this.nodes) {
      const pipe = other.from[node.id];
      pipe.end(keep(pipe.length));
    }
  }

  settle(): void {
    for (let possible = this.possible(); possible.length > 0; possible = this.possible()) possible[0]();
  }
}

const client = (digit: number) => digit.toString(16).repeat(32);
const sessionSeq: fc.Arbitrary<SessionSeq> = fc.record({ client: fc.nat(3).map(client), seq: fc.nat(5) });
const report: fc.Arbitrary<FlushReport> = fc.record({
  received: fc.uniqueArray(sessionSeq, { selector: (each) => each.client }),
  clock: fc.nat(),
  vanished: fc.uniqueArray(fc.integer({ min: 8, max: 11 }).map(client)),
});

const nothing: FlushReport = { clock: 0, received: [], vanished: [] };

/** V3 in the simplest words: for each session the least that anybody has, if all have anything. */
function cutOf(reports: readonly FlushReport[]): SessionSeq[] {
  return [0, 1, 2, 3].map(client).flatMap((client) => {
    const seqs = reports.map(({ received }) => received.find((each) => each.client === client)?.seq);
    return seqs.includes(undefined) ? [] : [{ client, seq: Math.min(...seqs as number[]) }];
  });
}

function byClient(a: SessionSeq, b: SessionSeq): number {
  return a.client < b.client ? -1 : 1;
}

Deno.test("Flush decides the least that all have received, the latest clock, and whom nobody has seen", () => {
  fc.assert(fc.property(fc.array(report, { minLength: 1, maxLength: 5 }), fc.nat(), (reports, who) => {
    const mesh = new Mesh(reports);
    mesh.nodes[who % reports.length].flush.alarm();
    // An alarm is everybody's business: the replica sends it to all.
    for (const { flush } of mesh.nodes) flush.received(who % reports.length, { kind: "ALARM", v });
    mesh.settle();
    const { installed } = mesh.nodes[0];
    assertEquals([...installed!.cut].sort(byClient), cutOf(reports));
    assertEquals(installed!.clock, Math.max(...reports.map(({ clock }) => clock)));
    const expired = [8, 9, 10, 11].map(client).filter((each) => reports.every((one) => one.vanished.includes(each)));
    assertEquals([...installed!.expired].sort(), expired);
    assertEquals(installed!.clock, Math.max(...reports.map(({ clock }) => clock)));
    assertEquals([installed!.v, installed!.members.map(({ id }) => id)], [v + 1, reports.map((_, id) => id)]);
    for (const node of mesh.nodes) assertEquals(node.installed, installed);
  }));
});

Deno.test("Flush gives all survivors one decision, in any order of messages and with any failures (I2)", () => {
  // Mostly deliveries; now and then somebody dies, often the one who coordinates, and of each of its links another
  // number of messages still arrives, often none.
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ deliver: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ crash: fc.oneof(fc.constant(0), fc.nat(4)), lost: fc.nat(4_095) }) },
  );
  const steps = fc.array(step, { maxLength: 100, size: "max" });
  fc.assert(
    fc.property(fc.array(report, { minLength: 2, maxLength: 5 }), steps, fc.nat(), (reports, steps, first) => {
      const mesh = new Mesh(reports);
      mesh.nodes[first % reports.length].flush.alarm();
      mesh.nodes[0].flush.alarm();
      for (const step of steps) {
        const possible = mesh.possible();
        if ("deliver" in step) {
          if (possible.length > 0) possible[step.deliver % possible.length]();
        } else if (mesh.living.length > 1) {
          let { lost } = step;
          mesh.crash(mesh.living[step.crash % mesh.living.length], (length) => {
            const kept = lost % 4 === 0 ? length : 0;
            lost >>= 2;
            return kept;
          });
        }
      }
      // The node that raised the first alarm may have failed. Then the others have no reason except its failure.
      for (const { flush } of mesh.living) flush.received(first % reports.length, { kind: "ALARM", v });
      mesh.settle();

      const decisions = mesh.nodes.flatMap(({ installed }) => installed ?? []);
      for (const decision of decisions) assertEquals(decision, decisions[0]);
      for (const node of mesh.living) assert(node.installed !== undefined, `r${node.id} waits for ever`);
      for (const { id } of mesh.living) {
        assert(decisions[0].members.some((member) => member.id === id), `r${id} was left out`);
        for (const { client, seq } of decisions[0].cut) {
          const has = reports[id].received.find((each) => each.client === client)?.seq ?? -1;
          assert(seq <= has, `the cut asks r${id} for more than it has`);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Flush.alarm() at a member that does not coordinate waits for the coordinator", () => {
  const mesh = new Mesh([nothing, nothing, nothing]);
  mesh.nodes[1].flush.alarm();
  assertEquals([mesh.possible().length, mesh.nodes[1].flush.frozen], [0, false]);
  mesh.nodes[1].failed.add(0);
  mesh.nodes[1].flush.evaluate();
  assertEquals(mesh.nodes[1].flush.frozen, true);
});

Deno.test("Flush.evaluate() without a reason does nothing", () => {
  const mesh = new Mesh([nothing, nothing]);
  mesh.nodes[0].flush.evaluate();
  assertEquals([mesh.possible().length, mesh.nodes[0].flush.frozen], [0, false]);
});

Deno.test("Flush ends the view of a replica that is alone at once", () => {
  const mesh = new Mesh([nothing]);
  mesh.nodes[0].flush.alarm();
  assertEquals(mesh.nodes[0].installed?.v, v + 1);
});

Deno.test("Flush ignores messages of other views, of other ballots, and after its end", () => {
  const mesh = new Mesh([nothing, nothing]);
  const [{ flush }] = mesh.nodes;
  const decision: Decision = { v: v + 2, members: [], clock: 0, cut: [], expired: [] };
  const ballot = { n: 1, id: 0 };
  flush.received(1, { kind: "ALARM", v: v + 1 });
  flush.received(1, { kind: "PREPARE", v: v - 1, ballot });
  flush.received(1, { kind: "ACCEPT", v: v + 1, ballot, decision });
  flush.received(1, { kind: "ACCEPTED", v, ballot });
  flush.received(1, { kind: "REPORT", v, ballot, ...nothing, accepted: undefined });
  flush.received(1, { kind: "NACK", v, ballot, promised: { n: 9, id: 1 } });
  flush.received(1, { kind: "INSTALL", decision });
  assertEquals([mesh.possible().length, flush.frozen, mesh.nodes[0].installed], [0, false, undefined]);
  flush.alarm();
  mesh.settle();
  const { installed } = mesh.nodes[0];
  flush.received(1, { kind: "PREPARE", v, ballot: { n: 9, id: 1 } });
  flush.alarm();
  flush.evaluate();
  assertEquals([mesh.possible().length, mesh.nodes[0].installed], [0, installed]);
});

// ---- Newcomers (V9) ----

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
  coordinator.flush.received(6, stateOk);
  mesh.settle();
  assertEquals([coordinator.installed, coordinator.leftOut], [undefined, []]);
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

Deno.test("Flush refuses a decision of any view but the next one, however it comes", () => {
  const mesh = new Mesh([nothing, nothing]);
  const [coordinator, other] = mesh.nodes;
  const decision: Decision = { v: v + 3, members: [0, 1].map(newcomer), clock: 0, cut: [], expired: [] };
  const early = { n: 1, id: 0 };
  other.flush.received(0, { kind: "ACCEPT", v, ballot: early, decision });
  assertEquals([other.flush.accepted, mesh.possible().length], [undefined, 0]);
  coordinator.flush.received(1, { kind: "INSTALL", decision });
  coordinator.flush.alarm();
  const report = { kind: "REPORT", v, ballot: early, ...nothing } as const;
  coordinator.flush.received(1, { ...report, accepted: { ballot: early, decision } });
  assertEquals(coordinator.flush.waitsFor, { stage: "reports", from: [1] });
  mesh.settle();
  for (const { installed } of mesh.nodes) assertEquals(installed?.v, v + 1);
});
