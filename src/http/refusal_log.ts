/**
 * One line for each request that was refused, as many in a second as somebody can read; the others are counted.
 *
 * @module
 */

import { printable, quotedShort } from "../database/quoted.ts";
import { httpRefusalLinesPerSecond } from "../limits.ts";
import type { Problem } from "./problems.ts";

/** What somebody asked that was not refused: it may well be so, and the answer says so. */
const ordinary = new Set([404, 409, 410, 412]);

/** Writes the lines. */
export class RefusalLog {
  readonly #write: (line: string) => void;
  readonly #now: () => number;
  #second = 0;
  #written = 0;
  #leftOut = 0;

  /**
   * @param write takes a line without its end.
   * @param now milliseconds.
   */
  constructor(write: (line: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** A request was answered with a problem. */
  refused(method: string, url: string, problem: Problem): void {
    if (ordinary.has(problem.status)) return;
    const begin = url.indexOf("/", url.indexOf("://") + 3);
    const path = begin < 0 ? url : url.slice(begin);
    this.line(`Refused ${printable(method)} ${quotedShort(path)} with ${problem.status}: ${printable(problem.detail)}`);
  }

  /** Something else is to be said. */
  line(text: string): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      if (this.#leftOut > 0) this.#write(`(${this.#leftOut} lines about requests left out)`);
      this.#second = second;
      this.#written = 0;
      this.#leftOut = 0;
    }
    if (this.#written >= httpRefusalLinesPerSecond) {
      this.#leftOut++;
    } else {
      this.#written++;
      this.#write(text);
    }
  }
}
