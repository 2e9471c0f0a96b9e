/**
 * What liars make their frames of.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { World } from "./world.ts";

/** One of them; undefined: there is none. */
export function oneOf<T>(random: Random, items: readonly T[]): T | undefined {
  return items.length === 0 ? undefined : random.pick(items);
}

/** Some of them, one at least where there are any; if there are several, not all. */
export function someOf<T>(random: Random, items: readonly T[]): T[] {
  return random.shuffled(items).slice(0, random.between(1, Math.max(1, items.length - 1)));
}

/** A batch of a few commands that nobody has submitted yet. */
export function commandsOf(world: World, random: Random): Uint8Array {
  return batchOf(Array.from({ length: random.pick([1, 1, 1, 2, 4]) }, () => world.newCommand().bytes));
}

/** A timestamp, and what is promised with it. */
export function aheadOf(ts: number, promised = 16): { ts: number; upto: number } {
  return { ts, upto: ts + promised };
}

/** A batch of these commands. */
export function batchOf(commands: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const command of commands) writer.blob(command);
  return writer.copy();
}
