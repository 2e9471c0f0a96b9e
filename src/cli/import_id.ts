/**
 * The name of an import, so that it can be taken back: where its reports are in the log, and when they were recorded.
 *
 * @module
 */

import { ValueError } from "../database/values.ts";
import { quotedShort } from "../quoted.ts";

/** An import. */
export interface ImportId {
  /** The index of its first report. */
  readonly first: number;
  /** The index of its last report. */
  readonly last: number;
  /** When all of it was recorded, in ms since 1970. */
  readonly recordedAt: number;
}

/** The id as text, such as `12-4711@1764489600000`. */
export function formatImportId({ first, last, recordedAt }: ImportId): string {
  return `${first}-${last}@${recordedAt}`;
}

/** Reads the id of an import; undefined: the text is not one. */
export function parseImportId(typed: string): ImportId | undefined {
  const [, ...digits] = /^([1-9][0-9]*)-([1-9][0-9]*)@(0|[1-9][0-9]*)$/.exec(typed.trim()) ?? [];
  if (digits.length === 0) return undefined;
  const [first, last, recordedAt] = digits.map(Number);
  if (first <= last && [first, last, recordedAt].every(Number.isSafeInteger)) return { first, last, recordedAt };
  throw new ValueError(`Cannot take ${quotedShort(typed)} as an import: give its id as import has printed it`);
}
