/**
 * The small values of a site as plain numbers: in memory without an object, on the wire in a few bytes.
 *
 * @module
 */

import type { ByteWriter } from "../../bytes.ts";
import { type ByteReader, DecodeError } from "../../bytes.ts";
import { zipDigitsMax } from "../../limits.ts";
import { type Availability, type Unit, units } from "../values.ts";

/** An availability as one number: a count as it is, or one of the three below 0. */
export type PackedAvailability = number;

/** `False` as a packed availability. */
export const packedFalse: PackedAvailability = -1;

/** `True` as a packed availability. */
export const packedTrue: PackedAvailability = -2;

/** `Unknown` as a packed availability. */
export const packedUnknown: PackedAvailability = -3;

/** How each availability is told on the wire and in the log, in two bits; a count follows. */
export const availabilityTags = { no: 0, yes: 1, count: 2, unknown: 3 } as const;

/** `value` as a number. */
export function packAvailability(value: Availability): PackedAvailability {
  switch (value) {
    case true:
      return packedTrue;
    case false:
      return packedFalse;
    case "unknown":
      return packedUnknown;
    default:
      return value;
  }
}

/** Undoes {@link packAvailability}. */
export function unpackAvailability(packed: PackedAvailability): Availability {
  switch (packed) {
    case packedTrue:
      return true;
    case packedFalse:
      return false;
    case packedUnknown:
      return "unknown";
    default:
      return packed;
  }
}

/** Whether anything is available. */
export function isPackedAvailable(packed: PackedAvailability): boolean {
  return packed > 0 || packed === packedTrue;
}

/** One of {@link availabilityTags}. */
export function tagOf(packed: PackedAvailability): number {
  if (packed >= 0) return availabilityTags.count;
  return packed === packedFalse
    ? availabilityTags.no
    : packed === packedTrue
    ? availabilityTags.yes
    : availabilityTags.unknown;
}

/** What a tag of two bits says, except a count, which follows. */
export function untagged(tag: number): PackedAvailability {
  return tag === availabilityTags.no ? packedFalse : tag === availabilityTags.yes ? packedTrue : packedUnknown;
}

/** Reads what follows a tag of two bits. */
export function readTagged(reader: ByteReader, tag: number): PackedAvailability {
  return tag === availabilityTags.count ? reader.varint() : untagged(tag);
}

/** Writes an availability: a byte 0 for False, 1 for True, 2 for a count, which follows as a varint, 3 for Unknown. */
export function writeAvailability(writer: ByteWriter, packed: PackedAvailability): void {
  writer.byte(tagOf(packed));
  if (packed >= 0) writer.varint(packed);
}

/**
 * Reads an availability.
 *
 * @throws {DecodeError} if the bytes are none.
 */
export function readAvailability(reader: ByteReader): PackedAvailability {
  const tag = reader.byte();
  if (tag > availabilityTags.unknown) throw new DecodeError(`an availability is of kind ${tag}`);
  return readTagged(reader, tag);
}

/** A unit in two bits: 0 for none. */
export type PackedUnit = number;

/** `unit` as a number. */
export function packUnit(unit: Unit | undefined): PackedUnit {
  return unit === undefined ? 0 : 1 + units.indexOf(unit);
}

/** Undoes {@link packUnit}. */
export function unpackUnit(packed: PackedUnit): Unit | undefined {
  return packed === 0 ? undefined : units[packed - 1];
}

/** Throws unless the number from outside is a packed unit. */
export function checkUnit(packed: PackedUnit): void {
  if (packed > units.length) throw new DecodeError(`a unit is of kind ${packed}`);
}

/** A ZIP code as the number that its digits make with a 1 in front, which keeps its leading zeros. */
export type PackedZip = number;

/** `zip`, which must be a valid ZIP code, as a number. */
export function packZip(zip: string): PackedZip {
  return Number(`1${zip}`);
}

/** Undoes {@link packZip}. */
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
 * Whether a ZIP code begins with the digits of `prefix`.
 *
 * @param prefix as if it were a whole ZIP code; 0 for one without digits, with which all begin.
 */
export function zipBeginsWith(zip: PackedZip, prefix: PackedZip): boolean {
  if (prefix === 0) return true;
  while (zip > prefix) zip = Math.floor(zip / 10);
  return zip === prefix;
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
