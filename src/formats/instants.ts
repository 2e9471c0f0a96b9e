/**
 * Instants as text: ISO 8601 with an offset from UTC, as FHIR has them.
 *
 * @module
 */

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

/** Reads what {@link formatInstant} writes, and whatever {@link parseInstant} takes. */
export function parseOwnInstant(text: string): Pick<Instant, "ms" | "repaired"> | undefined {
  if (!/^\d{15,16}$/.test(text)) return parseInstant(text);
  const ms = Number(text);
  return Number.isSafeInteger(ms) && ms >= year10000 ? { ms, repaired: undefined } : undefined;
}
