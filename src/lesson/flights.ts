/**
 * The messages on their way in a lesson: each has a number, and takes its time.
 *
 * @module
 */

import type { Message } from "../protocol/wire/messages.ts";
import type { Flight } from "./picture.ts";
import type { Pipe } from "../simulator/pipe.ts";
import type { Way } from "../simulator/way.ts";

/** The messages on their way, as they were at the last look. */
export class Flights {
  // By message, or by the pipe whose end it is.
  #flights = new Map<Message | Pipe<Message>, Flight>();
  readonly #takes: () => number;
  readonly #textOf: (message: Message) => string;
  #nextId = 1;

  /**
   * @param takes draws how many steps the next message takes, 1 or more.
   * @param textOf says what a message carries.
   */
  constructor(takes: () => number, textOf: (message: Message) => string) {
    this.#takes = takes;
    this.#textOf = textOf;
  }

  /** All of them, by link. */
  [Symbol.iterator](): Iterator<Flight> {
    return this.#flights.values();
  }

  /** What arrives next on this way, which is not empty. */
  next({ pipe }: Way): Flight {
    return this.#flights.get(pipe.peek() ?? pipe)!;
  }

  /** What arrives next on this way is delivered. */
  take({ pipe }: Way): void {
    this.#flights.delete(pipe.peek() ?? pipe);
  }

  /**
   * Takes note of what has been sent.
   *
   * @param step the step that is being made: what is new was sent in it.
   * @returns the messages that were on their way, and were lost.
   */
  look(ways: Iterable<Way>, step: number): Flight[] {
    const before = this.#flights;
    this.#flights = new Map();
    for (const { from, to, pipe } of ways) {
      // Links are first in, first out: nothing arrives before what was sent before it.
      let due = 0;
      const note = (key: Message | Pipe<Message>, kind: Flight["kind"], text: string) => {
        let flight = before.get(key);
        if (flight === undefined) {
          due = Math.max(due, step + this.#takes());
          flight = { id: this.#nextId++, from, to, kind, text, sent: step, due };
        }
        due = flight.due;
        this.#flights.set(key, flight);
      };
      for (const message of pipe) note(message, message.kind, this.#textOf(message));
      if (pipe.length === 0 && pipe.hasNext) note(pipe, "END", "");
    }
    const gone = new Set(before.values()).difference(new Set(this.#flights.values()));
    return [...gone].filter(({ kind }) => kind !== "END");
  }
}
