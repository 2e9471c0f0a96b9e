/**
 * What a copy of the database is made of: its state, the list of the sealed segments that the state names, and the
 * files of these, in the order of the list.
 *
 * @module
 */

import { ByteReader, ByteWriter, DecodeError } from "./bytes.ts";
import { segmentKinds, segmentName, type SegmentPlace, type SegmentRef } from "./history.ts";
import { digestBytes } from "./packing.ts";

/** The parts of a copy, in their order. */
export const copyParts = { state: 1, segments: 2, files: 3 } as const;

/** A segment of a copy. */
export interface CopiedSegment extends SegmentRef {
  /** Bytes of its file. */
  readonly bytes: number;
}

/** The file of a segment in a copy. */
export interface PlacedSegment extends CopiedSegment {
  /** Where it begins, counted from the first file. */
  readonly start: number;
}

/** Files of segments that stay as they are, until they are released. */
export interface HeldSegments {
  /** Those of which they are, with their lengths. */
  readonly segments: readonly CopiedSegment[];
  /**
   * Reads bytes of a file: as many as are wanted.
   *
   * @throws an error of the disk if it is damaged, or has been written again meanwhile.
   */
  read(segment: CopiedSegment, start: number, length: number): Uint8Array;
  /** They may go. */
  release(): void;
}

/** Bytes of each entry of the list: kind and number, the digest, and the length as two numbers. */
export const listedBytes: number = 4 + 4 + digestBytes + 8;

const base = 2 ** 32;

/** The list as bytes. */
export function encodeSegments(segments: readonly CopiedSegment[]): Uint8Array {
  const writer = new ByteWriter(listedBytes * segments.length);
  for (const { kind, number, digest, bytes } of segments) {
    writer.uint32(kind);
    writer.uint32(number);
    writer.raw(digest);
    writer.uint32(Math.floor(bytes / base));
    writer.uint32(bytes % base);
  }
  return writer.copy();
}

/**
 * Reads the list.
 *
 * @throws {DecodeError} if it is none, or has a segment twice.
 */
export function decodeSegments(list: Uint8Array): PlacedSegment[] {
  if (list.length % listedBytes !== 0) throw new DecodeError(`a list of segments has ${list.length} bytes`);
  const reader = new ByteReader(list);
  const segments: PlacedSegment[] = [];
  const places = new Set<string>();
  let start = 0;
  while (reader.remaining > 0) {
    const place: SegmentPlace = { kind: reader.uint32(), number: reader.uint32() };
    const digest = reader.view(digestBytes).slice();
    const bytes = base * reader.uint32() + reader.uint32();
    const isSound = (place.kind === segmentKinds.entries || place.kind === segmentKinds.documents) &&
      place.number > 0 && !places.has(segmentName(place)) && Number.isSafeInteger(start + bytes);
    if (!isSound) throw new DecodeError(`a copy cannot have ${segmentName(place)} of ${bytes} bytes there`);
    places.add(segmentName(place));
    segments.push({ ...place, digest, bytes, start });
    start += bytes;
  }
  return segments;
}

/** Bytes of all of their files. */
export function bytesOfFiles(segments: readonly CopiedSegment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}
