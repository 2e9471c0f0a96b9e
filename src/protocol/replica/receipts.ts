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
import { invariant } from "../../invariant.ts";
import type { PendingRequest } from "./channel.ts";
import type { MessageOf } from "../wire/messages.ts";
import type { Receipt } from "../wire/records.ts";
import type { ReplicaHost } from "./replica_host.ts";

/** The bits of members have room in 31 of them; a cluster has fewer. */
const othersMax = 31;

/** A receipt, and the bit of the member that has told it. */
interface EarlyReceipt extends Receipt {
  readonly bit: number;
}

/** The receipts of one view. */
export class Receipts {
  readonly #host: Pick<ReplicaHost, "id" | "order" | "summer">;
  // By member, except the answerer itself: nothing more will come to it up to there.
  #reached = new Map<ReplicaId, Uid>();
  // By member, too: its bit in the `tellers` of a request.
  #bits = new Map<ReplicaId, number>();
  #allBits = 0;
  // By client: receipts of requests that have not come here, or in another form.
  #early = new Map<ClientId, EarlyReceipt[]>();
  #conflict: Receipt | undefined;

  /** @param host the replica that they are for. */
  constructor(host: Pick<ReplicaHost, "id" | "order" | "summer">) {
    this.#host = host;
  }

  /** A view begins. */
  reset(members: readonly Member[]): void {
    const others = members.filter(({ id }) => id !== this.#host.id);
    invariant(others.length <= othersMax, "each other member has a bit");
    this.#reached = new Map(others.map(({ id }) => [id, firstUid]));
    this.#bits = new Map(others.map(({ id }, at) => [id, 1 << at]));
    this.#allBits = 2 ** others.length - 1;
    this.#early = new Map();
    this.#conflict = undefined;
  }

  /** Whether every other member has told this request. */
  isToldByAll({ tellers }: PendingRequest): boolean {
    return tellers === this.#allBits;
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
    const lacking: ReplicaId[] = [];
    for (const [id, uid] of this.#reached) {
      if (compareUid(uid, request) < 0 || (request.tellers & this.#bits.get(id)!) === 0) lacking.push(id);
    }
    return lacking;
  }

  /** Another member has told what it has received. */
  told(from: ReplicaId, { receipts, upTo }: MessageOf<"RECEIVED">): void {
    const reached = this.#reached.get(from);
    const bit = this.#bits.get(from);
    if (reached === undefined || bit === undefined) return;
    for (const receipt of receipts) {
      const channel = this.#host.order.channels.get(receipt.client);
      if (channel !== undefined && receipt.seq <= channel.recv) {
        if (this.#agrees(channel.waitingAt(receipt.seq), receipt, bit)) continue;
      }
      const early = this.#early.get(receipt.client);
      if (early === undefined) this.#early.set(receipt.client, [{ ...receipt, bit }]);
      else early.push({ ...receipt, bit });
    }
    this.#reached.set(from, laterUid(reached, upTo));
  }

  /** A request has come here. */
  received(request: PendingRequest): void {
    const early = this.#early.get(request.client);
    if (early === undefined) return;
    const rest = early.filter((receipt) => receipt.seq !== request.seq || !this.#agrees(request, receipt, receipt.bit));
    if (rest.length === 0) this.#early.delete(request.client);
    else this.#early.set(request.client, rest);
  }

  /**
   * Compares what another member was sent with what came here. If they differ, the receipt stays: that request has not
   * come here, and holds up all that comes after it until the view ends.
   */
  #agrees(request: PendingRequest | undefined, receipt: Receipt, bit: number): boolean {
    if (request !== undefined && this.#host.summer.sumOf(request) === receipt.sum) {
      request.tellers |= bit;
      return true;
    }
    this.#conflict ??= receipt;
    return false;
  }
}
