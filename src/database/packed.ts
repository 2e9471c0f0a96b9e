/**
 * The two small values of a site as plain numbers: in memory without an object, on the wire in a few bytes.
 *
 * @module
 */

import type { ByteWriter } from "../bytes.ts";
import { type ByteReader, DecodeError } from "../bytes.ts";
import { zipDigitsMax } from "../limits.ts";
import type { Availability } from "./values.ts";

/** An availability as one number: a count as it is, {@link packedFalse} or {@link packedTrue}. */
export type PackedAvailability = number;

/** `False` as a packed availability. */
export const packedFalse: PackedAvailability = -1;

/** `True` as a packed availability. */
export const packedTrue: PackedAvailability = -2;

/** Whether a number from outside is a packed availability. */
export function isPackedAvailability(value: number): boolean {
  return Number.isSafeInteger(value) && value >= packedTrue && !Object.is(value, -0);
}

/** What goes in front of a count on the wire; False and True are one byte each, and this is the third. */
const countTag = 2;

/** `value` as a number. */
export function packAvailability(value: Availability): PackedAvailability {
  return value === true ? packedTrue : value === false ? packedFalse : value;
}

/** What {@link packAvailability} was given. */
export function unpackAvailability(packed: PackedAvailability): Availability {
  return packed === packedTrue ? true : packed === packedFalse ? false : packed;
}

/** Writes an availability: a byte 0 for False, 1 for True, 2 for a count, which follows as a varint. */
export function writeAvailability(writer: ByteWriter, packed: PackedAvailability): void {
  if (packed === packedFalse) writer.byte(0);
  else if (packed === packedTrue) writer.byte(1);
  else {
    writer.byte(countTag);
    writer.varint(packed);
  }
}

/** How many bytes {@link writeAvailability} writes. */
export function availabilityBytes(packed: PackedAvailability): number {
  return packed < 0 ? 1 : 1 + varintBytes(packed);
}

/**
 * Reads an availability.
 *
 * @throws {DecodeError} if the bytes are none.
 */
export function readAvailability(reader: ByteReader): PackedAvailability {
  const tag = reader.byte();
  if (tag === 0) return packedFalse;
  if (tag === 1) return packedTrue;
  if (tag === countTag) return reader.varint();
  throw new DecodeError(`an availability is of kind ${tag}`);
}

/** A ZIP code as the number that its digits make with a 1 in front, which keeps its leading zeros. */
export type PackedZip = number;

/** `zip`, which must be a valid ZIP code, as a number. */
export function packZip(zip: string): PackedZip {
  return Number(`1${zip}`);
}

/** What {@link packZip} was given. */
export function unpackZip(packed: PackedZip): string {
  return String(packed).slice(1);
}

/** The packed numbers of as many digits as a ZIP code may have start here, those with one more digit end here. */
const zipStarts = Array.from({ length: zipDigitsMax + 1 }, (_, digits) => 10 ** digits);

/** Whether a number from outside is a packed ZIP code: its first digit is the 1, and 1 to 10 digits follow. */
export function isPackedZip(value: number): boolean {
  for (let digits = 1; digits <= zipDigitsMax; digits++) {
    const start = zipStarts[digits];
    if (value < 2 * start) return value >= start && Number.isInteger(value);
  }
  return false;
}

/**
 * Reads a ZIP code, which is a varint.
 *
 * @throws {DecodeError} if the bytes are none.
 */
export function readZip(reader: ByteReader): PackedZip {
  const value = reader.varint();
  if (!isPackedZip(value)) throw new DecodeError(`${value} is not a ZIP code`);
  return value;
}

/** How many bytes a varint takes. */
export function varintBytes(value: number): number {
  let count = 1;
  while (value >= 0x80) {
    value = Math.floor(value / 0x80);
    count++;
  }
  return count;
}
