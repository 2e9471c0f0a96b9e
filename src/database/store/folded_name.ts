/**
 * Names without what people overlook, as bytes.
 *
 * @module
 */

import { nameBytesMax } from "../../limits.ts";
import { folded } from "../look_alikes.ts";
import { TextRange } from "../wire/text_range.ts";
import { hashOfName } from "./hash.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A name without what people overlook; it is used again and again. */
export class FoldedName {
  readonly #own = new Uint8Array(nameBytesMax);
  readonly #text = new TextRange();

  /** Its hash, which is that of all plain names that are like it. */
  hash(): number {
    const { bytes, start, end } = this.#text;
    return hashOfName(bytes, start, end);
  }

  /** Negative if it comes before another one in some order, positive if after, 0 if both are the same. */
  compare(other: FoldedName): number {
    return this.#text.compare(other.#text);
  }

  /** Makes it that of a name of at most `nameBytesMax` bytes, which are those of `name` from `start` to `end`. */
  fold(name: Uint8Array, start: number, end: number): void {
    // Most names are ASCII with single spaces: for them no string is made.
    const own = this.#own;
    let before = 0;
    for (let at = start; at < end; at++) {
      const byte = name[at];
      if (byte >= 0x80 || (byte === 0x20 && before === 0x20)) return this.#foldText(name.subarray(start, end));
      own[at - start] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
      before = byte;
    }
    this.#text.set(own, 0, end - start);
  }

  #foldText(name: Uint8Array): void {
    const bytes = encoder.encode(folded(decoder.decode(name)));
    this.#text.set(bytes, 0, bytes.length);
  }
}
