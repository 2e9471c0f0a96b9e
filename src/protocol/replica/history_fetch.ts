/**
 * How a newcomer gets the sealed history (rule D7).
 *
 * First it asks members which segments they have, and fetches from one of them all that it lacks. Only then it asks to
 * be let in, so the snapshot of its donor is young, and names only few segments more. It fetches these before that
 * state takes the place of its own.
 *
 * @module
 */

import type { SegmentRef } from "../../history.ts";
import type { ReplicaId } from "../../uid.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import type { ReplicaEffect, ReplicaEvent } from "./replica_events.ts";

/** Ticks for which others are asked before those that had not what they had named: far longer than an answer takes. */
const othersFirstTicks = 20;

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
  /** Sources that had not what they had named: a damaged one must not be the first to answer each time. */
  readonly #without = new Set<ReplicaId>();
  #ticks = 0;
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

  /** A replica is dead. The rest comes from another one. */
  failed(id: ReplicaId): void {
    this.#linked.delete(id);
    this.#without.delete(id);
    if (id !== this.#source) return;
    this.#stop();
    for (const other of this.#linked) this.#ask(other);
  }

  /** Asks again, from time to time, those who did not answer, or had not what they had named. */
  tick(): void {
    if (this.#source !== undefined) return;
    if (++this.#ticks > othersFirstTicks || this.#without.size === this.#linked.size) this.#without.clear();
    for (const id of this.#linked) this.#ask(id);
  }

  /** A member has these segments. The first one that says so is the source. */
  named(from: ReplicaId, { segments }: MessageOf<"SEGMENTS_ARE">): void {
    if (this.#mayAsk(from)) this.#want(from, segments);
  }

  /** Wants the segments that the state of a donor names. */
  complete(donor: ReplicaId, segments: readonly SegmentRef[]): void {
    this.#isFirst = false;
    this.#want(donor, segments);
  }

  /** A donor has begun to feed it: what its state names is all that is wanted from here on. */
  fed(): void {
    this.#stop();
    this.#isFirst = false;
  }

  #stop(): void {
    this.#source = undefined;
    this.#n++;
  }

  /** The source has not what it had named, or its state: begins again when time has passed, with another one first. */
  again(): void {
    this.#without.add(this.#source!);
    this.#ticks = 0;
    this.#stop();
    this.#isFirst = true;
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
    this.#source = undefined;
    this.#isFirst = false;
  }

  #ask(id: ReplicaId): void {
    if (this.#mayAsk(id)) this.#host.send(id, { kind: "SEGMENTS" });
  }

  #mayAsk(id: ReplicaId): boolean {
    return this.#isFirst && this.#source === undefined && this.#linked.has(id) && !this.#without.has(id);
  }

  #want(source: ReplicaId, segments: readonly SegmentRef[]): void {
    this.#source = source;
    this.#host.effect({ kind: "obtain", n: ++this.#n, segments });
  }
}
