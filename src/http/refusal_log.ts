/**
 * The lines about refused requests: one for each in the log, up to a number per second; and at most one a minute for
 * people.
 *
 * @module
 */

import { httpRefusalLinesPerSecond, httpRefusalSummaryMs } from "../limits.ts";
import { printable, quotedShort } from "../quoted.ts";
import type { GatewayOptions } from "./gateway_options.ts";
import type { HttpProblem } from "./problems.ts";

/** Statuses of requests that make sense, but not now: these are not refusals. */
const ordinary = new Set([404, 409, 410, 412]);

/** Where the lines go. */
type RefusalSinks = Pick<GatewayOptions, "log" | "logRefusal" | "refusalHint" | "now">;

/** Writes the lines. */
export class RefusalLog {
  readonly #sinks: RefusalSinks;
  readonly #kept: BoundedLines;
  readonly #faults: BoundedLines;
  /** When people got a line last. */
  #saidAt = -Infinity;
  /** How many requests were refused after that. */
  #unsaid = 0;
  /** Whether one of them got an error, so that it may have been executed. */
  #hasErrors = false;
  #last = "";

  /** @param sinks where the lines go. */
  constructor(sinks: RefusalSinks) {
    this.#sinks = sinks;
    this.#kept = new BoundedLines((line) => sinks.logRefusal?.(line), () => sinks.now());
    this.#faults = new BoundedLines((line) => sinks.log(line), () => sinks.now());
  }

  /** Takes a request whose response is a problem. */
  refused(method: string, url: string, problem: HttpProblem): void {
    if (ordinary.has(problem.status)) return;
    const begin = url.indexOf("/", url.indexOf("://") + 3);
    const path = begin < 0 ? url : url.slice(begin);
    this.#last = `${printable(method)} ${quotedShort(path)} with ${problem.status}: ${printable(problem.detail)}`;
    this.#unsaid++;
    // A request whose outcome is unknown was not refused.
    const isError = problem.status >= 500;
    this.#hasErrors ||= isError;
    this.#kept.line(`${isError ? "Error for" : "Refused"} ${this.#last}`);
    this.beat();
  }

  /** Takes a fault of the gateway itself, which people learn at once. */
  fault(text: string): void {
    this.#kept.line(text);
    this.#faults.line(text);
  }

  /** Gives people their line if a minute has passed; the owner calls it regularly. */
  beat(): void {
    if (this.#unsaid === 0 || this.#sinks.now() - this.#saidAt < httpRefusalSummaryMs) return;
    this.#tell();
  }

  /** Gives people the last line. */
  close(): void {
    if (this.#unsaid > 0) this.#tell();
  }

  #tell(): void {
    const { refusalHint } = this.#sinks;
    const where = refusalHint === undefined ? "" : `; ${refusalHint}`;
    const became = this.#hasErrors ? "got an error" : this.#unsaid === 1 ? "was refused" : "were refused";
    const what = this.#unsaid === 1
      ? `An HTTP request ${became}: ${this.#last}`
      : `${this.#unsaid} HTTP requests ${became} in the last minute; the last: ${this.#last}`;
    this.#saidAt = this.#sinks.now();
    this.#unsaid = 0;
    this.#hasErrors = false;
    this.#sinks.log(what + where);
  }
}

/** Passes on the number of lines in a second that a person can read, and counts the rest. */
class BoundedLines {
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
