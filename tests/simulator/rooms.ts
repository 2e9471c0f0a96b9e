/**
 * Disks that have too little room for changes for a while (rules D9 and R13).
 *
 * What a replica sees is that its driver says so. So the disks of all slots have a flag here, and each replica is told
 * of that of its own, when it starts and when the flag changes.
 *
 * @module
 */

import { slotOf } from "../../src/uid.ts";
import type { Calm } from "./calm.ts";
import { Violation } from "./history.ts";
import type { Stage } from "./stage.ts";
import type { SimReplica } from "./world.ts";

/** The room of all disks. */
export class Rooms {
  readonly #stage: Stage;
  readonly #calm: Calm;
  readonly #short = new Set<number>();
  readonly #told = new WeakMap<SimReplica, boolean>();

  /** All have room. */
  constructor(stage: Stage, calm: Calm) {
    this.#stage = stage;
    this.#calm = calm;
  }

  /** Tells the replicas that live how much room their disks have, if that has changed. */
  tell(): void {
    for (const replica of this.#stage.world.living) {
      const isShort = this.#short.has(slotOf(replica.id));
      if (replica.stopped || (this.#told.get(replica) ?? false) === isShort) continue;
      this.#told.set(replica, isShort);
      this.#stage.world.room(replica, isShort);
    }
  }

  /** The disk of one replica, or of all, is short of room, or has room again. */
  change(): void {
    const { random, world } = this.#stage;
    const slots = new Set(world.living.map(({ id }) => slotOf(id)));
    const some = random.chance(0.4) ? [...slots] : [random.pick([...slots, 0])];
    const isShort = random.chance(0.5);
    for (const slot of some) {
      if (isShort) this.#short.add(slot);
      else this.#short.delete(slot);
    }
    this.tell();
    this.#stage.turn();
  }

  /** All have room again. */
  clear(): void {
    this.#short.clear();
    this.tell();
  }

  /**
   * Nothing new fails for a moment, and no disk has room: whoever asks for something learns at once that it was not
   * done, and reads are answered.
   *
   * @throws {Violation} if a change is executed, or somebody waits.
   */
  lackAll(): void {
    const { world } = this.#stage;
    // The last members hang: nobody answers anything.
    if (!world.livingMembers.some(({ stopped }) => !stopped)) return;
    if (world.clients.some(({ alive, name }) => alive && name.endsWith("'"))) return;
    this.#stage.trace?.("(no disk has room)");
    this.#stage.slow.end(Infinity);
    for (const { id } of world.living) this.#short.add(slotOf(id));
    this.tell();
    this.#calm.answerAll();
    this.tell();
    // A request that had arrived is executed in the next turn of its replica.
    world.turnOfAll();
    // What one that hangs has not let the others execute is executed when it is dead. So is what a replica has from
    // before, when it hears of a death, or a liar tells its clock at last or its link is ended; and what is on its way.
    const areAllHeard = world.living.every(({ stopped, core }) => !stopped && core.status().pending === 0) &&
      !world.clients.some((client) => client.alive && world.isLying(client)) &&
      [...world.ways()].every(({ pipe }) => pipe.length === 0);
    const before = world.history.commands;
    for (const client of world.clients) {
      this.#stage.submitBy(client);
      this.#stage.readBy(client);
    }
    world.turnOfAll();
    this.#calm.answerAll();
    const more = world.history.commands - before;
    if (more > 0 && areAllHeard) throw new Violation(`R13: ${more} changes were executed while no disk had room`);
    if (this.#stage.random.chance(0.7)) this.clear();
  }
}
