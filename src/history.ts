/**
 * The sealed history: how its segments are called, wherever they are.
 *
 * @module
 */

/** What a segment holds. */
export const segmentKinds = { entries: 1, documents: 2 } as const;

/** Which segment, whatever is in it. */
export interface SegmentPlace {
  /** One of {@link segmentKinds}. */
  readonly kind: number;
  /** Its number, from 1. */
  readonly number: number;
}

/** Which segment, with what in it. */
export interface SegmentRef extends SegmentPlace {
  /** Its digest, by SHA-256. */
  readonly digest: Uint8Array;
}

/** What a replica has sealed of a segment, as members compare it. */
export interface ComparedSegment extends SegmentRef {
  /** How many of its entries are overwritten in it, since they were redacted: all that were. */
  readonly redacted: number;
}

/** How a segment is called in messages. */
export function segmentName({ kind, number }: SegmentPlace): string {
  return `${kind === segmentKinds.documents ? "document " : ""}segment ${number}`;
}

/** A part of the file of a segment, as another replica gets it. */
export interface FilePart {
  /** A packed block, or what follows the blocks. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole file. */
  readonly fileBytes: number;
}

/** A segment that is being sealed, in steps of about half a millisecond. */
export interface Sealing {
  /** Which one. */
  readonly place: SegmentPlace;

  /**
   * Does the next step. Commands may be applied between two steps, also those that redact entries of the segment.
   *
   * @returns the next bytes of its file, none where the step makes none; undefined: the file is whole.
   */
  step(): Uint8Array | undefined;

  /** The digest of the segment, once {@link step} has returned undefined. */
  readonly digest: Uint8Array;
}

/** The sealed history cannot be read here, such as because a disk has damaged it; another replica may have it whole. */
export class UnreadableError extends Error {
  /** The name of the class. */
  override name = "UnreadableError";
}

/** What a replica says of its sealed history. */
export interface HistoryFigures {
  /** Segments that are sealed. */
  readonly segments: number;
  /** Bytes of their files. */
  readonly bytes: number;
  /** Bytes of memory that wait to be sealed. */
  readonly unsealedBytes: number;
  /** Bytes that may still be written to the disk of the files, and bytes of the disk; both 0: nobody says. */
  readonly freeBytes: number;
  /** Bytes of the disk. */
  readonly diskBytes: number;
  /** Parts of segments that are damaged. */
  readonly damaged: number;
  /** The first of them, a sentence each. */
  readonly damages: readonly string[];
  /** Why nothing is sealed, and what to do; undefined: nothing refuses it. */
  readonly failure: string | undefined;
}
