/**
 * What the places of a log are called over HTTP.
 *
 * An index alone names no entry for ever: a cluster that was started anew, from a backup or with other data, gives the
 * same indices to other entries. So whatever outlives a cluster, as what is remembered by a program that polls, has the
 * name of the log in it, and what was read of one log is never taken for something of another one.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** A place of a log. */
export interface Place {
  /** The name of the log. */
  readonly log: string;
  /** The index of an entry, 0 for the beginning. */
  readonly index: number;
}

/**
 * The name of the log of a cluster: 12 hexadecimal digits that depend on all of its id, and say nothing else.
 *
 * @param cluster 32 hexadecimal digits.
 */
export function logName(cluster: string): string {
  return createHash("sha256").update(`log of ${cluster}`).digest("hex").slice(0, 12);
}

/** A place as text, such as `3f2a90c1d2e4-12`. */
export function formatPlace({ log, index }: Place): string {
  return `${log}-${index}`;
}

/** Reads what {@link formatPlace} writes; undefined: it is none. */
export function parsePlace(text: string): Place | undefined {
  const [, log, digits] = /^([0-9a-f]{12})-(0|[1-9][0-9]{0,15})$/.exec(text) ?? [];
  const index = Number(digits);
  return log !== undefined && Number.isSafeInteger(index) ? { log, index } : undefined;
}
