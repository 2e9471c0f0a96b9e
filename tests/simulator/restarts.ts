/**
 * All replicas are gone, and somebody starts the cluster again: with the disks as they are, with fewer of them, or from
 * a backup.
 *
 * @module
 */

import type { Backup } from "../../src/simulator/backup.ts";
import { slotOf } from "../../src/uid.ts";
import { Violation } from "./history.ts";
import type { Stage } from "./stage.ts";

/** The ends and beginnings of the clusters of a schedule. */
export class Restarts {
  readonly #stage: Stage;
  readonly #replicas: number;
  // Somebody loses the disks of replicas that have died, and may use --force-from then.
  readonly #wipes: boolean;
  // Clients of a cluster that is gone are lost: others come.
  readonly #welcome: () => void;
  /** Why the cluster was not started again, if it was not. */
  refused: string | undefined;
  #hasFlipped = false;
  #hasWiped = false;
  #backup: Backup | undefined;
  #restoresLeft = 2;

  constructor(stage: Stage, replicas: number, wipes: boolean, welcome: () => void) {
    this.#stage = stage;
    this.#replicas = replicas;
    this.#wipes = wipes;
    this.#welcome = welcome;
  }

  /** All die at once, or nearly so: each may still do something of what it was about to do. */
  crashAll(): void {
    const { living } = this.#stage.world;
    for (const replica of this.#stage.random.shuffled(living)) {
      if (!replica.stopped && this.#stage.random.chance(0.5)) {
        this.#stage.world.turnOfReplica(replica, this.#stage.random.below(6));
      } else this.#stage.world.crashReplica(replica, this.#stage.keep);
    }
  }

  /** All are stopped in good order, at rest or not yet; where the stop was clean, one of the files is enough. */
  stopAll(): void {
    const world = this.#stage.world;
    const members = world.livingMembers;
    if (members.length === 0) return;
    const kept = slotOf(this.#stage.random.pick(members).id);
    const olderOnes = world.disks.map((disk) => disk.copy());
    if (!world.stopAll(this.#stage.random.pick([0, 1, 3, 20]))) return;
    for (const [slot, disk] of world.disks.entries()) {
      if (slot === kept) continue;
      // No history learns what is given up when somebody starts from an older copy.
      const fate = this.#stage.random.pick(["kept", "lost", this.#wipes ? "lost" : "older"]);
      if (fate === "lost") disk.wipe();
      if (fate === "older") olderOnes[slot]();
      if (fate === "older") world.tampered.add(`r${slot}`);
    }
  }

  /** Once no member lives, the launcher is started again; newcomers that still live die with the old one. */
  coldStart(): void {
    const world = this.#stage.world;
    if (world.livingMembers.length > 0) return;
    for (const replica of world.living) world.crashReplica(replica, this.#stage.keep);
    const isWiped = this.#wipes && this.#stage.random.chance(0.4);
    if (isWiped) { for (const disk of world.disks) if (this.#stage.random.chance(0.4)) disk.wipe(); }
    this.refused = world.coldStart();
    if (this.refused !== undefined && (isWiped || this.#hasWiped)) this.#force();
    const isExcused = this.#hasFlipped || this.#hasWiped || world.isHurt;
    if (this.refused !== undefined && !isExcused) {
      throw new Violation(`(b) no cold start: ${this.refused}`);
    }
    if (this.refused === undefined) this.#stage.turn();
  }

  /** `--force-from`, with any replica from which that can be done. */
  #force(): void {
    this.#hasWiped = true;
    const world = this.#stage.world;
    for (const slot of this.#stage.random.shuffled(world.disks.map((_, slot) => slot))) {
      this.refused = world.coldStart(slot);
      if (this.refused === undefined) return this.#welcome();
    }
  }

  backUp(): void {
    if (this.#stage.world.isPlain) this.#backup = this.#stage.world.backup() ?? this.#backup;
  }

  /** The whole cluster is given up, and another one begins with its backup: `--restore`. */
  restore(): void {
    const world = this.#stage.world;
    if (this.#backup === undefined || this.#hasFlipped || this.#restoresLeft-- <= 0) return;
    for (const replica of world.living) world.crashReplica(replica, this.#stage.keep);
    this.#stage.trace?.(`(restore the backup at ${this.#backup.executed})`);
    world.startCluster(this.#replicas, this.#backup);
    this.#backup = undefined;
    this.#hasWiped = false;
    this.#welcome();
    this.#stage.turn();
  }

  flip(): void {
    this.#hasFlipped = true;
    this.#stage.random.pick(this.#stage.world.disks).flip(this.#stage.random.below(1 << 20));
  }
}
