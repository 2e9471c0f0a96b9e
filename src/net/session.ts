/**
 * A client session over TCP: the asynchronous client API.
 *
 * It keeps a link to every member of the view, makes lost ones again, and drives the {@link Transmitter}: commands that
 * are submitted in the same turn of the event loop travel in one request.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { encodeHex } from "@std/encoding/hex";
import { timestampJumpMax, viewNoticeMs, viewWaitMs } from "../limits.ts";
import { itemsOf } from "../protocol/batch.ts";
import type { InspectedTransmitter } from "../protocol/inspection.ts";
import { layouts, type Message, type ReplyMessage } from "../protocol/messages.ts";
import { OutboxFullError } from "../protocol/outbox.ts";
import { Transmitter } from "../protocol/transmitter.ts";
import type { TransmitterEffect } from "../protocol/transmitter_events.ts";
import type { Member } from "../uid.ts";
import { dial, Link, type LinkHandler } from "./link.ts";

/** The command was sent, and whether it was or will be executed cannot be known: an indefinite outcome. */
export class OutcomeUnknownError extends Error {
  /** What kind of error it is. */
  override name = "OutcomeUnknownError";
}

/** The command was not executed and never will be: a definite outcome. */
export class NotExecutedError extends Error {
  /** What kind of error it is. */
  override name = "NotExecutedError";
}

/** No replica gave the session a view; the message names every address tried. */
export class ConnectError extends Error {
  /** What kind of error it is. */
  override name = "ConnectError";
}

/** Something that a person may want to know of; `message` says it in a sentence without a period. */
export interface Notice {
  /**
   * `waiting`: links are there, and no view yet. `member`: connected to a member that was not named. `joined`: a
   * replica has come into the view, new or restarted. `failed`: one has left it. `unreachable`: no replica answers any more. `restarted`: the cluster was started anew, and has
   * forgotten everything. `expired`: the session was opened again, as the replicas had forgotten it.
   */
  readonly kind: "waiting" | "member" | "joined" | "failed" | "unreachable" | "restarted" | "expired";
  /** What a person reads. */
  readonly message: string;
  /** The replica that it is about, where it is about one. */
  readonly address?: string;
}

/** What a session may be told. */
export interface SessionOptions {
  /** Is called with each notice, at once. */
  readonly onNotice?: (notice: Notice) => void;
  /** Milliseconds without a view after which `waiting` is said; 1 s. */
  readonly viewNoticeMs?: number;
  /** Milliseconds without a view after which {@link Session.connect} gives up; 15 s. */
  readonly viewWaitMs?: number;
}

/** What a command came to. */
export interface Reply {
  /** The state machine's output; good only until the next turn of the event loop unless it is copied. */
  readonly output: Uint8Array;
  /** The command's place in the log, from 1. */
  readonly index: number;
}

interface Ticket {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

// Between two attempts at an address that refuses.
const retryMsMin = 20;
const retryMsMax = 500;
// How long `close` waits for the replicas to forget the session; one that vanishes instead expires.
const closeWithinMs = 500;

/** An address that no link could be had to, lately. */
interface Failure {
  reason: string;
  /** Nobody is there; false: whoever is there has only refused this link. */
  isDown: boolean;
  /** How many links had been lost when this was tried. */
  losses: number;
  retryMs: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** A session with a cluster. */
export class Session {
  readonly #addresses: readonly string[];
  readonly #options: SessionOptions;
  readonly #named: Set<string>;
  #core: Transmitter<Ticket>;
  #cluster: string | undefined;
  readonly #links = new Map<number, { readonly link: Link; readonly address: string; greeted: boolean }>();
  readonly #dialing = new Set<string>();
  readonly #failures = new Map<string, Failure>();
  #nextLink = 1;
  #losses = 0;
  #turnIsDue = false;
  #wakeTimer: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Infinity;
  #isUnreachable = false;
  #isClosed = false;
  readonly #connected = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<void>();

  private constructor(addresses: readonly string[], options: SessionOptions) {
    this.#addresses = addresses;
    this.#named = new Set(addresses);
    this.#options = options;
    this.#core = this.#newCore();
  }

