/**
 * Where links to a replica or a node begin: accepts connections, lets the opener of each show who it is, and waits for
 * the first frame after that, which names what the link is about.
 *
 * Nobody can fill the reception. A stranger gives way to a later one, first if it has said nothing, but not before it
 * had the time that an honest one needs; meanwhile, no more are accepted. A link that was refused and is not gone yet
 * gives way, too. Somebody who was let in waits in another room.
 *
 * @module
 */

import { decodeFromOpener } from "../../protocol/wire/codec.ts";
import type { Message } from "../../protocol/wire/messages.ts";
import {
  admissionWithinMs,
  type Decode,
  firstFrameBytesMax,
  isConnectionError,
  Link,
  type LinkBudgets,
  type LinkConnection,
  type LinkHandler,
  notShownInTime,
} from "../link.ts";
import { turns, type TurnShare } from "../turns.ts";
import { AcceptPace } from "./accept_pace.ts";
import type { Admission, Greeted, Guest } from "./admission.ts";

/** Milliseconds within which somebody who was let in must say what the link is about. */
export const helloWithinMs = 5_000;

/** Milliseconds that a stranger has in any case, however many there are. */
export const graceMs = 100;

/** Links of strangers; as many of somebody who was let in and has said nothing yet, and that were refused. */
export const strangersMax = 256;

/** Accepts connections. */
export interface LinkListener {
  accept(): Promise<LinkConnection>;
  close(): void;
}

/** The owner of the links. */
export interface ReceptionHost {
  /** The socket to which clients and replicas connect. */
  readonly listener: LinkListener;
  /** What the links may hold in sum. */
  readonly budgets: LinkBudgets;
  /** Decides who is let in. */
  readonly admission: Admission;
  /** Reads the messages of those who were let in; absent: those of replicas. */
  readonly decode?: Decode;
  /**
   * The first frame of somebody who was let in: returns the handler of the link from now on; undefined: it was refused.
   */
  introduce(link: Link, message: Message, guest: Guest): LinkHandler | undefined;
  /** The process can open no more: ends some links that say nothing. */
  overflowed(): void;
}

// The pause between two attempts to accept a connection while the process can open no more.
const acceptPauseMs = 50;

// What a connection counts in a turn, so that no turn accepts more than a few dozen.
const connectionCostBytes = 2 * 1024;

// The same for a proof, which takes about a tenth of a millisecond: a crowd of strangers may send one each.
const proofCostBytes = 8 * 1024;

/** Links that wait, the oldest first: since when, and the timer that ends one that is late. */
type WaitingLinks = Map<Link, { readonly since: number; readonly timer: ReturnType<typeof setTimeout> }>;

/** The links that have not told yet what they are for. */
export class Reception {
  readonly #host: ReceptionHost;
  /** Those that have said nothing. */
  readonly #silent: WaitingLinks = new Map();
  /** Those that have greeted, and have proven nothing. */
  readonly #greeted: WaitingLinks = new Map();
  /** Those that were let in, and have not said what for. */
  readonly #admitted: WaitingLinks = new Map();
  // Those that were refused and have still to read why; the oldest first.
  readonly #leaving = new Set<Link>();
  /** Resolves when a stranger is not one any more. */
  #left = Promise.withResolvers<void>();
  #isClosed = false;

  /** Accepts nothing yet. */
  constructor(host: ReceptionHost) {
    this.#host = host;
  }

