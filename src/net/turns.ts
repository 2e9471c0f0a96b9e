/**
 * Turns of the event loop, shared by all links of this process.
 *
 * A read of bytes that have come needs no turn of the event loop. So a link that always has something to read would
 * keep all others, timers and the launcher's pings waiting for as long as it lasts. Therefore a link hands over a
 * bounded amount in one turn, and then waits for a later one. A link that waited for its bytes has let the event loop
 * turn meanwhile, and need not wait again. One of the links that wait because of their own load continues every
 * millisecond or two: however many they are, others wait for one of them at most, and most of the time is left to
 * others. All links together have a bound, too, for a crowd of which each says little.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import { socketsSeen } from "../runtime/sockets_seen.ts";

/** What one link hands over in a turn, as {@link costOf} counts, before its last frame: less than a millisecond. */
export const linkTurnBytes = 64 * 1024;

/** What all links hand over in a turn. */
export const turnBytes = 4 * linkTurnBytes;

/** Bytes that cost as much time as the smallest frame does beside its bytes. */
const frameCostBytes = 64;

/** Bytes after which it pays to find out when the event loop turns by itself. */
const watchedBytes = linkTurnBytes / 4;

/** What a link has handed over in its last turn. */
export interface TurnShare {
  /** The number of that turn. */
  turn: number;
  bytes: number;
}

/** What a frame of that many bytes counts. */
function costOf(frameBytes: number): number {
  return frameBytes + frameCostBytes;
}

/** Gives turns to those who share an event loop. */
export class Turns {
  #turn = 0;
  #bytesLeft = turnBytes;
  // Goes off when the event loop turns by itself.
  #watch: ReturnType<typeof setImmediate> | undefined;
  #links = 0;
  /** Those that have used little in the turn before, or have precedence: they continue as soon as there is room. */
  #prompt: { readonly bytes: number; readonly go: () => void }[] = [];
  /** Those that have used up what they may. */
  readonly #patient: (() => void)[] = [];

  /** A link begins to read. */
  opened(): void {
    this.#links++;
  }

  /** A link has ended; after the last one, nothing is left to wait for. */
  closed(): void {
    if (--this.#links > 0) return;
    clearImmediate(this.#watch);
    this.#watch = undefined;
    this.#begin();
  }

  /** Whether a link may hand over a frame of that many bytes at once; if so, it counts. */
  take(share: TurnShare, frameBytes: number): boolean {
    if (share.turn !== this.#turn) {
      share.turn = this.#turn;
      share.bytes = 0;
    }
    if (this.#bytesLeft <= 0 || share.bytes >= linkTurnBytes) return false;
    this.#count(share, costOf(frameBytes));
    return true;
  }

  /** Waits for a later turn, in which a frame of that many bytes counts. */
  async next(share: TurnShare, frameBytes: number, hasPrecedence: boolean): Promise<void> {
    const { promise, resolve: go } = Promise.withResolvers<void>();
    const bytes = costOf(frameBytes);
    if (hasPrecedence || share.bytes < linkTurnBytes) {
      if (this.#prompt.push({ bytes, go }) === 1) this.#runPrompt();
    } else {
      if (this.#patient.push(go) === 1) this.#runPatient();
    }
    await promise;
    share.turn = this.#turn;
    share.bytes = 0;
    this.#count(share, bytes);
  }

  #count(share: TurnShare, bytes: number): void {
    share.bytes += bytes;
    this.#bytesLeft -= bytes;
    if (this.#bytesLeft >= turnBytes - watchedBytes) return;
    this.#watch ??= setImmediate(() => {
      this.#watch = undefined;
      this.#begin();
    });
  }

  #begin(): void {
    this.#turn++;
    this.#bytesLeft = turnBytes;
  }

  async #runPrompt(): Promise<void> {
    while (this.#prompt.length > 0) {
      await socketsSeen();
      this.#begin();
      let count = 0;
      for (let bytes = 0; count < this.#prompt.length && bytes < turnBytes; count++) bytes += this.#prompt[count].bytes;
      const [now, later] = [this.#prompt.slice(0, count), this.#prompt.slice(count)];
      this.#prompt = later;
      for (const { go } of now) go();
    }
  }

  async #runPatient(): Promise<void> {
    while (this.#patient.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#begin();
      this.#patient.shift()!();
    }
  }
}

/** The turns of this process. */
export const turns: Turns = new Turns();
