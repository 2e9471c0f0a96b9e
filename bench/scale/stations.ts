/**
 * The parts of the model that know nothing of it: a seeded source of chance, and a station that serves one after the
 * other.
 *
 * @module
 */

/** Numbers by chance that a seed decides. */
export class Chance {
  #state: number;

  /** @param seed a whole number. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to 1, by the generator mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** How long until the next event of a Poisson process. */
  gap(meanMs: number): number {
    return -Math.log(1 - this.next()) * meanMs;
  }

  /** A factor whose logarithm is normal with this spread, and whose median is 1. */
  factor(spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return Math.exp(spread * normal);
  }
}

/** A processor, or the leader of an etcd cluster: it serves in the order in which work comes. */
export class Station {
  /** Milliseconds of work that it was given. */
  usedMs = 0;
  #freeAt = 0;
  readonly #slowdown: number;

  /** @param slowdown milliseconds that pass for each one of work: above 1 where others use the machine as well. */
  constructor(slowdown = 1) {
    this.#slowdown = slowdown;
  }

  /** When this work is done that comes now. */
  serve(nowMs: number, ms: number): number {
    const lasts = ms * this.#slowdown;
    this.usedMs += lasts;
    this.#freeAt = Math.max(nowMs, this.#freeAt) + lasts;
    return this.#freeAt;
  }

  /** It serves nothing before a time. */
  pause(untilMs: number): void {
    this.#freeAt = Math.max(this.#freeAt, untilMs);
  }

  /** The part of some time for which it was busy. */
  share(ms: number): number {
    return Math.min(1, this.usedMs / ms);
  }
}
