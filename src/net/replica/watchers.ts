/**
 * The replica's side of watching: gives the entries of the database's log to whoever asks, as they are executed.
 *
 * A link that begins with WATCH gets the entries after the index that it names, and then those after the last one that it
 * was given, each batch when it is asked for. So what is kept of a watcher is an index; one that does not read, or that is
 * slow, has one batch under way, and makes nobody wait. One that has everything waits with its question, and is answered
 * in the turn in which the next entry is executed.
 *
 * Why it may come from any member: what a member has executed is a prefix of the order (T1), and what is said is on the
 * disk. So the entry of an index is the same wherever it is read, and no entry that was given is lost.
 *
 * @module
 */

import { watchBytesMax, watcherSilentMs, watchersMax, watchHeartbeatMs, watchTurnBytesMax } from "../../limits.ts";
import type { MessageOf } from "../../protocol/wire/messages.ts";
import type { Entries, EntryLog } from "../../state_machine.ts";
import { Askers, type AskersHost } from "./askers.ts";
import type { Link, LinkHandler } from "../link.ts";

/** The replica whose log it is. */
export interface WatcherHost extends AskersHost {
  readonly cluster: string;
  /** The log as it is now; undefined if this replica may not know what was answered. */
  entryLog(): EntryLog | undefined;
  /** Has {@link Watchers.serve} called again, after what the sockets have brought meanwhile. */
  scheduleLater(): void;
}

/** All who watch the log of this replica. */
export class Watchers extends Askers<"WATCH"> {
  readonly #host: WatcherHost;
  // Somebody may have asked for entries that are there.
  #isDue = false;
  // The last entry when all were given what there was.
  #servedUpTo = 0;

  /** Nobody watches yet. */
  constructor(host: WatcherHost) {
    super({ kind: "WATCH", purpose: "a watcher", askersMax: watchersMax, silentMs: watcherSilentMs }, host);
    this.#host = host;
  }

  /** The first frame of a link was WATCH; undefined: it was refused. */
  override introduce(link: Link, message: MessageOf<"WATCH">): LinkHandler | undefined {
    const { cluster } = this.#host;
    if (message.cluster !== undefined && message.cluster !== cluster) {
      this.#host.refuse(link, "WATCH: it is of another cluster", cluster);
      return undefined;
    }
    return super.introduce(link, message);
  }

  /** What was executed is on the disk: gives what there is to those who wait for it. */
  serve(): void {
    if (this.asking.size === 0) return;
    const log = this.#host.entryLog();
    if (log === undefined) return this.#refuseAll();
    const { lastEntry } = log;
    if (!this.#isDue && lastEntry === this.#servedUpTo) return;
    this.#isDue = false;
    this.#servedUpTo = lastEntry;
    const { cluster } = this.#host;
    // Those who are at the same index, as all are who have everything, are given the same bytes.
    const batches = new Map<number, Entries>();
    let bytesLeft = watchTurnBytesMax;
    for (const asker of this.asking) {
      const { after } = asker.question;
      const entries = after >= lastEntry ? undefined : batches.get(after) ?? log.entriesAfter(after, watchBytesMax);
      if (entries === undefined) continue;
      batches.set(after, entries);
      const { bytes, last } = entries;
      this.answer(asker, { kind: "ENTRIES", cluster, last, bytes });
      bytesLeft -= bytes.length;
      if (bytesLeft > 0) continue;
      this.#isDue = true;
      return this.#host.scheduleLater();
    }
  }

  /** Time has passed: who has waited for long hears that there is nothing. */
  override pass(elapsedMs: number): void {
    super.pass(elapsedMs);
    const { cluster } = this.#host;
    for (const asker of this.waitingFor(watchHeartbeatMs)) {
      const { after: last } = asker.question;
      this.answer(asker, { kind: "ENTRIES", cluster, last, bytes: nothing });
    }
  }

  /** Somebody has asked: there may be entries for it. */
  protected override asked(): void {
    this.#isDue = true;
    super.asked();
  }

  #refuseAll(): void {
    for (const asker of this.asking) {
      this.refuse(asker, "WATCH: it is no member of a view yet; ask again later, or another replica");
    }
  }
}

const nothing = new Uint8Array(0);
