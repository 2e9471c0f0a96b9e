/**
 * A replica, inside a view and from view to view (rules R0 to R6, V7, V8, V10).
 *
 * Schneider's recipe for fault tolerance is *agreement* (every replica receives every request) and *order* (all process
 * them in the same one). Inside a view nothing fails, and both are simple: the client broadcasts, and says `agreed`
 * once all members have acknowledged; requests are executed in the order of their uids as soon as they are agreed and
 * stable. Whatever fails ends the view by the flush, see `flush.ts`.
 *
 * How to drive it: feed any number of events to {@link Replica.step}, then take {@link Replica.ready} once, and perform
 * its effects in their order, before the next `step`. It has no clock, socket, timer or randomness of its own, so the
 * same code runs in a replica process and in the simulator.
 *
 * Left out, and where they would go: newcomers (V9) are a reason for a flush and two more messages in `flush.ts`; the
 * policy *majority* is a count in its two waits.
 *
 * @module
 */

import { LamportClock } from "../clock.ts";
import { leaseMs, replicaTickMs, retainedBytesMax, sessionsMax, timestampJumpMax } from "../limits.ts";
import { leastHeard, mayPrecede, Pending } from "../stability.ts";
import type { ClientId, Member, ReplicaId } from "../uid.ts";
import type { Channel, LinkId, PendingRequest } from "./channel.ts";
import { Channels } from "./channels.ts";
import { Donor } from "./donor.ts";
import { Executor } from "./executor.ts";
import { Flush, type FlushReport } from "./flush.ts";
import type {
  Ballot,
  CarriedRequest,
  ClientMessage,
  Decision,
  MeshMessage,
  MessageOf,
  ReplyMessage,
} from "./messages.ts";
import { Newcomer } from "./newcomer.ts";
import type {
  ClientEvent,
  Executed,
  ReplicaEffect,
  ReplicaEvent,
  ReplicaOptions,
  ReplicaStatus,
} from "./replica_events.ts";
import type { RetainedOutput, Sessions } from "./sessions.ts";

/** One replica of the state machine. */
export class Replica {
  readonly #id: ReplicaId;
  readonly #cluster: string;

  readonly #self: Member;

  #v: number;
  #members: readonly Member[];
  // V9: this replica as the donor of newcomers, and as a newcomer itself.
  readonly #donor: Donor;
  #newcomer: Newcomer | undefined;
  // What came from clients before this replica was a member.
  #early: ClientEvent[] = [];
  readonly #failed = new Set<ReplicaId>();
  #flush: Flush;
  #halted = false;

  readonly #executor: Executor;
  readonly #sessions: Sessions;
  // The largest timestamp of a REQUEST received; kept over views, so that floors stay above all that was executed.
  readonly #clock = new LamportClock();
  readonly #pending = new Pending<PendingRequest>();
  readonly #channels: Channels;
  readonly #active = new Set<Channel>();

  // The replica's own running time; see R6 on why a tick counts only so much.
  #runningMs = 0;

  #acksDue: Channel[] = [];
  #effects: ReplicaEffect[] = [];

  /** A replica in view 1 that has executed nothing. */
  constructor(options: ReplicaOptions) {
    this.#id = options.id;
    this.#cluster = options.cluster;
    const onExecuted = (record: Executed) => this.#effects.push({ kind: "executed", record });
    this.#executor = new Executor(options.machine, options.log ? onExecuted : undefined);
    this.#sessions = this.#executor.sessions;
    this.#channels = new Channels(this.#sessions);
    this.#self = options.members.find(({ id }) => id === options.id)!;
    this.#v = options.joining ? 0 : 1;
    this.#members = options.joining ? [] : [...options.members].sort((a, b) => a.id - b.id);
    this.#flush = this.#newFlush();
    const send = (to: ReplicaId, message: MeshMessage) => this.#toReplica(to, message);
    this.#donor = new Donor({ send, snapshot: () => this.#executor.snapshot(), view: () => this.#v });
    const restored = () => this.#effects.push({ kind: "restored", executed: this.#executor.executed });
    if (options.joining) this.#newcomer = new Newcomer(this.#executor, { send, restored });
  }

