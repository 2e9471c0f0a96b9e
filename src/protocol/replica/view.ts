/**
 * A replica and its clients, inside a view: what comes from clients (rules R0 to R4, R6 and R10).
 *
 * Schneider's recipe for fault tolerance is *agreement* (every replica receives every request) and *order* (all process
 * them in the same one). Inside a view nothing fails, and both are simple: the client broadcasts, the members tell the
 * answerer what they have, and requests are executed in the order of their uids; see `execution.ts`. A client that is
 * lost while it may still send ends the view.
 *
 * @module
 */

import { clockMax, leaseMs, pendingBytesMax, replicaTickMs, sessionsMax, timestampMax } from "../../limits.ts";
import { mayPrecede } from "../../stability.ts";
import type { Channel, PendingRequest } from "./channel.ts";
import type { ClientMessage, MessageOf, ReplyMessage } from "../wire/messages.ts";
import { Execution, type Suspect } from "./execution.ts";
import { Gate, noSeq } from "./gate.ts";
import { Lease, patientMs } from "./lease.ts";
import { carry, type Order } from "./order.ts";
import { Patience, patienceMax } from "./patience.ts";
import type { ClientEvent } from "./replica_events.ts";
import type { ReplicaHost } from "./replica_host.ts";
import { paceOf, Seniority } from "./seniority.ts";
import type { Decision } from "../wire/records.ts";
import type { LinkId } from "../wire/link_id.ts";
import { leastPromise } from "../wire/promise.ts";
import type { ClientId, Timestamp } from "../../uid.ts";
import type { RetainedOutput } from "./sessions.ts";
import { invariant } from "../../invariant.ts";

/** No client moves the clock so far by what it has to send. */
const leapMin = 2 ** 32;

/** The timers of replicas run apart, and their heads change at different times. */
const stuckLaterMs = 4 * replicaTickMs;

/** A replica inside a view: its clients, and what they send. */
export class View {
  readonly #host: ReplicaHost;
  readonly #order: Order;
  // Those that may send, and are asked by the stability test.
  readonly #active = new Set<Channel>();
  // Those whose RESUME waits before the gate.
  readonly #resuming = new Set<Channel>();
  readonly #lease = new Lease();
  readonly #patience = new Patience();
  readonly #seniority = new Seniority();
  // D9: the disk has so little room that nobody may send changes.
  #isShort = false;
  // The active ones that are new.
  #newAtWork = 0;
  // Up to where those that are new have promised with what was executed: one that comes and goes pays for it, too.
  #newDue: Timestamp = 0;
  // What the last request of a new one has cost: those that come together take turns with others, who would wait for
  // all of them at once.
  #newCost = 0;
  /** Says which clients may join now. */
  readonly gate: Gate = new Gate();
  /** Executes requests, tells the others of them, and answers reads. */
  readonly execution: Execution;
  /** The replica's running time in ms; R6 says why a tick counts only a bounded time. */
  runningMs = 0;
  #hasRaised = false;
  // The first client that has moved the clock by far more than the time can.
  #leaper: ClientId | undefined;

  /** No client has come yet. */
  constructor(host: ReplicaHost) {
    this.#host = host;
    this.#order = host.order;
    this.execution = new Execution(host, {
      active: this.#active,
      reply: (channel, message) => this.#reply(channel, message),
      output: (channel, output) => this.#output(channel, output),
      served: (request) => this.#served(request),
      close: (channel, reason) => this.#close(channel, reason),
      nudge: (head, lulls, times) => this.#nudge(head, lulls, times),
      alarm: (suspect) => this.#alarmOnce(suspect),
    });
  }

  /** Something came from a client. */
  step(event: ClientEvent): void {
    switch (event.kind) {
      case "hello":
        return this.#onHello(event);
      case "fromClient":
        return this.#onFrame(event.link, event.message);
      case "linkClosed":
        return this.#unlink(this.#order.channels.at(event.link));
    }
  }

