/**
 * The commands of the database and how each is written: a byte for its kind, then a name, then its other fields.
 *
 * | kind | command        | fields after the name                                                            |
 * |------|----------------|----------------------------------------------------------------------------------|
 * | 1    | `list-page`    | the name is `after`; `limit`: varint, `detail`: byte, `filter`: byte, `zip`      |
 * | 2    | `view`         |                                                                                  |
 * | 3    | `set`          | `marks`, `value`, `recordedAt`, `observedAt`, `if`, `ifEntry`, `who`, `source`, `note` |
 * | 4    | `add`          | `marks`, `zip`, `recordedAt`, `who`, `source`, `note`                              |
 * | 5    | `retire`       | `marks`, `recordedAt`, `who`, `source`, `note` (the reason)                        |
 * | 6    | `reopen`       | `marks`, `recordedAt`, `who`, `source`, `note`                                     |
 * | 7    | `document`     | `marks`, `document`: text, `recordedAt`, `who`, `source`, `note`                   |
 * | 8    | `details`      |                                                                                  |
 * | 9    | `history-page` | `order`: byte (0 oldest first, 1 newest first), `bound`: varint, `limit`: varint   |
 * | 10   | `changes-page` | the name is empty; `after`: varint, `limit`: varint                                |
 * | 11   | `summary`      | the name is empty                                                                |
 * | 12   | `edit`         | `marks`, `edits`, `newName`, `zip`, `identifiers`, `recordedAt`, `who`, `source`, `note` |
 * | 13   | `merge`        | `marks`, `into`: text, `recordedAt`, `who`, `source`, `note`                       |
 * | 14   | `unmerge`      | `marks`, `recordedAt`, `who`, `source`, `note`                                     |
 * | 15   | `sources`      | `site`: varint, `skip`: varint                                                   |
 * | 16   | `find`         | the name is empty; `system`: text, `value`: text                                 |
 * | 17   | `publish`      | `marks`, `locationId`: text, `recordedAt`, `who`, `source`, `note`                 |
 * | 18   | `retract`      | the name is empty; `marks`, `entry`: varint, `recordedAt`, `who`, `source`, `note` |
 * | 19   | `redact`       | the same                                                                         |
 *
 * The byte of the kind has the low four bits of its number, and {@link highKind} if it is 16 or more.
 *
 * A client adds {@link knowsIds} to it. Without it, a command is one of an earlier version, in a
 * journal that is executed again. Its outputs must be those of then: a name is never an id, `add` takes a name that is
 * like another one, and no output has an id.
 *
 * A client adds {@link knowsSources}, too, to all that changes nothing, to `document`, and to what has one of
 * `moreMarks`. Without it, a `document` is compared with the last one of all sources, and a state has no `checkedAt`.
 * With it, a change has a second byte of marks after the first, those of {@link moreMarks}: `product` and `by` are
 * texts after `note`, and `key` is {@link keyBytes} after all else; an `edit` may be `unique`; a `document` may have
 * `observedAt`; `retract` and `redact` may have the id of the site of their entry after `entry`: varint, not 0. A
 * `list-page` then has a byte more at its end: 1 for `product`, 2 for `source`, and these texts.
 *
 * `edits` is a byte of `editMarks` that says which of the three fields after it are there: a text, a varint, and a blob
 * as in `identifiers.ts`.
 *
 * A `limit` of 0 means as many as fit, a `zip` of 0 any. The bits of `filter` are 1 available, 2 retired too. Times and
 * entries are varints, and `who`, `source` and `note` are texts.
 *
 * `marks` is a byte that says which fields are there: 1 `observedAt`, 2 the unit doses, 4 appointments, 8 `who`, 16
 * `source`, 32 `note`, 64 `if`, 128 `ifEntry`. Availabilities and ZIP codes are those of `packed.ts`, integers and text
 * those of `bytes.ts`. `command_fields.ts` reads them.
 *
 * @module
 */

