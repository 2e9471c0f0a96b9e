/**
 * Lies that are wrong at one replica alone, which closes the link.
 *
 * @module
 */

import { timestampMax, wireVersion } from "../../src/limits.ts";
import type { ClientMessage } from "../../src/protocol/wire/messages.ts";
import type { Random } from "../../src/simulator/random.ts";
import { aheadOf, batchOf, commandsOf, oneOf, someOf } from "./frames.ts";
import { readCommand } from "./digest_machine.ts";
import type { Liar, LyingLink } from "./liar.ts";
import type { LieKind } from "./lie_kinds.ts";
import type { World } from "./world.ts";

/** A lie, and its frame. */
type Fault = readonly [LieKind, ClientMessage];

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
    const link = oneOf(this.#random, liar.links.filter(({ mode }) => mode !== "unknown"));
    if (link === undefined) return;
    if (link.ended && this.#random.chance(0.5)) {
      this.#told("reads after the end");
      const [rid, commands] = [liar.rids.push(0), batchOf([readCommand])];
      return liar.send(link, { kind: "READ", v: link.v, rid, after: 0, commands });
    }
    const [kind, message] = this.#random.pick(link.mode === "active" ? this.#ofActive(liar, link) : this.#ofIdle(link));
    this.#told(link.ended && message.kind === "REQUEST" ? "sends after the end" : kind);
    liar.send(link, message);
  }

  /** Faults where it may send. */
  #ofActive({ client: { id } }: Liar, { v, recv, lastTs }: LyingLink): Fault[] {
    const random = this.#random;
    const commands = commandsOf(this.#world, random);
    const next = { v, seq: recv + 1, ...aheadOf(lastTs + 1), done: 0, end: false, commands };
    const clock = { v, ts: lastTs + 1, done: 0, suspend: false };
    return [
      ["leaves a gap", { kind: "REQUEST", ...next, seq: recv + 2 }],
      ["repeats a seq", { kind: "REQUEST", ...next, seq: recv }],
      ["promises less than it sends", { kind: "REQUEST", ...next, upto: lastTs }],
      ["confirms what was never sent", { kind: "REQUEST", ...next, done: recv + 1 }],
      ["a request without commands", { kind: "REQUEST", ...next, commands: new Uint8Array(0) }],
      ["an end with commands", { kind: "REQUEST", ...next, end: true }],
      ["a timestamp out of all bounds", { kind: "REQUEST", ...next, ...aheadOf(timestampMax + random.pick([1, 99])) }],
      ["a frame of an old view", { kind: "REQUEST", ...next, v: Math.max(0, v - 1) }],
      ["a clock out of all bounds", { kind: "CLOCK", ...clock, ts: timestampMax + 1 }],
      ["a clock that confirms what was never sent", { kind: "CLOCK", ...clock, done: recv + 1 }],
      ["suspends without all outputs", { kind: "CLOCK", ...clock, done: Math.max(0, recv - 1), suspend: true }],
      ["greets twice", { kind: "HELLO", version: wireVersion, cluster: undefined, secret: id + id, done: 0 }],
      ["joins twice", { kind: "RESUME", v, ts: lastTs, done: 0 }],
    ];
  }

  /** Faults, and frames that say nothing, before that. */
  #ofIdle({ v, mode, lastTs }: LyingLink): Fault[] {
    if (mode === "joining") {
      return [["a clock while it joins", { kind: "CLOCK", v, ts: lastTs + 1, done: 0, suspend: false }]];
    }
    return [
      ["a clock before it has joined", { kind: "CLOCK", v, ts: lastTs + 1, done: 0, suspend: false }],
      ["joins with a timestamp out of all bounds", { kind: "RESUME", v, ts: timestampMax + 1, done: 0 }],
    ];
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
