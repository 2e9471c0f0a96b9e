/**
 * Changes as they happen, for the whole page. After a short loss the stream reconnects with the last entry that it has,
 * and misses nothing; if it has none, this module reports a gap. After a refusal it begins again, and reports a gap,
 * too.
 *
 * @module
 */

import type { Entry } from "../../database/entries.ts";
import { access } from "./access.ts";
import { isSilent } from "./api.ts";
import { readEvents } from "./event_stream.ts";
import { useLayoutEffect } from "./lib.ts";

/** Milliseconds for which entries are gathered: the page is drawn once for all of them, however many there are. */
const gatherMs = 50;

/** Milliseconds before the page reconnects after a refusal. */
const reconnectMs = 2_000;

/** Whether changes arrive. */
export type StreamState = "connecting" | "live" | "lost";

/** What a part of the page does with what happens. */
interface Listener {
  /** Whether changes arrive, when that has changed. */
  readonly state?: (state: StreamState) => void;
  /** Changes arrive again, or for the first time. */
  readonly back?: () => void;
  readonly entries?: (entries: readonly Entry[]) => void;
  /** Changes were missed: what is shown must be read again. */
  readonly gap?: () => void;
}

const listeners = new Set<Listener>();
let state: StreamState = "connecting";
let isOpened = false;
let wasLive = false;
let gathered: Entry[] = [];

// While the cluster was silent, requests of the page may have failed.
addEventListener("silence", () => isSilent() || tell(({ gap }) => gap?.()));

/** Whether changes arrive. */
export function isLive(): boolean {
  return state === "live";
}

/** Whether changes have ever arrived: what was read before may lack some. */
export function hasBegun(): boolean {
  return wasLive;
}

/** Listens while the component is there, in the way of its first rendering. The first listener opens the stream. */
export function useLive(listener: Listener): void {
  useLayoutEffect(() => {
    listeners.add(listener);
    if (!isOpened) open();
    return () => {
      listeners.delete(listener);
    };
  }, []);
}

function open(): void {
  isOpened = true;
  let ending = new AbortController();
  const begin = () => {
    ending.abort();
    ending = new AbortController();
    // A tab that may not read would only be refused; nor does it begin before that is known.
    if (access()?.role === undefined) return;
    const { signal } = ending;
    readEvents("/api/events", {
      open: (hasEntry) => {
        // Without one, a stream begins with the next entry: what happened before it connected is not in it.
        const isGap = !hasEntry && wasLive;
        wasLive = true;
        setState("live");
        if (isGap) tell(({ gap }) => gap?.());
      },
      event: (data) => gather(JSON.parse(data)),
      lost: (isRefused) => {
        setState("lost");
        if (isRefused) setTimeout(() => signal.aborted || begin(), reconnectMs);
      },
    }, signal);
  };
  // With another token, other things may be seen.
  addEventListener("access", begin);
  begin();
}

function gather(entry: Entry): void {
  if (gathered.push(entry) > 1) return;
  setTimeout(() => {
    const all = gathered;
    gathered = [];
    tell(({ entries }) => entries?.(all));
  }, gatherMs);
}

function setState(now: StreamState): void {
  if (now === state) return;
  state = now;
  tell((listener) => listener.state?.(now));
  if (isLive()) tell(({ back }) => back?.());
}

function tell(event: (listener: Listener) => void): void {
  for (const listener of listeners) event(listener);
}
