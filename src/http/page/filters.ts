/**
 * Which sites the list has: what a person typed, what a request asks for, and how the address keeps it.
 *
 * @module
 */

/** Which sites to find; what is empty or false asks for nothing. */
export interface Filter {
  /** A part of the name. */
  readonly q: string;
  /** How the ZIP code begins. */
  readonly zip: string;
  /** The ZIP code to be near to, perhaps not typed to its end yet. */
  readonly near: string;
  /** With `near`: how near, such as `10mi`. */
  readonly within: string;
  readonly available: boolean;
  readonly retired: boolean;
}

/** Everything but retired sites. */
export const noFilter: Filter = { q: "", zip: "", near: "", within: "10mi", available: false, retired: false };

/** The distances that a person can choose. */
export const distances = ["1mi", "5mi", "10mi", "25mi", "50mi", "100mi"] as const;

/** Digits of a ZIP code that says where it is. */
const zipDigits = 5;

/** Whether the list is of the sites near a ZIP code, the nearest first. */
export function isNear({ near }: Filter): boolean {
  return near.length >= zipDigits;
}

/** What a request asks for. */
export function searchOf(filter: Filter): Readonly<Record<string, string>> {
  const { near, within, ...others } = filter;
  const asked = { ...others, ...isNear(filter) && { near, within } };
  return Object.fromEntries(Object.entries(asked).flatMap(([key, value]) => value ? [[key, String(value)]] : []));
}

/** The same as a query, with its question mark; empty: everything. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams(searchOf(filter)).toString();
  return query === "" ? "" : `?${query}`;
}

/** Whether the filter leaves sites out. */
export function isFiltered(filter: Filter): boolean {
  return queryOf(filter) !== "";
}

/** The part of an address that names what is shown, without the `#`, and the query behind it; absent: there is none. */
export function partsOf(hash: string): { readonly path: string; readonly query?: string } {
  const mark = hash.indexOf("?");
  const path = (mark < 0 ? hash : hash.slice(0, mark)).replace(/^#/, "");
  return mark < 0 ? { path } : { path, query: hash.slice(mark + 1) };
}

/** The filter in an address; undefined: the address has none. What makes no sense in it asks for nothing. */
export function filterIn(hash: string): Filter | undefined {
  const { query } = partsOf(hash);
  if (query === undefined) return undefined;
  const given = new URLSearchParams(query);
  const digits = (name: string) => (given.get(name) ?? "").replace(/[^0-9]/g, "").slice(0, 10);
  const flag = (name: string) => /^(?:true|1|)$/.test(given.get(name) ?? "false");
  const within = given.get("within") ?? "";
  return {
    q: given.get("q") ?? "",
    zip: digits("zip"),
    near: digits("near"),
    within: /^[0-9]{1,5}(?:\.[0-9]+)?(?:mi|km)$/.test(within) ? within : noFilter.within,
    available: flag("available"),
    retired: flag("retired"),
  };
}
