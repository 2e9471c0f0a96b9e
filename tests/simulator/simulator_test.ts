/**
 * Random schedules, as many as are quick: `deno task sim --seeds 100000` runs more of the same.
 *
 * And the simulator itself: a seed is a seed, and what is broken is caught.
 */

import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import type { ReplicaId } from "../../src/uid.ts";
import { DigestMachine } from "./digest_machine.ts";
import { Violation } from "./history.ts";
import { lieKinds } from "./lie_kinds.ts";
import type { Connection, SimReplica } from "./world.ts";
import { type ProfileName, profiles } from "./profiles.ts";
import { runSchedule } from "./schedule.ts";
import { World, type WorldOptions } from "./world.ts";

const schedules: Readonly<Record<ProfileName, number>> = {
  troubled: 200,
  busy: 20,
  slow: 100,
  disks: 100,
  sessions: 100,
  lone: 100,
  liars: 100,
  full: 100,
  // `sealing_test.ts` runs those.
  sealing: 0,
};
const schedulesPerTest = 20;

/** Schedules that once failed, and what happens in them. */
const onceFailed: readonly { profile: ProfileName; seed: number; what: string }[] = [
  { profile: "sessions", seed: 5148783, what: "nobody has heard that a link has ended when nothing fails any more" },
  { profile: "sessions", seed: 6553921, what: "nobody has told that a head is stuck when nothing fails any more" },
];

function holds(profile: ProfileName, seed: number): void {
  try {
    runSchedule(seed, { profile });
  } catch (error) {
    const repeat = `deno task sim --profile ${profile} --seed ${seed} --trace`;
    throw new Error(`Seed ${seed}; repeat it: ${repeat}`, { cause: error });
  }
}

for (const profile of Object.keys(profiles) as ProfileName[]) {
  for (let from = 1; from <= schedules[profile]; from += schedulesPerTest) {
    const to = from + schedulesPerTest - 1;
    Deno.test(`the claims hold in the ${profile} schedules of seeds ${from} to ${to}`, () => {
      for (let seed = from; seed <= to; seed++) holds(profile, seed);
    });
  }
}

for (const { profile, seed, what } of onceFailed) {
  Deno.test(`the claims hold where ${what}`, () => holds(profile, seed));
}

Deno.test("runSchedule() lets replicas fall behind, and clients wait for one that they never reach, if busy", () => {
  const results = Array.from({ length: 30 }, (_, at) => runSchedule(at + 1, { profile: "busy" }));
  const many = results.filter(({ clients }) => clients > 4).length;
  const requests = results.reduce((sum, result) => sum + result.requests, 0);
  assertEquals([many > 10, requests > 30 * 30], [true, true]);
});

Deno.test("runSchedule() has clients that lie in all ways, and answers the others, if liars", () => {
  const results = Array.from({ length: 30 }, (_, at) => runSchedule(at + 1, { profile: "liars" }));
  const told = lieKinds.filter((kind) => results.some(({ lies }) => lies.get(kind)! > 0));
  const answered = results.filter((result) => result.answered > 0).length;
  // The rare lies take more schedules: see `reach_test.ts`.
  assertEquals([told.length > 0.8 * lieKinds.length, answered > 25], [true, true]);
  const honest = Array.from({ length: 30 }, (_, at) => runSchedule(at + 1, { profile: "slow" }));
  assertEquals(honest.some(({ lies }) => [...lies.values()].every((count) => count === 0)), true);
});

Deno.test("runSchedule() does the same for the same seed, step by step", () => {
  for (const seed of [1, 42, 977]) {
    const traces = [1, 2].map(() => {
      const trace: string[] = [];
      return { result: runSchedule(seed, { trace: (line) => trace.push(line) }), trace };
    });
    assertEquals(traces[0], traces[1]);
  }
});

Deno.test("runSchedule() does the same whether or not it is watched, and something else for another seed", () => {
  assertEquals(runSchedule(7), runSchedule(7, { trace: () => {} }));
  assertNotEquals(runSchedule(7), runSchedule(8));
});

Deno.test("runSchedule() finds view changes, several members, and answers to look at", () => {
  const results = Array.from({ length: 100 }, (_, at) => runSchedule(at + 1));
  assertEquals(new Set(results.map(({ replicas }) => replicas)), new Set([1, 2, 3, 4, 5]));
  assertEquals(new Set(results.map(({ clients }) => clients)), new Set([1, 2, 3, 4]));
  const changed = results.filter(({ views }) => views > 1).length;
  const answered = results.filter((result) => result.answered > 0).length;
  const joined = results.filter(({ newcomers }) => newcomers > 0).length;
  assertEquals([changed > 40, answered > 80, joined > 20], [true, true, true]);
});

// ---- Canaries: worlds that are broken on purpose ----

