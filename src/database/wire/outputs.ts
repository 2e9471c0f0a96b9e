/**
 * The outputs of the database's commands, and how they travel: a byte for the status, then its fields.
 *
 * | status | output     | fields                                              | answers                            |
 * |--------|------------|-----------------------------------------------------|------------------------------------|
 * | 0      | `site`     | state, report                                       | view                               |
 * | 1      | `page`     | brief rows, an empty name, the end                  | list-page                          |
 * | 2      | `unknown`  |                                                     | all that name a site               |
 * | 3      | `exists`   | state                                               | add                                |
 * | 4      | `invalid`  | `reason`: text                                      | all                                |
 * | 5      | `crowded`  |                                                     | all                                |
 * | 6      | `full`     |                                                     | all that change something          |
 * | 7      | `done`     | {@link effects}: byte, `entry`: varint, state       | all that change something          |
 * | 8      | `conflict` | `entry`: varint, state                              | set                                |
 * | 9      | `retired`  | state                                               | set, retire                        |
 * | 10     | `entries`  | `more`: byte, entries (`entries.ts`)                | history-page, changes-page         |
 * | 11     | `summary`  | `sites`, `retired`, `lastEntry`, `logBytes`: varint | summary                            |
 * | 12     | `details`  | state, report, `document`: text                     | details                            |
 * | 13     | `page`     | rows with the state, an empty name, the end         | list-page                          |
 * | 14     | `page`     | full rows, an empty name, the end                   | list-page                          |
 * | 15     | `alike`    | `id`: varint, `name`: text                          | all that name a site               |
 * | 16     | `unknownInto` |                                                  | merge                              |
 * | 17     | `sources`  | `site`, `skip`: varint, rows of sources             | sources                            |
 * | 20     | `found`    | for each site: an alias, and state with its name     | find                               |
 * | 21     | `taken`    | state with its name                                 | publish, edit                      |
 * | 22     | `published`| {@link effects}: byte, `entry`: varint, `locationId`: text, state | publish              |
 * | 23     | `noEntry`  |                                                     | retract, redact                    |
 * | 24     | `noReport` |                                                     | retract                            |
 *
 * The status has {@link knowsMark} beside it in the outputs of clients that know sources, if there is a state in it.
 *
 * - **State** of a site: a byte of {@link stateBits}, `id` if it is marked: varint, `name` if it is marked: text,
 *   `zip`, the count if it is one: varint, `observedAt`: varint, `checkedAt` if the status has the mark: varint, 0 if
 *   nothing was confirmed, and of a retired site the reason: text.
 * - **Report** that is shown: `index`: varint, 0 if there is none, which ends it; a byte of {@link reportMarks};
 *   `recordedAt` if it is marked (else it is `observedAt`): varint; and the marked ones of `who`, `source`, `note`.
 * - **Row** of a page: `name`: text; brief: `zip`, availability; state: state; full: state, report, `document`. If the
 *   state has an id, two fields follow each `document`: `identifiers` (`identifiers.ts`): blob, and the number of sites
 *   that are aliases: varint, with `id`: varint and `name`: text of each.
 *   If the command says that its client knows sources, `locationId`: text follows, empty if it was never published.
 * - **Alias** through which a site was found: its `id`: varint, 0 if it was found by itself, else its `name`: text.
 * - **Row** of a source: a byte of {@link sourceBits}, a byte of {@link sourceMarks}; those of the `id`: varint and the
 *   `name`: text of the site, `source`: text, `product`: text that are marked; the count if it is one: varint; `index`:
 *   varint, 0 if there is no report; if there is one `observedAt`: varint, `checkedAt` if it is marked, `changedAt`:
 *   varint, `recordedAt` if it is marked, else it is `observedAt`, and those of `who`, `note`, `by` that are marked;
 *   and the `document`: text if it is. `site` and `skip` before the rows are what the next command says,
 *   both 0 if there is none.
 * - **End** of a page: a byte, 0 if no more sites follow, 1 if they do after the last row, 2 if they do after the name
 *   that follows: a page looks at a bounded number of sites, however few it lists.
 *
 * An output does not repeat the name in its command: the client knows it. If the site has another name, since its id,
 * the name of an alias or a name like it was given, the output has it. A name or reason that would make the output of a
 * change too long is cut, and then ends in an ellipsis. The output `alike` says that no site has that name, and which
 * one has a name like it. The outputs of commands whose clients know no ids have no ids.
 *
 * @module
 */

import { ByteReader, DecodeError } from "../../bytes.ts";
import { logBytesMax, mergedSitesMax, siteBytesMax } from "../../limits.ts";
import type { Detail } from "./commands.ts";
import { readEntries, readTexts } from "./entries.ts";
import { allTextMarks, textMarks } from "./entry_fields.ts";
import type { Entry } from "../entries.ts";
import { readIdentifiers } from "./identifiers.ts";
import { given } from "../given.ts";
import { readAvailability, readReported, readZip, reportedBits, unpackAvailability, unpackZip } from "./packed.ts";
import { printable, quoted } from "../../quoted.ts";
import {
  type BriefSite,
  formatAvailability,
  type FullSite,
  type NamedSite,
  type ShownReport,
  type Site,
  type SourceReport,
} from "../values.ts";

