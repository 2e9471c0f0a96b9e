/**
 * `If-Match` (RFC 9110, section 13.1.1), where the ETag of a site is the place of the entry whose report it shows, and
 * what else an answer says of the site.
 *
 * @module
 */

import { ValueError } from "../client.ts";
import { quotedShort } from "../quoted.ts";
import { plainTag } from "./compression.ts";
import { formatPlace, type LogPlace, parsePlace } from "./log_name.ts";

const tag = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const tagPattern = new RegExp(tag, "g");
/** Elements may be empty, but not all of them. */
const listPattern = new RegExp(String.raw`^[ \t,]*${tag}(?:[ \t]*,[ \t,]*${tag})*[ \t,]*$`);

/** What an answer says of a site. */
export interface TaggedSite {
  /** The entry whose report it shows, 0 for none. */
  readonly place: LogPlace;
  readonly isRetired: boolean;
  readonly hasDocument: boolean;
}

/** The ETag of a site. */
export function etagOf({ place, isRetired, hasDocument }: TaggedSite): string {
  return `"${formatPlace(place)}${isRetired ? "r" : ""}${hasDocument ? "d" : ""}"`;
}

/**
 * Reads the header.
 *
 * @param log the name of the log that the site is in.
 * @returns the indices of the entries that it names, one of which must be shown, in the order in which they stand there;
 *   undefined if any will do. A tag that is weak, of another log, or that no site can have, matches none and is left out.
 * @throws {ValueError} if it is neither `*` nor a list of entity tags.
 */
export function readIfMatch(header: string, log: string): readonly number[] | undefined {
  if (header.trim() === "*") return undefined;
  if (!listPattern.test(header)) {
    throw new ValueError(
      `Cannot take ${
        quotedShort(header)
      } as If-Match: give the ETag of the site with its quotes, such as "3f2a90c1d2e4-12", or *`,
    );
  }
  return (header.match(tagPattern) ?? []).flatMap((tag) => {
    // What else the site is does not decide whether it shows that report.
    const [, text = ""] = /^"([^"]*?)r?d?"$/.exec(plainTag(tag)) ?? [];
    const place = parsePlace(text);
    return place?.log === log ? [place.index] : [];
  });
}
