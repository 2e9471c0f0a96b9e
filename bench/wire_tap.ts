/**
 * Counts what goes through the sockets of a process, under the links that use them: bytes, frames and system calls.
 *
 * It lies around the connection, so that what it counts is what went over the wire, whatever the links did to it. It
 * costs both systems the same: a few tens of nanoseconds for each frame.
 *
 * @module
 */

import { frameHeaderBytes } from "../src/framing.ts";
import { layouts } from "../src/protocol/wire/messages.ts";
import type { WireCount } from "./jobs.ts";

const kindOf: (string | undefined)[] = [];
for (const [kind, { code }] of Object.entries(layouts)) kindOf[code] = kind;

/** Follows one direction of one connection. */
export class FrameCounter {
  readonly #counts: Float64Array;
  #header = 0;
  #headerBytes = 0;
  // Bytes of the frame that are still to come.
  #left = 0;

  /** @param counts frames by the code of their message; others count in it, too. */
  constructor(counts: Float64Array) {
    this.#counts = counts;
  }

  /** The next bytes. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#headerBytes < frameHeaderBytes) {
        this.#header = (this.#header << 8 | bytes[at++]) >>> 0;
        if (++this.#headerBytes === frameHeaderBytes) this.#left = this.#header;
        continue;
      }
      if (this.#left === this.#header) this.#counts[bytes[at]]++;
      const step = Math.min(this.#left, bytes.length - at);
      this.#left -= step;
      at += step;
      if (this.#left === 0) this.#headerBytes = this.#header = 0;
    }
  }
}

/** What all connections of this process have carried. */
export class WireTap {
  readonly #counts = new Float64Array(256);
  #bytes = 0;
  #writes = 0;

  /** From now on, whatever connects in this process is counted. */
  static install(): WireTap {
    const tap = new WireTap();
    const connect = Deno.connect;
    const tapped = async (options: Deno.ConnectOptions) => tap.watch(await connect(options));
    Deno.connect = tapped as typeof Deno.connect;
    return tap;
  }

  /** Counts what this connection carries. */
  watch(connection: Deno.TcpConn): Deno.TcpConn {
    const [sent, received] = [new FrameCounter(this.#counts), new FrameCounter(this.#counts)];
    const write = connection.write.bind(connection);
    const read = connection.read.bind(connection);
    connection.write = async (bytes) => {
      const count = await write(bytes);
      this.#writes++;
      this.#bytes += count;
      sent.push(bytes.subarray(0, count));
      return count;
    };
    connection.read = async (bytes) => {
      const count = await read(bytes);
      if (count === null) return null;
      this.#bytes += count;
      received.push(bytes.subarray(0, count));
      return count;
    };
    return connection;
  }

  /** The messages and bytes since the last call. */
  take(): WireCount {
    const kinds: Record<string, number> = {};
    let messages = 0;
    for (const [code, count] of this.#counts.entries()) {
      if (count === 0) continue;
      messages += count;
      kinds[kindOf[code] ?? `0x${code.toString(16)}`] = count;
    }
    const count = { bytes: this.#bytes, messages, writes: this.#writes, kinds };
    this.#counts.fill(0);
    this.#bytes = this.#writes = 0;
    return count;
  }
}
