/**
 * A closed loop: a fixed number of commands is always under way, until the time is up.
 *
 * @module
 */

import type { Submitter } from "../src/library/client.ts";
import { quantile } from "./statistics.ts";
import type { Workload } from "./workload.ts";

/**
 * Places in the loop whose commands are timed. A look at the clock costs as much as half a command at full load, so of
 * a thousand places a few, spread evenly, stand for all.
 */
const timedPlacesMax = 16;

/** What a loop does. */
export interface LoadOptions {
  readonly submitters: readonly Submitter[];
  /** Commands under way at each of them. */
  readonly outstanding: number;
  readonly workload: Workload;
  /** Milliseconds after which no command is sent any more. */
  readonly durationMs: number;
  /** Commands after which none is sent any more; absent: only the time ends it. */
  readonly commandsMax?: number;
  /**
   * Milliseconds between an answer and the next command in the first place, and one more in each further place: else
   * their timers would go off together. Absent: no time at all.
   */
  readonly thinkMs?: number;
  /** Whether to time every command, and look for gaps between answers. */
  readonly gaps?: boolean;
  /** Milliseconds, from anywhere on; absent: the clock of this process. */
  readonly now?: () => number;
}

/** What a loop came to. */
export interface LoadResult {
  /** Commands that were answered. */
  readonly answers: number;
  /** Commands that were answered before the time was up, per second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The longest time in which one of the submitters gave no answer; 0 unless asked for. */
  readonly gapMs: number;
  /** The longest time that a command waited for its answer; 0 unless asked for. */
  readonly longestMs: number;
}

/**
 * Runs one; resolves when all that was sent is answered.
 *
 * @throws {Error} if a command has no answer, or one that says that it was not executed.
 */
export function runLoad(options: LoadOptions): Promise<LoadResult> {
  return new ClosedLoop(options).done;
}

class ClosedLoop {
  readonly #workload: Workload;
  readonly #now: () => number;
  readonly #durationMs: number;
  readonly #commandsMax: number;
  readonly #thinkMs: number | undefined;
  readonly #ending = Promise.withResolvers<LoadResult>();
  readonly #latenciesMs: number[] = [];
  readonly #startedAt: number;
  #sent = 0;
  #answers = 0;
  /** Places that may still send. */
  #places = 0;
  #gapMs = 0;
  #longestMs = 0;
  /** Set when the time is up. */
  #end: { readonly at: number; answers: number } | undefined;
  /** The answers that come now were in the message that came when the time was up: they count, too. */
  #isLastMessage = false;

  constructor(options: LoadOptions) {
    const { submitters, outstanding, gaps = false } = options;
    this.#workload = options.workload;
    this.#now = options.now ?? (() => performance.now());
    this.#durationMs = options.durationMs;
    this.#commandsMax = options.commandsMax ?? Infinity;
    this.#thinkMs = options.thinkMs;
    const places = submitters.length * outstanding;
    const every = gaps ? 1 : Math.ceil(places / timedPlacesMax);
    this.#startedAt = this.#now();
    let place = 0;
    for (const submitter of submitters) {
      const heard = gaps ? { at: this.#startedAt } : undefined;
      for (let at = 0; at < outstanding; at++) {
        this.#open(submitter, place, place % every === 0, heard);
        place++;
      }
    }
    if (this.#places === 0) this.#finish();
  }

  get done(): Promise<LoadResult> {
    return this.#ending.promise;
  }

  /** A place: one command after the other. The functions are made once, not for every command. */
  #open(submitter: Submitter, place: number, isTimed: boolean, heard: { at: number } | undefined): void {
    let sentAt = this.#startedAt;
    const send = () => {
      if (this.#end !== undefined || this.#sent >= this.#commandsMax) return false;
      this.#sent++;
      this.#workload.send(submitter).then(answered, failed);
      return true;
    };
    const sendNext = () => {
      if (!send() && --this.#places === 0) this.#finish();
    };
    const sendLater = () => {
      if (isTimed) sentAt = this.#now();
      sendNext();
    };
    const answered = (answer: unknown) => {
      this.#answers++;
      if (this.#isLastMessage) this.#end!.answers++;
      if (!this.#workload.isDone(answer)) return failed(new Error("a command was not executed"));
      if (isTimed) {
        const now = this.#now();
        this.#note(now - sentAt, now, heard);
        sentAt = now;
      }
      if (this.#thinkMs === undefined) sendNext();
      else setTimeout(sendLater, this.#thinkMs + place);
    };
    const failed = (error: Error) => this.#ending.reject(error);
    if (send()) this.#places++;
  }

  #note(latencyMs: number, now: number, heard: { at: number } | undefined): void {
    if (heard !== undefined) {
      this.#gapMs = Math.max(this.#gapMs, now - heard.at);
      this.#longestMs = Math.max(this.#longestMs, latencyMs);
      heard.at = now;
    }
    if (this.#end !== undefined) return;
    this.#latenciesMs.push(latencyMs);
    if (now - this.#startedAt >= this.#durationMs) {
      this.#end = { at: now, answers: this.#answers };
      this.#isLastMessage = true;
      queueMicrotask(() => this.#isLastMessage = false);
    }
  }

  #finish(): void {
    const end = this.#end ?? { at: this.#now(), answers: this.#answers };
    const sorted = Float64Array.from(this.#latenciesMs).sort();
    const at = (q: number) => sorted.length === 0 ? 0 : quantile(sorted, q);
    this.#ending.resolve({
      answers: this.#answers,
      perSecond: end.answers / Math.max(end.at - this.#startedAt, Number.MIN_VALUE) * 1000,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      gapMs: this.#gapMs,
      longestMs: this.#longestMs,
    });
  }
}
