/**
 * Facts about the current documents: a record for the one that a site shows, and one for each source that the site
 * keeps apart. So nobody reads an old document to find out whether another one is the same, or older.
 *
 * A record has 48 bytes in one growing array. A short document stands in it, of a longer one the digest does. A short
 * document that has no room there continues in a further line.
 *
 * @module
 */

import { type ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { documentBytesMax } from "../../limits.ts";
import { isTime } from "../values.ts";
import { inlineDocumentBytes } from "../segments/segment_entry.ts";
import { GrowingBytes } from "./growing_bytes.ts";

/** The number of a record. */
export type DocumentRecord = number;

/** Says that there is no document. */
export const noDocument: DocumentRecord = 0;

/** Bytes of the digest of a document that are kept: nobody finds another document with the same ones. */
export const documentDigestBytes = 16;

const lineBytes = 48;

/** Bytes of all records: each site and each strand has one at most, and they have less room. */
const recordBytesMax = 2 ** 32;

// The parts of a record, in floats of 8 bytes:
const numberAt = 0;
const indexAt = 1;
const madeAtAt = 2;
// In integers of 4 bytes: twice the length, and 1 if it is extra; and the further line.
const lengthAt = 6;
const furtherAt = 7;
// In bytes:
const keptAt = 32;

/** Bytes of a short document, or of a digest, that are in the first line; the others are in the further line. */
const keptBytes = lineBytes - keptAt;

/** Facts about a document, used again and again. */
export class KnownDocument {
  /** Its number, from 1; 0: it stands in its entry. */
  number = 0;
  /** The index of its entry. */
  index = 0;
  /** When it was made; 0: it did not say so. */
  madeAt = 0;
  /** Whether it is extra. */
  isExtra = false;
  /** How many bytes it has. */
  length = 0;
  readonly #kept = new Uint8Array(inlineDocumentBytes);

  /** Whether it is so short that {@link kept} is the document. */
  get isShort(): boolean {
    return this.length < inlineDocumentBytes;
  }

  /** The document if it is short, else the beginning of its digest; good until this is used again. */
  get kept(): Uint8Array {
    return this.#kept.subarray(0, this.isShort ? this.length : documentDigestBytes);
  }
}

/** Which documents there are outside of entries. */
interface KeptDocuments {
  /** Whether there are none: all stand in their entries. */
  readonly keepsInline: boolean;
  /** The length of a document, or `said` where it is not at hand; undefined: it is not there. */
  lengthOf(number: number, said: number): number | undefined;
}

/** All records. */
export class DocumentRecords {
  readonly #lines = new GrowingBytes(64 * lineBytes, recordBytesMax);
  #floats = new Float64Array(this.#lines.buffer);
  #integers = new Int32Array(this.#lines.buffer);
  #bytes = new Uint8Array(this.#lines.buffer);
  #end = 1;
  readonly #copied = new KnownDocument();

  /** Bytes of memory. */
  get bytes(): number {
    return lineBytes * this.#end;
  }

  #add(): DocumentRecord {
    const line = this.#end++;
    if (lineBytes * this.#end > this.#lines.buffer.byteLength) {
      this.#lines.grow(lineBytes * this.#end);
      const { buffer } = this.#lines;
      this.#floats = new Float64Array(buffer);
      this.#integers = new Int32Array(buffer);
      this.#bytes = new Uint8Array(buffer);
    }
    return line;
  }

  /**
   * Makes a record say what is known of a document.
   *
   * @param record {@link noDocument}: a new one.
   * @param kept the document if it is short, else its digest.
   * @returns the record.
   */
  put(record: DocumentRecord, { number, index, madeAt, isExtra, length }: KnownDocument, kept: Uint8Array): number {
    if (record === noDocument) record = this.#add();
    const keptLength = length < inlineDocumentBytes ? length : documentDigestBytes;
    const isLong = keptLength > keptBytes;
    if (isLong && this.#integers[lineBytes / 4 * record + furtherAt] === 0) {
      const further = this.#add();
      this.#integers[lineBytes / 4 * record + furtherAt] = further;
    }
    const [floats, integers] = [lineBytes / 8 * record, lineBytes / 4 * record];
    this.#floats[floats + numberAt] = number;
    this.#floats[floats + indexAt] = index;
    this.#floats[floats + madeAtAt] = madeAt;
    this.#integers[integers + lengthAt] = 2 * length + (isExtra ? 1 : 0);
    this.#bytes.set(kept.subarray(0, Math.min(keptLength, keptBytes)), lineBytes * record + keptAt);
    if (!isLong) return record;
    this.#bytes.set(kept.subarray(keptBytes, keptLength), lineBytes * this.#integers[integers + furtherAt]);
    return record;
  }

  /** Another record that says the same; of {@link noDocument}, that. */
  copy(record: DocumentRecord): DocumentRecord {
    if (record === noDocument) return noDocument;
    this.read(record, this.#copied);
    return this.put(noDocument, this.#copied, this.#copied.kept);
  }

  /** Writes a record, for a snapshot. */
  write(writer: ByteWriter, record: DocumentRecord): void {
    const known = this.#copied;
    this.read(record, known);
    writer.varint(2 * known.length + (known.isExtra ? 1 : 0));
    writer.varint(known.number);
    writer.varint(known.index);
    writer.varint(known.madeAt);
    writer.raw(known.kept);
  }

  /**
   * Reads what {@link write} wrote, as a new record.
   *
   * @param documents which documents there are outside of entries.
   * @param last the index of the last entry.
   * @throws {DecodeError} if it cannot be.
   */
  putBack(reader: ByteReader, documents: KeptDocuments, last: number): DocumentRecord {
    const known = this.#copied;
    const length = reader.varint();
    known.length = Math.floor(length / 2);
    known.isExtra = length % 2 !== 0;
    known.number = reader.varint();
    known.index = reader.varint();
    known.madeAt = reader.varint();
    const isThere = known.number === 0
      ? known.isShort || documents.keepsInline
      : !known.isShort && documents.lengthOf(known.number, known.length) === known.length;
    const isSound = known.length > 0 && known.length <= documentBytesMax && isThere && known.index > 0 &&
      known.index <= last && isTime(known.madeAt);
    if (!isSound) throw new DecodeError(`entry ${known.index} has no such document`);
    return this.put(noDocument, known, reader.view(known.isShort ? known.length : documentDigestBytes));
  }

  /** Reads a record. */
  read(record: DocumentRecord, known: KnownDocument): void {
    const [floats, integers] = [lineBytes / 8 * record, lineBytes / 4 * record];
    const length = this.#integers[integers + lengthAt];
    known.number = this.#floats[floats + numberAt];
    known.index = this.#floats[floats + indexAt];
    known.madeAt = this.#floats[floats + madeAtAt];
    known.isExtra = length % 2 !== 0;
    known.length = length >>> 1;
    const { kept } = known;
    const at = lineBytes * record + keptAt;
    kept.set(this.#bytes.subarray(at, at + Math.min(kept.length, keptBytes)));
    if (kept.length <= keptBytes) return;
    const further = lineBytes * this.#integers[integers + furtherAt];
    kept.set(this.#bytes.subarray(further, further + kept.length - keptBytes), keptBytes);
  }
}