  /**
   * Opens a session.
   *
   * @param addresses `host:port` of any replicas of the cluster; it learns the others.
   * @throws {ConnectError} at once if nobody accepts at any address, and after `viewWaitMs` if some accept and none gives
   * a view.
   */
  static async connect(addresses: readonly string[], options: SessionOptions = {}): Promise<Session> {
    const session = new Session(addresses, options);
    const noticeMs = options.viewNoticeMs ?? viewNoticeMs;
    const waitMs = options.viewWaitMs ?? viewWaitMs;
    const notice = setTimeout(() => session.#noteWaiting(), noticeMs);
    const giveUp = setTimeout(() => {
      const what = session.#links.size > 0
        ? `${session.#describeLinks()} accepted, and gave no view`
        : `${session.#describeDialing()} gave no answer`;
      session.#connected.reject(new ConnectError(`Cannot open a session: ${what} within ${waitMs} ms`));
    }, waitMs);
    try {
      session.#turn();
      await session.#connected.promise;
      return session;
    } catch (error) {
      session.#abort();
      throw error;
    } finally {
      clearTimeout(notice);
      clearTimeout(giveUp);
    }
  }

  /** The cluster's id, 32 hexadecimal digits. */
  get cluster(): string {
    return this.#cluster!;
  }

  /** The number of the view that the session is in. */
  get view(): number {
    return this.#core.v;
  }

  /** The members of that view. */
  get members(): readonly Member[] {
    return this.#core.members;
  }

  /** What it waits for, and from whom. */
  inspect(): InspectedTransmitter {
    return this.#core.inspect();
  }

  /**
   * Submits a command; its bytes are copied before this returns.
   *
   * @param outputBytesMax the most bytes that its output can have.
   * @returns its output, once the command is executed.
   * @throws {OutcomeUnknownError} if all replicas were lost, or the session was closed, after it was sent: indefinite.
   * @throws {NotExecutedError} if it was not sent: definite.
   */
  submit(command: Uint8Array, outputBytesMax: number): Promise<Reply> {
    if (this.#isClosed) return Promise.reject(new NotExecutedError("Cannot submit a command: the session is closed"));
    if (this.#isUnreachable) {
      return Promise.reject(new NotExecutedError(`No replica answers: ${this.#describeTried()}`));
    }
    return new Promise((resolve, reject) => {
      try {
        this.#core.submit(command, outputBytesMax, { resolve, reject });
      } catch (error) {
        throw error instanceof OutboxFullError ? new NotExecutedError(error.message) : error;
      }
      this.#schedule();
    });
  }

  /** Ends the session, once all that was submitted is answered, and closes its links; takes half a second at most. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#core.end();
      this.#turn();
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, closeWithinMs);
      if (this.#isUnreachable) this.#ended.resolve();
      await Promise.race([this.#ended.promise, late.promise]);
      this.#core.abandon("the session was closed before an answer came");
      for (const effect of this.#core.ready()) this.#perform(effect);
      const closing = [...this.#links.values()].map(({ link }) => link.close());
      await Promise.race([Promise.all(closing), late.promise]);
      clearTimeout(timer);
      this.#abort();
    }
    await this.#closed.promise;
  }

  #newCore(): Transmitter<Ticket> {
    const secret = encodeHex(crypto.getRandomValues(new Uint8Array(32)));
    const client = createHash("sha256").update(secret, "hex").digest("hex").slice(0, 32);
    return new Transmitter<Ticket>({ secret, client, addresses: this.#addresses });
  }

  // ---- Turns ----

  #schedule(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#turnIsDue = false;
    const core = this.#core;
    core.step({ kind: "tick", nowMs: performance.now() });
    for (const effect of core.ready()) this.#perform(effect);
    // A new session took the place of the one whose turn it was.
    if (core !== this.#core) return this.#schedule();
    this.#dialWanted();
    this.#armTimer();
  }

  /** One timer, armed only where it must ring earlier than it would. */
  #armTimer(): void {
    const wakeAt = this.#core.wakeAt();
    if (wakeAt === undefined || wakeAt >= this.#wakeAt) return;
    clearTimeout(this.#wakeTimer);
    this.#wakeAt = wakeAt;
    this.#wakeTimer = setTimeout(() => {
      this.#wakeAt = Infinity;
      this.#turn();
    }, Math.max(0, Math.ceil(wakeAt - performance.now())));
  }

  #perform(effect: TransmitterEffect<Ticket>): void {
    switch (effect.kind) {
      case "send":
        this.#links.get(effect.link)?.link.send(effect.message);
        return;
      case "closeLink":
        this.#links.get(effect.link)?.link.close();
        this.#links.delete(effect.link);
        return;
      case "outputs": {
        let at = 0;
        for (const output of itemsOf(effect.outputs)) {
          effect.tickets[at].resolve({ output, index: effect.index + at });
          at++;
        }
        return;
      }
      case "unknown":
        for (const { reject } of effect.tickets) reject(new OutcomeUnknownError(effect.reason));
        return;
      case "notSent":
        for (const { reject } of effect.tickets) reject(new NotExecutedError(effect.reason));
        return;
      case "view":
        return this.#onView(effect.members);
      case "refused": {
        const refused = this.#links.get(effect.link);
        // One that gave a view lives: a client that was silent for too long, say, is welcome again.
        if (refused !== undefined) {
          this.#noteFailure(refused.address, `refused: ${effect.reason}`, !refused.greeted);
        }
        return;
      }
      case "ended":
        return this.#ended.resolve();
      case "lost":
        return this.#reopen(effect.reason);
      default:
        effect satisfies never;
    }
  }

