/**
 * What the entries of a block are, and say of themselves: each column of it but those of times and indices.
 *
 * @module
 */

import { type ByteReader, DecodeError } from "../../bytes.ts";
import { entryKinds } from "../wire/entries.ts";
import { editMarks } from "../wire/entry_fields.ts";
import { checkUnit, countTag, isPackedZip } from "../wire/packed.ts";
import { blockEntriesMax } from "./block_writer.ts";
import { checked, type EntryColumn, entryMarks, numberMax, ReadResiduals, unfolded } from "./columns.ts";
import { inlineText } from "./segment_entry.ts";

/** Texts that may have a number. */
export type NumberedText = "who" | "source" | "product" | "by";

const numbersOf = () => new Uint32Array(blockEntriesMax);
const floatsOf = () => new Float64Array(blockEntriesMax);

/** Columns, as they are read; the wanted entries are then copied. A block is read at once, so all share these. */
export const scratch = {
  differences: floatsOf(),
  offsets: numbersOf(),
  recordedAt: floatsOf(),
  observedAt: floatsOf(),
  reach: floatsOf(),
  availability: floatsOf(),
  who: numbersOf(),
  source: numbersOf(),
  product: numbersOf(),
  by: numbersOf(),
  own: floatsOf(),
  ownMore: floatsOf(),
  lengthAt: numbersOf(),
  textAt: numbersOf(),
} as const;

/** Copies a part of an array: a few numbers faster than its own method does. */
export function copyOf(array: Uint32Array | Float64Array, start: number, end: number): Uint32Array | Float64Array {
  if (end - start > fewNumbers) return array.slice(start, end);
  const copy = array instanceof Uint32Array ? new Uint32Array(end - start) : new Float64Array(end - start);
  for (let at = start; at < end; at++) copy[at - start] = array[at];
  return copy;
}

/** Up to that many numbers are copied one by one. */
const fewNumbers = 32;

/** The columns of the runs: see `BlockRuns`. */
export const runColumns: ReadonlySet<EntryColumn> = new Set<EntryColumn>(["site", "count", "before"]);

/** What the first entries of a block have. */
interface KindsAndMarks {
  /** All marks that an entry has. */
  readonly allMarks: number;
  /** Whether all of them are reports and confirmations. */
  readonly isPlain: boolean;
}

/** Checks the kinds and the marks of the entries up to `end`. */
export function checkKinds(kinds: Uint8Array, marks: Uint8Array, end: number): KindsAndMarks {
  const others = entryMarks.who | entryMarks.source | entryMarks.note | entryMarks.product | entryMarks.by;
  let [allMarks, isPlain] = [0, true];
  for (let at = 0; at < end; at++) {
    allMarks |= marks[at];
    const kind = kinds[at] & 15;
    // A report may have any marks, and any unit that there is.
    if (kind === entryKinds.report) {
      if (kinds[at] >>> 6 > 0) checkUnit(kinds[at] >>> 6);
      continue;
    }
    if (kind !== entryKinds.confirmed) isPlain = false;
    const allowed = kind === entryKinds.documented ? others | entryMarks.extra | entryMarks.explicit : others;
    if (kind > entryKinds.redacted || kinds[at] > 15 || (marks[at] & ~allowed) !== 0) {
      throw new DecodeError(`an entry begins with ${kinds[at]} and ${marks[at]}`);
    }
  }
  return { allMarks, isPlain };
}

/** Reads the counts of reports. Returns whether there are any. */
export function readCounts(reader: ByteReader, kinds: Uint8Array, end: number): boolean {
  const hasCounts = reader.remaining > 0;
  const residuals = new ReadResiduals(reader, 2, true);
  const { availability, differences } = scratch;
  const isCount = (at: number) => (kinds[at] & 15) === entryKinds.report && (kinds[at] >>> 4 & 3) === countTag;
  let counts = 0;
  for (let at = 0; at < end; at++) if (isCount(at)) counts++;
  residuals.read(differences, counts);
  const isToldByOthers = residuals.way > 0;
  for (let at = 0, read = 0, before = 0; at < end; at++) {
    if (!isCount(at)) continue;
    const value = differences[read++] + (isToldByOthers ? before : 0);
    availability[at] = before = checked(value, Number.MAX_SAFE_INTEGER, "a count");
  }
  return hasCounts;
}

