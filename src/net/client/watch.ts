/**
 * The client's side of watching: follows the log, and gives each entry once and in order.
 *
 * Every member of a view executes the same requests in the same order, so an entry has the same index everywhere. When
 * a watcher loses its replica, the index of its last entry is all that it needs to continue at another.
 *
 * @module
 */

import { wireVersion } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { Entries } from "../../state_machine.ts";
import { pause } from "../../runtime/within.ts";
import { openingWith, type Reach } from "../opening.ts";
import { describeTried, Inquiry, InquiryError } from "./inquiry.ts";

/** Milliseconds without anything from any replica after which a watch gives up. */
export const watchWaitMs = 15_000;

/** Milliseconds within which a replica must send something to a watcher. Then the watcher turns to another replica. */
export const watchAnswerMs = 5_000;

export type { Entries };

/** No replica gives entries; the message names every address tried. */
export class WatchError extends Error {
  /** The name of the class. */
  override name = "WatchError";
}

/** What to watch, and how. */
export interface WatchOptions extends Reach {
  /** The cluster whose log it is; absent: that of the first replica that answers. */
  readonly cluster?: string;
  /** The index of the last entry that the watcher knows; 0: none. */
  readonly after: number;
  /** `host:port` of the present replicas; called in each round. */
  addresses(): readonly string[];
  /** Is called once when a replica gives no entries, with the reason; then another one is asked, or the same again. */
  readonly onTrouble?: (address: string, reason: string) => void;
  /** Aborting it ends all links, and the entries. */
  readonly signal?: AbortSignal;
  /** Milliseconds without an answer from any replica before it gives up; 15,000 if absent. */
  readonly waitMs?: number;
  /**
   * Milliseconds within which a replica must answer; 5,000 if absent, which is longer than a replica waits for an
   * entry.
   */
  readonly answerMs?: number;
}

// The pause after a round in which no replica gave anything; it doubles each time.
const roundPauseMsMin = 50;
const roundPauseMsMax = 500;

/**
 * Follows the log: gives the entries after `after` in batches, first those that exist and then each new one, until it
 * is aborted. Each entry comes once, in order and without gaps.
 *
 * @throws {WatchError} if no replica answers for `waitMs`.
 */
export async function* watchEntries(options: WatchOptions): AsyncGenerator<Entries, void> {
  const { onTrouble, signal, waitMs = watchWaitMs } = options;
  const watching = new Watching(options);
  const { reasons } = watching;
  while (!signal?.aborted) {
    // The last member has the least to do: the first one sends outputs to clients, and feeds newcomers.
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

/** How far a watcher has come. */
class Watching {
  /** Why replicas gave nothing since the last answer. */
  readonly reasons = new Map<string, string>();
  /** When the last answer came, or the watcher was ready for the next. */
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

  /** Yields what one replica gives, and returns why it gives no more. */
  async *at(address: string): AsyncGenerator<Entries, string> {
    const { answerMs = watchAnswerMs, signal } = this.#options;
    const opening = openingWith("watch", this.#options);
    using inquiry = new Inquiry({ answers: ["ENTRIES"], purpose: "a watcher", opening, answerMs, signal });
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
        // The consumer may have taken its time.
        this.heardAt = performance.now();
      }
    } catch (error) {
      if (error instanceof InquiryError) return error.message;
      throw error;
    }
  }

  /** Milliseconds to wait after a round in which no replica gave anything. */
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
