/**
 * How entries travel in outputs and to watchers.
 *
 * An entry is its `index`: varint, a byte with its kind (as below), {@link textMarks}, {@link idMark} and
 * {@link extensionMark}, a byte of {@link extensionBits} if that is marked, the `id` of its site if that is marked:
 * varint, the site's `name`: text, `recordedAt`: varint, what its kind has, those of `who`, `source` and `note`: text
 * that are marked, and `by`: text if that is.
 *
 * | kind | entry        | what it has                                                                            |
 * |------|--------------|----------------------------------------------------------------------------------------|
 * | 0    | `added`      | `zip`                                                                                  |
 * | 1    | `report`     | {@link reportBits}: byte, a count: varint, `observedAt` and `product` if they are marked |
 * | 2    | `retired`    | (`note` is the reason)                                                                 |
 * | 3    | `reopened`   |                                                                                        |
 * | 4    | `documented` | `document`: text, and if it is marked, twice `observedAt` and 1 if it is extra: varint  |
 * | 5    | `edited`     | `edits`: byte, and those of `name`: text, `zip`, `identifiers`: blob that are marked   |
 * | 6    | `merged`     | the `id`: varint and the `name`: text of the other site                                |
 * | 7    | `unmerged`   | the same                                                                               |
 * | 8    | `confirmed`  | `observedAt`: varint, `product`: text, empty if there is none                          |
 * | 9    | `published`  | `locationId`: text                                                                     |
 * | 10   | `retracted`  | the index of the report: varint, {@link shownAfter}: varint, and that report: an entry   |
 * | 11   | `redacted`   | the index of the entry: varint, 1 if it was the reason of a retirement: varint          |
 *
 * A kind from 8 on is told by the extension: its number less 7 is there, and 0 where other kinds are.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import { editMarks, shownAfter, textMarks } from "./entry_fields.ts";
import { readReported, readZip, reportedBits, unpackZip } from "./packed.ts";
import type { DocumentedEntry, EditedEntry, Entry, RetractedEntry } from "../entries.ts";
import { given } from "../given.ts";
import { readIdentifiers } from "./identifiers.ts";

/** The number of each kind of entry. */
export const entryKinds = {
  added: 0,
  report: 1,
  retired: 2,
  reopened: 3,
  documented: 4,
  edited: 5,
  merged: 6,
  unmerged: 7,
  confirmed: 8,
  published: 9,
  retracted: 10,
  redacted: 11,
} as const;

/** The last kind that the first byte of an entry can tell. */
export const plainKindMax: number = entryKinds.unmerged;

/** Beside the kind of an entry: a byte of {@link extensionBits} follows. */
export const extensionMark = 128;

/**
 * What an extension tells: the kind of an entry, if it is above {@link plainKindMax}, less that; that it has `by`; that
 * a document has a time, or is extra. In outputs also that the entry was taken back, or redacted, when it was read.
 */
export const extensionBits = { kind: 15, by: 16, time: 32, retracted: 64, redacted: 128 } as const;

/** Those that only an output has. */
const readBits = extensionBits.retracted | extensionBits.redacted;

/** The bits of an entry's first byte in which its kind is. */
export const entryKindBits = 7;

/** Beside its kind: the id of its site follows. */
export const idMark = 64;

/** The bits of a report: how its availability is told, its unit (shifted), and what else there is to know. */
export const reportBits = { ...reportedBits, outOfDate: 16, observedAt: 32, product: 64 } as const;

/** Bytes of an entry except its texts, the name and the document, at most: numbers, and lengths of texts. */
export const entryNumbersMax = 8 + 1 + 8 + 2 + 7 + 1 + 8 + 7 + 3 + 1 + 2 + 2;

/**
 * Reads entries from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are not entries.
 */
export function readEntries(bytes: Uint8Array): Entry[] {
  const reader = new ByteReader(bytes);
  const entries: Entry[] = [];
  while (reader.remaining > 0) entries.push(readEntry(reader));
  return entries;
}

