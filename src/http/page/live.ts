/**
 * Changes as they happen. After a short loss the browser reconnects by itself with the last entry that it has, and
 * misses nothing. After a refusal it does not: then this class reconnects, and reports a gap.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { listenForSilence, urlOf } from "./api.ts";

/** Milliseconds for which entries are gathered: the page is drawn once for all of them, however many there are. */
const gatherMs = 50;

/** Milliseconds before the page reconnects after a refusal. */
const reconnectMs = 2_000;

/** Whether changes arrive. */
export type StreamState = "connecting" | "live" | "lost";

/** What a listener is told; after a gap, it reads again what it shows. */
export type LiveEvent =
  | { readonly kind: "entries"; readonly entries: readonly Entry[] }
  | { readonly kind: "state"; readonly state: StreamState }
  | { readonly kind: "gap" };

/** The stream of changes of the whole page. */
export class Live {
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  #isOpened = false;
  #state: StreamState = "connecting";
  #wasLive = false;
  #gathered: Entry[] = [];

  /** Does not connect before somebody listens. */
  constructor() {
    let wasSilent = false;
    // While the cluster was silent, requests of the page may have failed.
    listenForSilence((isSilent) => {
      if (wasSilent && !isSilent) this.#tell({ kind: "gap" });
      wasSilent = isSilent;
    });
  }

  /** Whether changes arrive. */
  get isLive(): boolean {
    return this.#state === "live";
  }

  /**
   * Tells when changes arrive again after an interruption.
   *
   * @returns stops it.
   */
  onReturn(listener: () => void): () => void {
    let wasLost = !this.isLive;
    return this.listen((event) => {
      if (event.kind !== "state") return;
      if (event.state === "live" && wasLost) listener();
      wasLost = event.state !== "live";
    });
  }

  /**
   * Tells what happens, and the state at once.
   *
   * @returns stops it.
   */
  listen(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#isOpened) this.#open();
    listener({ kind: "state", state: this.#state });
    return () => this.#listeners.delete(listener);
  }

  #open(): void {
    this.#isOpened = true;
    const source = new EventSource(urlOf("/api/events"));
    let isNew = true;
    source.addEventListener("open", () => {
      this.#setState("live");
      // A new stream begins with the next entry: what happened before it connected is not in it.
      if (isNew && this.#wasLive) this.#tell({ kind: "gap" });
      isNew = false;
      this.#wasLive = true;
    });
    source.addEventListener("entry", (event) => this.#gather(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      this.#setState("lost");
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#open(), reconnectMs);
    });
  }

  #gather(entry: Entry): void {
    if (this.#gathered.push(entry) > 1) return;
    setTimeout(() => {
      const entries = this.#gathered;
      this.#gathered = [];
      this.#tell({ kind: "entries", entries });
    }, gatherMs);
  }

  #setState(state: StreamState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell({ kind: "state", state });
  }

  #tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
