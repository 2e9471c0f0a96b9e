/**
 * The small values of a site as plain numbers: in memory without an object, on the wire in a few bytes.
 *
 * @module
 */

import { type ByteReader, type ByteWriter, DecodeError } from "../../bytes.ts";
import { zipDigitsMax } from "../../limits.ts";
import { type Availability, type Unit, units } from "../values.ts";

/** An availability as one number: a count as it is, or else -1 less its tag. */
export type PackedAvailability = number;

const packedTrue: PackedAvailability = -2;

/** The tag of a count, which follows it. */
export const countTag = 2;

/** How each availability is told on the wire and in the log: by its place here, a tag of two bits. */
const tagged = [false, true, undefined, "unknown"] as const;

/** `value` as a number. */
export function packAvailability(value: Availability): PackedAvailability {
  return typeof value === "number" ? value : -1 - tagged.indexOf(value);
}

/** Undoes {@link packAvailability}. */
export function unpackAvailability(packed: PackedAvailability): Availability {
  return packed >= 0 ? packed : tagged[-1 - packed]!;
}

/** Whether anything is available. */
export function isPackedAvailable(packed: PackedAvailability): boolean {
  return packed > 0 || packed === packedTrue;
}

/** The two bits that tell an availability; a count follows them. */
export function tagOf(packed: PackedAvailability): number {
  return packed >= 0 ? countTag : -1 - packed;
}

/** Reads what follows a tag of two bits. */
export function readTagged(reader: ByteReader, tag: number): PackedAvailability {
  return tag === countTag ? reader.varint() : -1 - tag;
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
  if (tag >= tagged.length) throw new DecodeError(`an availability is of kind ${tag}`);
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
  return units[packed - 1];
}

/** Throws unless the number from outside is a packed unit. */
export function checkUnit(packed: PackedUnit): void {
  if (packed > units.length) throw new DecodeError(`a unit is of kind ${packed}`);
}

/** The bits of a byte that tell an availability and its unit, in the state of a site and in a report. */
export const reportedBits = { tag: 3, unit: 12 } as const;

/** How far the unit is shifted in that byte. */
export const unitShift = 2;

/** Reads the availability and the unit that such a byte, and the count behind it, tell. */
export function readReported(reader: ByteReader, bits: number): { readonly availability: Availability; unit?: Unit } {
  const unit = (bits & reportedBits.unit) >>> unitShift;
  checkUnit(unit);
  const availability = unpackAvailability(readTagged(reader, bits & reportedBits.tag));
  return unit === 0 ? { availability } : { availability, unit: unpackUnit(unit) };
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

/** Whether a number from outside is a packed ZIP code: its first digit is the 1, and 1 to 10 digits follow. */
export function isPackedZip(value: number): boolean {
  let start = 10;
  for (let digits = 1; digits < zipDigitsMax && value >= 2 * start; digits++) start *= 10;
  return value >= start && value < 2 * start && Number.isInteger(value);
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
