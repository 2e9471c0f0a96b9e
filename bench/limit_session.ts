/**
 * The client's side of the limit: broadcasts requests to all servers and waits for all of them. No clock, no promise,
 * no suspension.
 *
 * As in a session of Vaxlog, what is submitted in one turn of the event loop travels in one request, made by the same
 * outbox under the same window, and each command has a promise of its own.
 *
 * @module
 */

import type { Reply, Submitter } from "../src/library/client.ts";
import { windowRequests } from "../src/limits.ts";
import { dial, type Link } from "../src/net/link.ts";
import { itemsOf } from "../src/batch.ts";
import type { Message, MessageOf } from "../src/protocol/wire/messages.ts";
import { Outbox } from "../src/protocol/client/outbox.ts";

interface Ticket {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** A session without a protocol. */
export class LimitSession implements Submitter {
  readonly #links: Link[] = [];
  readonly #outbox = new Outbox<Ticket>();
  /** Which server gives the outputs. */
  readonly #answerer: number;
  /** By server: the last request that it has acknowledged. */
  readonly #acked: number[] = [];
  readonly #outputs = new Map<number, MessageOf<"OUTPUT">>();
  #turnIsDue = false;

  private constructor(answerer: number) {
    this.#answerer = answerer;
  }

  /**
   * Opens one.
   *
   * @param addresses `host:port` of all servers.
   * @param number of the session, from 0: it chooses the server that gives the outputs.
   */
  static async connect(addresses: readonly string[], number: number): Promise<LimitSession> {
    const session = new LimitSession(number % addresses.length);
    for (const [at, address] of addresses.entries()) {
      session.#acked.push(0);
      const onMessage = (_: Link, message: Message) => session.#onMessage(at, message);
      session.#links.push(await dial(address, { onMessage, onClosed: () => session.#onClosed() }));
    }
    return session;
  }

  /** Submits a command; its bytes are copied before this returns. */
  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#outbox.submit(command, outputBytesMax, { resolve, reject });
      this.#schedule();
    });
  }

  /** Closes its links. */
  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()));
  }

  #schedule(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  #onMessage(at: number, message: Message): void {
    switch (message.kind) {
      case "OUTPUT":
        this.#outputs.set(message.seq, message);
        this.#acked[at] = message.seq;
        break;
      case "READY":
        this.#acked[at] = message.floor;
        break;
      default:
        return;
    }
    this.#schedule();
  }

  #onClosed(): void {
    const { upTo, above } = this.#outbox.abandon(this.#outbox.seq);
    for (const { reject } of [...upTo, ...above]) reject(new Error("a server of the limit closed its link"));
  }

  #turn(): void {
    this.#turnIsDue = false;
    const agreed = Math.min(...this.#acked);
    while (this.#outbox.done < agreed) this.#answer(this.#outbox.done + 1);
    while (this.#outbox.hasCommands && this.#outbox.seq - this.#outbox.done < windowRequests) this.#send();
  }

  #answer(seq: number): void {
    const { index, outputs } = this.#outputs.get(seq)!;
    this.#outputs.delete(seq);
    const { tickets } = this.#outbox.get(seq)!;
    this.#outbox.answer(seq);
    let at = 0;
    for (const output of itemsOf(outputs)) {
      tickets[at].resolve({ output, index: index + at });
      at++;
    }
  }

  #send(): void {
    const { seq, end, commands } = this.#outbox.nextRequest();
    const request = { kind: "REQUEST", v: 1, seq, ts: seq, upto: seq, done: this.#answerer, end, commands } as const;
    for (const link of this.#links) link.send(request);
  }
}
