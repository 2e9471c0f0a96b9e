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
import { pageBytes } from "./mark.ts";
import { Damage } from "./storage_error.ts";

/** The pages of a file, with those of its log in their place. */
export interface PageSource {
  /** The bytes of a page, from 1 on: a view that is good until the next call; undefined if there is no such page. */
  page(number: number): Uint8Array | undefined;
}

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
export function* checkPages(pages: PageSource, roots: readonly number[]): Generator<void, void> {
  yield* new PageCheck(pages).steps(roots);
}

class PageCheck {
  readonly #pages: PageSource;
  readonly #count: number;
  /** By page: whether it is used. */
  readonly #used: Uint8Array;
  #usedCount = 0;
  /** The last key of the tree that is being walked, and the depth of its leaves. */
  #lastKey = 0;
  #leafDepth = 0;

  constructor(pages: PageSource) {
    this.#pages = pages;
    const first = viewOf(this.#read(1));
    // Only if both are the same does SQLite take the count of pages from here, and not from the length of the file.
    if (first.getUint32(changesAt) !== first.getUint32(countedAt)) throw new Damage("its header is damaged");
    this.#count = first.getUint32(pageCountAt);
    if (this.#count > 1 && pages.page(this.#count) === undefined) throw new Damage("it was cut short");
    this.#used = new Uint8Array(this.#count + 1);
  }

  *steps(roots: readonly number[]): Generator<void, void> {
    yield* this.#freePages();
    for (const root of [1, ...roots]) {
      this.#lastKey = this.#leafDepth = 0;
      yield* this.#tree(root, 1);
    }
    const wanted = this.#count < lockPage ? this.#count : this.#count - 1;
    if (this.#usedCount !== wanted) throw new Damage(`${wanted - this.#usedCount} pages are used by nothing`);
  }

  #read(number: number): Uint8Array {
    const page = this.#pages.page(number);
    if (page === undefined) throw new Damage(`page ${number} is missing`);
    return page;
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
    return viewOf(this.#read(number));
  }

  *#freePages(): Generator<void, void> {
    const first = viewOf(this.#read(1));
    let left = first.getUint32(freeCountAt);
    for (let trunk = first.getUint32(freeTrunkAt); trunk !== 0;) {
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

  *#tree(number: number, depth: number): Generator<void, void> {
    const node = new TreePage(number, this.#take(number));
    const { children, keys } = node;
    yield;
    if (children.length === 0) {
      if (this.#leafDepth === 0) this.#leafDepth = depth;
      if (this.#leafDepth !== depth) throw new Damage(`page ${number} is at another depth than other leaves`);
      for (const [k, { first, pages }] of node.chains.entries()) {
        this.#pass(keys[k], 1, number);
        yield* this.#chain(first, pages);
      }
      return;
    }
    if (depth === depthMax) throw new Damage(`page ${number} is too deep`);
    for (const [k, child] of children.entries()) {
      yield* this.#tree(child, depth + 1);
      // The last child has no key behind it.
      if (k < keys.length) this.#pass(keys[k], 0, number);
    }
  }

  /**
   * The next key of the tree: that of a row is greater than the last, and the last row before it may have that of a
   * node.
   */
  #pass(key: number, least: 0 | 1, number: number): void {
    if (key < this.#lastKey + least) throw new Damage(`page ${number} has keys that are out of order`);
    this.#lastKey = key;
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

/** A page of a tree, whose layout is sound. */
class TreePage {
  /** The keys of its rows, or those between its children. */
  readonly keys: number[] = [];
  /** None: it is a leaf. */
  readonly children: number[] = [];
  /** For each row, the first page of the part that does not fit into this one, and the number of such pages. */
  readonly chains: { readonly first: number; readonly pages: number }[] = [];
  readonly #number: number;
  readonly #page: DataView;
  /** Where what is taken begins, times the bytes of a page, and its last byte. */
  readonly #taken: number[] = [];

  constructor(number: number, page: DataView) {
    this.#number = number;
    this.#page = page;
    const start = number === 1 ? headerBytes : 0;
    const kind = page.getUint8(start);
    if (kind !== interior && kind !== leaf) this.#fail("is of no tree");
    const cells = page.getUint16(start + 3);
    const pointers = start + (kind === leaf ? 8 : 12);
    const content = page.getUint16(start + 5);
    if (content < pointers + 2 * cells || content > pageBytes) this.#fail("has no room for its rows");
    this.#takeFreeBlocks(page.getUint16(start + 1), content);
    for (let k = 0; k < cells; k++) {
      const at = page.getUint16(pointers + 2 * k);
      if (at < content || at > pageBytes - 4) this.#fail("has a row that is not in it");
      const end = kind === leaf ? this.#readRow(at) : this.#readChild(at);
      this.#take(at, Math.max(end, at + 4));
    }
    if (kind === interior) this.children.push(page.getUint32(start + 8));
    this.#checkTaken(content, page.getUint8(start + 7));
  }

  #fail(what: string): never {
    throw new Damage(`page ${this.#number} ${what}`);
  }

  #take(start: number, end: number): void {
    if (end > pageBytes) this.#fail("has a row that is not in it");
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

  #readChild(at: number): number {
    this.children.push(this.#page.getUint32(at));
    const key = this.#varint(at + 4);
    this.keys.push(key.value);
    return key.end;
  }

  #readRow(at: number): number {
    const length = this.#varint(at);
    const key = this.#varint(length.end);
    this.keys.push(key.value);
    const start = key.end;
    const local = localBytesOf(length.value);
    this.#checkRecord(start, start + local, length.value);
    const rest = length.value - local;
    if (rest === 0) {
      this.chains.push({ first: 0, pages: 0 });
      return start + local;
    }
    const end = start + local;
    if (end + 4 > pageBytes) this.#fail("has a row that is not in it");
    this.chains.push({ first: this.#page.getUint32(end), pages: Math.ceil(rest / (pageBytes - 4)) });
    return end + 4;
  }

  /** A record says first how long each column is; that stands in the leaf, as our tables have few columns. */
  #checkRecord(start: number, localEnd: number, length: number): void {
    const head = this.#varint(start);
    const headEnd = start + head.value;
    if (headEnd > localEnd || head.value < 1) this.#fail("has a row with a damaged header");
    let total = head.value;
    let at = head.end;
    while (at < headEnd) {
      const type = this.#varint(at);
      total += columnBytesOf(type.value);
      at = type.end;
    }
    if (at !== headEnd || total !== length) this.#fail("has a row with a damaged header");
  }

  /** A number of up to 2^53 - 1: ours are all less. */
  #varint(at: number): { readonly value: number; readonly end: number } {
    let value = 0;
    for (let k = 0; k < 8; k++) {
      if (at + k >= pageBytes) break;
      const byte = this.#page.getUint8(at + k);
      value = 128 * value + (byte & 127);
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte < 128) return { value, end: at + k + 1 };
    }
    this.#fail("has a number that is none of ours");
  }
}

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

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
