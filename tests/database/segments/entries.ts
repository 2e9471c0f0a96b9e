/**
 * Entries to seal, and what is to be found in a segment.
 *
 * @module
 */

import fc from "fast-check";
import { timeMsMax } from "../../../src/limits.ts";
import { entryKinds } from "../../../src/database/wire/entries.ts";
import { editMarks, type EntryFields, moreMarks, textMarks } from "../../../src/database/wire/entry_fields.ts";
import type { TextRange } from "../../../src/database/wire/text_range.ts";
import { SegmentEntry } from "../../../src/database/segments/segment_entry.ts";
import type { MachineParts } from "../../../src/database/store/machine_parts.ts";
import { machineParts, SiteLog } from "../store/machine.ts";
import { readingSites } from "../../../src/database/store/snapshot.ts";
import type { Sites } from "../../../src/database/store/sites.ts";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { restoreAll } from "../../../src/snapshot.ts";

const latin = new TextDecoder("latin1");

/** A text as one that can be compared. */
export function textOf(text: TextRange): string {
  return latin.decode(text.view());
}

/** Gives a range bytes of its own. */
export function setText(range: TextRange, bytes: Uint8Array): void {
  range.set(bytes, 0, bytes.length);
}

/** What an entry says: what its kind does not have is left out, as are old values. */
export function said(entry: SegmentEntry): Record<string, unknown> {
  const { kind, site, index, recordedAt, reach, marked } = entry;
  const more = entry.more & (moreMarks.product | moreMarks.by | (kind === entryKinds.documented ? moreMarks.extra : 0));
  const shared = (mark: boolean, number: number, text: TextRange) => !mark ? undefined : number || textOf(text);
  const all: Record<string, unknown> = {
    kind,
    site,
    index,
    recordedAt,
    reach,
    marked,
    more,
    who: shared((marked & textMarks.who) !== 0, entry.whoNumber, entry.who),
    source: shared((marked & textMarks.source) !== 0, entry.sourceNumber, entry.source),
    note: (marked & textMarks.note) === 0 ? undefined : textOf(entry.note),
    product: shared((more & moreMarks.product) !== 0, entry.productNumber, entry.product),
    by: shared((more & moreMarks.by) !== 0, entry.byNumber, entry.by),
  };
  switch (kind) {
    case entryKinds.added:
      return { ...all, zip: entry.zip, name: textOf(entry.name) };
    case entryKinds.report: {
      const { availability, unit, isExplicit, outOfDate, observedAt } = entry;
      return { ...all, availability, unit, isExplicit, outOfDate, observedAt };
    }
    case entryKinds.confirmed:
      return { ...all, observedAt: entry.observedAt };
    case entryKinds.documented: {
      const { documentNumber } = entry;
      const made = entry.isExplicit ? entry.observedAt : 0;
      return {
        ...all,
        made,
        document: documentNumber === 0 ? textOf(entry.document) : [documentNumber, entry.documentLength],
      };
    }
    case entryKinds.edited:
      return {
        ...all,
        edits: entry.edits,
        name: (entry.edits & editMarks.name) === 0 ? undefined : textOf(entry.newName),
        zip: (entry.edits & editMarks.zip) === 0 ? undefined : entry.zip,
        identifiers: (entry.edits & editMarks.identifiers) === 0 ? undefined : textOf(entry.identifiers),
      };
    case entryKinds.merged:
    case entryKinds.unmerged:
      return { ...all, into: entry.into };
    case entryKinds.published:
      return { ...all, locationId: textOf(entry.locationId) };
    case entryKinds.retracted:
    case entryKinds.redacted:
      return { ...all, of: entry.of, shows: entry.shows };
    default:
      return all;
  }
}

