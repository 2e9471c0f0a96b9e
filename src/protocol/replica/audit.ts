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

import { type ReplicaId, slotOf } from "../../uid.ts";
import type { Position } from "../wire/records.ts";
import { digestText } from "./digest.ts";
import type { Executor } from "./executor.ts";

/** The verdict that a replica must stop. */
interface Finding {
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
    this.heard(self, own);
  }

  /** A member has said where it begins the view. */
  heard(from: ReplicaId, position: Position): void {
    if (position.v === this.#own.v) this.#digests.set(from, position.digest);
  }

  /**
   * The verdict, if this replica must stop; undefined as long as it may continue.
   *
   * @param members those of the view, also if they have failed since: each of them judges by the same digests, so never
   * all stop. If one has failed and said nothing, the view ends, and the audit of the next view decides.
   */
  finding(members: readonly ReplicaId[]): Finding | undefined {
    if (!this.isComplete(members)) return undefined;
    const parties = Map.groupBy(members, (id) => this.#digests.get(id)!);
    const [[digest, right]] = [...parties].sort(([, a], [, b]) =>
      b.length - a.length || Math.min(...a) - Math.min(...b)
    );
    if (right.includes(this.#self)) return undefined;
    return { right, digest, isTie: right.length === parties.get(this.#own.digest)?.length };
  }

  /** Whether all members have said where they begin the view. */
  isComplete(members: readonly ReplicaId[]): boolean {
    return members.every((id) => this.#digests.has(id));
  }

  /** Why this replica stops, for a person, and what to do if nothing tells which replica is broken. */
  reason({ right, digest, isTie }: Finding, { last, executed }: Executor, isDurable: boolean): string {
    const others = listed(right);
    const uid = last === undefined ? "unknown" : `(${last.ts}, ${last.client})`;
    const reason = `it has executed something else than ${others}: at the start of view ${this.#own.v}, after ` +
      `${this.#own.requests} requests, its digest was ${digestText(this.#own.digest)}, and that of ${others} ` +
      `${digestText(digest)}; it is at index ${executed}, uid ${uid}`;
    return isTie ? `${reason}. ${tieText(others, this.#self, isDurable)}` : reason;
  }
}

/** Replicas by the numbers that people know. */
export function listed(ids: readonly ReplicaId[]): string {
  return `replica ${ids.map(slotOf).join(" and ")}`;
}

/** What to do where nothing tells which of two parties is broken, and `self` stops. */
export function tieText(others: string, self: ReplicaId, isDurable: boolean): string {
  const wayBack = isDurable
    ? `type quit, move the files of the other replicas away, and start with --force-from ${slotOf(self)}, ` +
      "which gives up everything since then"
    : "stop the cluster and begin again from a backup";
  return `Either may be the broken one: ${others} continues only because its number is smaller. Compare ` +
    `what it shows now with a backup, the published data, or the logs of both; if ${others} is wrong, ${wayBack}`;
}
