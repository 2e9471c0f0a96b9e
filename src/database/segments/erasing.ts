/**
 * Overwrites what redacted entries of a block say of people.
 *
 * @module
 */

import type { EntryBlock } from "./entry_block.ts";
import { inlineText, SegmentEntry } from "./segment_entry.ts";

/** What overwrites each byte, as in the log: no rule for texts allows it. */
const erasedByte = 0;

/**
 * Overwrites notes, and reporters that stand in their entry. One that has a number stands among the shared texts, which
 * are overwritten when no entry uses them any more.
 *
 * @param bytes a copy of the bytes of the block.
 * @returns whether anything has changed.
 */
export function erase(block: EntryBlock, bytes: Uint8Array, isRedacted: (index: number) => boolean): boolean {
  const entry = new SegmentEntry();
  let hasChanged = false;
  for (let at = 0; at < block.count; at++) {
    if (!isRedacted(block.indexAt(at))) continue;
    block.read(at, entry);
    for (const text of entry.whoNumber === inlineText ? [entry.who, entry.note] : [entry.note]) {
      hasChanged ||= text.view().some((byte) => byte !== erasedByte);
      bytes.fill(erasedByte, text.start, text.end);
    }
  }
  return hasChanged;
}
