/**
 * The donor's side of the admission of newcomers (rule V9).
 *
 * A big state must not stop the world. The donor, which is the coordinator of its view, takes a snapshot and sends it
 * in pieces while requests continue. Then the newcomer follows what the donor executes. When it has almost caught up,
 * the view ends to let it in: the last piece, inside the flush, is what is pending then. A newcomer that came back with
 * its own data follows from where it was, if the donor still has what it missed.
 *
 * @module
 */

import { followBytesMax, followedBytesMax, followLagBytesMax, followLagMax, snapshotPieceBytes } from "../../limits.ts";
import type { Member, ReplicaId } from "../../uid.ts";
import type { MeshMessage, MessageOf } from "../wire/messages.ts";
import type { Ballot, CarriedRequest, Position } from "../wire/records.ts";
import { carry, type Order } from "./order.ts";
import { type Cursor, requestBytes } from "./recent.ts";
import type { Snapshot } from "../../snapshot.ts";

/** Milliseconds of running time for which clients slow down for a newcomer that makes no progress. */
export const newcomerSlowMs = 1_000;

interface Follower {
  readonly member: Member;
  /** The view in which the snapshot was taken. */
  readonly v: number;
  /** The rest of it that is still to fetch; undefined once all of it was sent. */
  snapshot: Snapshot | undefined;
  /** Where its next piece begins. */
  offset: number;
  /** What it is to be sent next. */
  readonly cursor: Cursor;
  /** Happenings that were sent, and that it said it has followed; -1 until it has the state where they begin. */
  sent: number;
  followed: number;
  /** Bytes of what was sent and not followed. */
  underWay: number;
  /** It did not answer in the last flush, and has said nothing since. */
  isSilent: boolean;
  /** Bytes of requests that may be told before it has come further. */
  credit: number;
  /** Running time in ms since it came further. */
  waitedMs: number;
  /** Running time in ms for which clients have waited for credit. */
  heldMs: number;
}

/** Feeds newcomers. */
export class Donor {
  readonly #order: Order;
  readonly #send: (to: ReplicaId, message: MeshMessage) => void;
  readonly #newcomers = new Map<ReplicaId, MessageOf<"JOIN">>();
  readonly #followers = new Map<ReplicaId, Follower>();

  /** A donor of `order` with nobody to feed. */
  constructor(order: Order, send: (to: ReplicaId, message: MeshMessage) => void) {
    this.#order = order;
    this.#send = send;
  }

  /** A newcomer has asked to be let in: another donor may have to take the place of a dead one. */
  remember(join: MessageOf<"JOIN">): void {
    this.#leave(join.member.id);
    this.#newcomers.set(join.member.id, join);
  }

  /** It is a member now, or dead. */
  forget(id: ReplicaId): void {
    this.#newcomers.delete(id);
    this.#leave(id);
  }

