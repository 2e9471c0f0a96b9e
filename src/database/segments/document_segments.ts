/**
 * Documents, sealed in the order in which they came: blocks of 16, since those of one feed are alike.
 *
 * A block, unpacked, is the length of each document: varints, and then the documents. A document segment ends as
 * soon as it has 16 MiB, so where it ends follows from the documents alone. Documents say nothing of people: no
 * redaction changes them.
 *
 * @module
 */

import { ByteReader, ByteWriter, DecodeError } from "../../bytes.ts";
import { documentBytesMax } from "../../limits.ts";
import { segmentKinds } from "../../history.ts";
import type { Packing } from "../../packing.ts";
import { countBefore } from "../name_order.ts";
import { Container, ContainerWriter, segmentItemsMax } from "./container.ts";
import { readPart } from "./damage.ts";

/** Documents of a block, at most: more of them would hardly be packed into fewer bytes. */
export const blockDocumentsMax = 16;

/** Bytes of documents after which a block ends: it is packed in a millisecond. */
export const blockDocumentBytes: number = 256 * 1024;

/** Bytes of documents after which a segment ends. */
export const documentSegmentBytes: number = 16 * 2 ** 20;

/**
 * Whether a segment of documents ends: the next document is in the segment after it.
 *
 * @param bytesMax bytes after which it ends.
 */
export function isWholeDocumentSegment(count: number, bytes: number, bytesMax: number): boolean {
  return bytes >= bytesMax || count === segmentItemsMax;
}

/** Seals documents. */
export class DocumentWriter {
  readonly #number: number;
  readonly #first: number;
  readonly #bytesMax: number;
  readonly #container: ContainerWriter;
  readonly #lengths = new ByteWriter();
  readonly #documents = new ByteWriter();
  readonly #block = new ByteWriter();
  #count = 0;
  #inBlock = 0;
  #bytes = 0;

  /**
   * Begins a segment.
   *
   * @param number its number, from 1.
   * @param first the number of its first document.
   * @param bytesMax bytes after which it ends; other than {@link documentSegmentBytes} only in tests.
   */
  constructor(number: number, first: number, packing: Packing, bytesMax = documentSegmentBytes) {
    this.#number = number;
    this.#first = first;
    this.#bytesMax = bytesMax;
    this.#container = new ContainerWriter(packing);
  }

  /** Whether the segment has all its documents, and {@link end} must be called. */
  get isFull(): boolean {
    return isWholeDocumentSegment(this.#count, this.#bytes, this.#bytesMax);
  }

  /** The digest of the segment, after {@link end}. */
  get digest(): Uint8Array {
    return this.#container.digest;
  }

  /** Adds a document to a segment that is not full. Returns the next bytes of the file, none unless a block is full. */
  add(document: Uint8Array): Uint8Array {
    if (this.isFull) throw new Error(`document segment ${this.#number} is full`);
    this.#lengths.varint(document.length);
    this.#documents.raw(document);
    this.#bytes += document.length;
    this.#count++;
    this.#inBlock++;
    const isFull = this.#inBlock === blockDocumentsMax || this.#documents.length >= blockDocumentBytes;
    return isFull ? this.#endBlock() : nothing;
  }

  #endBlock(): Uint8Array {
    const block = this.#block;
    block.clear();
    block.raw(this.#lengths.view());
    block.raw(this.#documents.view());
    const packed = this.#container.block(block.view(), this.#inBlock);
    this.#lengths.clear();
    this.#documents.clear();
    this.#inBlock = 0;
    return packed;
  }

  /** Ends the segment, which has a document at least. Returns its last bytes. */
  end(): Uint8Array {
    const last = this.#inBlock > 0 ? this.#endBlock() : nothing;
    const tail = this.#container.end({
      kind: segmentKinds.documents,
      number: this.#number,
      first: this.#first,
      count: this.#count,
      columns: [],
    }, nothing);
    const writer = new ByteWriter(last.length + tail.length);
    writer.raw(last);
    writer.raw(tail);
    return writer.copy();
  }
}

/** Sealed documents. */
export class DocumentSegment extends Container {
  /** The number of the first document of each block. */
  readonly #firsts: Float64Array;

  /**
   * Opens a segment; as `SealedSegment`.
   *
   * @throws {DamageError} if the file is damaged, or another one.
   */
  constructor(tail: Uint8Array, fileBytes: number, number: number, digest: Uint8Array, packing: Packing) {
    super(tail, fileBytes, { kind: segmentKinds.documents, number }, digest, packing);
    const firsts = this.#firsts = new Float64Array(this.blocks);
    readPart(this.what, "footer", () => {
      if (this.head.columns.length > 0) throw new DecodeError("documents have no columns");
      this.rest.end();
      let { first } = this;
      for (let block = 0; block < this.blocks; block++) {
        const count = this.countOf(block);
        if (count > blockDocumentsMax) throw new DecodeError(`block ${block} has ${count} documents`);
        firsts[block] = first;
        first += count;
      }
    });
  }

  /** The block that a document is in, by the document's number. */
  blockOf(document: number): number {
    return countBefore(this.#firsts, (first) => first <= document) - 1;
  }

  /**
   * Reads the documents of a block.
   *
   * @param packed its bytes in the file.
   * @returns views of one array.
   * @throws {DamageError} if they are not those that were sealed.
   */
  open(block: number, packed: Uint8Array): Uint8Array[] {
    const bytes = this.unpack(block, packed);
    return readPart(this.what, block, () => {
      const reader = new ByteReader(bytes);
      const lengths: number[] = [];
      for (let left = this.countOf(block); left > 0; left--) {
        const length = reader.varint();
        if (length > documentBytesMax) throw new DecodeError(`a document has ${length} bytes`);
        lengths.push(length);
      }
      const documents = lengths.map((length) => reader.view(length));
      reader.end();
      return documents;
    });
  }

  /** The document with a number, of the documents of its block. */
  documentIn(documents: readonly Uint8Array[], number: number): Uint8Array {
    return documents[number - this.#firsts[this.blockOf(number)]];
  }
}

const nothing = new Uint8Array(0);
