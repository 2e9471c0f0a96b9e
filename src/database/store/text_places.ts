/**
 * Where the shared texts stand in a log: each once, in the entry that was the first to say it.
 *
 * @module
 */

import { countBefore } from "../name_order.ts";
import { noText } from "./shared_texts.ts";

/** The places of texts with numbers that follow on each other. */
export class TextPlaces {
  /** Later texts are further on. */
  readonly #places: number[] = [];
  #first = noText;

  /** The text of the next number stands at a place. */
  add(number: number, place: number): void {
    if (this.#places.length === 0) this.#first = number;
    this.#places.push(place);
  }

  /** Where the text of a number stands; undefined: not in this log. */
  placeOf(number: number): number | undefined {
    return number < this.#first ? undefined : this.#places[number - this.#first];
  }

  /** The number of the text that stands at a place, or {@link noText}. */
  at(place: number): number {
    const found = countBefore(this.#places, (other) => other < place);
    return this.#places[found] === place ? this.#first + found : noText;
  }
}
