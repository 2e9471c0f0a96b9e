/**
 * The audit of a view's beginning: every member has executed the same, or one of them is broken.
 *
 * After the drain, all members are at the same place in the order, and tell each other their digests. If these differ,
 * the smaller party is broken: a bit has flipped, or a machine is not deterministic. If two parties have one size, the
 * one without the smallest id stops. Nothing better tells them apart, so a person has to learn that it may be the right
 * one.
 *
 * @module
 */

import type { ReplicaId } from "../../uid.ts";
import type { Position } from "../wire/records.ts";

/** The verdict that a replica must stop. */
export interface Finding {
  /** The members that continue. */
  readonly right: readonly ReplicaId[];
  /** Their digest. */
  readonly digest: number;
  /** Whether they are as many as those who agree with this replica: then nothing says which of the two is broken. */
  readonly isTie: boolean;
}

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
   * The verdict, if this replica must stop; undefined as long as it may continue.
   *
   * @param living the members that have not failed.
   */
  finding(living: readonly ReplicaId[]): Finding | undefined {
    const parties = new Map<number, ReplicaId[]>();
    for (const id of living) {
      const digest = this.#digests.get(id);
      if (digest === undefined) return undefined;
      parties.set(digest, [...parties.get(digest) ?? [], id]);
    }
    let right: readonly ReplicaId[] = [];
    let digest = 0;
    for (const [other, party] of parties) {
      const isRight = party.length > right.length ||
        (party.length === right.length && Math.min(...party) < Math.min(...right));
      if (isRight) [right, digest] = [party, other];
    }
    if (right.includes(this.#self)) return undefined;
    return { right, digest, isTie: right.length === parties.get(this.#own.digest)?.length };
  }

  /** Where this replica begins the view. */
  get own(): Position {
    return this.#own;
  }
}
