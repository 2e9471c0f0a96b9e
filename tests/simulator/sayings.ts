/**
 * What each replica has said, to hold its disk against: what is said is on the disk.
 *
 * @module
 */

import type { Message } from "../../src/protocol/wire/messages.ts";
import { type Ballot, compareBallots } from "../../src/protocol/wire/records.ts";
import type { Recovered } from "../../src/protocol/replica/recovery.ts";
import type { ClientId, ReplicaId } from "../../src/uid.ts";
import { Violation } from "./history.ts";

/** What a replica has asserted, as far as a later word does not replace it. */
class Said {
  /** The last view that it named as its own; what follows is of this view. */
  v = 0;
  requests = 0;
  promised: Ballot | undefined;
  accepted: Ballot | undefined;
  cloned: { readonly v: number; readonly ballot: Ballot } | undefined;
  /** The view of the donor that feeds it, or has fed it last. */
  fedIn = 0;
  received = new Map<ClientId, number>();

  enter(v: number): void {
    if (v <= this.v) return;
    this.v = v;
    this.promised = this.accepted = undefined;
    this.received.clear();
  }
}

/** All that all replicas have said. */
export class Sayings {
  readonly #said = new Map<ReplicaId, Said>();

  #of(id: ReplicaId): Said {
    let said = this.#said.get(id);
    if (said === undefined) this.#said.set(id, said = new Said());
    return said;
  }

  /** A message goes out. */
  hear(id: ReplicaId, message: Message): void {
    const said = this.#of(id);
    switch (message.kind) {
      case "VIEW":
        return said.enter(message.v);
      case "RECEIVED":
        said.enter(message.v);
        if (message.v === said.v) { for (const { client, seq } of message.receipts) said.received.set(client, seq); }
        return;
      case "PREPARE":
      case "REPORT":
        said.enter(message.v);
        if (message.v === said.v) said.promised = message.ballot;
        return;
      case "ACCEPT":
      case "ACCEPTED":
        said.enter(message.v);
        if (message.v === said.v) said.promised = said.accepted = message.ballot;
        return;
      case "DIGEST":
        said.enter(message.position.v);
        said.requests = Math.max(said.requests, message.position.requests);
        return;
      case "JOIN":
        if (message.position !== undefined) said.requests = Math.max(said.requests, message.position.requests);
        return;
      case "STATE_OK":
        // In one turn with the first word of a donor of a later view, it is void before it goes out: that view was
        // decided without this replica.
        if (message.v >= said.fedIn) said.cloned = { v: message.v, ballot: message.ballot };
        return;
    }
  }

  /** A donor in view `v` begins to feed a replica: it is no longer a clone. */
  fed(id: ReplicaId, v: number): void {
    const said = this.#of(id);
    said.cloned = undefined;
    said.fedIn = Math.max(said.fedIn, v);
  }

  /** The disk of a replica was read. */
  check(name: string, recovered: Recovered): void {
    const said = this.#said.get(recovered.id);
    if (said === undefined) return;
    const { order, promised, accepted, clone, isMember } = recovered;
    const lost = (what: string) => new Violation(`${name} has said ${what}, and its disk does not know of it`);
    if (order.position.requests < said.requests) throw lost(`that it has executed ${said.requests} requests`);
    if (!isMember) {
      if (said.cloned !== undefined && order.v === said.cloned.v && clone === undefined) throw lost("STATE_OK");
      return;
    }
    if (order.v < said.v) throw lost(`that it is in view ${said.v}`);
    if (order.v > said.v) return;
    if (said.promised && compareBallots(promised, said.promised) < 0) throw lost("REPORT");
    if (said.accepted && (!accepted || compareBallots(accepted.ballot, said.accepted) < 0)) throw lost("ACCEPTED");
    for (const [client, seq] of said.received) {
      const executed = order.sessions.get(client)?.executed ?? 0;
      const pending = [...order.pending].filter((request) => request.client === client).map((request) => request.seq);
      if (Math.max(executed, ...pending) < seq) throw lost(`that it has received request ${seq} of ${client}`);
    }
  }
}
