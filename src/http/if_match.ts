/**
 * `If-Match` (RFC 9110, section 13.1.1), where the ETag of a site is the index of the entry whose report it shows.
 *
 * @module
 */

import { ValueError } from "../client.ts";
import { quotedShort } from "../database/quoted.ts";

const tag = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const tagPattern = new RegExp(tag, "g");
/** Elements may be empty, but not all of them. */
const listPattern = new RegExp(String.raw`^[ \t,]*${tag}(?:[ \t]*,[ \t,]*${tag})*[ \t,]*$`);

const indexPattern = /^"(?:0|[1-9][0-9]*)"$/;

/** The ETag of a site that shows the report of this entry, 0 for none. */
export function etagOf(index: number): string {
  return `"${index}"`;
}

/**
 * Reads the header.
 *
 * @returns the indices of the entries that it names, one of which must be shown, in the order in which they stand there;
 *   undefined if any will do. A tag that is weak, or that no site can have, matches none and is left out.
 * @throws {ValueError} if it is neither `*` nor a list of entity tags.
 */
export function readIfMatch(header: string): readonly number[] | undefined {
  if (header.trim() === "*") return undefined;
  if (!listPattern.test(header)) {
    throw new ValueError(
      `Cannot take ${quotedShort(header)} as If-Match: give the ETag of the site with its quotes, such as "12", or *`,
    );
  }
  const tags = (header.match(tagPattern) ?? []).filter((tag) => indexPattern.test(tag));
  return tags.map((tag) => Number(tag.slice(1, -1))).filter(Number.isSafeInteger);
}
