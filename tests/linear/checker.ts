/**
 * A checker of linearizability: whether operations that overlapped can be put in one order, in which each takes effect
 * at one moment between its call and its return, and each outcome is what a sequential model gives.
 *
 * It is the search of Wing and Gong (*Testing and Verifying Concurrent Objects*, 1993) with Lowe's memory of what was
 * tried (*Testing for Linearizability*, 2017): whichever order they came in, the same operations that end in the same
 * state have the same future. It looks at one object; a history of several is linearizable if that of each one is.
 *
 * @module
 */

/** When an operation was called, and when it returned, on one scale; `Infinity`: its outcome is not known. */
export interface Interval {
  readonly calledAt: number;
  readonly returnedAt: number;
}

/** What an object does when its operations come one after the other. */
export interface Model<O, S> {
  readonly initial: S;
  /** The state after the operation; undefined: with its outcome, it cannot take effect in this state. */
  step(state: S, operation: O): S | undefined;
  /** The same text for the same states, and for no others. */
  key(state: S): string;
}

/** What the search has found; `given up`: it took more steps than it may, and nothing is known. */
export type Verdict = "linearizable" | "not linearizable" | "given up";

/** Steps after which a search is given up. */
export const stepsMax = 2_000_000;

/** A place in the search: what may come next, and what was tried of it. */
interface Place<S> {
  readonly state: S;
  readonly candidates: readonly number[];
  tried: number;
}

/**
 * Whether there is such an order. An operation that has not returned may take effect at any moment after its call, or
 * never.
 *
 * @param steps the most steps that the search may take.
 */
export function check<O extends Interval, S>(
  operations: readonly O[],
  model: Model<O, S>,
  steps: number = stepsMax,
): Verdict {
  const search = new Search(operations, model);
  return search.run(steps);
}

class Search<O extends Interval, S> {
  readonly #model: Model<O, S>;
  /** Those that returned, by their calls; then those that did not, by their calls. */
  readonly #operations: readonly O[];
  readonly #returned: number;
  readonly #taken: Uint8Array;
  /** The operations that were taken, a bit each, for what was seen. */
  readonly #bits: Uint16Array;
  /** All before it are taken. */
  #low = 0;
  #left: number;
  readonly #seen = new Set<string>();

  constructor(operations: readonly O[], model: Model<O, S>) {
    this.#model = model;
    const byCall = operations.toSorted((a, b) => a.calledAt - b.calledAt);
    const returned = byCall.filter(hasReturned);
    this.#operations = [...returned, ...byCall.filter((operation) => !hasReturned(operation))];
    this.#returned = this.#left = returned.length;
    this.#taken = new Uint8Array(this.#operations.length);
    this.#bits = new Uint16Array(Math.ceil(this.#operations.length / 16));
  }

  run(steps: number): Verdict {
    const places: Place<S>[] = [this.#placeAt(this.#model.initial)];
    const order: number[] = [];
    while (this.#left > 0) {
      const place = places[places.length - 1];
      if (place.tried === place.candidates.length) {
        places.pop();
        const last = order.pop();
        if (last === undefined) return "not linearizable";
        this.#giveBack(last);
        continue;
      }
      if (steps-- <= 0) return "given up";
      const at = place.candidates[place.tried++];
      const state = this.#model.step(place.state, this.#operations[at]);
      if (state === undefined) continue;
      this.#take(at);
      if (this.#isNew(state)) {
        order.push(at);
        places.push(this.#placeAt(state));
      } else {
        this.#giveBack(at);
      }
    }
    return "linearizable";
  }

  /** The operations that may come next: each began before any that is left returned. Unknown outcomes come last. */
  #placeAt(state: S): Place<S> {
    const candidates: number[] = [];
    let firstReturn = Infinity;
    while (this.#low < this.#returned && this.#taken[this.#low]) this.#low++;
    for (let at = this.#low; at < this.#returned; at++) {
      const { calledAt, returnedAt } = this.#operations[at];
      if (calledAt > firstReturn) break;
      if (this.#taken[at]) continue;
      candidates.push(at);
      firstReturn = Math.min(firstReturn, returnedAt);
    }
    for (let at = this.#returned; at < this.#operations.length; at++) {
      if (this.#operations[at].calledAt > firstReturn) break;
      if (!this.#taken[at]) candidates.push(at);
    }
    return { state, candidates: candidates.filter((at) => this.#operations[at].calledAt <= firstReturn), tried: 0 };
  }

  #take(at: number): void {
    this.#taken[at] = 1;
    this.#bits[at >> 4] |= 1 << (at & 15);
    if (at < this.#returned) this.#left--;
  }

  #giveBack(at: number): void {
    this.#taken[at] = 0;
    this.#bits[at >> 4] &= ~(1 << (at & 15));
    if (at >= this.#returned) return;
    this.#left++;
    this.#low = Math.min(this.#low, at);
  }

  #isNew(state: S): boolean {
    const key = `${String.fromCharCode(...this.#bits)} ${this.#model.key(state)}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/** Whether its outcome is known. */
export function hasReturned({ returnedAt }: Interval): boolean {
  return returnedAt !== Infinity;
}
