/**
 * Which replica steps aside because its disk has too little room, while another one's has enough.
 *
 * Changes need every member, so one disk that is full stops them all. As long as another member has room, the one
 * without is ended after a while, and the others continue; that is what a replica does whose disk fails. If no member
 * has room, all stay: they answer reads, and take changes again as soon as there is room (rule R13).
 *
 * @module
 */

import type { ReplicaId } from "../uid.ts";

/** A member, as it is in a tick. */
export interface MemberRoom {
  readonly id: ReplicaId;
  /** Whether its disk has too little room. */
  readonly isShort: boolean;
  /** Whether it has answered since the last tick: only then it may be the one that continues. */
  readonly hasAnswered: boolean;
}

/** Counts for how long members have had too little room while others had enough. */
export class SteppingAside {
  readonly #ticksMax: number;
  readonly #ticks = new Map<ReplicaId, number>();

  /** @param ticksMax for how many ticks a member may lack room: somebody may just make it. */
  constructor(ticksMax: number) {
    this.#ticksMax = ticksMax;
  }

  /**
   * A tick has passed, in which no member was about to die.
   *
   * @returns who steps aside now; at most one, so that the next tick sees who is left.
   */
  tick(members: readonly MemberRoom[]): ReplicaId | undefined {
    const canContinue = members.some(({ isShort, hasAnswered }) => !isShort && hasAnswered);
    for (const { id, isShort } of members) {
      if (!isShort) this.#ticks.delete(id);
      else if (canContinue) this.#ticks.set(id, (this.#ticks.get(id) ?? 0) + 1);
    }
    for (const id of [...this.#ticks.keys()]) if (!members.some((member) => member.id === id)) this.#ticks.delete(id);
    if (!canContinue) return undefined;
    return members.find(({ id }) => (this.#ticks.get(id) ?? 0) >= this.#ticksMax)?.id;
  }
}
