/**
 * Links that are slow for a while: one direction delivers nothing, and then all that has come in between, in its order.
 *
 * So what was sent long ago arrives in the middle of what others do now: a proposal of a coordinator that is dead,
 * after the promise to another one, or the frames of a client, after all others have forgotten it.
 *
 * @module
 */

import type { Message } from "../../src/protocol/wire/messages.ts";
import type { Pipe } from "../../src/simulator/pipe.ts";
import type { Random } from "../../src/simulator/random.ts";
import type { Way } from "../../src/simulator/way.ts";

/** Which links may be slow. */
export type SlowKind = "mesh" | "clients" | "all";

/** All links that are slow now. */
export class SlowLinks {
  readonly #random: Random;
  readonly #kind: SlowKind;
  readonly #stepsMax: number;
  readonly #slow: { readonly pipe: Pipe<Message>; readonly until: number }[] = [];

  /** No link is slow yet; each will be for 3 to `stepsMax` steps. */
  constructor(random: Random, kind: SlowKind, stepsMax: number) {
    this.#random = random;
    this.#kind = kind;
    this.#stepsMax = stepsMax;
  }

  /** In this step, one of the ways that could deliver something becomes slow. */
  begin(ways: Iterable<Way>, step: number): void {
    const wanted: Way[] = [];
    for (const way of ways) if (way.isOpen && this.#isWanted(way)) wanted.push(way);
    if (wanted.length === 0) return;
    this.hold(this.#random.pick(wanted).pipe, step);
  }

  /** In this step, this way becomes slow, for as many steps. */
  hold(pipe: Pipe<Message>, step: number, steps: number = this.#random.between(3, this.#stepsMax)): void {
    pipe.isSlow = true;
    this.#slow.push({ pipe, until: step + steps });
  }

  #isWanted({ from, to }: Way): boolean {
    if (this.#kind === "all") return true;
    const isMesh = from.startsWith("r") && to.startsWith("r");
    return isMesh === (this.#kind === "mesh");
  }

  /** The links that were slow until this step are so no more; at `Infinity` none is. */
  end(step: number): void {
    for (let at = this.#slow.length - 1; at >= 0; at--) {
      const { pipe, until } = this.#slow[at];
      if (until > step) continue;
      pipe.isSlow = false;
      this.#slow.splice(at, 1);
    }
  }
}
