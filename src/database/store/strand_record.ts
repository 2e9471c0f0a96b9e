/**
 * Where the parts of a strand's record are, and of the head of the strands of a site, in numbers of several bytes.
 *
 * @module
 */

export const recordBytes = 64;

// The parts of a strand, in floats of 8 bytes:
export const availabilityAt = 0;
export const observedAtAt = 1;
export const checkedAtAt = 2;
export const changedAtAt = 3;
// In integers of 4 bytes; the last one is the head that it belongs to:
export const originAt = 8;
export const indexAt = 9;
export const documentAt = 10;
export const nextAt = 11;
export const sourceAt = 12;
export const productAt = 13;
export const unitAt = 14;
export const headAt = 15;

// The parts of a head, in floats; the third is that of a strand:
export const reachAt = 0;
export const asOfAt = 1;
// In integers; the last ones are the strand that decides what the site shows, and the one whose report the site names:
export const firstAt = 8;
export const lastAt = 9;
export const sizeAt = 10;
export const decidingAt = 11;
export const namedAt = 12;
