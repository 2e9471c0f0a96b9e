/**
 * A sealed file: packed blocks, a footer that says what they are, and where each of them is.
 *
 * In this order:
 *
 * - the blocks, packed (`pieces.ts`);
 * - the footer: the version, the kind and the number of the segment, what comes first in it and how many there are:
 *   varints; the names of the columns: their count, and texts; the count of the blocks; for each how many it has and
 *   its bytes unpacked: two varints, and the digest of these bytes: 32 bytes; then what its kind has;
 * - the directory: for each block, its packed bytes: varint, and the first 4 bytes of their digest;
 * - the end: the bytes of the footer and of the directory: 4 bytes each, the digest of the directory and these 8 bytes,
 *   and {@link endMark}.
 *
 * **The digest of a segment is that of its footer.** It covers what was packed, and not how: packed bytes differ from
 * one version of a library to the next, so they and where they are stand in the directory. That has digests of its own,
 * which say what a disk has damaged. Only the digest of a segment says whether somebody made it up.
 *
 * @module
 */

import { ByteReader, ByteWriter, DecodeError } from "../../bytes.ts";
import { segmentName } from "../../history.ts";
import { digestBytes, type Packing } from "../../packing.ts";
import { DamageError, readPart } from "./damage.ts";
import { packPieces, unpackPieces } from "./pieces.ts";

/** The version of the files. A footer of a later one may have other columns. */
const formatVersion = 1;

/** The last bytes of each file. */
const endMark = Uint8Array.from("Vaxlog1\n", (letter) => letter.charCodeAt(0));

/** Bytes of the end: two lengths, a digest, the mark. */
export const endBytes: number = 8 + digestBytes + endMark.length;

/** Bytes of the digest of packed bytes that the directory has: a damaged disk matches them once in four billion. */
const checkBytes = 4;

/**
 * Bytes of a block, unpacked, at most. A block ends when its texts have 64 KiB, or its documents 256 KiB, and one more
 * entry or document may follow; the numbers of 1,024 entries take 200 KiB at most.
 */
export const blockBytesMax: number = 512 * 1024;

/** Entries or documents of a segment, at most: their numbers within it take few bytes. */
export const segmentItemsMax: number = 2 ** 20;

/** Bytes of a footer, at most: more than those of a million entries with the longest texts. */
const footerBytesMax = 8 * 2 ** 20;

/** Columns that a footer names, at most. */
const columnsMax = 255;

/** What the footer says of each kind of segment. */
export interface SegmentHead {
  /** One of `segmentKinds`. */
  readonly kind: number;
  /** The number of the segment, from 1. */
  readonly number: number;
  /** The index of its first entry, or the number of its first document. */
  readonly first: number;
  /** How many it has. */
  readonly count: number;
  /** The names of its columns, in their order. */
  readonly columns: readonly string[];
}

/** Where a part of a file is. */
export interface FileRange {
  readonly start: number;
  readonly end: number;
}

/** Makes a file, block by block. */
export class ContainerWriter {
  readonly #packing: Packing;
  readonly #heads = new ByteWriter();
  readonly #directory = new ByteWriter();
  #blocks = 0;
  #digest: Uint8Array | undefined;

  /** Packs with `packing`. */
  constructor(packing: Packing) {
    this.#packing = packing;
  }

