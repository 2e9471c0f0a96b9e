/**
 * Streams of `node:zlib` that are used again and again.
 *
 * To make a stream takes several times as long as to pack or unpack some KB with it. `node:zlib` offers nobody a stream
 * that works within a turn and can be used again. So this uses the handle of a stream, as `node:zlib` does itself. A
 * version of Deno whose streams have no such handle does the work in the long way: the caller makes a stream each time.
 *
 * @module
 */

/** Says that these bytes are all. */
const flushToEnd = 2;

/** Bytes that a result is written to at first: most blocks fit. */
const firstBytes = 16 * 1024;

/** The part of a handle that is used. */
interface Handle {
  writeSync(
    flush: number,
    from: Uint8Array,
    at: number,
    count: number,
    to: Uint8Array,
    toAt: number,
    room: number,
  ): void;
  reset(): void;
}

/** A stream, and what its last call has left: room, and bytes that it has not taken. */
interface Stream {
  readonly handle: Handle;
  readonly left: Uint32Array;
}

/** Packs, or unpacks. */
export class ReusedStream {
  readonly #make: () => object;
  /** "none": streams have no handle. */
  #stream: Stream | "none" | undefined;
  #made = new Uint8Array(firstBytes);

  /** @param make makes a stream. */
  constructor(make: () => object) {
    this.#make = make;
  }

  /**
   * What bytes become, as a copy, or as a view of `into`.
   *
   * @param bytesMax how many bytes that may be.
   * @param into has room for one byte more.
   * @returns undefined if it cannot be done here: the result has more, not all bytes were taken, they are damaged, or
   *   streams have no handle.
   */
  run(bytes: Uint8Array, bytesMax: number, into?: Uint8Array): Uint8Array | undefined {
    const stream = this.#stream ??= streamOf(this.#make()) ?? "none";
    if (stream === "none") return undefined;
    // One byte more shows that it has more.
    const room = bytesMax + 1;
    if (into === undefined && this.#made.length < room) this.#made = new Uint8Array(room);
    const to = into ?? this.#made;
    try {
      // Whatever came before, such as half a frame.
      stream.handle.reset();
      stream.handle.writeSync(flushToEnd, bytes, 0, bytes.length, to, 0, room);
    } catch {
      this.#stream = undefined;
      return undefined;
    }
    const [roomLeft, bytesLeft] = stream.left;
    if (roomLeft === 0 || bytesLeft > 0) return undefined;
    const length = room - roomLeft;
    return into === undefined ? this.#made.slice(0, length) : into.subarray(0, length);
  }
}

function streamOf(stream: object): Stream | undefined {
  const handle: unknown = Reflect.get(stream, "_handle");
  const left: unknown = Reflect.get(stream, "_writeState");
  return isHandle(handle) && left instanceof Uint32Array && left.length === 2 ? { handle, left } : undefined;
}

function isHandle(handle: unknown): handle is Handle {
  if (typeof handle !== "object" || handle === null) return false;
  return ["writeSync", "reset"].every((name) => typeof Reflect.get(handle, name) === "function");
}
