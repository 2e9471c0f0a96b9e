/**
 * The donor's side of the admission of newcomers (rule V9).
 *
 * A big state must not stop the world. The donor, which is the coordinator of its view, takes a snapshot, and sends it
 * in pieces while requests go on; then the newcomer follows what the donor executes; and only when it has almost caught
 * up does the view end, to let it in: the last piece, inside the flush, is what is pending then.
 *
 * @module
 */

import { donorBacklogBytesMax, donorBacklogRequestBytes, followLagMax, snapshotPieceBytes } from "../limits.ts";
import type { ClientId, Member, ReplicaId } from "../uid.ts";
import type { CarriedRequest, MeshMessage } from "./messages.ts";

/** The replica that a donor belongs to. */
export interface DonorHost {
  /** Sends to a newcomer. */
  send(to: ReplicaId, message: MeshMessage): void;
  /** The replicated state, as a copy. */
  snapshot(): Uint8Array;
  /** The view that it is in. */
  view(): number;
}

type FollowMessage = { readonly kind: "FOLLOW"; readonly v: number; readonly requests: CarriedRequest[] };

interface Follower {
  readonly member: Member;
  /** The view in which the snapshot was taken. */
  readonly v: number;
  /** What is left to fetch of it; undefined once the newcomer has all. */
  snapshot: Uint8Array | undefined;
  /** Where its next piece begins. */
  offset: number;
  /** What was executed since the snapshot and is not sent, with the changes of view in between. */
  backlog: (FollowMessage | (MeshMessage & { readonly kind: "VIEWED" }))[];
  backlogBytes: number;
  /** Requests that were sent, and that it said it has executed; -1 until it has restored the snapshot. */
  sent: number;
  followed: number;
  /** It did not answer in the last flush, and has said nothing since. */
  isSilent: boolean;
}

/** Feeds newcomers. */
export class Donor {
  readonly #host: DonorHost;
  readonly #newcomers = new Map<ReplicaId, Member>();
  readonly #followers = new Map<ReplicaId, Follower>();

  /** A donor with nobody to feed. */
  constructor(host: DonorHost) {
    this.#host = host;
  }

  /** A newcomer has asked to be let in: another donor may have to take the place of a dead one. */
  remember(member: Member): void {
    this.#newcomers.set(member.id, member);
  }

  /** It is a member now, or dead. */
  forget(id: ReplicaId): void {
    this.#newcomers.delete(id);
    this.#followers.delete(id);
  }

  /** Begins to feed all newcomers that it does not feed already. */
  feed(): void {
    for (const member of this.#newcomers.values()) if (!this.#followers.has(member.id)) this.#begin(member);
  }

  #begin(member: Member): void {
    const follower: Follower = {
      member,
      v: this.#host.view(),
      snapshot: this.#host.snapshot(),
      offset: 0,
      backlog: [],
      backlogBytes: 0,
      sent: 0,
      followed: -1,
      isSilent: false,
    };
    this.#followers.set(member.id, follower);
    this.fetch(member.id, 0);
  }

  /** Another replica is the donor. */
  stop(): void {
    this.#followers.clear();
  }

  /** The newcomer wants the piece of the snapshot that begins at `offset`; at its end, what has happened since. */
  fetch(id: ReplicaId, offset: number): void {
    const follower = this.#followers.get(id);
    // The word may be about a snapshot that was given up for a newer one.
    if (follower?.snapshot === undefined || offset !== follower.offset) return;
    const total = follower.snapshot.length;
    const bytes = follower.snapshot.subarray(offset, offset + snapshotPieceBytes);
    this.#host.send(id, { kind: "PIECE", v: follower.v, offset, total, bytes });
    follower.offset += bytes.length;
    if (follower.offset === total) follower.snapshot = undefined;
  }

  /** The newcomer has executed so many of the requests that it was sent; returns whether it may have caught up by it. */
  followed(id: ReplicaId, count: number): boolean {
    const follower = this.#followers.get(id);
    if (follower === undefined) return false;
    follower.followed = count;
    follower.isSilent = false;
    return this.#hasCaughtUp(follower);
  }

  /** A request was executed in view `v`. */
  executed(v: number, request: CarriedRequest): void {
    for (const follower of this.#followers.values()) {
      let last = follower.backlog.at(-1);
      if (last?.kind !== "FOLLOW" || last.v !== v) {
        last = { kind: "FOLLOW", v, requests: [] };
        follower.backlog.push(last);
      }
      last.requests.push(request);
      follower.backlogBytes += donorBacklogRequestBytes + request.commands.length;
      // It cannot keep up with so much: a new snapshot is shorter.
      if (follower.backlogBytes > donorBacklogBytesMax) this.#begin(follower.member);
    }
  }

  /** View `v` was installed, and nobody who is fed is a member of it. */
  viewed(v: number, expired: readonly ClientId[]): void {
    for (const follower of this.#followers.values()) follower.backlog.push({ kind: "VIEWED", v, expired });
  }

  /** Sends what has happened to those who have the snapshot. */
  send(): void {
    for (const follower of this.#followers.values()) {
      if (follower.snapshot !== undefined || follower.backlog.length === 0) continue;
      for (const message of follower.backlog) {
        if (message.kind === "FOLLOW") follower.sent += message.requests.length;
        this.#host.send(follower.member.id, message);
      }
      follower.backlog = [];
      follower.backlogBytes = 0;
    }
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

  #hasCaughtUp({ snapshot, isSilent, sent, followed, backlog }: Follower): boolean {
    const waiting = backlog.reduce(
      (sum, message) => sum + (message.kind === "FOLLOW" ? message.requests.length : 0),
      0,
    );
    return snapshot === undefined && !isSilent && followed >= 0 && sent + waiting - followed <= followLagMax;
  }
}
