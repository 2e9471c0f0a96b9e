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

/** The digests at the beginning of one view. */
export class Audit {
  readonly #self: ReplicaId;
  /** Where this replica begins the view. */
  readonly own: Position;
  readonly #digests = new Map<ReplicaId, number>();

  /** @param own where this replica begins the view. */
  constructor(self: ReplicaId, own: Position) {
    this.#self = self;
    this.own = own;
    this.heard(self, own);
  }

  /** A member has said where it begins the view. */
  heard(from: ReplicaId, position: Position): void {
    if (position.v === this.own.v) this.#digests.set(from, position.digest);
  }

  /**
   * The verdict that this replica must stop: the members that continue, their digest, and whether they are as many as
   * those who agree with this replica. Then nothing says which of the two is broken. Undefined as long as it may continue.
   *
   * @param living the members that have not failed.
   */
  finding(living: readonly ReplicaId[]): { right: readonly ReplicaId[]; digest: number; isTie: boolean } | undefined {
    if (!living.every((id) => this.#digests.has(id))) return undefined;
    const parties = [...Map.groupBy(living, (id) => this.#digests.get(id)!)];
    const [[digest, right]] = parties.sort(([, a], [, b]) => b.length - a.length || Math.min(...a) - Math.min(...b));
    if (right.includes(this.#self)) return undefined;
    return {
      right,
      digest,
      isTie: parties.some(([other, { length }]) => other === this.own.digest && length === right.length),
    };
  }
}
