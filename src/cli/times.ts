/**
 * Points in time, as a person types and reads them. All that is shown is UTC, so that two people read the same.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { ValueError } from "../database/values.ts";
import { formatInstant } from "../formats/instants.ts";
import { timeMsMax } from "../limits.ts";

const minuteMs = 60_000;

/** Milliseconds of the units that a span of time may have. */
const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: minuteMs,
  h: 60 * minuteMs,
  d: 24 * 60 * minuteMs,
  w: 7 * 24 * 60 * minuteMs,
};

const spanPattern = /^([0-9]{1,9})\s*([smhdw])(?:\s+ago)?$/i;
const datePattern = /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]+(.+))?$/;
const clockPattern = /^([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?\s*(.*)$/;
const offsetPattern = /^([+-])([0-9]{2}):?([0-9]{2})?$/;

/**
 * Reads a point in time: ISO 8601 with `Z` or an offset, a date alone (its first moment in UTC), `now`, or how long ago
 * it was (`90s`, `10m`, `2h`, `3d`, `1w`, with or without `ago`).
 *
 * A time without an offset is refused: it would mean another moment on each machine.
 *
 * @param now what `now` means, in milliseconds since 1970.
 * @returns milliseconds since 1970, 0 or more, before the year 10000.
 * @throws {ValueError} if it is none of these.
 */
export function parseTime(typed: string, now: number): number {
  const text = typed.trim();
  const time = /^now$/i.test(text) ? now : timeAgo(text, now) ?? dateTime(text, typed);
  if (time === undefined) {
    throw fault(
      typed,
      "give one such as 2026-11-24T10:00:00Z, 2026-11-24T10:00-05:00, 2026-11-24, now, or 10m, 2h, 3d",
    );
  }
  if (!(time >= 0 && time <= timeMsMax)) throw fault(typed, "give one from 1970 on and before the year 10000");
  return time;
}

function timeAgo(text: string, now: number): number | undefined {
  const [, count, unit] = spanPattern.exec(text) ?? [];
  return unit === undefined ? undefined : now - Number(count) * unitMs[unit.toLowerCase()];
}

/** A date, or a date and a time with an offset; undefined if it is something else. */
function dateTime(text: string, typed: string): number | undefined {
  const [, year, month, day, clock] = datePattern.exec(text) ?? [];
  if (day === undefined) return undefined;
  const date = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Out of its range a day is one of another month to UTC().
  if (new Date(date).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) {
    throw fault(typed, `there is no day ${year}-${month}-${day}`);
  }
  if (clock === undefined) return date;
  const [, hour, minute, second = "0", fraction = "", zone] = clockPattern.exec(clock) ?? [];
  if (minute === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw fault(typed, "its hours go to 23, its minutes and seconds to 59");
  }
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const offset = offsetMs(zone, typed);
  return offset === undefined
    ? undefined
    : date + seconds * 1_000 + Number(fraction.padEnd(3, "0").slice(0, 3)) - offset;
}

function offsetMs(zone: string, typed: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  if (zone === "") {
    throw fault(typed, "it names no offset, and so is another moment at each place; put Z or -05:00 behind it");
  }
  const [, sign, hours, minutes = "0"] = offsetPattern.exec(zone) ?? [];
  if (hours === undefined) return undefined;
  // No place is further from UTC.
  if (Number(hours) > 14 || Number(minutes) > 59) throw fault(typed, `there is no offset ${zone}`);
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minuteMs;
}

function fault(typed: string, why: string): ValueError {
  return new ValueError(`Cannot take ${quotedShort(typed)} as a time: ${why}`);
}

/** A point in time for a person, in UTC and to the second: `2026-11-24T10:00:00Z`. */
export function formatTime(ms: number): string {
  return exactTime(Math.floor(ms / 1_000) * 1_000);
}

/** A point in time for programs: the same, to the millisecond if it is not a whole second. */
export function exactTime(ms: number): string {
  return formatInstant(ms).replace(".000Z", "Z");
}

/** How long something takes, for a person: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return joined(Math.floor(seconds / 60), "min", seconds % 60, "s");
  return joined(Math.floor(seconds / 3_600), "h", Math.floor(seconds % 3_600 / 60), "min");
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