const ranges = [
  "name",
  "newName",
  "identifiers",
  "document",
  "locationId",
  "who",
  "source",
  "note",
  "product",
  "by",
] as const;
const numbers = [
  "kind",
  "site",
  "index",
  "recordedAt",
  "edits",
  "zip",
  "availability",
  "unit",
  "isExplicit",
  "observedAt",
  "of",
  "shows",
  "marked",
  "more",
  "outOfDate",
  "reach",
  "into",
  "whoNumber",
  "sourceNumber",
  "productNumber",
  "byNumber",
  "documentNumber",
  "documentLength",
] as const;

/** Makes an entry the same as another one. */
export function copyEntry(from: Partial<SegmentEntry> & EntryFields, to: SegmentEntry): void {
  for (const name of ranges) to[name].copy(from[name]);
  const [values, target] = [from as unknown as Record<string, unknown>, to as unknown as Record<string, unknown>];
  for (const name of numbers) if (values[name] !== undefined) target[name] = values[name];
}

/** Numbers for texts, in the order in which they come. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #max: number;

  /** @param max how many numbers there are. */
  constructor(max: number) {
    this.#max = max;
  }

  numberOf(text: TextRange): number {
    const key = textOf(text);
    const known = this.#numbers.get(key);
    if (known !== undefined || this.#numbers.size >= this.#max) return known ?? 0;
    this.#numbers.set(key, this.#numbers.size + 1);
    return this.#numbers.size;
  }
}

/**
 * All entries of a database, as they are sealed.
 *
 * @param textsMax texts that have a number, at most; absent: they have those of the log.
 * @param parts those of the machine, where they are other than usual.
 */
export function entriesOf(sites: Sites, textsMax?: number, parts: Partial<MachineParts> = {}): SegmentEntry[] {
  let siteLog = new SiteLog(parts);
  restoreAll(readingSites({ ...machineParts, ...parts }, (read) => siteLog = read), sites.snapshot());
  const { log } = siteLog;
  const few = textsMax === undefined ? undefined : new TextNumbers(textsMax);
  const texts = { numberOf: (text: TextRange) => few?.numberOf(text) ?? log.texts.find(text) };
  const known = new LogEntry();
  const entries: SegmentEntry[] = [];
  for (let place = log.placeOf(1); entries.length < log.last; place = known.end) {
    log.read(place, known);
    const entry = new SegmentEntry();
    copyEntry(known, entry);
    if (entry.who.length > 0) entry.whoNumber = texts.numberOf(entry.who);
    if (entry.source.length > 0) entry.sourceNumber = texts.numberOf(entry.source);
    if (entry.product.length > 0) entry.productNumber = texts.numberOf(entry.product);
    if (entry.by.length > 0) entry.byNumber = texts.numberOf(entry.by);
    entries.push(entry);
  }
  return entries;
}

const texts = fc.oneof(fc.constantFrom("x", "a longer text", "État"), fc.string({ minLength: 1, maxLength: 12 }));
const bytesOf = (text: string) => new TextEncoder().encode(text);
const sites = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 4 }), weight: 8 },
  { arbitrary: fc.constantFrom(0, 2000, 3_000_000, 2 ** 24, 2 ** 32 - 1), weight: 1 },
);
/** Few feeds and people at a time, and also times that are as far apart as times can be. */
const times = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 20 }).map((step) => 1_790_000_000_000 + 60_000 * step), weight: 6 },
  { arbitrary: fc.integer({ min: 0, max: 5_000_000 }).map((ms) => 1_790_000_000_000 + ms), weight: 2 },
  { arbitrary: fc.constantFrom(0, 1, timeMsMax), weight: 1 },
);
const counts = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(0, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());

interface Draft {
  readonly kind: number;
  readonly site: number;
  readonly recordedAt: number;
  readonly observedAt: number | undefined;
  readonly isExplicit: boolean;
  readonly outOfDate: boolean;
  readonly availability: number;
  readonly unit: number;
  readonly note: string | undefined;
  readonly shared: readonly (readonly [number: number, text: string] | undefined)[];
  readonly extra: boolean;
  readonly own: string;
  readonly edits: number;
  readonly zip: number;
  readonly number: number;
  readonly document: number;
}

const shared = fc.option(fc.tuple(fc.constantFrom(0, 1, 1, 2, 300, 65_536), texts), { nil: undefined });

