/**
 * A replica and its clients, inside a view (rules R0 to R6).
 *
 * Schneider's recipe for fault tolerance is *agreement* (every replica receives every request) and *order* (all process
 * them in the same one). Inside a view nothing fails, and both are simple: the client broadcasts, and says `agreed`
 * once all members have acknowledged; requests are executed in the order of their uids as soon as they are agreed and
 * stable. A client that is lost while it may still send ends the view.
 *
 * @module
 */

import { leaseMs, retainedBytesMax, sessionsMax, timestampJumpMax } from "../../limits.ts";
import { isStable, leastHeard, mayPrecede } from "../../stability.ts";
import { answererOf } from "../wire/answerer.ts";
import type { Channel, PendingRequest } from "./channel.ts";
import type { ClientMessage, MessageOf, ReplyMessage } from "../wire/messages.ts";
import { carry, type Order } from "./order.ts";
import type { ClientEvent } from "./replica_events.ts";
import type { ReplicaHost } from "./replica_host.ts";
import type { LinkId } from "../wire/link_id.ts";
import { invariant } from "../../invariant.ts";

/**
 * Requests that may wait at a replica that is not the answerer before it nudges clients at once (rule R5), and not
 * only by its timer. So it holds little more than what arrives in a round trip, or until a client has told everybody
 * what is agreed.
 */
export const laggingRequestsMax = 4096;

/** A replica inside a view: its clients, and what they send. */
export class View {
  readonly #host: ReplicaHost;
  readonly #order: Order;
  // Those that may send, and are asked by the stability test.
  readonly #active = new Set<Channel>();
  /** The replica's running time in ms; R6 says why a tick counts only a bounded time. */
  runningMs = 0;
  #acksDue: Channel[] = [];

  /** No client has come yet. */
  constructor(host: ReplicaHost) {
    this.#host = host;
    this.#order = host.order;
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

  /** Whether the client of this link is ahead by a view. */
  isHeld(link: LinkId): boolean {
    return (this.#order.channels.at(link)?.held.length ?? 0) > 0;
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
    channels.link(channel, link, this.runningMs);
    channel.session.confirm(done);
    if (!channel.barred) this.#greet(channel);
  }

  /** R1, V8: tells the client the view, and repeats the outputs that it may lack. */
  #greet(channel: Channel): void {
    const { v, members, sessions } = this.#order;
    const { id: from, cluster } = this.#host;
    this.#reply(channel, { kind: "VIEW", cluster, v, from, members, base: channel.base, forgot: sessions.forgot });
    if (this.#isAnswerer) {
      for (const output of channel.session.retained) this.#reply(channel, output);
    }
  }

  /** Closes a client's link, which counts as its EOF. */
  #close(channel: Channel, reason: string): void {
    if (channel.link === undefined) return;
    this.#host.effect({ kind: "closeLink", link: channel.link, reason });
    this.#unlink(channel);
  }

