/**
 * The newcomer's side of its own admission (rule V9).
 *
 * It asks every replica to let it in. The coordinator becomes its donor. The donor sends a snapshot in pieces, or says
 * that the newcomer's own data are a beginning; then everything that it executes; and at last, frozen in a flush, its
 * pending requests. Then the newcomer is its clone, and if the flush decides for it, it drains like every member. It
 * votes nowhere. If the donor dies, another one begins from scratch. A clone is good for the view in which it was made.
 *
 * @module
 */

import type { Member, ReplicaId } from "../../uid.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import { digestText } from "./digest.ts";
import { type Ballot, compareBallots, type Decision } from "../wire/records.ts";
import type { Clone } from "./order.ts";
import { type FetchEvent, HistoryFetch } from "./history_fetch.ts";
import type { ReplicaHost } from "./replica_host.ts";
import type { ReplicaOptions } from "./replica_events.ts";
import type { WriteAhead } from "./write_ahead.ts";
import type { Restoring } from "../../snapshot.ts";

/** The replica that a newcomer will be. */
export interface NewcomerHost extends Pick<ReplicaHost, "order" | "send" | "effect" | "restored" | "halt"> {
  readonly disk: Pick<WriteAhead, "journal" | "restoring" | "piece" | "restored" | "joins"> | undefined;
}

/** A replica that is not a member yet. */
export class Newcomer {
  readonly #host: NewcomerHost;
  readonly #self: Member;
  readonly #history: HistoryFetch | undefined;
  /** It has a state, and all that this state names. */
  #hasState: boolean;
  #donor: ReplicaId | undefined;
  #donorV = 0;
  // The snapshot of the present donor, as far as it has come; undefined before it begins, and when it is whole.
  #restoring: { readonly state: Restoring; estimate: number; fill: number } | undefined;
  #followed = 0;
  // The donor's happenings follow on what is here; and with a journal, the beginning is on the disk.
  #isFed = false;
  #isKept = false;
  #clone: Clone | undefined;

  /**
   * @param host its order is what it has, and the state comes into that.
   * @param hasState whether it comes back with data of its own.
   * @param clone what it was when it went.
   * @param history what it has of the sealed history; absent: it seals nothing.
   */
  constructor(
    host: NewcomerHost,
    self: Member,
    hasState: boolean,
    clone: Clone | undefined,
    history?: ReplicaOptions["sealedHistory"],
  ) {
    this.#host = host;
    this.#self = self;
    this.#hasState = hasState && history !== "lacking";
    this.#clone = clone;
    this.#history = history === undefined ? undefined : new HistoryFetch(host);
  }

  /** There is a link to a replica. */
  linked(to: ReplicaId): void {
    this.#history?.link(to);
    if (this.#history?.isFirst !== true) this.#ask(to);
  }

  /** A replica is dead. */
  failed(id: ReplicaId): void {
    if (this.#history?.failed(id) === false) this.#beginAgain(this.#history);
  }

  /** Time passes. */
  tick(ms: number): void {
    this.#history?.tick(ms);
  }

  /** Something happened to its files of the sealed history. */
  fetched(event: FetchEvent): void {
    const history = this.#history;
    if (!history?.isPresent(event)) return;
    if (event.kind === "lacks") return history.lacks(event);
    if (event.kind === "refused") return this.#askNext(history);
    const { isFirst, linked } = history;
    history.obtained();
    if (!isFirst) return this.#take();
    for (const id of linked) this.#ask(id);
  }

  /** The replica that was asked does not have it. */
  #askNext(history: HistoryFetch): void {
    if (!history.next()) this.#beginAgain(history);
  }

  /** What a member named is not there any more: the state that names it comes from a donor again. */
  #beginAgain(history: HistoryFetch): void {
    this.#restoring = undefined;
    history.again();
  }

