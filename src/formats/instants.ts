/**
 * Instants as text: ISO 8601 with an offset from UTC, as FHIR has them. All repairs of instants are here.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import type { TellProblem } from "./problems.ts";

/** An instant that was read. */
export interface Instant {
  /** Milliseconds since 1970; what is finer is cut off. */
  readonly ms: number;
  /** The offset from UTC that it is written with, in minutes; undefined for `Z`. */
  readonly offsetMinutes: number | undefined;
  /**
   * The same as FHIR wants it, where it lacks its seconds or the minutes of its offset; undefined where it does not.
   */
  readonly repaired: string | undefined;
}

/** A day, a time of day to the minute, seconds, and an offset in hours and minutes; without one, it is `Z`. */
const pattern =
  /^(\d{4}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d(?:\.\d{1,9})?)?(?:Z|([+-])(0\d|1[0-4])(?::?([0-5]\d))?)$/;

/** The same as nearly all write it: to the second or the millisecond, with the whole offset. */
const usual = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** The first instant that ISO 8601 needs five digits for the year of. */
const year10000 = Date.UTC(10_000, 0);

/** The last instant of which also the day around it, in any zone, has a year of four digits. */
export const lastInstantMs = Date.UTC(9999, 11, 29);

/**
 * Reads an instant. It adds an end that can only be zero: the seconds, and the minutes of the offset. It does not add
 * an offset: a time without one is hours wide.
 *
 * @returns undefined if it is not an instant.
 */
export function parseInstant(text: string): Instant | undefined {
  return usualInstant(text) ?? anyInstant(text);
}

/** Reads an instant in its usual form, for which there is a way that is three times as fast. */
function usualInstant(text: string): Instant | undefined {
  if (!usual.test(text)) return undefined;
  const two = (at: number) => 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * 0x30;
  const year = 100 * two(0) + two(2);
  const month = two(5);
  const day = two(8);
  // Date.UTC() takes years before 100 for later ones, and days that do not exist for those after.
  if (year < 100 || month < 1 || month > 12 || day < 1 || day > (month === 2 ? 28 : 30)) return undefined;
  const milliseconds = text[19] === "." ? 10 * two(20) + text.charCodeAt(22) - 0x30 : 0;
  const local = Date.UTC(year, month - 1, day, two(11), two(14), two(17), milliseconds);
  if (text.endsWith("Z")) return { ms: local, offsetMinutes: undefined, repaired: undefined };
  const end = text.length;
  const offsetMinutes = (text[end - 6] === "-" ? -1 : 1) * (60 * two(end - 5) + two(end - 2));
  return { ms: local - 60_000 * offsetMinutes, offsetMinutes, repaired: undefined };
}

function anyInstant(text: string): Instant | undefined {
  const [, day, time, seconds = ":00", sign, hours, minutes = "00"] = pattern.exec(text) ?? [];
  // A day that its month has not would be one of the next month.
  const midnight = day === undefined ? NaN : Date.parse(`${day}T00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day.slice(-2))) return undefined;
  const full = `${day}T${time}${seconds}${sign === undefined ? "Z" : `${sign}${hours}:${minutes}`}`;
  return {
    ms: Date.parse(full),
    offsetMinutes: sign === undefined ? undefined : Number(`${sign}1`) * (60 * Number(hours) + Number(minutes)),
    repaired: full === text ? undefined : full,
  };
}

/**
 * An instant as text, in UTC, to the millisecond: `2026-11-24T10:00:00.000Z`. One that no calendar of four digits has
 * is written as its milliseconds since 1970.
 *
 * @param ms a safe integer from 0.
 */
export function formatInstant(ms: number): string {
  return ms < year10000 ? new Date(ms).toISOString() : String(ms);
}

/** An instant of an input, with what had to be repaired in it. */
interface RepairedInstant extends Instant {
  readonly repairs: readonly ProblemKind[];
}

const noRepairs: readonly ProblemKind[] = [];

/**
 * Reads an instant as inputs have it. Beside what {@link parseInstant} adds, it takes a space for the `T`, and a second
 * 60 as the last millisecond before: a leap second is one that no clock of ours has.
 *
 * @returns undefined if it is not an instant.
 */
export function repairInstant(text: string): RepairedInstant | undefined {
  const whole = parseInstant(text);
  if (whole !== undefined && whole.repaired === undefined) {
    const { ms, offsetMinutes } = whole;
    return { ms, offsetMinutes, repaired: undefined, repairs: noRepairs };
  }
  const joined = text.replace(/^(.{10}) (?=\d)/, "$1T");
  const held = joined.replace(/^(.{16}):60(?:\.\d{1,9})?(?=\D)/, "$1:59.999");
  const instant = parseInstant(held);
  if (instant === undefined) return undefined;
  const repairs: ProblemKind[] = [];
  if (joined !== text) repairs.push("instant-space");
  if (held !== joined) repairs.push("instant-leap");
  if (instant.repaired !== undefined) repairs.push("instant-short");
  return { ...instant, repaired: repairs.length === 0 ? undefined : instant.repaired ?? held, repairs };
}

/** Tells what was repaired in an instant. @param called what it is, such as `The start`. */
export function tellInstant(called: string, text: string, instant: RepairedInstant, tell: TellProblem): void {
  for (const kind of instant.repairs) tell(kind, `${called} ${quotedShort(text)} was taken as "${instant.repaired}"`);
}

/**
 * Reads what {@link formatInstant} writes, whatever {@link repairInstant} takes, and a date alone: that day's first
 * moment in UTC, as for a person who types it.
 */
export function parseOwnInstant(text: string): RepairedInstant | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const instant = parseInstant(`${text}T00:00:00Z`);
    return instant && { ...instant, repaired: `${text}T00:00:00Z`, repairs: ["instant-date"] };
  }
  if (!/^\d{15,16}$/.test(text)) return repairInstant(text);
  const ms = Number(text);
  const isHeld = Number.isSafeInteger(ms) && ms >= year10000;
  return isHeld ? { ms, offsetMinutes: undefined, repaired: undefined, repairs: [] } : undefined;
}
