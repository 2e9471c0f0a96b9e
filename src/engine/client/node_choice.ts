/**
 * Which node a client turns to next.
 *
 * The addresses that a person named come first, in that order, and then those that nodes tell. A client stays with a
 * node that works. One that has failed is tried again later, and after each failure later still.
 *
 * @module
 */

/** Milliseconds until an address is tried again that has failed; it doubles each time. */
const pauseMsMin = 20;
const pauseMsMax = 1_000;

/** Addresses that nodes may tell: a hostile one could tell any number. */
export const toldMax = 64;

/** An address that has failed. */
interface Failure {
  reason: string;
  /** It has not even answered, and may still be about to. */
  isSilent: boolean;
  pauseMs: number;
  notBeforeMs: number;
}

/** The addresses of a session. */
export class NodeChoice {
  readonly #named: readonly string[];
  #told: readonly string[] = [];
  readonly #failures = new Map<string, Failure>();

  constructor(named: readonly string[]) {
    this.#named = [...new Set(named)];
  }

  /** Every address that it knows. */
  get addresses(): readonly string[] {
    return [...new Set([...this.#named, ...this.#told])];
  }

  /** Why each address has failed that has not worked since. */
  get tried(): string {
    return [...this.#failures].map(([address, { reason }]) => `${address} ${reason}`).join(", ");
  }

  /** Whether each address has failed and has not worked since, and none is only silent. */
  get haveAllFailed(): boolean {
    return this.addresses.every((address) => this.#failures.get(address)?.isSilent === false);
  }

  /** A node tells the addresses of all. */
  learn(told: readonly string[]): void {
    this.#told = told.slice(0, toldMax);
    const known = this.addresses;
    for (const address of this.#failures.keys()) if (!known.includes(address)) this.#failures.delete(address);
  }

  /** The address to turn to next, and when. */
  next(): { readonly address: string; readonly notBeforeMs: number } {
    let [best, bestMs] = ["", Infinity];
    for (const address of this.addresses) {
      const notBeforeMs = this.#failures.get(address)?.notBeforeMs ?? 0;
      if (notBeforeMs < bestMs) [best, bestMs] = [address, notBeforeMs];
    }
    return { address: best, notBeforeMs: bestMs };
  }

  /** C8: it is not tried again at once. */
  failed(address: string, reason: string, nowMs: number, isSilent = false): void {
    const pauseMs = Math.min(2 * (this.#failures.get(address)?.pauseMs ?? pauseMsMin / 2), pauseMsMax);
    this.#failures.set(address, { reason, isSilent, pauseMs, notBeforeMs: nowMs + pauseMs });
  }

  /** It has given an outcome. */
  worked(address: string): void {
    this.#failures.delete(address);
  }
}