  /** Asks a replica to let it in. */
  #ask(to: ReplicaId): void {
    const position = this.#hasState ? this.#host.order.position : undefined;
    this.#host.send(to, { kind: "JOIN", member: this.#self, position });
  }

  /** A message of another replica that is about the admission. */
  received(from: ReplicaId, message: MeshMessage): void {
    // Each donor begins in a later view than the one before, so a late word of a dead one is known by its view.
    if ((message.kind === "PIECE" || message.kind === "DELTA") && message.v < this.#donorV) return;
    switch (message.kind) {
      case "PIECE":
        return this.#onPiece(from, message);
      case "DELTA":
        return this.#onDelta(from, message);
      case "DIVERGED":
        return this.#onDiverged(message);
      case "SEGMENTS_ARE":
        return this.#history?.named(from, message);
      case "PART_IS":
        if (this.#history?.came(from, message) === false) this.#askNext(this.#history);
        return;
    }
    // A late word of a donor that is dead says nothing.
    if (from !== this.#donor || !this.#isFed) return;
    switch (message.kind) {
      case "FOLLOW":
        return this.#onFollow(message);
      case "VIEWED":
        return this.#onViewed(message);
      case "STATE":
        return this.#onState(from, message);
    }
  }

  /**
   * The clone that the decision was made for; undefined: this replica lacks what the ending view has executed, and must
   * stop.
   */
  promoted(decision: Decision): Clone | undefined {
    return this.#clone?.v === decision.v - 1 ? this.#clone : undefined;
  }

  /** How much of the data of its donor it has, from 0 to 1, when it follows; undefined: nobody feeds it yet. */
  get restored(): number | undefined {
    if (this.#restoring === undefined) return this.#isFed ? 1 : undefined;
    if (this.#history?.isUnderWay) return 1;
    const { fill, estimate } = this.#restoring;
    return fill / Math.max(fill, estimate, 1);
  }

  /** The snapshot is on the disk. */
  kept(): void {
    if (!this.#isFed || this.#isKept) return;
    this.#isKept = true;
    this.#sayFollowed();
  }

  #beginWith(donor: ReplicaId, v: number): void {
    this.#history?.fed();
    this.#donor = donor;
    this.#donorV = v;
    this.#restoring = undefined;
    this.#followed = 0;
    this.#isFed = this.#isKept = false;
    this.#clone = undefined;
  }

  /**
   * Reads each piece when it comes, so that no turn takes longer than a piece, and other messages get their turns in
   * between. The former state stays until the last piece; nothing that follows counts before.
   */
  #onPiece(from: ReplicaId, { v, offset, estimate, final, bytes }: MessageOf<"PIECE">): void {
    if (offset === 0) {
      this.#beginWith(from, v);
      this.#restoring = { state: this.#host.order.restoring(v), estimate, fill: 0 };
      this.#host.disk?.restoring(v, estimate);
    }
    const restoring = this.#restoring;
    if (restoring === undefined || from !== this.#donor || offset !== restoring.fill) return;
    // All of it has come, and waits for the history.
    if (this.#history?.isUnderWay) return;
    restoring.state.push(bytes);
    restoring.fill += bytes.length;
    restoring.estimate = estimate;
    this.#host.disk?.piece(bytes);
    if (!final) return this.#host.send(from, { kind: "FETCH", offset: restoring.fill });
    const named = restoring.state.whole();
    if (this.#history === undefined || named.length === 0) this.#take();
    else this.#history.complete(from, named);
  }

  /** The state that has come takes the place of its own: all that it names is on the disk. */
  #take(): void {
    if (this.#restoring === undefined) return;
    this.#restoring.state.finish();
    this.#restoring = undefined;
    this.#hasState = true;
    this.#isFed = true;
    this.#host.restored();
    this.#host.disk?.restored();
    if (this.#host.disk === undefined) this.kept();
  }

  #onDelta(from: ReplicaId, { v, position }: MessageOf<"DELTA">): void {
    this.#beginWith(from, v);
    // A donor that is dead by now may have fed it since it asked.
    if (
      !this.#hasState || this.#host.order.executor.requests !== position.requests || this.#host.order.v !== position.v
    ) {
      return this.#ask(from);
    }
    this.#isFed = true;
    if (this.#host.disk?.joins(this.#self.id) !== false) this.kept();
  }

  #onDiverged({ position }: MessageOf<"DIVERGED">): void {
    const { requests, digest } = this.#host.order.position;
    // It may be about something older, which a donor has replaced since.
    if (requests !== position.requests || digest === position.digest) return;
    this.#host.halt(
      `its data are damaged: they differ from the cluster's after request ${requests}, by request or output ` +
        `(its digest is ${digestText(digest)}, the cluster's ${digestText(position.digest)}); if the cluster has one ` +
        `replica only, that one may be the damaged one`,
    );
  }

  #onFollow({ v, requests }: MessageOf<"FOLLOW">): void {
    for (const request of requests) {
      this.#host.order.follow(v, request);
      this.#host.disk?.journal.note({ kind: "followed", v, request });
    }
    this.#followed += requests.length;
    this.#sayFollowed();
  }

  #onViewed({ v, expired }: MessageOf<"VIEWED">): void {
    this.#clone = undefined;
    this.#host.order.viewed(v, expired);
    this.#host.disk?.journal.note({ kind: "viewed", v, expired });
    this.#followed++;
    this.#sayFollowed();
  }

  #onState(from: ReplicaId, { v, ballot, pending }: MessageOf<"STATE">): void {
    // It would be a clone of what is not on its disk.
    if (!this.#isKept) return;
    if (this.#clone !== undefined && !isLater(this.#clone, v, ballot)) return;
    this.#clone = { v, ballot, pending };
    this.#host.disk?.journal.note({ kind: "cloned", v, ballot, clock: 0, pending });
    this.#host.send(from, { kind: "STATE_OK", v, ballot });
  }

  #sayFollowed(): void {
    if (this.#isKept) this.#host.send(this.#donor!, { kind: "FOLLOWED", count: this.#followed });
  }
}

function isLater(clone: Clone, v: number, ballot: Ballot): boolean {
  return v > clone.v || (v === clone.v && compareBallots(ballot, clone.ballot) > 0);
}
