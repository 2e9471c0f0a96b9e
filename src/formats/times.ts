/**
 * Points in time, as a person types and reads them. All that is shown is UTC, so that two people read the same.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { ValueError } from "../database/values.ts";
import { formatInstant, parseInstant } from "./instants.ts";
import { formatSpan, spanMs, unitMs } from "../front/spans.ts";
import { timeMsMax } from "../limits.ts";

const spanPattern = /^([0-9]{1,9})\s*([smhdw])(?:\s+ago)?$/i;
/** A date, a time of day, and what follows that. */
const pattern = /^(\d{4}-\d\d-\d\d)(?:[Tt ]+(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)\s*(.*))?$/;
const offsetPattern = /^(?:Z|[+-]\d\d(?::?\d\d)?)$/;

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

/**
 * Reads how long something takes: `90s`, `5m`, `2h`, `1d`.
 *
 * @param bounds the shortest and the longest that it may be, in milliseconds.
 * @throws {ValueError} if it is none.
 */
export function parseSpan(typed: string, bounds: { readonly shortest: number; readonly longest: number }): number {
  const ms = spanMs(typed);
  if (ms >= bounds.shortest && ms <= bounds.longest) return ms;
  const range = `from ${formatSpan(bounds.shortest)} to ${formatSpan(bounds.longest)}`;
  throw new ValueError(`Cannot take ${quotedShort(typed)} as a span of time: give one such as 90s, 5m or 2h, ${range}`);
}

function timeAgo(text: string, now: number): number | undefined {
  const [, count, unit] = spanPattern.exec(text) ?? [];
  return unit === undefined ? undefined : now - Number(count) * unitMs[unit.toLowerCase()];
}

/** A date, or a date and a time with an offset; undefined if it is something else. */
function dateTime(text: string, typed: string): number | undefined {
  const [, day, clock, offset] = pattern.exec(text) ?? [];
  if (day === undefined) return undefined;
  const midnight = parseInstant(`${day}T00:00Z`);
  if (midnight === undefined) throw fault(typed, `there is no day ${day}`);
  if (clock === undefined) return midnight.ms;
  if (parseInstant(`${day}T${clock}Z`) === undefined) {
    throw fault(typed, "its hours go to 23, its minutes and seconds to 59");
  }
  if (offset === "") {
    throw fault(typed, "without an offset it is another moment at each place; add Z or -05:00 at its end");
  }
  const zone = offset.toUpperCase();
  if (!offsetPattern.test(zone)) return undefined;
  const instant = parseInstant(`${day}T${clock}${zone}`);
  if (instant === undefined) throw fault(typed, `there is no offset ${offset}`);
  return instant.ms;
}

function fault(typed: string, why: string): ValueError {
  return new ValueError(`Cannot take ${quotedShort(typed)} as a time: ${why}`);
}

/** A point in time for a person, in UTC and to the second: `2026-11-24T10:00:00Z`. */
export function formatTime(ms: number): string {
  if (ms > timeMsMax) return exactTime(Math.floor(ms / 1_000) * 1_000);
  const number = Math.floor(ms / dayMs);
  // Entries that follow each other are mostly of one day, and its calendar takes longer than all else of a line.
  if (number !== day.number) day = { number, text: formatInstant(number * dayMs).slice(0, "2026-11-24T".length) };
  const second = Math.floor((ms - number * dayMs) / 1_000);
  const minute = Math.floor(second / 60);
  return `${day.text}${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}:${twoDigits(second % 60)}Z`;
}

const dayMs = 24 * 3_600_000;

/** The day that was told last: how many there were before it since 1970, and how it begins. */
let day = { number: NaN, text: "" };

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** A point in time for programs: the same, to the millisecond if it is not a whole second. */
export function exactTime(ms: number): string {
  return formatInstant(ms).replace(".000Z", "Z");
}
