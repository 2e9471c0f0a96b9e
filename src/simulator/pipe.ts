/**
 * One direction of a link: first in, first out; a crash or a break loses an arbitrary tail, and then comes the end.
 *
 * @module
 */

/** A FIFO of messages that can end. */
export class Pipe<M> {
  // From `#head` on: thousands may be on their way, and to take the first one of an array moves all others.
  #items: M[] = [];
  #head = 0;
  #ended = false;
  #endTaken = false;
  /** Nothing is delivered from it for a while, however much is on its way. */
  isSlow = false;

  /** Whether there is a message, or the end, to take. */
  get hasNext(): boolean {
    return this.length > 0 || (this.#ended && !this.#endTaken);
  }

  /** Whether nothing can come by it any more. */
  get isOver(): boolean {
    return this.#ended && !this.hasNext;
  }

  /** Whether nothing more can be put in; some of what is on its way may still come. */
  get isEnded(): boolean {
    return this.#ended;
  }

  /** How many messages are on their way. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** All messages that are on their way, the next one first. */
  *[Symbol.iterator](): Generator<M> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at];
  }

  /** The message that comes next. */
  peek(): M | undefined {
    return this.#items[this.#head];
  }

  /** Puts a message in, unless the pipe has ended. */
  push(message: M): void {
    if (!this.#ended) this.#items.push(message);
  }

  /** Ends the pipe after the first `keep` messages; without it, after all of them. */
  end(keep = this.length): void {
    this.#items.length = this.#head + Math.min(keep, this.length);
    this.#ended = true;
  }

  /** Nobody reads any more. */
  discard(): void {
    this.#items = [];
    this.#head = 0;
    this.#ended = true;
    this.#endTaken = true;
  }

  /** Takes the next message; undefined: the end. */
  take(): M | undefined {
    if (this.#head === this.#items.length) {
      this.#endTaken = true;
      return undefined;
    }
    const message = this.#items[this.#head++];
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    }
    return message;
  }
}
