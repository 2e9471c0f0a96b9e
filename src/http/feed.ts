/**
 * The log as it comes from the cluster: one subscription for the whole gateway, which feeds the mirror and whoever
 * watches.
 *
 * @module
 */

import { decodeEntries, type Entry } from "../client.ts";
import { mirrorRetryMs } from "../limits.ts";
import type { Entries } from "../state_machine.ts";
import { logName } from "./log_name.ts";
import type { Mirror } from "./mirror.ts";

/** Where the entries come from. */
export interface EntrySource {
  /** The cluster that they are of; another one if it was started anew. */
  readonly cluster: string;
  /**
   * The entries after an index, those that are there and those that come, until it is aborted.
   *
   * @throws {Error} if no replica gives any; it may be tried again.
   */
  watch(after: number, cluster: string, signal: AbortSignal): AsyncIterable<Entries>;
}

/** Is told of what comes. */
export interface FeedListener {
  /** The next entries, which came in so many bytes; the mirror has them. */
  onEntries(entries: readonly Entry[], size: number): void;
  /** The cluster was started anew, and may lack what was there before. */
  onRestart(): void;
}

/** The subscription. */
export class Feed {
  readonly #source: EntrySource;
  readonly #mirror: Mirror;
  readonly #listener: FeedListener;
  readonly #log: (line: string) => void;
  readonly #aborting = new AbortController();
  readonly #ended: Promise<void>;
  #cluster: string;
  #wanted: { readonly position: number; readonly reached: () => void }[] = [];
  #timer: { readonly id: ReturnType<typeof setTimeout>; readonly ring: () => void } | undefined;

  /** Begins at once. */
  constructor(source: EntrySource, mirror: Mirror, listener: FeedListener, log: (line: string) => void) {
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
    clearTimeout(this.#timer?.id);
    this.#timer?.ring();
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
      if (!signal.aborted && this.#source.cluster === this.#cluster) await this.#pause();
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

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#timer = { id: setTimeout(resolve, mirrorRetryMs), ring: resolve };
    await promise;
    this.#timer = undefined;
  }
}
