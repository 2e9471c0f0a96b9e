/**
 * The mirror: all sites as the log says, in the memory of the gateway, so that a search over them costs the cluster
 * nothing.
 *
 * It is made of the entries of the log from the first one on, and of nothing else: whatever is derived of it is a function
 * of the log up to {@link Mirror.position}, the same at every gateway. It is behind the cluster by as long as an entry
 * travels.
 *
 * @module
 */

import type { Entry, FullSite } from "../client.ts";
import { isAvailable } from "../database/values.ts";

/** A site in the mirror. It is never changed: another one takes its place. */
export interface MirrorSite extends FullSite {
  /** The index of its last entry. */
  readonly lastEntry: number;
  /** The latest time at which an entry up to that one was recorded, of whatever site, in ms since 1970. */
  readonly lastTime: number;
}

/** What is searched for. */
export interface Search {
  /** A part of the name, in any case. */
  readonly part?: string;
  /** How the ZIP code begins. */
  readonly zip?: string;
  /** Only where something is available. */
  readonly available?: boolean;
  /** Retired sites too. */
  readonly retired?: boolean;
  /** At most so many. */
  readonly limit: number;
}

/** What a search has found. */
export interface Found {
  /** In the order of their names. */
  readonly sites: readonly MirrorSite[];
  /** Beyond which name there are more; undefined: there are none. */
  readonly next: string | undefined;
}

/** The sites as the log says. */
export class Mirror {
  readonly #sites = new Map<string, MirrorSite>();
  /** The names in lower case, to search in. */
  readonly #lowered = new Map<string, string>();
  /** In the order of their code points, up to `#sorted`. */
  #names: string[] = [];
  #isSorted = true;
  #log = "";
  #position = 0;
  #recordedAt = 0;
  #latest = 0;

  /** What the log is called. */
  get log(): string {
    return this.#log;
  }

  /** The index of the last entry that it has. */
  get position(): number {
    return this.#position;
  }

  /** When that entry was recorded, in ms since 1970; 0 if there is none. */
  get recordedAt(): number {
    return this.#recordedAt;
  }

  /** How many sites there are, with those that are retired. */
  get size(): number {
    return this.#sites.size;
  }

  /** Takes the next entry; one that it has already is left out, and one that does not follow is an error of ours. */
  take(entry: Entry): void {
    if (entry.index <= this.#position) return;
    if (entry.index !== this.#position + 1) throw new Error(`Entry ${entry.index} does not follow ${this.#position}`);
    this.#position = entry.index;
    this.#recordedAt = entry.recordedAt;
    this.#latest = Math.max(this.#latest, entry.recordedAt);
    const before = this.#sites.get(entry.site);
    const after = changed(before, entry);
    if (before === undefined) {
      this.#names.push(entry.site);
      this.#lowered.set(entry.site, entry.site.toLowerCase());
      this.#isSorted = false;
    }
    this.#sites.set(entry.site, { ...after, lastEntry: entry.index, lastTime: this.#latest });
  }

  /** Forgets everything: what comes is of the log of this name. */
  begin(log: string): void {
    this.#log = log;
    this.#sites.clear();
    this.#lowered.clear();
    this.#names = [];
    this.#position = 0;
    this.#recordedAt = 0;
    this.#latest = 0;
  }

  /** One site, or undefined if there is none. */
  get(name: string): MirrorSite | undefined {
    return this.#sites.get(name);
  }

  /** All sites in the order of their names, as they are now. */
  all(): MirrorSite[] {
    return this.#sortedNames().map((name) => this.#sites.get(name)!);
  }

  /** The first sites that match, of those whose name comes after `after`. */
  search({ after, limit, ...wanted }: Search & { readonly after?: string }): Found {
    const names = this.#sortedNames();
    const matches = this.#matcher(wanted);
    const sites: MirrorSite[] = [];
    for (let at = after === undefined ? 0 : firstAfter(names, after); at < names.length; at++) {
      const site = matches(names[at]);
      if (site === undefined) continue;
      if (sites.length === limit) return { sites, next: sites[limit - 1].name };
      sites.push(site);
    }
    return { sites, next: undefined };
  }

  /** The last sites that match, of those whose name comes before `before`. */
  searchBack({ before, limit, ...wanted }: Search & { readonly before?: string }): Found {
    const names = this.#sortedNames();
    const matches = this.#matcher(wanted);
    const sites: MirrorSite[] = [];
    let at = before === undefined ? names.length : firstAfter(names, before);
    while (--at >= 0) {
      // That name itself is not before it.
      const site = names[at] === before ? undefined : matches(names[at]);
      if (site === undefined) continue;
      if (sites.length === limit) return { sites: sites.toReversed(), next: sites[limit - 1].name };
      sites.push(site);
    }
    return { sites: sites.toReversed(), next: undefined };
  }

  /** Gives the site of a name if it is wanted. */
  #matcher(
    { part = "", zip = "", available, retired }: Omit<Search, "limit">,
  ): (name: string) => MirrorSite | undefined {
    const wanted = part.normalize("NFC").toLowerCase();
    return (name) => {
      if (!this.#lowered.get(name)!.includes(wanted)) return undefined;
      const site = this.#sites.get(name)!;
      if (!site.zip.startsWith(zip)) return undefined;
      if (site.retired !== undefined && !retired) return undefined;
      return available && !isAvailable(site.availability) ? undefined : site;
    };
  }

  #sortedNames(): readonly string[] {
    if (!this.#isSorted) {
      // What was sorted before stays a run of its own: that takes little longer than to look at each name.
      this.#names.sort(byCodePoints);
      this.#isSorted = true;
    }
    return this.#names;
  }
}

/** What an entry makes of its site. */
function changed(site: FullSite | undefined, entry: Entry): FullSite {
  const { site: name, index, recordedAt, who, source } = entry;
  if (entry.kind === "added") return { name, zip: entry.zip, availability: 0, observedAt: 0 };
  if (site === undefined) throw new Error(`Entry ${index} is of a site that was not added`);
  switch (entry.kind) {
    case "report": {
      if (entry.outOfDate) return site;
      const { availability, unit, observedAt, note } = entry;
      const { zip, document, retired } = site;
      const report = { index, recordedAt, ...given({ who, source, note }) };
      return { name, zip, availability, observedAt, report, ...given({ unit, document, retired }) };
    }
    case "retired":
      return { ...site, retired: entry.reason };
    case "reopened": {
      const { retired: _, ...open } = site;
      return open;
    }
    case "documented":
      return { ...site, document: entry.document };
  }
}

/** Without what is undefined. */
function given<T extends object>(members: T): T {
  const present: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) present[name] = value;
  return present as T;
}

/** The first of sorted names that comes after `name`. */
function firstAfter(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byCodePoints(names[middle], name) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The order of names in the database: by code point, which is not that of JavaScript's `<`. */
export function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const unitA = a.charCodeAt(at);
    const unitB = b.charCodeAt(at);
    if (unitA === unitB) continue;
    // Halves of characters beyond U+FFFF stand before U+E000 to U+FFFF, and come after them.
    const isHalfA = unitA >= 0xd800 && unitA <= 0xdfff;
    const isHalfB = unitB >= 0xd800 && unitB <= 0xdfff;
    return isHalfA === isHalfB ? unitA - unitB : isHalfA ? 1 : -1;
  }
  return a.length - b.length;
}
