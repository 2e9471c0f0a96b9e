/**
 * One direction of a link, as whoever drives the world sees it.
 *
 * A schedule asks at each step which ways are open, and there are dozens: so each way is made once, with its link.
 *
 * @module
 */

import type { Message } from "../protocol/wire/messages.ts";
import type { Pipe } from "./pipe.ts";

/** The process at the end of a way. */
interface Receiver {
  readonly name: string;
  readonly stopped: boolean;
}

/** What a way is made of. */
interface WayOptions {
  readonly from: string;
  readonly to: Receiver;
  readonly pipe: Pipe<Message>;
  readonly deliver: () => void;
  /** Whether the receiver reads nothing from this link for now; absent: it always reads. */
  readonly isHeld?: () => boolean;
}

/** One direction of a link. */
export class Way {
  /** The names of the two processes. */
  readonly from: string;
  readonly to: string;
  readonly pipe: Pipe<Message>;
  /** Delivers the next message, or the end. */
  readonly deliver: () => void;
  readonly #receiver: Receiver;
  readonly #isHeld: (() => boolean) | undefined;

  /** The way to this receiver. */
  constructor({ from, to, pipe, deliver, isHeld }: WayOptions) {
    this.from = from;
    this.to = to.name;
    this.pipe = pipe;
    this.deliver = deliver;
    this.#receiver = to;
    this.#isHeld = isHeld;
  }

  /** There is something to deliver, and the receiver takes it now. */
  get isOpen(): boolean {
    const { pipe } = this;
    return pipe.hasNext && !pipe.isSlow && !this.#receiver.stopped && !(this.#isHeld !== undefined && this.#isHeld());
  }
}
