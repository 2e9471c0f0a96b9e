/**
 * The order of requests as one replica has it: what was executed, and what was received and is not.
 *
 * It is all that a replica needs: a member, a newcomer that follows one, or a replica that has just read its disk.
 *
 * @module
 */

import { LamportClock } from "../../clock.ts";
import { Pending } from "../../stability.ts";
import { requestShareBytes } from "../../limits.ts";
import { type ClientId, compareUid, type Member, type Timestamp, type Uid } from "../../uid.ts";
import type { Channel, PendingRequest } from "./channel.ts";
import { Channels } from "./channels.ts";
import { type Beginning, Executor } from "./executor.ts";
import type { MessageOf } from "../wire/messages.ts";
import type { CarriedRequest, Decision, Position } from "../wire/records.ts";
import { Recent } from "./recent.ts";
import { type RetainedOutput, type Sessions, SessionState } from "./sessions.ts";
import type { StateMachine } from "../../state_machine.ts";
import type { Restoring } from "../../snapshot.ts";
import { invariant } from "../../invariant.ts";

/** A frozen copy of a replica, undrained. */
export type Clone = Pick<MessageOf<"STATE">, "v" | "ballot" | "pending">;

/** Bytes of pending requests that a client lets pass before its next one. */
const presentBytes = 8 * 1024;

/** The executed requests, and the pending ones. */
export class Order {
  /** The replicated state. */
  readonly executor: Executor;
  readonly sessions: Sessions;
  readonly channels: Channels;
  /** The largest timestamp of a REQUEST received in this view, so that floors are above all that was executed in it. */
  clock: LamportClock = new LamportClock();
  /** The requests received in this view and not executed. */
  readonly pending: Pending<PendingRequest> = new Pending();
  readonly recent: Recent;
  /** Bytes of the commands of the pending requests. */
  pendingBytes = 0;
  /** The present view; of a newcomer, that of its donor. */
  v = 0;
  members: readonly Member[] = [];
  // The request of this view that was executed last; undefined: none that this replica knows the place of.
  #last: Uid | undefined;
  // The largest timestamp of a request of this view that was executed.
  #executedTs: Timestamp = 0;
  // The latest `present`, until that is passed or something comes.
  #present: Timestamp | undefined;

  /**
   * An order without requests.
   *
   * @param machine what executes them.
   * @param isRecentKept whether replicas may come back that have missed only the last requests.
   * @param beginning what the machine has executed already.
   */
  constructor(machine: StateMachine, isRecentKept: boolean, beginning?: Beginning) {
    this.executor = new Executor(machine, beginning);
    this.sessions = this.executor.sessions;
    this.channels = new Channels(this.sessions);
    this.recent = new Recent(this.position, isRecentKept);
  }

  /** Up to where it was executed. */
  get position(): Position {
    return { v: this.v, requests: this.executor.requests, digest: this.executor.digest };
  }

  /**
   * R5: where a client that has got an output may continue, if it has not promised more: what waits and comes before
   * that is executed in no time, and nothing of it is of a client that is new (R11).
   */
  get present(): Timestamp {
    // Many outputs of one turn have the same.
    if (this.#present === undefined || this.#present <= this.#executedTs) this.#present = this.#findPresent();
    return this.#present;
  }

  #findPresent(): Timestamp {
    let bytes = 0;
    let present = this.#executedTs;
    for (const { ts, commands, channel, seq } of this.pending) {
      // A client that works as fast as it gets its outputs has one request here: those come in turn.
      const isFirst = seq === channel.session.executed + 1;
      bytes += isFirst ? commands.length : requestShareBytes + commands.length;
      if (bytes > presentBytes || channel.rank?.isNew) return present;
      // One that is alone executes in the order of receipt.
      present = Math.max(present, ts);
    }
    return this.clock.time;
  }

  /** R3: takes a request in. */
  receive(channel: Channel, message: Omit<CarriedRequest, "client">): PendingRequest {
    const { seq, ts, done, end, commands } = message;
    const { client } = channel;
    const request = { ts, client, channel, seq, end, commands, sum: undefined, isTold: false, tellers: 0 };
    channel.received(request);
    channel.session.confirm(done);
    this.clock.witness(ts);
    this.#present = undefined;
    this.pending.insert(request);
    this.pendingBytes += commands.length;
    return request;
  }

  /** Executes a request of this view. */
  apply(request: PendingRequest): RetainedOutput {
    // T1. Where there is only one member, its order is everybody's, whatever it is.
    if (this.members.length !== 1) {
      invariant(
        this.#last === undefined || compareUid(this.#last, request) < 0,
        "the requests of a view are executed in the order of their uids (T1)",
      );
      this.#last = request;
    }
    this.#executedTs = Math.max(this.#executedTs, request.ts);
    request.channel.executed(request);
    this.pendingBytes -= request.commands.length;
    const output = this.executor.apply(request.channel.session, request, this.v);
    if (this.recent.isWanted) this.recent.add({ kind: "executed", ...this.position, request: carry(request) });
    return output;
  }