  /** Takes one event. */
  step(event: ReplicaEvent): void {
    if (this.#halted) return;
    if (this.#newcomer !== undefined && isClientEvent(event)) {
      this.#early.push(event);
      return;
    }
    switch (event.kind) {
      case "hello":
        return this.#onHello(event.link, event.client, event.cluster, event.done);
      case "fromClient":
        return this.#onFrame(event.link, event.message);
      case "linkClosed":
        return this.#onLinkClosed(event.link);
      case "peerLinked":
        if (this.#newcomer !== undefined) this.#toReplica(event.id, { kind: "JOIN", member: this.#self });
        return;
      case "fromPeer":
        return this.#onPeer(event.from, event.message);
      case "peerFailed":
        return this.#onPeerFailed(event.id);
      case "tick":
        return this.#onTick(event.elapsedMs);
      default:
        event satisfies never;
    }
  }

  /** Executes what can be, and returns what is to be done since the last call, in order. */
  ready(): readonly ReplicaEffect[] {
    if (!this.#halted) {
      this.#acknowledge();
      this.#execute();
      this.#donor.send();
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Whether the client of this link is ahead by a view: then nothing more should be read from it before `installed`. */
  isHeld(link: LinkId): boolean {
    return this.#newcomer !== undefined || (this.#channels.at(link)?.held.length ?? 0) > 0;
  }

  /** What a person may want to know. */
  status(): ReplicaStatus {
    return {
      id: this.#id,
      v: this.#v,
      members: this.#members.map(({ id }) => id),
      executed: this.#executor.executed,
      clock: this.#clock.time,
      joining: this.#newcomer !== undefined,
      frozen: this.#flush.frozen,
      sessions: this.#sessions.size,
      pending: this.#pending.size,
    };
  }

  // ---- Links ----

  /** R1. */
  #onHello(link: LinkId, client: ClientId, cluster: string | undefined, done: number): void {
    if (cluster !== undefined && cluster !== this.#cluster) {
      const reason = `this is cluster "${this.#cluster}", not "${cluster}"`;
      this.#effects.push({ kind: "closeLink", link, reason, cluster: this.#cluster });
      return;
    }
    if (this.#channels.isFullFor(client)) {
      const reason = `there are ${sessionsMax} sessions already, try again later`;
      this.#effects.push({ kind: "closeLink", link, reason });
      return;
    }
    this.#close(this.#channels.of(client), "a newer link of the session has taken its place");
    // Losing the older link may have ended the view.
    const channel = this.#channels.of(client);
    this.#channels.link(channel, link, this.#runningMs);
    channel.session.confirm(done);
    if (!channel.barred) this.#greet(channel);
  }

  /** R1, V8: tells the client the view, and repeats the outputs that it may lack. */
  #greet(channel: Channel): void {
    this.#reply(channel, {
      kind: "VIEW",
      cluster: this.#cluster,
      v: this.#v,
      from: this.#id,
      members: this.#members,
      base: channel.base,
      forgot: this.#sessions.forgot,
    });
    if (this.#isAnswerer(channel.client)) {
      for (const output of channel.session.retained) this.#output(channel, output);
    }
  }

