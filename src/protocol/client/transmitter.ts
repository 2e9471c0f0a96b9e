/**
 * The transmitter: the client's side of the protocol (rules C1 to C9).
 *
 * In the *bush* of Schneider, Gries and Schlichting's Fault-Tolerant Broadcasts the transmitter sends to every leaf
 * itself; here it is the client, and the replicas are the leaves. It stamps its requests with its Lamport clock, and
 * promises with each how far it will be ahead. A client that has nothing to send is suspended; it costs nothing, and
 * before it sends again it asks every member for a floor.
 *
 * How to drive it: tell the time (`tick`) first in each turn, feed any number of events and commands, then take
 * {@link Transmitter.ready} once and perform its effects in order. Keep a link to each address that
 * {@link Transmitter.wanted} names, for ever; call again with a `tick` at {@link Transmitter.wakeAt}.
 *
 * @module
 */

import { lingerMs, windowRequests, wireVersion } from "../../limits.ts";
import type { ClientId, Member, ReplicaId } from "../../uid.ts";
import { answererOf } from "../wire/answerer.ts";
import { countItems } from "../../batch.ts";
import type { InspectedTransmitter } from "../../inspection.ts";
import { type MemberLink, MemberLinks } from "./member_links.ts";
import type { ClientMessage, MessageOf, ReplyMessage } from "../wire/messages.ts";
import { Outbox, type OutboxRequest } from "./outbox.ts";
import type { TransmitterEffect, TransmitterEvent, TransmitterOptions } from "./transmitter_events.ts";
import type { LinkId } from "../wire/link_id.ts";
import { Reader } from "./reader.ts";
import { RoundTrip } from "./round_trip.ts";
import { Stamps } from "./stamps.ts";
import { UnderWay } from "./under_way.ts";
import { invariant } from "../../invariant.ts";

/** The client's side of one session. */
export class Transmitter<T> {
  /** The session's id. */
  readonly client: ClientId;
  readonly #secret: string;
  readonly #addresses: readonly string[];

  /** The cluster that the session belongs to, once it is known. */
  cluster: string | undefined;
  /** The view that the client is in, 0 before the first. */
  v = 0;
  /** The members of its view. */
  members: readonly Member[] = [];
  readonly #links = new MemberLinks((effect) => this.#effects.push(effect));

  #mode: "idle" | "joining" | "active" | "over" = "idle";
  readonly #outbox = new Outbox<T>();
  readonly #reader = new Reader<T>();
  #ending = false;
  #endSeq: number | undefined;
  // The view in which the session first sent something that may have been executed.
  #firstSentIn: number | undefined;
  // The largest seq ever sent, in whatever view.
  #everSent = 0;

  // The state of the present view:
  readonly #floors = new Set<ReplicaId>();
  // C11: the addresses of members whose disks have too little room for changes.
  readonly #full = new Map<ReplicaId, string>();
  readonly #stamps: Stamps;
  #sent = 0;
  readonly #underWay = new UnderWay();

  readonly #roundTrip: RoundTrip;
  #nowMs = 0;
  #busyAtMs = 0;
  // When the latest RESUME was sent, or the latest request.
  #sentAtMs = 0;
  #effects: TransmitterEffect<T>[] = [];

  /** A session that no replica knows yet. */
  constructor({ secret, client, addresses, roundTrip = new RoundTrip() }: TransmitterOptions) {
    this.client = client;
    this.#roundTrip = roundTrip;
    this.#stamps = new Stamps(roundTrip);
    this.#secret = secret;
    this.#addresses = addresses;
  }

  /**
   * Takes a command in; its bytes are copied.
   *
   * @param outputBytesMax the most bytes that its output can have.
   * @param ticket comes back with the outcome.
   * @throws {RangeError} if the command or its output would not fit a request.
   * @throws {OutboxFullError} if too many commands wait: a definite outcome.
   * @throws {Error} if the session has ended, is ending or is lost: a definite outcome.
   */
  submit(command: Uint8Array, outputBytesMax: number, ticket: T): void {
    this.#checkOpen();
    this.#outbox.submit(command, outputBytesMax, ticket);
  }

