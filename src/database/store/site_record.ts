/**
 * Where the parts of a site's record are, in bytes, and in numbers of several bytes.
 *
 * A site's own name is at the end of its first line, and may need further lines.
 *
 * @module
 */

import { skipEntries } from "../../limits.ts";
import { stateBits } from "../wire/outputs.ts";

/** Which line a site's record begins with; good for ever. */
export type SitePlace = number;

/** Which line the record begins with that has a name: that of a site, or one for the name alone. */
export type NamePlace = number;

/** Says that there is no such site. */
export const noSite: SitePlace = 0;

/** The place of the first record. */
export const firstPlace: NamePlace = 1;

export const lineBytes = 64;

// The parts of a record, in floats of 8 bytes:
export const availabilityAt = 0;
export const observedAtAt = 1;
// In integers of 4 bytes:
export const headAt = 4;
// How much longer than what is observed the report that is shown has been so, in ms; if that is more than fits, it is
// apart:
export const sinceAt = 5;
export const shownIndexAt = 6;
export const zipLowAt = 7;
export const idAt = 8;
// In bytes; the name has its length in 2 bytes before it:
export const zipHighAt = 36;
export const bitsAt = 37;
export const countAt = 38;
export const lengthAt = 39;
export const nameAt = 41;

// The lower bits of the count; above these, whether the segment of the last entry of the site is apart. Otherwise it is
// that of the report that is shown, as for most sites:
export const countMask = skipEntries - 1;
export const segmentApartBit = skipEntries;
// And whether it is known where its last entry with pointers far back is:
export const skipBit = 2 * skipEntries;

export const zipHighMask = 7;
// Above the highest bits of the ZIP code: the number of the source that all reports and documents come from, 0 if they
// have none. Large numbers are apart, and so as not to wait for that memory, small ones are here:
export const sourceShift = 3;
export const sourceApart = 31;

// Bits of a record, beside those of a state. It shows a report without an origin (`origins.ts`):
export const plainShift = 6;
export const plainBit = 1 << plainShift;
// It has strands (`strands.ts`):
export const strandsBit = 2;
// It is loose: whose its name is, and where the name of its site is, stands elsewhere (`named_records.ts`):
export const looseBit = 1;
// The site is an alias, or has some:
export const joinedBit = 128;
export const stateMask = stateBits.unit | stateBits.retired | stateBits.document;

/** The largest {@link sinceAt}: the time is apart. */
export const sinceApart = 2 ** 32 - 1;

// The parts kept apart, floats for each line:
export const changedAtAt = 0;
// And integers:
export const skipAt = 2;
export const documentAt = 3;
/** The own text of the reason. */
export const retiredAt = 4;
/** Where the further integers of a loose record are. */
export const looseAt = 5;
/** The first link of the site's identifiers. */
export const identifiersAt = 6;
/** The head of the site's strands; without any, the number of its only source, if that is large. */
export const strandsAt = 7;
/** The own text of the id under which the site is published. */
export const publishedAt = 8;
/** The origin of the report that is shown; with strands, they have it. */
export const originAt = 9;
/** The segment of the log with the last entry of the site, or with an earlier one; 0 in what is not a site. */
export const lastSegmentAt = 10;
// An even number, because of the floats:
export const apartIntegers = 12;
export const apartBytes = 4 * apartIntegers;

/** How many lines a record with a name takes. */
export function linesOf(nameBytes: number): number {
  return Math.trunc((nameAt + nameBytes + lineBytes - 1) / lineBytes);
}
