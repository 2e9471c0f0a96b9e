/**
 * Where the shared texts stand in the logs in memory: each once, in the entry that was the first to say it.
 *
 * @module
 */

import { noText } from "./shared_texts.ts";

/** The places of texts. */
export class TextPlaces {
  // Both are in the order of the numbers.
  readonly #places = new Map<number, number>();
  readonly #numbers = new Map<number, number>();

  /** The text of a number stands at a place. The text of the number before it stands before it. */
  add(number: number, place: number): void {
    this.#places.set(number, place);
    this.#numbers.set(place, number);
  }

  /** The number of the first text that is in memory; undefined: none is. */
  get first(): number | undefined {
    const [first] = this.#places.keys();
    return first;
  }

  /** Where the text of a number stands; undefined: not in memory. */
  placeOf(number: number): number | undefined {
    return this.#places.get(number);
  }

  /** The number of the text that stands at a place, or {@link noText}. */
  at(place: number): number {
    return this.#numbers.get(place) ?? noText;
  }

  /** Forgets the first places, as long as they are of what is dropped. */
  forget(isDropped: (place: number) => boolean): void {
    for (const [number, place] of this.#places) {
      if (!isDropped(place)) return;
      this.#places.delete(number);
      this.#numbers.delete(place);
    }
  }
}
