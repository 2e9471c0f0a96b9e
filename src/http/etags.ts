/**
 * ETags: of sites, of compressed responses, and in `If-Match` and `If-None-Match` (RFC 9110, section 13.1).
 *
 * The ETag of a site is the place of the entry whose report it shows, with marks for the rest of what a response says
 * of the site. Packages that compare ETags know nothing of places.
 *
 * @module
 */

import { type Site, ValueError } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { type EntryPlace, formatPlace, parsePlace } from "./log_name.ts";

const tag = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const tagPattern = new RegExp(tag, "g");
/** An element may be empty, but not every one. */
const listPattern = new RegExp(String.raw`^[ \t,]*${tag}(?:[ \t]*,[ \t,]*${tag})*[ \t,]*$`);

/**
 * The ETag of a site.
 *
 * @param place that of the entry whose report it shows.
 */
export function etagOf(place: EntryPlace, { name, zip, retired, checkedAt }: Site, hasDocument: boolean): string {
  const marks = `${retired === undefined ? "" : "r"}${hasDocument ? "d" : ""}`;
  const checked = checkedAt === undefined ? "" : ` ${checkedAt}`;
  return `"${formatPlace(place)}${marks}~${sumOf(`${zip} ${name}${checked}`).toString(16)}"`;
}

/** A number that is another one for almost every other text: FNV-1a of the UTF-16 units. */
function sumOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/**
 * Reads the header.
 *
 * @param log the name of the log that the site is in.
 * @returns the indices of the entries that it names, one of which must be shown, in the order in which they stand
 *   there; undefined if any will do. A tag that is weak, of another log, or that no site can have, matches none and is
 *   left out.
 * @throws {ValueError} if it is neither `*` nor a list of entity tags.
 */
export function readIfMatch(header: string, log: string): readonly number[] | undefined {
  if (header.trim() === "*") return undefined;
  if (!listPattern.test(header)) {
    const wanted = 'give the ETag of the site with its quotes, such as "3f2a90c1d2e4-12", or *';
    throw new ValueError(`Cannot take ${quotedShort(header)} as If-Match: ${wanted}`);
  }
  return (header.match(tagPattern) ?? []).flatMap((tag) => {
    // The marks do not matter: they say nothing of the report.
    const [, text = ""] = /^"([^"]*?)r?d?(?:~[0-9a-f]+)?"$/.exec(plainTag(tag)) ?? [];
    const place = parsePlace(text);
    return place?.log === log ? [place.index] : [];
  });
}

/** The ETag of the same response in gzip. */
export function gzipTag(tag: string): string {
  return tag.replace(/"$/, '-gzip"');
}

/** The ETag of the same response without compression. */
export function plainTag(tag: string): string {
  return tag.replace(/-gzip"$/, '"');
}

/** Whether the `If-None-Match` of a request holds this ETag. */
export function hasTag({ headers }: Request, etag: string): boolean {
  const known = headers.get("if-none-match");
  return known !== null && known.split(",").some((tag) => {
    const plain = plainTag(tag.trim());
    return plain === "*" || plain === etag || plain === `W/${etag}`;
  });
}
