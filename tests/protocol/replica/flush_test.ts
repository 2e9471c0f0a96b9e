/** The flush alone, with a mesh of its own: one decision a view, in any order of messages and with any failures. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { FlushReport } from "../../../src/protocol/replica/replica_host.ts";
import type { MeshMessage } from "../../../src/protocol/wire/messages.ts";
import type { Decision, HeldSession } from "../../../src/protocol/wire/records.ts";
import type { ReplicaId } from "../../../src/uid.ts";
import { Mesh, v } from "./flush_mesh.ts";

const client = (digit: number) => digit.toString(16).repeat(32);

/** What all members have of the requests of client n is n requests; some have executed some of them, or have more. */
const sessions = fc.tuple(...[0, 1, 2, 3].map((common) => {
  const more = fc.array(fc.nat(1), { maxLength: 3 });
  return fc.record({ isNamed: fc.nat(5), executed: fc.nat(common), more }).map(({ isNamed, executed, more }) => {
    const sums = [...Array.from({ length: common }, (_, at) => 10 + at).slice(executed), ...more];
    return isNamed > 0 ? [{ client: client(common), executed, sums }] : [];
  });
})).map((sessions) => sessions.flat());
const report: fc.Arbitrary<FlushReport> = fc.record({
  sessions,
  vanished: fc.uniqueArray(fc.integer({ min: 8, max: 11 }).map(client)),
});

const nothing: FlushReport = { sessions: [], vanished: [] };

const alarm = (v: number): MeshMessage => ({ kind: "ALARM", v, blame: undefined });

/** What a member has at a seq: it has executed it, or has a request with this sum, or nothing. */
function at(seq: number, { executed, sums }: HeldSession): "executed" | number | undefined {
  return seq <= executed ? "executed" : sums[seq - executed - 1];
}

/** V3 in the simplest words: all up to what anybody has executed, and then what everybody has alike. */
function cutOf(reports: readonly FlushReport[]): [client: string, seq: number][] {
  return [0, 1, 2, 3].map(client).flatMap((client): [string, number][] => {
    const held = reports.map(({ sessions }) => sessions.find((each) => each.client === client));
    if (held.every((each) => each === undefined)) return [];
    let seq = Math.max(...held.map((each) => each?.executed ?? 0));
    const isAlike = (seq: number) => {
      const [first, ...others] = held.map((each) => each && at(seq, each));
      return first !== undefined && others.every((other) => other === first);
    };
    while (isAlike(seq + 1)) seq++;
    return [[client, seq]];
  });
}

/** The cut that members with these reports of one session decide; undefined: it does not name the session. */
function decidedOf(...reports: (Omit<HeldSession, "client"> | undefined)[]): number | undefined {
  const mesh = new Mesh(reports.map((held) => ({
    sessions: held === undefined ? [] : [{ client: client(1), ...held }],
    vanished: [],
  })));
  mesh.nodes[0].flush.alarm();
  mesh.settle();
  return mesh.nodes[0].installed?.cut.find((each) => each.client === client(1))?.seq;
}

Deno.test("Flush puts into the cut what any member has executed, though others have it pending", () => {
  assertEquals(decidedOf({ executed: 3, sums: [] }, { executed: 0, sums: [1, 2, 3] }), 3);
  assertEquals(decidedOf({ executed: 3, sums: [7] }, { executed: 1, sums: [2, 3, 7] }, { executed: 2, sums: [3] }), 3);
  assertEquals(decidedOf({ executed: 3, sums: [7] }, { executed: 1, sums: [2, 3, 7] }), 4);
  assertEquals(decidedOf(undefined, { executed: 2, sums: [7] }), 2);
});

Deno.test("Flush ends the cut of a session before requests that differ, or that a member does not have", () => {
  assertEquals(decidedOf({ executed: 0, sums: [1, 2, 3] }, { executed: 0, sums: [1, 9, 3] }), 1);
  assertEquals(decidedOf({ executed: 0, sums: [1, 2, 3] }, { executed: 0, sums: [1, 2] }), 2);
  assertEquals(decidedOf({ executed: 1, sums: [5] }, { executed: 1, sums: [6] }, { executed: 1, sums: [5] }), 1);
  assertEquals(decidedOf(undefined, { executed: 0, sums: [7] }), 0);
  assertEquals(decidedOf(undefined, undefined), undefined);
});

Deno.test("Flush forgets the sessions that the coordinator names as overdrawn, and those that vanished", () => {
  const mesh = new Mesh([{ sessions: [], vanished: [client(8)] }, { sessions: [], vanished: [client(8), client(9)] }]);
  const [coordinator, other] = mesh.nodes;
  coordinator.overdrawn = [client(1), client(8)];
  other.overdrawn = [client(2)];
  coordinator.flush.alarm();
  mesh.settle();
  for (const { installed } of mesh.nodes) assertEquals(installed?.expired, [client(8), client(1)]);
});

Deno.test("Flush decides what all have alike, clocks that begin at 0, and whom nobody has seen", () => {
  fc.assert(fc.property(fc.array(report, { minLength: 1, maxLength: 5 }), fc.nat(), (reports, who) => {
    const mesh = new Mesh(reports);
    mesh.nodes[who % reports.length].flush.alarm();
    // An alarm is everybody's business: the replica sends it to all.
    for (const { flush } of mesh.nodes) flush.received(who % reports.length, alarm(v));
    mesh.settle();
    const { installed } = mesh.nodes[0];
    assertEquals(installed!.cut.map(({ client, seq }) => [client, seq]).sort(), cutOf(reports));
    const expired = [8, 9, 10, 11].map(client).filter((each) => reports.every((one) => one.vanished.includes(each)));
    assertEquals([...installed!.expired].sort(), expired);
    assertEquals(installed!.clock, 0);
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
      for (const { flush } of mesh.living) flush.received(first % reports.length, alarm(v));
      mesh.settle();

      const decisions = mesh.nodes.flatMap(({ installed }) => installed ?? []);
      for (const decision of decisions) assertEquals(decision, decisions[0]);
      for (const node of mesh.living) assert(node.installed !== undefined, `r${node.id} waits for ever`);
      for (const { id } of mesh.living) {
        assert(decisions[0].members.some((member) => member.id === id), `r${id} was left out`);
        for (const { client, seq } of decisions[0].cut) {
          const held = reports[id].sessions.find((each) => each.client === client);
          const has = held === undefined ? parseInt(client[0]) : held.executed + held.sums.length;
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
  flush.received(1, alarm(v + 1));
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

Deno.test("Flush refuses a decision of any view but the next one, however it comes", () => {
  const mesh = new Mesh([nothing, nothing]);
  const [coordinator, other] = mesh.nodes;
  const decision: Decision = {
    v: v + 3,
    members: [0, 1].map((id: ReplicaId) => ({ id, address: `r${id}` })),
    clock: 0,
    cut: [],
    expired: [],
  };
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
