/**
 * Follows the log of the cluster: one subscription for the whole gateway feeds the mirror and all watchers.
 *
 * @module
 */

import { decodeEntries, type Entry } from "../client.ts";
import { mirrorRetryMs } from "../limits.ts";
import { pause } from "../runtime/within.ts";
import type { Entries } from "../state_machine.ts";
import { logName } from "./log_name.ts";
import type { Mirror } from "./mirror.ts";

/** Where the entries come from. */
export interface EntrySource {
  /** The id of their cluster; it changes when the cluster starts again from nothing. */
  readonly cluster: string;
  /**
   * The entries after an index, old and new ones, until the signal aborts.
   *
   * @throws {Error} if no replica gives any; the caller may try again.
   */
  watch(after: number, cluster: string, signal: AbortSignal): AsyncIterable<Entries>;
}

/** Takes the entries of the log. */
export interface LogListener {
  /** The next entries, and their size in bytes; the mirror has them already. */
  onEntries(entries: readonly Entry[], size: number): void;
  /** Another cluster has begun, which may lack what was there before. */
  onRestart(): void;
}

/** The subscription to the log. */
export class LogFollower {
  readonly #source: EntrySource;
  readonly #mirror: Mirror;
  readonly #listener: LogListener;
  readonly #log: (line: string) => void;
  readonly #aborting = new AbortController();
  readonly #ended: Promise<void>;
  #cluster: string;
  #wanted: { readonly position: number; readonly reached: () => void }[] = [];

  /** Starts at once. */
  constructor(source: EntrySource, mirror: Mirror, listener: LogListener, log: (line: string) => void) {
    this.#source = source;
    this.#mirror = mirror;
    this.#listener = listener;
    this.#log = log;
    this.#cluster = source.cluster;
    mirror.begin(logName(this.#cluster));
    this.#ended = this.#follow();
  }

  /** Resolves when the mirror has the entry of this index. */
  reached(position: number): Promise<void> {
    if (this.#mirror.position >= position) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wanted.push({ position, reached: resolve });
    return promise;
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#aborting.abort();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#aborting;
    while (!signal.aborted) {
      this.#noticeRestart();
      try {
        for await (const { bytes } of this.#source.watch(this.#mirror.position, this.#cluster, signal)) {
          this.#take(decodeEntries(bytes), bytes.length);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#log(`No entries come: ${error instanceof Error ? error.message : error}`);
      }
      if (this.#source.cluster === this.#cluster) {
        await pause(mirrorRetryMs, signal);
      }
    }
  }

  #take(entries: readonly Entry[], size: number): void {
    for (const entry of entries) this.#mirror.take(entry);
    this.#listener.onEntries(entries, size);
    const { position } = this.#mirror;
    if (this.#wanted.length === 0) return;
    for (const { position: wanted, reached } of this.#wanted) if (wanted <= position) reached();
    this.#wanted = this.#wanted.filter(({ position: wanted }) => wanted > position);
  }

  #noticeRestart(): void {
    const { cluster } = this.#source;
    if (cluster === this.#cluster) return;
    this.#cluster = cluster;
    this.#mirror.begin(logName(cluster));
    this.#listener.onRestart();
  }
}