  #onLinkClosed(link: LinkId): void {
    const channel = this.#channels.at(link);
    if (channel !== undefined) this.#unlink(channel);
  }

  /** Closes a client's link, which counts as its EOF. */
  #close(channel: Channel, reason: string): void {
    if (channel.link === undefined) return;
    this.#effects.push({ kind: "closeLink", link: channel.link, reason });
    this.#unlink(channel);
  }

  /** R6: the end of a link. */
  #unlink(channel: Channel): void {
    this.#channels.unlink(channel);
    if (channel.active) {
      if (channel.barred) return;
      // It stays in the stability test until the next view. If it left now, this replica might execute past requests of
      // it that others hold; and if this replica then died, the others would order them before.
      channel.barred = true;
      this.#raiseAlarm();
    } else {
      this.#channels.forgetIfUnused(channel, this.#runningMs);
    }
  }

  // ---- Frames of clients ----

  /** R0: sorts out what is not for this view. */
  #onFrame(link: LinkId, message: ClientMessage): void {
    const channel = this.#channels.at(link);
    if (channel === undefined) return;
    channel.heardAtMs = this.#runningMs;
    if (message.kind === "HELLO") return this.#close(channel, "HELLO came twice");
    if (message.v > this.#v || channel.held.length > 0) {
      // The next view is decided only when all members have accepted it, and so are frozen: this one, too.
      if (message.v > this.#v + 1 || !this.#flush.frozen) {
        return this.#close(channel, `view ${message.v} cannot be known yet, this is view ${this.#v}`);
      }
      channel.held.push(message);
      return;
    }
    if (message.v < this.#v || this.#flush.frozen || channel.barred) return;
    this.#take(channel, message);
  }

  #take(channel: Channel, message: Exclude<ClientMessage, MessageOf<"HELLO">>): void {
    if (message.ts > this.#clock.time + timestampJumpMax || message.ts + 1 > Number.MAX_SAFE_INTEGER) {
      return this.#close(channel, `timestamp ${message.ts} is too far ahead of the clock ${this.#clock.time}`);
    }
    switch (message.kind) {
      case "RESUME":
        return this.#onResume(channel, message);
      case "REQUEST":
        return this.#onRequest(channel, message);
      case "CLOCK":
        return this.#onClock(channel, message);
    }
  }

  /** R2. */
  #onResume(channel: Channel, { ts, done }: MessageOf<"RESUME">): void {
    if (channel.ending) return this.#close(channel, "RESUME came after the end of the session");
    channel.active = true;
    this.#active.add(channel);
    channel.lastTs = Math.max(channel.lastTs, this.#clock.time, ts);
    channel.session.confirm(done);
    // What was executed before is not above the floor, and all that the client sends now is. What is executed later
    // waits for the client.
    this.#reply(channel, { kind: "READY", v: this.#v, floor: this.#clock.time });
  }

  /** R3. */
  #onRequest(channel: Channel, message: MessageOf<"REQUEST">): void {
    const fault = channel.faultOf(message);
    if (fault !== undefined) return this.#close(channel, `REQUEST ${message.seq}: ${fault}`);
    const { seq, ts, agreed, done, end, commands } = message;
    channel.received(seq, commands.length, done);
    channel.lastTs = ts;
    channel.agreed = agreed;
    channel.ending = end;
    channel.session.confirm(done);
    this.#clock.witness(ts);
    this.#pending.insert({ ts, client: channel.client, channel, seq, end, commands });
    if (!channel.ackDue) {
      channel.ackDue = true;
      this.#acksDue.push(channel);
    }
  }

  /** R4. */
  #onClock(channel: Channel, { ts, agreed, done, suspend }: MessageOf<"CLOCK">): void {
    if (!channel.active) return this.#close(channel, "CLOCK came before RESUME");
    if (agreed > channel.recv) return this.#close(channel, `CLOCK: agreed ${agreed} cannot be`);
    if (done > channel.recv) return this.#close(channel, `CLOCK: done ${done} cannot be`);
    channel.lastTs = Math.max(channel.lastTs, ts);
    channel.agreed = Math.max(channel.agreed, agreed);
    channel.session.confirm(done);
    if (!suspend) return;
    if (channel.agreed < channel.recv) return this.#close(channel, "CLOCK: it suspends before all is agreed");
    channel.active = false;
    this.#active.delete(channel);
  }

  // ---- Execution ----

  #acknowledge(): void {
    for (const channel of this.#acksDue) {
      if (!channel.ackDue) continue;
      channel.ackDue = false;
      this.#reply(channel, { kind: "ACK", v: this.#v, seq: channel.recv, clock: this.#clock.time });
    }
    this.#acksDue = [];
  }

  /** R5: executes the requests that are agreed and stable, in the order of their uids. */
  #execute(): void {
    if (this.#pending.size === 0) return;
    // In a view of one member both tests are vacuous: every member has the request, and all have the same order.
    const alone = this.#members.length === 1;
    const least = alone ? undefined : leastHeard(this.#active);
    for (let head = this.#pending.peek(); head !== undefined; head = this.#pending.peek()) {
      if (!alone) {
        if (head.channel.agreed < head.seq) return;
        if (least !== undefined && mayPrecede(least, head)) {
          // One NUDGE is enough; the timer covers what the answerer cannot see, as it is ahead or has lost its link.
          if (this.#isAnswerer(head.client)) this.#nudge(head, false);
          return;
        }
      }
      this.#pending.shift();
      const output = this.#apply(head);
      if (this.#isAnswerer(head.client)) this.#output(head.channel, output);
    }
  }

  #apply(request: PendingRequest): RetainedOutput {
    const { channel } = request;
    const output = this.#executor.apply(channel.session, request, this.#v);
    this.#donor.executed(this.#v, carry(request));
    if (request.channel.session.retainedBytes > retainedBytesMax) {
      this.#close(request.channel, `over ${retainedBytesMax} bytes of outputs are not confirmed`);
    }
    return output;
  }

  /** Asks the active clients that `head` waits for to send a later timestamp. */
  #nudge(head: PendingRequest, again: boolean): void {
    for (const channel of this.#active) {
      if (!mayPrecede(channel, head) || (channel.nudgedTs >= head.ts && !again)) continue;
      channel.nudgedTs = head.ts;
      this.#reply(channel, { kind: "NUDGE", v: this.#v, ts: head.ts });
    }
  }

  #isAnswerer(client: ClientId): boolean {
    return this.#members[parseInt(client.slice(0, 8), 16) % this.#members.length].id === this.#id;
  }

  #output(channel: Channel, { seq, index, outputs }: RetainedOutput): void {
    this.#reply(channel, { kind: "OUTPUT", seq, index, outputs });
  }

  #reply(channel: Channel, message: ReplyMessage): void {
    if (channel.link !== undefined) this.#effects.push({ kind: "toClient", link: channel.link, message });
  }

  // ---- Time ----

  #onTick(elapsedMs: number): void {
    // However long the process was stopped, frames may still wait in its sockets, and it must not judge before it has
    // read them: so between two ticks only so much time counts.
    this.#runningMs += Math.min(elapsedMs, replicaTickMs);
    this.#flush.tick(Math.min(elapsedMs, replicaTickMs));
    if (this.#flush.frozen) return;
    this.#enforceLease();
    this.#tidySessions();
  }

  /** R5 and R6, by timer: repeats the NUDGEs that the head waits for, and closes clients that have gone silent. */
  #enforceLease(): void {
    const head = this.#pending.peek();
    if (head === undefined || this.#members.length === 1) return;
    const agreed = head.channel.agreed >= head.seq;
    if (agreed) this.#nudge(head, true);
    for (const channel of [...this.#active]) {
      const waitedFor = mayPrecede(channel, head) || (!agreed && channel === head.channel);
      if (!waitedFor || channel.barred || this.#runningMs - channel.heardAtMs <= leaseMs) continue;
      this.#close(channel, `nothing came for ${leaseMs} ms while others waited`);
    }
  }

  /** V10: a view that has gathered many ended or vanished sessions ends, so that they can be forgotten. */
  #tidySessions(): void {
    if (!this.#sessions.wantTidying(this.#runningMs)) return;
    this.#raiseAlarm();
  }

  // ---- From view to view ----

  #newFlush(): Flush {
    return new Flush(this.#id, this.#v, this.#members, this.#failed, {
      send: (to, message) => this.#toReplica(to, message),
      // Nothing to do: the frames of clients are dropped while the flush is frozen.
      freeze: () => {},
      report: () => this.#report(),
      newcomers: () => this.#donor.caughtUp(),
      sendState: (to, ballot) => this.#sendState(to, ballot),
      leaveOut: (newcomer) => this.#donor.leaveOut(newcomer),
      install: (decision) => this.#install(decision),
    });
  }

  #report(): FlushReport {
    const received = [];
    for (const { client, recv, base } of this.#channels) {
      if (recv > base) received.push({ client, seq: recv });
    }
    return { clock: this.#clock.time, received, vanished: this.#sessions.vanished(this.#runningMs) };
  }

  // ---- Newcomers ----

  #onPeer(from: ReplicaId, message: MeshMessage): void {
    switch (message.kind) {
      case "JOIN":
        return this.#onJoin(message.member);
      case "FETCH":
        return this.#donor.fetch(from, message.offset);
      case "FOLLOWED":
        if (this.#donor.followed(from, message.count)) this.#flush.evaluate();
        return;
      case "PIECE":
      case "FOLLOW":
      case "VIEWED":
      case "STATE":
        return this.#newcomer?.received(from, message);
      case "INSTALL":
        if (this.#newcomer !== undefined) return this.#promote(this.#newcomer, message.decision);
    }
    this.#flush.received(from, message);
  }

  #onPeerFailed(id: ReplicaId): void {
    this.#failed.add(id);
    this.#donor.forget(id);
    this.#flush.evaluate();
    this.#feedNewcomers();
  }

  /** V9: every replica remembers who wants to be let in, so that another donor can take the place of a dead one. */
  #onJoin(member: Member): void {
    if (this.#failed.has(member.id) || this.#members.some(({ id }) => id === member.id)) return;
    this.#donor.remember(member);
    this.#feedNewcomers();
  }

  /** The coordinator is the donor; it begins in a view that is not about to end. */
  #feedNewcomers(): void {
    const coordinator = this.#members.find(({ id }) => !this.#failed.has(id));
    if (coordinator?.id !== this.#id) this.#donor.stop();
    else if (!this.#flush.frozen) this.#donor.feed();
  }

  #sendState(to: ReplicaId, ballot: Ballot): void {
    this.#donor.send();
    const pending = [...this.#pending].map(carry);
    this.#toReplica(to, { kind: "STATE", v: this.#v, ballot, clock: this.#clock.time, pending });
  }

  /** V9: a newcomer becomes a member, if the decision is for it: from its clone on it does what everybody does. */
  #promote(newcomer: Newcomer, decision: Decision): void {
    if (!decision.members.some(({ id }) => id === this.#id)) return;
    const clone = newcomer.promoted(decision);
    if (clone === undefined) return this.#halt(`view ${decision.v} counts on a state that never came here`);
    this.#newcomer = undefined;
    this.#v = clone.v;
    this.#clock.witness(clone.clock);
    for (const { client, seq, ts, end, commands } of clone.pending) {
      const channel = this.#channels.of(client);
      // The donor may have executed it, and said so, after it had sent the clone.
      if (seq > channel.base) this.#pending.insert({ ts, client, channel, seq, end, commands });
    }
    this.#install(decision);
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.step(event);
  }

  #halt(reason: string): void {
    this.#halted = true;
    this.#effects.push({ kind: "halt", reason });
  }

  // ---- The next view ----

  /** V6 to V8. */
  #install(decision: Decision): void {
    // What was executed so far goes to newcomers before the decision does.
    this.#donor.send();
    // Flooding: if one survivor has installed, all will, and before any frame of his of the new view.
    const known = new Set([...this.#members, ...decision.members].map(({ id }) => id));
    for (const id of known) if (id !== this.#id) this.#toReplica(id, { kind: "INSTALL", decision });
    if (!decision.members.some(({ id }) => id === this.#id)) {
      return this.#halt(`view ${decision.v} was formed without this replica`);
    }
    for (const { id } of decision.members) this.#donor.forget(id);
    this.#drain(decision);
    this.#donor.viewed(decision.v, decision.expired);

    this.#v = decision.v;
    this.#members = decision.members;
    this.#clock.witness(decision.clock);
    this.#sessions.forget(decision.expired, decision.v);
    this.#active.clear();
    this.#acksDue = [];
    this.#flush = this.#newFlush();
    this.#effects.push({ kind: "installed", v: this.#v, members: this.#members });
    this.#channels.reset(this.#runningMs);
    this.#greetAll();
    this.#flush.evaluate();
    this.#feedNewcomers();
  }

  /** V7: everybody executes everything up to the cut, and nobody anything above it. */
  #drain(decision: Decision): void {
    const cut = new Map(decision.cut.map(({ client, seq }) => [client, seq]));
    for (const request of this.#pending) {
      if (request.seq <= (cut.get(request.client) ?? request.channel.base)) this.#apply(request);
    }
    this.#pending.clear();
    for (const { client, session, base } of this.#channels) {
      const seq = cut.get(client) ?? base;
      // Reports are final (I3) and what is executed is agreed (I1), so the drain ends exactly at the cut; elsewhere only
      // if a client lied about `agreed`. Then this replica alone has executed something, and must not go on.
      if (session.executed !== seq) {
        throw new Error(`The drain of session "${client}" ended at ${session.executed}, the cut is ${seq}`);
      }
    }
    for (const [client, seq] of cut) {
      const executed = this.#sessions.get(client)?.executed ?? 0;
      if (executed !== seq) throw new Error(`Session "${client}" is at ${executed} after the drain, the cut is ${seq}`);
    }
  }

  /** V8. */
  #greetAll(): void {
    const channels = [...this.#channels];
    for (const channel of channels) this.#greet(channel);
    for (const channel of channels) {
      const frames = channel.held;
      channel.held = [];
      for (const frame of frames) if (channel.link !== undefined) this.#onFrame(channel.link, frame);
    }
  }

  /** Every member hears of it, as the one who coordinates may not see it. */
  #raiseAlarm(): void {
    for (const { id } of this.#members) if (id !== this.#id) this.#toReplica(id, { kind: "ALARM", v: this.#v });
    this.#flush.alarm();
  }

  #toReplica(to: ReplicaId, message: MeshMessage): void {
    if (!this.#failed.has(to)) this.#effects.push({ kind: "toReplica", to, message });
  }
}

function isClientEvent(event: ReplicaEvent): event is ClientEvent {
  return event.kind === "hello" || event.kind === "fromClient" || event.kind === "linkClosed";
}

/** A request as it travels to a newcomer. */
function carry({ channel, client, seq, ts, end, commands }: PendingRequest): CarriedRequest {
  return { client, seq, ts, done: channel.session.done, end, commands };
}
