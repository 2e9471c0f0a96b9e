/** The flush alone, with a mesh of its own: whatever order messages come in and whoever dies, one decision a view. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Flush, type FlushReport } from "../../src/protocol/flush.ts";
import type { Decision, MeshMessage, SessionSeq } from "../../src/protocol/messages.ts";
import type { ReplicaId } from "../../src/uid.ts";
import { endOfPipe, Pipe } from "../simulator/pipe.ts";

const v = 7;

class Node {
  readonly id: ReplicaId;
  readonly flush: Flush;
  readonly from: Pipe<MeshMessage>[];
  readonly failed = new Set<ReplicaId>();
  alive = true;
  installed: Decision | undefined;

  constructor(id: ReplicaId, nodes: readonly Node[], size: number, report: FlushReport) {
    this.id = id;
    this.from = Array.from({ length: size }, () => new Pipe());
    const members = Array.from({ length: size }, (_, id) => ({ id, address: `r${id}` }));
    this.flush = new Flush(id, v, members, this.failed, {
      send: (to, message) => nodes[to].from[id].push(message),
      report: () => {
        assert(this.flush.frozen, "it reports before it is frozen");
        return report;
      },
      promised: () => {},
      accepted: () => {},
      newcomers: () => [],
      sendState: () => assert(false, "there is nobody to send it to"),
      leaveOut: () => assert(false, "there is nobody to leave out"),
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

  /** What can come next, each as what brings it. */
  possible(): (() => void)[] {
    return this.living.flatMap((node) =>
      node.from.flatMap((pipe, from) => pipe.hasNext ? [() => this.deliver(from, node)] : [])
    );
  }

  deliver(from: ReplicaId, to: Node): void {
    const message = to.from[from].take();
    if (message !== endOfPipe) return to.flush.received(from, message);
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

Deno.test("Flush gives all survivors one decision, whatever order messages come in and whoever dies (I2)", () => {
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
      // Whoever raised the first alarm may be dead, and then nobody has a reason but its death.
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
