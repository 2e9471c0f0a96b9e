/**
 * Where links to a replica begin: accepts connections, and waits for the first frame of each, which tells what the link
 * is for.
 *
 * Nobody can fill the reception. A stranger that says nothing gives way to a later one, and so does a link that was
 * refused and is not gone yet. A link that speaks is introduced at once, so replicas of the cluster always get in.
 *
 * @module
 */

import type { Message } from "../../protocol/wire/messages.ts";
import { isConnectionError, Link, type LinkBudgets, type LinkHandler } from "../link.ts";
import { turns, type TurnShare } from "../turns.ts";
import { AcceptPace } from "./accept_pace.ts";

/** Milliseconds within which a new link must say who it is. */
export const helloWithinMs = 5_000;

/** Links that have not said who they are, and as many that were refused: an honest one says so at once. */
export const strangersMax = 256;

/** Bytes of the first frame of a link: it names somebody. */
export const firstFrameBytesMax = 1024;

/** The owner of the links. */
export interface ReceptionHost {
  /** The socket to which clients and replicas connect. */
  readonly listener: Pick<Deno.TcpListener, "accept" | "close">;
  /** What the links may hold in sum. */
  readonly budgets: LinkBudgets;
  /** The first frame of a link came: returns the handler of the link from now on; undefined: it was refused. */
  introduce(link: Link, message: Message): LinkHandler | undefined;
  /** The process can open no more: ends some links that say nothing. */
  overflowed(): void;
}

// The pause between two attempts to accept a connection while the process can open no more.
const acceptPauseMs = 50;

// What a connection counts in a turn, so that no turn accepts more than a few dozen.
const connectionCostBytes = 2 * 1024;

/** The links that have not told yet what they are for. */
export class Reception {
  readonly #host: ReceptionHost;
  // With the timer of each, which ends the link of a silent stranger; the oldest first.
  readonly #strangers = new Map<Link, ReturnType<typeof setTimeout>>();
  // Those that were refused and have still to read why; the oldest first.
  readonly #leaving = new Set<Link>();
  #isClosed = false;

  /** Accepts nothing yet. */
  constructor(host: ReceptionHost) {
    this.#host = host;
  }

  /** Accepts connections until it is closed. */
  async open(): Promise<void> {
    const { listener } = this.#host;
    const share: TurnShare = { turn: 0, bytes: 0 };
    const pace = new AcceptPace();
    while (!this.#isClosed) {
      const pauseMs = pace.next(performance.now());
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      // To accept a connection that waits needs no turn of the event loop, as a read does not.
      if (!turns.take(share, connectionCostBytes)) await turns.next(share, connectionCostBytes, true);
      let connection: Deno.TcpConn;
      try {
        connection = await listener.accept();
      } catch (error) {
        // A connection that was reset before its acceptance does not matter. Anything else, such as a lack of
        // descriptors, passes; until then the connections wait.
        if (isConnectionError(error) || this.#isClosed) continue;
        this.#host.overflowed();
        await new Promise((resolve) => setTimeout(resolve, acceptPauseMs));
        continue;
      }
      this.#meet(connection);
    }
  }

  /** Tells a link why it is refused, and closes it. */
  refuse(link: Link, reason: string, cluster?: string): void {
    this.#forget(link);
    link.send({ kind: "REFUSED", reason, cluster });
    this.#takeLeave(link);
  }

  /** Accepts no more, and ends the links of strangers and of those that were refused. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.listener.close();
    for (const link of this.#strangers.keys()) {
      this.#forget(link);
      link.abort();
    }
    for (const link of this.#leaving) link.abort();
  }

  /** Gives a stranger a short time to tell what it wants. */
  #meet(connection: Deno.TcpConn): void {
    if (this.#isClosed) {
      connection.close();
      return;
    }
    let next: LinkHandler | undefined;
    const link = new Link(connection, {
      onMessage: (link, message) => {
        if (next !== undefined) return next.onMessage(link, message);
        this.#forget(link);
        link.welcome();
        next = this.#host.introduce(link, message);
      },
      onClosed: (link, reason) => {
        this.#forget(link);
        if (reason !== undefined) this.#takeLeave(link);
        next?.onClosed(link, reason);
      },
    }, { budgets: this.#host.budgets, firstFrameBytesMax });
    const late = () => this.refuse(link, `no HELLO came within ${helloWithinMs} ms`);
    this.#strangers.set(link, setTimeout(late, helloWithinMs));
    if (this.#strangers.size <= strangersMax) return;
    const silent = oldest(this.#strangers.keys());
    this.#forget(silent);
    silent.abort();
  }

  /** Waits until a link is gone that gets a reason; few at a time. */
  #takeLeave(link: Link): void {
    this.#leaving.add(link);
    link.close().then(() => this.#leaving.delete(link));
    if (this.#leaving.size > strangersMax) oldest(this.#leaving).abort();
  }

  #forget(link: Link): void {
    clearTimeout(this.#strangers.get(link));
    this.#strangers.delete(link);
  }
}

function oldest(links: Iterable<Link>): Link {
  const [link] = links;
  return link;
}
