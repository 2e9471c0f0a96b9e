/**
 * Availabilities as people type and read them: the same rules as those of the command line.
 *
 * @module
 */

/** @typedef {number | boolean | "unknown"} Availability */

/** The largest count. */
export const countMax = Number.MAX_SAFE_INTEGER;

/**
 * Reads what was typed: `True`, `False` or `Unknown` in any case, or a count in plain digits; undefined if it is none.
 *
 * @param {string} typed
 * @returns {Availability | undefined}
 */
export function parseAvailability(typed) {
  const text = typed.trim();
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  if (/^unknown$/i.test(text)) return "unknown";
  if (/^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  return undefined;
}

/** What {@link parseAvailability} takes, in words. */
export const availabilityHint = "a count in digits, or True, False or Unknown";

/**
 * @param {Availability} value
 * @returns {string}
 */
export function formatAvailability(value) {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === "unknown") return "Unknown";
  return String(value);
}

/** What a count may count, and what that is called; "": nobody said. */
export const units = [["", "no unit"], ["doses", "doses"], ["appointments", "appointments"]];

/**
 * An availability with its unit, as `40 doses`.
 *
 * @param {Availability} value
 * @param {string | undefined} unit
 */
export function formatWithUnit(value, unit) {
  return unit ? `${formatAvailability(value)} ${unit}` : formatAvailability(value);
}

/**
 * What a person who comes finds: something, nothing, or nobody knows.
 *
 * @param {Availability} value
 * @returns {"some" | "none" | "unknown"}
 */
export function findsOf(value) {
  if (value === "unknown") return "unknown";
  return value === true || (typeof value === "number" && value > 0) ? "some" : "none";
}

/**
 * Whether a site shows the same report, as far as a person can see.
 *
 * @param {{ availability: Availability, unit?: string, observedAt?: number }} one
 * @param {{ availability: Availability, unit?: string, observedAt?: number }} other
 */
export function isSameReport(one, other) {
  return one.availability === other.availability && one.unit === other.unit && one.observedAt === other.observedAt;
}

/**
 * Whether a name would be taken: the gateway says more about one that is not.
 *
 * @param {string} zip
 */
export function isZip(zip) {
  return /^[0-9]{1,10}$/.test(zip);
}
