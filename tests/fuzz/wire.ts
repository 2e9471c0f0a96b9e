/**
 * The fuzzer of the wire: inputs by their numbers, each of which a seed decides alone.
 *
 * @module
 */

import { Random } from "../../src/simulator/random.ts";
import { DoorInputs, wantedOfDoors } from "./doors.ts";
import { MessageInputs } from "./messages.ts";
import { runStream, wantedOfStreams } from "./streams.ts";
import { Tally } from "./tally.ts";
import { runTokenText, wantedOfTokens } from "./tokens.ts";

/** The memory of the process may grow by that many MiB after the first twentieth of the inputs. */
export const grownMiBMax = 192;

/** Inputs after which the event loop has a turn. */
const turnInputs = 10_000;

/** An input that did what it should not. */
export class FuzzError extends Error {
  override name = "FuzzError";
}

/** What a run has found. */
export interface WireFinding {
  readonly tally: Tally;
  /** Outcomes that it did not reach, and fields that it never saw refused. */
  readonly missing: readonly string[];
  /** MiB of the process at most after the first twentieth, and then. */
  readonly memoryMiB: readonly [early: number, peak: number];
}

/** The randomness of one input. */
function randomOf(seed: number, input: number): Random {
  return new Random(Math.imul(seed, 0x85ebca6b) ^ Math.imul(input, 0x9e3779b1));
}

/**
 * Runs inputs from number `from` on.
 *
 * @throws {FuzzError} if one does what it should not; the message says which, and how to repeat it.
 */
export async function fuzzWire(
  seed: number,
  from: number,
  count: number,
  tell: (done: number) => void = () => {},
): Promise<WireFinding> {
  const tally = new Tally();
  const messages = new MessageInputs(seed);
  const doors = new DoorInputs(messages.corpus);
  let [early, peak] = [0, 0];
  try {
    for (let input = from; input < from + count; input++) {
      const random = randomOf(seed, input);
      try {
        const way = random.below(1_000);
        if (way < 880) messages.run(random, tally);
        else if (way < 980) runStream(random, messages.corpus, tally);
        else if (way < 995) runTokenText(random, tally);
        else await doors.run(random, tally);
      } catch (error) {
        const command = `deno task fuzz wire --seed ${seed} --from ${input} --inputs 1`;
        const reason = error instanceof Error ? error.stack ?? error.message : error;
        throw new FuzzError(`Input ${input} of the seed ${seed}: ${reason}\nRepeat it: ${command}`);
      }
      if ((input - from) % turnInputs !== 0) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      const mib = Deno.memoryUsage().rss / 2 ** 20;
      if (input - from <= count / 20) early = Math.max(early, mib);
      peak = Math.max(peak, mib);
      if (input - from > count / 20 && peak > early + grownMiBMax) {
        throw new FuzzError(`The process had ${Math.round(early)} MiB, and has ${Math.round(peak)} MiB now`);
      }
      tell(input - from);
    }
  } finally {
    doors.close();
  }
  const wanted = [...messages.wanted(), ...wantedOfStreams, ...wantedOfTokens, ...wantedOfDoors];
  const missing = [
    ...tally.missing(wanted),
    ...messages.unrefusedFields().map((field) => `${field} was never refused`),
  ];
  return { tally, missing, memoryMiB: [early, peak] };
}