  /**
   * Whether nothing more is to be read from this link now: its client is ahead by a view (R0), or too much of it waits
   * here (R9).
   */
  isHeld(link: LinkId): boolean {
    const channel = this.#order.channels.at(link);
    if (channel === undefined) return false;
    if (channel.held.length > 0 || channel.isFull || this.execution.reads.isFull(channel)) return true;
    // Whom the head waits for has nothing waiting here: it is always read, so this holds up nothing. A member that is
    // alone executes what comes first, and nobody comes before others by sending ahead.
    return channel.hasItsShare && this.#active.size > 1 && this.#order.members.length > 1;
  }

  /**
   * For how long others have waited, in ms, as it counts if the client of this link is lost now (R10); without a link,
   * as it counts if the head is stuck.
   */
  waitedMs(link?: LinkId): number {
    if (link === undefined) return Math.round(this.#lease.waitedMs);
    const channel = this.#order.channels.at(link);
    return channel?.active && !channel.barred ? this.#waitedMs(channel) : 0;
  }

  #waitedMs(channel: Channel): number {
    return Math.round(Math.max(this.#lease.waitedMs, channel.heldUpMs));
  }

  /** R13: nobody sends changes to a replica whose disk has little room; those who may send now lose that by a view. */
  room(isShort: boolean): void {
    if (this.#isShort === isShort) return;
    this.#isShort = isShort;
    if (!isShort) return;
    for (const channel of this.#resuming) this.#sayFull(channel);
    if (this.#active.size > 0) this.#host.alarm();
  }

  #sayFull(channel: Channel): void {
    this.#reply(channel, { kind: "FULL", v: this.#order.v });
  }

  // ---- Links ----

  /** R1. */
  #onHello({ link, client, cluster, done }: ClientEvent & { readonly kind: "hello" }): void {
    const { channels } = this.#order;
    if (cluster !== undefined && cluster !== this.#host.cluster) {
      const reason = `this is cluster "${this.#host.cluster}", not "${cluster}"`;
      return this.#host.effect({ kind: "closeLink", link, reason, cluster: this.#host.cluster });
    }
    if (channels.isFullFor(client)) {
      const reason = `there are ${sessionsMax} sessions already, try again later`;
      return this.#host.effect({ kind: "closeLink", link, reason });
    }
    this.#close(channels.of(client), "a newer link of the session has taken its place");
    // Losing the older link may have ended the view.
    const channel = channels.of(client);
    channels.link(channel, link);
    channel.session.confirm(done);
    if (!channel.barred) this.#greet(channel);
  }

  /** R1, V8: tells the client the view, and repeats the outputs that it may lack. */
  #greet(channel: Channel): void {
    const { v, members, sessions } = this.#order;
    const { id: from, cluster } = this.#host;
    this.#reply(channel, { kind: "VIEW", cluster, v, from, members, base: channel.base, forgot: sessions.forgot });
    if (this.execution.isAnswerer) { for (const output of channel.session.retained) this.#output(channel, output); }
  }

  /** Closes a client's link, which counts as its end. */
  #close(channel: Channel, reason: string): void {
    if (channel.link === undefined) return;
    this.#host.effect({ kind: "closeLink", link: channel.link, reason });
    this.#unlink(channel);
  }

  /** R6: the end of a link. */
  #unlink(channel: Channel | undefined): void {
    if (channel === undefined) return;
    this.#order.channels.unlink(channel);
    this.#resuming.delete(channel);
    this.execution.reads.forget(channel);
    if (channel.active) {
      if (channel.barred) return;
      // It stays in the stability test until the next view. If it left now, this replica might say that nothing more
      // comes up to some uid, and count on it, while others hold requests of the client that are before it.
      channel.barred = true;
      this.#host.alarm({ client: channel.client, seq: noSeq, waitedMs: this.#waitedMs(channel) });
    } else {
      this.#order.channels.forgetIfUnused(channel, this.runningMs);
    }
  }

  // ---- Frames ----

  /** R0: sorts out what is not for this view. */
  #onFrame(link: LinkId, message: ClientMessage): void {
    const channel = this.#order.channels.at(link);
    if (channel === undefined) return;
    if (message.kind === "HELLO") return this.#close(channel, "HELLO came twice");
    const { v } = this.#order;
    if (message.v > v || channel.held.length > 0) {
      // The next view is decided only when all members have accepted it, and so are frozen: this one, too.
      if (message.v > v + 1 || !this.#host.isFrozen()) {
        return this.#close(channel, `view ${message.v} cannot be known yet, this is view ${v}`);
      }
      channel.held.push(message);
      return;
    }
    if (message.v < v || this.#host.isFrozen() || channel.barred) return;
    switch (message.kind) {
      case "RESUME":
        return this.#onResume(channel, message);
      case "REQUEST":
        return this.#onRequest(channel, message);
      case "CLOCK":
        return this.#onClock(channel, message);
      case "READ":
        return this.#onRead(channel, message);
    }
  }

  /** R2, when the gate lets the client through. */
  #onResume(channel: Channel, message: MessageOf<"RESUME">): void {
    if (channel.ending) return this.#close(channel, "RESUME came after the end of the session");
    if (channel.active || channel.resuming !== undefined) return this.#close(channel, "RESUME came twice");
    if (message.ts > timestampMax) return this.#close(channel, `RESUME: timestamp ${message.ts} is too large`);
    channel.session.confirm(message.done);
    if (this.#mayJoin(channel)) return this.#admit(channel, message);
    channel.resuming = message;
    this.#resuming.add(channel);
    if (this.#isShort) this.#sayFull(channel);
  }

  /** R10 and R13. */
  #mayJoin({ client }: Channel): boolean {
    return !this.#isShort && this.gate.isOpenFor(client);
  }

  #admit(channel: Channel, { ts }: MessageOf<"RESUME">): void {
    const { v } = this.#order;
    channel.active = true;
    this.#active.add(channel);
    Lease.begin(channel, this.runningMs - channel.suspendedAtMs);
    const rank = this.#seniority.admit(channel.client, this.#active);
    channel.rank = rank;
    // Requests executed before are not above the floor, and everything that the client sends now is. Requests executed
    // later wait for the client. Were the floor above what some client has sent far ahead, this one would wait for all
    // that others send below that.
    const due = Math.max(this.execution.floor, rank.isNew ? this.#newDue : 0);
    const turns = rank.isNew ? this.#newAtWork * this.#newCost : 0;
    const floor = this.#patience.asked(channel, due + turns);
    channel.hasSent = false;
    // It was idle, and answers nothing that it was asked before.
    channel.nudgedTs = -1;
    channel.lastTs = Math.max(channel.lastTs, floor, ts);
    channel.pace = paceOf(rank, this.#newAtWork);
    if (rank.isNew) this.#newAtWork++;
    this.#reply(channel, { kind: "READY", v, floor, pace: channel.pace });
  }

  /** R3. */
  #onRequest(channel: Channel, message: MessageOf<"REQUEST">): void {
    const fault = channel.faultOf(message);
    if (fault !== undefined) return this.#close(channel, `REQUEST ${message.seq}: ${fault}`);
    // It did not need to be asked.
    if (channel.heldUpMs >= patientMs) channel.patience = 1;
    else if (channel.nudgedTs >= channel.lastTs) channel.patience = Math.min(2 * channel.patience, patienceMax);
    channel.lastTs = message.upto;
    channel.noteHeard();
    channel.clocks = 0;
    channel.hasSent = true;
    channel.ending = message.end;
    const { clock } = this.#order;
    if (message.ts > clock.time + leapMin) this.#leaper ??= channel.client;
    const request = this.#order.receive(channel, message);
    this.#host.disk?.journal.note({ kind: "received", request: carry(request) });
    this.execution.received(request);
    // All members may have the request that moves the clock too far. If a client has moved it by a leap before, that
    // client is to blame.
    if (clock.time > clockMax) this.#alarmOnce({ client: this.#leaper ?? channel.client, seq: noSeq });
    if (this.#order.pendingBytes > pendingBytesMax) this.#relieve();
  }

  /** R9: too much waits in sum. */
  #relieve(): void {
    let most: Channel | undefined;
    for (const channel of this.#active) {
      if (channel.link !== undefined && channel.waitingBytes > (most?.waitingBytes ?? 0)) most = channel;
    }
    if (most !== undefined) this.#close(most, `over ${pendingBytesMax} bytes wait here, and most of them are its`);
  }

  /** R4. */
  #onClock(channel: Channel, { ts, done, suspend }: MessageOf<"CLOCK">): void {
    // A client that joins answers a NUDGE of one replica to all.
    if (channel.resuming !== undefined) return;
    if (!channel.active) return this.#close(channel, "CLOCK came before RESUME");
    if (ts > timestampMax) return this.#close(channel, `CLOCK: timestamp ${ts} is too large`);
    if (done > channel.recv) return this.#close(channel, `CLOCK: done ${done} cannot be`);
    if (ts > channel.lastTs) {
      channel.patience = 1;
      channel.noteHeard();
      channel.clocks++;
    }
    channel.lastTs = Math.max(channel.lastTs, ts);
    channel.session.confirm(done);
    if (!suspend) return;
    if (done < channel.recv) return this.#close(channel, "CLOCK: it suspends before it has all outputs");
    channel.active = false;
    if (channel.hasSent) channel.clocks = 0;
    this.#active.delete(channel);
    if (channel.rank !== undefined) {
      this.#seniority.suspended(channel.rank);
      if (channel.rank.isNew) this.#newAtWork--;
    }
    channel.suspendedAtMs = this.runningMs;
  }

