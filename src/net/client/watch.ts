/**
 * The client's side of watching: the entries of the database's log, each once and in order, as they are executed.
 *
 * Every member of a view executes the same requests in the same order, so the entries have the same indices everywhere,
 * and an index is all that a watcher needs to go on at another replica when one is lost.
 *
 * @module
 */

import { watchAnswerMs, watchWaitMs, wireVersion } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { Entries } from "../../state_machine.ts";
import { pause } from "../../runtime/within.ts";
import { describeTried, Inquiry, InquiryError } from "./inquiry.ts";

export type { Entries };

/** No replica gives entries any more; the message names every address tried. */
export class WatchError extends Error {
  /** What kind of error it is. */
  override name = "WatchError";
}

/** What is watched, and who hears of it. */
export interface WatchOptions {
  /** The cluster that the log is of; absent: that of the first replica which answers. */
  readonly cluster?: string;
  /** The index of the last entry that is known already; 0: everything is wanted. */
  readonly after: number;
  /** `host:port` of the replicas that there are, whenever it is asked. */
  addresses(): readonly string[];
  /** Is told once that a replica does not give entries, and why; another one is asked, or the same again. */
  readonly onTrouble?: (address: string, reason: string) => void;
  /** Aborting it ends all links, and the entries. */
  readonly signal?: AbortSignal;
  /** Milliseconds without an answer from any replica after which it gives up; 15 s. */
  readonly waitMs?: number;
  /** Milliseconds within which a replica must have answered; 5 s, which is more than it waits for an entry. */
  readonly answerMs?: number;
}

// Between two rounds in which no replica gave anything; it doubles each time.
const roundPauseMsMin = 50;
const roundPauseMsMax = 500;

/**
 * Watches the log of the database: gives the entries after `after` in batches, each entry once, in order and without
 * gaps, those that are there and then those that come, until it is aborted.
 *
 * @throws {WatchError} if no replica has answered for `waitMs`.
 */
export async function* watchEntries(options: WatchOptions): AsyncGenerator<Entries, void> {
  const { onTrouble, signal, waitMs = watchWaitMs } = options;
  const watching = new Watching(options);
  const { reasons } = watching;
  while (!signal?.aborted) {
    // The last member has the least to do: the first one answers clients, and feeds newcomers.
    for (const address of options.addresses().toReversed()) {
      const reason = yield* watching.at(address);
      if (signal?.aborted) return;
      const isNew = reasons.get(address) !== reason;
      reasons.set(address, reason);
      if (isNew) onTrouble?.(address, reason);
    }
    if (performance.now() - watching.heardAt >= waitMs) {
      throw new WatchError(`No replica gives entries: ${describeTried(reasons)}`);
    }
    await pause(watching.nextPause(), signal);
  }
}

/** How far somebody has come who watches. */
class Watching {
  /** Why replicas gave nothing, since one has answered. */
  readonly reasons = new Map<string, string>();
  /** When an answer was there, or was wanted again. */
  heardAt: number = performance.now();
  readonly #options: WatchOptions;
  #cluster: string | undefined;
  #after: number;
  #pauseMs = roundPauseMsMin;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
    this.#after = options.after;
  }

  /** What one replica gives, and returns why it gives no more. */
  async *at(address: string): AsyncGenerator<Entries, string> {
    const { answerMs = watchAnswerMs, signal } = this.#options;
    const inquiry = new Inquiry({ answer: "ENTRIES", purpose: "a watcher", answerMs, signal });
    try {
      await inquiry.open(address);
      for (;;) {
        const question = { kind: "WATCH", version: wireVersion, cluster: this.#cluster, after: this.#after } as const;
        const answer = await inquiry.ask(question);
        const refusal = this.#whyNot(answer);
        if (refusal !== undefined) return refusal;
        this.#heard();
        this.#cluster = answer.cluster;
        if (answer.bytes.length === 0) continue;
        this.#after = answer.last;
        yield { bytes: answer.bytes, last: answer.last };
        // Whoever takes the entries may have taken its time.
        this.heardAt = performance.now();
      }
    } catch (error) {
      if (error instanceof InquiryError) return error.message;
      throw error;
    } finally {
      inquiry.end("is not needed any more");
    }
  }

  /** Milliseconds to wait after a round in which nobody gave anything. */
  nextPause(): number {
    const ms = this.#pauseMs;
    this.#pauseMs = Math.min(2 * ms, roundPauseMsMax);
    return ms;
  }

  #heard(): void {
    this.heardAt = performance.now();
    this.#pauseMs = roundPauseMsMin;
    this.reasons.clear();
  }

  #whyNot({ cluster, last, bytes }: MessageOf<"ENTRIES">): string | undefined {
    if (cluster !== (this.#cluster ?? cluster)) return "is of another cluster";
    const follows = bytes.length === 0 ? last === this.#after : last > this.#after;
    return follows ? undefined : `sent entries up to ${last}, which do not follow ${this.#after}`;
  }
}
