/**
 * The links of a client: which of them leads to which member, and what is sent by them.
 *
 * The address of a link tells which member is at the other end. Where the address differs from the one in the view, the
 * member's first VIEW tells it.
 *
 * @module
 */

import type { Member, ReplicaId } from "../../uid.ts";
import { answererOf } from "../wire/answerer.ts";
import type { LinkId } from "../wire/link_id.ts";
import type { ClientMessage } from "../wire/messages.ts";
import type { TransmitterEffect } from "./transmitter_events.ts";

/** A client's link. */
export interface MemberLink {
  readonly id: LinkId;
  readonly address: string;
  /** The replica at the other end, once it is known. */
  replica?: ReplicaId;
  /** It has given this session a view. */
  greeted: boolean;
}

/** Takes what links are to do. */
type Take = (effect: TransmitterEffect<never> & { readonly kind: "send" | "closeLink" }) => void;

/** The links of one client. */
export class MemberLinks {
  readonly #take: Take;
  readonly #links = new Map<LinkId, MemberLink>();
  readonly #byReplica = new Map<ReplicaId, MemberLink>();

  /** There are none yet; `take` is given what they are to do. */
  constructor(take: Take) {
    this.#take = take;
  }

  /** Takes in a new link. */
  open(id: LinkId, address: string): MemberLink {
    const link: MemberLink = { id, address, greeted: false };
    this.#links.set(id, link);
    return link;
  }

  /** Forgets a link. */
  close(id: LinkId): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    this.#links.delete(id);
    this.#unbind(link);
  }

  /** Closes a link. */
  drop(link: MemberLink, reason: string): void {
    this.#take({ kind: "closeLink", link: link.id, reason });
    this.close(link.id);
  }

  /** Sends by one link. */
  send(link: MemberLink, message: ClientMessage): void {
    this.#take({ kind: "send", link: link.id, message });
  }

  /**
   * Sends to all members that there is a link to, and returns how many those are. The answerer comes last: it has to
   * hear from the others anyway, before it can do anything.
   */
  broadcast(members: readonly Member[], message: ClientMessage): number {
    const answerer = answererOf(members).id;
    let links = 0;
    for (const { id } of members) if (id !== answerer && this.#sendTo(id, message)) links++;
    return this.#sendTo(answerer, message) ? links + 1 : links;
  }

  #sendTo(id: ReplicaId, message: ClientMessage): boolean {
    const link = this.#byReplica.get(id);
    if (link === undefined) return false;
    this.send(link, message);
    return true;
  }

  /** The link with this number. */
  get(id: LinkId): MemberLink | undefined {
    return this.#links.get(id);
  }

  /** The link to a member. */
  to(replica: ReplicaId): MemberLink | undefined {
    return this.#byReplica.get(replica);
  }

  /** It is known now who is at the other end of a link; returns whether that is new. */
  bind(link: MemberLink, replica: ReplicaId): boolean {
    if (link.replica === replica) return false;
    this.#unbind(link);
    link.replica = replica;
    this.#byReplica.set(replica, link);
    return true;
  }

  #unbind(link: MemberLink): void {
    if (link.replica !== undefined && this.#byReplica.get(link.replica) === link) this.#byReplica.delete(link.replica);
  }

  /** The member that a link leads to by its address, if that member has no link yet. */
  memberAt({ address }: MemberLink, members: readonly Member[]): Member | undefined {
    return members.find((member) => member.address === address && !this.#byReplica.has(member.id));
  }

  /** C1: the addresses without a link: of the members, and while there is no link at all, of every named replica. */
  wanted(members: readonly Member[], named: readonly string[]): string[] {
    // Nearly always, and this is asked in each turn.
    if (members.length > 0 && members.every(({ id }) => this.#byReplica.has(id))) return [];
    const wanted = new Set<string>();
    for (const { id, address } of members) if (!this.#byReplica.has(id)) wanted.add(address);
    if (this.#byReplica.size === 0) { for (const address of named) wanted.add(address); }
    for (const { address } of this.#links.values()) wanted.delete(address);
    return [...wanted];
  }

  /** All links. */
  [Symbol.iterator](): IterableIterator<MemberLink> {
    return this.#links.values();
  }
}
