/**
 * Lies that are wrong at one replica alone, which closes the link.
 *
 * @module
 */

import { timestampMax, wireVersion } from "../../src/limits.ts";
import type { Random } from "../../src/simulator/random.ts";
import { aheadOf, commandsOf, oneOf, someOf } from "./frames.ts";
import type { Liar } from "./liar.ts";
import type { LieKind } from "./lie_kinds.ts";
import type { World } from "./world.ts";

/** Sends frames that no replica takes. */
export class FaultyFrames {
  readonly #world: World;
  readonly #random: Random;
  readonly #told: (kind: LieKind) => void;

  /** @param told is told of each lie. */
  constructor(world: World, random: Random, told: (kind: LieKind) => void) {
    this.#world = world;
    this.#random = random;
    this.#told = told;
  }

  /** What belongs to a later view. */
  lookAhead(liar: Liar): void {
    const random = this.#random;
    for (const link of someOf(this.#random, liar.links)) {
      const { v, recv, replica } = link;
      // Where no view is about to end, it costs the link.
      if (!replica.core.status().frozen && random.chance(0.9)) continue;
      const isFar = random.chance(0.05);
      this.#told(isFar ? "a frame of a view far ahead" : "a frame of the next view");
      const next = v + (isFar ? 2 : 1);
      liar.send(link, { kind: "RESUME", v: next, ts: 0, done: 0 });
      for (let count = random.below(3), ts = 1; count > 0; count--, ts += 17) {
        const plan = { ...aheadOf(ts), end: false, commands: commandsOf(this.#world, this.#random) };
        liar.send(link, { kind: "REQUEST", v: next, seq: recv + 3 - count, done: 0, ...plan });
      }
    }
  }

  /** Something that no correct client sends. */
  send(liar: Liar): void {
    const random = this.#random;
    const link = oneOf(this.#random, liar.links.filter(({ mode }) => mode === "active" || random.chance(0.2)));
    if (link === undefined) return;
    const { v, recv, lastTs, ended } = link;
    if (ended) this.#told("sends after the end");
    const plan = {
      v,
      seq: recv + 1,
      ...aheadOf(lastTs + 1),
      done: 0,
      end: false,
      commands: commandsOf(this.#world, this.#random),
    };
    const faults: readonly (readonly [LieKind, Partial<typeof plan>])[] = [
      ["leaves a gap", { seq: recv + 2 }],
      ["repeats a seq", { seq: recv }],
      ["promises less than it sends", { upto: lastTs }],
      ["confirms what was never sent", { done: recv + 1 }],
      ["a request without commands", { commands: new Uint8Array(0) }],
      ["a timestamp out of all bounds", aheadOf(timestampMax + random.pick([1, 1000]))],
      ["a frame of an old view", { v: Math.max(0, v - 1) }],
    ];
    const at = random.below(faults.length + 2);
    if (at < faults.length) {
      const [kind, fault] = faults[at];
      this.#told(kind);
      return liar.send(link, { kind: "REQUEST", ...plan, ...fault });
    }
    const isGreeting = at === faults.length;
    this.#told(isGreeting ? "greets twice" : "joins twice");
    const { id } = liar.client;
    if (isGreeting) {
      liar.send(link, { kind: "HELLO", version: wireVersion, cluster: undefined, secret: id + id, done: 0 });
    } else liar.send(link, { kind: "RESUME", v, ts: lastTs, done: 0 });
  }

  /** A replica that has been told that nothing comes up to some timestamp gets a request with a smaller one. */
  breakPromise(liar: Liar): void {
    const link = oneOf(this.#random, liar.active);
    if (link === undefined) return;
    this.#told("breaks its promise");
    const { v, recv, lastTs } = link;
    const ts = Math.max(0, lastTs - this.#random.pick([0, 0, 1, 15, 16, 50]));
    const upto = lastTs + this.#random.pick([0, 16]);
    liar.send(link, {
      kind: "REQUEST",
      v,
      seq: recv + 1,
      ts,
      upto,
      done: 0,
      end: false,
      commands: commandsOf(this.#world, this.#random),
    });
  }
}
