/**
 * Which identifiers a site has, and which sites have an identifier, found by its system and value.
 *
 * Each identifier that a site has is a link: sixteen bytes that say where its text is, whose it is, and which one of
 * the site's is next. The links are in the order of a hash of the identifier, then of its bytes, then of the sites. So
 * to find, to put in and to take out cost a few comparisons of numbers, whoever has chosen the identifiers, and however
 * many sites have the same one.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { identifierLinksMax, identifiersBytesMax } from "../../limits.ts";
import { compareTexts, IdentifierReader } from "../wire/identifiers.ts";
import { TextRange } from "../wire/text_range.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { hashOf, mixed } from "./hash.ts";
import { noOwnText, type OwnTexts } from "./own_texts.ts";
import type { SitePlace } from "./site_record.ts";
import type { SiteTable } from "./site_table.ts";
import { SortedNames } from "./sorted_names.ts";

// A link, in integers of 4 bytes:
const hashAt = 0;
const textAt = 1;
const siteAt = 2;
/** The link of the site with the next system; of a link that was given up, the next one of these. */
const nextAt = 3;
const linkIntegers = 4;
const linkBytes = 4 * linkIntegers;

/** Says that there is no such link. */
const noLink = 0;

/** Bytes of an identifier at least: two texts of one byte, each with its length. */
const identifierBytesMin = 4;

const nothing = new Uint8Array(0);

/** The identifiers of all sites. */
export class IdentifierIndex {
  readonly #table: SiteTable;
  readonly #own: OwnTexts;
  readonly #memory = new GrowingBytes(64 * linkBytes, linkBytes * (identifierLinksMax + 1));
  #links = new Int32Array(this.#memory.buffer);
  /** Links that were ever used; the first one is {@link noLink}. */
  #end = 1;
  /** The first link of an identifier that was taken away. */
  #free = noLink;
  readonly #order = new SortedNames((a, b) => this.#compare(a, b));
  readonly #now = new IdentifierReader();
  readonly #old = new IdentifierReader();
  readonly #text = new TextRange();
  readonly #writer = new ByteWriter();
  // The hash of the identifier that is looked for, and its bytes.
  #wantedHash = 0;
  readonly #wanted = new TextRange();

  /** Those of the sites of `table`, which has the first link of each; their texts are in `own`. */
  constructor(table: SiteTable, own: OwnTexts) {
    this.#table = table;
    this.#own = own;
  }

  /** How many identifiers all sites have. */
  get size(): number {
    return this.#order.size;
  }

  /** Whether there is room for the identifiers of one more site, however many they are. */
  get hasRoom(): boolean {
    return this.size + identifiersBytesMax / identifierBytesMin <= identifierLinksMax;
  }

  /** The identifiers of a site (`identifiers.ts`): a copy. */
  of(site: SitePlace): Uint8Array {
    let link = this.#table.identifiers(site);
    if (link === noLink) return nothing;
    const [writer, text] = [this.#writer, this.#text];
    writer.clear();
    for (; link !== noLink; link = this.#links[linkIntegers * link + nextAt]) {
      this.#own.read(this.#links[linkIntegers * link + textAt], text);
      writer.raw(text.bytes);
    }
    return writer.copy();
  }

  /** A site has these identifiers from now on, sound ones (`identifiers.ts`). @param index that of the entry. */
  change(site: SitePlace, identifiers: Uint8Array, index: number): void {
    const [now, text] = [this.#now, this.#text];
    now.begin(identifiers);
    let before = noLink;
    let link = this.#table.identifiers(site);
    // Both are in the order of their systems, of which each has one identifier.
    for (let isNow = now.next(); isNow || link !== noLink;) {
      const order = !isNow ? -1 : link === noLink ? 1 : this.#compareWith(link, now);
      if (order === 0 && this.#old.value.equals(now.value)) {
        before = link;
        link = this.#links[linkIntegers * link + nextAt];
        isNow = now.next();
      } else if (order <= 0) {
        const next = this.#links[linkIntegers * link + nextAt];
        this.#setNext(site, before, next);
        this.#remove(link);
        link = next;
      } else {
        text.set(identifiers, now.start, now.value.end);
        const added = this.#add(now, text, site, link, index);
        this.#setNext(site, before, added);
        before = added;
        isNow = now.next();
      }
    }
  }

  /** Compares the system of a link with that of an identifier. */
  #compareWith(link: number, { system }: IdentifierReader): number {
    const old = this.#old;
    this.#own.read(this.#links[linkIntegers * link + textAt], this.#text);
    old.begin(this.#text.bytes);
    old.next();
    return compareTexts(old.system, system);
  }

  #setNext(site: SitePlace, before: number, link: number): void {
    if (before === noLink) this.#table.setIdentifiers(site, link);
    else this.#links[linkIntegers * before + nextAt] = link;
  }

  #add({ system, value }: IdentifierReader, text: TextRange, site: SitePlace, next: number, index: number): number {
    const link = this.#free === noLink ? this.#end++ : this.#free;
    if (link === this.#free) this.#free = this.#links[linkIntegers * link + nextAt];
    if (linkIntegers * this.#end > this.#links.length) {
      this.#memory.grow(linkBytes * this.#end);
      this.#links = new Int32Array(this.#memory.buffer);
    }
    const at = linkIntegers * link;
    this.#links[at + hashAt] = hashOfPair(system, value);
    this.#links[at + textAt] = this.#own.keep(text, index);
    this.#links[at + siteAt] = site;
    this.#links[at + nextAt] = next;
    this.#order.insert(link);
    return link;
  }

  #remove(link: number): void {
    const at = linkIntegers * link;
    this.#order.remove(link);
    this.#own.drop(this.#links[at + textAt]);
    this.#links[at + textAt] = noOwnText;
    this.#links[at + nextAt] = this.#free;
    this.#free = link;
  }

  /**
   * Visits the sites that have an identifier, in the order in which they were added, until `visit` returns false.
   *
   * @param system in UTF-8, like the value.
   */
  visit(system: TextRange, value: TextRange, visit: (site: SitePlace) => boolean): void {
    const writer = this.#writer;
    writer.clear();
    writer.blob(system.view());
    writer.blob(value.view());
    const wanted = writer.copy();
    this.#wanted.set(wanted, 0, wanted.length);
    this.#wantedHash = hashOfPair(system, value);
    this.#order.scan((link) => this.#compareToWanted(link) < 0, (link) => {
      return this.#compareToWanted(link) === 0 && visit(this.#links[linkIntegers * link + siteAt]);
    });
  }

  #compareToWanted(link: number): number {
    const at = linkIntegers * link;
    const hash = this.#links[at + hashAt];
    if (hash !== this.#wantedHash) return hash < this.#wantedHash ? -1 : 1;
    return this.#own.compareTo(this.#links[at + textAt], this.#wanted);
  }

  #compare(a: number, b: number): number {
    const links = this.#links;
    const [at, other] = [linkIntegers * a, linkIntegers * b];
    if (links[at + hashAt] !== links[other + hashAt]) return links[at + hashAt] < links[other + hashAt] ? -1 : 1;
    return this.#own.compare(links[at + textAt], links[other + textAt]) || links[at + siteAt] - links[other + siteAt];
  }
}

function hashOfPair(system: TextRange, value: TextRange): number {
  return mixed(hashOf(system.bytes, system.start, system.end), hashOf(value.bytes, value.start, value.end));
}
