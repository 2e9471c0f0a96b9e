/**
 * A look at a write-ahead log (the `-wal` file) before SQLite opens it.
 *
 * SQLite takes the frames up to the last sound commit and silently drops everything from the first bad frame on. That
 * is right for a last write that a crash has torn: it was never synced, so nobody was told of it. It is wrong for a
 * frame that was damaged later: what follows was synced and is lost. The marks tell the two apart. A transaction
 * begins only after the one before it is on disk; so if the log is sound up to transaction n and a mark of n + 2 or a
 * later one stands anywhere behind, then n + 1 was on disk and is damaged now. If there is none, n + 1 was the last
 * one, and it cannot be told from a torn write.
 *
 * The format is that of https://sqlite.org/fileformat2.html#the_write_ahead_log.
 *
 * @module
 */

import { type Mark, markOfPage, markPage, pageBytes, viewOf } from "./mark.ts";

/** Bytes in front of the frames. */
export const walHeaderBytes = 32;

/** Bytes of a frame: a header, and a page. */
export const walFrameBytes = 24 + pageBytes;

const frameHeaderBytes = 24;
const bigEndianMagic = 0x377f0683;
const littleEndianMagic = 0x377f0682;
const formatVersion = 3007000;

/** What a write-ahead log holds. */
export interface WalContent {
  /** Whether the header is sound; without it SQLite takes nothing from the log. */
  readonly hasHeader: boolean;
  /** The mark of the last sound transaction; undefined if there is none. */
  readonly last: Mark | undefined;
  /** The highest count of a mark in any frame, sound or not; 0 if there is none. */
  readonly highestCount: number;
  /** The pages that sound transactions have written, as the last of them did. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

/** Reads the write-ahead log of these bytes, a frame in each step. */
export function* readWal(bytes: Uint8Array): Generator<void, WalContent> {
  const view = viewOf(bytes);
  const chain = new Chain(view);
  let last: Mark | undefined;
  let highestCount = 0;
  let pending: Mark | undefined;
  const pages = new Map<number, Uint8Array>();
  const written = new Map<number, Uint8Array>();
  let isSound = chain.hasHeader;
  for (let at = walHeaderBytes; at + walFrameBytes <= bytes.length; at += walFrameBytes) {
    yield;
    const page = bytes.subarray(at + frameHeaderBytes, at + walFrameBytes);
    const mark = markOfPage(page);
    if (mark) highestCount = Math.max(highestCount, mark.count);
    isSound &&= chain.extendsTo(at);
    if (!isSound) continue;
    const number = view.getUint32(at);
    if (mark && number === markPage) pending = mark;
    written.set(number, page);
    const isCommit = view.getUint32(at + 4) !== 0;
    if (!isCommit) continue;
    last = pending;
    for (const [number, page] of written) pages.set(number, page);
    written.clear();
  }
  return { hasHeader: chain.hasHeader, last, highestCount, pages };
}

/** The running checksum of a log: that of a frame covers all frames before it. */
class Chain {
  readonly hasHeader: boolean;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #sum1 = 0;
  #sum2 = 0;

  constructor(view: DataView) {
    this.#view = view;
    const magic = view.byteLength < walHeaderBytes ? 0 : view.getUint32(0);
    this.#littleEndian = magic === littleEndianMagic;
    if (view.byteLength >= walHeaderBytes) this.#add(0, 24);
    this.hasHeader = (this.#littleEndian || magic === bigEndianMagic) && view.getUint32(4) === formatVersion &&
      view.getUint32(8) === pageBytes && this.#isAt(24);
  }

  #add(start: number, end: number): void {
    const view = this.#view;
    let a = this.#sum1;
    let b = this.#sum2;
    for (let at = start; at < end; at += 8) {
      a = (a + view.getUint32(at, this.#littleEndian) + b) >>> 0;
      b = (b + view.getUint32(at + 4, this.#littleEndian) + a) >>> 0;
    }
    this.#sum1 = a;
    this.#sum2 = b;
  }

  #isAt(at: number): boolean {
    return this.#view.getUint32(at) === this.#sum1 && this.#view.getUint32(at + 4) === this.#sum2;
  }

  /** Whether the frame at `at` is sound and of this log, as SQLite decides it. */
  extendsTo(at: number): boolean {
    const view = this.#view;
    const isOfThisLog = view.getUint32(at + 8) === view.getUint32(16) && view.getUint32(at + 12) === view.getUint32(20);
    if (!isOfThisLog || view.getUint32(at) === 0) return false;
    this.#add(at, at + 8);
    this.#add(at + frameHeaderBytes, at + walFrameBytes);
    return this.#isAt(at + 16);
  }
}
