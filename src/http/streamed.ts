/**
 * A large body as a stream: the runtime copies one that is whole in one turn of the event loop.
 *
 * @module
 */

import { copiedBytesPerTurn } from "../limits.ts";

/** Bytes as a stream, in pieces that take a turn each. */
export function streamed(whole: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      controller.enqueue(whole.subarray(at, at += copiedBytesPerTurn));
      if (at >= whole.length) controller.close();
    },
  }, { highWaterMark: 0 });
}
