/**
 * The error for a segment that is not as it was sealed.
 *
 * @module
 */

import { DecodeError } from "../../bytes.ts";

/** Which part of a file is damaged: a block by its number, from 0, or another part by its name. */
export type DamagedPart = number | "file" | "end" | "directory" | "footer";

/** A segment is damaged; the message says where, and what is wrong. */
export class DamageError extends Error {
  override name = "DamageError";
  /** Where. A block can be fetched from another replica alone. */
  readonly part: DamagedPart;

  /**
   * @param what such as `segment 3`.
   * @param why what is wrong, to be put after a colon.
   */
  constructor(what: string, part: DamagedPart, why: string) {
    super(`${titleOf(part)} of ${what} is damaged: ${why}`);
    this.part = part;
  }
}

function titleOf(part: DamagedPart): string {
  return typeof part === "number" ? `Block ${part}` : `The ${part}`;
}

/** Reads a part; bytes that are none say which part it was. */
export function readPart<Value>(what: string, part: DamagedPart, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw new DamageError(what, part, error.message);
    throw error;
  }
}
