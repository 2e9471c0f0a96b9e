/**
 * The newcomer's side of its own admission (rule V9).
 *
 * It asks every replica to let it in. The coordinator becomes its donor: it sends a snapshot in pieces, then what it
 * executes, and at last, frozen in a flush, what is pending: then the newcomer is its clone, and if the flush decides for
 * it, it drains like anybody. It votes nowhere. A donor that dies is followed by another one, which begins from scratch;
 * a clone is good for the view in which it was made.
 *
 * @module
 */

import type { ReplicaId } from "../uid.ts";
import type { Executor } from "./executor.ts";
import { type Ballot, compareBallots, type Decision, type MeshMessage, type MessageOf } from "./messages.ts";
import { Session } from "./sessions.ts";

/** What a newcomer does with a message. */
export interface NewcomerHost {
  /** Sends to a replica. */
  send(to: ReplicaId, message: MeshMessage): void;
  /** The state was replaced by a snapshot: the log begins anew after it. */
  restored(): void;
}

/** A frozen copy of the coordinator, undrained. */
export type Clone = Pick<MessageOf<"STATE">, "v" | "ballot" | "clock" | "pending">;

/** A replica that is no member yet. */
export class Newcomer {
  readonly #executor: Executor;
  readonly #host: NewcomerHost;
  #donor: ReplicaId | undefined;
  #donorV = 0;
  #snapshot = new Uint8Array(0);
  #fill = 0;
  #isLoaded = false;
  #followed = 0;
  #clone: Clone | undefined;

  /** Takes the state into `executor`. */
  constructor(executor: Executor, host: NewcomerHost) {
    this.#executor = executor;
    this.#host = host;
  }

  /** A message of another replica that is about the admission. */
  received(from: ReplicaId, message: MeshMessage): void {
    if (message.kind === "PIECE") return this.#onPiece(from, message);
    // A late word of a donor that is dead says nothing.
    if (from !== this.#donor || !this.#isLoaded) return;
    switch (message.kind) {
      case "FOLLOW":
        return this.#onFollow(from, message);
      case "VIEWED":
        this.#clone = undefined;
        this.#executor.sessions.forget(message.expired, message.v);
        return this.#sayFollowed(from);
      case "STATE":
        return this.#onState(from, message);
    }
  }

  /**
   * The clone that the decision was made for; undefined: this replica lacks what the view that ends has executed, and must
   * not go on.
   */
  promoted(decision: Decision): Clone | undefined {
    return this.#clone?.v === decision.v - 1 ? this.#clone : undefined;
  }

  #onPiece(from: ReplicaId, { v, offset, total, bytes }: MessageOf<"PIECE">): void {
    // Each donor begins in a later view than the one before, so a late word of a dead one is known by its view.
    if (v < this.#donorV) return;
    if (offset === 0) {
      this.#donorV = v;
      this.#donor = from;
      this.#snapshot = new Uint8Array(total);
      this.#fill = 0;
      this.#followed = 0;
      this.#isLoaded = false;
      this.#clone = undefined;
    }
    if (from !== this.#donor || offset !== this.#fill || offset + bytes.length > this.#snapshot.length) return;
    this.#snapshot.set(bytes, offset);
    this.#fill += bytes.length;
    if (this.#fill < total) return this.#host.send(from, { kind: "FETCH", offset: this.#fill });
    this.#executor.restore(this.#snapshot);
    this.#host.restored();
    this.#snapshot = new Uint8Array(0);
    this.#isLoaded = true;
    this.#sayFollowed(from);
  }

  #onFollow(from: ReplicaId, { v, requests }: MessageOf<"FOLLOW">): void {
    for (const request of requests) {
      const session = this.#executor.sessions.get(request.client) ?? new Session(request.client);
      if (request.seq !== session.executed + 1) {
        throw new Error(`request ${request.seq} of session "${request.client}" was sent after ${session.executed}`);
      }
      session.confirm(request.done);
      this.#executor.apply(session, request, v);
    }
    this.#followed += requests.length;
    this.#sayFollowed(from);
  }

  #onState(from: ReplicaId, { v, ballot, clock, pending }: MessageOf<"STATE">): void {
    if (this.#clone !== undefined && !isLater(this.#clone, v, ballot)) return;
    this.#clone = { v, ballot, clock, pending };
    this.#host.send(from, { kind: "STATE_OK", v, ballot });
  }

  #sayFollowed(donor: ReplicaId): void {
    this.#host.send(donor, { kind: "FOLLOWED", count: this.#followed });
  }
}

function isLater(clone: Clone, v: number, ballot: Ballot): boolean {
  return v > clone.v || (v === clone.v && compareBallots(ballot, clone.ballot) > 0);
}
