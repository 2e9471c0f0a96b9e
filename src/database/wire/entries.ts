/**
 * How entries travel in outputs and to watchers.
 *
 * An entry is its `index`: varint, a byte with its kind (as below), {@link textMarks} and {@link idMark}, the `id` of
 * its site if that is marked: varint, the site's `name`: text, `recordedAt`: varint, what its kind has, and those of
 * `who`, `source` and `note`: text that are marked.
 *
 * | kind | entry        | what it has                                                                            |
 * |------|--------------|----------------------------------------------------------------------------------------|
 * | 0    | `added`      | `zip`                                                                                  |
 * | 1    | `report`     | {@link reportBits}: byte, a count: varint, `observedAt` if it is marked: varint         |
 * | 2    | `retired`    | (`note` is the reason)                                                                 |
 * | 3    | `reopened`   |                                                                                        |
 * | 4    | `documented` | `document`: text                                                                       |
 * | 5    | `edited`     | `edits`: byte, and those of `name`: text, `zip`, `identifiers`: blob that are marked   |
 * | 6    | `merged`     | the `id`: varint and the `name`: text of the other site                                |
 * | 7    | `unmerged`   | the same                                                                               |
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import { allTextMarks, editMarks, textMarks } from "./entry_fields.ts";
import { readReported, readZip, reportedBits, unpackZip } from "./packed.ts";
import type { EditedEntry, Entry } from "../entries.ts";
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
} as const;

/** The bits of an entry's first byte in which its kind is. */
export const entryKindBits = 7;

/** Beside its kind: the id of its site follows. */
export const idMark = 64;

/** The bits of a report: how its availability is told, its unit (shifted), and what else there is to know. */
export const reportBits = { ...reportedBits, outOfDate: 16, observedAt: 32 } as const;

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
  if ((head & ~(entryKindBits | allTextMarks | idMark)) !== 0) {
    throw new DecodeError(`the first byte of an entry is ${head}`);
  }
  const siteId = (head & idMark) === 0 ? 0 : reader.varint();
  const base = { index, site: reader.text(), siteId, recordedAt: reader.varint() };
  switch (head & entryKindBits) {
    case entryKinds.added:
      return { kind: "added", ...base, zip: unpackZip(readZip(reader)), ...readTexts(reader, head) };
    case entryKinds.report: {
      const bits = reader.byte();
      if (bits >= 2 * reportBits.observedAt) throw new DecodeError(`the bits of a report are ${bits}`);
      const reported = readReported(reader, bits);
      const observedAt = (bits & reportBits.observedAt) !== 0 ? reader.varint() : base.recordedAt;
      const outOfDate = (bits & reportBits.outOfDate) !== 0;
      return { kind: "report", ...base, ...reported, observedAt, outOfDate, ...readTexts(reader, head) };
    }
    case entryKinds.retired: {
      const { note = "", ...texts } = readTexts(reader, head);
      return { kind: "retired", ...base, reason: note, ...texts };
    }
    case entryKinds.reopened:
      return { kind: "reopened", ...base, ...readTexts(reader, head) };
    case entryKinds.documented:
      return { kind: "documented", ...base, document: reader.text(), ...readTexts(reader, head) };
    case entryKinds.edited:
      return { kind: "edited", ...base, ...readEdited(reader), ...readTexts(reader, head) };
    default: {
      const kind = (head & entryKindBits) === entryKinds.merged ? "merged" : "unmerged";
      return { kind, ...base, into: { id: reader.varint(), name: reader.text() }, ...readTexts(reader, head) };
    }
  }
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
