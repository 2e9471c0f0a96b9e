/**
 * What a gateway says of the requests that it refuses: a line for each to whoever keeps them, as many in a second as
 * somebody can read; and for people at most one line a minute.
 *
 * @module
 */

import { printable, quotedShort } from "../quoted.ts";
import { httpRefusalLinesPerSecond, httpRefusalSummaryMs } from "../limits.ts";
import type { Problem } from "./problems.ts";

/** What somebody asked that was not refused: it may well be so, and the answer says so. */
const ordinary = new Set([404, 409, 410, 412]);

/** Where the lines go. */
export interface RefusalSinks {
  /** Takes a line for people, without its end. */
  readonly say: (line: string) => void;
  /** Takes a line for each refused request; absent: none is kept. */
  readonly keep?: (line: string) => void;
  /** Where each is found, or how that is had, as the end of a sentence; absent: that is not said. */
  readonly hint?: string;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Writes the lines. */
export class RefusalLog {
  readonly #sinks: RefusalSinks;
  readonly #kept: Bounded;
  readonly #faults: Bounded;
  /** When people were told last. */
  #saidAt = -Infinity;
  /** How many were refused after that. */
  #unsaid = 0;
  /** Whether there are some among them that were not refused, and not done for certain either. */
  #hasErrors = false;
  #last = "";

  /** @param sinks where the lines go. */
  constructor(sinks: RefusalSinks) {
    const { say, keep = () => {}, now } = sinks;
    this.#sinks = sinks;
    this.#kept = new Bounded(keep, now);
    this.#faults = new Bounded(say, now);
  }

  /** A request was answered with a problem. */
  refused(method: string, url: string, problem: Problem): void {
    if (ordinary.has(problem.status)) return;
    const begin = url.indexOf("/", url.indexOf("://") + 3);
    const path = begin < 0 ? url : url.slice(begin);
    this.#last = `${printable(method)} ${quotedShort(path)} with ${problem.status}: ${printable(problem.detail)}`;
    this.#unsaid++;
    // Of one whose outcome is unknown, nobody may say that it was refused.
    const isError = problem.status >= 500;
    this.#hasErrors ||= isError;
    this.#kept.line(`${isError ? "Error for" : "Refused"} ${this.#last}`);
    this.beat();
  }

  /** A fault of the gateway itself: people are told at once. */
  fault(text: string): void {
    this.#kept.line(text);
    this.#faults.line(text);
  }

  /** Tells people of what was refused, if a minute has passed; called now and then. */
  beat(): void {
    if (this.#unsaid === 0 || this.#sinks.now() - this.#saidAt < httpRefusalSummaryMs) return;
    this.#tell();
  }

  /** Tells people of what was refused since they were told last; nothing comes after it. */
  close(): void {
    if (this.#unsaid > 0) this.#tell();
  }

  #tell(): void {
    const { say, hint, now } = this.#sinks;
    const where = hint === undefined ? "" : `; ${hint}`;
    const became = this.#hasErrors ? "got an error" : this.#unsaid === 1 ? "was refused" : "were refused";
    const what = this.#unsaid === 1
      ? `An HTTP request ${became}: ${this.#last}`
      : `${this.#unsaid} HTTP requests ${became} in the last minute; the last: ${this.#last}`;
    this.#saidAt = now();
    this.#unsaid = 0;
    this.#hasErrors = false;
    say(what + where);
  }
}

/** Passes on as many lines in a second as somebody can read, and counts the others. */
class Bounded {
  readonly #pass: (line: string) => void;
  readonly #now: () => number;
  #second = 0;
  #passed = 0;
  #leftOut = 0;

  constructor(pass: (line: string) => void, now: () => number) {
    this.#pass = pass;
    this.#now = now;
  }

  line(text: string): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      if (this.#leftOut > 0) this.#pass(`(${this.#leftOut} lines about requests left out)`);
      this.#second = second;
      this.#passed = 0;
      this.#leftOut = 0;
    }
    if (this.#passed >= httpRefusalLinesPerSecond) {
      this.#leftOut++;
    } else {
      this.#passed++;
      this.#pass(text);
    }
  }
}
