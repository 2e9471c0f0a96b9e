/**
 * A session of an attacker: links to replicas, and what they say to it. It follows from view to view, and sends nothing
 * on its own but HELLO.
 *
 * @module
 */

import { wireVersion } from "../../src/limits.ts";
import type { Link } from "../../src/net/link.ts";
import type { ClientMessage, Message } from "../../src/protocol/wire/messages.ts";
import type { TokenAt } from "../../src/net/opening.ts";
import { dialAdmitted, tokenAt } from "../net/admitted.ts";
import { newSecret } from "../net/raw_client.ts";

/** What an attacker does when something comes. */
export interface HostileHandler {
  /** A replica has said something. */
  heard(session: HostileSession, message: Message, link: Link): void;
  /** A link has ended: the replica has closed it, or is dead. */
  lost?(session: HostileSession): void;
}

/** One session. */
export class HostileSession {
  readonly links: Link[] = [];
  /** The latest view that a replica has named, and what replicas say that they have executed of the session. */
  v = 0;
  base = 0;
  /** The largest floor or clock of that view. */
  ts = 0;
  /** How many replicas have given a floor in it. */
  ready = 0;
  /** The largest pace that a replica has asked for in it. */
  pace = 1;
  isOver = false;
  readonly #handler: HostileHandler;

  private constructor(handler: HostileHandler) {
    this.#handler = handler;
  }

  /** Opens a link to each of these ports. */
  static async open(
    ports: readonly number[],
    handler: HostileHandler,
    secret: string = newSecret(),
    shown: TokenAt = tokenAt,
  ): Promise<HostileSession> {
    const session = new HostileSession(handler);
    await Promise.all(ports.map(async (port) => {
      const handler = {
        onMessage: (link: Link, message: Message) => session.#onMessage(link, message),
        onClosed: () => session.#lost(),
      };
      const link = await dialAdmitted(`127.0.0.1:${port}`, handler, "session", shown);
      session.links.push(link);
      link.send({ kind: "HELLO", version: wireVersion, cluster: undefined, secret, done: 0 });
    }));
    return session;
  }

  /** Says the same to all. */
  say(message: ClientMessage): void {
    for (const link of this.links) link.send(message);
  }

  /** Says to one replica that it will send. */
  resume(link: Link): void {
    link.send({ kind: "RESUME", v: this.v, ts: 0, done: 0 });
  }

  /** Whether it may send at all replicas. */
  get isActive(): boolean {
    return this.ready === this.links.length;
  }

  /** Ends all links at once. */
  die(): void {
    this.isOver = true;
    for (const link of this.links) link.abort();
  }

  #onMessage(link: Link, message: Message): void {
    if (this.isOver) return;
    if (message.kind === "VIEW" && message.v > this.v) {
      [this.v, this.base, this.ts, this.ready, this.pace] = [message.v, message.base, 0, 0, 1];
    } else if (message.kind === "READY" && message.v === this.v) {
      this.ts = Math.max(this.ts, message.floor);
      this.pace = Math.max(this.pace, message.pace);
      this.ready++;
    } else if (message.kind === "NUDGE" && message.v === this.v) {
      this.ts = Math.max(this.ts, message.ts);
    }
    this.#handler.heard(this, message, link);
  }

  #lost(): void {
    if (!this.isOver) this.lose();
  }

  /** The same as if a replica had ended a link. */
  lose(): void {
    this.die();
    this.#handler.lost?.(this);
  }
}
