/**
 * A replica on the network: listens, owns the links and the timer, and drives the {@link Replica}.
 *
 * All that is read in a turn of the event loop is stepped, and then what is ready is sent: one turn, one batch.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { helloWithinMs, linksMax, meshFrameBytesMax, replicaTickMs, wireVersion } from "../limits.ts";
import type { MeshMessage, Message, MessageOf } from "../protocol/messages.ts";
import type { LinkId } from "../protocol/channel.ts";
import { Replica } from "../protocol/replica.ts";
import type { Executed, ReplicaEffect, ReplicaStatus } from "../protocol/replica_events.ts";
import type { StateMachine } from "../protocol/state_machine.ts";
import type { ClientId, Member, ReplicaId } from "../uid.ts";
import { dial, isConnectionError, Link, type LinkHandler } from "./link.ts";

/** What a replica on the network starts with. */
export interface ReplicaServerOptions {
  readonly id: ReplicaId;
  readonly cluster: string;
  /** What shows that a link comes from a replica: 64 hexadecimal digits, known to the members and to nobody else. */
  readonly key: string;
  /** The members of view 1, or, for a newcomer, itself and all replicas that live. */
  readonly members: readonly Member[];
  /** Whether it is a newcomer, and asks to be let in. */
  readonly joining?: boolean;
  readonly machine: StateMachine;
  /** Where clients and replicas connect. */
  readonly listener: Deno.TcpListener;
  /** Takes each executed request, in order, at the end of a turn. */
  readonly onExecuted?: (records: readonly Executed[]) => void;
  /** A newcomer has the state of a donor: what is executed from now on follows that many commands. */
  readonly onRestored?: (executed: number) => void;
  /** The link to a replica has ended: a suspicion, for the failure detector to look into. */
  readonly onSuspect: (id: ReplicaId) => void;
  readonly onInstalled: (v: number, members: readonly Member[]) => void;
  /** The replica takes no part any more. */
  readonly onHalt: (reason: string) => void;
}

// Between two attempts to accept a connection while the process can have no more.
const acceptPauseMs = 50;

interface ClientLink {
  readonly id: LinkId;
  readonly link: Link;
}

interface Peer {
  link?: Link;
  /** Frames that were sent before the link was there. */
  early: MeshMessage[];
  /** The launcher said that it is dead. */
  isDead: boolean;
  /** Its link has ended. */
  hasEnded: boolean;
}

/** The id of a session: the first 128 bits of the SHA-256 of its secret. */
export function clientIdOf(secret: string): ClientId {
  return createHash("sha256").update(secret, "hex").digest("hex").slice(0, 32);
}

/** A replica that serves clients. */
export class ReplicaServer {
  readonly #options: ReplicaServerOptions;
  readonly #core: Replica;
  readonly #peers = new Map<ReplicaId, Peer>();
  readonly #clients = new Map<LinkId, ClientLink>();
  // With the timer that rings when one has not said in time who it is.
  readonly #strangers = new Map<Link, ReturnType<typeof setTimeout>>();
  readonly #meshed = Promise.withResolvers<void>();
  readonly #held = new Set<ClientLink>();
  #nextLink = 1;
  #turnIsDue = false;
  #tickedAt = performance.now();
  #isClosed = false;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Begins to accept links and connects to the members that have smaller ids. */
  constructor(options: ReplicaServerOptions) {
    this.#options = options;
    this.#core = new Replica({ ...options, log: options.onExecuted !== undefined });
    for (const { id, address } of options.members) {
      if (id === options.id) continue;
      this.#peers.set(id, { early: [], isDead: false, hasEnded: false });
      // Of two replicas that start together the later one dials; a newcomer dials all, as nobody knows it yet.
      if (id < options.id || options.joining) this.#dialPeer(id, address);
    }
    this.#noteMeshed();
    this.#accept();
    this.#timer = setInterval(() => this.#tick(), replicaTickMs / 2);
  }

  /** Resolves when there is a link to every other member. */
  get meshed(): Promise<void> {
    return this.#meshed.promise;
  }

  /** What a person may want to know. */
  status(): ReplicaStatus {
    return this.#core.status();
  }

  /** The failure detector's word: this replica is dead, for certain. */
  declareDead(id: ReplicaId): void {
    const peer = this.#peerOf(id);
    if (peer.isDead) return;
    peer.isDead = true;
    this.#peerFailed(id, peer);
    this.#noteMeshed();
  }