import type { ByteWriter } from "../../bytes.ts";
import { pageBytesMax } from "../../limits.ts";
import type { AccessRole } from "../../roles.ts";
import { editMarks, moreMarks, textMarks } from "./entry_fields.ts";
import { encodeIdentifiers } from "./identifiers.ts";
import { packAvailability, packUnit, packZip, writeAvailability } from "./packed.ts";
import type { Availability, Identifier, SiteEdits, Unit } from "../values.ts";

/** The byte that each kind of command starts with. */
export const commandKinds = {
  "list-page": 1,
  view: 2,
  set: 3,
  add: 4,
  retire: 5,
  reopen: 6,
  document: 7,
  details: 8,
  "history-page": 9,
  "changes-page": 10,
  summary: 11,
  edit: 12,
  merge: 13,
  unmerge: 14,
  sources: 15,
  find: 16,
  publish: 17,
  retract: 18,
  redact: 19,
} as const;

/** The bits of a command's first byte with the low part of its kind. */
export const lowKind = 15;

/** Beside that: the kind is 16 more. */
export const highKind = 64;

/** Beside the kind of a command: its client knows that sites have ids. */
export const knowsIds = 16;

/** The same: its client knows that sites have reports of several sources and products. */
export const knowsSources = 32;

/**
 * Says that a command and all with the same key are one: the first is executed, and the others have its output
 * (`answered_keys.ts`).
 */
export interface CommandKey {
  /** What tells the key from all others: a hash of {@link keyHashBytes}. */
  readonly hash: Uint8Array;
  /** Tells the request, which must be the same each time the key is given: a hash of {@link requestHashBytes}. */
  readonly request: Uint8Array;
}

/** Bytes of the hash of a key: nobody finds two keys with the same. */
export const keyHashBytes = 16;

/** Bytes of the hash of a request: it tells those apart that somebody gives one key by mistake. */
export const requestHashBytes = 8;

/** Bytes of a key in a command. */
export const keyBytes: number = keyHashBytes + requestHashBytes;

/** A kind of command. */
export type CommandKind = keyof typeof commandKinds;

/** Which fields a command has, as bits of its `marks`. */
export const marks = { observedAt: 1, unit: 6, ...textMarks, if: 64, ifEntry: 128 } as const;

/** How far the unit is shifted in the marks. */
export const markedUnitShift = 1;

/** How much a list says of each site: {@link Site} is `state`. */
export const details = { brief: 0, state: 1, full: 2 } as const;

/** How much a list says of each site. */
export type Detail = keyof typeof details;

/** What a list leaves out, as bits of its filter. */
export const filters = { available: 1, retired: 2 } as const;

/** Which reports a list is of, as bits. */
export const reportFilters = { product: 1, source: 2 } as const;

