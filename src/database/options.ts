/**
 * What a program may say with a command, and what of it can be wrong before anybody is asked.
 *
 * @module
 */

import { identifierValueBytesMax, locationIdMax, sourceBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { given } from "./given.ts";
import {
  type Availability,
  cannotTake,
  type Identifier,
  isAvailability,
  isTime,
  parseName,
  parseText,
  parseZip,
  type SiteEdits,
  type Unit,
  units,
  ValueError,
} from "./values.ts";

/** Which sites to list. */
export interface ListOptions {
  /** Only sites whose name comes after this one; it need not exist. */
  readonly after?: string;
  /** At most this many sites, 1 or more. */
  readonly limit?: number;
  /** Only sites whose ZIP code begins with these digits. */
  readonly zip?: string;
  /** Only sites where something is available: True, or a count of 1 or more. */
  readonly available?: boolean;
  /** Retired sites too. */
  readonly retired?: boolean;
  /** Only sites with a report about this product; the list then shows the newest of these reports. */
  readonly product?: string;
  /** Only sites with a report of this source; the list then shows the newest of these. With `product`, both hold. */
  readonly source?: string;
}

/** The options of every command that changes a site. */
export interface ChangeOptions {
  /** The person or program that reports it, at most 64 bytes of UTF-8. */
  readonly who?: string;
  /** Where it is from, at most 200 bytes of UTF-8. */
  readonly source?: string;
  /** What else is to be said, at most 280 bytes of UTF-8. */
  readonly note?: string;
  /** The name of the token that is used, at most 64 bytes of UTF-8. A replica believes it of those who may say it. */
  readonly by?: string;
  /** When it is recorded, in ms since 1970; absent: now, by the clock of this computer. */
  readonly recordedAt?: number;
}

/** How to change what a site is called, and other attributes; at least one of them. */
export interface EditOptions extends ChangeOptions {
  /** Another name, as for a new site. */
  readonly name?: string;
  /** Another ZIP code. */
  readonly zip?: string;
  /**
   * Identifiers, each system once: a value takes the place of the one that the site has of that system, and an empty
   * value takes it away. Other systems stay as they are.
   */
  readonly identifiers?: readonly Identifier[];
  /** Whether nothing is to be changed if another site has one of these identifiers. */
  readonly unique?: boolean;
}

/** How to report an availability. */
export interface SetOptions extends ChangeOptions {
  /** Only if this is what the site shows; a count of 5 is not True. */
  readonly if?: Availability;
  /**
   * Only if the site shows the report of the entry of this index, 0: if it shows none yet. That is exact: what was
   * changed meanwhile and changed back is another report. With `if`, both must hold.
   */
  readonly ifEntry?: number;
  /**
   * When it was true, in ms since 1970. Absent: now, and so the site shows it, whoever's clock is behind. A report that
   * is older than the one shown is kept, and not shown; one that the site has already changes nothing.
   */
  readonly observedAt?: number;
  /** What a count counts. */
  readonly unit?: Unit;
  /** The product that it is about, at most 64 bytes of UTF-8; absent: all that the site has. */
  readonly product?: string;
  /**
   * If the last report of this source, about this product, says the same availability and unit, report nothing, and
   * keep only that it was still so at `observedAt`: the effect is `confirmed`. If that was known, it is `same`.
   */
  readonly confirms?: boolean;
}

/** How to take back or redact an entry. */
export interface MarkOptions extends ChangeOptions {
  /** The id of the entry's site, as the entry has it. Absent: the client looks for the entry if it is an old one. */
  readonly siteId?: number;
}

/** How to keep a document. */
export interface DocumentOptions extends ChangeOptions {
  /** When the feed was made, in ms since 1970: one older than the last of its source changes nothing. */
  readonly observedAt?: number;
  /** Whether it only adds to what others say: it takes the place of a document that is not extra in no list. */
  readonly extra?: boolean;
}

/** Which entries of a site to read. */
export interface HistoryOptions {
  /** Whether to begin with the newest. */
  readonly newestFirst?: boolean;
  /** Only entries after this index. */
  readonly after?: number;
  /** With `newestFirst`: only entries before this index, 1 or more. */
  readonly before?: number;
  /** At most this many entries, 1 or more. */
  readonly limit?: number;
}

/** Which entries of all sites to read. */
export interface ChangesOptions {
  /** Only entries after this index; absent: from the first. */
  readonly after?: number;
  /** At most this many entries, 1 or more. */
  readonly limit?: number;
}

/**
 * Checks an availability.
 *
 * @throws {ValueError} if it is none.
 */
export function checkAvailability(value: Availability): void {
  if (isAvailability(value)) return;
  throw cannotTake(value, "an availability", `give an integer from 0 to 2^53 - 1, a boolean, or "unknown"`);
}

/**
 * Checks a time in ms since 1970.
 *
 * @throws {ValueError} if it is none.
 */
export function checkTime(value: number): void {
  if (isTime(value)) return;
  throw cannotTake(value, "a time", "give milliseconds since 1970, up to the year 9999");
}

/**
 * Checks how many rows are wanted; absent: all.
 *
 * @param what what the rows are, in the plural.
 * @throws {ValueError} if it is not an integer from 1.
 */
export function checkLimit(limit: number | undefined, what: string): void {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1)) return;
  throw new ValueError(`Cannot list ${quotedShort(String(limit))} ${what}: give a number from 1`);
}

