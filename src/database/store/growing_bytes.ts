/**
 * Bytes that become more without being copied, and without a long turn.
 *
 * Copying a large array into a larger one takes time for each byte, most of it for memory that is touched for the first
 * time. The memory of WebAssembly grows in place: it sets aside addresses for its largest size at the beginning, and
 * takes no memory for what was never written. Those addresses are many gigabytes, so only arrays that have become large
 * use it.
 *
 * @module
 */

/** Bytes of a page of WebAssembly. */
const wasmPageBytes = 65_536;

/** Bytes that are still copied when they become more, which takes about a millisecond. */
const copiedBytesMax = 4 * wasmPageBytes;

/** A buffer that grows. */
export class GrowingBytes {
  /** All bytes: another buffer after each {@link grow}, and the former one may be empty then. */
  buffer: ArrayBuffer;
  readonly #bytesMax: number;
  #memory: WebAssembly.Memory | undefined;

  /**
   * This many zeros.
   *
   * @param bytesMax how many they may ever be: at most 4 GiB.
   */
  constructor(bytes: number, bytesMax: number) {
    this.buffer = new ArrayBuffer(bytes);
    this.#bytesMax = bytesMax;
  }

  /**
   * Makes room for at least this many bytes, or for twice as many as there were, if that is allowed. New bytes are 0.
   *
   * @throws {RangeError} if there is no memory for them, or they are more than they may ever be.
   */
  grow(needed: number): void {
    const bytes = Math.max(needed, Math.min(this.#bytesMax, 2 * this.buffer.byteLength));
    if (bytes <= copiedBytesMax) return this.#copyTo(new ArrayBuffer(bytes));
    const pages = Math.ceil(bytes / wasmPageBytes);
    if (this.#memory === undefined) {
      const maximum = Math.max(pages, Math.ceil(this.#bytesMax / wasmPageBytes));
      this.#memory = new WebAssembly.Memory({ initial: pages, maximum });
      this.#copyTo(ownBuffer(this.#memory));
    } else {
      this.#memory.grow(pages - this.buffer.byteLength / wasmPageBytes);
      this.buffer = ownBuffer(this.#memory);
    }
  }

  #copyTo(buffer: ArrayBuffer): void {
    new Uint8Array(buffer).set(new Uint8Array(this.buffer));
    this.buffer = buffer;
  }
}

/** The buffer of a memory that was not made to be shared between threads. */
function ownBuffer({ buffer }: WebAssembly.Memory): ArrayBuffer {
  if (!(buffer instanceof ArrayBuffer)) throw new TypeError("the memory is shared");
  return buffer;
}
