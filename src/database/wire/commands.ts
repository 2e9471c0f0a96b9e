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
import { packAvailability, packUnit, packZip, writeAvailability } from "./packed.ts";
import type { Availability, Unit } from "../values.ts";

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
} as const;

/** A kind of command. */
export type CommandKind = keyof typeof commandKinds;

/** Which fields a command has, as bits of its `marks`. */
export const marks = { observedAt: 1, unit: 6, who: 8, source: 16, note: 32, if: 64, ifEntry: 128 } as const;

/** How far the unit is shifted in the marks. */
export const unitShift = 1;

/** How much a list says of each site: {@link Site} is `state`. */
export const details = { brief: 0, state: 1, full: 2 } as const;

/** How much a list says of each site. */
export type Detail = keyof typeof details;

/** What a list leaves out, as bits of its filter. */
export const filters = { available: 1, retired: 2 } as const;

/** Asks for sites in the order of their names, as many as fit one output. */
export interface ListPageCommand {
  /** Which command this is. */
  readonly kind: "list-page";
  /** Only sites whose name comes after this one; it need not exist. Absent: from the first. */
  readonly after?: string;
  /** The most sites, 1 or more. Absent: as many as fit. */
  readonly limit?: number;
  /** How much of each site; absent: brief. */
  readonly detail?: Detail;
  /** Only sites whose ZIP code begins with these digits. */
  readonly zip?: string;
  /** Only sites where something is available. */
  readonly available?: boolean;
  /** Retired sites too. */
  readonly retired?: boolean;
}

/** Asks for a site and the report that it shows. */
export interface ViewCommand {
  /** Which command this is. */
  readonly kind: "view";
  /** The site's name. */
  readonly name: string;
}

/** Asks for everything about a site but its history. */
export interface DetailsCommand {
  /** Which command this is. */
  readonly kind: "details";
  /** The site's name. */
  readonly name: string;
}

/** What every change says of itself. */
export interface Origin {
  /** When it was recorded, by the clock of the client, in ms since 1970. */
  readonly recordedAt: number;
  /** The reporter, at most 64 bytes. */
  readonly who?: string;
  /** Where it is from, at most 200 bytes. */
  readonly source?: string;
  /** A remark, at most 280 bytes. */
  readonly note?: string;
}

/** Reports the availability of a site that exists. */
export interface SetCommand extends Origin {
  /** Which command this is. */
  readonly kind: "set";
  /** The site's name. */
  readonly name: string;
  /** The availability. */
  readonly value: Availability;
  /** When it was true, in ms since 1970; absent: now, and so it is shown. */
  readonly observedAt?: number;
  /** What a count counts. */
  readonly unit?: Unit;
  /** Only if this is what the site shows. */
  readonly if?: Availability;
  /** Only if the site shows the report of this entry; 0: only if it shows none yet. */
  readonly ifEntry?: number;
}

/** Adds a site, with availability 0. */
export interface AddCommand extends Origin {
  /** Which command this is. */
  readonly kind: "add";
  /** The site's name. */
  readonly name: string;
  /** 1 to 10 digits. */
  readonly zip: string;
}

/** Retires a site: it keeps everything, takes no reports, and lists leave it out unless asked. */
export interface RetireCommand extends Omit<Origin, "note"> {
  /** Which command this is. */
  readonly kind: "retire";
  /** The site's name. */
  readonly name: string;
  /** Why, at most 280 bytes. */
  readonly reason: string;
}

/** Undoes `retire`. */
export interface ReopenCommand extends Origin {
  /** Which command this is. */
  readonly kind: "reopen";
  /** The site's name. */
  readonly name: string;
}

/** Keeps what a feed says of a site. */
export interface DocumentCommand extends Origin {
  /** Which command this is. */
  readonly kind: "document";
  /** The site's name. */
  readonly name: string;
  /** Any text, at most 48 KiB; usually JSON. */
  readonly document: string;
}

/** Asks for entries of one site, as many as fit one output. */
export interface HistoryPageCommand {
  /** Which command this is. */
  readonly kind: "history-page";
  /** The site's name. */
  readonly name: string;
  /** Whether to begin with the newest. */
  readonly newestFirst: boolean;
  /** Oldest first: only entries after this index. Newest first: only those before it; 0: from the newest. */
  readonly bound: number;
  /** The most entries, 1 or more. Absent: as many as fit. */
  readonly limit?: number;
}

/** Asks for entries of all sites in their order, as many as fit one output. */
export interface ChangesPageCommand {
  /** Which command this is. */
  readonly kind: "changes-page";
  /** Only entries after this index. */
  readonly after: number;
  /** The most entries, 1 or more. Absent: as many as fit. */
  readonly limit?: number;
}