  /** The same for a command that changes nothing; it comes after all that was submitted before (rule C10). */
  read(command: Uint8Array, outputBytesMax: number, ticket: T): void {
    this.#checkOpen();
    this.#reader.submit(command, outputBytesMax, ticket);
  }

  #checkOpen(): void {
    if (this.#ending || this.#mode === "over") throw new Error("Cannot submit a command: the session has ended");
  }

  /** Ends the session by a replicated command, once all that was submitted is answered (rule V10). */
  end(): void {
    this.#ending = true;
  }

  /** No replica is left: says of each command whether it is unknown or was never sent. The session is over. */
  abandon(reason: string): void {
    // Requests that were sent in an earlier view and not in this one were dropped: nobody executes them (R0, V7).
    this.#abandon(reason, Math.min(this.#everSent, this.#sent));
  }

  /** Requests up to `seq` may have been executed. */
  #abandon(reason: string, seq: number): void {
    if (this.#mode === "over") return;
    this.#mode = "over";
    const { upTo, above } = this.#outbox.abandon(seq);
    if (upTo.length > 0) this.#effects.push({ kind: "unknown", tickets: upTo, reason });
    above.push(...this.#reader.abandon());
    if (above.length > 0) this.#effects.push({ kind: "notSent", tickets: above, reason });
  }

  /** C1: the addresses that a link is missing to. */
  wanted(): string[] {
    return this.#mode === "over" ? [] : this.#links.wanted(this.members, this.#addresses);
  }

  /** When a `tick` is needed at the latest; undefined: not at all. */
  wakeAt(): number | undefined {
    return this.#hasAllOutputs() ? this.#busyAtMs + lingerMs : undefined;
  }

  /** What it waits for, and from whom. */
  inspect(): InspectedTransmitter {
    const missing = (has: (id: ReplicaId) => boolean) => this.members.map(({ id }) => id).filter((id) => !has(id));
    const known = {
      client: this.client,
      mode: this.#mode,
      clock: this.#stamps.time,
      v: this.v,
      sent: this.#sent,
      done: this.#outbox.done,
    };
    if (this.#mode === "joining") return { ...known, waitsFor: "floors", from: missing((id) => this.#floors.has(id)) };
    if (this.#mode === "over" || this.v === 0 || (this.#outbox.isEmpty && this.#reader.isEmpty)) {
      return { ...known, waitsFor: undefined, from: [] };
    }
    return { ...known, waitsFor: this.#outbox.isEmpty ? "value" : "output", from: [answererOf(this.members).id] };
  }

  /** Takes one event. */
  step(event: TransmitterEvent): void {
    switch (event.kind) {
      case "linkOpened":
        return this.#onLinkOpened(event.link, event.address);
      case "linkClosed":
        // Neither members nor mode change: only a VIEW removes a replica.
        return this.#links.close(event.link);
      case "received":
        return this.#onReceived(event.link, event.message);
      case "tick":
        this.#nowMs = Math.max(this.#nowMs, event.nowMs);
        return;
      default:
        event satisfies never;
    }
  }

  /** Sends what can be sent, and returns what is to be done since the last call, in order. */
  ready(): readonly TransmitterEffect<T>[] {
    const isIdle = this.#outbox.isEmpty && this.#reader.isEmpty;
    if (this.#ending && this.#endSeq === undefined && isIdle) this.#formEnd();
    if (this.#mode !== "over" && this.v > 0) {
      if (this.#mode === "idle" && this.#hasRequests()) this.#activate();
      if (this.#mode === "active") this.#sendRequests();
      this.#sendClock();
      if (this.takesNone) this.#refuse();
    }
    if (this.#mode !== "over" && this.v > 0) this.#sendReads();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /**
   * Checks the invariants, which hold between two events and after `ready`.
   *
   * @throws {InvariantError} if one does not hold.
   */
  invariants(): void {
    if (this.#mode === "over") return;
    const { done, seq } = this.#outbox;
    invariant(this.#sent <= seq, "a client sends only requests that it has made");
    invariant(done <= seq && done <= this.#everSent, "what is answered was sent");
    this.#stamps.invariants();
    this.#underWay.invariants(this.#outbox, this.#sent);
    if (this.#mode !== "active") return;
    invariant(this.members.every(({ id }) => this.#floors.has(id)), "an active client has the floors of all (C3)");
  }

  // ---- Links ----

  #onLinkOpened(id: LinkId, address: string): void {
    const link = this.#links.open(id, address);
    this.#links.send(link, {
      kind: "HELLO",
      version: wireVersion,
      cluster: this.cluster,
      secret: this.#secret,
      done: this.#outbox.done,
    });
    this.#bindByAddress(link);
  }

  #bindByAddress(link: MemberLink): void {
    const member = this.#links.memberAt(link, this.members);
    if (member !== undefined) this.#bind(link, member.id);
  }

  /** It is known who is at the other end of the link; a client that is joining asks it for its floor as well. */
  #bind(link: MemberLink, replica: ReplicaId): void {
    if (this.#links.bind(link, replica) && this.#mode === "joining") this.#links.send(link, this.#resume());
  }

  // ---- Frames ----

  #onReceived(id: LinkId, message: ReplyMessage): void {
    const link = this.#links.get(id);
    if (link === undefined || this.#mode === "over") return;
    switch (message.kind) {
      case "VIEW":
        return this.#onView(link, message);
      case "REFUSED":
        return this.#onRefused(link, message);
      case "OUTPUT":
        return this.#onOutput(link, message);
      case "VALUE":
        return this.#onValue(link, message);
    }
    // C9. A message of another view says nothing about this one.
    if (message.v !== this.v || link.replica === undefined) return;
    switch (message.kind) {
      case "READY":
        return this.#onReady(link.replica, message);
      case "NUDGE":
        if (this.#mode !== "idle") this.#stamps.nudged(message.ts);
        return;
      case "FULL":
        if (this.#mode === "joining") this.#full.set(link.replica, link.address);
        return;
      default:
        message satisfies never;
    }
  }

  /** C2. */
  #onView(link: MemberLink, view: MessageOf<"VIEW">): void {
    this.cluster ??= view.cluster;
    if (view.cluster !== this.cluster) {
      this.#effects.push({ kind: "stranger", address: link.address, cluster: view.cluster });
      return this.#links.drop(link, `it is of cluster "${view.cluster}", not "${this.cluster}"`);
    }
    if (view.base > this.#everSent) {
      return this.#links.drop(
        link,
        `it has executed request ${view.base} of a session that has sent ${this.#everSent}`,
      );
    }
    link.greeted = true;
    const bound = this.#links.to(view.from);
    if (bound !== undefined && bound !== link) {
      // Two addresses of one replica: it has kept the newer link.
      if (bound.id > link.id) return this.#links.drop(link, "a newer link has taken its place");
      this.#links.drop(bound, "a newer link has taken its place");
    }
    this.#bind(link, view.from);
    if (view.v < this.v) return;
    if (view.v === this.v) {
      const same = view.members.length === this.members.length &&
        view.members.every(({ id }, at) => id === this.members[at].id);
      if (!same) this.#lose(`view ${view.v} has two sets of members: the cluster is split`, false);
      return;
    }
    const unknown = view.base === 0 && this.#firstSentIn !== undefined && view.forgot > this.#firstSentIn;
    if (view.base < this.#outbox.done || unknown) {
      if (this.#endSeq !== undefined) return this.#ended();
      return this.#lose("the session has expired", false);
    }
    this.#install(view);
  }

  #install(view: MessageOf<"VIEW">): void {
    invariant(view.v > this.v && view.base <= this.#everSent, "a view follows those before it, and has what was sent");
    this.v = view.v;
    this.members = view.members;
    // Nothing was executed before this view, and what was sent before it never will be (R0): its outcome is known.
    if (view.base === 0) this.#firstSentIn = undefined;
    this.#mode = "idle";
    this.#floors.clear();
    // Everything above the base is sent again: the same seq, new timestamps.
    this.#sent = view.base;
    this.#stamps.reset();
    this.#underWay.reset();
    for (let seq = this.#outbox.done + 1; seq <= view.base; seq++) this.#underWay.add(this.#outbox.get(seq));
    for (const link of [...this.#links]) {
      if (link.replica === undefined) {
        this.#bindByAddress(link);
      } else if (!this.members.some(({ id }) => id === link.replica)) {
        this.#links.drop(link, "it is not a member any more");
      }
    }
    this.#effects.push({ kind: "view", v: this.v, members: this.members });
    if (this.#endSeq !== undefined && this.#endSeq <= view.base) this.#ended();
  }

  #onRefused(link: MemberLink, { reason, cluster }: MessageOf<"REFUSED">): void {
    this.#effects.push({ kind: "refused", link: link.id, reason });
    if (cluster === undefined || this.cluster === undefined || cluster === this.cluster) return;
    // While a member of the own cluster is there, the other one is a stranger at an old address.
    for (const other of this.#links) {
      if (other === link || !other.greeted) continue;
      this.#effects.push({ kind: "stranger", address: link.address, cluster });
      return;
    }
    this.#lose("the cluster was started from scratch", true);
  }

  #lose(reason: string, anew: boolean): void {
    // It may continue from a replica that never knew of the view that dropped them (a forced start): it executes them.
    if (anew) this.#abandon(reason, this.#everSent);
    else this.abandon(reason);
    this.#effects.push({ kind: "lost", reason, anew });
  }

  /** C5, and C8: the first output per seq counts, from any link and of any view. */
  #onOutput(link: MemberLink, { v, clock, seq, index, outputs }: MessageOf<"OUTPUT">): void {
    if (v === this.v) this.#stamps.witness(clock);
    const request = this.#outbox.get(seq);
    // A flush never drops a request that has an output. So one that was not sent in this view was sent by another
    // process that uses the same session.
    if (request === undefined || seq > this.#sent) return;
    if (countItems(outputs) !== request.tickets.length) {
      return this.#links.drop(link, `output ${seq} is not for the commands of request ${seq}`);
    }
    this.#outbox.answer(seq);
    this.#busyAtMs = this.#nowMs;
    if (seq === this.#sent && v === this.v) this.#roundTrip.note(this.#sentAtMs, this.#nowMs);
    this.#underWay.remove(request);
    if (request.tickets.length > 0) {
      this.#effects.push({ kind: "outputs", tickets: request.tickets, outputs, index });
    }
  }

  /** C10: the first value per read counts, from any link and of any view. */
  #onValue(link: MemberLink, value: MessageOf<"VALUE">): void {
    const tickets = this.#reader.answer(value);
    if (tickets === undefined) return;
    if (typeof tickets === "string") return this.#links.drop(link, tickets);
    this.#effects.push({ kind: "values", tickets, outputs: value.outputs, index: value.index });
  }

  // ---- Activation ----

  #hasRequests(): boolean {
    return this.#sent < this.#outbox.seq || this.#outbox.hasCommands;
  }

  /** C3. */
  #activate(): void {
    this.#mode = "joining";
    this.#floors.clear();
    this.#full.clear();
    this.#stamps.begin();
    this.#sentAtMs = this.#nowMs;
    this.#links.broadcast(this.members, this.#resume());
  }

  #resume(): ClientMessage {
    return { kind: "RESUME", v: this.v, ts: this.#stamps.time, done: this.#outbox.done };
  }

  /** C3: active once *every* member of this view has given its floor. */
  #onReady(replica: ReplicaId, { floor, pace }: MessageOf<"READY">): void {
    this.#stamps.noteFloor(floor, pace);
    if (this.#mode !== "joining") return;
    this.#full.delete(replica);
    this.#floors.add(replica);
    if (!this.members.every(({ id }) => this.#floors.has(id))) return;
    this.#mode = "active";
    this.#busyAtMs = this.#nowMs;
    this.#roundTrip.note(this.#sentAtMs, this.#nowMs);
  }

  /** Whether a member has said that it takes no changes for now. */
  get takesNone(): boolean {
    return this.#mode === "joining" && this.#full.size > 0;
  }

  /** C11: what nobody has executed, and nobody will, has its outcome now. */
  #refuse(): void {
    // Requests that were executed before this view get their outputs yet.
    if (this.#outbox.done < this.#sent) return;
    if (this.#endSeq !== undefined) {
      this.#leave();
      return this.#ended();
    }
    const [address] = this.#full.values();
    const reason = `the disk of the replica at ${address} has too little room for changes: make room on it`;
    // Those that are requests already have their place in the order of the session: only another session is without.
    if (this.#sent < this.#outbox.seq) {
      this.#leave();
      for (const link of [...this.#links]) this.#links.drop(link, "its session is over");
      return this.#lose(reason, false);
    }
    const tickets = this.#outbox.refuse();
    if (tickets.length === 0) return;
    this.#reader.refused(this.#outbox.seq);
    this.#effects.push({ kind: "notSent", tickets, reason });
  }

  /** The members that have let it in need not wait for it, nor end the view when its links end. */
  #leave(): void {
    if (!this.#stamps.areLeft) return;
    const ts = this.#stamps.forClock();
    this.#links.broadcast(this.members, { kind: "CLOCK", v: this.v, ts, done: this.#outbox.done, suspend: true });
  }

  // ---- Sending ----

  /** C4. */
  #sendRequests(): void {
    while (this.#sent - this.#outbox.done < windowRequests && this.#stamps.areLeft) {
      const request = this.#nextRequest();
      if (request === undefined || !this.#underWay.hasRoomFor(request)) return;
      this.#underWay.add(request);
      this.#sent = request.seq;
      this.#sentAtMs = this.#nowMs;
      const links = this.#links.broadcast(this.members, {
        kind: "REQUEST",
        v: this.v,
        seq: request.seq,
        ...this.#stamps.forRequest(request.commands),
        done: this.#outbox.done,
        end: request.end,
        commands: request.commands,
      });
      if (links > 0) {
        this.#everSent = Math.max(this.#everSent, request.seq);
        this.#firstSentIn ??= this.v;
      }
    }
  }

  #nextRequest(): OutboxRequest<T> | undefined {
    if (this.#sent < this.#outbox.seq) return this.#outbox.get(this.#sent + 1);
    return this.#outbox.hasCommands ? this.#outbox.nextRequest() : undefined;
  }

  /** Makes the request that ends the session; a session that never sent anything is known nowhere and just ends. */
  #formEnd(): void {
    if (this.#mode === "over") return;
    if (this.#everSent === 0) this.#ended();
    else this.#endSeq = this.#outbox.endRequest().seq;
  }

  #ended(): void {
    this.#outbox.abandon(this.#everSent);
    this.#mode = "over";
    this.#effects.push({ kind: "ended" });
  }

  #hasAllOutputs(): boolean {
    return this.#mode === "active" && this.#sent === this.#outbox.seq && this.#outbox.isEmpty;
  }

  /** C6 and C7. */
  #sendClock(): void {
    if (this.#mode !== "joining" && this.#mode !== "active") return;
    const ended = this.#endSeq !== undefined && this.#outbox.done >= this.#endSeq;
    const suspend = this.#hasAllOutputs() && (ended || this.#nowMs >= this.#busyAtMs + lingerMs);
    if ((!suspend && !this.#stamps.areAwaited) || !this.#stamps.areLeft) return;
    const ts = this.#stamps.forClock();
    this.#links.broadcast(this.members, { kind: "CLOCK", v: this.v, ts, done: this.#outbox.done, suspend });
    if (!suspend) return;
    this.#mode = "idle";
    this.#stamps.suspend();
    if (ended) this.#ended();
  }

  /** C10. */
  #sendReads(): void {
    if (this.#reader.isEmpty) return;
    const link = this.#links.to(answererOf(this.members).id);
    if (link === undefined) return;
    const { lastSeq: last, done } = this.#outbox;
    for (const read of this.#reader.take(link.id, { v: this.v, last, sent: this.#sent, done })) {
      this.#links.send(link, read);
    }
  }
}
