/**
 * What the names of sites must do, with maps of strings, and names that make it hard.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { folded } from "../../../src/database/look_alikes.ts";
import { hashOfName } from "../../../src/database/store/hash.ts";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { noSite, type SitePlace } from "../../../src/database/store/site_record.ts";
import { SiteTable } from "../../../src/database/store/site_table.ts";
import { packZip } from "../../../src/database/wire/packed.ts";
import { TextRange } from "../../../src/database/wire/text_range.ts";
import { sameHashMax } from "../../../src/limits.ts";
import { collidingNames } from "./collisions.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A text as a range. */
export function rangeOf(text: string): TextRange {
  // Surrounded by other bytes, as in a batch.
  const bytes = encoder.encode(`<${text}>`);
  const range = new TextRange();
  range.set(bytes, 1, bytes.length - 1);
  return range;
}

/** The hash of a name. */
export function hashOfText(text: string): number {
  const { bytes, start, end } = rangeOf(text);
  return hashOfName(bytes, start, end);
}

/** The names of the sites of a table. */
export class Names {
  readonly table: SiteTable;
  readonly #sites = new Map<string, SitePlace>();
  readonly #names = new Map<SitePlace, string>();
  /** By what names have in common: the last site that got one of them, unless it left it. */
  readonly #alike = new Map<string, SitePlace>();

  constructor(table: SiteTable = new SiteTable()) {
    this.table = table;
  }

  /** Adds a site, unless there is one. */
  add(name: string): void {
    if (this.#sites.has(name)) return;
    const entry = new LogEntry();
    entry.name.copy(rangeOf(name));
    entry.zip = packZip("1");
    this.#take(this.table.add(entry), name);
  }

  /**
   * Renames a site, unless another one has that name.
   *
   * @param number that of the site, in the order in which they were added.
   */
  rename(number: number, name: string): void {
    if (this.#sites.has(name) || this.#names.size === 0) return;
    const site = [...this.#names.keys()][number % this.#names.size];
    this.table.rename(site, rangeOf(name));
    const former = this.#names.get(site)!;
    this.#sites.delete(former);
    if (this.#alike.get(folded(former)) === site) this.#alike.delete(folded(former));
    this.#take(site, name);
  }

  #take(site: SitePlace, name: string): void {
    this.#sites.set(name, site);
    this.#names.set(site, name);
    this.#alike.set(folded(name), site);
  }

  /** Fails unless the site with a name is found, and the one with a name like it. */
  check(name: string): void {
    const range = rangeOf(name);
    const [expected, alike] = [this.#sites.get(name) ?? noSite, this.#alike.get(folded(name)) ?? noSite];
    assertEquals(this.table.find(range.bytes, range.start, range.end), expected, name);
    assertEquals(this.table.findAlike(range), alike, name);
    // Also where another name was looked up before.
    this.table.find(encoder.encode("other"), 0, 5);
    assertEquals(this.table.findAlike(range), alike, name);
  }

  /** Fails unless all sites have their names, and their order. */
  checkSites(): void {
    for (const [site, name] of this.#names) assertEquals(decoder.decode(this.table.name(site)), name);
    const sites = [...this.#names.keys()];
    const expected = sites.map((site) => this.#names.get(site)!);
    assertEquals(
      sites.toSorted((a, b) => this.table.compare(a, b)).map((site) => this.#names.get(site)),
      // All of them are in the Basic Multilingual Plane, where both orders are the same.
      expected.toSorted(),
    );
  }
}

/** Plain and odd names, of which many are alike. */
export const somewhatAlike: fc.Arbitrary<string> = fc.array(
  fc.constantFrom("a", "A", "b", " ", "  ", "\u00a0", "é", "É", "\u200b", "ς", "Σ", "薬", "İ", "i̇"),
  { minLength: 1, maxLength: 3 },
).map((parts) => `x${parts.join("")}y`);

/** Different names of one hash. */
export const oneHash: readonly string[] = collidingNames(3 * sameHashMax);

/** More names of one hash, and of each of them more names that are alike, than the table looks at. */
export const crowding: fc.Arbitrary<string> = fc.tuple(fc.constantFrom(...oneHash), fc.integer({ min: 0, max: 7 })).map(
  ([name, form]) => {
    const upper = [...name].map((letter, at) => form >> (at % 3) & 1 ? letter.toUpperCase() : letter).join("");
    return form === 7 ? `${name}É` : upper;
  },
);

/** Names of different hashes that point to one slot of any table that is not large. */
const oneSlot = Array.from({ length: 150_000 }, (_, number) => `slot ${number}`)
  .filter((name) => (hashOfText(name) & 1023) === 7);

/** More names on one stretch of a table than it looks at, and some that are alike. */
export const stretched: fc.Arbitrary<string> = fc.tuple(fc.constantFrom(...oneSlot), fc.nat(4))
  .map(([name, form]) => form === 0 ? name.toUpperCase() : name);

/** A name that is added, or that a site gets, and one that is looked up. */
export interface NameStep {
  name: string;
  rename: number | null;
  other: string;
}

/** Steps with such names. */
export function nameSteps(name: fc.Arbitrary<string>): fc.Arbitrary<NameStep[]> {
  const step = fc.record({ name, rename: fc.option(fc.nat(), { freq: 2 }), other: name });
  return fc.array(step, { maxLength: 150, size: "max" });
}

/** Fails unless a table does what maps do. */
export function actAsMaps(table: SiteTable, steps: readonly NameStep[]): void {
  const names = new Names(table);
  for (const { name, rename, other } of steps) {
    if (rename === null) names.add(name);
    else names.rename(rename, name);
    names.check(name);
    names.check(other);
  }
  for (const { name } of steps) names.check(name);
  names.checkSites();
}
