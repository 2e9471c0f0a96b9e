/**
 * How long ago something was, in words.
 *
 * @module
 */

/** Milliseconds after which what was reported of a site is called stale: stock is looked at every day. */
export const staleAfterMs = 24 * 3_600_000;

/** When that was which has no time. */
const startText = "from the start";

const units = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]];

/**
 * An age such as "2 min ago".
 *
 * @param {number | undefined} thenMs when it was, in ms since 1970; undefined: nobody has reported yet.
 * @param {number} nowMs
 * @returns {string}
 */
export function ageText(thenMs, nowMs) {
  if (thenMs === undefined) return "never";
  const age = nowMs - thenMs;
  if (age < 1_000) return age < -60_000 ? "in the future" : "now";
  if (age > 60 * 86_400_000) return dateText(thenMs);
  const [unit, ms] = units.find(([, ms]) => age >= ms);
  return `${Math.floor(age / ms)} ${unit} ago`;
}

/**
 * An age of an entry of the log; what a database begins with has no time.
 *
 * @param {number} thenMs
 * @param {number} nowMs
 * @returns {string}
 */
export function entryAgeText(thenMs, nowMs) {
  return thenMs === 0 ? startText : ageText(thenMs, nowMs);
}

/**
 * @param {number | undefined} thenMs
 * @param {number} nowMs
 */
export function isStale(thenMs, nowMs) {
  return thenMs !== undefined && nowMs - thenMs > staleAfterMs;
}

/**
 * A day, as 2021-04-30.
 *
 * @param {number} ms
 */
export function dateText(ms) {
  const date = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * A moment of an entry, as 2021-04-30 14:05:09, by the clock of who reads it.
 *
 * @param {number} ms
 */
export function momentText(ms) {
  return ms === 0 ? startText : `${dateText(ms)} ${clockText(ms)}`;
}

/**
 * What an age means, in full: when it was, or that it was never.
 *
 * @param {number | undefined} thenMs
 */
export function ageHint(thenMs) {
  return thenMs === undefined ? neverText : `Observed at ${momentText(thenMs)}`;
}

/** What is meant by "stale", and by the colour of an age. */
export const staleText = "It was reported over a day ago, so it may have changed";

/** What is meant by an age of "never". */
export const neverText = "Nobody has reported this site yet";

/**
 * A time of the day, as 14:05:09.
 *
 * @param {number} ms
 */
export function clockText(ms) {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * How long something lasts, as "3 min".
 *
 * @param {number} ms
 */
export function spanText(ms) {
  const found = units.find(([, unit]) => ms >= unit);
  return found === undefined ? `${Math.round(ms)} ms` : `${Math.floor(ms / found[1])} ${found[0]}`;
}

/**
 * Bytes, as "41 MB".
 *
 * @param {number} bytes
 */
export function bytesText(bytes) {
  return bytes < 10_000_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e6)} MB`;
}
