/**
 * What a client has under way: the requests that it has sent in its view and has no output of, in sum (the window of
 * rule C4).
 *
 * @module
 */

import { invariant } from "../../invariant.ts";
import { outstandingBytesMax, retainedBytesMax } from "../../limits.ts";
import type { Outbox, OutboxRequest } from "./outbox.ts";

type Sized = Pick<OutboxRequest<unknown>, "commands" | "outputBytesMax">;

/** The sizes of requests under way. */
export class UnderWay {
  #bytes = 0;
  #outputBytes = 0;

  /** C2: a view begins, and nothing was sent in it. */
  reset(): void {
    this.#bytes = this.#outputBytes = 0;
  }

  /** Whether this request may be sent besides those that are under way. */
  hasRoomFor({ commands, outputBytesMax }: Sized): boolean {
    return this.#bytes + commands.length <= outstandingBytesMax &&
      this.#outputBytes + outputBytesMax <= retainedBytesMax;
  }

  /** It was sent; undefined: it has its output already. */
  add(request: Sized | undefined): void {
    this.#bytes += request?.commands.length ?? 0;
    this.#outputBytes += request?.outputBytesMax ?? 0;
  }

  /** It has its output. */
  remove({ commands, outputBytesMax }: Sized): void {
    this.#bytes -= commands.length;
    this.#outputBytes -= outputBytesMax;
  }

  /** Checks the invariants, which hold between two events; the requests up to `sent` are under way, or answered. */
  invariants(outbox: Pick<Outbox<unknown>, "done" | "get">, sent: number): void {
    let bytes = 0;
    let outputBytes = 0;
    for (let seq = outbox.done + 1; seq <= sent; seq++) {
      const request = outbox.get(seq);
      bytes += request?.commands.length ?? 0;
      outputBytes += request?.outputBytesMax ?? 0;
    }
    invariant(bytes === this.#bytes, "the bytes of requests under way are counted");
    invariant(outputBytes === this.#outputBytes, "the bytes of the outputs that may come are counted");
  }
}