/**
 * Checks the index of an entry; 0 is before the first one.
 *
 * @throws {ValueError} if it is not an integer from 0.
 */
export function checkIndex(index: number): void {
  if (Number.isSafeInteger(index) && index >= 0) return;
  throw cannotTake(index, "the index of an entry", "give a number from 0");
}

/**
 * Checks the id of a site.
 *
 * @throws {ValueError} if it is not an integer from 1.
 */
export function checkSiteId(id: number): void {
  if (Number.isSafeInteger(id) && id >= 1) return;
  throw cannotTake(id, "the id of a site", "give a number from 1");
}

/**
 * Reads what to change of a site: names and values are trimmed, and brought into the Unicode normal form C.
 *
 * @throws {ValueError} if nothing is to be changed, or something may not be so.
 */
export function readEdits({ name, zip, identifiers }: EditOptions): SiteEdits {
  if (name === undefined && zip === undefined && identifiers === undefined) {
    throw new ValueError("Nothing is to be edited: give a name, a ZIP code or an identifier");
  }
  return given({
    name: name === undefined ? undefined : parseName(name),
    zip: zip === undefined ? undefined : parseZip(zip),
    identifiers: identifiers === undefined ? undefined : checkedIdentifiers(identifiers),
  });
}

function checkedIdentifiers(identifiers: readonly Identifier[]): readonly Identifier[] {
  const read = identifiers.map(({ system, value }) => ({
    system: parseText(system, "the system of an identifier", sourceBytesMax) ?? "",
    value: parseText(value, "an identifier", identifierValueBytesMax) ?? "",
  }));
  if (read.some(({ system }) => system === "")) throw new ValueError("The system of an identifier is empty: give one");
  if (new Set(read.map(({ system }) => system)).size === read.length) return read;
  throw new ValueError("Two identifiers are of one system: give one of them");
}

const locationIdPattern = new RegExp(`^[A-Za-z0-9.-]{1,${locationIdMax}}$`);

/** Whether a text can be the id of a Location. */
export function isLocationId(text: string): boolean {
  return locationIdPattern.test(text);
}

/**
 * Checks the id of a Location.
 *
 * @throws {ValueError} if it is none.
 */
export function checkLocationId(id: string): void {
  if (isLocationId(id)) return;
  throw cannotTake(id, "the id of a Location", `give 1 to ${locationIdMax} letters, digits, points and hyphens`);
}

/**
 * Checks a unit; absent: nobody said.
 *
 * @throws {ValueError} if it is none.
 */
export function checkUnitName(unit: Unit | undefined): void {
  if (unit === undefined || units.includes(unit)) return;
  throw cannotTake(unit, "a unit", `give ${units.join(" or ")}`);
}