  /** R6: the end of a link. */
  #unlink(channel: Channel | undefined): void {
    if (channel === undefined) return;
    this.#order.channels.unlink(channel);
    if (channel.active) {
      if (channel.barred) return;
      // It stays in the stability test until the next view. If it left now, this replica might execute past requests of
      // it that others hold; and if this replica then died, the others would order them before.
      channel.barred = true;
      this.#host.alarm();
    } else {
      this.#order.channels.forgetIfUnused(channel, this.runningMs);
    }
  }

  // ---- Frames ----

  /** R0: sorts out what is not for this view. */
  #onFrame(link: LinkId, message: ClientMessage): void {
    const channel = this.#order.channels.at(link);
    if (channel === undefined) return;
    channel.heardAtMs = this.runningMs;
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
    this.#take(channel, message);
  }

  #take(channel: Channel, message: Exclude<ClientMessage, MessageOf<"HELLO">>): void {
    const { time } = this.#order.clock;
    if (message.ts > time + timestampJumpMax || message.ts + 1 > Number.MAX_SAFE_INTEGER) {
      return this.#close(channel, `timestamp ${message.ts} is too far ahead of the clock ${time}`);
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
    const { v, clock } = this.#order;
    channel.active = true;
    this.#active.add(channel);
    channel.lastTs = Math.max(channel.lastTs, clock.time, ts);
    channel.session.confirm(done);
    // Requests executed before are not above the floor, and everything that the client sends now is. Requests executed
    // later wait for the client.
    this.#reply(channel, { kind: "READY", v, floor: clock.time });
  }

  /** R3. */
  #onRequest(channel: Channel, message: MessageOf<"REQUEST">): void {
    const fault = channel.faultOf(message);
    if (fault !== undefined) return this.#close(channel, `REQUEST ${message.seq}: ${fault}`);
    channel.lastTs = message.ts;
    channel.agreed = message.agreed;
    channel.ending = message.end;
    const request = this.#order.receive(channel, message);
    this.#host.disk?.journal.note({ kind: "received", request: carry(request) });
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

  /**
   * Acknowledges what has come since the last time. While a newcomer has to catch up (rule V9), as much as it can bear:
   * one request of each client in turn, so that a client that sends much does not keep out one that sends little.
   */
  acknowledge(): void {
    if (this.#acksDue.length === 0) return;
    const { donor } = this.#host;
    const acknowledged = new Set<Channel>();
    const waiting: Channel[] = [];
    for (let channels = this.#acksDue; channels.length > 0;) {
      const more: Channel[] = [];
      for (const channel of channels) {
        if (!channel.ackDue) continue;
        if (!donor.mayAcknowledge) {
          waiting.push(channel);
          continue;
        }
        acknowledged.add(channel);
        if (donor.isSet) donor.acknowledged(channel.bytesOf(++channel.acked));
        else channel.acked = channel.recv;
        channel.ackDue = channel.acked < channel.recv;
        if (channel.ackDue) more.push(channel);
      }
      channels = more;
    }
    this.#acksDue = waiting;
    const { v, clock } = this.#order;
    for (const channel of acknowledged) this.#reply(channel, { kind: "ACK", v, seq: channel.acked, clock: clock.time });
  }

  /** R5: executes the requests that are agreed and stable, in the order of their uids. */
  execute(): void {
    const { pending, members } = this.#order;
    if (pending.size === 0) return;
    // In a view of one member both tests are vacuous: every member has the request, and all have the same order.
    const alone = members.length === 1;
    const least = alone ? undefined : leastHeard(this.#active);
    const isAnswerer = this.#isAnswerer;
    for (let head = pending.peek(); head !== undefined; head = pending.peek()) {
      if (alone) {
        // As nobody waits for the others, this one sets the pace by what it executes.
        if (head.channel.acked < head.seq) return;
      } else {
        if (head.channel.agreed < head.seq) return;
        if (!isStable(head, least)) {
          // One NUDGE is enough; the timer covers what the answerer cannot see, if it is ahead or has lost its link.
          // The others wait for what comes anyway, unless that takes so long that their memory is at stake.
          if (isAnswerer || pending.size > laggingRequestsMax) this.#nudge(head, false);
          return;
        }
      }
      pending.shift();
      const { channel } = head;
      const output = this.#order.apply(head);
      if (isAnswerer) this.#reply(channel, output);
      if (channel.session.retainedBytes > retainedBytesMax) {
        this.#close(channel, `over ${retainedBytesMax} bytes of outputs are not confirmed`);
      }
    }
  }

  /**
   * Asks the active clients that `head` waits for to send a later timestamp. A replica that is behind asks for one
   * later than everything that it has received: a client that hears little of the others would let one request pass per
   * NUDGE.
   */
  #nudge(head: PendingRequest, again: boolean): void {
    const { v, clock } = this.#order;
    const ts = this.#isAnswerer && !again ? head.ts : clock.time;
    for (const channel of this.#active) {
      if (!mayPrecede(channel, head) || (channel.nudgedTs >= head.ts && !again)) continue;
      channel.nudgedTs = ts;
      this.#reply(channel, { kind: "NUDGE", v, ts });
    }
  }

  get #isAnswerer(): boolean {
    return answererOf(this.#order.members).id === this.#host.id;
  }

  #reply(channel: Channel, message: ReplyMessage): void {
    if (channel.link !== undefined) this.#host.effect({ kind: "toClient", link: channel.link, message });
  }

  // ---- Time ----

  /** R5 and R6, by timer: repeats the NUDGEs that the head waits for, and closes clients that have gone silent. */
  enforceLease(): void {
    const { pending, members } = this.#order;
    const head = pending.peek();
    if (head === undefined || members.length === 1) return;
    const agreed = head.channel.agreed >= head.seq;
    if (agreed) this.#nudge(head, true);
    for (const channel of [...this.#active]) {
      const waitedFor = mayPrecede(channel, head) || (!agreed && channel === head.channel);
      if (!waitedFor || channel.barred || this.runningMs - channel.heardAtMs <= leaseMs) continue;
      this.#close(channel, `nothing came for ${leaseMs} ms while others waited`);
    }
  }

  /** Checks the invariants, which hold between two events. */
  invariants(): void {
    for (const channel of this.#active) {
      invariant(channel.active, "only active clients take part in the stability test");
    }
    for (const channel of this.#order.channels) {
      invariant(!channel.active || this.#active.has(channel), "every active client takes part in the stability test");
      invariant(!channel.ackDue || this.#acksDue.includes(channel), "what is to be acknowledged is not forgotten");
      for (const { v } of channel.held as readonly { readonly v?: number }[]) {
        invariant(
          v === this.#order.v + 1 && this.#host.isFrozen(),
          "only frames of the next view are kept, by the frozen",
        );
      }
    }
    this.#order.invariants();
  }

  // ---- The next view ----

  /** V7: nobody is active, and nothing is to be acknowledged. */
  reset(): void {
    this.#active.clear();
    this.#acksDue = [];
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
