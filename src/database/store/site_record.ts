/**
 * Where the parts of a site's record are, in bytes, and in numbers of several bytes.
 *
 * A site's own name is at the end of its first line, and may need further lines.
 *
 * @module
 */

import { stateBits } from "../wire/outputs.ts";

export const lineBytes = 64;

// The parts of a record, in floats of 8 bytes:
export const availabilityAt = 0;
export const observedAtAt = 1;
// In integers of 4 bytes:
export const headAt = 4;
export const shownAt = 5;
export const shownIndexAt = 6;
export const zipLowAt = 7;
export const idAt = 8;
// In bytes; the name has its length in 2 bytes before it:
export const zipHighAt = 36;
export const bitsAt = 37;
export const countAt = 38;
export const lengthAt = 39;
export const nameAt = 41;

// Beside the highest bits of the ZIP code: all reports and documents come from one source that has a name.
export const sourcedBit = 128;
export const zipHighMask = 7;

// Bits of a record, beside those of a state. It shows a report that has nothing to be read in the log:
export const plainBit = 64;
// It has strands (`strands.ts`):
export const strandsBit = 2;
// The name in it need not be that of the site that the record is of:
export const looseBit = 1;
// The site is an alias, or has some:
export const joinedBit = 128;
export const stateMask = stateBits.unit | stateBits.retired | stateBits.document;

// The parts kept apart, integers for each line:
export const skipAt = 0;
export const skipNumberAt = 1;
export const documentAt = 2;
export const retiredAt = 3;
/** The site that has the name in a record, if that is loose. */
export const ownerAt = 4;
/** Where the site's name is, if its own record has none of its names, or has a former one. */
export const calledAt = 5;
/** The last entry that says which identifiers the site has. */
export const identifiersAt = 6;
/** The head of the site's strands; without any, the number of its only source. */
export const strandsAt = 7;
/** The entry that says under which id the site is published. */
export const publishedAt = 8;
export const apartIntegers = 9;
export const apartBytes = 4 * apartIntegers;

/** How many lines a record with a name takes. */
export function linesOf(nameBytes: number): number {
  return Math.ceil((nameAt + nameBytes) / lineBytes);
}
