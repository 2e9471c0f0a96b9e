/**
 * The audit of a view's beginning: every member has executed the same, or one of them is broken.
 *
 * After the drain all members are at the same place in the order, and tell each other their digests. Where they differ,
 * the smaller party is broken, by a bit that has flipped or a machine that is not deterministic; of two parties of one size,
 * the one without the member with the smallest id, as there is nothing better to go by.
 *
 * @module
 */

import type { ReplicaId } from "../uid.ts";
import type { Position } from "./records.ts";

/** The digests at the beginning of one view. */
export class Audit {
  readonly #self: ReplicaId;
  readonly #own: Position;
  readonly #digests = new Map<ReplicaId, number>();

  /** @param own where this replica begins the view. */
  constructor(self: ReplicaId, own: Position) {
    this.#self = self;
    this.#own = own;
    this.#digests.set(self, own.digest);
  }

  /** A member has said where it begins the view. */
  heard(from: ReplicaId, position: Position): void {
    if (position.v === this.#own.v) this.#digests.set(from, position.digest);
  }

  /**
   * Those who are right, where this replica is broken and must not go on; undefined as long as it may.
   *
   * @param living the members that have not failed.
   */
  finding(living: readonly ReplicaId[]): readonly ReplicaId[] | undefined {
    const parties = new Map<number, ReplicaId[]>();
    for (const id of living) {
      const digest = this.#digests.get(id);
      if (digest === undefined) return undefined;
      parties.set(digest, [...parties.get(digest) ?? [], id]);
    }
    let right: readonly ReplicaId[] = [];
    for (const party of parties.values()) {
      const isRight = party.length > right.length ||
        (party.length === right.length && Math.min(...party) < Math.min(...right));
      if (isRight) right = party;
    }
    return right.includes(this.#self) ? undefined : right;
  }

  /** Where this replica begins the view. */
  get own(): Position {
    return this.#own;
  }
}