  #leave(id: ReplicaId): void {
    const follower = this.#followers.get(id);
    if (follower === undefined) return;
    this.#followers.delete(id);
    this.#order.recent.leave(follower.cursor, this.#order.position);
  }

  /**
   * Begins to feed all newcomers that it does not feed already. A newcomer in the place of a member waits until that
   * member's view has ended: until then, the data on the member's disk may be needed.
   */
  feed(): void {
    const taken = new Set(this.#order.members.map(({ address }) => address));
    for (const { member, position } of this.#newcomers.values()) {
      if (!this.#followers.has(member.id) && !taken.has(member.address)) this.#begin(member, position);
    }
  }

  #begin(member: Member, position: Position | undefined): void {
    const { recent, executor, position: now, v } = this.#order;
    const missed = position && recent.after(position);
    if (typeof missed === "object") return this.#send(member.id, { kind: "DIVERGED", position: missed });
    this.#followers.set(member.id, {
      member,
      v,
      offset: 0,
      snapshot: missed === undefined ? executor.freeze() : undefined,
      cursor: recent.follow(missed ?? recent.end, now),
      sent: 0,
      followed: -1,
      underWay: 0,
      isSilent: false,
      credit: followBytesMax,
      waitedMs: 0,
      heldMs: 0,
    });
    if (missed === undefined) this.fetch(member.id, 0);
    else this.#send(member.id, { kind: "DELTA", v, position: position! });
  }

  /** Another replica is the donor. */
  stop(): void {
    for (const id of [...this.#followers.keys()]) this.#leave(id);
  }

  /** The newcomer wants the piece of the snapshot that begins at `offset`; at its end, what has happened since. */
  fetch(id: ReplicaId, offset: number): void {
    const follower = this.#followers.get(id);
    // The word may be about a snapshot that was given up for a newer one.
    if (follower?.snapshot === undefined || offset !== follower.offset) return;
    const { snapshot } = follower;
    const bytes = snapshot.take(snapshotPieceBytes);
    const final = snapshot.next === "nothing";
    follower.offset += bytes.length;
    const estimate = Math.max(snapshot.estimate, follower.offset);
    this.#send(id, { kind: "PIECE", v: follower.v, offset, estimate, final, bytes });
    if (final) follower.snapshot = undefined;
    // What the newcomer has got before this one, it has read.
    if (offset > 0) this.#cameFurther(follower, followedBytesMax / 2 * bytes.length / estimate);
  }

  /** The newcomer has followed that many of the events that it was sent; returns whether it has now caught up. */
  followed(id: ReplicaId, count: number): boolean {
    const follower = this.#followers.get(id);
    if (follower === undefined) return false;
    follower.followed = count;
    follower.isSilent = false;
    this.#cameFurther(follower, 0);
    if (count === follower.sent) {
      follower.credit += follower.underWay / 2;
      follower.underWay = 0;
    }
    return this.#hasCaughtUp(follower);
  }

  // ---- The pace of clients ----

  /** Whether there is anybody who may slow clients down. */
  get isSet(): boolean {
    return this.#followers.size > 0;
  }

  /**
   * Whether one more request may be told to the answerer (rule V9). A newcomer must catch up, however much clients
   * send. So clients get credit only for the newcomer's progress: over its whole snapshot, half of what may wait for it
   * then, and later half of what it follows. A newcomer that has almost caught up, or makes no progress, slows nobody
   * down. Requests that are told meanwhile do not count against clients.
   */
  get mayTell(): boolean {
    for (const follower of this.#followers.values()) if (follower.credit <= 0 && this.#isPacing(follower)) return false;
    return true;
  }

  /** A request with that many bytes of commands is told. */
  told(commandBytes: number): void {
    for (const follower of this.#followers.values()) {
      if (this.#isPacing(follower)) follower.credit -= requestBytes + commandBytes;
    }
  }

  /** Running time has passed. */
  pass(elapsedMs: number): void {
    for (const follower of this.#followers.values()) {
      follower.waitedMs += elapsedMs;
      follower.cursor.isKept = this.#isPacing(follower);
      this.#remit(follower, elapsedMs);
    }
  }

  /**
   * Remits credit after a while, as long as not too much waits: a large request may cost more than many pieces of a
   * large snapshot earn. Following earns enough, so it gets no remission.
   */
  #remit(follower: Follower, elapsedMs: number): void {
    follower.heldMs = follower.credit <= 0 && this.#isPacing(follower) ? follower.heldMs + elapsedMs : 0;
    if (follower.heldMs <= newcomerSlowMs || follower.followed >= 0) return;
    if (this.#order.recent.bytesAfter(follower.cursor) <= followedBytesMax) follower.credit = 1;
  }

  #isPacing(follower: Follower): boolean {
    // If what it needs next is gone, it is sent another snapshot, whatever it does with this one.
    if (!this.#order.recent.has(follower.cursor.at)) return false;
    return follower.waitedMs <= newcomerSlowMs && !this.#hasCaughtUp(follower);
  }

  #cameFurther(follower: Follower, credit: number): void {
    follower.waitedMs = 0;
    follower.cursor.isKept = this.#order.recent.has(follower.cursor.at);
    follower.credit += credit;
    if (follower.credit > 0) follower.heldMs = 0;
    if (this.#hasCaughtUp(follower)) follower.credit = Math.max(follower.credit, followBytesMax);
  }

  /**
   * Sends what has happened to those who have the snapshot, and have followed what they were sent before.
   *
   * @param isFrozen whether a newcomer may be a clone already, which a new snapshot would undo.
   */
  send(isFrozen = false): void {
    for (const follower of this.#followers.values()) {
      if (follower.sent !== follower.followed) continue;
      if (!isFrozen || this.#order.recent.has(follower.cursor.at)) this.#sendNext(follower, followBytesMax);
    }
  }

  /** Makes a newcomer that has almost caught up a clone of this replica, which is frozen: sends all that it lacks. */
  sendState(id: ReplicaId, ballot: Ballot): void {
    const follower = this.#followers.get(id);
    if (follower !== undefined) this.#sendNext(follower, Infinity);
    const { v, pending } = this.#order;
    this.#send(id, { kind: "STATE", v, ballot, pending: [...pending].map(carry) });
  }

  #sendNext(follower: Follower, bytesMax: number): void {
    const { member, cursor } = follower;
    const { recent } = this.#order;
    if (cursor.at === recent.end) return;
    const missed = recent.from(cursor.at, bytesMax);
    if (missed === undefined) {
      // It has not come further for long, and nobody has waited for it: a new snapshot is shorter.
      this.#leave(member.id);
      return this.#begin(member, undefined);
    }
    follower.sent += missed.length;
    follower.underWay += recent.advance(cursor, missed);
    let requests: CarriedRequest[] = [];
    let v = 0;
    const sendRequests = () => {
      if (requests.length > 0) this.#send(member.id, { kind: "FOLLOW", v, requests });
      requests = [];
    };
    for (const happening of missed) {
      if (happening.kind === "viewed") {
        sendRequests();
        this.#send(member.id, { kind: "VIEWED", v: happening.v, expired: happening.expired });
      } else {
        if (happening.v !== v) sendRequests();
        v = happening.v;
        requests.push(happening.request);
      }
    }
    sendRequests();
  }

  /** The newcomers that have almost caught up. */
  caughtUp(): Member[] {
    return [...this.#followers.values()].filter((follower) => this.#hasCaughtUp(follower)).map(({ member }) => member);
  }

  /** The newcomer kept a flush waiting: no other one waits for it before it has spoken again. */
  leaveOut(id: ReplicaId): void {
    const follower = this.#followers.get(id);
    if (follower !== undefined) follower.isSilent = true;
  }

  #hasCaughtUp({ snapshot, isSilent, sent, followed, cursor, underWay }: Follower): boolean {
    if (snapshot !== undefined || isSilent || followed < 0) return false;
    const { recent } = this.#order;
    const lag = sent + recent.end - cursor.at - followed;
    return lag <= followLagMax && underWay + recent.bytesAfter(cursor) <= followLagBytesMax;
  }
}
