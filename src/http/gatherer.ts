/**
 * Gathers the commands of many connections, so that they go to the cluster in one request of the protocol. Else each
 * HTTP request would have a turn of its own, and each of its commands would cost a system call for every replica.
 *
 * A round begins with its first command. It goes when the event loop has looked at everything that has come; or, while
 * another round is under way, when that one has its outputs, or is late. So a single client never waits, and rounds
 * grow with the load.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import { ByteWriter } from "../bytes.ts";
import type { Reply, Submitter } from "../library/client.ts";

/** Milliseconds for which a round waits for the outputs of the one before it: far longer than these mostly take. */
const usualHoldMs = 20;

/** How commands are gathered. */
export interface GathererOptions {
  /** Hears of each output: the place of its command among all, when its round began, and whether it was a read. */
  readonly onOutput?: (index: number, beganAt: number, isRead: boolean) => void;
  /** Milliseconds for which a round waits for the one before it, and twice as many at most; absent: a few. */
  readonly holdMs?: number;
  /** Gives the entries of the log: these are not commands, and wait for no round. */
  readonly entries?: Submitter["entries"];
}

/** Bytes of the buffer for commands that is kept between rounds: enough for many small ones. */
const keptBytes = 64 * 1024;

/** A command that waits for its round. */
interface Waiting {
  /** Where its bytes are among those of the round. */
  readonly start: number;
  readonly end: number;
  readonly outputBytesMax: number;
  readonly isRead: boolean;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

/** Submits the commands of a round together. */
export class Gatherer implements Submitter {
  /** Commands that were submitted to this, and have no output. */
  unanswered = 0;
  readonly #submitter: Submitter;
  readonly #onOutput: Required<GathererOptions>["onOutput"];
  readonly #holdMs: number;
  /** Gives the entries of the log, if anything does. */
  readonly entries: Submitter["entries"];
  #waiting: Waiting[] = [];
  /** Their bytes: memory of its own for each would cost more than all else that is done for it here. */
  #bytes = new ByteWriter();
  /** When the first of these came. */
  #beganAt = 0;
  /** Commands of the last round that went, without an output. */
  #before = { unanswered: 0 };
  #round: ReturnType<typeof setImmediate> | undefined;
  #hold: ReturnType<typeof setTimeout> | undefined;

  /** Begins without commands. @param submitter takes them. */
  constructor(submitter: Submitter, { onOutput = () => {}, holdMs = usualHoldMs, entries }: GathererOptions = {}) {
    this.entries = entries;
    this.#submitter = submitter;
    this.#onOutput = onOutput;
    this.#holdMs = holdMs;
  }

  /** The time now by the clock of a replica, if that is known. */
  replicaNowMs(): number | undefined {
    return this.#submitter.replicaNowMs?.();
  }

  /** How many commands wait for their round. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Submits a command with the next round; its bytes are copied before this returns, and again in that round. */
  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    return this.#gather(command, outputBytesMax, false);
  }

  /** The same for a command that changes nothing. */
  read(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    return this.#gather(command, outputBytesMax, true);
  }

  #gather(command: Uint8Array, outputBytesMax: number, isRead: boolean): Promise<Reply> {
    this.unanswered++;
    if (this.#waiting.length === 0) this.#beganAt = performance.now();
    return new Promise((resolve, reject) => {
      const start = this.#bytes.length;
      this.#bytes.raw(command);
      this.#waiting.push({ start, end: this.#bytes.length, outputBytesMax, isRead, resolve, reject });
      this.#schedule();
    });
  }

  /** Submits what waits, now. */
  flush(): void {
    this.#endHold();
    this.#submitRound();
  }

  #submitRound(): void {
    if (this.#round !== undefined) clearImmediate(this.#round);
    this.#round = undefined;
    const round = this.#waiting;
    if (round.length === 0) return;
    this.#waiting = [];
    const bytes = this.#bytes.view();
    if (bytes.length <= keptBytes) this.#bytes.clear();
    else this.#bytes = new ByteWriter();
    const commands = { unanswered: round.length };
    this.#before = commands;
    const beganAt = this.#beganAt;
    const end = () => {
      this.unanswered--;
      if (--commands.unanswered > 0) return;
      // The next round is on its way before the responses to this one are made, which takes the longest.
      if (this.#before === commands) this.#submitRound();
      if (this.unanswered === 0) this.#endHold();
    };
    for (const { start, end: until, outputBytesMax, isRead, resolve, reject } of round) {
      this.#submit(bytes.subarray(start, until), outputBytesMax, isRead).then((reply) => {
        this.#onOutput(reply.index, beganAt, isRead);
        end();
        resolve(reply);
      }, (error) => {
        end();
        reject(error);
      });
    }
  }

  #schedule(): void {
    if (this.#waiting.length === 0) return;
    const before = this.#before;
    if (before.unanswered === 0) this.#round ??= setImmediate(() => this.#submitRound());
    else this.#hold ??= setTimeout(() => this.#afterHold(before), this.#holdMs);
  }

  /** A hold lasts until nothing is under way: a timer for each round would cost more than the round itself. */
  #afterHold(before: object): void {
    this.#hold = undefined;
    if (this.#before === before) this.#submitRound();
    else this.#schedule();
  }

  #endHold(): void {
    if (this.#hold !== undefined) clearTimeout(this.#hold);
    this.#hold = undefined;
  }

  #submit(command: Uint8Array, outputBytesMax: number, isRead: boolean): Promise<Reply> {
    const submitter = this.#submitter;
    try {
      if (isRead && submitter.read !== undefined) return submitter.read(command, outputBytesMax);
      return submitter.submit(command, outputBytesMax);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}
