/**
 * Follows the log of the cluster: one subscription for the whole gateway feeds the mirror and all watchers.
 *
 * @module
 */

import { decodeEntries, type Entry } from "../client.ts";
import { mirrorRetryMs } from "../limits.ts";
import { reasonOf } from "../reason.ts";
import { pause } from "../runtime/within.ts";
import type { ClusterLink } from "./gateway_options.ts";
import { Mirror } from "./mirror.ts";

/** Takes the entries of the log. */
interface LogListener {
  /** The next entries, and their size in bytes; the mirror has them already. */
  onEntries(entries: readonly Entry[], size: number): void;
  /** Another cluster has begun, which may lack what was there before. */
  onRestart(): void;
  /** Takes a line for the person who runs the gateway. */
  log(line: string): void;
}

/** The subscription to the log. */
export class LogFollower {
  readonly #link: ClusterLink;
  readonly #listener: LogListener;
  readonly #aborting = new AbortController();
  readonly #ended: Promise<void>;
  #mirror: Mirror;
  /** Resolves when the next entries come. */
  #progress = Promise.withResolvers<void>();

  /** Starts at once. */
  constructor(link: ClusterLink, listener: LogListener) {
    this.#link = link;
    this.#listener = listener;
    this.#mirror = new Mirror(link.session.cluster);
    this.#ended = this.#follow();
  }

  /** The sites as the log of the present cluster says. */
  get mirror(): Mirror {
    return this.#mirror;
  }

  /** Resolves when the mirror has the entry of this index. */
  async reached(position: number): Promise<void> {
    while (this.#mirror.position < position) await this.#progress.promise;
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
        for await (const { bytes } of this.#link.watch(this.#mirror.position, this.#mirror.cluster, signal)) {
          const entries = decodeEntries(bytes);
          for (const entry of entries) this.#mirror.take(entry);
          this.#listener.onEntries(entries, bytes.length);
          this.#progress.resolve();
          this.#progress = Promise.withResolvers();
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#listener.log(`No entries come: ${reasonOf(error)}`);
      }
      if (this.#link.session.cluster === this.#mirror.cluster) await pause(mirrorRetryMs, signal);
    }
  }

  #noticeRestart(): void {
    const { cluster } = this.#link.session;
    if (cluster === this.#mirror.cluster) return;
    this.#mirror = new Mirror(cluster);
    this.#listener.onRestart();
  }
}
