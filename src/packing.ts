/**
 * What the sealed history needs from outside of the language: bytes that become fewer, and digests.
 *
 * @module
 */

/** Bytes of a digest. */
export const digestBytes = 32;

/** Packs bytes and takes their digests, all at once: nothing here waits. */
export interface Packing {
  /** Fewer bytes that say the same. They may differ from one version of a program to the next. */
  pack(bytes: Uint8Array): Uint8Array;
  /**
   * Undoes {@link pack}.
   *
   * @param length how many bytes there must be: no more are made than that.
   * @param into where they may be put, from its beginning on. It has room for one byte more, which may be overwritten.
   * @returns the bytes, or a view of `into`.
   * @throws {DecodeError} if they are not what `pack` gave for that many bytes.
   */
  unpack(packed: Uint8Array, length: number, into?: Uint8Array): Uint8Array;
  /** The digest of bytes, by SHA-256. */
  digest(bytes: Uint8Array): Uint8Array;
}
