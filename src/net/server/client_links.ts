/**
 * The links of clients at a replica, by number.
 *
 * They are bounded, and nobody can take all the room for nothing. When there are too many, the one gives way that has
 * said nothing for longest, first of those that have said nothing but HELLO. A client that loses its link this way
 * connects again when it needs one; its session stays.
 *
 * @module
 */

import { linksMax } from "../../limits.ts";
import type { LinkId } from "../../protocol/wire/link_id.ts";
import type { Link } from "../link.ts";

/** Links that end when the process can open no more: descriptors for the links of replicas and for a few strangers. */
export const spareLinks = 64;

/** Milliseconds of silence after which the link of a client that has spoken may give way. */
export const idleMs = 10_000;

interface ClientLink {
  readonly link: Link;
  /** The running time when it was heard last. */
  heardAt: number;
}

/** All links of clients. */
export class ClientLinks {
  readonly #dropped: (id: LinkId, link: Link) => void;
  readonly #links = new Map<LinkId, ClientLink>();
  /** Those that have said nothing but HELLO, the oldest first. */
  readonly #silent = new Set<LinkId>();
  #next = 1;
  #max = linksMax;
  #runningMs = 0;

  /** @param dropped ends a link at once: others need its room. */
  constructor(dropped: (id: LinkId, link: Link) => void) {
    this.#dropped = dropped;
  }

  /** How many there are. */
  get size(): number {
    return this.#links.size;
  }

  /** All of them; those that end meanwhile may be among them. */
  get all(): (readonly [LinkId, Link])[] {
    return [...this.#links].map(([id, { link }]) => [id, link]);
  }

  /** Ends all of them, and tells which they were. */
  abortAll(): LinkId[] {
    const ids = [...this.#links.keys()];
    for (const { link } of this.#links.values()) link.abort();
    this.#links.clear();
    this.#silent.clear();
    return ids;
  }

  /** The link of this number, if it is still open. */
  get(id: LinkId): Link | undefined {
    return this.#links.get(id)?.link;
  }

  /**
   * Takes in the link of a client that has said HELLO.
   *
   * @returns the number of the link; undefined: there is no room, and no other link gives way.
   */
  add(link: Link): LinkId | undefined {
    if (this.#links.size >= this.#max && !this.#makeRoom()) return undefined;
    const id = this.#next++;
    this.#links.set(id, { link, heardAt: this.#runningMs });
    this.#silent.add(id);
    return id;
  }

  /** A client has said something more. */
  heard(id: LinkId): void {
    this.#silent.delete(id);
    const known = this.#links.get(id);
    if (known !== undefined) known.heardAt = this.#runningMs;
  }

  /** A link has ended. */
  delete(id: LinkId): void {
    this.#links.delete(id);
    this.#silent.delete(id);
  }

  /** Running time has passed. */
  pass(elapsedMs: number): void {
    this.#runningMs += elapsedMs;
  }

  /** The process can open no more: from now on there are fewer links. */
  overflowed(): void {
    this.#max = Math.max(spareLinks, Math.min(this.#max, this.#links.size) - spareLinks);
    while (this.#links.size > this.#max && this.#makeRoom());
  }

  /** Ends the link that has been silent for longest. */
  #makeRoom(): boolean {
    let [victim] = this.#silent;
    if (victim === undefined) {
      let heardAt = this.#runningMs - idleMs;
      for (const [id, link] of this.#links) {
        if (link.heardAt >= heardAt) continue;
        victim = id;
        heardAt = link.heardAt;
      }
    }
    if (victim === undefined) return false;
    const { link } = this.#links.get(victim)!;
    this.delete(victim);
    this.#dropped(victim, link);
    return true;
  }
}
