/**
 * Changes as they happen. The browser comes back by itself after a short loss, with the last entry that it has, and
 * misses nothing; after a refusal it does not, so this does, and says that there may be a gap.
 *
 * @module
 */

import { listenForSilence, urlOf } from "./api.js";

/** Milliseconds for which entries are gathered: the page is drawn for all of them at once, however many there are. */
const gatherMs = 50;

/** Milliseconds before the page tries again after a refusal. */
const againMs = 2_000;

/** One stream of changes for the whole page. */
export class Live {
  #source;
  #listeners = new Set();
  #state = "connecting";
  #wasOpen = false;
  #timer;
  #gathered = [];

  /** Whoever asked for something while the cluster was silent asks again. */
  constructor() {
    let wasSilent = false;
    listenForSilence((isSilent) => {
      if (wasSilent && !isSilent) this.#tell({ kind: "gap" });
      wasSilent = isSilent;
    });
  }

  /** Whether changes arrive. */
  get isLive() {
    return this.#state === "live";
  }

  /**
   * Calls when changes arrive again after they did not: what could not be reached can be.
   *
   * @param {() => void} listener
   * @returns {() => void} ends it.
   */
  onReturn(listener) {
    let wasLost = !this.isLive;
    return this.listen(({ kind, state }) => {
      if (kind !== "state") return;
      if (state === "live" && wasLost) listener();
      wasLost = state !== "live";
    });
  }

  /**
   * Is called with `{ kind: "entries", entries }`, `{ kind: "state", state }` (connecting, live or lost) and `{ kind: "gap" }`.
   *
   * @param {(event: any) => void} listener
   * @returns {() => void} ends it.
   */
  listen(listener) {
    this.#listeners.add(listener);
    if (this.#source === undefined) this.#open();
    listener({ kind: "state", state: this.#state });
    return () => this.#listeners.delete(listener);
  }

  #open() {
    clearTimeout(this.#timer);
    const source = this.#source = new EventSource(urlOf("/api/events"));
    let isNew = true;
    source.addEventListener("open", () => {
      this.#setState("live");
      // A stream that was made anew begins with what happens next.
      if (isNew && this.#wasOpen) this.#tell({ kind: "gap" });
      isNew = false;
      this.#wasOpen = true;
    });
    source.addEventListener("entry", (event) => this.#gather(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      this.#setState("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      this.#timer = setTimeout(() => this.#open(), againMs);
    });
  }

  #gather(entry) {
    this.#gathered.push(entry);
    if (this.#gathered.length > 1) return;
    setTimeout(() => {
      const entries = this.#gathered;
      this.#gathered = [];
      this.#tell({ kind: "entries", entries });
    }, gatherMs);
  }

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell({ kind: "state", state });
  }

  #tell(event) {
    for (const listener of this.#listeners) listener(event);
  }
}
