/**
 * Whether the pages of a database file are sound, checked page by page.
 *
 * SQLite's own `integrity_check` is one call, which takes a second for a gigabyte, and meanwhile a replica answers
 * nobody. This does the part of it that our files need, and a step of it looks at one page. Our files have tables with
 * an integer key, and no index or trigger. Then a file is sound if
 *
 * - each page is used once: by one tree, by one overflow chain or by the list of free pages;
 * - each tree has its keys in order, and all its leaves at one depth;
 * - the cells and the free blocks of a page do not overlap, and what is between them has been counted;
 * - an overflow chain is as long as its row, and the columns of a row take all of its bytes.
 *
 * What the columns hold is not looked at.
 *
 * The format is that of https://sqlite.org/fileformat2.html.
 *
 * @module
 */

import { headerBytes } from "./file_header.ts";
import { pageBytes, viewOf } from "./mark.ts";
import { Damage } from "./storage_error.ts";

/**
 * The bytes of a page, from 1 on, with those of the log in their place: a view that is good until the next call;
 * undefined if there is no such page.
 */
export type PageSource = (number: number) => Uint8Array | undefined;

/** The page that begins at 1 GiB: SQLite's locks are there, and it is never used. */
const lockPage = 2 ** 30 / pageBytes + 1;

/** Levels of a tree: more than a file of 2^32 pages can need. */
const depthMax = 40;

// In page 1:
const changesAt = 24;
const pageCountAt = 28;
const freeTrunkAt = 32;
const freeCountAt = 36;
const countedAt = 92;

const interior = 5;
const leaf = 13;

/** Bytes of a row that stand in its leaf, at most and, if they do not all fit, at least. */
const localMax = pageBytes - 35;
const localMin = Math.floor((pageBytes - 12) * 32 / 255) - 23;

/**
 * Checks a page in each step.
 *
 * @param roots the root pages of all tables but the schema.
 * @throws {Damage} if the pages are not sound.
 */
export function* checkPages(pageOf: PageSource, roots: readonly number[]): Generator<void, void> {
  const first = read(pageOf, 1);
  // Only if both are the same does SQLite take the count of pages from here, and not from the length of the file.
  if (first.getUint32(changesAt) !== first.getUint32(countedAt)) throw new Damage("its header is damaged");
  const [count, freeTrunk, freeCount] = [pageCountAt, freeTrunkAt, freeCountAt].map((at) => first.getUint32(at));
  if (count > 1 && pageOf(count) === undefined) throw new Damage("it was cut short");
  const check = new PageCheck(pageOf, count);
  yield* check.freePages(freeTrunk, freeCount);
  for (const root of [1, ...roots]) yield* check.table(root);
  check.end();
}

class PageCheck {
  readonly #pageOf: PageSource;
  readonly #count: number;
  /** By page: whether it is used. */
  readonly #used: Uint8Array;
  #usedCount = 0;
  /** The last key of the tree that is being walked, and the depth of its leaves. */
  #lastKey = 0;
  #leafDepth = 0;

  constructor(pageOf: PageSource, count: number) {
    this.#pageOf = pageOf;
    this.#count = count;
    this.#used = new Uint8Array(count + 1);
  }

