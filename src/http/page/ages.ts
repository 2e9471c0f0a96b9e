/**
 * How long ago something was, and when, in words. All times are in ms since 1970.
 *
 * @module
 */

import { staleAfterMs } from "../../limits.ts";

/** When the sites were added that a new database begins with: they have no time. */
const startText = "from the start";

const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]] as const;

/** How long something takes, such as "3 min". */
export function spanText(ms: number): string {
  const found = units.find(([, unit]) => ms >= unit);
  return found === undefined ? `${Math.round(ms)} ms` : `${Math.floor(ms / found[1])} ${found[0]}`;
}

/** The age of an observation, such as "2 min ago"; 0: there is none yet. */
export function ageText(thenMs: number, nowMs: number): string {
  if (thenMs === 0) return "never";
  const age = nowMs - thenMs;
  if (age < 1_000) return age < -60_000 ? "in the future" : "now";
  return `${spanText(age)} ago`;
}

/** The age of an entry of the log. */
export function entryAgeText(thenMs: number, nowMs: number): string {
  return thenMs === 0 ? startText : ageText(thenMs, nowMs);
}

/** Whether an observation is too old to rely on. */
export function isStale(thenMs: number, nowMs: number): boolean {
  return thenMs !== 0 && nowMs - thenMs > staleAfterMs;
}

/** A day by the clock of the reader, such as 2021-04-30: Swedes write it in ISO 8601. */
export function dateText(ms: number): string {
  return new Date(ms).toLocaleDateString("sv");
}

/** A time of the day by the clock of the reader, such as 14:05:09. */
export function clockText(ms: number): string {
  return new Date(ms).toLocaleTimeString("sv");
}

/** A minute by the clock of the reader, such as 2021-04-30 14:05. */
export function minuteText(ms: number): string {
  return `${dateText(ms)} ${clockText(ms).slice(0, 5)}`;
}

/**
 * A moment by the clock of the reader, and in UTC where that is another one: such as 2021-04-30 14:05:09 (12:05:09
 * UTC). The day is there twice only if it is another day in UTC.
 */
export function momentText(ms: number): string {
  if (ms === 0) return startText;
  const local = `${dateText(ms)} ${clockText(ms)}`;
  const utc = new Date(ms).toISOString().slice(0, 19).replace("T", " ");
  if (utc === local) return `${utc} UTC`;
  return `${local} (${utc.startsWith(dateText(ms)) ? utc.slice(11) : utc} UTC)`;
}

/** What an age means, in full. */
export function ageHint(thenMs: number): string {
  return thenMs === 0 ? neverText : `Observed at ${momentText(thenMs)}`;
}

/** What "stale" and the colour of an age mean. */
export const staleText = "The report is over a day old, so the site may have changed";

/** What the age "never" means. */
export const neverText = "Nobody has reported this site yet";

/** Bytes, such as "41 MB". */
export function bytesText(bytes: number): string {
  return bytes < 10_000_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e6)} MB`;
}
