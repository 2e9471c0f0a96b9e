/**
 * How a newcomer gets the sealed history (rule D7).
 *
 * First it asks members which segments they have, and fetches from one of them all that it lacks. Only then it asks to
 * be let in, so the snapshot of its donor is young, and names only few segments more. It fetches these before that
 * state takes the place of its own.
 *
 * If the one that it asks does not have a part, such as because its disk is damaged, it asks the next one. If nobody
 * has it, it begins again after a while, and after a longer one each time.
 *
 * @module
 */

import type { SegmentRef } from "../../history.ts";
import { replicaTickMs, sealAgainMs } from "../../limits.ts";
import type { ReplicaId } from "../../uid.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import type { ReplicaEffect, ReplicaEvent } from "./replica_events.ts";

/** What happens to the files of a newcomer. */
export type FetchEvent = ReplicaEvent & { readonly kind: "lacks" | "refused" | "obtained" };

/** The newcomer. */
export interface FetchHost {
  send(to: ReplicaId, message: MeshMessage): void;
  effect(effect: ReplicaEffect): void;
}

/** The segments that a newcomer gets from members. */
export class HistoryFetch {
  readonly #host: FetchHost;
  /** The replicas that it can ask. */
  readonly #linked = new Set<ReplicaId>();
  /** Whether it wants all that a member has, before it asks to be let in; or only what a state names. */
  #isFirst = true;
  /** The replica that sends the segments; undefined: nobody does yet, or none are wanted. */
  #source: ReplicaId | undefined;
  /** The donor whose state names what is wanted; undefined: a member's list does. */
  #donor: ReplicaId | undefined;
  #segments: readonly SegmentRef[] = [];
  /** Those that were asked for these segments, and did not have them. */
  readonly #lacking = new Set<ReplicaId>();
  /** Milliseconds until it asks again, and how long it waits when nobody has them the next time. */
  #waitMs = 0;
  #againMs = 0;
  /** How often segments were wanted: what comes for an earlier time counts no more. */
  #n = 0;

  /** It wants all that a member has. */
  constructor(host: FetchHost) {
    this.#host = host;
  }

  /** Whether it has yet to get what a member has. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  /** Whether what it wants comes from a replica. */
  get isUnderWay(): boolean {
    return this.#source !== undefined;
  }

  /** The replicas that it can ask. */
  get linked(): ReadonlySet<ReplicaId> {
    return this.#linked;
  }

  /** There is a link to another replica. */
  link(id: ReplicaId): void {
    this.#linked.add(id);
    this.#ask(id);
  }

  /** A replica is dead. The rest comes from another one. Returns false if there is none. */
  failed(id: ReplicaId): boolean {
    this.#linked.delete(id);
    if (id !== this.#source) return true;
    // Others that name the same as the donor may have it, too.
    if (this.#donor !== undefined && id !== this.#donor) return this.next();
    this.#stop();
    if (this.#isFirst) { for (const other of this.#linked) this.#ask(other); }
    return true;
  }

  /** Asks again, from time to time, those who did not answer, or had not what they had named. */
  tick(ms: number): void {
    this.#waitMs = Math.max(0, this.#waitMs - ms);
    if (this.#source === undefined) { for (const id of this.#linked) this.#ask(id); }
  }

  /** A member has these segments. The first one that says so is the source. */
  named(from: ReplicaId, { segments }: MessageOf<"SEGMENTS_ARE">): void {
    if (!this.#isFirst || this.#source !== undefined || !this.#linked.has(from)) return;
    this.#lacking.clear();
    this.#want(from, segments);
  }

  /** Wants the segments that the state of a donor names. */
  complete(donor: ReplicaId, segments: readonly SegmentRef[]): void {
    this.#isFirst = false;
    this.#donor = donor;
    this.#lacking.clear();
    this.#want(donor, segments);
  }

  /** A donor has begun to feed it: what its state names is all that is wanted from here on. */
  fed(): void {
    this.#stop();
    this.#isFirst = false;
  }

  #stop(): void {
    this.#source = this.#donor = undefined;
    this.#n++;
  }

  /** The source does not have what is wanted: asks another one. Returns false if there is none. */
  next(): boolean {
    if (this.#source !== undefined) this.#lacking.add(this.#source);
    const other = [...this.#linked].find((id) => !this.#lacking.has(id));
    if (other !== undefined) this.#want(other, this.#segments);
    return other !== undefined;
  }

  /** Nobody has what is wanted: begins again when time has passed, from the list of a member. */
  again(): void {
    this.#stop();
    this.#isFirst = true;
    this.#waitMs = this.#againMs;
    // The next list has another name for a segment that was redacted meanwhile, and none for one damaged everywhere.
    if (this.#againMs > 0) this.#host.effect({ kind: "lacked" });
    this.#againMs = Math.min(Math.max(replicaTickMs, 2 * this.#againMs), sealAgainMs);
  }

  /** A part came; returns whether it is one. If not, the source has not what it had named. */
  came(from: ReplicaId, { segment, part, fileBytes, bytes }: MessageOf<"PART_IS">): boolean {
    // A late word of another source says nothing.
    if (from !== this.#source) return true;
    if (bytes.length === 0) return false;
    this.#host.effect({ kind: "part", segment, part, fileBytes, bytes });
    return true;
  }

  /** Whether an event is about what is wanted now. */
  isPresent({ n }: FetchEvent): boolean {
    return n === this.#n && this.#source !== undefined;
  }

  /** A part is lacking. */
  lacks({ segment, part }: FetchEvent & { readonly kind: "lacks" }): void {
    if (this.#source !== undefined) this.#host.send(this.#source, { kind: "PART", segment, part });
  }

  /** All that was wanted is there. */
  obtained(): void {
    this.#source = this.#donor = undefined;
    this.#isFirst = false;
    this.#againMs = 0;
  }

  #ask(id: ReplicaId): void {
    if (this.#waitMs > 0) return;
    if (this.#isFirst && this.#source === undefined) this.#host.send(id, { kind: "SEGMENTS" });
  }

  #want(source: ReplicaId, segments: readonly SegmentRef[]): void {
    this.#source = source;
    this.#segments = segments;
    this.#host.effect({ kind: "obtain", n: ++this.#n, segments });
  }
}
