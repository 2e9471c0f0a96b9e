/**
 * Whether a log that comes from outside has been redacted as its entries say, and nowhere else.
 *
 * @module
 */

import type { EntryFields } from "../wire/entry_fields.ts";
import type { TextRange } from "../wire/text_range.ts";
import { erasedByte, isErased } from "./shared_texts.ts";

/** Counts the entries that were overwritten, and that no entry has said so of yet. */
export class Erasures {
  #open = 0;

  /** How many there are. */
  get open(): number {
    return this.#open;
  }

  /** Takes an entry in. Returns why it cannot be; undefined: it can, as far as its overwritten texts go. */
  take(entry: EntryFields): string | undefined {
    if (!hasErased(entry)) return undefined;
    this.#open++;
    return [entry.who, entry.note].every((text) => !isErased(text) || isBlank(text))
      ? undefined
      : "a text is overwritten in part";
  }

  /** An entry is said to be redacted. Returns why it cannot be. */
  close(entry: EntryFields): string | undefined {
    if (hasErased(entry)) this.#open--;
    return entry.note.length === 0 || isErased(entry.note) ? undefined : "the note of a redacted entry is there";
  }
}

function hasErased({ who, note }: EntryFields): boolean {
  return isErased(who) || isErased(note);
}

function isBlank(text: TextRange): boolean {
  return text.view().every((byte) => byte === erasedByte);
}
