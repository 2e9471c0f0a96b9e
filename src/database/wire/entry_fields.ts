/**
 * What a command that changes something says, and the entry that it makes keeps.
 *
 * @module
 */

import type { PackedAvailability, PackedUnit, PackedZip } from "./packed.ts";
import { TextRange } from "./text_range.ts";

/** Which texts an entry or a command has, as bits beside others. */
export const textMarks = { who: 8, source: 16, note: 32 } as const;

/** All of them. */
export const allTextMarks = textMarks.who | textMarks.source | textMarks.note;

/** What else a command may say of a change, and its entry keep, as bits of a second byte. */
export const moreMarks = { product: 1, confirms: 2, by: 4, extra: 8, unique: 16, entrySite: 32, key: 64 } as const;

/** What an `edit` changes, and its entry says that it changed. */
export const editMarks = { name: 1, zip: 2, identifiers: 4 } as const;

/**
 * What the source of a report that is taken back shows then: the same as before, because it has shown another report;
 * nothing, because it has no report left; that nothing is known, because those before are too far back; or the report
 * whose index is added to the last one.
 */
export const shownAfter = { same: 0, nothing: 1, unknown: 2, report: 2 } as const;

/** Bytes that tell what few entries have, beside the bytes of its texts: marks, lengths, numbers and a time. */
const moreBytesMax = 24;

/** The fields of a change, used again and again; what its kind does not have keeps old values. */
export class EntryFields {
  /** When it was recorded, in ms since 1970. */
  recordedAt = 0;
  /** The name of the site, in `added`. */
  readonly name = new TextRange();
  /** What an `edited` changes: {@link editMarks}. */
  edits = 0;
  /** The new name, in `edited`. */
  readonly newName = new TextRange();
  /** Identifiers, in `edited`: those that change, or in the log all that the site has then. */
  readonly identifiers = new TextRange();
  /** The ZIP code, in `added` and `edited`. */
  zip: PackedZip = 0;
  /** The availability, in a report. */
  availability: PackedAvailability = 0;
  /** The unit, in a report. */
  unit: PackedUnit = 0;
  /** Whether the command of a report said when it was observed, or that of a document when it was made. */
  isExplicit = false;
  /** When a report was observed, a document was made, or a report was confirmed, in ms since 1970. */
  observedAt = 0;
  /** The document, in `documented`. */
  readonly document = new TextRange();
  /** The id under which a site is published, in `published`. */
  readonly locationId = new TextRange();
  /** The index of the entry that is taken back or redacted, in `retracted` and `redacted`. */
  of = 0;
  /** In `retracted`: {@link shownAfter}. In `redacted`: 1 if it was why its site is retired; else 0. */
  shows = 0;
  /** Which of the three texts that any entry may have are there: {@link textMarks}. The others are empty. */
  marked = 0;
  /** The reporter. */
  readonly who = new TextRange();
  /** Where it is from. */
  readonly source = new TextRange();
  /** The note, or the reason in `retired`. */
  readonly note = new TextRange();

  /** What else is said: {@link moreMarks}. Texts that are not marked are empty. */
  more = 0;
  /** What a report is about, if it is about one product. */
  readonly product = new TextRange();
  /** Whose token was used. */
  readonly by = new TextRange();

  /** How many bytes these texts have, with what says that there are more than three. */
  get textBytes(): number {
    if ((this.marked | this.more) === 0) return 0;
    const bytes = this.who.length + this.source.length + this.note.length;
    return this.more === 0 ? bytes : bytes + this.product.length + this.by.length + moreBytesMax;
  }

  /** Makes these texts absent, unless they are. */
  clearTexts(): void {
    if ((this.marked | this.more) === 0) return;
    this.marked = 0;
    this.more = 0;
    this.who.clear();
    this.source.clear();
    this.note.clear();
    this.product.clear();
    this.by.clear();
  }
}
