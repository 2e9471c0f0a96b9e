/**
 * An entry as a sealed segment has it: without places in memory, which a sealed entry does not have.
 *
 * @module
 */

import { EntryFields } from "../wire/entry_fields.ts";

/** Says that a text has no number, and stands in the entry itself. */
export const inlineText = 0;

/** A document of fewer bytes stands in its entry: a number and a length would take hardly less. */
export const inlineDocumentBytes = 64;

/**
 * An entry, used again and again; what its kind does not have keeps old values.
 *
 * A text with a number is told by that alone: whoever reads the entry looks it up. Its range is then not looked at.
 */
export class SegmentEntry extends EntryFields {
  /** One of `entryKinds`. */
  kind = 0;
  /** The site that it is about: its place in the table. From 0 to 2^32 - 1; 0 is for an entry that is about no site. */
  site = 0;
  /** Its index. */
  index = 0;
  /** Whether a report came too late to be shown. */
  outOfDate = false;
  /** The newest observation of the site, with this entry; 0 if there is no report yet. */
  reach = 0;
  /** In `merged` and `unmerged`: the other site. */
  into = 0;
  /** The number of the text that `who` is, or {@link inlineText}; the same for the others. */
  whoNumber = inlineText;
  sourceNumber = inlineText;
  productNumber = inlineText;
  byNumber = inlineText;
  /** In `documented`: the number of the document, from 1; 0: it stands in the entry. */
  documentNumber = 0;
  /** In `documented`: how many bytes the document has. */
  documentLength = 0;
}
