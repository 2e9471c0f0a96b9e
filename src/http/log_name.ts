/**
 * Places in a log over HTTP.
 *
 * An index alone does not name an entry for ever: a cluster that starts again from nothing, from a backup or with other
 * data gives the same indices to other entries. So whatever a client may keep beyond the life of a cluster has the name
 * of the log in it, and nobody takes an entry of one log for an entry of another.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** A place in a log. */
export interface EntryPlace {
  /** The name of the log. */
  readonly log: string;
  /** The index of an entry, 0 for the beginning. */
  readonly index: number;
}

/**
 * The name of the log of a cluster: 12 hexadecimal digits from a hash of its id.
 *
 * @param cluster 32 hexadecimal digits.
 */
export function logName(cluster: string): string {
  return createHash("sha256").update(`log of ${cluster}`).digest("hex").slice(0, 12);
}

/** A place as text, such as `3f2a90c1d2e4-12`. */
export function formatPlace({ log, index }: EntryPlace): string {
  return `${log}-${index}`;
}

/** Reads what {@link formatPlace} writes; undefined: the text is something else. */
export function parsePlace(text: string): EntryPlace | undefined {
  const [, log, digits] = /^([0-9a-f]{12})-(0|[1-9][0-9]{0,15})$/.exec(text) ?? [];
  const index = Number(digits);
  return log !== undefined && Number.isSafeInteger(index) ? { log, index } : undefined;
}
