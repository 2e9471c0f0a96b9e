/**
 * The lines about refused requests: one for each in the log, up to a number per second; and at most one a minute for
 * people.
 *
 * @module
 */

import { printable, quotedShort } from "../quoted.ts";
import type { GatewayOptions, RefusalLevel } from "./gateway_options.ts";
import type { HttpProblem } from "./problems.ts";
import { urlParts } from "./url_parts.ts";

/** Lines about refused HTTP requests that are logged in a second. The others are counted. */
const httpRefusalLinesPerSecond = 10;

/** Milliseconds between two lines for people about refused HTTP requests. */
const httpRefusalSummaryMs = 60_000;

/** Statuses of requests that make sense, but not now: these are not refusals. */
const ordinary = new Set([404, 409, 410, 412]);

/** Writes the lines. */
export class RefusalLog {
  readonly #sinks: Pick<GatewayOptions, "log" | "refusalHint" | "now">;
  readonly #keep: (line: string, level: RefusalLevel) => void;
  readonly #tellFault: (line: string, level: RefusalLevel) => void;
  /** When people got a line last. */
  #saidAt = -Infinity;
  /** How many requests were refused after that. */
  #unsaid = 0;
  /** Whether one of them got an error, so that it may have been executed. */
  #hasErrors = false;
  #last = "";

  /** @param options where the lines go. */
  constructor(options: Pick<GatewayOptions, "log" | "logRefusal" | "refusalHint" | "now">) {
    this.#sinks = options;
    this.#keep = bounded((line, level) => options.logRefusal?.(line, level), () => options.now());
    this.#tellFault = bounded((line) => options.log(line), () => options.now());
  }

  /** Takes a request whose response is a problem. */
  refused(method: string, url: string, problem: HttpProblem): void {
    if (ordinary.has(problem.status)) return;
    const target = url.slice(urlParts(url).origin.length) || url;
    const what = `${printable(method)} ${quotedShort(withoutTokens(target))} with ${problem.status}`;
    this.#last = `${what}: ${printable(withoutTokens(problem.message))}`;
    this.#unsaid++;
    // A request whose outcome is unknown was not refused.
    const isError = problem.status >= 500;
    this.#hasErrors ||= isError;
    this.#keep(`${isError ? "Error for" : "Refused"} ${this.#last}`, isError ? "error" : "warn");
    this.beat();
  }

  /** Takes a fault of the gateway itself, which people learn at once. */
  fault(text: string): void {
    this.#keep(text, "error");
    this.#tellFault(text, "error");
  }

  /** Gives people their line if a minute has passed; the owner calls it regularly. */
  beat(): void {
    if (this.#sinks.now() - this.#saidAt >= httpRefusalSummaryMs) this.close();
  }

  /** Gives people the last line. */
  close(): void {
    if (this.#unsaid === 0) return;
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

/** A text without the tokens that somebody has put into it, such as into a URL, where none belongs. */
function withoutTokens(text: string): string {
  return text.replace(/\bvaxlog_[\w-]{20,}/g, "vaxlog_…").replace(/(\btoken(?:=|%3d))[^&\s"]+/gi, "$1…");
}

/** Passes on the number of lines in a second that a person can read, and counts the rest. */
function bounded(
  pass: (line: string, level: RefusalLevel) => void,
  now: () => number,
): (line: string, level: RefusalLevel) => void {
  let second = 0;
  let lines = 0;
  return (line, level) => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      const leftOut = lines - httpRefusalLinesPerSecond;
      if (leftOut > 0) pass(`(${leftOut} lines about requests left out)`, "warn");
      second = current;
      lines = 0;
    }
    if (++lines <= httpRefusalLinesPerSecond) pass(line, level);
  };
}
