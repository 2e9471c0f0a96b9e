/**
 * Which sites have an identifier, found by its system and value.
 *
 * Each identifier that a site has is a link: twelve bytes that say where the identifier is in the log, and whose it is.
 * The links are in the order of a hash of the identifier, then of its bytes, then of the sites. So to find, to put in
 * and to take out cost a few comparisons of numbers, whoever has chosen the identifiers, and however many sites have
 * the same one.
 *
 * @module
 */

import { identifierLinksMax, identifiersBytesMax } from "../../limits.ts";
import { compareTexts, IdentifierReader } from "../wire/identifiers.ts";
import type { TextRange } from "../wire/text_range.ts";
import type { PackedLog } from "./entry_log.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { hashOf, mixed } from "./hash.ts";
import type { LogPlace } from "./log_entry.ts";
import type { SitePlace } from "./site_record.ts";
import { SortedNames } from "./sorted_names.ts";

// A link, in integers of 4 bytes:
const hashAt = 0;
const placeAt = 1;
const siteAt = 2;
const linkIntegers = 3;
const linkBytes = 4 * linkIntegers;

/** Bytes of an identifier at least: two texts of one byte, each with its length. */
const identifierBytesMin = 4;

/** The number of the link that stands for what is looked for. */
const wantedLink = 0;

/** The identifiers of all sites. */
export class IdentifierIndex {
  readonly #log: PackedLog;
  readonly #memory = new GrowingBytes(64 * linkBytes, linkBytes * (identifierLinksMax + 1));
  #links = new Int32Array(this.#memory.buffer);
  /** Links that were ever used; the first one is {@link wantedLink}. */
  #end = 1;
  /** Links of identifiers that were taken away. */
  readonly #free: number[] = [];
  readonly #order = new SortedNames((a, b) => this.#compare(a, b));
  readonly #before = new Pair();
  readonly #after = new Pair();
  readonly #wanted = new Pair();
  readonly #one = new Pair();
  readonly #other = new Pair();

  /** Those of entries of `log`. */
  constructor(log: PackedLog) {
    this.#log = log;
  }

  /** How many identifiers all sites have. */
  get size(): number {
    return this.#order.size;
  }

  /** Whether there is room for the identifiers of one more site, however many they are. */
  get hasRoom(): boolean {
    return this.size + identifiersBytesMax / identifierBytesMin <= identifierLinksMax;
  }

  /**
   * A site has other identifiers than before.
   *
   * @param before those that it had, as `identifiers.ts` writes them: empty if none.
   * @param after those that it has now.
   * @param place where these begin in the log; they stay there for ever.
   */
  change(site: SitePlace, before: Uint8Array, after: Uint8Array, place: LogPlace): void {
    const [old, now] = [this.#before, this.#after];
    old.begin(before);
    now.begin(after);
    // Both are in the order of their systems, of which each has one identifier.
    let [isOld, isNow] = [old.next(), now.next()];
    while (isOld || isNow) {
      const order = !isNow ? -1 : !isOld ? 1 : compareTexts(old.system, now.system);
      const isKept = order === 0 && old.compare(now) === 0;
      if (isOld && order <= 0 && !isKept) this.#remove(old, site);
      if (isNow && order >= 0 && !isKept) this.#add(now, site, place + now.start);
      if (order <= 0) isOld = old.next();
      if (order >= 0) isNow = now.next();
    }
  }

  #add(pair: Pair, site: SitePlace, place: LogPlace): void {
    const link = this.#free.pop() ?? this.#end++;
    if (linkIntegers * this.#end > this.#links.length) {
      this.#memory.grow(linkBytes * this.#end);
      this.#links = new Int32Array(this.#memory.buffer);
    }
    this.#set(link, pair.hash, place, site);
    this.#order.insert(link);
  }

  #remove(pair: Pair, site: SitePlace): void {
    const link = this.#first(pair, site);
    this.#order.remove(link);
    this.#free.push(link);
  }

  /** The first link of an identifier whose site is this one or a later one. */
  #first(pair: Pair, site: SitePlace): number {
    this.#want(pair, site);
    let found = wantedLink;
    this.#order.scan((link) => this.#compare(link, wantedLink) < 0, (link) => {
      found = link;
      return false;
    });
    return found;
  }

  #want(pair: Pair, site: SitePlace): void {
    this.#wanted.copy(pair);
    this.#set(wantedLink, pair.hash, 0, site);
  }

  #set(link: number, hash: number, place: LogPlace, site: SitePlace): void {
    const at = linkIntegers * link;
    this.#links[at + hashAt] = hash;
    this.#links[at + placeAt] = place;
    this.#links[at + siteAt] = site;
  }

  /**
   * Visits the sites that have an identifier, in the order in which they were added, until `visit` returns false.
   *
   * @param system in UTF-8, like the value.
   */
  visit(system: TextRange, value: TextRange, visit: (site: SitePlace) => boolean): void {
    this.#one.system.copy(system);
    this.#one.value.copy(value);
    this.#want(this.#one, 0);
    this.#order.scan((link) => this.#compare(link, wantedLink) < 0, (link) => {
      const links = this.#links;
      const isSame = links[linkIntegers * link + hashAt] === links[hashAt] &&
        this.#comparePairs(link, wantedLink) === 0;
      return isSame && visit(links[linkIntegers * link + siteAt]);
    });
  }

  #compare(a: number, b: number): number {
    const links = this.#links;
    const [at, other] = [linkIntegers * a, linkIntegers * b];
    if (links[at + hashAt] !== links[other + hashAt]) return links[at + hashAt] < links[other + hashAt] ? -1 : 1;
    const isSame = links[at + placeAt] === links[other + placeAt];
    return (isSame ? 0 : this.#comparePairs(a, b)) || links[at + siteAt] - links[other + siteAt];
  }

  #comparePairs(a: number, b: number): number {
    return this.#pairOf(a, this.#one).compare(this.#pairOf(b, this.#other));
  }

  #pairOf(link: number, into: Pair): Pair {
    if (link === wantedLink) return this.#wanted;
    const bytes = this.#log.bytesAt(this.#links[linkIntegers * link + placeAt], identifiersBytesMax);
    into.begin(bytes);
    into.next();
    return into;
  }
}

/** Identifiers of which each has a hash and can be compared with others. */
class Pair extends IdentifierReader {
  /** Its hash. */
  get hash(): number {
    const { system, value } = this;
    return mixed(hashOf(system.bytes, system.start, system.end), hashOf(value.bytes, value.start, value.end));
  }

  copy(other: Pair): void {
    this.system.copy(other.system);
    this.value.copy(other.value);
  }

  compare(other: Pair): number {
    return this.system.compare(other.system) || this.value.compare(other.value);
  }
}
