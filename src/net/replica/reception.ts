/**
 * Where links to a replica begin: accepts connections, and waits for the first frame of each, which tells what the link
 * is for.
 *
 * @module
 */

import type { Message } from "../../protocol/wire/messages.ts";
import { isConnectionError, Link, type LinkHandler } from "../link.ts";

/** Milliseconds within which a new link must say who it is. */
export const helloWithinMs = 5_000;

/** The owner of the links. */
export interface ReceptionHost {
  /** The socket to which clients and replicas connect. */
  readonly listener: Pick<Deno.TcpListener, "accept" | "close">;
  /** Whether there is room for one more link beside the strangers. */
  hasRoom(strangers: number): boolean;
  /** The first frame of a link came: returns the handler of the link from now on; undefined: it was refused. */
  introduce(link: Link, message: Message): LinkHandler | undefined;
}

// The pause between two attempts to accept a connection while the process can open no more.
const acceptPauseMs = 50;

/** The links that have not told yet what they are for. */
export class Reception {
  readonly #host: ReceptionHost;
  // With the timer of each, which ends the link of a silent stranger.
  readonly #strangers = new Map<Link, ReturnType<typeof setTimeout>>();
  #isClosed = false;

  /** Accepts nothing yet. */
  constructor(host: ReceptionHost) {
    this.#host = host;
  }

  /** Accepts connections until it is closed. */
  async open(): Promise<void> {
    const { listener } = this.#host;
    while (!this.#isClosed) {
      let connection: Deno.TcpConn;
      try {
        connection = await listener.accept();
      } catch (error) {
        // A connection that was reset before its acceptance does not matter. Anything else, such as a lack of
        // descriptors, passes; until then the connections wait.
        if (!isConnectionError(error)) await new Promise((resolve) => setTimeout(resolve, acceptPauseMs));
        continue;
      }
      this.#meet(connection);
    }
  }

  /** Tells a link why it is refused, and closes it. */
  refuse(link: Link, reason: string, cluster?: string): void {
    this.#forget(link);
    link.send({ kind: "REFUSED", reason, cluster });
    link.close();
  }

  /** Accepts no more, and ends the links of strangers. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.listener.close();
    for (const link of this.#strangers.keys()) {
      this.#forget(link);
      link.abort();
    }
  }

  /** Gives a stranger a short time to tell what it wants. */
  #meet(connection: Deno.TcpConn): void {
    if (this.#isClosed || !this.#host.hasRoom(this.#strangers.size)) {
      connection.close();
      return;
    }
    let next: LinkHandler | undefined;
    const link = new Link(connection, {
      onMessage: (link, message) => {
        if (next !== undefined) return next.onMessage(link, message);
        this.#forget(link);
        next = this.#host.introduce(link, message);
      },
      onClosed: (link, reason) => {
        this.#forget(link);
        next?.onClosed(link, reason);
      },
    });
    const late = () => this.refuse(link, `no HELLO came within ${helloWithinMs} ms`);
    this.#strangers.set(link, setTimeout(late, helloWithinMs));
  }

  #forget(link: Link): void {
    clearTimeout(this.#strangers.get(link));
    this.#strangers.delete(link);
  }
}
