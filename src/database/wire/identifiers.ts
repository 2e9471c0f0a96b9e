/**
 * The identifiers of a site as bytes: for each a `system` and a `value`, two texts, in the order of the systems' bytes.
 *
 * @module
 */

import { ByteReader, ByteWriter, DecodeError } from "../../bytes.ts";
import { identifiersBytesMax, identifierValueBytesMax, sourceBytesMax } from "../../limits.ts";
import { type Identifier, whyNotText } from "../values.ts";
import { isPlainLine } from "./rules.ts";
import { TextRange } from "./text_range.ts";

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);

/** Identifiers as bytes. @param identifiers each system once. */
export function encodeIdentifiers(identifiers: readonly Identifier[]): Uint8Array {
  const writer = new ByteWriter();
  const pairs = identifiers.map(({ system, value }) => [encoder.encode(system), encoder.encode(value)] as const);
  for (const [system, value] of pairs.toSorted(([a], [b]) => compareBytes(a, b))) {
    writer.blob(system);
    writer.blob(value);
  }
  return writer.copy();
}

/** Reads identifiers. @throws {DecodeError} if the bytes are none. */
export function readIdentifiers(bytes: Uint8Array): Identifier[] {
  const reader = new ByteReader(bytes);
  const identifiers: Identifier[] = [];
  while (reader.remaining > 0) identifiers.push({ system: reader.text(), value: reader.text() });
  return identifiers;
}

/**
 * Why a site may not have these identifiers, or an `edit` not say them; undefined if it may.
 *
 * @param isChange whether a value may be empty, which takes an identifier away.
 */
export function whyNotIdentifiers(identifiers: TextRange, isChange: boolean): string | undefined {
  if (identifiers.length > identifiersBytesMax) return `the identifiers are over ${identifiersBytesMax} bytes`;
  try {
    const reader = new ByteReader(identifiers.bytes, identifiers.start, identifiers.end);
    const [before, system, value] = [new TextRange(), new TextRange(), new TextRange()];
    for (let isFirst = true; reader.remaining > 0; isFirst = false) {
      system.read(reader, identifiers.bytes);
      value.read(reader, identifiers.bytes);
      if (!isFirst && compareTexts(before, system) >= 0) return "the identifiers are not in order";
      if (system.length === 0) return "the system of an identifier is empty";
      if (value.length === 0 && !isChange) return "an identifier is empty";
      const why = whyNot(system, "the system of an identifier", sourceBytesMax) ??
        whyNot(value, "an identifier", identifierValueBytesMax);
      if (why !== undefined) return why;
      before.copy(system);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return "the identifiers are malformed";
  }
}

function whyNot(text: TextRange, what: string, bytesMax: number): string | undefined {
  if (text.length > bytesMax) return `${what} is over ${bytesMax} bytes; shorten it`;
  if (isPlainLine(text)) return undefined;
  const decoded = text.decode();
  if (decoded === undefined) return `${what} is not UTF-8`;
  const why = whyNotText(decoded);
  return why === undefined ? undefined : `${what} cannot be used: ${why}`;
}

/** What sound identifiers become by sound changes: an empty value takes the one of its system away. */
export function changedIdentifiers(before: Uint8Array, changes: Uint8Array): Uint8Array {
  // Both are in the order of the systems: one walk along them, without strings, since an edit may have hundreds.
  const old = new IdentifierReader(before);
  const now = new IdentifierReader(changes);
  const writer = new ByteWriter(before.length + changes.length);
  let isOld = old.next();
  let isNow = now.next();
  while (isOld || isNow) {
    const order = !isNow ? -1 : !isOld ? 1 : compareTexts(old.system, now.system);
    const one = order < 0 ? old : now;
    if (one.value.length > 0) {
      writer.blob(one.system.view());
      writer.blob(one.value.view());
    }
    if (order <= 0) isOld = old.next();
    if (order >= 0) isNow = now.next();
  }
  return writer.copy();
}

/** Reads identifiers that are sound, one after the other, as ranges of their bytes. */
export class IdentifierReader {
  /** The system of the present one. */
  readonly system: TextRange = new TextRange();
  /** Its value. */
  readonly value: TextRange = new TextRange();
  /** Where it starts in its bytes. */
  start = 0;
  readonly #reader = new ByteReader(nothing);
  #bytes: Uint8Array = nothing;

  /** Reads `bytes`, which may have something else behind the identifiers that are read. */
  constructor(bytes: Uint8Array = nothing) {
    this.begin(bytes);
  }

  /** Reads other bytes from now on. */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#reader.begin(bytes, 0, bytes.length);
  }

  /** Comes to the next one; returns false if there is none. */
  next(): boolean {
    if (this.#reader.remaining === 0) return false;
    this.start = this.#reader.position;
    this.system.read(this.#reader, this.#bytes);
    this.value.read(this.#reader, this.#bytes);
    return true;
  }
}

/** {@link compareBytes} of two texts. */
export function compareTexts(a: TextRange, b: TextRange): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = a.bytes[a.start + at] - b.bytes[b.start + at];
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Negative if the bytes of `a` come before those of `b`, positive if after, 0 if they are the same. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}
