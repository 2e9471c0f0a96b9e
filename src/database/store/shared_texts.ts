/**
 * Texts that are used again and again, such as who reports and from where: each has a number.
 *
 * The numbers are given in the order in which the texts come, so that all replicas give the same.
 *
 * @module
 */

import { sharedTextsMax } from "../../limits.ts";
import { hashOf } from "./hash.ts";
import { Slots } from "./slots.ts";
import { TextRange } from "../wire/text_range.ts";

/** Says that a text has no number. */
export const noText = 0;

/** Texts with numbers from 1. */
export class SharedTexts {
  readonly #texts: TextRange[] = [];
  /** The number that was found last. */
  #last = noText;
  readonly #slots = new Slots((a, b) => this.get(a).compare(this.get(b)));

  /** How many texts there are: the last number. */
  get size(): number {
    return this.#texts.length;
  }

  /** Whether no number is left. */
  get isFull(): boolean {
    return this.#texts.length === sharedTextsMax;
  }

  /** The number of a text, or {@link noText}. */
  find(text: TextRange): number {
    // Many entries in a row come from one source.
    const last = this.#last;
    if (last !== noText && this.#texts[last - 1].equals(text)) return last;
    this.#last = this.#find(text);
    return this.#last;
  }

  #find(text: TextRange): number {
    return this.#slots.find(hashOf(text.bytes, text.start, text.end), (number) => this.get(number).compare(text));
  }

  /** Gives a text the next number, if it has none, and if there is one left. */
  add(text: TextRange): void {
    if (this.isFull || this.find(text) !== noText) return;
    const copy = new TextRange();
    copy.set(text.view().slice(), 0, text.length);
    this.#texts.push(copy);
    this.#slots.put(this.#texts.length, hashOf(text.bytes, text.start, text.end));
  }

  /** The text of a number from 1 to {@link size}. */
  get(number: number): TextRange {
    return this.#texts[number - 1];
  }
}
