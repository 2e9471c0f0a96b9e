/** Processes at rest take no turns in the simulator: a turn of theirs would find nothing to do. */

import { assertEquals, assertThrows } from "@std/assert";
import { replicaTickMs } from "../../src/limits.ts";
import { CheckedReplica } from "../../src/simulator/checked.ts";
import { DigestMachine } from "./digest_machine.ts";
import { profiles } from "./profiles.ts";
import { runSchedule } from "./schedule.ts";
import { type SimClient, type SimReplica, World, type WorldOptions } from "./world.ts";

/** A world in which processes at rest take their turns all the same. */
class RestlessWorld extends World {
  turns = 0;

  override turnOfReplica(replica: SimReplica, effects = Infinity, stall = false): void {
    if (replica.alive && !replica.stopped && replica.core.isAtRest) {
      const { wantsLull } = replica;
      const ready = replica.core.ready();
      assertEquals(ready, { writes: [], restored: undefined, executed: [], effects: [], wantsLull });
      this.turns++;
    }
    super.turnOfReplica(replica, effects, stall);
  }

  override turnOfClient(client: SimClient, effects = Infinity): void {
    if (client.alive && !client.stopped && client.core.isAtRest) {
      assertEquals(client.core.ready(), []);
      this.turns++;
    }
    super.turnOfClient(client, effects);
  }
}

Deno.test("processes at rest have nothing to do, in schedules of each kind", () => {
  for (const profile of Object.keys(profiles) as (keyof typeof profiles)[]) {
    let turns = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const worlds: RestlessWorld[] = [];
      const world = (options: WorldOptions) => {
        worlds.push(new RestlessWorld(options));
        return worlds[0];
      };
      // It changes nothing that they take these turns.
      assertEquals(runSchedule(seed, { profile, world }), runSchedule(seed, { profile }));
      turns += worlds[0].turns;
    }
    assertEquals(turns > 1_000, true, `${turns}`);
  }
});

Deno.test("CheckedReplica.tick() does the same as single ticks, and checks invariants after the last one", () => {
  class Counting extends CheckedReplica {
    checks = 0;

    override invariants(): void {
      this.checks++;
      if (this.isBroken) throw new Error("broken");
      super.invariants();
    }

    isBroken = false;
  }
  const members = [0, 1].map((id) => ({ id, address: `r${id}` }));
  const [one, many] = [0, 1].map(() =>
    new Counting({ id: 0, cluster: "c".repeat(32), key: "0".repeat(64), members, machine: new DigestMachine() })
  );
  for (let count = 0; count < 1_000; count++) one.step({ kind: "tick", elapsedMs: replicaTickMs });
  many.tick(1_000);
  assertEquals([many.status(), many.inspect(), many.ready()], [one.status(), one.inspect(), one.ready()]);
  assertEquals([one.checks, many.checks > 400 && many.checks < 600], [1_001, true]);
  many.isBroken = true;
  assertThrows(() => many.tick(1), Error, "broken");
});
