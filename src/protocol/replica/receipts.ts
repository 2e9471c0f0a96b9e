/**
 * What the answerer was told by the other members: the agreement test of rule R5.
 *
 * A request is *agreed* once every member has said that it has the same request, and that nothing which comes before it
 * is still to come. The clients have no say in that. What one member has and the answerer has not holds up all that
 * comes after it.
 *
 * @module
 */

import { type ClientId, compareUid, firstUid, laterUid, type Member, type ReplicaId, type Uid } from "../../uid.ts";
import type { PendingRequest } from "./channel.ts";
import type { MessageOf } from "../wire/messages.ts";
import type { Receipt } from "../wire/records.ts";
import type { ReplicaHost } from "./replica_host.ts";

/** The receipts of one view. */
export class Receipts {
  readonly #host: Pick<ReplicaHost, "id" | "order" | "summer">;
  // By member, except the answerer itself: nothing more will come to it up to there.
  #reached = new Map<ReplicaId, Uid>();
  // Of requests that have not come here, or in another form, by client.
  #early = new Map<ClientId, Receipt[]>();
  #conflict: Receipt | undefined;

  /** @param host the replica that they are for. */
  constructor(host: Pick<ReplicaHost, "id" | "order" | "summer">) {
    this.#host = host;
  }

  /** A view begins. */
  reset(members: readonly Member[]): void {
    this.#reached = new Map();
    for (const { id } of members) if (id !== this.#host.id) this.#reached.set(id, firstUid);
    this.#early = new Map();
    this.#conflict = undefined;
  }

  /** How many other members there are. */
  get others(): number {
    return this.#reached.size;
  }

  /** A request of which two members were sent different ones: its client lies. */
  get conflict(): Receipt | undefined {
    return this.#conflict;
  }

  /** Up to where nothing more will come to any other member. */
  get reach(): Uid | undefined {
    let least: Uid | undefined;
    for (const uid of this.#reached.values()) if (least === undefined || compareUid(uid, least) < 0) least = uid;
    return least;
  }

  /** The first request that another member has told, and that has not come here. */
  get firstEarly(): Receipt | undefined {
    let first: Receipt | undefined;
    for (const receipts of this.#early.values()) {
      for (const receipt of receipts) if (first === undefined || compareUid(receipt, first) < 0) first = receipt;
    }
    return first;
  }

  /** The members that have not told a request, or to which one may still come that is before it. */
  lacking(request: PendingRequest): ReplicaId[] {
    const behind = [...this.#reached].filter(([, uid]) => compareUid(uid, request) < 0).map(([id]) => id);
    return behind.length > 0 || request.tellers === this.others ? behind : [...this.#reached.keys()];
  }

  /** Another member has told what it has received. */
  told(from: ReplicaId, { receipts, upTo }: MessageOf<"RECEIVED">): void {
    const reached = this.#reached.get(from);
    if (reached === undefined) return;
    for (const receipt of receipts) {
      const channel = this.#host.order.channels.get(receipt.client);
      if (channel !== undefined && receipt.seq <= channel.recv) {
        if (this.#agrees(channel.waitingAt(receipt.seq), receipt)) continue;
      }
      const early = this.#early.get(receipt.client);
      if (early === undefined) this.#early.set(receipt.client, [receipt]);
      else early.push(receipt);
    }
    this.#reached.set(from, laterUid(reached, upTo));
  }

  /** A request has come here. */
  received(request: PendingRequest): void {
    const early = this.#early.get(request.client);
    if (early === undefined) return;
    const rest = early.filter((receipt) => receipt.seq !== request.seq || !this.#agrees(request, receipt));
    if (rest.length === 0) this.#early.delete(request.client);
    else this.#early.set(request.client, rest);
  }

  /**
   * Compares what another member was sent with what came here. If they differ, the receipt stays: that request has not
   * come here, and holds up all that comes after it until the view ends.
   */
  #agrees(request: PendingRequest | undefined, receipt: Receipt): boolean {
    const agrees = request !== undefined && this.#host.summer.sumOf(request) === receipt.sum;
    if (agrees) request.tellers++;
    else this.#conflict ??= receipt;
    return agrees;
  }
}
