/**
 * The outputs of the database's commands, read from the bytes that `output_layout.ts` describes.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import { mergedSitesMax, siteBytesMax } from "../../limits.ts";
import type { Detail } from "./commands.ts";
import { readEntries, readTexts } from "./entries.ts";
import { allTextMarks } from "./entry_fields.ts";
import type { Entry } from "../entries.ts";
import { readIdentifiers } from "./identifiers.ts";
import { given } from "../given.ts";
import {
  againMark,
  type Effect,
  effects,
  entriesEnds,
  knowsMark,
  pageEnds,
  pageStatuses,
  reportMarks,
  sourceBits,
  sourceMarks,
  stateBits,
  statuses,
} from "./output_layout.ts";
import { readAvailability, readReported, readZip, unpackAvailability, unpackZip } from "./packed.ts";
import type { BriefSite, FullSite, NamedSite, ShownReport, Site, SourceReport } from "../values.ts";

// What writes outputs knows them by this file, too.
export type { Effect };
export {
  againMark,
  effects,
  entriesEnds,
  knowsMark,
  pageEnds,
  pageStatuses,
  reportMarks,
  sourceBits,
  sourceMarks,
  stateBits,
  statuses,
};

/** A site as its state says; the id is 0 in the output of a command of an earlier version. */
export type SiteState = Omit<Site, "name"> & {
  /** Its name; absent: that in the command. */
  readonly name?: string;
};

/** A site that was found, and through which of those that were merged into it; absent: by itself. */
export type FoundState = SiteState & { readonly alias?: NamedSite };

/** Everything of a site as an output says it. */
export type SiteDetails = SiteState & Omit<FullSite, keyof Site>;

/** How large the database is. */
export interface DatabaseSize {
  /** Sites, with those that are retired. */
  readonly sites: number;
  /** Sites that are retired. */
  readonly retired: number;
  /** The index of the last entry of the log: how many there are. */
  readonly lastEntry: number;
  /** Bytes of the log. */
  readonly logBytes: number;
}

/** The output of a command. */
export type Output =
  /** This is the site, and the report that it shows. */
  | {
    readonly status: "site";
    readonly state: SiteState;
    readonly hasDocument: boolean;
    readonly report: ShownReport | undefined;
  }
  /** Everything that is known of a site. */
  | { readonly status: "details"; readonly details: SiteDetails }
  /** A page of a list; more sites follow after `next`, if that is there. */
  | {
    readonly status: "page";
    readonly detail: Detail;
    readonly sites: readonly (BriefSite | Site | FullSite)[];
    readonly next: string | undefined;
  }
  /** What sources say, and where the next page begins: at one of the sites that were merged, after some of its own. */
  | {
    readonly status: "sources";
    readonly sources: readonly SourceReport[];
    readonly next: { readonly site: number; readonly skip: number } | undefined;
  }
  /**
   * A page of entries, and whether more may follow: after its last entry; if it has none, after the index `next`, or in
   * a page with the newest first, before that.
   */
  | { readonly status: "entries"; readonly entries: readonly Entry[]; readonly more: boolean; readonly next?: number }
  /** How large the database is. */
  | ({ readonly status: "summary" } & DatabaseSize)
  /** Done; this is the site now, and the entry that says so; 0: no entry was needed. */
  | { readonly status: "done"; readonly effect: Effect; readonly entry: number; readonly state: SiteState }
  /** Not done: no site has that name; of a merge, neither the first nor the second name. */
  | { readonly status: "unknown" | "unknownInto" }
  /** The sites that have an identifier, by themselves or by one that was merged into them. */
  | { readonly status: "found"; readonly sites: readonly FoundState[] }
  /** Not done: this site has the id, or one of the identifiers. */
  | { readonly status: "taken"; readonly state: SiteState }
  /** The site has this id, from now on or as before. */
  | {
    readonly status: "published";
    readonly effect: Effect;
    readonly entry: number;
    readonly locationId: string;
    readonly state: SiteState;
  }
  /** Not done: the log has no entry of that index, or it is not a report. */
  | { readonly status: "noEntry" | "noReport" }
  /** Not done: another request came with the key. */
  | { readonly status: "otherKey" }
  /** Not done: it is about entries up to this one, which are not in the tail; an entry is found by its site, too. */
  | { readonly status: "older"; readonly upTo: number }
  /** Not done: no site has that name, but this one has a name like it, which may be cut. */
  | { readonly status: "alike"; readonly alike: NamedSite }
  /** Not done: a site of that name, or of one like it, exists already; or it is retired. */
  | { readonly status: "exists" | "retired"; readonly state: SiteState }
  /** Not done: the site shows something else; this is the site, and the entry of its report; 0: it has none. */
  | { readonly status: "conflict"; readonly entry: number; readonly state: SiteState }
  /** Not done: the command is invalid. */
  | { readonly status: "invalid"; readonly reason: string }
  /** Not done: the database, or the other commands of the request, leave no room. */
  | { readonly status: "refused"; readonly reason: string };

