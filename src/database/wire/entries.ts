/**
 * The entries of the log as others see them, and how they travel in the outputs and to those who watch.
 *
 * An entry is its `index`: varint, a byte with its kind (0 to 4, as below) and {@link entryMarks}, the site's `name`:
 * text, `recordedAt`: varint, what its kind has, and those of `who`, `source` and `note`: text that are marked.
 *
 * | kind | entry        | what it has                                                                            |
 * |------|--------------|----------------------------------------------------------------------------------------|
 * | 0    | `added`      | `zip`                                                                                  |
 * | 1    | `report`     | {@link reportBits}: byte, the count if it is one: varint, `observedAt` if it is marked: varint |
 * | 2    | `retired`    | (`note` is the reason)                                                                 |
 * | 3    | `reopened`   |                                                                                        |
 * | 4    | `documented` | `document`: text                                                                       |
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import { checkUnit, readTagged, readZip, unpackAvailability, unpackUnit, unpackZip } from "./packed.ts";
import type { Availability, Unit } from "../values.ts";

/** What every entry has. */
export interface EntryBase {
  /** Its place among the entries of all sites, from 1, without gaps. */
  readonly index: number;
  /** The site's name. */
  readonly site: string;
  /** When it was recorded, by the clock of the client, in ms since 1970. */
  readonly recordedAt: number;
  /** Who reported it. */
  readonly who?: string;
  /** Where it is from. */
  readonly source?: string;
}

/** A site was added. */
export interface AddedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "added";
  /** Its ZIP code. */
  readonly zip: string;
  /** What else was said. */
  readonly note?: string;
}

/** Somebody reported what a site has. */
export interface ReportEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "report";
  /** What was there. */
  readonly availability: Availability;
  /** What a count counts. */
  readonly unit?: Unit;
  /** When it was true, in ms since 1970. */
  readonly observedAt: number;
  /** Whether a newer observation was known already, so that the site went on to show that. */
  readonly outOfDate: boolean;
  /** What else was said. */
  readonly note?: string;
}

/** A site was retired. */
export interface RetiredEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "retired";
  /** Why. */
  readonly reason: string;
}

/** A retired site was opened again. */
export interface ReopenedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "reopened";
  /** What else was said. */
  readonly note?: string;
}

/** A feed said something else of a site than before. */
export interface DocumentedEntry extends EntryBase {
  /** Which entry it is. */
  readonly kind: "documented";
  /** What it said. */
  readonly document: string;
  /** What else was said. */
  readonly note?: string;
}

/** An entry of the log. */
export type Entry = AddedEntry | ReportEntry | RetiredEntry | ReopenedEntry | DocumentedEntry;

/** The number of each kind of entry. */
export const entryKinds = { added: 0, report: 1, retired: 2, reopened: 3, documented: 4 } as const;

/** The bits of an entry's first byte in which its kind is. */
export const entryKindBits = 7;

/** Which texts an entry has, as bits beside its kind. */
export const entryMarks = { who: 8, source: 16, note: 32 } as const;

/** The bits of a report: how its availability is told, its unit (shifted), and what else there is to know. */
export const reportBits = { tag: 3, unit: 12, outOfDate: 16, observedAt: 32 } as const;

/** How far the unit is shifted in a byte beside the tag of an availability. */
export const reportUnitShift = 2;

/** Bytes of an entry but for its texts, the name and the document, at most: numbers, and lengths of texts. */
export const entryNumbersMax = 8 + 1 + 2 + 7 + 1 + 8 + 7 + 3 + 1 + 2 + 2;

/**
 * Reads entries from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are no entries.
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
  if ((head & ~(entryKindBits | entryMarks.who | entryMarks.source | entryMarks.note)) !== 0) {
    throw new DecodeError(`the first byte of an entry is ${head}`);
  }
  const base = { index, site: reader.text(), recordedAt: reader.varint() };
  switch (head & entryKindBits) {
    case entryKinds.added: {
      const zip = unpackZip(readZip(reader));
      return { kind: "added", ...base, zip, ...readTexts(reader, head) };
    }
    case entryKinds.report: {
      const report = readReport(reader, base.recordedAt);
      return { kind: "report", ...base, ...report, ...readTexts(reader, head) };
    }
    case entryKinds.retired: {
      const { note = "", ...texts } = readTexts(reader, head);
      return { kind: "retired", ...base, reason: note, ...texts };
    }
    case entryKinds.reopened:
      return { kind: "reopened", ...base, ...readTexts(reader, head) };
    case entryKinds.documented: {
      const document = reader.text();
      return { kind: "documented", ...base, document, ...readTexts(reader, head) };
    }
    default:
      throw new DecodeError(`there is no entry of kind ${head & entryKindBits}`);
  }
}

function readReport(
  reader: ByteReader,
  recordedAt: number,
): Pick<ReportEntry, "availability" | "unit" | "observedAt" | "outOfDate"> {
  const bits = reader.byte();
  if (bits >= 2 * reportBits.observedAt) throw new DecodeError(`the bits of a report are ${bits}`);
  const packedUnit = (bits & reportBits.unit) >>> reportUnitShift;
  checkUnit(packedUnit);
  const unit = unpackUnit(packedUnit);
  const availability = unpackAvailability(readTagged(reader, bits & reportBits.tag));
  const observedAt = (bits & reportBits.observedAt) !== 0 ? reader.varint() : recordedAt;
  const outOfDate = (bits & reportBits.outOfDate) !== 0;
  return { availability, ...(unit === undefined ? {} : { unit }), observedAt, outOfDate };
}

/** The texts that are marked. */
export function readTexts(
  reader: ByteReader,
  marked: number,
): { readonly who?: string; readonly source?: string; readonly note?: string } {
  return {
    ...((marked & entryMarks.who) !== 0 ? { who: reader.text() } : {}),
    ...((marked & entryMarks.source) !== 0 ? { source: reader.text() } : {}),
    ...((marked & entryMarks.note) !== 0 ? { note: reader.text() } : {}),
  };
}