  /** Accepts connections until it is closed. */
  async open(): Promise<void> {
    const { listener, budgets } = this.#host;
    const share: TurnShare = { turn: 0, bytes: 0 };
    const pace = new AcceptPace();
    while (!this.#isClosed) {
      const now = performance.now();
      pace.wasted(budgets.takeWasted(), now);
      const pauseMs = pace.next(now);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      // To accept a connection that waits needs no turn of the event loop, as a read does not.
      if (!turns.take(share, connectionCostBytes)) await turns.next(share, connectionCostBytes, true);
      while (this.#strangers >= strangersMax && !this.#isClosed) await this.#makeRoom();
      if (this.#isClosed) return;
      let connection: LinkConnection;
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

  /** Tells the session of a link that it has asked for more than it may, and closes the link. */
  forbid(link: Link, reason: string): void {
    link.send({ kind: "FORBIDDEN", reason });
    this.#takeLeave(link);
  }

  /** The links that were let in, and have not said what for. */
  get admitted(): readonly Link[] {
    return [...this.#admitted.keys()];
  }

  /** Accepts no more, and ends the links of strangers and of those that were refused. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#left.resolve();
    this.#host.listener.close();
    for (const waiting of [this.#silent, this.#greeted, this.#admitted]) {
      for (const link of waiting.keys()) {
        this.#forget(link);
        link.abort();
      }
    }
    for (const link of this.#leaving) link.abort();
  }

  /** Gives a stranger a short time to show who it is. */
  #meet(connection: LinkConnection): void {
    if (this.#isClosed) {
      connection.close();
      return;
    }
    const { budgets, admission, decode } = this.#host;
    let greeted: Greeted | undefined;
    let guest: Guest | undefined;
    let next: LinkHandler | undefined;
    const link = new Link(connection, {
      onMessage: (link, message) => {
        if (next !== undefined) return next.onMessage(link, message);
        if (guest !== undefined) {
          this.#forget(link);
          next = this.#host.introduce(link, message, guest);
        } else if (message.kind === "GREET" && greeted === undefined) {
          const { challenge, ...others } = admission.greet(message);
          greeted = others;
          link.send(challenge);
          this.#greeted.set(link, this.#silent.get(link)!);
          this.#silent.delete(link);
        } else if (message.kind === "PROOF" && greeted !== undefined) {
          this.#inTurn(link, () => {
            const proven = admission.prove(link, greeted!, message);
            if (typeof proven === "string") return this.refuse(link, proven);
            guest = proven.guest;
            link.send(proven.admitted);
            link.welcome(decode);
            this.#forget(link);
            this.#await(this.#admitted, link, helloWithinMs, `it did not say what for within ${helloWithinMs} ms`);
          });
        } else {
          this.refuse(link, `${message.kind} came where ${greeted === undefined ? "GREET" : "PROOF"} was expected`);
        }
      },
      onClosed: (link, reason) => {
        this.#forget(link);
        if (reason !== undefined) this.#takeLeave(link);
        next?.onClosed(link, reason);
      },
    }, { budgets, firstFrameBytesMax, decode: decodeFromOpener });
    this.#await(this.#silent, link, admissionWithinMs, notShownInTime);
  }

  /** Checks a proof at once, or in a later turn; the link is not read before that. */
  async #inTurn(link: Link, check: () => void): Promise<void> {
    const share: TurnShare = { turn: 0, bytes: 0 };
    if (turns.take(share, proofCostBytes)) return check();
    link.pause();
    await turns.next(share, proofCostBytes, true);
    if (this.#greeted.has(link)) check();
    link.resume();
  }

  get #strangers(): number {
    return this.#silent.size + this.#greeted.size;
  }

  /** Ends the link of the oldest stranger, or waits until it has had its time, or one is not a stranger any more. */
  async #makeRoom(): Promise<void> {
    const now = performance.now();
    for (const waiting of [this.#silent, this.#greeted]) {
      const [first] = waiting;
      if (first === undefined || now - first[1].since < graceMs) continue;
      this.#end(first[0]);
      // Many may give way at once, and come again: those that are served have a turn after each.
      return await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const { promise, resolve } = this.#left = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    await promise;
    clearTimeout(timer);
  }

  /** Lets a link wait; after that time it is refused for this reason. */
  #await(waiting: WaitingLinks, link: Link, withinMs: number, reason: string): void {
    const timer = setTimeout(() => this.refuse(link, reason), withinMs);
    waiting.set(link, { since: performance.now(), timer });
    if (this.#admitted.size > strangersMax) this.#end(oldest(this.#admitted.keys()));
  }

  #end(link: Link): void {
    this.#forget(link);
    link.abort();
  }

  /** Waits until a link is gone that gets a reason; few at a time. */
  #takeLeave(link: Link): void {
    this.#leaving.add(link);
    link.close().then(() => this.#leaving.delete(link));
    if (this.#leaving.size > strangersMax) oldest(this.#leaving).abort();
  }

  #forget(link: Link): void {
    for (const waiting of [this.#silent, this.#greeted, this.#admitted]) {
      clearTimeout(waiting.get(link)?.timer);
      if (waiting.delete(link) && waiting !== this.#admitted) this.#left.resolve();
    }
  }
}

function oldest(links: Iterable<Link>): Link {
  const [link] = links;
  return link;
}
