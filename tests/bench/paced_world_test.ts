import { assert, assertEquals } from "@std/assert";
import { sumOf } from "../../bench/groups/cost.ts";
import { modelReplicas, modelRows } from "../../bench/model.ts";
import { costOfRounds, type PacedCost, type PacedOptions } from "../../bench/paced_world.ts";
import { commandOf } from "../../bench/workload.ts";
import { outputBytesMax } from "../../src/database/wire/commands.ts";

/** Half of the clients may be in the middle of a command when the count begins or ends. */
const edge = 0.05;

function costOf(options: Partial<PacedOptions>, rounds = 100): PacedCost {
  const all: PacedOptions = {
    replicas: 3,
    sessions: 1,
    outstanding: 1,
    thinkHops: 0,
    isInStep: false,
    command: commandOf("writes"),
    outputBytesMax: outputBytesMax("set"),
    ...options,
  };
  return costOfRounds(all, rounds);
}

function assertNear(actual: number, expected: number, distance: number): void {
  assert(Math.abs(actual - expected) <= distance, `${actual}, and not ${expected}`);
}

Deno.test("costOfRounds() gives the same figures each time", () => {
  assertEquals(costOf({ sessions: 4 }), costOf({ sessions: 4 }));
});

for (const replicas of [1, 2, 3, 5]) {
  Deno.test(`costOfRounds() counts a request to each of ${replicas} replicas, and one output`, () => {
    const { atClients, hops } = costOf({ replicas });
    assertNear(atClients.REQUEST, replicas, replicas * edge);
    assertNear(atClients.OUTPUT, 1, edge);
    // There and back, at least.
    assert(hops >= 1.5, `${hops} hops`);
  });
}

Deno.test("costOfRounds() counts whole hops where clients are in step", () => {
  for (const sessions of [1, 4]) {
    const { hops } = costOf({ sessions, isInStep: true });
    assertNear(hops, Math.round(hops), 1e-6);
    // With messages that differ, the last of several decides.
    assert(hops < costOf({ sessions }).hops);
  }
});

Deno.test("costOfRounds() sends all commands that a client has under way in one request", () => {
  const one = sumOf(costOf({}).atClients);
  assertNear(sumOf(costOf({ outstanding: 64 }).atClients), one / 64, one / 64 * edge);
});

Deno.test("costOfRounds() lets time pass while nothing is on its way, so that an idle session suspends", () => {
  const { atClients, hops } = costOf({ thinkHops: 500 }, 40);
  assertNear(atClients.RESUME, 3, 3 * edge);
  // RESUME and READY come before it.
  assert(hops > costOf({}, 40).hops + 1.5);
});

for (const { clients, thinkHops, before } of modelRows) {
  // A crowd would take seconds. The bench itself measures it.
  if (clients > 16) continue;
  const name = `${clients} ${clients === 1 ? "client" : "clients"}${
    thinkHops === 0 ? "" : ` that think ${thinkHops} hops`
  }`;
  Deno.test(`a command of ${name} costs no more than the model predicts for the protocol before`, () => {
    const { atClients, betweenReplicas, hops } = costOf({ replicas: modelReplicas, sessions: clients, thinkHops });
    const messages = sumOf(atClients) + sumOf(betweenReplicas);
    assert(messages <= before.messages[1] * (1 + edge), `${messages} messages`);
    assert(hops <= before.hops[1] * (1 + edge), `${hops} hops`);
  });
}
