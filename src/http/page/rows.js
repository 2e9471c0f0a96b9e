/**
 * The sites that are shown, as far as they were loaded, and what changes make of them.
 *
 * @module
 */

import { findsOf } from "./values.js";

/** @typedef {{ name: string, zip: string, availability: import("./values.js").Availability, unit?: string, observedAt?: number, retired?: string }} Row */
/**
 * @typedef {object} List
 * @property {readonly Row[]} rows those that were loaded, without a gap.
 * @property {string | undefined} next after which name there are more.
 * @property {string} [previous] before which name there are more.
 * @property {number} loaded how many rows were loaded.
 * @property {{ readonly rows: number }} [above] how many rows came above those that were there, when some last did.
 */
/** @typedef {{ q: string, zip: string, available: boolean, retired: boolean }} Filter */

/** Rows that are kept of those that are added to what was loaded. */
const addedMax = 500;

/**
 * A list with a page that was loaded: in place of all, or beside what is there.
 *
 * @param {List} list
 * @param {{ after?: string, before?: string }} where beside which end of the list the page stands; neither: in its place.
 * @param {{ sites: readonly Row[], next?: string, previous?: string }} page
 * @returns {List}
 */
export function listWith(list, { after, before }, { sites, next, previous }) {
  // The list was cut meanwhile, and goes on elsewhere.
  if (after !== undefined && list.next !== after) return { ...list };
  if (before !== undefined && list.previous !== before) return { ...list };
  if (after !== undefined) {
    return { ...list, rows: [...list.rows, ...sites], next, loaded: list.rows.length + sites.length };
  }
  if (before === undefined) return { rows: sites, next, previous, loaded: sites.length };
  const rows = [...sites, ...list.rows];
  return { ...list, rows, previous, loaded: rows.length, above: { rows: sites.length } };
}

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
 * The rows after entries of the log, copied once for all of them. A site that came to match the filter by a change other
 * than its addition is not known here, unless it is among `known`.
 *
 * However many sites are added, few more are kept than were loaded: the rest is loaded when one comes there.
 *
 * @param {List} list
 * @param {readonly any[]} entries
 * @param {Filter} filter
 * @param {ReadonlyMap<string, Row>} [known] sites as they were before, where they are not among the rows.
 * @returns {List} the same object if nothing has changed.
 */
export function listAfter(list, entries, filter, known = new Map()) {
  const { rows, next, previous, loaded } = list;
  /** @type {Map<string, Row>} */
  const changed = new Map();
  for (const entry of entries) {
    const { site } = entry;
    // What comes after all that was loaded, or before it, will be loaded.
    if (next !== undefined && compareNames(site, next) > 0) continue;
    if (previous !== undefined && compareNames(site, previous) < 0) continue;
    const found = changed.get(site) ?? rowOf(rows, site);
    const before = found ?? known.get(site) ?? (entry.kind === "added" ? newRow(entry) : undefined);
    if (before === undefined) continue;
    const after = rowAfter(before, entry);
    if (after !== found) changed.set(site, after);
  }
  const merged = [];
  let at = 0;
  let isSame = true;
  for (const name of [...changed.keys()].sort(compareNames)) {
    const row = changed.get(name);
    const place = placeOf(rows, name);
    const isThere = rows[place]?.name === name;
    const isShown = matches(row, filter);
    if (!isThere && !isShown) continue;
    isSame = false;
    while (at < place) merged.push(rows[at++]);
    if (isThere) at++;
    if (isShown) merged.push(row);
  }
  if (isSame) return list;
  while (at < rows.length) merged.push(rows[at++]);
  const max = loaded + addedMax;
  if (merged.length <= max) return { ...list, rows: merged };
  return { ...list, rows: merged.slice(0, max), next: merged[max - 1].name };
}

function newRow({ site, zip }) {
  return { name: site, zip, availability: 0 };
}

/**
 * The row of a site, if it is there.
 *
 * @param {readonly Row[]} rows
 * @param {string} name
 */
export function rowOf(rows, name) {
  const row = rows[placeOf(rows, name)];
  return row?.name === name ? row : undefined;
}

/**
 * Which rows are marked since they have just changed: of those that are drawn, and no others, however many change. The
 * mark of a row that changes again is the other one of two.
 *
 * @param {ReadonlyMap<string, 1 | 2>} fresh
 * @param {readonly any[]} entries
 * @param {ReadonlySet<string>} drawn the names of the rows that are drawn.
 * @returns {Map<string, 1 | 2>}
 */
export function freshAfter(fresh, entries, drawn) {
  const changed = new Set(entries.map(({ site }) => site));
  const names = [...drawn].filter((name) => fresh.has(name) || changed.has(name));
  return new Map(names.map((name) => {
    const mark = fresh.get(name);
    return [name, !changed.has(name) ? mark : mark === 1 ? 2 : 1];
  }));
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
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at === length ? a.length - b.length : a.codePointAt(at) - b.codePointAt(at);
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