const refusals = {
  crowded: "the answers to all the commands that were sent together would be too long; send it again",
  full: `the database is full: its history has no more room (status says how much), or its sites have more than ${
    siteBytesMax / 2 ** 30
  } GiB; see docs/operations/full_log.md`,
} as const;

/**
 * Reads an output from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are not an output.
 */
export function readOutput(bytes: Uint8Array): Output {
  const reader = new ByteReader(bytes);
  const head = reader.byte();
  const status = head & ~againMark;
  const name = statusNames.get(status & ~knowsMark);
  const isKnowing = (status & knowsMark) !== 0;
  if (name === undefined || (isKnowing && !withStates.has(name))) {
    throw new DecodeError(`there is no output of status ${head}`);
  }
  const output = readers[name](reader, isKnowing);
  reader.end();
  return output;
}

/** Whether an output is that of an earlier command with the same key. */
export function isAgain(output: Uint8Array): boolean {
  return (output[0] & againMark) !== 0;
}

const statusNames: ReadonlyMap<number, keyof typeof statuses> = new Map(
  Object.entries(statuses).map(([name, status]) => [status, name as keyof typeof statuses]),
);

/** The outputs that have a state in them. */
const withStates: ReadonlySet<keyof typeof statuses> = new Set([
  "site",
  "exists",
  "done",
  "conflict",
  "retired",
  "details",
  "statePage",
  "fullPage",
  "found",
  "taken",
  "published",
]);
const effectNames = Object.keys(effects) as readonly Effect[];

type Readers = { readonly [Status in keyof typeof statuses]: (reader: ByteReader, isKnowing: boolean) => Output };

