/**
 * The perfect failure detector: what the launcher concludes from what it sees of its replicas.
 *
 * The agreement of the replicas rests on one assumption: *a replica is called failed only when it is dead*. The
 * launcher can keep it, since it alone sees the exit status of each replica. So nothing but an exit makes a failure
 * here. All else is suspicion, and where a suspicion must end somehow, the detector has the suspect killed and waits
 * for its exit like for any other.
 *
 * - **Silence.** Each replica is pinged once per tick. One that has not been heard for `suspectAfterTicks` is killed,
 *   but only when another member has answered a ping that was sent after that time was up: then the launcher, its pipes
 *   and the machine do work, and only the suspect does not. If all are silent, nobody is killed.
 * - **A broken mesh link** is never re-made, and the two replicas at its ends would wait for each other for ever. It
 *   is mostly the first sign of a death, so for `linkGraceTicks` the exit is waited for. When both have answered the
 *   last ping of that time, both live, and one is killed: the one that is still joining, or else the one with the
 *   higher id. If one of them is silent, the rule above decides: to kill the other one would leave only the one that
 *   hangs.
 * - **One at a time.** After a kill, whoever asked for it, nothing is decided before the exit was seen. So the last
 *   living member is never killed: to kill a member needs another member that answers. A newcomer that is joining has
 *   no data yet, and so it is not such a witness, whatever it answers; it may be killed itself.
 *
 * Time is counted in ticks, one per turn that the launcher itself ran: time in which it did not run (a laptop that
 * sleeps, Ctrl-Z, a paused machine) is one tick, however long. A tick that comes late does not count against anybody:
 * where the launcher does not get to run in time, the replicas may not either, and overload is not a failure. The
 * caller owes two things: at most one `tick` per turn of its event loop, and no `tick` before it has read what waited
 * in its pipes in that turn.
 *
 * No clock, timer or process in here: tell it what was seen, then take {@link FailureDetector.ready} and perform the
 * orders.
 *
 * @module
 */

import type { ReplicaId } from "../uid.ts";

/** How patient the detector is. */
export interface DetectorOptions {
  /** Ticks of silence after which a replica is suspect, 1 or more. */
  readonly suspectAfterTicks: number;
  /** Ticks for which a broken mesh link may be the first sign of a death, 1 or more. */
  readonly linkGraceTicks: number;
}

/** Milliseconds between two ticks, at most. */
const tickMsMax = 250;

/** Ticks in the time of silence after which a replica is suspect, at least: one lost turn must not decide. */
const ticksPerSuspicion = 20;

/** Ticks for which a broken mesh link may be the first sign of a death: a second by default. */
const linkGraceTicks = 4;

/** How often to tick, and how patient to be, so that silence of `suspectAfterMs` milliseconds is too long. */
export function paceOf(suspectAfterMs: number): DetectorOptions & { readonly tickMs: number } {
  const tickMs = Math.min(tickMsMax, suspectAfterMs / ticksPerSuspicion);
  return { tickMs, suspectAfterTicks: Math.ceil(suspectAfterMs / tickMs), linkGraceTicks };
}

/** What the launcher has to do. */
export type DetectorOrder =
  | { readonly kind: "ping"; readonly id: ReplicaId; readonly n: number }
  /** The replica has to die: its link to `brokenLink` broke while both lived, or else it is silent. */
  | { readonly kind: "kill"; readonly id: ReplicaId; readonly brokenLink: ReplicaId | undefined }
  /** The replica `id` is dead: tell all of `tell`, at once. */
  | { readonly kind: "failed"; readonly id: ReplicaId; readonly tell: readonly ReplicaId[] };

/** A replica that has not exited. */
interface WatchedReplica {
  readonly id: ReplicaId;
  isMember: boolean;
  /** The tick in which it was heard last. */
  heard: number;
  /** The highest number of a ping that it answered. */
  answered: number;
}

/** A mesh link that is said to be broken. */
interface BrokenLink {
  readonly low: ReplicaId;
  readonly high: ReplicaId;
  /** The tick in which it was told. */
  readonly since: number;
}

/**
 * Decides who is pinged, killed, and called failed. Nothing changes if it is told of a replica that it does not watch
 * (any more).
 */
export class FailureDetector {
  #options: DetectorOptions;
  #watched = new Map<ReplicaId, WatchedReplica>();
  #broken: BrokenLink[] = [];
  /** The replica that was killed and has not exited. */
  #dying = new Set<ReplicaId>();
  /** How many turns were counted; also the number of the latest ping. */
  #tick = 0;
  /** The tick of the latest exit: what was answered before proves nothing about what is left. */
  #lastExit = 0;
  #orders: DetectorOrder[] = [];

