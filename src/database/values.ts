/**
 * What the database holds: sites, and the rules for their names, ZIP codes and availabilities.
 *
 * The same rules are applied twice: where a person types (`parse…`, which forgive spaces and case, and throw a
 * {@link ValueError} that says what to do), and in the state machine (`whyNot…`, which forgives nothing, because what
 * comes over the network may come from anybody).
 *
 * @module
 */

import { nameCodePointsMax, zipDigitsMax } from "../limits.ts";
import { quotedShort } from "./quoted.ts";

/** How many doses or appointments there are (a safe integer, 0 or more), or only whether there are any. */
export type Availability = number | boolean;

/** A place that gives vaccines. */
export interface Site {
  /** 1 to 200 code points, trimmed, in NFC; what the site is known by. */
  readonly name: string;
  /** 1 to 10 digits; text, because leading zeros count. */
  readonly zip: string;
  /** What is there. */
  readonly availability: Availability;
}

/** What a fresh database holds. */
export const initialSites: readonly Site[] = [{ name: "Harvard University", zip: "02138", availability: 0 }];

/** A value that breaks the rules; the message quotes it and says what is wanted. */
export class ValueError extends Error {
  /** The name of the class. */
  override name = "ValueError";
}

/** Whether `value` may be stored as an availability. */
export function isAvailability(value: unknown): value is Availability {
  return typeof value === "boolean" || (Number.isSafeInteger(value) && (value as number) >= 0);
}

/**
 * Reads an availability as typed: `True` or `False` in any case, or a count in plain decimal digits.
 *
 * Signs, points, exponents, separators and leading zeros are refused rather than guessed at: `1e3` and `1,000` are as
 * often a slip as a thousand, and `02138` is a ZIP code that was typed at the wrong prompt.
 *
 * @throws {ValueError} if it is none of these, or over 2^53 - 1.
 */
export function parseAvailability(typed: string): Availability {
  const text = typed.trim();
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  if (/^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new ValueError(
    `Cannot take ${quotedShort(typed)} as an availability: ` +
      `give a count from 0 to ${Number.MAX_SAFE_INTEGER} in digits alone, or True, or False`,
  );
}

/** An availability as it is shown: `True`, `False`, or the count in digits. */
export function formatAvailability(value: Availability): string {
  return value === true ? "True" : value === false ? "False" : String(value);
}

/** One line of printable ASCII, trimmed: no rule for names can be broken but the length. */
const plainName = /^[!-~](?:[ -~]*[!-~])?$/;

const control = /\p{Cc}/u;
const directionControl = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const separator = /[\u2028\u2029]/;

/**
 * Why `name` may not be stored, or undefined if it may.
 *
 * Normalisation depends on the Unicode version only for characters that are not assigned yet; the members of a cluster
 * run the same program, so they agree on those too.
 *
 * @returns what to do about it, to be put after a colon.
 */
export function whyNotName(name: string): string | undefined {
  if (name === "") return "it is empty; give 1 to 200 characters";
  // A code point is one or two UTF-16 units, so most names need no counting.
  if (name.length > nameCodePointsMax && [...name].length > nameCodePointsMax) {
    return `it has over ${nameCodePointsMax} characters; shorten it`;
  }
  if (plainName.test(name)) return undefined;
  if (!name.isWellFormed()) return "it has half of a character (a lone surrogate); leave it out";
  if (control.test(name)) return "it has a control character; leave it out";
  if (directionControl.test(name)) return "it has a character that changes the direction of text; leave it out";
  if (separator.test(name)) return "it has a line or paragraph separator; leave it out";
  if (name.trim() !== name) return "it has spaces around it; leave them out";
  if (name.normalize("NFC") !== name) return "it is not in the Unicode normal form C; normalise it";
  return undefined;
}

/**
 * Reads a site's name as typed: trims it and brings it into the Unicode normal form C.
 *
 * @throws {ValueError} if it may not be a name.
 */
export function parseName(typed: string): string {
  const name = plainName.test(typed) ? typed : typed.trim().normalize("NFC");
  const why = whyNotName(name);
  if (why !== undefined) throw new ValueError(`Cannot take ${quotedShort(typed)} as a site name: ${why}`);
  return name;
}

const zipPattern = new RegExp(`^[0-9]{1,${zipDigitsMax}}$`);

/** Whether `zip` may be stored as a ZIP code: 1 to 10 ASCII digits. */
export function isZip(zip: string): boolean {
  return zipPattern.test(zip);
}

/**
 * Reads a ZIP code as typed: trims it and keeps it as text, so that leading zeros stay.
 *
 * @throws {ValueError} if it is not 1 to 10 digits.
 */
export function parseZip(typed: string): string {
  const zip = typed.trim();
  if (isZip(zip)) return zip;
  throw new ValueError(
    `Cannot take ${quotedShort(typed)} as a ZIP code: give 1 to ${zipDigitsMax} digits, such as 02138`,
  );
}
