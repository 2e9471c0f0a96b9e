/**
 * The server's side of watching: gives the entries of the log to watchers, as it executes them.
 *
 * A link that begins with WATCH gets the entries after the index that it names, and then those after its last one, each
 * batch on request. So the server keeps one index of each watcher; a slow watcher has one batch under way, and delays
 * no one. A watcher that has everything waits with its question, and gets its answer in the turn that executes the next
 * entry.
 *
 * Entries of the sealed history are read block by block, in each turn as many as there is time for. A watcher that
 * wants such entries waits meanwhile; all that want the same ones wait together.
 *
 * Why any member may give entries: what a member has executed is a prefix of the order (T1), and it gives only what is
 * on its disk. So the entry of an index is the same everywhere, and no entry that a watcher saw is lost. A node gives
 * only entries of records that the engine keeps.
 *
 * @module
 */

import { entriesBytesMax, watchersMax } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import { UnreadableError } from "../../history.ts";
import type { Entries, EntryLog } from "../../state_machine.ts";
import { type Asker, Askers, type ReaderHost } from "./askers.ts";
import type { Link, LinkHandler } from "../link.ts";

/** Milliseconds within which a watcher must ask for more. One that comes back later resumes where it was. */
export const watcherSilentMs = 30_000;

/** Milliseconds without an entry after which a watcher learns that there was none: less than the time that it waits. */
export const watchHeartbeatMs = 2_000;

/** Bytes of entries that go to watchers in one turn, so that nobody waits long for watchers that catch up. */
export const watchTurnBytesMax = 2 * 1024 * 1024;

/** Milliseconds of a turn for entries, and for reading the sealed history. A block of that is read in any case. */
export const watchTurnMs = 2;

/** All links that watch the log. */
export class Watchers extends Askers<"WATCH"> {
  // A watcher may have asked for entries that exist.
  #isDue = false;
  // A watcher waits for entries of the sealed history.
  #isWaiting = false;
  // The last entry when all watchers got what existed.
  #servedUpTo = 0;

  /** There are no links yet. */
  constructor(host: ReaderHost) {
    super({ kind: "WATCH", purpose: "a watcher", askersMax: watchersMax, silentMs: watcherSilentMs }, host);
  }

  /** The first frame of a link was WATCH; undefined: it was refused. */
  override introduce(link: Link, message: MessageOf<"WATCH">): LinkHandler | undefined {
    const { cluster } = this.host;
    if (message.cluster !== undefined && message.cluster !== cluster) {
      this.host.refuse(link, "WATCH: it is of another cluster", cluster);
      return undefined;
    }
    return super.introduce(link, message);
  }

  /** The disk has everything that was executed: gives the new entries to the watchers that wait for them. */
  serve(): void {
    if (this.asking.size === 0) return;
    const log = this.host.database?.machine;
    if (log === undefined) return this.#refuseAll();
    const { lastEntry } = log;
    if (!this.#isDue && lastEntry === this.#servedUpTo) return;
    this.#isDue = false;
    this.#servedUpTo = lastEntry;
    const { cluster } = this.host;
    // Watchers at the same index, such as all that have everything, get the same bytes.
    const batches = new Map<number, Entries | "notYet">();
    let bytesLeft = watchTurnBytesMax;
    const endsAt = performance.now() + watchTurnMs;
    this.#isWaiting = false;
    for (const asker of this.asking) {
      const { after } = asker.question;
      if (after >= lastEntry) continue;
      let entries = batches.get(after);
      if (entries === undefined) {
        // To make entries takes time; to send some once more hardly does.
        this.#isDue = batches.size > 0 && performance.now() >= endsAt;
        if (this.#isDue) break;
        entries = this.#entriesFor(asker, log);
      }
      if (entries === undefined) continue;
      batches.set(after, entries);
      if (entries === "notYet") {
        this.#isWaiting = true;
        continue;
      }
      const { bytes, last } = entries;
      this.answer(asker, { kind: "ENTRIES", cluster, last, bytes });
      bytesLeft -= bytes.length;
      if (bytesLeft > 0) continue;
      this.#isDue = true;
      break;
    }
    if (this.#readHistory(log, endsAt)) this.#isDue = true;
    if (this.#isDue) this.host.scheduleLater();
  }

  /** Entries for a watcher, or why there are none now; if there can be none, the watcher is refused. */
  #entriesFor(asker: Asker<"WATCH">, log: EntryLog): Entries | "notYet" | undefined {
    try {
      return log.entriesAfter(asker.question.after, entriesBytesMax);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      this.refuse(asker, `WATCH: its history is damaged: ${error.message}; ask another ${this.host.words.kind}`);
      return undefined;
    }
  }

  /** Reads sealed history until the turn ends, and at least a block. Returns whether there was any to read. */
  #readHistory(log: EntryLog, endsAt: number): boolean {
    if (log.readHistory === undefined) return false;
    let now = performance.now();
    if (!log.readHistory(now)) return false;
    do now = performance.now(); while (now < endsAt && log.readHistory(now));
    return true;
  }

  /** Time has passed: a watcher that has waited for long gets an empty answer. */
  override pass(elapsedMs: number): void {
    super.pass(elapsedMs);
    // The history that they wait for may have its turn now.
    if (this.#isWaiting) this.#isDue = true;
    const { cluster } = this.host;
    for (const asker of this.waitingFor(watchHeartbeatMs)) {
      const { after: last } = asker.question;
      this.answer(asker, { kind: "ENTRIES", cluster, last, bytes: nothing });
    }
  }

  /** A watcher has asked: entries for it may exist. */
  protected override asked(): void {
    this.#isDue = true;
    super.asked();
  }

  #refuseAll(): void {
    const { notYet, kind } = this.host.words;
    for (const asker of this.asking) this.refuse(asker, `WATCH: ${notYet}; ask again later, or ask another ${kind}`);
  }
}

const nothing = new Uint8Array(0);
