/**
 * Members that compare their files of sealed history with what was sealed, and get what is damaged from each other.
 *
 * @module
 */

import { sealAgainMs } from "../../src/limits.ts";
import type { Sealer } from "../../src/net/replica/sealer.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import type { HistoryStore } from "../../src/storage/history_store.ts";
import type { SimFiles } from "./files.ts";
import type { SimReplica } from "./lying_world.ts";

/** The history of a replica, and what works on it. */
export interface Mended {
  readonly machine: StateMachine;
  readonly files: SimFiles;
  readonly store: HistoryStore;
  readonly sealer: Sealer;
}

/** Where they are. */
interface MendingWorld {
  turnOfAll(): void;
  deliverable(isWanted: (from: string, to: string) => boolean): (() => void)[];
}

/** Rounds after which nobody has what is still damaged. */
const roundsMax = 400;

/** Rounds in which nothing has happened. */
const idleRoundsMax = 8;

/** Compares a part of a file with what was sealed. */
export function scrubOne({ store }: Mended, random: Random): void {
  const { named } = store;
  if (named.length === 0) return;
  const place = random.pick(named);
  const { blocks } = store.check(place, "file");
  if (blocks > 0) store.check(place, random.below(blocks));
}

/** Compares all files of all, and heals what can be healed. */
export function mend(world: MendingWorld, all: readonly (readonly [SimReplica, Mended])[]): void {
  for (const [, { store }] of all) {
    for (const place of store.named) {
      const { blocks } = store.check(place, "file");
      for (let block = 0; block < blocks; block++) store.check(place, block);
    }
  }
  const isBetween = (from: string, to: string) => from.startsWith("r") && to.startsWith("r");
  for (let [round, idle] = [0, 0]; round < roundsMax && idle < idleRoundsMax; round++, idle++) {
    const damaged = all.filter(([{ alive, stopped }, { store }]) => alive && !stopped && store.isDamaged);
    if (damaged.length === 0) return;
    for (const [, { sealer, store }] of damaged) {
      sealer.pass(sealAgainMs);
      for (let left = 100; left > 0 && sealer.isReady && store.isDamaged; left--) sealer.step();
    }
    world.turnOfAll();
    for (const deliver of world.deliverable(isBetween)) {
      deliver();
      idle = 0;
    }
  }
}