  /** Stops everything at once. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#options.listener.close();
    for (const [link, timer] of this.#strangers) {
      clearTimeout(timer);
      link.abort();
    }
    for (const { link } of this.#clients.values()) link.abort();
    for (const { link } of this.#peers.values()) link?.abort();
  }

  // ---- New links ----

  async #accept(): Promise<void> {
    const { listener } = this.#options;
    while (!this.#isClosed) {
      let connection: Deno.TcpConn;
      try {
        connection = await listener.accept();
      } catch (error) {
        // A connection that was reset before it was accepted concerns nobody; anything else, like a lack of descriptors,
        // passes, and until then the connections wait.
        if (!isConnectionError(error)) await new Promise((resolve) => setTimeout(resolve, acceptPauseMs));
        continue;
      }
      this.#meet(connection);
    }
  }

  /** A stranger must say who it is, and soon. */
  #meet(connection: Deno.TcpConn): void {
    if (this.#isClosed || this.#clients.size + this.#strangers.size >= linksMax) {
      connection.close();
      return;
    }
    let next: LinkHandler | undefined;
    const link = new Link(connection, {
      onMessage: (link, message) => {
        if (next !== undefined) return next.onMessage(link, message);
        this.#forgetStranger(link);
        next = this.#introduce(link, message);
      },
      onClosed: (link, reason) => {
        this.#forgetStranger(link);
        next?.onClosed(link, reason);
      },
    });
    const late = () => this.#refuse(link, `no HELLO came within ${helloWithinMs} ms`);
    this.#strangers.set(link, setTimeout(late, helloWithinMs));
  }

  #forgetStranger(link: Link): void {
    clearTimeout(this.#strangers.get(link));
    this.#strangers.delete(link);
  }

  #refuse(link: Link, reason: string, cluster?: string): void {
    this.#forgetStranger(link);
    link.send({ kind: "REFUSED", reason, cluster });
    link.close();
  }

  /** The first frame of a link says what it is. */
  #introduce(link: Link, message: Message): LinkHandler | undefined {
    if (message.kind === "HELLO") return this.#introduceClient(link, message);
    if (message.kind === "PEER") return this.#introducePeer(link, message);
    this.#refuse(link, `${message.kind} came where HELLO was expected`);
  }

  #introduceClient(link: Link, { secret, cluster, done }: MessageOf<"HELLO">): LinkHandler {
    const client: ClientLink = { id: this.#nextLink++, link };
    this.#clients.set(client.id, client);
    this.#core.step({ kind: "hello", link: client.id, client: clientIdOf(secret), cluster, done });
    this.#schedule();
    return {
      onMessage: (_, message) => this.#onClientMessage(client, message),
      onClosed: () => {
        this.#clients.delete(client.id);
        this.#held.delete(client);
        this.#core.step({ kind: "linkClosed", link: client.id });
        this.#schedule();
      },
    };
  }

  #onClientMessage(client: ClientLink, message: Message): void {
    switch (message.kind) {
      case "HELLO":
      case "RESUME":
      case "REQUEST":
      case "CLOCK":
        this.#core.step({ kind: "fromClient", link: client.id, message });
        if (this.#core.isHeld(client.id)) {
          this.#held.add(client);
          client.link.pause();
        }
        return this.#schedule();
      default:
        this.#core.step({ kind: "linkClosed", link: client.id });
        this.#clients.delete(client.id);
        this.#refuse(client.link, `${message.kind} is nothing that a client sends`);
        this.#schedule();
    }
  }

  // ---- The mesh ----

  async #dialPeer(id: ReplicaId, address: string): Promise<void> {
    const { cluster, key, id: from } = this.#options;
    try {
      const link = await dial(address, this.#peerHandler(id));
      link.send({ kind: "PEER", version: wireVersion, cluster, from, to: id, key });
      this.#addPeer(id, link);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset)) {
        throw error;
      }
      // It died before it had a link: the word alone will do, and until then it is a suspicion like any other.
      this.#options.onSuspect(id);
    }
  }

  /** A forged PEER is refused: only the launcher's replicas know the key. */
  #introducePeer(link: Link, { cluster, from, to, key }: MessageOf<"PEER">): LinkHandler | undefined {
    if (cluster !== this.#options.cluster || key !== this.#options.key || from === this.#options.id) {
      this.#refuse(link, "PEER: it is no replica of this cluster");
      return undefined;
    }
    // A restarted replica listens where the dead one did, and is another one.
    if (to !== this.#options.id) {
      this.#refuse(link, `PEER: it is for replica ${to}, and this is replica ${this.#options.id}`);
      return undefined;
    }
    const peer = this.#peerOf(from);
    if (peer.link !== undefined || peer.hasEnded || peer.isDead) {
      this.#refuse(link, "PEER: a link between replicas is never made again");
      return undefined;
    }
    this.#addPeer(from, link);
    return this.#peerHandler(from);
  }

  /** What is known of a replica; one that was not heard of before is a newcomer. */
  #peerOf(id: ReplicaId): Peer {
    let peer = this.#peers.get(id);
    if (peer === undefined) {
      peer = { early: [], isDead: false, hasEnded: false };
      this.#peers.set(id, peer);
    }
    return peer;
  }

  #addPeer(id: ReplicaId, link: Link): void {
    const peer = this.#peers.get(id)!;
    link.frameBytesMax = meshFrameBytesMax;
    peer.link = link;
    for (const message of peer.early) link.send(message);
    peer.early = [];
    this.#core.step({ kind: "peerLinked", id });
    this.#schedule();
    this.#noteMeshed();
  }

  #peerHandler(id: ReplicaId): LinkHandler {
    return {
      onMessage: (_, message) => {
        switch (message.kind) {
          case "HELLO":
          case "RESUME":
          case "REQUEST":
          case "CLOCK":
          case "VIEW":
          case "READY":
          case "ACK":
          case "NUDGE":
          case "OUTPUT":
          case "REFUSED":
          case "PEER":
            return;
          default:
            this.#core.step({ kind: "fromPeer", from: id, message });
            this.#schedule();
        }
      },
      onClosed: () => {
        const peer = this.#peers.get(id)!;
        peer.link = undefined;
        peer.hasEnded = true;
        if (!peer.isDead) this.#options.onSuspect(id);
        this.#peerFailed(id, peer);
      },
    };
  }

  /** `failed` needs the launcher's word and the end of the link; without a link, the word alone. */
  #peerFailed(id: ReplicaId, peer: Peer): void {
    if (!peer.isDead || peer.link !== undefined) return;
    this.#core.step({ kind: "peerFailed", id });
    this.#schedule();
  }

  #noteMeshed(): void {
    for (const { link, isDead } of this.#peers.values()) if (link === undefined && !isDead) return;
    this.#meshed.resolve();
  }

  // ---- Turns ----

  #tick(): void {
    const now = performance.now();
    this.#core.step({ kind: "tick", elapsedMs: now - this.#tickedAt });
    this.#tickedAt = now;
    this.#schedule();
  }

  /** Everything that is read in this turn is stepped before the microtask runs. */
  #schedule(): void {
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#turnIsDue = false;
    const effects = this.#core.ready();
    let executed: Executed[] | undefined;
    for (const effect of effects) {
      if (effect.kind === "executed") (executed ??= []).push(effect.record);
      // What was executed before it belongs to a state that is gone.
      if (effect.kind === "restored") {
        executed = undefined;
        this.#options.onRestored?.(effect.executed);
      }
    }
    // Before anybody is told: what a person reads in a log was never only promised.
    if (executed !== undefined) this.#options.onExecuted!(executed);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ReplicaEffect): void {
    switch (effect.kind) {
      case "toClient":
        this.#clients.get(effect.link)?.link.send(effect.message);
        return;
      case "toReplica": {
        // A newcomer may be a member before its link to this replica is there.
        const peer = this.#peerOf(effect.to);
        if (peer.link !== undefined) peer.link.send(effect.message);
        else if (!peer.hasEnded) peer.early.push(effect.message);
        return;
      }
      case "closeLink": {
        const client = this.#clients.get(effect.link);
        if (client === undefined) return;
        this.#clients.delete(effect.link);
        this.#held.delete(client);
        this.#refuse(client.link, effect.reason, effect.cluster);
        return;
      }
      case "executed":
      case "restored":
        return;
      case "installed":
        for (const client of this.#held) {
          if (this.#core.isHeld(client.id)) continue;
          this.#held.delete(client);
          client.link.resume();
        }
        return this.#options.onInstalled(effect.v, effect.members);
      case "halt":
        return this.#options.onHalt(effect.reason);
      default:
        effect satisfies never;
    }
  }
}
