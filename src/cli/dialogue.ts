/**
 * Questions and answers, line by line, with a person or a pipe.
 *
 * Lines come from a terminal or from a pipe; both are read only when something is asked, so none is lost. While it
 * waits for a line, nothing else stops: the session keeps answering the replicas.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import { ValueError } from "../database/values.ts";
import { wrapped } from "../front/layout.ts";
import type { NoticeBoard } from "./notices.ts";
import { type Marking, marking } from "./marking.ts";
import type { Surroundings, TypedInput } from "./surroundings.ts";

/** A dialogue that lasts until the person leaves it or the input ends. */
export class Dialogue {
  readonly #around: Surroundings;
  readonly #notices: NoticeBoard;
  readonly #mark: Marking;
  readonly #lines: TypedInput;
  #hasEnded = false;

  /**
   * Opens standard input.
   *
   * @param notices news from the session; they are printed before the next question.
   */
  constructor(around: Surroundings, notices: NoticeBoard) {
    this.#around = around;
    this.#notices = notices;
    this.#mark = marking(around.hasColour);
    this.#lines = around.openLines();
  }

  /** Prints what the session has told, and the prompt, and reads a line; undefined if the input has ended. */
  async ask(prompt: string): Promise<string | undefined> {
    if (this.#hasEnded) return undefined;
    for (const line of this.#notices.take()) await this.say(this.#mark("notice", line));
    const shown = this.#mark("prompt", wrapped(prompt, this.#around.columns()));
    if (this.#lines.ask === undefined) await this.#around.stdout.write(shown);
    else this.#lines.ask(shown);
    const { done, value } = await this.#lines.next();
    if (done) {
      this.#hasEnded = true;
      // Where lines are edited, the cursor is at the start of one already.
      if (this.#lines.ask === undefined) await this.say("");
      return undefined;
    }
    // The output of a pipe reads as if a person had typed.
    if (!this.#around.isTyped) await this.say(printable(value));
    return value;
  }

  /** Asks until the answer makes sense; undefined if the person goes back, or the input has ended. */
  async askFor<T>(prompt: string, parse: (typed: string) => T): Promise<T | undefined> {
    for (;;) {
      const typed = await this.ask(prompt);
      if (typed === undefined || typed.trim() === "") return undefined;
      try {
        return parse(typed);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        await this.complain(error.message);
      }
    }
  }

  /** Prints a line, or several where the window is narrow. */
  async say(line: string): Promise<void> {
    await this.#around.stdout.write(`${wrapped(line, this.#around.columns())}\n`);
  }

  /** Prints a line about something that did not work. */
  async complain(line: string): Promise<void> {
    await this.say(this.#mark("bad", line));
  }
}
