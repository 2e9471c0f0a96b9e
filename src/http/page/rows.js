/**
 * The sites that are shown, as far as they were loaded, and what changes make of them.
 *
 * @module
 */

import { findsOf } from "./values.js";

/** @typedef {{ name: string, zip: string, availability: import("./values.js").Availability, unit?: string, observedAt: number, retired?: string }} Row */
/** @typedef {{ q: string, zip: string, available: boolean, retired: boolean }} Filter */

/**
 * Whether a site is to be shown.
 *
 * @param {Row} row
 * @param {Filter} filter
 */
export function matches(row, { q, zip, available, retired }) {
  if (q !== "" && !row.name.toLowerCase().includes(q.toLowerCase())) return false;
  if (!row.zip.startsWith(zip)) return false;
  if (row.retired !== undefined && !retired) return false;
  return !available || findsOf(row.availability) === "some";
}

/**
 * A site after an entry of the log.
 *
 * @param {Row} row
 * @param {any} entry
 * @returns {Row} the same object if nothing that is shown has changed.
 */
export function rowAfter(row, entry) {
  switch (entry.kind) {
    case "report": {
      if (entry.outOfDate) return row;
      const { availability, unit, observedAt } = entry;
      const { name, zip, retired } = row;
      return { name, zip, availability, observedAt, ...unit && { unit }, ...retired !== undefined && { retired } };
    }
    case "retired":
      return { ...row, retired: entry.reason };
    case "reopened": {
      const { retired: _, ...open } = row;
      return open;
    }
    default:
      return row;
  }
}

/**
 * The rows after an entry of the log. A site that came to match the filter by a change other than its addition is not
 * known here, unless `known` is given.
 *
 * @param {{ rows: readonly Row[], next: string | undefined }} list
 * @param {any} entry
 * @param {Filter} filter
 * @param {Row} [known] the site before the entry, where it is not among the rows.
 * @returns {{ rows: readonly Row[], next: string | undefined }} the same object if nothing has changed.
 */
export function listAfter(list, entry, filter, known) {
  const at = placeOf(list.rows, entry.site);
  const found = list.rows[at]?.name === entry.site ? list.rows[at] : undefined;
  const before = found ?? known ??
    (entry.kind === "added" ? { name: entry.site, zip: entry.zip, availability: 0, observedAt: 0 } : undefined);
  if (before === undefined) return list;
  const after = rowAfter(before, entry);
  if (found !== undefined && after === found) return list;
  const rows = [...list.rows];
  if (!matches(after, filter)) {
    if (found === undefined) return list;
    rows.splice(at, 1);
  } else if (found !== undefined) {
    rows[at] = after;
  } else {
    // What comes after all that was loaded will be loaded.
    if (list.next !== undefined && at === rows.length) return list;
    rows.splice(at, 0, after);
  }
  return { ...list, rows };
}

/**
 * Where a name stands, or would stand, among the rows, which are sorted by code points.
 *
 * @param {readonly Row[]} rows
 * @param {string} name
 */
export function placeOf(rows, name) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(rows[middle].name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The order of names in the database: by code point, which is not that of JavaScript's `<`.
 *
 * @param {string} a
 * @param {string} b
 */
export function compareNames(a, b) {
  const [as, bs] = [[...a], [...b]];
  const length = Math.min(as.length, bs.length);
  for (let at = 0; at < length; at++) {
    if (as[at] !== bs[at]) return as[at].codePointAt(0) - bs[at].codePointAt(0);
  }
  return as.length - bs.length;
}

/**
 * Which rows of a long list are to be drawn: those that are seen, and some around them.
 *
 * @param {{ top: number, height: number, rowHeight: number, count: number, around?: number }} what in pixels.
 */
export function windowOf({ top, height, rowHeight, count, around = 8 }) {
  const first = Math.max(0, Math.floor(top / rowHeight) - around);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + around);
  return { first: Math.min(first, Math.max(0, count - 1)), last };
}

/**
 * The places that are drawn, in their order: those of the window, and those that must not go although they are not seen,
 * since they have the focus, or something that was typed.
 *
 * @param {{ first: number, last: number, kept: readonly number[], count: number }} what
 */
export function drawnOf({ first, last, kept, count }) {
  const places = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  const more = kept.filter((place) => place < count && (place < first || place >= last));
  return [...new Set([...places, ...more])].sort((a, b) => a - b);
}
