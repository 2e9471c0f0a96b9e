/**
 * The papers that the protocol stands on, one test for each claim that it relies on: prepare, act, check.
 *
 * - Lamport, *Time, Clocks, and the Ordering of Events in a Distributed System* (1978).
 * - Schneider, *Implementing Fault-Tolerant Services Using the State Machine Approach: A Tutorial* (1990).
 * - Schneider, Gries and Schlichting, *Fault-Tolerant Broadcasts* (1984).
 * - Birman and Joseph, *Exploiting Virtual Synchrony in Distributed Systems* (1987).
 *
 * Where the protocol deviates from a paper the test says so.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareUid } from "../../src/uid.ts";
import { Scenario } from "../scenarios/runner.ts";
import { DigestMachine } from "../simulator/digest_machine.ts";
import { batchOf } from "./wire/messages_of.ts";

/** A world in which these lines of a scenario have happened. */
function scenarioOf(...lines: string[]): Scenario {
  const scenario = new Scenario();
  perform(scenario, ...lines);
  return scenario;
}

function perform(scenario: Scenario, ...lines: string[]): void {
  for (const line of lines) scenario.perform(line);
}

/** That many replicas, and clients c1, c2, ... with links to all of them. */
function cluster(replicas: number, clients: number): Scenario {
  const names = Array.from({ length: clients }, (_, at) => `c${at + 1}`);
  const lines = names.flatMap((name) => [`client ${name}`, `connect ${name} all`]);
  return scenarioOf(`replicas ${replicas}`, ...lines, "settle");
}

/** The requests that a replica has executed, as the trace tells them. */
function executedBy(scenario: Scenario, replica: string): string[] {
  const prefix = `${replica} executes `;
  return scenario.trace.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
}

/** What happens in a random run: a client submits, or a frame is delivered, and whoever was touched acts. */
const happenings = fc.array(fc.oneof(fc.nat(1_000), fc.constantFrom("submit c1", "submit c2", "submit c3")), {
  minLength: 60,
  maxLength: 200,
  size: "max",
});

function happen(scenario: Scenario, steps: readonly (number | string)[]): void {
  const { world } = scenario;
  for (const step of steps) {
    if (typeof step === "string") {
      scenario.perform(step);
    } else {
      const deliverable = world.deliverable();
      if (deliverable.length > 0) deliverable[step % deliverable.length]();
      world.turnOfAll();
    }
  }
}

Deno.test("Lamport, Logical Clocks (IR1, IR2): what happened before has the smaller timestamp", () => {
  // c2's command is submitted when c1's output has been seen, so it happens after; c2's own clock knows nothing of it.
  const scenario = cluster(3, 2);
  perform(scenario, "submit c1 3", "settle", "submit c1", "settle", "submit c2", "settle");
  const order = scenario.world.history.order;
  assertEquals(order.map(({ client }) => client[7]), ["1", "1", "2"]);
  for (let at = 1; at < order.length; at++) assert(order[at - 1].ts < order[at].ts);
});

Deno.test("Lamport, Ordering the Events Totally: all replicas use one order, by timestamp and then by process", () => {
  fc.assert(
    fc.property(happenings, (steps) => {
      const scenario = cluster(3, 3);
      happen(scenario, steps);
      scenario.perform("settle");
      const { order } = scenario.world.history;
      assertEquals([...order].sort(compareUid), [...order]);
    }),
    { numRuns: 30 },
  );
});

Deno.test("Schneider, State Machine, section 2: outputs are determined by the sequence of requests alone", () => {
  const batches = fc.array(fc.array(fc.nat(100), { minLength: 1, maxLength: 4 }));
  fc.assert(fc.property(batches, (sequence) => {
    const outputs = [new DigestMachine(), new DigestMachine()].map((machine) =>
      sequence.map((numbers) => machine.apply(batchOf(...numbers.map((number) => new Uint8Array([number])))))
    );
    assertEquals(outputs[0], outputs[1]);
  }));
});

Deno.test("Schneider, State Machine, section 3 (Agreement): each replica that does not fail gets every request", () => {
  fc.assert(
    fc.property(happenings, (steps) => {
      const scenario = cluster(3, 3);
      happen(scenario, steps);
      scenario.perform("settle");
      for (const { name, waiting } of scenario.world.clients) assertEquals([name, waiting], [name, 0]);
      // Only the answerer is told at once that all have a request.
      perform(scenario, "tick 5", "settle");
      assertEquals(executedBy(scenario, "r1"), executedBy(scenario, "r0"));
      assertEquals(executedBy(scenario, "r2"), executedBy(scenario, "r0"));
    }),
    { numRuns: 30 },
  );
});

Deno.test("Schneider, State Machine, section 3 (Order): one replica's requests are a prefix of another's", () => {
  fc.assert(
    fc.property(happenings, (steps) => {
      const scenario = cluster(3, 3);
      for (const step of steps) {
        happen(scenario, [step]);
        const [short, middle, long] = ["r0", "r1", "r2"].map((name) => executedBy(scenario, name))
          .sort((a, b) => a.length - b.length);
        assertEquals(long.slice(0, middle.length), middle);
        assertEquals(long.slice(0, short.length), short);
      }
    }),
    { numRuns: 15 },
  );
});