/** What a command may say, besides its kind. */
interface CommandParts {
  /** The site's name, or its id as `id:17`. */
  readonly name: string;
  /** Only sites whose name comes after this one; it need not exist. Absent: from the first. */
  readonly after: string;
  /** The most rows, 1 or more. Absent: as many as fit. */
  readonly limit: number;
  /** How much of each site; absent: brief. */
  readonly detail: Detail;
  /** The ZIP code, 1 to 10 digits; in a list how it begins. */
  readonly zip: string;
  /** Only sites where something is available. */
  readonly available: boolean;
  /** Retired sites too. */
  readonly retired: boolean;
  /** The availability. */
  readonly value: Availability;
  /** What a count counts. */
  readonly unit: Unit;
  /** When it was true, in ms since 1970; absent: now, and so it is shown. */
  readonly observedAt: number;
  /** Only if this is what the site shows. */
  readonly if: Availability;
  /** Only if the site shows the report of this entry; 0: only if it shows none yet. */
  readonly ifEntry: number;
  /** Why a site is retired, at most 280 bytes. */
  readonly reason: string;
  /** Any text, at most 48 KiB; usually JSON. */
  readonly document: string;
  /** What to change of a site. */
  readonly edits: SiteEdits;
  /** The site, by name or id, that another one is to be an alias of. */
  readonly into: string;
  /** Whether to begin with the newest. */
  readonly newestFirst: boolean;
  /** Oldest first: only entries after this index. Newest first: only those before it; 0: from the newest. */
  readonly bound: number;
  /** When it was recorded, by the clock of the client, in ms since 1970. */
  readonly recordedAt: number;
  /** The reporter, at most 64 bytes. */
  readonly who: string;
  /** Where it is from, at most 200 bytes. */
  readonly source: string;
  /** A remark, at most 280 bytes. */
  readonly note: string;
  /** What a report is about; in a list, only sites of which somebody reported that. At most 64 bytes. */
  readonly product: string;
  /** Whether nothing is to be reported if the source has said the same before: only that it was still so. */
  readonly confirms: boolean;
  /** Whether an edit is refused if another site has one of its identifiers. */
  readonly unique: boolean;
  /** What sites are found by. */
  readonly identifier: Identifier;
  /** The id that a site is to be published under, if it has none and nobody else has it. */
  readonly locationId: string;
  /** The index of the entry that is taken back, or redacted. */
  readonly entry: number;
  /** The id of the site of that entry, from 1. Without it, only an entry of the tail is found (`tail.ts`). */
  readonly entrySite: number;
  /** Whether a document only adds to what other sources say. */
  readonly extra: boolean;
  /** Whose token was used, at most 64 bytes. */
  readonly by: string;
  /** With which others it is one. */
  readonly key: CommandKey;
  /** Which of the sites that were merged the page begins at, by its id; 0: the first. */
  readonly site: number;
  /** How many of its sources the page leaves out. */
  readonly skip: number;
}

type Says<
  Kind extends CommandKind,
  Needed extends keyof CommandParts = never,
  Optional extends keyof CommandParts = never,
> =
  & { readonly kind: Kind }
  & Pick<CommandParts, Needed>
  & Partial<Pick<CommandParts, Optional>>;

/** What every change says of itself. */
export type Origin =
  & Pick<CommandParts, "recordedAt">
  & Partial<Pick<CommandParts, "who" | "source" | "note" | "by" | "key">>;

/** Reports the availability of a site that exists. */
export type SetCommand =
  & Origin
  & Says<"set", "name" | "value", "unit" | "observedAt" | "if" | "ifEntry" | "product" | "confirms">;

/** A command that changes something. */
export type ChangeCommand =
  | SetCommand
  /** Adds a site, with availability 0. */
  | Origin & Says<"add", "name" | "zip">
  /** Retires a site: it keeps everything, takes no reports, and lists leave it out unless asked. */
  | Omit<Origin, "note"> & Says<"retire", "name" | "reason">
  /** Undoes `retire`. */
  | Origin & Says<"reopen", "name">
  /** Keeps what a feed says of a site. */
  | Origin & Says<"document", "name" | "document", "observedAt" | "extra">
  /** Changes what a site is called, or other attributes. */
  | Origin & Says<"edit", "name" | "edits", "unique">
  /** Makes a site an alias of another one. */
  | Origin & Says<"merge", "name" | "into">
  /** Undoes `merge`. */
  | Origin & Says<"unmerge", "name">
  /** Gives a site the id under which it is published from then on. */
  | Origin & Says<"publish", "name" | "locationId">
  /** Takes a report back. */
  | Origin & Says<"retract", "entry", "entrySite">
  /** Removes from an entry who has reported it, and the note. */
  | Origin & Says<"redact", "entry", "entrySite">;