/** Asks how large the database is. */
export interface SummaryCommand {
  /** Which command this is. */
  readonly kind: "summary";
}

/** A command that changes something. */
export type ChangeCommand = SetCommand | AddCommand | RetireCommand | ReopenCommand | DocumentCommand;

/** A command of the database. */
export type Command =
  | ListPageCommand
  | ViewCommand
  | DetailsCommand
  | HistoryPageCommand
  | ChangesPageCommand
  | SummaryCommand
  | ChangeCommand;

/** The most bytes of an output, with its length in front, of a command that is neither a view nor a page. */
const shortOutputBytesMax = 240;

/** The most bytes of a site with its report, with the length in front. */
const viewBytesMax = 896;

/**
 * The most bytes of a command's output, with the length that a batch puts in front of it. Replicas refuse a command,
 * without executing it, if its output might not fit beside those of its request.
 */
export function outputBytesMax(kind: CommandKind): number {
  switch (kind) {
    case "list-page":
    case "history-page":
    case "changes-page":
    case "details":
      return pageBytesMax;
    case "view":
      return viewBytesMax;
    default:
      return shortOutputBytesMax;
  }
}

/**
 * Whether a command, well-formed or not, may change something; a command that may not is safe to repeat.
 */
export function mayChange(command: Uint8Array): boolean {
  switch (command[0]) {
    case commandKinds["list-page"]:
    case commandKinds.view:
    case commandKinds.details:
    case commandKinds["history-page"]:
    case commandKinds["changes-page"]:
    case commandKinds.summary:
      return false;
    default:
      return true;
  }
}

/** Appends a command. It checks only that the numbers are safe integers, and throws if not. */
export function writeCommand(writer: ByteWriter, command: Command): void {
  writer.byte(commandKinds[command.kind]);
  switch (command.kind) {
    case "list-page":
      writer.text(command.after ?? "");
      writer.varint(command.limit ?? 0);
      writer.byte(details[command.detail ?? "brief"]);
      writer.byte((command.available ? filters.available : 0) | (command.retired ? filters.retired : 0));
      writer.varint(command.zip === undefined ? 0 : packZip(command.zip));
      break;
    case "view":
    case "details":
      writer.text(command.name);
      break;
    case "set":
      writeSet(writer, command);
      break;
    case "add":
      writer.text(command.name);
      writer.byte(marksOf(command));
      writer.varint(packZip(command.zip));
      writeOrigin(writer, command);
      break;
    case "retire": {
      const origin = { ...command, note: command.reason };
      writer.text(command.name);
      writer.byte(marksOf(origin));
      writeOrigin(writer, origin);
      break;
    }
    case "reopen":
      writer.text(command.name);
      writer.byte(marksOf(command));
      writeOrigin(writer, command);
      break;
    case "document":
      writer.text(command.name);
      writer.byte(marksOf(command));
      writer.text(command.document);
      writeOrigin(writer, command);
      break;
    case "history-page":
      writer.text(command.name);
      writer.byte(command.newestFirst ? 1 : 0);
      writer.varint(command.bound);
      writer.varint(command.limit ?? 0);
      break;
    case "changes-page":
      writer.text("");
      writer.varint(command.after);
      writer.varint(command.limit ?? 0);
      break;
    case "summary":
      writer.text("");
      break;
  }
}

/** An empty text counts as absent. */
function marksOf({ who, source, note }: Origin): number {
  return (who ? marks.who : 0) | (source ? marks.source : 0) | (note ? marks.note : 0);
}

function writeSet(writer: ByteWriter, command: SetCommand): void {
  writer.text(command.name);
  writer.byte(
    marksOf(command) | (command.observedAt === undefined ? 0 : marks.observedAt) |
      packUnit(command.unit) << unitShift | (command.if === undefined ? 0 : marks.if) |
      (command.ifEntry === undefined ? 0 : marks.ifEntry),
  );
  writeAvailability(writer, packAvailability(command.value));
  writer.varint(command.recordedAt);
  if (command.observedAt !== undefined) writer.varint(command.observedAt);
  if (command.if !== undefined) writeAvailability(writer, packAvailability(command.if));
  if (command.ifEntry !== undefined) writer.varint(command.ifEntry);
  writeTexts(writer, command);
}

function writeOrigin(writer: ByteWriter, origin: Origin): void {
  writer.varint(origin.recordedAt);
  writeTexts(writer, origin);
}

function writeTexts(writer: ByteWriter, { who, source, note }: Origin): void {
  if (who) writer.text(who);
  if (source) writer.text(source);
  if (note) writer.text(note);
}
