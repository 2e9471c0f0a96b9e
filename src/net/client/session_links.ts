/**
 * The links of a session: one to every address that its transmitter wants. A new link replaces a lost one.
 *
 * @module
 */

import { paceMax, timestampMax } from "../../limits.ts";
import type { TransmitterEvent } from "../../protocol/client/transmitter_events.ts";
import { layouts, type ReplyMessage } from "../../protocol/wire/messages.ts";
import { type Link, type LinkHandler, whyNotReached } from "../link.ts";
import { type Opening, type OpenLink, openLink } from "../opening.ts";
import type { AnyMessage } from "../wire.ts";

// Between two attempts at an address that refuses.
const retryMsMin = 20;
const retryMsMax = 500;

/** An address to which the last attempt at a link failed. */
interface FailedAddress {
  reason: string;
  /** No replica there gives a view; false: the one there only refused this link, or took another one. */
  isDown: boolean;
  /** How many losses there were when this was tried. */
  losses: number;
  retryMs: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** An open link. */
interface KnownLink {
  readonly link: Link;
  readonly address: string;
  /** The attempt before it found no replica that gives a view. */
  readonly wasDown: boolean;
  /** It gave a view. */
  greeted: boolean;
}

/** The session that the links belong to. */
export interface SessionLinksHost {
  /** The addresses that a link is missing to. */
  wanted(): readonly string[];
  /** A link is open or has ended, and not by a call, or a message came that a replica may send to a client. */
  step(event: TransmitterEvent): void;
  /** A replica has let the session in. */
  admitted(open: OpenLink): void;
  /** A replica has closed its link, because the session has asked for more than its token allows. */
  forbidden(reason: string): void;
  /** A node listens at an address, and not a replica. */
  metNode(): void;
  /** No address answers any more; called once, until {@link SessionLinks.reached}. */
  unreachable(tried: string): void;
}

/** The links of one session, by number. */
export class SessionLinks {
  readonly #host: SessionLinksHost;
  readonly #opening: Opening;
  readonly #viewWaitMs: number;
  readonly #links = new Map<number, KnownLink>();
  readonly #dialing = new Set<string>();
  readonly #failures = new Map<string, FailedAddress>();
  readonly #aborting = new AbortController();
  /** No address answers. */
  isUnreachable = false;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #nextLink = 1;
  #losses = 0;

  /**
   * There are none yet.
   *
   * @param opening what is shown to replicas.
   * @param viewWaitMs milliseconds that the session waits after it lost its last link with a view; then links that gave
   * none count as failed.
   */
  constructor(host: SessionLinksHost, opening: Opening, viewWaitMs: number) {
    this.#host = host;
    this.#opening = opening;
    this.#viewWaitMs = viewWaitMs;
  }

