/**
 * What the database holds of a site, and the rules for names, ZIP codes, availabilities, texts and times.
 *
 * The same rules are applied twice: where a person types (`parse…`, which forgive spaces and case, and throw a
 * {@link ValueError} that says what to do), and in the state machine (`whyNot…`, which forgives nothing, because what
 * comes over the network may come from anybody).
 *
 * @module
 */

import { documentBytesMax, nameCodePointsMax, timeMsMax, zipDigitsMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";

/**
 * How many doses or appointments there are (a safe integer, 0 or more), or only whether there are any, or that nobody
 * knows. A count of 0 is not available, and unknown is not 0.
 */
export type Availability = number | boolean | "unknown";

/** What a count counts: what is in stock, or what can be booked. They are not the same. */
export type Unit = "doses" | "appointments";

/** All units. */
export const units: readonly Unit[] = ["doses", "appointments"];

/** What every list shows of a site. */
export interface BriefSite {
  /** 1 to 200 code points, trimmed, in NFC; what the site is known by. */
  readonly name: string;
  /** 1 to 10 digits; text, because leading zeros count. */
  readonly zip: string;
  /** The availability, by the newest report. */
  readonly availability: Availability;
}

/** A place that gives vaccines, as the newest report shows it. */
export interface Site extends BriefSite {
  /** The index of the entry that added it, from 1: the site has it for ever, and no other one has it. */
  readonly id: number;
  /** What a count counts; absent: nobody said. */
  readonly unit?: Unit;
  /** When that was true, in ms since 1970; 0 if there is no report yet. */
  readonly observedAt: number;
  /** When it was still so, in ms since 1970, later than `observedAt`; absent: nobody has confirmed it. */
  readonly checkedAt?: number;
  /** Why the site is retired; absent: it is not. */
  readonly retired?: string;
}

/** The report that a site shows. */
export interface ShownReport {
  /** The index of its entry in the log. */
  readonly index: number;
  /** When it was recorded, by the clock of the client, in ms since 1970. */
  readonly recordedAt: number;
  /** The person or program that reported it. */
  readonly who?: string;
  /** Where it is from. */
  readonly source?: string;
  /** What else is to be said. */
  readonly note?: string;
}

/** What others call a site. */
export interface Identifier {
  /** The party that gives such identifiers: usually a URL, 1 to 200 bytes of UTF-8. */
  readonly system: string;
  /** 1 to 64 bytes of UTF-8. */
  readonly value: string;
}

/** What an `edit` changes: at least one of these. */
export interface SiteEdits {
  /** The new name, 1 to 200 code points. */
  readonly name?: string;
  /** The new ZIP code, 1 to 10 digits. */
  readonly zip?: string;
  /** Identifiers by their systems; an empty value takes one away, and systems that are not named stay as they are. */
  readonly identifiers?: readonly Identifier[];
}

/** A site as another one names it. */
export interface NamedSite {
  /** Its id. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
}

/** What one source says of a site: all that it has, or one product. */
export interface SourceReport {
  /** The source; absent: reports that name none, and those of more sources than a site keeps apart. */
  readonly source?: string;
  /** The product; absent: the reports are about all that the site has. */
  readonly product?: string;
  /** What it has reported last; unknown if it has given a document alone. */
  readonly availability: Availability;
  /** What a count counts; absent: it did not say. */
  readonly unit?: Unit;
  /** When that was true, in ms since 1970; 0 if it has reported nothing. */
  readonly observedAt: number;
  /** When it was still so, by the last confirmation, in ms since 1970; absent: it was not confirmed. */
  readonly checkedAt?: number;
  /** Since when it has reported that: `observedAt` of the first of its last reports that say the same. */
  readonly changedAt: number;
  /** The index of the entry of its report; 0 if it has reported nothing. */
  readonly index: number;
  /** When that was recorded, by the clock of the client, in ms since 1970. */
  readonly recordedAt: number;
  /** The person or program that reported it. */
  readonly who?: string;
  /** What else was said. */
  readonly note?: string;
  /** Whose token was used. */
  readonly by?: string;
  /** The last document of this source; only where there is no product. */
  readonly document?: string;
  /** The site that was merged into the one that was asked for, and that this is reported of; absent: that one. */
  readonly site?: NamedSite;
}

/** A site that was found by an identifier. */
export interface IdentifiedSite extends Site {
  /** The one that has the identifier, if that was merged into this one. */
  readonly alias?: NamedSite;
}

/** A site that may be meant by a name that no site has. */
export interface Candidate extends Pick<Site, "id" | "name" | "zip" | "retired"> {
  /** Such as `77 Massachusetts Ave, Cambridge, MA`; absent: its document has none. */
  readonly address?: string;
}

/** Everything that is known of a site but its history. */
export interface FullSite extends Site {
  /** What others call it; absent: nothing is known. */
  readonly identifiers?: readonly Identifier[];
  /** The id of its Location in the published feed, for ever; absent: it was never published. */
  readonly locationId?: string;
  /** The sites that were merged into it; absent: none. */
  readonly aliases?: readonly NamedSite[];
  /** The report that is shown; absent: there is none yet. */
  readonly report?: ShownReport;
  /** What a feed said of the site, as JSON text; absent: nothing. */
  readonly document?: string;
}

/** A site as JSON gives it: `observedAt` is absent where there is no report. */
export type SiteJson<S extends Site = Site> = Omit<S, "observedAt"> & { readonly observedAt?: number };

/** What a fresh database holds. */
export const initialSites: readonly BriefSite[] = [{ name: "Harvard University", zip: "02138", availability: 0 }];

/** A value that breaks the rules; the message quotes it and says what is wanted. */
export class ValueError extends Error {
  /** The name of the class. */
  override name = "ValueError";
}

/** The error for a value that is not `what`; `why` says what is wrong with it, or what to give. */
export function cannotTake(value: unknown, what: string, why: string): ValueError {
  return new ValueError(`Cannot take ${quotedShort(String(value))} as ${what}: ${why}`);
}

/** Whether `value` may be stored as an availability. */
export function isAvailability(value: unknown): value is Availability {
  return typeof value === "boolean" || value === "unknown" || (Number.isSafeInteger(value) && (value as number) >= 0);
}

/** Whether somebody who comes finds something: True, or a count of 1 or more. */
export function isAvailable(value: Availability): boolean {
  return value === true || (typeof value === "number" && value > 0);
}

/**
 * Reads an availability as typed: `True`, `False` or `Unknown` in any case, or a count in plain decimal digits.
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
  if (/^unknown$/i.test(text)) return "unknown";
  if (/^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  const wanted = `give a count from 0 to ${Number.MAX_SAFE_INTEGER} in digits alone, or True, False or Unknown`;
  throw cannotTake(typed, "an availability", wanted);
}

/** An availability as it is shown: `True`, `False`, `Unknown`, or the count in digits. */
export function formatAvailability(value: Availability): string {
  return value === true ? "True" : value === false ? "False" : value === "unknown" ? "Unknown" : String(value);
}

/** Whether `value` is a time: an integer of ms since 1970 that is not after the year 9999. */
export function isTime(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= timeMsMax;
}

/** One line of printable ASCII, trimmed: no rule for text can be broken but the length. */
const plainText = /^[!-~](?:[ -~]*[!-~])?$/;

const loneSurrogate = "it has half of a character (a lone surrogate); leave it out";
const control = /\p{Cc}/u;
const directionControl = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const separator = /[\u2028\u2029]/;

/**
 * Why `name` may not be stored, or undefined if it may.
 *
 * @returns what to do about it, to be put after a colon.
 */
export function whyNotName(name: string): string | undefined {
  if (name === "") return "it is empty; give 1 to 200 characters";
  // A code point is one or two UTF-16 units, so most names need no counting.
  if (name.length > nameCodePointsMax && [...name].length > nameCodePointsMax) {
    return `it has over ${nameCodePointsMax} characters; shorten it`;
  }
  return whyNotText(name);
}

/**
 * Why `text`, of any length, may not be stored as a name, a reporter, a source, a note or a reason, or undefined if it
 * may.
 *
 * Normalisation depends on the Unicode version only for characters that are not assigned yet; the members of a cluster
 * run the same program, so they agree on those too.
 *
 * @returns what to do about it, to be put after a colon.
 */
export function whyNotText(text: string): string | undefined {
  if (plainText.test(text)) return undefined;
  if (!text.isWellFormed()) return loneSurrogate;
  if (control.test(text)) return "it has a control character; leave it out";
  if (directionControl.test(text)) return "it has a character that changes the direction of text; leave it out";
  if (separator.test(text)) return "it has a line or paragraph separator; leave it out";
  if (text.trim() !== text) return "it has spaces around it; leave them out";
  if (text.normalize("NFC") !== text) return "it is not in the Unicode normal form C; normalise it";
  return undefined;
}

function tidied(typed: string): string {
  return plainText.test(typed) ? typed : typed.trim().normalize("NFC");
}

/**
 * Reads a site's name as typed: trims it and brings it into the Unicode normal form C.
 *
 * @throws {ValueError} if it may not be a name.
 */
export function parseName(typed: string): string {
  const name = tidied(typed);
  const why = whyNotName(name);
  if (why !== undefined) throw cannotTake(typed, "a site name", why);
  return name;
}

const encoder = new TextEncoder();

/** Why a text has too many bytes of UTF-8, or undefined if it does not. */
function whyTooLong(text: string, bytesMax: number): string | undefined {
  const isLong = 3 * text.length > bytesMax && encoder.encode(text).length > bytesMax;
  return isLong ? `it has over ${bytesMax} bytes; shorten it` : undefined;
}

/**
 * Reads a reporter, source, note or reason as typed: trims it and brings it into the Unicode normal form C.
 *
 * @param what what it is to be, with its article, such as `a note`.
 * @param bytesMax bytes of UTF-8 that it may have.
 * @returns the text, or undefined if nothing was typed.
 * @throws {ValueError} if it may not be stored.
 */
export function parseText(typed: string | undefined, what: string, bytesMax: number): string | undefined {
  if (typed === undefined) return undefined;
  const text = tidied(typed);
  if (text === "") return undefined;
  const why = whyTooLong(text, bytesMax) ?? whyNotText(text);
  if (why !== undefined) throw cannotTake(typed, what, why);
  return text;
}

/**
 * Checks the document of a site, which may be any text; its content is the business of its readers.
 *
 * @throws {ValueError} if it is empty, too long, or has half of a character.
 */
export function checkDocument(text: string): void {
  const why = text === "" ? "it is empty" : text.isWellFormed() ? whyTooLong(text, documentBytesMax) : loneSurrogate;
  if (why !== undefined) throw cannotTake(text, "a document", why);
}

const zipPattern = new RegExp(`^[0-9]{1,${zipDigitsMax}}$`);

/** Whether `zip` may be stored as a ZIP code: 1 to 10 ASCII digits. */
export function isZip(zip: string): boolean {
  return zipPattern.test(zip);
}

/**
 * Reads a ZIP code, or how one begins, as typed: trims it and keeps it as text, so that leading zeros stay.
 *
 * @throws {ValueError} if it is not 1 to 10 digits.
 */
export function parseZip(typed: string): string {
  const zip = typed.trim();
  if (isZip(zip)) return zip;
  throw cannotTake(typed, "a ZIP code", `give 1 to ${zipDigitsMax} digits, such as 02138`);
}