/** A command of the database. */
export type Command =
  /** Asks for sites in the order of their names, as many as fit one output. */
  | Says<"list-page", never, "after" | "limit" | "detail" | "zip" | "available" | "retired" | "product" | "source">
  /** Asks for a site and the report that it shows, or for everything about it but its history. */
  | Says<"view" | "details", "name">
  /** Asks for entries of one site, as many as fit one output. */
  | Says<"history-page", "name" | "newestFirst" | "bound", "limit">
  /** Asks for the entries of all sites after an index, in their order, as many as fit one output. */
  | Says<"changes-page", never, "limit"> & { readonly after: number }
  /** Asks how large the database is. */
  | Says<"summary">
  /** Asks for what each source says of a site, as much as fits one output. */
  | Says<"sources", "name" | "site" | "skip">
  /** Asks for the sites that have an identifier. */
  | Says<"find", "identifier">
  | ChangeCommand;

/** What any command says. */
export type AnyCommand = Says<CommandKind, never, Exclude<keyof CommandParts, "after">> & {
  readonly after?: string | number;
};

/** The most bytes of an output, with its length in front, of a command that is neither a view nor a page. */
const shortOutputBytesMax = 240;

/** The most bytes of longer outputs: of a site with its report, of a site with all of its name, and of pages. */
const longOutputBytesMax: { readonly [Kind in CommandKind]?: number } = {
  view: 1_792,
  edit: 1_792,
  merge: 1_792,
  unmerge: 1_792,
  details: pageBytesMax,
  "list-page": pageBytesMax,
  "history-page": pageBytesMax,
  "changes-page": pageBytesMax,
  sources: pageBytesMax,
  find: pageBytesMax,
  publish: 1_792,
  retract: pageBytesMax,
  redact: pageBytesMax,
};

/**
 * The most bytes of a command's output, with the length that a batch puts in front of it. Replicas refuse a command,
 * without executing it, if its output might not fit beside those of its request.
 */
export function outputBytesMax(kind: CommandKind): number {
  return longOutputBytesMax[kind] ?? shortOutputBytesMax;
}

/**
 * Whether a command, well-formed or not, may change something; a command that may not is safe to repeat.
 */
export function mayChange(command: Uint8Array): boolean {
  return mayChangeBy(command[0]);
}

/** The same by the first byte of a command; undefined: it has none. */
export function mayChangeBy(head: number | undefined): boolean {
  return head === undefined || isChange(kindIn(head));
}

/** The same of a kind. */
export function isChange(kind: number): boolean {
  return (queries >>> kind & 1) === 0;
}

/** The role that a command needs, well-formed or not. */
export function neededRole(command: Uint8Array): AccessRole {
  return neededRoleBy(command[0]);
}

/** The same by the first byte of a command; undefined: it has none. */
export function neededRoleBy(head: number | undefined): AccessRole {
  if (!mayChangeBy(head)) return "read";
  return head !== undefined && kindIn(head) === commandKinds.redact ? "operate" : "report";
}

/** The kind of a command, from its first byte. */
export function kindIn(head: number): number {
  return (head & lowKind) + ((head & highKind) === 0 ? 0 : highKind / 4);
}

/** A bit for the kind of each command that changes nothing. */
const queries =
  (["list-page", "view", "details", "history-page", "changes-page", "summary", "sources", "find"] as const)
    .reduce((bits, kind) => bits | 1 << commandKinds[kind], 0);

/** Appends a command. It checks only that the numbers are safe integers, and throws if not. */
export function writeCommand(writer: ByteWriter, command: Command): void {
  writer.byte(headOf(command));
  writer.text("name" in command ? command.name : command.kind === "list-page" ? command.after ?? "" : "");
  switch (command.kind) {
    case "view":
    case "details":
    case "summary":
      return;
    case "list-page":
      writer.varint(command.limit ?? 0);
      writer.byte(details[command.detail ?? "brief"]);
      writer.byte((command.available ? filters.available : 0) | (command.retired ? filters.retired : 0));
      writer.varint(command.zip === undefined ? 0 : packZip(command.zip));
      return writeReportFilter(writer, command);
    case "history-page":
      writer.byte(command.newestFirst ? 1 : 0);
      writer.varint(command.bound);
      return writer.varint(command.limit ?? 0);
    case "changes-page":
      writer.varint(command.after);
      return writer.varint(command.limit ?? 0);
    case "sources":
      writer.varint(command.site);
      return writer.varint(command.skip);
    case "find":
      writer.text(command.identifier.system);
      return writer.text(command.identifier.value);
    default:
      writeChange(writer, command);
  }
}