  /** Executes a request that somebody else has executed in view `v`. */
  follow(v: number, request: CarriedRequest): void {
    const session = this.sessions.get(request.client) ?? new SessionState(request.client);
    if (request.seq !== session.executed + 1) {
      throw new Error(`request ${request.seq} of session "${request.client}" was sent after ${session.executed}`);
    }
    session.confirm(request.done);
    this.v = v;
    this.executor.apply(session, request, v);
    if (this.recent.isWanted) this.recent.add({ kind: "executed", ...this.position, request });
  }

  /** Takes in a request that was received in this view, by this replica before it came back, or by a donor. */
  receiveAgain(request: CarriedRequest): void {
    const channel = this.channels.of(request.client);
    // It may have been executed since it was said to be pending.
    if (request.seq > channel.base) this.receive(channel, request);
  }

  /** Takes the place of a replica in view `v` that has these requests pending. */
  clone({ v, pending }: Omit<Clone, "ballot">): void {
    this.v = v;
    for (const request of pending) this.receiveAgain(request);
  }

  /** Forgets what was received and not executed: this replica is not a member any more. */
  abandon(): void {
    this.members = [];
    this.#last = undefined;
    this.#executedTs = 0;
    this.#forgetPending();
    this.channels.reset(0);
  }

  /**
   * Why the drain of a decision cannot end at its cut here; undefined: it ends there.
   *
   * Reports are final (I3), and all members have what was executed (I1), so it ends there. It ends elsewhere only in a
   * file of version 0.10, whose replicas believed what clients said of others, or after a fault of this replica: then
   * it has executed something that the view leaves out.
   */
  strayFrom(decision: Decision): string | undefined {
    const cut = new Map(decision.cut.map(({ client, seq }) => [client, seq]));
    const received = new Map<ClientId, number>();
    for (const { client, base, recv } of this.channels) {
      received.set(client, recv);
      if (!cut.has(client)) cut.set(client, base);
    }
    for (const [client, seq] of cut) {
      const executed = this.sessions.get(client)?.executed ?? 0;
      const end = Math.max(executed, Math.min(received.get(client) ?? executed, seq));
      if (end === seq) continue;
      return `it has request ${end} of session "${client}", and view ${decision.v} begins after ${seq}`;
    }
  }

  /**
   * V7: everybody executes everything up to the cut, and nobody anything above it. A replica that has executed more
   * begins the view with that: the audit (V11) decides who stops, and it never stops all.
   */
  drain(decision: Decision): void {
    const cut = new Map(decision.cut.map(({ client, seq }) => [client, seq]));
    for (const request of this.pending) {
      if (request.seq <= (cut.get(request.client) ?? request.channel.base)) this.apply(request);
    }
    this.#forgetPending();
  }

  #forgetPending(): void {
    this.pending.clear();
    this.pendingBytes = 0;
  }

  /** V7: the next view begins, after the drain. `nowMs`: the replica's running time. */
  begin(decision: Decision, nowMs: number): void {
    invariant(decision.v === this.v + 1, "a view follows the one before it");
    this.#last = undefined;
    this.#executedTs = 0;
    this.members = decision.members;
    this.#present = undefined;
    this.clock = new LamportClock();
    this.viewed(decision.v, decision.expired);
    this.channels.reset(nowMs);
  }

  /** A view has begun, at whose start these sessions expired. */
  viewed(v: number, expired: readonly ClientId[]): void {
    this.v = v;
    this.sessions.forget(expired, v);
    if (this.recent.isWanted) this.recent.add({ kind: "viewed", v, expired });
  }

  /** Checks the invariants, which hold between two events inside a view. */
  invariants(): void {
    const waiting = new Map<Channel, number>();
    let last: PendingRequest | undefined;
    for (const request of this.pending) {
      const { channel, seq, ts } = request;
      invariant(last === undefined || compareUid(last, request) < 0, "pending requests are in the order of their uids");
      const before = waiting.get(channel) ?? channel.session.executed;
      invariant(seq === before + 1, "the pending requests of a client follow what it has executed");
      invariant(ts <= this.clock.time, "the clock is not behind a request that was received");
      waiting.set(channel, seq);
      last = request;
    }
    let bytes = 0;
    for (const channel of this.channels) {
      channel.invariants();
      bytes += channel.waitingBytes;
      const seq = waiting.get(channel) ?? channel.session.executed;
      invariant(seq === channel.recv, "what was received and not executed is pending");
    }
    invariant(bytes === this.pendingBytes, "the bytes of pending requests are counted");
    for (let at = 1; at < this.members.length; at++) {
      invariant(this.members[at - 1].id < this.members[at].id, "members are in the order of their ids");
    }
  }

  /**
   * Begins to read a snapshot of what a replica in view `v` has executed. At its end it takes the place of what was
   * executed here; nothing is pending.
   */
  restoring(v: number): Restoring {
    const restoring = this.executor.restoring();
    return {
      push: (bytes) => restoring.push(bytes),
      whole: () => restoring.whole(),
      finish: () => {
        restoring.finish();
        this.v = v;
        this.recent.restart(this.position);
      },
    };
  }
}

/** A request as it travels to another replica, or to the disk. */
export function carry({ channel, client, seq, ts, end, commands }: PendingRequest): CarriedRequest {
  return { client, seq, ts, done: channel.session.done, end, commands };
}