/** Links from clients that are not FIFO: a frame overtakes the one before it, where there are two. */
class OvertakingWorld extends World {
  override deliverToReplica(connection: Connection): void {
    const { toReplica } = connection;
    if (toReplica.length === 2 && toReplica.peek()?.kind !== "HELLO") {
      const overtaken = toReplica.take();
      if (overtaken !== undefined) toReplica.push(overtaken);
    }
    super.deliverToReplica(connection);
  }
}

/** Links between replicas lose what decides. */
class LossyWorld extends World {
  override deliverMesh(from: ReplicaId, to: SimReplica): void {
    const pipe = to.from.get(from)!;
    if (pipe.peek()?.kind === "INSTALL") pipe.take();
    else super.deliverMesh(from, to);
  }
}

/** Every seventh output is that of another request. */
class MixingWorld extends World {
  #outputs = 0;

  override deliverToClient(connection: Connection): void {
    const message = connection.toClient.peek();
    if (message?.kind === "OUTPUT" && ++this.#outputs % 7 === 0) {
      connection.toClient.take();
      const link = connection.atClient;
      connection.client.core.step({ kind: "received", link, message: { ...message, index: message.index + 1 } });
    } else super.deliverToClient(connection);
  }
}

/** The launcher calls a replica dead that is only stopped, and its link breaks; then it wakes (history 7). */
class MistakenWorld extends World {
  override crashReplica(replica: SimReplica, keep: (length: number, to: string) => number): void {
    super.crashReplica(replica, keep);
    // It continues with the clients that it has; each of its peers has been told that it is dead.
    replica.alive = true;
    for (const other of this.replicas) {
      if (other === replica) continue;
      replica.said.add(other.id);
      other.said.add(replica.id);
      replica.core.step({ kind: "peerFailed", id: other.id });
    }
  }
}

/** Reads are answered at once, by the replica that {@link answering} names. */
abstract class ReadingWorld extends World {
  override deliverToReplica(connection: Connection): void {
    const { toReplica, toClient } = connection;
    const message = toReplica.peek();
    const executor = message?.kind === "READ" ? this.answering(connection)?.core.database : undefined;
    const outputs = message?.kind === "READ" ? executor?.machine.read(message.commands) : undefined;
    if (message?.kind !== "READ" || executor === undefined || outputs === undefined) {
      return super.deliverToReplica(connection);
    }
    toReplica.take();
    toClient.push({ kind: "VALUE", rid: message.rid, index: executor.executed, outputs });
  }

  /** The replica that answers a read on this link, against the rules; undefined: none does. */
  protected abstract answering(connection: Connection): SimReplica | undefined;
}

/** A read is answered by the replica that has executed least. */
class LaggingWorld extends ReadingWorld {
  protected override answering(): SimReplica | undefined {
    const executed = ({ core }: SimReplica) => core.status().executed;
    return this.livingMembers.sort((a, b) => executed(a) - executed(b))[0];
  }
}

/** A replica answers while it is frozen, and the others may have begun the next view. */
class FrozenWorld extends ReadingWorld {
  protected override answering({ replica }: Connection): SimReplica | undefined {
    return replica.core.status().frozen ? replica : undefined;
  }
}

/** A machine that gives what it held one request ago. */
class LateMachine extends DigestMachine {
  #before = this.snapshot();

  override apply(commands: Uint8Array): Uint8Array {
    this.#before = this.snapshot();
    return super.apply(commands);
  }

  override read(commands: Uint8Array): Uint8Array | undefined {
    const now = this.snapshot();
    this.restore(this.#before);
    const outputs = super.read(commands);
    this.restore(now);
    return outputs;
  }
}

class LateWorld extends World {
  constructor(options: WorldOptions) {
    super({ ...options, machine: () => new LateMachine() });
  }
}

const canaries: readonly [string, new (options: WorldOptions) => World][] = [
  ["links that are not FIFO", OvertakingWorld],
  ["links that lose INSTALL", LossyWorld],
  ["outputs of other requests", MixingWorld],
  ["replicas that are said to be dead and live", MistakenWorld],
  ["reads at a replica that lags", LaggingWorld],
  ["reads at replicas that are frozen", FrozenWorld],
  ["machines that read what they held before", LateWorld],
];

for (const [name, Canary] of canaries) {
  Deno.test(`the simulator catches a world with ${name}`, () => {
    assertThrows(() => {
      for (let seed = 1; seed <= 200; seed++) runSchedule(seed, { world: (options) => new Canary(options) });
    }, Violation);
  });
}

Deno.test("the simulator calls what is wrong in such a world by its name", () => {
  const world = (options: WorldOptions) => new MixingWorld(options);
  const error = assertThrows(() => {
    for (let seed = 1; seed <= 200; seed++) runSchedule(seed, { world });
  }, Violation);
  // No request begins there, or another one.
  assertMatch(error.message, /^\(b\) a client saw an output|^\(c\) the output at index/);
});