/** The byte that each kind of output starts with. */
export const statuses = {
  site: 0,
  page: 1,
  unknown: 2,
  exists: 3,
  invalid: 4,
  crowded: 5,
  full: 6,
  done: 7,
  conflict: 8,
  retired: 9,
  entries: 10,
  summary: 11,
  details: 12,
  statePage: 13,
  fullPage: 14,
  alike: 15,
  unknownInto: 16,
  sources: 17,
  found: 20,
  taken: 21,
  published: 22,
  noEntry: 23,
  noReport: 24,
} as const;

/** Beside a status: each state in the output says when it was confirmed. */
export const knowsMark = 128;

/** The status of a page, by what it says of each site: one of `details`. */
export const pageStatuses = [statuses.page, statuses.statePage, statuses.fullPage] as const;

/** The byte for each effect. */
export const effects = { shown: 0, outOfDate: 1, same: 2, changed: 3, confirmed: 4 } as const satisfies Record<
  Effect,
  number
>;

/**
 * The effect of a command that was done: the report is `shown`, or is `outOfDate` and only kept; something else has
 * `changed`; or everything was the `same` already, and nothing changed; or it is `confirmed` that it is still the same.
 */
export type Effect = "shown" | "outOfDate" | "same" | "changed" | "confirmed";

/** The bits of a site's state: how its availability is told, its unit (shifted), and what else there is to know. */
export const stateBits = { ...reportedBits, retired: 16, document: 32, id: 64, name: 128 } as const;

/** The marks of a report that a site shows. */
export const reportMarks = { recordedAt: 1, ...textMarks } as const;

/** The bits of what a source says: how the availability is told, its unit (shifted), and what else there is. */
export const sourceBits = { ...reportedBits, source: 16, product: 32, checkedAt: 64, document: 128 } as const;

/** The marks of what a source says: its site, its report, and texts. */
export const sourceMarks = { site: 1, recordedAt: 2, by: 4, who: textMarks.who, note: textMarks.note } as const;

/** How a page ends. */
export const pageEnds = { last: 0, afterLastRow: 1, afterName: 2 } as const;

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
  /** A page of entries, and whether more follow. */
  | { readonly status: "entries"; readonly entries: readonly Entry[]; readonly more: boolean }
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
  full: `the database is full: it has room for ${logBytesMax / 2 ** 30} GiB of entries and for ${
    siteBytesMax / 2 ** 30
  } GiB of sites; export the sites and import them into a new cluster`,
} as const;

/**
 * Reads an output from bytes that are nothing else.
 *
 * @throws {DecodeError} if they are not an output.
 */
export function readOutput(bytes: Uint8Array): Output {
  const reader = new ByteReader(bytes);
  const status = reader.byte();
  const name = statusNames.get(status & ~knowsMark);
  const isKnowing = (status & knowsMark) !== 0;
  if (name === undefined || (isKnowing && !withStates.has(name))) {
    throw new DecodeError(`there is no output of status ${status}`);
  }
  const output = readers[name](reader, isKnowing);
  reader.end();
  return output;
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
    const more = reader.byte();
    if (more > 1) throw new DecodeError(`a flag is ${more}`);
    return { status: "entries", entries: readEntries(reader.view(reader.remaining)), more: more === 1 };
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

/** An output as one printable line, such as `ok, ZIP 02138, availability 5`; for logs. Never throws. */
export function describeOutput(bytes: Uint8Array): string {
  let output;
  try {
    output = readOutput(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `malformed output of ${bytes.length} bytes: ${printable(error.message)}`;
  }
  switch (output.status) {
    case "site":
      return `ok${stateOf(output)}`;
    case "details":
      return `details${stateOf({ state: output.details })}`;
    case "page":
      return `page of ${counted(output.sites.length, "site")}${output.next === undefined ? "" : more}`;
    case "entries":
      return `page of ${counted(output.entries.length, "entry", "entries")}${output.more ? more : ""}`;
    case "sources":
      return `page of ${counted(output.sources.length, "source")}${output.next === undefined ? "" : more}`;
    case "summary":
      return `${counted(output.sites, "site")}, ${output.retired} retired, ` +
        `${counted(output.lastEntry, "entry", "entries")} of ${output.logBytes} bytes`;
    case "done":
      return `${described[output.effect]}${entryOf(output, "as")}${stateOf(output)}`;
    case "unknown":
    case "unknownInto":
      return "unknown site";
    case "found":
      return `found ${counted(output.sites.length, "site")}`;
    case "taken":
      return `taken${stateOf(output)}`;
    case "published":
      return `${described[output.effect]}, published as ${quoted(output.locationId)}${entryOf(output, "by")}`;
    case "noEntry":
      return "no such entry";
    case "noReport":
      return "not a report";
    case "alike":
      return `unknown site, like ${quoted(output.alike.name)}`;
    case "exists":
      return `exists already${stateOf(output)}`;
    case "conflict":
      return `conflict${entryOf(output, "with")}${stateOf(output)}`;
    case "retired":
      return `not done${stateOf(output)}`;
    default:
      return `${output.status}: ${printable(output.reason)}`;
  }
}

const more = ", more follow";

const described = {
  shown: "ok",
  outOfDate: "out of date, kept",
  same: "the same",
  changed: "ok",
  confirmed: "confirmed",
} as const;

function entryOf({ entry }: { readonly entry: number }, before: string): string {
  return entry === 0 ? "" : ` ${before} entry ${entry}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function stateOf({ state: { zip, availability, unit, retired } }: { readonly state: SiteState }): string {
  return `, ZIP ${zip}, availability ${formatAvailability(availability)}${unit === undefined ? "" : ` ${unit}`}` +
    (retired === undefined ? "" : `, retired: ${printable(retired)}`);
}
