/**
 * Inputs that are packed with gzip, known by their first bytes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { quotedShort } from "../quoted.ts";
import { InputError } from "./inputs.ts";

/**
 * The same bytes, unpacked if they are packed.
 *
 * @param place what to call them where they cannot be unpacked.
 * @param onPlain is called if they are not packed, though the place says so by its name.
 * @throws {InputError} if they are packed, and not whole.
 */
export async function* unpacked(
  bytes: AsyncIterable<Uint8Array>,
  place: string,
  onPlain?: () => void,
): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  let head: Uint8Array = Buffer.of();
  let isEnded = false;
  async function* all(): AsyncGenerator<Uint8Array> {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    isEnded = true;
  }
  try {
    while (head.length < 2) {
      const next = await pieces.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      if (/\.gz$/i.test(place)) onPlain?.();
      return yield* all();
    }
    const gunzip = createGunzip();
    const source = Readable.from(all());
    source.on("error", (error) => gunzip.destroy(error));
    try {
      for await (const piece of source.pipe(gunzip)) yield piece;
    } catch (error) {
      if (error instanceof InputError) throw error;
      const why = isEnded ? "its gzip is cut, or damaged" : "its gzip is damaged";
      throw new InputError(`Cannot read ${quotedShort(place)}: ${why}; pack it again`);
    } finally {
      source.destroy();
      gunzip.destroy();
    }
  } finally {
    await pieces.return?.();
  }
}
