/**
 * What the state machine is given from outside.
 *
 * @module
 */

import { entriesMax } from "../../limits.ts";
import type { Packing } from "../../packing.ts";
import type { KeyBounds } from "./answered_keys.ts";
import type { SegmentReader } from "../segments/segment_reader.ts";

/** What a machine is made with. All replicas must have the same, except for `reader`. */
export interface MachineParts {
  /** Takes digests, and packs what is sealed. */
  readonly packing: Packing;
  /** Reads what was sealed; absent: nothing is. */
  readonly reader?: SegmentReader;
  /** Bytes of the log, at most, `Infinity` for any; absent: as many as are in memory where nothing is sealed. */
  readonly logBytes?: number;
  /** How many bytes of what is old count as one of these; absent: 1. */
  readonly oldBytesPerByte?: number;
  /** The most bytes of a log that an earlier version began, if `logBytes` are more; fewer than usual only in tests. */
  readonly earlierLogBytes?: number;
  /** Entries of a segment of the log (`tail.ts`); fewer than usual only in tests. */
  readonly segmentEntries?: number;
  /** Bytes of documents after which a segment of them ends; fewer only in tests. */
  readonly documentBytes?: number;
  /** How many keys of commands are kept; fewer only in tests. */
  readonly keys?: Partial<KeyBounds>;
}

/** The same for a log of an earlier version: it had no segments, so all of its entries are in the first one. */
export function inOneSegment(parts: MachineParts): MachineParts {
  return { ...parts, segmentEntries: entriesMax };
}
