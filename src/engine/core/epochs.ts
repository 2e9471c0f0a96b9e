/**
 * Epochs: when the log of the engine has grown, a node begins another epoch; the state before its first record becomes
 * a snapshot, and then the records before it may go (rules E10 and E11).
 *
 * @module
 */

import type { Snapshot } from "../../snapshot.ts";
import type { Cut } from "./order.ts";

/** Bytes of records after which a snapshot takes their place, if the last one was not longer than half of that. */
export const epochBytes: number = 64 * 1024 * 1024;

/** Milliseconds until a node asks again for an epoch that it could not begin: a full engine refuses at once. */
const askAgainMs = 1_000;

/** A snapshot that is to be written, and what it is of. */
export interface CutSnapshot {
  readonly cut: Cut;
  readonly snapshot: Snapshot;
}

/** What a node knows of the present epoch. */
export class Epochs {
  #bytes = 0;
  #lastBytes = 0;
  readonly #bytesMin: number;
  // The epoch after which this node asks for another one at present.
  #asked: number | undefined;
  #notBeforeMs = -Infinity;
  // The epoch after which this node has begun another one, or may have.
  #mine: number | undefined;
  // The epoch after which it need not ask again.
  #settled: number | undefined;
  #cut: CutSnapshot | undefined;

  /** @param bytesMin bytes of records after which another epoch begins at the earliest. */
  constructor(bytesMin = epochBytes) {
    this.#bytesMin = bytesMin;
  }

  /** A record of this many bytes was applied. */
  grow(bytes: number): void {
    this.#bytes += bytes;
  }

  /** The epoch after which another one is to begin now. */
  next(epoch: number, nowMs: number): number | undefined {
    if (this.#asked !== undefined || this.#settled === epoch || nowMs < this.#notBeforeMs) return undefined;
    if (this.#bytes < Math.max(this.#bytesMin, 2 * this.#lastBytes)) return undefined;
    return this.#asked = epoch;
  }

  /**
   * Whether this node has begun the epoch after `after`. If it cannot know, it asks again, and believes that it has:
   * then two nodes may write the snapshot, and it is the same one.
   */
  begun(after: number, outcome: "mine" | "other" | "unknown" | "refused", nowMs: number): void {
    if (after !== this.#asked) return;
    this.#asked = undefined;
    this.#notBeforeMs = nowMs + askAgainMs;
    if (outcome === "mine" || outcome === "unknown") this.#mine = after;
    if (outcome === "mine" || outcome === "other") this.#settled = after;
    if (this.#mine === undefined) this.#cut = undefined;
  }

  /** The first record of another epoch is about to be applied. */
  cut(cut: CutSnapshot): void {
    this.#bytes = 0;
    // All nodes must know it: the next epoch begins when there are twice as many.
    this.#lastBytes = cut.snapshot.estimate;
    if (this.#asked !== undefined || this.#mine !== undefined) this.#cut = cut;
  }

  /** The snapshot that this node is to write now. */
  ready(): CutSnapshot | undefined {
    if (this.#mine === undefined || this.#cut === undefined) return undefined;
    const cut = this.#cut;
    this.#cut = this.#mine = undefined;
    return cut;
  }

  /** The node has begun again from a snapshot of this many bytes. */
  restored(bytes: number): void {
    this.#bytes = 0;
    this.#lastBytes = bytes;
    this.#mine = this.#cut = undefined;
  }
}
