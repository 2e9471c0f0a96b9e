/**
 * Bytes as hexadecimal text, over `Uint8Array.prototype.toHex` and `Uint8Array.fromHex`.
 *
 * @module
 */

/** Bytes over a buffer of their own. */
export type Uint8Array_ = ReturnType<Uint8Array["slice"]>;

/**
 * Data as hexadecimal text.
 *
 * @param src Text is taken as UTF-8.
 * @returns Two lower-case digits for each byte.
 */
export function encodeHex(src: string | Uint8Array | ArrayBuffer): string {
  if (typeof src === "string") return new TextEncoder().encode(src).toHex();
  return (src instanceof ArrayBuffer ? new Uint8Array(src) : src).toHex();
}

/**
 * The bytes that hexadecimal text stands for.
 *
 * @param src Two digits for each byte, in any case.
 * @throws {RangeError} If there is a digit too many.
 * @throws {TypeError} If a character is not a hexadecimal digit.
 */
export function decodeHex(src: string): Uint8Array_ {
  const { length } = new TextEncoder().encode(src);
  if (length % 2 === 1) {
    throw new RangeError(`Cannot decode input as hex: Length (${length}) must be divisible by 2`);
  }
  const wrong = /[^0-9a-f]/iu.exec(src);
  if (wrong !== null) {
    // The byte, not the character, as the real one has it: they differ above 0x7f.
    const [byte] = new TextEncoder().encode(wrong[0]);
    throw new TypeError(`Cannot decode input as hex: Invalid character (${String.fromCharCode(byte)})`);
  }
  return Uint8Array.fromHex(src);
}
