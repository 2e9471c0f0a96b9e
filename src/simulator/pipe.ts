/**
 * One direction of a link: first in, first out; a crash or a break loses an arbitrary tail, and then comes the end.
 *
 * @module
 */

/** A FIFO of messages that can end. */
export class Pipe<M> {
  #items: M[] = [];
  #ended = false;
  #endTaken = false;
  /** Nothing is delivered from it for a while, however much is on its way. */
  isSlow = false;

  /** Whether there is a message, or the end, to take. */
  get hasNext(): boolean {
    return this.#items.length > 0 || (this.#ended && !this.#endTaken);
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
    return this.#items.length;
  }

  /** All messages that are on their way, the next one first. */
  [Symbol.iterator](): Iterator<M> {
    return this.#items[Symbol.iterator]();
  }

  /** The message that comes next. */
  peek(): M | undefined {
    return this.#items[0];
  }

  /** Puts a message in, unless the pipe has ended. */
  push(message: M): void {
    if (!this.#ended) this.#items.push(message);
  }

  /** Ends the pipe after the first `keep` messages; without it, after all of them. */
  end(keep = this.#items.length): void {
    this.#items.length = Math.min(keep, this.#items.length);
    this.#ended = true;
  }

  /** Nobody reads any more. */
  discard(): void {
    this.#items = [];
    this.#ended = true;
    this.#endTaken = true;
  }

  /** Takes the next message; undefined: the end. */
  take(): M | undefined {
    const message = this.#items.shift();
    if (message === undefined) this.#endTaken = true;
    return message;
  }
}