const readers: Readers = {
  site: (reader, isKnowing) => {
    const { state, hasDocument } = readState(reader, isKnowing);
    return { status: "site", state, hasDocument, report: readReport(reader, state.observedAt) };
  },
  page: (reader) => readPage(reader, "brief", false),
  unknown: () => ({ status: "unknown" }),
  exists: (reader, isKnowing) => ({ status: "exists", state: readState(reader, isKnowing).state }),
  invalid: (reader) => ({ status: "invalid", reason: reader.text() }),
  crowded: () => ({ status: "refused", reason: refusals.crowded }),
  full: () => ({ status: "refused", reason: refusals.full }),
  done: (reader, isKnowing) => {
    const effect = readEffect(reader);
    return { status: "done", effect, entry: reader.varint(), state: readState(reader, isKnowing).state };
  },
  conflict: (reader, isKnowing) => ({
    status: "conflict",
    entry: reader.varint(),
    state: readState(reader, isKnowing).state,
  }),
  retired: (reader, isKnowing) => ({ status: "retired", state: readState(reader, isKnowing).state }),
  entries: (reader) => {
    const end = reader.byte();
    if (end > entriesEnds.afterIndex) throw new DecodeError(`the end of a page is ${end}`);
    if (end === entriesEnds.afterIndex) {
      const next = reader.varint();
      reader.end();
      return { status: "entries", entries: [], more: true, next };
    }
    const entries = readEntries(reader.view(reader.remaining));
    return { status: "entries", entries, more: end === entriesEnds.afterLastEntry };
  },
  summary: (reader) => {
    const [sites, retired, lastEntry, logBytes] = [0, 0, 0, 0].map(() => reader.varint());
    return { status: "summary", sites, retired, lastEntry, logBytes };
  },
  details: (reader, isKnowing) => ({ status: "details", details: readDetails(reader, isKnowing) }),
  statePage: (reader, isKnowing) => readPage(reader, "state", isKnowing),
  fullPage: (reader, isKnowing) => readPage(reader, "full", isKnowing),
  alike: (reader) => ({ status: "alike", alike: { id: reader.varint(), name: reader.text() } }),
  unknownInto: () => ({ status: "unknownInto" }),
  sources: (reader) => {
    const [site, skip] = [reader.varint(), reader.varint()];
    const sources: SourceReport[] = [];
    while (reader.remaining > 0) sources.push(readSource(reader));
    return { status: "sources", sources, next: site === 0 ? undefined : { site, skip } };
  },
  found: (reader, isKnowing) => {
    const sites: FoundState[] = [];
    while (reader.remaining > 0) sites.push(readFound(reader, isKnowing));
    return { status: "found", sites };
  },
  taken: (reader, isKnowing) => ({ status: "taken", state: readState(reader, isKnowing).state }),
  published: (reader, isKnowing) => {
    const effect = readEffect(reader);
    const [entry, locationId] = [reader.varint(), reader.text()];
    return { status: "published", effect, entry, locationId, state: readState(reader, isKnowing).state };
  },
  noEntry: () => ({ status: "noEntry" }),
  noReport: () => ({ status: "noReport" }),
  older: (reader) => ({ status: "older", upTo: reader.varint() }),
  otherKey: () => ({ status: "otherKey" }),
};

function readEffect(reader: ByteReader): Effect {
  const effect = effectNames[reader.byte()];
  if (effect === undefined) throw new DecodeError("there is no such effect");
  return effect;
}

function readFound(reader: ByteReader, isKnowing: boolean): FoundState {
  const id = reader.varint();
  const alias = id === 0 ? undefined : { id, name: reader.text() };
  return { ...readState(reader, isKnowing).state, ...given({ alias }) };
}

function readSource(reader: ByteReader): SourceReport {
  const [bits, marked] = [reader.byte(), reader.byte()];
  if ((marked & ~allSourceMarks) !== 0) throw new DecodeError(`the marks of a source are ${marked}`);
  const site = (marked & sourceMarks.site) === 0 ? undefined : { id: reader.varint(), name: reader.text() };
  const source = (bits & sourceBits.source) === 0 ? undefined : reader.text();
  const product = (bits & sourceBits.product) === 0 ? undefined : reader.text();
  const reported = readReported(reader, bits);
  const index = reader.varint();
  const report = index === 0 ? noReport : readSourceReport(reader, bits, marked);
  const document = (bits & sourceBits.document) === 0 ? undefined : reader.text();
  return { ...given({ site, source, product }), ...reported, index, ...report, ...given({ document }) };
}

const allSourceMarks = sourceMarks.site | sourceMarks.recordedAt | sourceMarks.by | sourceMarks.who | sourceMarks.note;

const noReport = { observedAt: 0, changedAt: 0, recordedAt: 0 } as const;

