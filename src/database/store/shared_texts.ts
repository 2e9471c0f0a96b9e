/**
 * Texts that are used again and again, such as who reports and from where: each has a number.
 *
 * The numbers are given in the order in which the texts come, so that all replicas give the same. A text that no entry
 * may say any more is overwritten, and its number stays. The log knows where the text stands, and overwrites it there.
 *
 * @module
 */

import { sharedTextsMax } from "../../limits.ts";
import { hashOfText } from "./hash.ts";
import { Slots } from "./slots.ts";
import { TextRange } from "../wire/text_range.ts";

/** What overwrites each byte of a text that is to be forgotten. */
export const erasedByte = 0;

/** Says that a text has no number. */
export const noText = 0;

/** Whether a text was overwritten: no rule for texts allows its first byte. */
export function isErased({ bytes, start, end }: TextRange): boolean {
  return end > start && bytes[start] === erasedByte;
}

/** Whether all of a text was overwritten. */
export function isBlank(text: TextRange): boolean {
  return text.view().every((byte) => byte === erasedByte);
}

/** Texts with numbers from 1. */
export class SharedTexts {
  readonly #texts: TextRange[] = [];
  /** The number that was found last, and the one that was found before. */
  #last = noText;
  #before = noText;
  /** How often each is used by entries that say it. */
  readonly #uses: number[] = [];
  /** The numbers of texts that were erased, by the bytes that took their place. */
  readonly #erased = new Map<Uint8Array, number>();
  readonly #slots = new Slots((a, b) => this.get(a).compare(this.get(b)));
  /** The numbers of texts that others keep, by the bytes in which they keep them. */
  readonly #kept = new WeakMap<Uint8Array, number>();

  /** How many texts there are: the last number. */
  get size(): number {
    return this.#texts.length;
  }

  /** Whether no number is left. */
  get isFull(): boolean {
    return this.#texts.length === sharedTextsMax;
  }

  /** The number of a text, or {@link noText}. An erased one is found by the number with which it was read. */
  find(text: TextRange): number {
    // One command asks several times.
    if (text.foundIn === this) return text.found;
    const { bytes, start, end } = text;
    if (end > start && bytes[start] === erasedByte) return this.#erased.get(bytes) ?? noText;
    // Many entries in a row come from one source, and say one reporter. Those that were read have the same bytes.
    const [last, before] = [this.#last, this.#before];
    if (last !== noText && this.#texts[last - 1].isAt(text)) return last;
    this.#before = last;
    this.#last = before !== noText && this.#texts[before - 1].isAt(text) ? before : this.#find(text);
    return this.#last;
  }

  /**
   * {@link find} for a text that is looked up again and again, as it stands in an entry of the log: where the log keeps
   * it in bytes of its own, these tell its number.
   */
  findKept(text: TextRange): number {
    const { bytes, start, end } = text;
    if (start > 0 || end < bytes.length) return this.find(text);
    const known = this.#kept.get(bytes);
    if (known !== undefined) return known;
    const found = this.find(text);
    if (found !== noText) this.#kept.set(bytes, found);
    return found;
  }

  #find(text: TextRange): number {
    const hash = hashOfText(text.bytes, text.start, text.end);
    const slots = this.#slots;
    for (let slot = slots.first(hash); slot >= 0; slot = slots.next(slot, hash)) {
      const number = slots.at(slot);
      if (!this.#texts[number - 1].equals(text)) continue;
      text.foundIn = this;
      text.found = number;
      return number;
    }
    return slots.isCrowded ? slots.findCrowded((number) => this.get(number).compare(text)) : noText;
  }

  /**
   * Gives a text the next number, if it has none, and if there is one left.
   *
   * @returns its number, or {@link noText}.
   */
  add(text: TextRange): number {
    const known = this.find(text);
    if (known !== noText || this.isFull) return known;
    const copy = new TextRange();
    copy.set(text.view().slice(), 0, text.length);
    const number = this.#texts.push(copy);
    this.#uses.push(0);
    this.#slots.put(number, hashOfText(text.bytes, text.start, text.end));
    if (isErased(copy)) this.#erased.set(copy.bytes, number);
    return number;
  }

  /** The texts and how often each is used, as they are now. */
  freeze(): { readonly texts: readonly TextRange[]; readonly uses: readonly number[] } {
    return { texts: this.#texts.slice(), uses: this.#uses.slice() };
  }

  /** Sets how often each text is used. */
  setUses(uses: readonly number[]): void {
    uses.forEach((count, at) => this.#uses[at] = count);
  }

  /** The text of a number from 1 to {@link size}. */
  get(number: number): TextRange {
    return this.#texts[number - 1];
  }

  /** One more entry says a text. */
  use(number: number): void {
    this.#uses[number - 1]++;
  }

  /** An entry that has said a text does so no more. Returns whether it was the last one. */
  release(number: number): boolean {
    return --this.#uses[number - 1] === 0;
  }

  /** Forgets a text that nobody uses: the number stays, and an entry that says the text later gives it another one. */
  erase(number: number): void {
    if (isErased(this.get(number))) return;
    this.#slots.forget(number);
    const blank = new TextRange();
    blank.set(new Uint8Array(this.get(number).length).fill(erasedByte), 0, this.get(number).length);
    this.#texts[number - 1] = blank;
    this.#erased.set(blank.bytes, number);
  }
}