function readEntry(reader: ByteReader): Entry {
  const index = reader.varint();
  const head = reader.byte();
  const extension = (head & extensionMark) === 0 ? 0 : reader.byte();
  const kind = kindOf(head, extension, readBits);
  const siteId = (head & idMark) === 0 ? 0 : reader.varint();
  const base = {
    index,
    site: reader.text(),
    siteId,
    recordedAt: reader.varint(),
    ...((extension & extensionBits.retracted) === 0 ? {} : { retracted: true }),
    ...((extension & extensionBits.redacted) === 0 ? {} : { redacted: true }),
  };
  const texts = () => ({ ...readTexts(reader, head), ...((extension & extensionBits.by) === 0 ? {} : readBy(reader)) });
  switch (kind) {
    case entryKinds.added:
      return { kind: "added", ...base, zip: unpackZip(readZip(reader)), ...texts() };
    case entryKinds.report: {
      const bits = reader.byte();
      if (bits >= 2 * reportBits.product) throw new DecodeError(`the bits of a report are ${bits}`);
      const reported = readReported(reader, bits);
      const observedAt = (bits & reportBits.observedAt) !== 0 ? reader.varint() : base.recordedAt;
      const outOfDate = (bits & reportBits.outOfDate) !== 0;
      const product = (bits & reportBits.product) === 0 ? {} : { product: reader.text() };
      return { kind: "report", ...base, ...reported, ...product, observedAt, outOfDate, ...texts() };
    }
    case entryKinds.retired: {
      const { note = "", ...others } = texts();
      return { kind: "retired", ...base, reason: note, ...others };
    }
    case entryKinds.reopened:
      return { kind: "reopened", ...base, ...texts() };
    case entryKinds.documented: {
      const document = reader.text();
      const made = (extension & extensionBits.time) === 0 ? {} : readMade(reader);
      return { kind: "documented", ...base, document, ...made, ...texts() };
    }
    case entryKinds.edited:
      return { kind: "edited", ...base, ...readEdited(reader), ...texts() };
    case entryKinds.confirmed: {
      const observedAt = reader.varint();
      const product = reader.text() || undefined;
      return { kind: "confirmed", ...base, observedAt, ...given({ product }), ...texts() };
    }
    case entryKinds.published:
      return { kind: "published", ...base, locationId: reader.text(), ...texts() };
    case entryKinds.retracted:
      return { kind: "retracted", ...base, of: reader.varint(), ...readShown(reader), ...texts() };
    case entryKinds.redacted: {
      const [of, isReason] = [reader.varint(), reader.varint()];
      if (isReason > 1) throw new DecodeError(`a flag is ${isReason}`);
      return { kind: "redacted", ...base, of, ...isReason === 0 ? {} : { reason: true }, ...texts() };
    }
    default: {
      const merge = kind === entryKinds.merged ? "merged" : "unmerged";
      return { kind: merge, ...base, into: { id: reader.varint(), name: reader.text() }, ...texts() };
    }
  }
}

/**
 * The kind of an entry, from its first byte and its extension.
 *
 * @param alsoBits what the extension may say beside its kind, `by` and a time.
 */
export function kindOf(head: number, extension: number, alsoBits = 0): number {
  const more = extension & extensionBits.kind;
  const kind = more === 0 ? head & entryKindBits : plainKindMax + more;
  const isExtended = (head & extensionMark) !== 0;
  const isSound = kind <= entryKinds.redacted && isExtended === (extension !== 0) &&
    (more === 0 || (head & entryKindBits) === 0) &&
    (extension & ~(extensionBits.kind | extensionBits.by | extensionBits.time | alsoBits)) === 0 &&
    ((extension & extensionBits.time) === 0 || kind === entryKinds.documented);
  if (!isSound) throw new DecodeError(`an entry begins with ${head}${isExtended ? ` and ${extension}` : ""}`);
  return kind;
}

/** What the source of a report that was taken back shows then. */
function readShown(reader: ByteReader): Pick<RetractedEntry, "shows"> {
  const shows = reader.varint();
  if (shows === shownAfter.same) return {};
  if (shows === shownAfter.nothing) return { shows: "nothing" };
  if (shows === shownAfter.unknown) return { shows: "unknown" };
  const report = shows === shownAfter.report + 1 ? readEntry(reader) : undefined;
  if (report?.kind === "report") return { shows: report };
  throw new DecodeError(`what a source shows then is ${shows}`);
}

/** When a document was made, and whether it is extra: not both are 0. */
function readMade(reader: ByteReader): Pick<DocumentedEntry, "observedAt" | "extra"> {
  const made = reader.varint();
  const observedAt = Math.floor(made / 2);
  if (made === 0) throw new DecodeError("the time of a document is 0");
  return { ...(observedAt === 0 ? {} : { observedAt }), ...(made % 2 === 0 ? {} : { extra: true }) };
}

function readBy(reader: ByteReader): { readonly by: string } {
  return { by: reader.text() };
}

function readEdited(reader: ByteReader): Pick<EditedEntry, "name" | "zip" | "identifiers"> {
  const edits = reader.byte();
  if (edits === 0 || edits >= 2 * editMarks.identifiers) throw new DecodeError(`the marks of an edit are ${edits}`);
  return given({
    name: (edits & editMarks.name) === 0 ? undefined : reader.text(),
    zip: (edits & editMarks.zip) === 0 ? undefined : unpackZip(readZip(reader)),
    identifiers: (edits & editMarks.identifiers) === 0 ? undefined : readIdentifiers(reader.blob()),
  });
}

/** The texts that are marked. */
export function readTexts(
  reader: ByteReader,
  marked: number,
): { readonly who?: string; readonly source?: string; readonly note?: string } {
  return {
    ...((marked & textMarks.who) !== 0 ? { who: reader.text() } : {}),
    ...((marked & textMarks.source) !== 0 ? { source: reader.text() } : {}),
    ...((marked & textMarks.note) !== 0 ? { note: reader.text() } : {}),
  };
}