  /** R8. */
  #onRead(channel: Channel, message: MessageOf<"READ">): void {
    const fault = this.execution.isAnswerer
      ? this.execution.reads.ask(channel, message)
      : "another replica is the answerer";
    if (fault !== undefined) this.#close(channel, `READ ${message.rid}: ${fault}`);
  }

  /**
   * Asks those active clients whose time has come to be later than `head`, and than what else waits and is executed in
   * no time: if each NUDGE let one request pass, many would wait long.
   */
  #nudge(head: PendingRequest, lulls: number, times: number): void {
    for (const channel of this.#patience.due(head, this.#active, lulls, times)) this.#ask(channel, head);
  }

  /** The same by timer, whoever was asked before. */
  #nudgeAgain(head: PendingRequest): void {
    for (const channel of this.#active) {
      if (channel.isQuiet || this.#lease.waitedMs > 0) this.#ask(channel, head);
    }
  }

  #ask(channel: Channel, head: PendingRequest): void {
    if (channel.barred || !mayPrecede(channel, head)) return;
    const { v, present } = this.#order;
    const ts = channel.nudgedTs = this.#patience.asked(channel, Math.max(head.ts, present));
    this.#reply(channel, { kind: "NUDGE", v, ts });
  }

  #served({ channel: { client, rank, pace }, ts, commands }: PendingRequest): void {
    this.gate.served(client);
    // A client whose request is pending has resumed, and so has a rank.
    this.#seniority.served(rank!);
    if (!rank!.isNew) return;
    this.#newDue = Math.max(this.#newDue, ts + leastPromise(commands, pace));
    this.#newCost = leastPromise(commands, 1);
  }

  /** R7: by the latest link of the session; an output that is lost is repeated by {@link View.#greet}. */
  #output(channel: Channel, output: RetainedOutput): void {
    const { v, present } = this.#order;
    this.#reply(channel, { kind: "OUTPUT", v, clock: present, ...output });
  }

  #reply(channel: Channel, message: ReplyMessage): void {
    if (channel.link !== undefined) this.#host.effect({ kind: "toClient", link: channel.link, message });
  }

  // ---- Time ----

  /** Lets those in for whom the gate has opened. */
  pass(passedMs: number): void {
    this.runningMs += passedMs;
    this.gate.pass(passedMs);
    this.#seniority.pass(passedMs);
    this.#patience.pass(passedMs, this.#active);
    if (this.#host.isFrozen()) return;
    this.execution.reads.pass();
    for (const channel of this.#resuming) {
      if (!this.#mayJoin(channel)) continue;
      this.#resuming.delete(channel);
      const message = channel.resuming!;
      channel.resuming = undefined;
      this.#admit(channel, message);
    }
  }

  /**
   * R5 and R6, by timer: repeats the NUDGEs that the head waits for, closes clients that hold others up, and ends a
   * view that makes no progress.
   */
  enforceLease(passedMs: number): void {
    const { pending, members } = this.#order;
    const head = members.length === 1 ? undefined : pending.peek();
    // Only the answerer knows of requests that came to some: if it spoke later than others, nobody would blame a liar.
    const stuckMs = 2 * leaseMs + (head === undefined || this.execution.isAnswerer ? 0 : stuckLaterMs);
    const { over, together, togetherMs, isStuck } = this.#lease.pass(head, this.#active, passedMs, stuckMs);
    // All members hear of it by the end of the view: a gate that is open at some only would let nobody send.
    const waitedMs = Math.round(togetherMs);
    for (const { client } of together) this.#host.alarm({ client, seq: noSeq, waitedMs });
    for (const channel of over) this.#close(channel, `others have waited for it for ${leaseMs} ms`);
    if (head !== undefined) this.#nudgeAgain(head);
    for (const channel of this.#active) channel.isQuiet = true;
    if (isStuck) this.#alarmOnce(this.execution.suspect(head!));
  }

  #alarmOnce(suspect?: Suspect): void {
    if (this.#hasRaised) return;
    this.#hasRaised = true;
    const { client, seq } = suspect ?? {};
    this.#host.alarm(client && seq ? { client, seq, waitedMs: Math.round(this.#lease.waitedMs) } : undefined);
  }

  /** Checks the invariants, which hold between two events. */
  invariants(): void {
    for (const channel of this.#active) {
      invariant(channel.active, "only active clients take part in the stability test");
    }
    for (const channel of this.#order.channels) {
      invariant(!channel.active || this.#active.has(channel), "every active client takes part in the stability test");
      for (const { v } of channel.held as readonly { readonly v?: number }[]) {
        invariant(
          v === this.#order.v + 1 && this.#host.isFrozen(),
          "only frames of the next view are kept, by the frozen",
        );
      }
    }
    this.#order.invariants();
    this.execution.invariants();
  }

  // ---- The next view ----

  /** The view ends as decided, before the drain. */
  end(decision: Decision): void {
    const { channels } = this.#order;
    // Requests that were executed before have counted then.
    const served = decision.cut.filter(({ client, seq }) => seq > (channels.get(client)?.session.executed ?? seq));
    const hasFailed = this.#order.members.some(({ id }) => !decision.members.some((member) => member.id === id));
    this.gate.settle(decision, served.map(({ client }) => client), hasFailed, this.#newAtWork);
  }

  /** V7: nobody is active, and nothing is to be told. */
  reset(): void {
    this.#seniority.endView(this.#active);
    this.#active.clear();
    this.#newAtWork = 0;
    this.#newDue = 0;
    this.#resuming.clear();
    this.#lease.reset();
    this.#hasRaised = false;
    this.#leaper = undefined;
    this.execution.reset();
  }

  /** V8: tells everybody the view, and takes the frames that were kept for it. */
  greetAll(): void {
    const channels = [...this.#order.channels];
    for (const channel of channels) this.#greet(channel);
    for (const channel of channels) {
      const frames = channel.held;
      channel.held = [];
      for (const frame of frames) if (channel.link !== undefined) this.#onFrame(channel.link, frame);
    }
  }
}