  constructor(options: DetectorOptions) {
    this.#options = options;
  }

  /** This replica is to be watched from now on; if it is `joining`, it is not a member yet. */
  added(id: ReplicaId, joining: boolean): void {
    this.#watched.set(id, { id, isMember: !joining, heard: this.#tick, answered: 0 });
  }

  /** The newcomer is a member now. */
  joined(id: ReplicaId): void {
    const replica = this.#watched.get(id);
    if (replica !== undefined) replica.isMember = true;
  }

  /** A turn of the launcher has come, and what waited in its pipes was read before; late: it counts for nothing. */
  tick(isInTime = true): void {
    this.#tick++;
    if (isInTime) {
      this.#judge();
    } else {
      for (const replica of this.#watched.values()) replica.heard++;
      this.#broken = this.#broken.map((link) => ({ ...link, since: link.since + 1 }));
    }
    for (const { id } of this.#watched.values()) {
      if (!this.#dying.has(id)) this.#orders.push({ kind: "ping", id, n: this.#tick });
    }
  }

  /** The replica answered the ping of this number. */
  pong(id: ReplicaId, n: number): void {
    const replica = this.#watched.get(id);
    if (replica === undefined || n > this.#tick) return;
    replica.heard = this.#tick;
    replica.answered = Math.max(replica.answered, n);
  }

  /** The mesh link between the two has ended, says the replica `by`. */
  linkBroken(by: ReplicaId, id: ReplicaId): void {
    if (by === id || !this.#watched.has(by) || !this.#watched.has(id)) return;
    const low = Math.min(by, id);
    const high = Math.max(by, id);
    // Both ends tell of it: the first word counts.
    if (this.#broken.some((link) => link.low === low && link.high === high)) return;
    this.#broken.push({ low, high, since: this.#tick });
    // The lowest of several is judged first: where one replica lost all its links, that one goes and no other.
    this.#broken.sort((a, b) => a.high - b.high || a.low - b.low);
  }

  /** The launcher has killed the replica for a reason of its own. */
  killed(id: ReplicaId): void {
    if (this.#watched.has(id)) this.#dying.add(id);
  }

  /** The exit status of the replica was seen. */
  exited(id: ReplicaId): void {
    if (!this.#watched.delete(id)) return;
    this.#dying.delete(id);
    this.#broken = this.#broken.filter(({ low, high }) => low !== id && high !== id);
    this.#lastExit = this.#tick;
    this.#orders.push({ kind: "failed", id, tell: [...this.#watched.keys()] });
  }

  /** The orders since the last call, to be performed in order. */
  ready(): readonly DetectorOrder[] {
    const orders = this.#orders;
    this.#orders = [];
    return orders;
  }

  /** Has at most one replica killed. */
  #judge(): void {
    if (this.#dying.size > 0) return;
    const silent = this.#silent();
    if (silent !== undefined) return this.#kill(silent);
    const link = this.#linkBetweenLiving();
    if (link === undefined) return;
    const { low, high } = link;
    // A member that joined last may be the last one: a newcomer without the data does not outlive it.
    if (!this.#isMember(low) && this.#isMember(high)) this.#kill(low, high);
    else this.#kill(high, low);
  }

  /** The replica that has been silent for longest, if it is for too long and another member has answered since. */
  #silent(): ReplicaId | undefined {
    const watched = [...this.#watched.values()];
    const [longest] = watched.toSorted((a, b) => a.heard - b.heard);
    if (longest === undefined) return undefined;
    const { id, heard } = longest;
    // The tick in which its silence has lasted too long.
    const overdue = heard + this.#options.suspectAfterTicks;
    if (this.#tick < overdue) return undefined;
    const anotherAnswered = watched.some((other) =>
      other.id !== id && other.isMember && other.answered >= overdue && other.answered > this.#lastExit
    );
    return anotherAnswered ? id : undefined;
  }

  /** A broken link whose ends have both answered the last ping of the time of grace. */
  #linkBetweenLiving(): BrokenLink | undefined {
    const { linkGraceTicks } = this.#options;
    const lastPing = Math.max(1, linkGraceTicks - 1);
    return this.#broken.find(({ low, high, since }) =>
      this.#tick - since >= linkGraceTicks &&
      [low, high].every((id) => (this.#watched.get(id)?.answered ?? 0) >= since + lastPing)
    );
  }

  #isMember(id: ReplicaId): boolean {
    return this.#watched.get(id)?.isMember ?? false;
  }

  #kill(id: ReplicaId, brokenLink?: ReplicaId): void {
    this.#dying.add(id);
    this.#orders.push({ kind: "kill", id, brokenLink });
  }
}
