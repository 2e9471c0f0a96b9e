/**
 * A replica of the limit: it applies what comes, and says so. No order, no agreement, no views.
 *
 * It speaks with messages of Vaxlog that fit, and gives two fields another meaning. In REQUEST, `done` is the id of the
 * server that sends the outputs. READY is an acknowledgement of all requests up to `floor`.
 *
 * Everything else is as in a replica of Vaxlog: the same links, framing and codec, the same state machine, one batch
 * per turn, and with a file the same journal, committed once per turn before anything is said. So what lies between the
 * two is what the protocol costs.
 *
 * @module
 */

import { checkpointAfterBytes } from "../src/limits.ts";
import { Link, type LinkHandler } from "../src/net/link.ts";
import type { Message, MessageOf } from "../src/protocol/wire/messages.ts";
import type { StateMachine } from "../src/state_machine.ts";
import type { Store } from "../src/storage/store.ts";

/** What a server of the limit has. */
export interface LimitServerOptions {
  /** Its number, from 0: requests name the one that gives the outputs. */
  readonly id: number;
  readonly listener: Deno.TcpListener;
  readonly machine: StateMachine;
  /** Where it keeps what it has applied; absent: nowhere. */
  readonly store?: Store;
}

/** Applies and acknowledges. */
export class LimitServer {
  readonly #options: LimitServerOptions;
  readonly #links = new Set<Link>();
  readonly #handler: LinkHandler;
  #requests: { readonly link: Link; readonly request: MessageOf<"REQUEST"> }[] = [];
  #turnIsDue = false;
  /** Bytes of the rows that no checkpoint covers. */
  #journalBytes = 0;

  /** Begins to accept links. */
  constructor(options: LimitServerOptions) {
    this.#options = options;
    this.#handler = {
      onMessage: (link, message) => this.#onMessage(link, message),
      onClosed: (link) => void this.#links.delete(link),
    };
    options.store?.replace(options.machine.freeze());
    this.#accept();
  }

  /** Stops at once. */
  close(): void {
    this.#options.listener.close();
    for (const link of this.#links) link.abort();
    this.#options.store?.close();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#options.listener) this.#links.add(new Link(connection, this.#handler));
  }

  #onMessage(link: Link, message: Message): void {
    if (message.kind !== "REQUEST") return;
    this.#requests.push({ link, request: message });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#turnIsDue = false;
    const requests = this.#requests;
    this.#requests = [];
    this.#commit(requests.map(({ request }) => request.commands));
    // One acknowledgement for all requests of a link, as many as there were.
    const acknowledged = new Map<Link, number>();
    for (const { link, request } of requests) {
      const outputs = this.#options.machine.apply(request.commands);
      if (request.done === this.#options.id) {
        link.send({ kind: "OUTPUT", v: 1, clock: 0, seq: request.seq, index: 0, outputs });
      } else acknowledged.set(link, request.seq);
    }
    for (const [link, seq] of acknowledged) link.send({ kind: "READY", v: 1, floor: seq, pace: 1 });
  }

  /** Puts the rows on the disk before any output is sent; pieces of a checkpoint go along, as in a replica. */
  #commit(rows: readonly Uint8Array[]): void {
    const { store, machine } = this.#options;
    if (store === undefined || (rows.length === 0 && !store.isBusy)) return;
    for (const row of rows) {
      store.append(row);
      this.#journalBytes += row.length;
    }
    if (this.#journalBytes > checkpointAfterBytes && !store.isReplacing) {
      store.replace(machine.freeze());
      this.#journalBytes = 0;
    }
    store.commit();
    if (store.isBusy) setTimeout(() => this.#schedule(), 0);
  }
}
