/**
 * The channels of a replica: one per client that has a link here, or has sent something in this view.
 *
 * @module
 */

import { sessionsMax } from "../../limits.ts";
import type { ClientId } from "../../uid.ts";
import { Channel } from "./channel.ts";
import { type Sessions, SessionState } from "./sessions.ts";
import type { LinkId } from "../wire/link_id.ts";

/** All channels, by client and by link. */
export class Channels {
  readonly #sessions: Sessions;
  readonly #byClient = new Map<ClientId, Channel>();
  readonly #byLink = new Map<LinkId, Channel>();

  /** @param sessions what outlives the view. */
  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** The channel whose latest link this is. */
  at(link: LinkId): Channel | undefined {
    return this.#byLink.get(link);
  }

  /** Whether there is no room for one more client. */
  isFullFor(client: ClientId): boolean {
    if (this.#byClient.has(client)) return false;
    return this.#byClient.size >= sessionsMax ||
      (this.#sessions.size >= sessionsMax && this.#sessions.get(client) === undefined);
  }

  /** The channel of a client; a new one where it has none. */
  of(client: ClientId): Channel {
    let channel = this.#byClient.get(client);
    if (channel === undefined) {
      channel = new Channel(this.#sessions.get(client) ?? new SessionState(client));
      this.#byClient.set(client, channel);
    }
    return channel;
  }

  /** The channel of a client, if it has one. */
  get(client: ClientId): Channel | undefined {
    return this.#byClient.get(client);
  }

  /** The client has a link to this replica. */
  link(channel: Channel, link: LinkId): void {
    this.#byLink.set(link, channel);
    channel.link = link;
    this.#sessions.noteLinked(channel.client);
  }

  /** The client has no link to this replica any more. */
  unlink(channel: Channel): void {
    if (channel.link !== undefined) this.#byLink.delete(channel.link);
    channel.link = undefined;
    channel.held = [];
    channel.resuming = undefined;
  }

  /** Forgets a channel without a link, if its session can restore the channel exactly. */
  forgetIfUnused(channel: Channel, nowMs: number): void {
    this.#sessions.noteUnlinked(channel.client, nowMs);
    if (channel.recv === channel.base && !channel.barred) this.#byClient.delete(channel.client);
  }

  /**
   * V7: drops everything that belongs to the old view, and keeps the clients that have a link. Forget the sessions that
   * ended or expired before.
   */
  reset(nowMs: number): void {
    const before = [...this.#byClient.values()];
    this.#byClient.clear();
    for (const { client, link, held } of before) {
      if (link === undefined) {
        this.#sessions.noteUnlinked(client, nowMs);
        continue;
      }
      // If the session is over, its client begins at 0 here, and learns it from VIEW.
      const channel = this.of(client);
      this.link(channel, link);
      channel.held = held;
    }
  }

  /** All channels. */
  [Symbol.iterator](): IterableIterator<Channel> {
    return this.#byClient.values();
  }
}