  /** The digest of the segment, after {@link end}. */
  get digest(): Uint8Array {
    if (this.#digest === undefined) throw new Error("a segment that is not whole has no digest");
    return this.#digest;
  }

  /**
   * Adds a block of `count` entries or documents.
   *
   * @param borders where its pieces begin, but the first.
   * @returns its packed bytes, which are next in the file.
   */
  block(bytes: Uint8Array, count: number, borders: readonly number[] = []): Uint8Array {
    const heads = this.#heads;
    heads.varint(count);
    heads.varint(bytes.length);
    heads.raw(this.#packing.digest(bytes));
    this.#blocks++;
    const packed = packPieces(bytes, borders, this.#packing);
    putInDirectory(this.#directory, packed.length, this.#packing.digest(packed));
    return packed;
  }

  /** Ends the file. Returns its last bytes. @param rest what the footer of its kind has. */
  end(head: SegmentHead, rest: Uint8Array): Uint8Array {
    const footer = new ByteWriter();
    for (const value of [formatVersion, head.kind, head.number, head.first, head.count]) footer.varint(value);
    footer.varint(head.columns.length);
    for (const column of head.columns) footer.text(column);
    footer.varint(this.#blocks);
    footer.raw(this.#heads.view());
    footer.raw(rest);
    this.#digest = this.#packing.digest(footer.view());
    return ended(footer.view(), this.#directory.view(), this.#packing);
  }
}

function putInDirectory(directory: ByteWriter, packedBytes: number, digest: Uint8Array): void {
  directory.varint(packedBytes);
  directory.raw(digest.subarray(0, checkBytes));
}

/** The footer, the directory and the end of a file. */
function ended(footer: Uint8Array, directory: Uint8Array, packing: Packing): Uint8Array {
  const writer = new ByteWriter(footer.length + directory.length + endBytes);
  writer.raw(footer);
  const start = writer.length;
  writer.raw(directory);
  writer.uint32(footer.length);
  writer.uint32(directory.length);
  writer.raw(packing.digest(writer.view().subarray(start)));
  writer.raw(endMark);
  return writer.copy();
}

/**
 * Where in a file the footer begins, which reaches to the end of the file.
 *
 * @param end the last {@link endBytes} bytes of the file.
 * @param fileBytes how many bytes the file has.
 * @param what such as `segment 3`.
 * @throws {DamageError} if they are not the end of a file.
 */
export function footerStart(end: Uint8Array, fileBytes: number, what: string): number {
  const isEnd = end.length === endBytes && endMark.every((byte, at) => byte === end[endBytes - endMark.length + at]);
  if (!isEnd) throw new DamageError(what, "file", "it does not end as a segment does; it may be cut");
  const reader = new ByteReader(end);
  const footerBytes = reader.uint32();
  const start = fileBytes - endBytes - footerBytes - reader.uint32();
  if (start < 0 || footerBytes > footerBytesMax) {
    throw new DamageError(what, "end", `it tells of more bytes than the ${fileBytes} of the file`);
  }
  return start;
}

/** A file whose footer was read and is right. */
export class Container {
  /** What the footer says of the segment. */
  readonly head: SegmentHead;
  /** How many blocks there are. */
  readonly blocks: number;
  /** Reads what the footer of its kind has. */
  readonly rest: ByteReader;
  /** How the segment is called in messages. */
  readonly what: string;
  readonly #packing: Packing;
  // Arrays say what is known of each block, since many segments are open at a time.
  /** Where the blocks end and begin: one more than there are blocks. */
  readonly #borders: Float64Array;
  readonly #counts: Uint32Array;
  readonly #bytes: Uint32Array;
  /** Where their digests are in the footer, and those of their packed bytes in the tail. */
  readonly #digestsAt: Uint32Array;
  readonly #checksAt: Uint32Array;
  readonly #footer: Uint8Array;
  readonly #tail: Uint8Array;

  /**
   * Reads the last part of a file.
   *
   * @param tail from {@link footerStart} to the end of the file.
   * @param fileBytes bytes of the file.
   * @param wanted which segment it must be.
   * @param digest the digest of that one.
   * @throws {DamageError} if the file is damaged or another one.
   */
  constructor(
    tail: Uint8Array,
    fileBytes: number,
    wanted: Pick<SegmentHead, "kind" | "number">,
    digest: Uint8Array,
    packing: Packing,
  ) {
    this.#packing = packing;
    this.#tail = tail;
    this.what = segmentName(wanted);
    const { what } = this;
    const start = footerStart(tail.subarray(-endBytes), fileBytes, what);
    if (tail.length !== fileBytes - start) throw new DamageError(what, "file", "its last part is not whole");
    const directoryStart = new ByteReader(tail, tail.length - endBytes).uint32();
    const directoryEnd = tail.length - endBytes + 8;
    const told = tail.subarray(directoryEnd, directoryEnd + digestBytes);
    if (!isSame(packing.digest(tail.subarray(directoryStart, directoryEnd)), told)) {
      throw new DamageError(what, "directory", "its digest is another one");
    }
    this.#footer = tail.subarray(0, directoryStart);
    if (!isSame(packing.digest(this.#footer), digest)) {
      throw new DamageError(what, "footer", "its digest is another one");
    }
    const reader = this.rest = new ByteReader(this.#footer);
    [this.head, this.blocks] = readPart(what, "footer", () => readHead(reader, wanted));
    const { blocks } = this;
    this.#borders = new Float64Array(blocks + 1);
    [this.#counts, this.#bytes] = [new Uint32Array(blocks), new Uint32Array(blocks)];
    [this.#digestsAt, this.#checksAt] = [new Uint32Array(blocks), new Uint32Array(blocks)];
    readPart(what, "footer", () => this.#readBlocks(reader));
    const directory = new ByteReader(tail, directoryStart, directoryEnd - 8);
    readPart(what, "directory", () => this.#readDirectory(directory, start));
  }

  #readBlocks(reader: ByteReader): void {
    let sum = 0;
    for (let block = 0; block < this.blocks; block++) {
      const [count, bytes] = [reader.varint(), reader.varint()];
      if (count < 1 || count > segmentItemsMax || bytes > blockBytesMax) {
        throw new DecodeError(`block ${block} has ${count} in ${bytes} bytes`);
      }
      this.#counts[block] = count;
      this.#bytes[block] = bytes;
      this.#digestsAt[block] = reader.position;
      reader.skip(digestBytes);
      sum += count;
    }
    if (sum !== this.head.count) throw new DecodeError(`the blocks have ${sum}, and it tells of ${this.head.count}`);
  }

  #readDirectory(reader: ByteReader, end: number): void {
    const borders = this.#borders;
    for (let block = 0; block < this.blocks; block++) {
      borders[block + 1] = borders[block] + reader.varint();
      this.#checksAt[block] = reader.position;
      reader.skip(checkBytes);
    }
    reader.end();
    const sum = borders[this.blocks];
    if (sum !== end) throw new DecodeError(`the blocks have ${end} bytes, and it tells of ${sum}`);
  }

  /** The number of the segment. */
  get number(): number {
    return this.head.number;
  }

  /** The index of its first entry, or the number of its first document. */
  get first(): number {
    return this.head.first;
  }

  /** How many entries or documents it has. */
  get count(): number {
    return this.head.count;
  }

  /** How many entries or documents a block has. */
  countOf(block: number): number {
    return this.#counts[block];
  }

  /** The bytes of a block, unpacked. */
  bytesOf(block: number): number {
    return this.#bytes[block];
  }

  #checkOf(block: number): Uint8Array {
    return this.#tail.subarray(this.#checksAt[block], this.#checksAt[block] + checkBytes);
  }

  /** Where the packed bytes of a block are in the file. */
  rangeOf(block: number): FileRange {
    return { start: this.#borders[block], end: this.#borders[block + 1] };
  }

  /**
   * Compares a block with the digest of its packed bytes: that finds what a disk has damaged.
   *
   * @param packed its bytes in the file.
   * @throws {DamageError} if they are not those that were written.
   */
  compare(block: number, packed: Uint8Array): void {
    const { what } = this;
    const { start, end } = this.rangeOf(block);
    if (packed.length !== end - start) {
      throw new DamageError(what, block, `it has ${packed.length} bytes, and not ${end - start}`);
    }
    if (!isSame(this.#packing.digest(packed).subarray(0, checkBytes), this.#checkOf(block))) {
      throw new DamageError(what, block, "the digest of its packed bytes is another one");
    }
  }

  /**
   * Unpacks a block.
   *
   * @param packed its bytes in the file.
   * @throws {DamageError} if they are not those that were sealed.
   */
  unpack(block: number, packed: Uint8Array): Uint8Array {
    this.compare(block, packed);
    return this.#unpackAny(block, packed);
  }

  /** Unpacks a block, however it is packed. */
  #unpackAny(block: number, packed: Uint8Array): Uint8Array {
    const { what } = this;
    const digest = this.#footer.subarray(this.#digestsAt[block], this.#digestsAt[block] + digestBytes);
    const unpacked = readPart(what, block, () => unpackPieces(packed, this.bytesOf(block), this.#packing)).bytes;
    if (!isSame(this.#packing.digest(unpacked), digest)) {
      throw new DamageError(what, block, "its digest is another one");
    }
    return unpacked;
  }

  /**
   * The same segment with other bytes in a block, as many as before.
   *
   * @param bytes the block, unpacked.
   * @param before its packed bytes in the file, which {@link unpack} has taken.
   * @returns the packed bytes of that block, all that follows the blocks in the file, and the digest of the segment.
   */
  replaced(block: number, bytes: Uint8Array, before: Uint8Array): ReplacedBlock {
    const footer = this.#footer.slice();
    footer.set(this.#packing.digest(bytes), this.#digestsAt[block]);
    const { borders } = unpackPieces(before, bytes.length, this.#packing);
    const packed = packPieces(bytes, borders, this.#packing);
    return { packed, tail: this.#tailWith(footer, block, packed), digest: this.#packing.digest(footer) };
  }

  /**
   * What follows the blocks in the file if a block has the packed bytes of another replica, which may have packed it in
   * another way. The digest of the segment stays.
   *
   * @throws {DamageError} if these bytes are not the block that was sealed.
   */
  repacked(block: number, packed: Uint8Array): Uint8Array {
    this.#unpackAny(block, packed);
    return this.#tailWith(this.#footer, block, packed);
  }

  /** All that follows the blocks, with other packed bytes of a block. */
  #tailWith(footer: Uint8Array, block: number, packed: Uint8Array): Uint8Array {
    const directory = new ByteWriter();
    for (let at = 0; at < this.blocks; at++) {
      const { start, end } = this.rangeOf(at);
      if (at === block) putInDirectory(directory, packed.length, this.#packing.digest(packed));
      else putInDirectory(directory, end - start, this.#checkOf(at));
    }
    return ended(footer, directory.view(), this.#packing);
  }
}

/** What {@link Container.replaced} gives. */
export interface ReplacedBlock {
  readonly packed: Uint8Array;
  readonly tail: Uint8Array;
  readonly digest: Uint8Array;
}

/** Reads what a footer says of its segment, and how many blocks it has. */
function readHead(reader: ByteReader, wanted: Pick<SegmentHead, "kind" | "number">): [SegmentHead, number] {
  const version = reader.varint();
  if (version !== formatVersion) throw new DecodeError(`it is of version ${version}, and not ${formatVersion}`);
  const [kind, number] = [reader.varint(), reader.varint()];
  if (kind !== wanted.kind || number !== wanted.number) {
    throw new DecodeError(`it is that of ${segmentName({ kind, number })}`);
  }
  const [first, count] = [reader.varint(), reader.varint()];
  if (count < 1 || count > segmentItemsMax || !Number.isSafeInteger(first + count)) {
    throw new DecodeError(`it tells of ${count} from ${first} on`);
  }
  const columns: string[] = [];
  const columnCount = reader.varint();
  if (columnCount > columnsMax) throw new DecodeError(`it has ${columnCount} columns`);
  for (let left = columnCount; left > 0; left--) columns.push(reader.text());
  // It is compared with what is left, before anything is made for it.
  const blocks = reader.varint();
  if (blocks * (2 + digestBytes) > reader.remaining) {
    throw new DecodeError(`${blocks} blocks are announced and ${reader.remaining} bytes are left`);
  }
  return [{ kind, number, first, count, columns }, blocks];
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
