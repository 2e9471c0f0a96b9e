/**
 * How the state machine reads sealed history, wherever that is kept.
 *
 * Each read is at once, and gives the same on all replicas: what is kept in memory makes it faster, and nothing else.
 *
 * @module
 */

import { segmentName, type SegmentPlace } from "../../history.ts";
import type { DocumentSegment } from "./document_segments.ts";
import type { SealedBlock } from "./sealed_block.ts";
import type { SealedSegment } from "./sealed_segment.ts";

/** Reads the segments that are named; of any other one, each call throws an `Error`. */
export interface SegmentReader {
  /** The footer of a segment of entries, by its number. @throws {DamageError} if it is damaged. */
  segment(number: number): SealedSegment;

  /** The footer of a segment of documents, by its number. @throws {DamageError} if it is damaged. */
  documentSegment(number: number): DocumentSegment;

  /** A block of a segment of entries: blocks are numbered from 0. @throws {DamageError} if it is damaged. */
  entries(number: number, block: number): SealedBlock;

  /**
   * The packed bytes of a block of any segment: for those who read a whole one. Nothing of it is kept.
   *
   * @throws {DamageError} if it is damaged.
   */
  packed(place: SegmentPlace, block: number): Uint8Array;

  /** The documents of a block of a segment of documents. @throws {DamageError} if it is damaged. */
  documents(number: number, block: number): Uint8Array[];
}

/** Reads where nothing is sealed. */
export const nothingSealed: SegmentReader = {
  segment: (number) => missing(`segment ${number}`),
  documentSegment: (number) => missing(`document segment ${number}`),
  entries: (number) => missing(`segment ${number}`),
  packed: (place) => missing(segmentName(place)),
  documents: (number) => missing(`document segment ${number}`),
};

function missing(what: string): never {
  throw new Error(`The history has no ${what}`);
}
