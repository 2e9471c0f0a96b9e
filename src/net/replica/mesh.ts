/**
 * The mesh: the links between this replica and all others, each made once and never again.
 *
 * @module
 */

import { wireVersion } from "../../limits.ts";
import { isMeshMessage, type MeshMessage, type MessageOf } from "../../protocol/wire/messages.ts";
import type { ReplicaEvent, ReplicaOptions } from "../../protocol/replica/replica_events.ts";
import { pause } from "../../runtime/within.ts";
import type { ReplicaId } from "../../uid.ts";
import { AdmissionError, type Link, type LinkHandler } from "../link.ts";
import { openLink } from "../opening.ts";
import { replicaOpening } from "../server/admission.ts";

/** Milliseconds between two attempts to open a link that was closed before it was open. */
const retryMs = 20;

interface Peer {
  link?: Link;
  /** Frames that were sent before the link was open. */
  early: MeshMessage[];
  /** The launcher declared it dead. */
  isDead: boolean;
  /** Its link has ended. */
  hasEnded: boolean;
}

/** Which replica this is. */
export type MeshOptions = Pick<ReplicaOptions, "id" | "cluster" | "members" | "joining" | "key">;

/** The replica that the mesh belongs to. */
export interface MeshHost {
  /** A replica is linked, has sent a frame, or is dead; then all that it sent was told before. */
  step(event: ReplicaEvent): void;
  /** The link to a replica ended, or could not be made: a suspicion, for the failure detector to check. */
  suspect(id: ReplicaId): void;
  /** Sends REFUSED, and closes. */
  refuse(link: Link, reason: string): void;
}

/** The links to all other replicas. */
export class Mesh {
  readonly #options: MeshOptions;
  readonly #host: MeshHost;
  readonly #peers = new Map<ReplicaId, Peer>();
  readonly #meshed = Promise.withResolvers<void>();
  readonly #closing = new AbortController();

  /** There are no links yet. */
  constructor(options: MeshOptions, host: MeshHost) {
    this.#options = options;
    this.#host = host;
  }

  /** Dials the members that this replica has to dial. */
  open(): void {
    const { id: own, members, joining } = this.#options;
    for (const { id, address } of members) {
      if (id === own) continue;
      this.#peerOf(id);
      // The later one of two replicas that start together dials. A newcomer dials all: no replica knows it yet.
      if (id < own || joining) this.#dial(id, address);
    }
    this.#noteMeshed();
  }

  /** Resolves when there is a link to every other member. */
  get meshed(): Promise<void> {
    return this.#meshed.promise;
  }

  /** Sends to another replica, at once or as soon as the link is open. */
  send(to: ReplicaId, message: MeshMessage): void {
    // A newcomer may be a member before its link to this replica is open.
    const peer = this.#peerOf(to);
    if (peer.link !== undefined) peer.link.send(message);
    else if (!peer.hasEnded) peer.early.push(message);
  }

  /** The failure detector's word: this replica is dead, for certain. */
  declareDead(id: ReplicaId): void {
    const peer = this.#peerOf(id);
    if (peer.isDead) return;
    peer.isDead = true;
    this.#checkFailed(id, peer);
    this.#noteMeshed();
  }

  /** Ends all links. */
  close(): void {
    this.#closing.abort();
    for (const { link } of this.#peers.values()) link?.abort();
  }

  async #dial(id: ReplicaId, address: string): Promise<void> {
    const { cluster, key, id: from } = this.#options;
    const { signal } = this.#closing;
    const opening = replicaOpening(key);
    while (!signal.aborted && !this.#peerOf(id).isDead) {
      try {
        const { link, attach } = await openLink(address, opening, signal);
        if (this.#peerOf(id).isDead) return link.abort();
        link.send({ kind: "PEER", version: wireVersion, cluster, from, to: id });
        this.#add(id, link);
        return attach(this.#handler(id));
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof AdmissionError) {
          // Strangers that came in a crowd have taken its place before it was let in: nothing was said by that link.
          await pause(retryMs, signal);
          continue;
        }
        if (!(error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset)) {
          throw error;
        }
        // It died before it had a link: the launcher's word alone will do, and until then this is a suspicion like any
        // other.
        return this.#host.suspect(id);
      }
    }
  }

  /**
   * A replica was let in, and sends PEER; undefined: it was refused.
   */
  introduce(link: Link, { cluster, from, to }: MessageOf<"PEER">): LinkHandler | undefined {
    if (cluster !== this.#options.cluster || from === this.#options.id) {
      this.#host.refuse(link, "PEER: it is not a replica of this cluster");
      return undefined;
    }
    // A restarted replica listens where its dead predecessor did, and is a different one.
    if (to !== this.#options.id) {
      this.#host.refuse(link, `PEER: it is for replica ${to}, and this is replica ${this.#options.id}`);
      return undefined;
    }
    const peer = this.#peerOf(from);
    if (peer.link !== undefined || peer.hasEnded || peer.isDead) {
      this.#host.refuse(link, "PEER: a link between replicas is made only once");
      return undefined;
    }
    this.#add(from, link);
    return this.#handler(from);
  }

  /** The state of a replica; an unknown one is a newcomer. */
  #peerOf(id: ReplicaId): Peer {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = { early: [], isDead: false, hasEnded: false };
      this.#peers.set(id, peer);
    }
    return peer;
  }

  #add(id: ReplicaId, link: Link): void {
    const peer = this.#peers.get(id)!;
    link.trust();
    peer.link = link;
    for (const message of peer.early) link.send(message);
    peer.early = [];
    this.#host.step({ kind: "peerLinked", id });
    this.#noteMeshed();
  }

  #handler(id: ReplicaId): LinkHandler {
    return {
      onMessage: (_, message) => {
        if (isMeshMessage(message)) this.#host.step({ kind: "fromPeer", from: id, message });
      },
      onClosed: () => {
        const peer = this.#peers.get(id)!;
        peer.link = undefined;
        peer.hasEnded = true;
        if (!peer.isDead) this.#host.suspect(id);
        this.#checkFailed(id, peer);
      },
    };
  }

  /** `failed` needs the launcher's word and the end of the link; without a link, the word alone. */
  #checkFailed(id: ReplicaId, peer: Peer): void {
    if (!peer.isDead || peer.link !== undefined) return;
    this.#host.step({ kind: "peerFailed", id });
  }

  #noteMeshed(): void {
    for (const { link, isDead } of this.#peers.values()) if (link === undefined && !isDead) return;
    this.#meshed.resolve();
  }
}