function readSourceReport(reader: ByteReader, bits: number, marked: number) {
  const observedAt = reader.varint();
  const checkedAt = (bits & sourceBits.checkedAt) === 0 ? undefined : reader.varint();
  const changedAt = reader.varint();
  const recordedAt = (marked & sourceMarks.recordedAt) === 0 ? observedAt : reader.varint();
  const texts = readTexts(reader, marked);
  const by = (marked & sourceMarks.by) === 0 ? undefined : reader.text();
  return { observedAt, ...given({ checkedAt }), changedAt, recordedAt, ...texts, ...given({ by }) };
}

function readState(
  reader: ByteReader,
  isKnowing: boolean,
): { readonly state: SiteState; readonly hasDocument: boolean } {
  const bits = reader.byte();
  const id = (bits & stateBits.id) === 0 ? 0 : reader.varint();
  const name = (bits & stateBits.name) === 0 ? undefined : reader.text();
  const zip = unpackZip(readZip(reader));
  const seen = { ...readReported(reader, bits), observedAt: reader.varint() };
  const checkedAt = isKnowing ? reader.varint() || undefined : undefined;
  const state = { id, ...given({ name }), zip, ...seen, ...given({ checkedAt }) };
  const isRetired = (bits & stateBits.retired) !== 0;
  return {
    state: isRetired ? { ...state, retired: reader.text() } : state,
    hasDocument: (bits & stateBits.document) !== 0,
  };
}

function readReport(reader: ByteReader, observedAt: number): ShownReport | undefined {
  const index = reader.varint();
  if (index === 0) return undefined;
  const marked = reader.byte();
  if ((marked & ~(reportMarks.recordedAt | allTextMarks)) !== 0) {
    throw new DecodeError(`the marks of a report are ${marked}`);
  }
  const recordedAt = (marked & reportMarks.recordedAt) === 0 ? observedAt : reader.varint();
  return { index, recordedAt, ...readTexts(reader, marked) };
}

function readDetails(reader: ByteReader, isKnowing: boolean): SiteDetails {
  const { state } = readState(reader, isKnowing);
  const report = readReport(reader, state.observedAt);
  const document = reader.text() || undefined;
  if (state.id === 0) return { ...state, ...given({ report, document }) };
  const identifiers = readIdentifiers(reader.blob());
  const aliases = Array.from({ length: readCount(reader) }, () => ({ id: reader.varint(), name: reader.text() }));
  const locationId = reader.text() || undefined;
  return {
    ...state,
    ...given({
      locationId,
      report,
      document,
      identifiers: identifiers.length === 0 ? undefined : identifiers,
      aliases: aliases.length === 0 ? undefined : aliases,
    }),
  };
}

/** How many aliases follow. */
function readCount(reader: ByteReader): number {
  const count = reader.varint();
  if (count >= mergedSitesMax) throw new DecodeError(`a site has ${count} aliases`);
  return count;
}

function readPage(reader: ByteReader, detail: Detail, isKnowing: boolean): Output {
  const sites: (BriefSite | Site | FullSite)[] = [];
  // A name is not empty: an empty one ends the rows.
  for (let name = reader.text(); name !== ""; name = reader.text()) {
    sites.push({ name, ...readRow(reader, detail, isKnowing) });
  }
  return { status: "page", detail, sites, next: readEnd(reader, sites.at(-1)?.name) };
}

function readRow(
  reader: ByteReader,
  detail: Detail,
  isKnowing: boolean,
): Omit<BriefSite, "name"> | SiteState | SiteDetails {
  if (detail === "state") return readState(reader, isKnowing).state;
  if (detail === "full") return readDetails(reader, isKnowing);
  return { zip: unpackZip(readZip(reader)), availability: unpackAvailability(readAvailability(reader)) };
}

function readEnd(reader: ByteReader, last: string | undefined): string | undefined {
  const end = reader.byte();
  if (end === pageEnds.last) return undefined;
  if (end > pageEnds.afterName) throw new DecodeError(`the end of a page is ${end}`);
  const next = end === pageEnds.afterName ? reader.text() : last;
  if (!next) throw new DecodeError("a page does not say where the next one begins");
  return next;
}