  /** The addresses of the open links. */
  get addresses(): readonly string[] {
    return [...this.#links.values()].map(({ address }) => address);
  }

  /** The addresses that are being dialled. */
  get dialing(): readonly string[] {
    return [...this.#dialing];
  }

  /** Why each address without a link failed. */
  get tried(): string {
    return [...this.#failures].map(([address, { reason }]) => `${address} ${reason}`).join(", ");
  }

  /** Sends by a link, if it is still open. */
  send(id: number, message: AnyMessage): void {
    this.#links.get(id)?.link.send(message);
  }

  /** Ends a link once everything is sent. */
  close(id: number): void {
    this.#forget(id)?.link.close();
  }

  #forget(id: number): KnownLink | undefined {
    const known = this.#links.get(id);
    this.#links.delete(id);
    if (known?.greeted && !this.isUnreachable && ![...this.#links.values()].some(({ greeted }) => greeted)) {
      this.#patience = setTimeout(() => this.#giveUp(), this.#viewWaitMs);
    }
    return known;
  }

  /** Ends all links once everything is sent; resolves when they ended. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.#links.values()].map(({ link }) => link.close()));
  }

  /** A new session begins: ends all links once everything is sent, and forgets them. */
  forgetAll(): void {
    for (const id of this.#links.keys()) this.close(id);
  }

  /** The replica at the other end has refused the session. */
  refused(id: number, reason: string): void {
    const known = this.#links.get(id);
    // A replica that gave a view lives: it may have refused a client that was silent for too long.
    if (known !== undefined) this.#noteFailure(known.address, `refused: ${reason}`, !known.greeted);
  }

  /** A view came: a replica answers. */
  reached(): void {
    this.isUnreachable = false;
  }

  /** Dials each wanted address that is neither being dialled nor waiting for its next attempt. */
  dialWanted(): void {
    for (const address of this.#host.wanted()) {
      if (!this.#dialing.has(address) && this.#failures.get(address)?.timer === undefined) this.#dial(address);
    }
  }

  async #dial(address: string): Promise<void> {
    this.#dialing.add(address);
    const id = this.#nextLink++;
    const losses = this.#losses;
    try {
      const open = await openLink(address, this.#opening, this.#aborting.signal);
      this.#dialing.delete(address);
      if (!this.#isAborted && this.#host.wanted().includes(address)) this.#opened(id, open, address);
      else open.link.abort();
    } catch (error) {
      this.#dialing.delete(address);
      if (!this.#isAborted) this.#noteFailure(address, whyNotReached(error), true, losses);
    }
  }

  #opened(id: number, open: OpenLink, address: string): void {
    const { link } = open;
    const failure = this.#failures.get(address);
    this.#links.set(id, { link, address, wasDown: failure?.isDown ?? false, greeted: false });
    // A replica that was dead at the last attempt may have been restarted, and may be about to give a view.
    if (failure !== undefined) failure.isDown = false;
    this.#host.admitted(open);
    this.#host.step({ kind: "linkOpened", link: id, address });
    open.attach(this.#handler(id));
  }

  #handler(id: number): LinkHandler<AnyMessage> {
    return {
      onMessage: (_, message) => this.#onMessage(id, message),
      onClosed: (_, reason) => {
        const known = this.#forget(id);
        if (known === undefined) return;
        // A link that fails like the attempt before it is not a loss: else two addresses that only accept and close
        // would cause each other to be tried again for ever.
        if (known.greeted || !known.wasDown) this.#losses++;
        this.#host.step({ kind: "linkClosed", link: id });
        // A link that once worked is replaced at once; one that never worked waits.
        if (!known.greeted) this.#noteFailure(known.address, reason ?? "closed the link");
      },
    };
  }

  #onMessage(id: number, message: AnyMessage): void {
    const known = this.#links.get(id);
    if (known === undefined) return;
    if (message.kind === "VIEW") {
      known.greeted = true;
      clearTimeout(this.#patience);
      this.#forgetFailure(known.address);
    }
    if (message.kind === "NODE") this.#host.metNode();
    if (message.kind === "FORBIDDEN") {
      this.close(id);
      this.#host.forbidden(message.reason);
    } else if (isReply(message) && isPlausible(message)) {
      this.#host.step({ kind: "received", link: id, message });
    } else {
      this.close(id);
      this.#host.step({ kind: "linkClosed", link: id });
      this.#noteFailure(known.address, `sent ${message.kind}, which no replica sends to a client`);
    }
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
        this.dialWanted();
      }, failure.retryMs);
      failure.retryMs = Math.min(failure.retryMs * 2, retryMsMax);
    }
    this.#checkReachable();
  }

  #forgetFailure(address: string): void {
    clearTimeout(this.#failures.get(address)?.timer);
    this.#failures.delete(address);
  }

  /** Once every address has failed and no open link may still give a view, the cluster is unreachable. */
  #checkReachable(): void {
    if (this.isUnreachable) return;
    const isDown = (address: string) => this.#failures.get(address)?.isDown === true;
    for (const { address } of this.#links.values()) if (!isDown(address)) return;
    const wanted = this.#host.wanted();
    if (!wanted.every(isDown)) return;
    // A replica that failed before the last loss may have been restarted since: dial it again.
    const stale = wanted.filter((address) => this.#failures.get(address)!.losses < this.#losses);
    for (const address of stale) {
      const failure = this.#failures.get(address)!;
      clearTimeout(failure.timer);
      failure.timer = undefined;
      if (!this.#dialing.has(address)) this.#dial(address);
    }
    if (stale.length === 0) this.#declareUnreachable();
  }

  /** Bounds the wait for addresses that accept and stay silent, or that do not answer at all. */
  #giveUp(): void {
    for (const address of new Set([...this.addresses, ...this.#dialing])) {
      this.#noteFailure(address, `gave no view within ${this.#viewWaitMs} ms`);
    }
    if (!this.isUnreachable) this.#declareUnreachable();
  }

  #declareUnreachable(): void {
    clearTimeout(this.#patience);
    this.isUnreachable = true;
    this.#host.unreachable(this.tried);
  }

  get #isAborted(): boolean {
    return this.#aborting.signal.aborted;
  }

  /** Leaves nothing behind. */
  abort(): void {
    this.#aborting.abort();
    clearTimeout(this.#patience);
    for (const { timer } of this.#failures.values()) clearTimeout(timer);
    for (const { link } of this.#links.values()) link.abort();
    this.#links.clear();
  }
}

function isReply(message: AnyMessage): message is ReplyMessage {
  const { kind } = message;
  return Object.hasOwn(layouts, kind) && layouts[kind as keyof typeof layouts].way === "replica to client";
}

/** Whether a clock that witnesses its timestamp can still advance, and a view has a member. */
function isPlausible(message: ReplyMessage): boolean {
  if (message.kind === "VIEW") return message.members.length > 0;
  if (message.kind === "READY") return message.floor <= timestampMax && message.pace >= 1 && message.pace <= paceMax;
  if (message.kind === "OUTPUT") return message.clock <= timestampMax;
  return message.kind !== "NUDGE" || message.ts <= timestampMax;
}