  // ---- Views ----

  #members: readonly Member[] = [];

  #onView(members: readonly Member[]): void {
    const cluster = this.#core.cluster;
    if (this.#cluster !== undefined && cluster !== this.#cluster) {
      this.#members = [];
      this.#say("restarted", "The cluster was started anew: what it held before is gone");
    }
    this.#cluster = cluster;
    for (const { id, address } of this.#members) {
      if (members.some((member) => member.id === id)) continue;
      this.#say("failed", `The replica at ${address} has failed, ${members.length} of them go on`, address);
    }
    for (const { id, address } of members) {
      if (this.#members.some((member) => member.id === id)) continue;
      if (this.#members.length > 0) {
        this.#say("joined", `The replica at ${address} has joined, ${members.length} of them go on`, address);
        continue;
      }
      if (!this.#named.has(address)) {
        this.#say("member", `The replica at ${address} was not named and is a member: it is used as well`, address);
      }
    }
    this.#members = members;
    this.#isUnreachable = false;
    this.#connected.resolve();
  }

  #say(kind: Notice["kind"], message: string, address?: string): void {
    this.#options.onNotice?.({ kind, message, address });
  }

  #noteWaiting(): void {
    const message = this.#links.size > 0
      ? `No view has come yet from ${this.#describeLinks()}: the replicas may be changing theirs; waiting`
      : `No answer has come yet from ${this.#describeDialing()}; waiting`;
    this.#say("waiting", message);
  }