/** Reads the numbers of texts of one kind, of which there are some. Returns whether any of them has none. */
export function readTextNumbers(
  reader: ByteReader,
  marks: Uint8Array,
  mark: number,
  end: number,
  numbers: Uint32Array,
): boolean {
  if (reader.remaining === 0) throw new DecodeError("a text that is there has no number");
  const { differences } = scratch;
  let count = 0;
  for (let at = 0; at < end; at++) if ((marks[at] & mark) !== 0) count++;
  reader.varints(differences, count);
  let hasInline = false;
  for (let at = 0, read = 0, last = inlineText; at < end; at++) {
    if ((marks[at] & mark) === 0) continue;
    const number = differences[read++];
    if (number > 1) last = checked(number - 1, numberMax, "the number of a text");
    else if (number === 0 && last === inlineText) {
      throw new DecodeError("the first text is the same as the one before");
    }
    numbers[at] = number === 1 ? inlineText : last;
    if (number === 1) hasInline = true;
  }
  return hasInline;
}

/**
 * Reads what only some kinds have, and where texts are.
 *
 * @param inlineMarks the marks of texts that may stand in their entries.
 */
export function readOwn(
  named: Record<EntryColumn, ByteReader>,
  kinds: Uint8Array,
  marks: Uint8Array,
  inlineMarks: number,
  [start, end]: readonly [number, number],
): void {
  const { length: lengths, text: texts } = named;
  const { own, ownMore, lengthAt, textAt, who, source, product, by } = scratch;
  let document = 0;
  for (let at = 0; at < end; at++) {
    const [kind, mark] = [kinds[at] & 15, marks[at]];
    if (at >= start) {
      lengthAt[at] = lengths.position;
      textAt[at] = texts.position;
    }
    const isPlain = kind === entryKinds.report || kind === entryKinds.confirmed;
    // Most entries have no text here.
    if (isPlain && (mark & inlineMarks) === 0) continue;
    let count = 0;
    if (!isPlain) {
      if (kind === entryKinds.documented) {
        const number = named.document.varint();
        own[at] = 0;
        if (number === 0) count = 1;
        else {
          own[at] = document = checked(document + unfolded(number - 1), Number.MAX_SAFE_INTEGER, "a document");
          if (document === 0) throw new DecodeError("a document has the number 0");
          ownMore[at] = lengths.varint();
        }
      } else count = readNumbersOf(kind, at, named);
    }
    if ((mark & entryMarks.note) !== 0) count++;
    if ((mark & entryMarks.who) !== 0 && who[at] === inlineText) count++;
    if ((mark & entryMarks.source) !== 0 && source[at] === inlineText) count++;
    if ((mark & entryMarks.product) !== 0 && product[at] === inlineText) count++;
    if ((mark & entryMarks.by) !== 0 && by[at] === inlineText) count++;
    for (; count > 0; count--) texts.skip(lengths.varint());
  }
}

/** Reads the numbers of a rare kind. Returns how many texts of its own it has. */
function readNumbersOf(kind: number, at: number, named: Record<EntryColumn, ByteReader>): number {
  const { own, ownMore } = scratch;
  switch (kind) {
    case entryKinds.added:
      own[at] = readZip(named.zip);
      return 1;
    case entryKinds.edited: {
      const edits = named.edits.byte();
      if (edits >= 2 * editMarks.identifiers) throw new DecodeError(`the marks of an edit are ${edits}`);
      ownMore[at] = edits;
      if ((edits & editMarks.zip) !== 0) own[at] = readZip(named.zip);
      return ((edits & editMarks.name) === 0 ? 0 : 1) + ((edits & editMarks.identifiers) === 0 ? 0 : 1);
    }
    case entryKinds.merged:
    case entryKinds.unmerged:
      own[at] = checked(named.into.varint(), numberMax, "a site");
      return 0;
    case entryKinds.published:
      return 1;
    case entryKinds.retracted:
    case entryKinds.redacted:
      own[at] = named.of.varint();
      ownMore[at] = named.shows.varint();
      return 0;
    default:
      return 0;
  }
}

function readZip(reader: ByteReader): number {
  const zip = reader.varint();
  if (!isPackedZip(zip)) throw new DecodeError(`${zip} is not a ZIP code`);
  return zip;
}