Deno.test("Schneider, State Machine, section 3.2.1: a request waits until all clients were heard later", () => {
  // Deviation: the paper waits for every client, here for the active ones; one that is suspended asks for a floor
  // first.
  const scenario = cluster(3, 3);
  perform(scenario, "submit c1", "submit c2", "settle", "submit c3", "settle", "tick 5 c3", "settle");
  perform(scenario, "hold r0>c2 r1>c2 r2>c2", "submit c1", "settle");
  // c2 is active and has said nothing later; c3 is suspended, and nobody waits for it.
  for (const name of ["r0", "r1", "r2"]) assert(!executedBy(scenario, name).some((each) => each.startsWith("c1 #2")));
  perform(scenario, "release r0>c2 r1>c2 r2>c2", "settle", "expect waiting c1 0", "tick 5", "settle");
  for (const name of ["r0", "r1", "r2"]) assert(executedBy(scenario, name).some((each) => each.startsWith("c1 #2")));
});

Deno.test("Schneider, State Machine, section 3.2.1: nobody waits for a client that has certainly failed", () => {
  // The paper's failure detection assumption; here a client's end makes the view end, and it is in no later view.
  const scenario = cluster(3, 2);
  perform(scenario, "submit c1", "submit c2", "settle", "crash c2", "submit c1", "settle", "expect waiting c1 0");
  perform(scenario, "expect view 2", "expect log c1#1 c2#1 c1#2", "expect agree");
});

Deno.test("Schneider, State Machine, section 3: t - 1 of t replicas may crash, and all that was seen is there", () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 3], [3, 0, 2]]) {
    const scenario = cluster(4, 2);
    for (const dead of order) {
      perform(scenario, "submit c1", "submit c2", "settle", "expect waiting c1 0", "expect waiting c2 0");
      perform(scenario, `crash r${dead}`, `word r${dead}`, "settle");
    }
    perform(scenario, "submit c1", "settle", "expect waiting c1 0", "expect agree");
    assertEquals(scenario.world.history.length, 7);
  }
});

Deno.test("Schneider, Gries, Schlichting: a transmitter may fail at any point; all execute it or none", () => {
  // The bush: the transmitter sends to every leaf itself. What it had reached of the leaves, in any number and order.
  for (let replicas = 2; replicas <= 4; replicas++) {
    for (let reached = 0; reached <= replicas; reached++) {
      const scenario = cluster(replicas, 2);
      perform(scenario, "submit c1", "submit c2", "settle");
      perform(scenario, `crash c1 after ${reached}`, "submit c1", "submit c2", "settle", "expect waiting c2 0");
      const isExecuted = reached === replicas ? ["c1#2"] : [];
      perform(scenario, `expect log ${["c1#1", "c2#1", ...isExecuted, "c2#2"].join(" ")}`);
      perform(scenario, "tick 5", "settle", "expect agree");
    }
  }
});

Deno.test("Schneider, Gries, Schlichting (Broadcast Sequencing Restriction): nobody executes what one may lack", () => {
  // Deviation: the transmitter begins its next broadcasts before the last one is complete. The test of agreement (R5)
  // is the restriction, pipelined: a request is executed only when every member has it. So as soon as anybody has
  // executed it, any one of them may be the only survivor, and has it.
  for (const survivor of ["r0", "r1", "r2"]) {
    const scenario = cluster(3, 1);
    perform(scenario, "submit c1", "settle", "submit c1");
    const { world } = scenario;
    // Up to the moment in which the first replica has executed the second request.
    for (let count = 0; world.history.length < 2; count++) {
      const deliverable = world.deliverable();
      deliverable[(7 * count) % deliverable.length]();
      world.turnOfAll();
    }
    const others = ["r0", "r1", "r2"].filter((name) => name !== survivor);
    perform(scenario, ...others.flatMap((name) => [`crash ${name}`, `word ${name}`]), "settle");
    assertEquals(executedBy(scenario, survivor).length, 2);
    perform(scenario, "expect waiting c1 0", "expect agree");
  }
});

Deno.test("Birman, Joseph (view synchrony): all survivors of a view have executed the same at its end", () => {
  const crash = fc.record({ dead: fc.nat(2), keep: fc.nat(3) });
  fc.assert(
    fc.property(happenings, crash, happenings, (before, { dead, keep }, after) => {
      const scenario = cluster(3, 3);
      happen(scenario, before);
      perform(scenario, `crash r${dead} keep ${keep}`, `word r${dead}`);
      happen(scenario, after);
      perform(scenario, "settle", "tick 5", "settle", "expect view 2", "expect agree");
      const inViewOne = ["r0", "r1", "r2"].filter((name) => name !== `r${dead}`).map((name) => {
        const installs = scenario.trace.findIndex((line) => line.startsWith(`${name} installs view 2`));
        return scenario.trace.slice(0, installs).filter((line) => line.startsWith(`${name} executes`)).length;
      });
      assertEquals(inViewOne[0], inViewOne[1]);
      // And none of them executes a request of view 1 later.
      for (const each of executedBy(scenario, dead === 0 ? "r1" : "r0").slice(inViewOne[0])) {
        assert(each.includes("(2."), `${each} was executed in view 2`);
      }
    }),
    { numRuns: 40 },
  );
});