  /** The session is over without its doing; what was pending has been reported. A new one takes its place. */
  #reopen(reason: string): void {
    if (reason.includes("expired")) this.#say("expired", "The session had expired: a new one was opened");
    for (const { link } of this.#links.values()) link.close();
    this.#links.clear();
    this.#core = this.#newCore();
    if (this.#isClosed) this.#ended.resolve();
  }

  // ---- Links ----

  #dialWanted(): void {
    if (this.#isClosed && this.#isUnreachable) return;
    for (const address of this.#core.wanted()) {
      if (!this.#dialing.has(address) && this.#failures.get(address)?.timer === undefined) this.#dial(address);
    }
  }

  async #dial(address: string): Promise<void> {
    this.#dialing.add(address);
    const id = this.#nextLink++;
    const losses = this.#losses;
    try {
      const link = await dial(address, this.#handler(id), this.#aborting.signal);
      this.#dialing.delete(address);
      if (!this.#isAborted && this.#core.wanted().includes(address)) {
        this.#links.set(id, { link, address, greeted: false });
        this.#core.step({ kind: "linkOpened", link: id, address });
      } else {
        link.abort();
      }
    } catch (error) {
      this.#dialing.delete(address);
      if (this.#isAborted) return;
      const refused = error instanceof Deno.errors.ConnectionRefused;
      this.#noteFailure(address, refused ? "refused the connection" : describeError(error), true, losses);
    }
    this.#schedule();
  }

  #handler(id: number): LinkHandler {
    return {
      onMessage: (_, message) => this.#onMessage(id, message),
      onClosed: (_, reason) => {
        const known = this.#links.get(id);
        if (known === undefined) return;
        this.#links.delete(id);
        this.#losses++;
        this.#core.step({ kind: "linkClosed", link: id });
        // A link that once worked is made again at once; one that never did waits.
        if (!known.greeted) this.#noteFailure(known.address, reason ?? "closed the link");
        this.#schedule();
      },
    };
  }

  #onMessage(id: number, message: Message): void {
    const known = this.#links.get(id);
    if (known === undefined) return;
    if (message.kind === "VIEW") {
      known.greeted = true;
      this.#forgetFailure(known.address);
    }
    // The core reckons from the last tick, which may be long ago.
    if (!this.#turnIsDue) this.#core.step({ kind: "tick", nowMs: performance.now() });
    if (isReply(message) && isPlausible(message)) {
      this.#core.step({ kind: "received", link: id, message });
    } else {
      this.#links.delete(id);
      this.#core.step({ kind: "linkClosed", link: id });
      known.link.close();
      this.#noteFailure(known.address, `sent ${message.kind} such as no replica sends to a client`);
    }
    this.#schedule();
  }

  #noteFailure(address: string, reason: string, isDown = true, losses = this.#losses): void {
    const failure = this.#failures.get(address) ?? { reason, isDown, losses, retryMs: retryMsMin };
    this.#failures.set(address, failure);
    failure.reason = reason;
    failure.isDown = isDown;
    failure.losses = losses;
    if (failure.timer === undefined && !this.#isAborted) {
      failure.timer = setTimeout(() => {
        failure.timer = undefined;
        this.#dialWanted();
      }, failure.retryMs);
      failure.retryMs = Math.min(failure.retryMs * 2, retryMsMax);
    }
    this.#checkReachable();
  }

  #forgetFailure(address: string): void {
    clearTimeout(this.#failures.get(address)?.timer);
    this.#failures.delete(address);
  }

  /** Once every address has failed, and no link is left, nobody is there. */
  #checkReachable(): void {
    if (this.#isUnreachable) return;
    const isDown = (address: string) => this.#failures.get(address)?.isDown === true;
    for (const { address } of this.#links.values()) if (!isDown(address)) return;
    const wanted = this.#core.wanted();
    if (!wanted.every(isDown)) return;
    // Who was dead when a link was lost may have been restarted before that: it is asked again.
    const isStale = (address: string) => this.#failures.get(address)!.losses < this.#losses;
    const stale = wanted.filter(isStale);
    for (const address of stale) {
      const failure = this.#failures.get(address)!;
      clearTimeout(failure.timer);
      failure.timer = undefined;
      if (!this.#dialing.has(address)) this.#dial(address);
    }
    if (stale.length > 0) return;
    this.#isUnreachable = true;
    const tried = this.#describeTried();
    this.#connected.reject(new ConnectError(`No replica answers: ${tried}`));
    this.#core.abandon(`all replicas were lost: ${tried}`);
    for (const effect of this.#core.ready()) this.#perform(effect);
    this.#core = this.#newCore();
    if (this.#cluster !== undefined) this.#say("unreachable", `No replica answers any more: ${tried}`);
    if (this.#isClosed) this.#ended.resolve();
  }

  #describeTried(): string {
    return [...this.#failures].map(([address, { reason }]) => `${address} ${reason}`).join(", ");
  }

  #describeLinks(): string {
    return [...this.#links.values()].map(({ address }) => address).join(", ");
  }

  #describeDialing(): string {
    return [...this.#dialing].join(", ");
  }

  readonly #aborting = new AbortController();

  get #isAborted(): boolean {
    return this.#aborting.signal.aborted;
  }

  /** Leaves nothing behind. */
  #abort(): void {
    this.#isClosed = true;
    this.#aborting.abort();
    clearTimeout(this.#wakeTimer);
    for (const { timer } of this.#failures.values()) clearTimeout(timer);
    for (const { link } of this.#links.values()) link.abort();
    this.#links.clear();
    this.#closed.resolve();
  }
}

function isReply(message: Message): message is ReplyMessage {
  return layouts[message.kind].way === "replica to client";
}

/** Whether a clock that has witnessed its timestamp can still go on, and a view has somebody who answers. */
function isPlausible(message: ReplyMessage): boolean {
  if (message.kind === "VIEW") return message.members.length > 0;
  const timestampMax = Number.MAX_SAFE_INTEGER - timestampJumpMax;
  if (message.kind === "READY") return message.floor <= timestampMax;
  if (message.kind === "ACK") return message.clock <= timestampMax;
  return message.kind !== "NUDGE" || message.ts <= timestampMax;
}

function describeError(error: unknown): string {
  return `cannot be reached (${error instanceof Error ? error.message : error})`;
}