  /** Nothing else may use this page. */
  #use(number: number): void {
    if (number < 1 || number > this.#count || number === lockPage) throw new Damage(`there is no page ${number}`);
    if (this.#used[number] !== 0) throw new Damage(`page ${number} is used twice`);
    this.#used[number] = 1;
    this.#usedCount++;
  }

  /** The bytes of a page that nothing else may use. */
  #take(number: number): DataView {
    this.#use(number);
    return read(this.#pageOf, number);
  }

  /** All pages must have been used. */
  end(): void {
    const left = this.#count - (this.#count < lockPage ? 0 : 1) - this.#usedCount;
    if (left !== 0) throw new Damage(`${left} pages are used by nothing`);
  }

  *freePages(first: number, counted: number): Generator<void, void> {
    let left = counted;
    for (let trunk = first; trunk !== 0;) {
      const page = this.#take(trunk);
      const count = page.getUint32(4);
      if (count > pageBytes / 4 - 2) throw new Damage(`page ${trunk} lists ${count} free pages`);
      for (let k = 0; k < count; k++) this.#use(page.getUint32(8 + 4 * k));
      left -= 1 + count;
      trunk = page.getUint32(0);
      yield;
    }
    if (left !== 0) throw new Damage("its free pages are not as many as it says");
  }

  table(root: number): Generator<void, void> {
    this.#lastKey = this.#leafDepth = 0;
    return this.#tree(root, 1);
  }

  *#tree(number: number, depth: number): Generator<void, void> {
    const { cells, lastChild } = new TreePage(number, this.#take(number));
    yield;
    if (lastChild === undefined) {
      if (this.#leafDepth === 0) this.#leafDepth = depth;
      if (this.#leafDepth !== depth) throw new Damage(`page ${number} is at another depth than other leaves`);
    } else if (depth === depthMax) throw new Damage(`page ${number} is too deep`);
    for (const { key, child, pages } of cells) {
      if (lastChild !== undefined) yield* this.#tree(child, depth + 1);
      // The key of a row is greater than the last, and the last row before it may have that of a node.
      if (key < this.#lastKey + (lastChild === undefined ? 1 : 0)) {
        throw new Damage(`page ${number} has keys that are out of order`);
      }
      this.#lastKey = key;
      if (lastChild === undefined) yield* this.#chain(child, pages);
    }
    if (lastChild !== undefined) yield* this.#tree(lastChild, depth + 1);
  }

  *#chain(first: number, pages: number): Generator<void, void> {
    let number = first;
    for (let left = pages; left > 0; left--) {
      number = this.#take(number).getUint32(0);
      yield;
    }
    if (number !== 0) throw new Damage("a row is longer than it says");
  }
}

/** A row, or what stands between two children of a page. */
interface Cell {
  readonly key: number;
  /** The child before the key; of a row, the first page of the part that does not fit into its leaf, 0 if all does. */
  readonly child: number;
  /** How many pages that part takes. */
  readonly pages: number;
}

/** A page of a tree, whose layout is sound. */
class TreePage {
  readonly cells: Cell[] = [];
  /** The child behind all keys; undefined: it is a leaf. */
  readonly lastChild: number | undefined;
  readonly #number: number;
  readonly #page: DataView;
  /** Where the next number is read. */
  #at = 0;
  /** Where what is taken begins, times the bytes of a page, and its last byte. */
  readonly #taken: number[] = [];

  constructor(number: number, page: DataView) {
    this.#number = number;
    this.#page = page;
    const start = number === 1 ? headerBytes : 0;
    const kind = page.getUint8(start);
    if (kind !== interior && kind !== leaf) this.#fail("is of no tree");
    if (kind === interior) this.lastChild = page.getUint32(start + 8);
    const [freeBlock, cells, content] = [1, 3, 5].map((at) => page.getUint16(start + at));
    const pointers = start + (kind === leaf ? 8 : 12);
    if (content < pointers + 2 * cells || content > pageBytes) this.#fail("has no room for its rows");
    this.#takeFreeBlocks(freeBlock, content);
    for (let k = 0; k < cells; k++) {
      const at = page.getUint16(pointers + 2 * k);
      if (at < content || at > pageBytes - 4) this.#fail(outside);
      this.#at = at;
      this.cells.push(kind === leaf ? this.#row() : this.#node());
      this.#take(at, Math.max(this.#at, at + 4));
    }
    this.#checkTaken(content, page.getUint8(start + 7));
  }

  #fail(what: string): never {
    throw new Damage(`page ${this.#number} ${what}`);
  }

  #take(start: number, end: number): void {
    if (end > pageBytes) this.#fail(outside);
    this.#taken.push(start * pageBytes + end - 1);
  }

  #takeFreeBlocks(first: number, content: number): void {
    for (let at = first; at !== 0;) {
      if (at < content || at > pageBytes - 4) this.#fail("has a free block that is not in it");
      const next = this.#page.getUint16(at);
      const end = at + this.#page.getUint16(at + 2);
      // Two that touch would have become one.
      if (end < at + 4 || end > pageBytes || (next !== 0 && next < end + 4)) this.#fail("has damaged free blocks");
      this.#take(at, end);
      at = next;
    }
  }

  /** The header of the page counts the bytes that are neither taken nor free. */
  #checkTaken(content: number, fragments: number): void {
    let end = content;
    let between = 0;
    for (const range of this.#taken.sort((a, b) => a - b)) {
      const start = Math.floor(range / pageBytes);
      if (start < end) this.#fail("has rows that overlap");
      between += start - end;
      end = range % pageBytes + 1;
    }
    if (between + pageBytes - end !== fragments) this.#fail("has lost bytes");
  }

  #node(): Cell {
    const child = this.#page.getUint32(this.#at);
    this.#at += 4;
    return { key: this.#varint(), child, pages: 0 };
  }

  #row(): Cell {
    const length = this.#varint();
    const key = this.#varint();
    const local = localBytesOf(length);
    const end = this.#at + local;
    this.#checkRecord(end, length);
    this.#at = end;
    if (local === length) return { key, child: 0, pages: 0 };
    if (end + 4 > pageBytes) this.#fail(outside);
    this.#at += 4;
    return { key, child: this.#page.getUint32(end), pages: Math.ceil((length - local) / (pageBytes - 4)) };
  }

  /** A record says first how long each column is; that stands in the leaf, as our tables have few columns. */
  #checkRecord(localEnd: number, length: number): void {
    const start = this.#at;
    let total = this.#varint();
    const headEnd = start + total;
    let isSound = headEnd <= localEnd && total > 0;
    while (isSound && this.#at < headEnd) total += columnBytesOf(this.#varint());
    isSound &&= this.#at === headEnd && total === length;
    if (!isSound) this.#fail("has a row with a damaged header");
  }

  /** A number of up to 2^53 - 1: ours are all less. */
  #varint(): number {
    let value = 0;
    for (const end = Math.min(this.#at + 8, pageBytes); this.#at < end;) {
      const byte = this.#page.getUint8(this.#at++);
      value = 128 * value + (byte & 127);
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte < 128) return value;
    }
    this.#fail("has a number that is none of ours");
  }
}

const outside = "has a row that is not in it";

/** How many of the bytes of a row stand in its leaf. */
function localBytesOf(length: number): number {
  if (length <= localMax) return length;
  const local = localMin + (length - localMin) % (pageBytes - 4);
  return local <= localMax ? local : localMin;
}

/** Bytes of a column of this type. */
function columnBytesOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, Infinity, Infinity][type];
}

function read(pageOf: PageSource, number: number): DataView {
  const page = pageOf(number);
  if (page === undefined) throw new Damage(`page ${number} is missing`);
  return viewOf(page);
}
