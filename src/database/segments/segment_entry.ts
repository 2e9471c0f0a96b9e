/**
 * An entry as a sealed segment has it: without places in memory, which a sealed entry does not have.
 *
 * @module
 */

import { LoggedEntry } from "./logged_entry.ts";

/** Says that a text has no number, and stands in the entry itself. */
export const inlineText = 0;

/** A document of fewer bytes stands in its entry: a number and a length would take hardly less. */
export const inlineDocumentBytes = 64;

/** A text with a number is told by that alone: whoever reads the entry looks it up. Its range is then not looked at. */
export class SegmentEntry extends LoggedEntry {
  /** The number of the text that `who` is, or {@link inlineText}; the same for the others. */
  whoNumber = inlineText;
  sourceNumber = inlineText;
  productNumber = inlineText;
  byNumber = inlineText;
}