const drafts: fc.Arbitrary<Draft> = fc.record({
  kind: fc.oneof(
    { arbitrary: fc.constant<number>(entryKinds.report), weight: 6 },
    { arbitrary: fc.constant<number>(entryKinds.confirmed), weight: 2 },
    { arbitrary: fc.integer({ min: 0, max: entryKinds.redacted }), weight: 6 },
  ),
  site: sites,
  recordedAt: times,
  observedAt: fc.option(times, { nil: undefined }),
  isExplicit: fc.boolean(),
  outOfDate: fc.boolean(),
  availability: fc.oneof(counts, fc.constantFrom(-1, -2, -4)),
  unit: fc.integer({ min: 0, max: 2 }),
  note: fc.option(texts, { nil: undefined, freq: 2 }),
  shared: fc.tuple(shared, shared, shared, shared),
  extra: fc.boolean(),
  own: texts,
  edits: fc.integer({ min: 0, max: 7 }),
  zip: fc.constantFrom(10, 102139, 19_999_999_999, 10_213_912_345),
  number: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.maxSafeNat()),
  document: fc.constantFrom(0, 0, 1, 2, 40, 2 ** 50),
});

/** Logs of entries of all kinds, with all that they may say, whether or not commands lead there. */
export const anyEntries: fc.Arbitrary<SegmentEntry[]> = fc.array(drafts, { minLength: 1, maxLength: 60, size: "max" })
  .map((list) => {
    const reaches = new Map<number, number>();
    return list.map((draft, at) => entryOf(draft, at + 1, reaches));
  });

function entryOf(draft: Draft, index: number, reaches: Map<number, number>): SegmentEntry {
  const entry = new SegmentEntry();
  const { kind, site, recordedAt, note, shared: [who, source, product, by], own } = draft;
  Object.assign(entry, { kind, site, index, recordedAt });
  const { observedAt = recordedAt } = draft;
  let reach = reaches.get(site) ?? 0;
  if (kind === entryKinds.report) {
    const { availability, unit, outOfDate, isExplicit } = draft;
    Object.assign(entry, { availability, unit, outOfDate, isExplicit, observedAt });
    reach = Math.max(reach, observedAt);
  } else if (kind === entryKinds.confirmed) entry.observedAt = observedAt;
  entry.reach = reach;
  reaches.set(site, reach);
  const set = (mark: "marked" | "more", bit: number, text: TextRange, value: string) => {
    entry[mark] |= bit;
    setText(text, bytesOf(value));
  };
  if (note !== undefined) set("marked", textMarks.note, entry.note, note);
  if (who !== undefined) {
    entry.whoNumber = who[0];
    set("marked", textMarks.who, entry.who, who[1]);
  }
  if (source !== undefined) {
    entry.sourceNumber = source[0];
    set("marked", textMarks.source, entry.source, source[1]);
  }
  const hasProduct = kind === entryKinds.report || kind === entryKinds.confirmed;
  if (product !== undefined && hasProduct) {
    entry.productNumber = product[0];
    set("more", moreMarks.product, entry.product, product[1]);
  }
  if (by !== undefined) {
    entry.byNumber = by[0];
    set("more", moreMarks.by, entry.by, by[1]);
  }
  entry.edits = draft.edits;
  entry.zip = draft.zip;
  for (const text of [entry.name, entry.newName, entry.identifiers, entry.locationId, entry.document]) {
    setText(text, bytesOf(own));
  }
  entry.into = site;
  entry.of = draft.number;
  entry.shows = draft.number % 7;
  if (kind === entryKinds.documented) {
    entry.isExplicit = draft.isExplicit && observedAt > 0;
    entry.observedAt = entry.isExplicit ? observedAt : 0;
    if (draft.extra) entry.more |= moreMarks.extra;
    entry.documentNumber = draft.document;
    entry.documentLength = draft.document === 0 ? entry.document.length : 70 + own.length;
  }
  return entry;
}