function headOf(command: Command): number {
  const kind = commandKinds[command.kind];
  const isKnowing = !isChange(kind) || command.kind === "document" || moreMarksOf(command) !== 0;
  return (kind & lowKind) | (kind > lowKind ? highKind : 0) | knowsIds | (isKnowing ? knowsSources : 0);
}

function moreMarksOf({ product, confirms, by, extra, unique, entrySite, key }: AnyCommand): number {
  return (product ? moreMarks.product : 0) | (confirms ? moreMarks.confirms : 0) | (by ? moreMarks.by : 0) |
    (extra ? moreMarks.extra : 0) | (unique ? moreMarks.unique : 0) |
    (entrySite === undefined ? 0 : moreMarks.entrySite) | (key === undefined ? 0 : moreMarks.key);
}

function writeReportFilter(writer: ByteWriter, { product, source }: AnyCommand): void {
  writer.byte((product ? reportFilters.product : 0) | (source ? reportFilters.source : 0));
  if (product) writer.text(product);
  if (source) writer.text(source);
}

/** An empty text counts as absent. */
function writeChange(writer: ByteWriter, command: ChangeCommand): void {
  const { recordedAt, unit, observedAt, if: shown, ifEntry, who, source, reason, note = reason }: AnyCommand = command;
  const { product, by, key }: AnyCommand = command;
  const more = moreMarksOf(command);
  writer.byte(
    (observedAt === undefined ? 0 : marks.observedAt) | packUnit(unit) << markedUnitShift | (who ? marks.who : 0) |
      (source ? marks.source : 0) | (note ? marks.note : 0) | (shown === undefined ? 0 : marks.if) |
      (ifEntry === undefined ? 0 : marks.ifEntry),
  );
  if (more !== 0 || command.kind === "document") writer.byte(more);
  if (command.kind === "set") writeAvailability(writer, packAvailability(command.value));
  else if (command.kind === "add") writer.varint(packZip(command.zip));
  else if (command.kind === "document") writer.text(command.document);
  else if (command.kind === "merge") writer.text(command.into);
  else if (command.kind === "edit") writeEdits(writer, command.edits);
  else if (command.kind === "publish") writer.text(command.locationId);
  else if (command.kind === "retract" || command.kind === "redact") {
    writer.varint(command.entry);
    if (command.entrySite !== undefined) writer.varint(command.entrySite);
  }
  writer.varint(recordedAt!);
  if (observedAt !== undefined) writer.varint(observedAt);
  if (shown !== undefined) writeAvailability(writer, packAvailability(shown));
  if (ifEntry !== undefined) writer.varint(ifEntry);
  if (who) writer.text(who);
  if (source) writer.text(source);
  if (note) writer.text(note);
  if (product) writer.text(product);
  if (by) writer.text(by);
  if (key === undefined) return;
  if (key.hash.length !== keyHashBytes || key.request.length !== requestHashBytes) {
    throw new RangeError(`A key has ${key.hash.length} and ${key.request.length} bytes`);
  }
  writer.raw(key.hash);
  writer.raw(key.request);
}

function writeEdits(writer: ByteWriter, { name, zip, identifiers }: SiteEdits): void {
  writer.byte(
    (name === undefined ? 0 : editMarks.name) | (zip === undefined ? 0 : editMarks.zip) |
      (identifiers === undefined ? 0 : editMarks.identifiers),
  );
  if (name !== undefined) writer.text(name);
  if (zip !== undefined) writer.varint(packZip(zip));
  if (identifiers !== undefined) writer.blob(encodeIdentifiers(identifiers));
}
