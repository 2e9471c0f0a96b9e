/**
 * The link of a session to one node, from the attempt to open it to its end.
 *
 * @module
 */

import type { HeardMessage, SaidMessage } from "../../engine/client/caller_events.ts";
import { type NodeKind, nodeLayouts } from "../../engine/wire/node_messages.ts";
import { isAddress, type Link, whyNotReached } from "../link.ts";
import { type Opening, type OpenLink, openLink } from "../opening.ts";
import type { AnyMessage } from "../wire.ts";

/** The user of such a link. It hears nothing more after {@link NodeLink.close} or `abort`. */
export interface NodeLinkUser {
  /** The node has admitted the opener. */
  onOpened(open: OpenLink): void;
  /** A message came that a node may send in a session. */
  onMessage(message: HeardMessage): void;
  /** The link could not be opened, or has ended; the reason follows the address. Called once. */
  onClosed(reason: string): void;
}

/** A link to a node. */
export class NodeLink {
  readonly #user: NodeLinkUser;
  readonly #aborting = new AbortController();
  #link: Link | undefined;
  #isOver = false;

  /** Dials `host:port`, and shows itself. */
  constructor(address: string, opening: Opening, user: NodeLinkUser) {
    this.#user = user;
    this.#open(address, opening);
  }

  async #open(address: string, opening: Opening): Promise<void> {
    let open: OpenLink;
    try {
      open = await openLink(address, opening, this.#aborting.signal);
    } catch (error) {
      return this.#end(whyNotReached(error));
    }
    if (this.#isOver) return open.link.abort();
    this.#link = open.link;
    this.#user.onOpened(open);
    open.attach({
      onMessage: (_, message) => this.#onMessage(message),
      onClosed: (_, reason) => this.#end(reason ?? "closed the link"),
    });
  }

  #onMessage(message: AnyMessage): void {
    if (this.#isOver) return;
    if (isHeard(message)) return this.#user.onMessage(checked(message));
    this.#link?.abort();
    this.#end(`sent ${message.kind}, which no node sends to a client`);
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#user.onClosed(reason);
  }

  /** Sends a message, if the link is still open. */
  send(message: SaidMessage): void {
    if (!this.#isOver) this.#link?.send(message);
  }

  /** Ends the link once everything is sent; resolves when it has ended, after a second at most. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#aborting.abort();
    await this.#link?.close();
  }

  /** Ends it at once. */
  abort(): void {
    this.#isOver = true;
    this.#aborting.abort();
    this.#link?.abort();
  }
}

function isHeard(message: AnyMessage): message is HeardMessage {
  const { kind } = message;
  if (kind === "REFUSED" || kind === "FORBIDDEN") return true;
  return Object.hasOwn(nodeLayouts, kind) && nodeLayouts[kind as NodeKind].way === "node to client";
}

/** The message, without addresses that nobody can dial. */
function checked(message: HeardMessage): HeardMessage {
  if (message.kind !== "NODE") return message;
  return { ...message, nodes: message.nodes.filter(({ address }) => isAddress(address)) };
}
