/**
 * Execution inside a view: when a request is executed, and by whom (rules R3, R5 and R8).
 *
 * The members tell the answerer which requests they have received. It executes the head of its pending requests once
 * that is stable and agreed everywhere, and gives the output. The others execute what it has executed, a little later.
 * In a view of one member both tests are vacuous.
 *
 * @module
 */

import { executedBytesTogetherMax, executedTogetherMax, retainedBytesMax } from "../../limits.ts";
import { isStable, leastHeard } from "../../stability.ts";
import { compareUid, firstUid, type ReplicaId, type Timestamp, type Uid } from "../../uid.ts";
import { answererOf } from "../wire/answerer.ts";
import type { Channel, PendingRequest } from "./channel.ts";
import type { MessageOf, ReplyMessage } from "../wire/messages.ts";
import type { Order } from "./order.ts";
import { patienceMax } from "./patience.ts";
import { Reads } from "./reads.ts";
import { Receipts } from "./receipts.ts";
import type { ReplicaHost } from "./replica_host.ts";
import type { Blame } from "../wire/records.ts";
import type { RetainedOutput } from "./sessions.ts";
import { Teller } from "./teller.ts";

/**
 * How many times longer a replica that is not the answerer lets its head wait for a client before it asks the client:
 * what the answerer asks for comes to all.
 */
const othersPatience = 8;

/** Lulls for which the answerer gathers what it has executed. */
const gatheringLulls = 2;

/** A request that may be the reason why nothing is executed. */
export type Suspect = Pick<Blame, "client" | "seq">;

/**
 * Bytes of commands and outputs that one turn executes, about; then others have a turn. A request takes about as long
 * as that many bytes more.
 */
const turnBytesMax = 256 * 1024;
const requestCostBytes = 256;

/** The clients of the replica, as execution needs them. */
export interface ExecutionClients {
  /** Those that the stability test asks. */
  readonly active: Iterable<Channel>;
  /** Sends to a client, if it has a link. */
  reply(channel: Channel, message: ReplyMessage): void;
  /** Sends an output. */
  output(channel: Channel, output: RetainedOutput): void;
  /** A request was executed. */
  served(request: PendingRequest): void;
  /** Closes the link of a client. */
  close(channel: Channel, reason: string): void;
  /**
   * Asks those clients for a later timestamp that this request has waited for during `lulls` lulls, as long as the
   * others have had patience with them; `times`: how many times as much as at the answerer.
   */
  nudge(head: PendingRequest, lulls: number, times: number): void;
  /** The view must end; `suspect`: the request that seems to be the reason. */
  alarm(suspect?: Suspect): void;
}

/** What one replica executes in a view. */
export class Execution {
  readonly #host: ReplicaHost;
  readonly #order: Order;
  readonly #clients: ExecutionClients;
  readonly #teller: Teller;
  // What the others have told, where this replica is the answerer.
  readonly #receipts: Receipts;
  readonly reads: Reads;
  // At the answerer: executed, and not told to the others; elsewhere: what the answerer has executed.
  #untold = 0;
  #untoldBytes = 0;
  #untoldFor = 0;
  #goal: MessageOf<"EXECUTED"> | undefined;
  // The head that waits for a client of this replica, and for how many lulls it has.
  #blocked: PendingRequest | undefined;
  #blockedFor = 0;
  #last: Uid = firstUid;
  // What this turn may still execute.
  #bytesLeft = 0;

  /** Nothing has come yet. */
  constructor(host: ReplicaHost, clients: ExecutionClients) {
    this.#host = host;
    this.#order = host.order;
    this.#clients = clients;
    this.#teller = new Teller(host);
    this.#receipts = new Receipts(host);
    this.reads = new Reads(host.order.executor);
  }

  /** Whether this replica gives the outputs. */
  get isAnswerer(): boolean {
    return answererOf(this.#order.members).id === this.#host.id;
  }

  /** R2: nothing up to this timestamp may come any more: it was executed, or the answerer counts on it. */
  get floor(): Timestamp {
    return Math.max(this.#order.present, this.#teller.told);
  }

  /** Whether there is something to do once nothing has happened for about `lullMs`. */
  get wantsLull(): boolean {
    if (this.#host.isFrozen()) return false;
    const asks = this.#blocked !== undefined && this.#blockedFor < patienceMax;
    return this.#untold > 0 || asks || this.reads.wantLull || this.#bytesLeft <= 0;
  }

  /** A view begins. */
  reset(): void {
    this.#teller.reset();
    this.#receipts.reset(this.isAnswerer ? this.#order.members : []);
    this.reads.reset();
    this.#untold = this.#untoldBytes = 0;
    this.#goal = undefined;
    this.#blocked = undefined;
    this.#last = firstUid;
  }

  /** R3: a request has come. */
  received(request: PendingRequest): void {
    this.#teller.received(request);
    this.#receipts.received(request);
    this.#examine();
  }

  /** Another member has said what it has received, or the answerer what it has executed. */
  heard(from: ReplicaId, message: MessageOf<"RECEIVED"> | MessageOf<"EXECUTED">): void {
    // A report is final: what was agreed by it is in the cut, or nowhere (I3).
    if (this.#host.isFrozen()) return;
    if (message.kind === "RECEIVED") {
      if (message.v !== this.#order.v) return;
      this.#receipts.told(from, message);
      this.#examine();
    } else if (message.position.v === this.#order.v) {
      this.#goal = message;
    }
  }

  /** Two members were sent different requests under one seq: nothing of the client's can be agreed any more. */
  #examine(): void {
    if (this.#receipts.conflict !== undefined) this.#clients.alarm(this.#receipts.conflict);
  }

  /** The request whose client is to blame if a client is the reason why a head that is stable here still waits. */
  suspect(head: PendingRequest): Suspect {
    const early = this.#receipts.firstEarly;
    return early !== undefined && compareUid(early, head) < 0 ? early : head;
  }

  /** The members whose word a request still waits for, as far as this replica knows. */
  lacking(request: PendingRequest): readonly ReplicaId[] {
    const { members } = this.#order;
    if (members.length < 2) return [];
    return this.isAnswerer ? this.#receipts.lacking(request) : [answererOf(members).id];
  }

  /** Does in a turn what can be done now. */
  act(): void {
    if (this.#host.isFrozen()) return;
    this.#bytesLeft = turnBytesMax;
    const released = this.#teller.release();
    if (this.#order.members.length === 1) this.#executeAlone();
    else if (this.isAnswerer) this.#executeAgreed();
    else {
      this.#tell(released);
      this.#executeFurther();
    }
    if (this.reads.areDue) this.#answerReads();
    if (this.#untold >= executedTogetherMax || this.#untoldBytes >= executedBytesTogetherMax) this.#tellExecuted();
  }

  /** Nothing has happened for about `lullMs`. */
  lull(): void {
    if (this.#host.isFrozen()) return;
    this.reads.lull();
    if (this.#untold > 0 && ++this.#untoldFor >= gatheringLulls) this.#tellExecuted();
    if (this.#blocked === undefined) return;
    this.#blockedFor++;
    this.#clients.nudge(this.#blocked, this.#blockedFor, this.isAnswerer ? 1 : othersPatience);
  }

  #executeAlone(): void {
    // All clients have the same order: that of receipt, as far as the newcomers can follow.
    const { pending } = this.#order;
    for (let head = pending.peek(); head?.isTold && this.#bytesLeft > 0; head = pending.peek()) {
      this.#execute(head, true);
    }
  }

  /** R5. */
  #executeAgreed(): void {
    const { pending } = this.#order;
    const receipts = this.#receipts;
    // If there are two requests under one seq, the other one may come before the head, and may be in the cut if this
    // replica dies.
    if (pending.size === 0 || receipts.conflict !== undefined) return this.#block(undefined);
    const least = leastHeard(this.#clients.active);
    const reach = receipts.reach;
    const early = receipts.firstEarly;
    for (let head = pending.peek(); head !== undefined && this.#bytesLeft > 0; head = pending.peek()) {
      if (!isStable(head, least)) return this.#block(head);
      if (!receipts.isToldByAll(head) || (reach !== undefined && compareUid(reach, head) < 0)) break;
      // Another member has a request that comes before, and that has not come here.
      if (early !== undefined && compareUid(early, head) < 0) break;
      const output = this.#execute(head, true);
      this.#untold++;
      this.#untoldBytes += head.commands.length + output.outputs.length;
    }
    this.#block(undefined);
  }

  /** R5: what the answerer has executed is agreed and stable here, too. */
  #executeFurther(): void {
    const { pending } = this.#order;
    const goal = this.#goal;
    if (goal !== undefined) {
      for (let head = pending.peek(); head && compareUid(head, goal.upTo) <= 0; head = pending.peek()) {
        if (this.#bytesLeft <= 0) return;
        this.#execute(head, false);
      }
      this.#goal = undefined;
      const { requests, digest } = this.#order.position;
      // The audit at the start of the next view tells which of the two is broken (V11).
      if (requests !== goal.position.requests || digest !== goal.position.digest) this.#clients.alarm();
    }
    const head = pending.peek();
    this.#block(head === undefined || isStable(head, leastHeard(this.#clients.active)) ? undefined : head);
  }

  #block(head: PendingRequest | undefined): void {
    if (head === this.#blocked) return;
    this.#blocked = head;
    this.#blockedFor = 0;
    if (head !== undefined && this.isAnswerer) this.#clients.nudge(head, 0, 1);
  }

  #execute(head: PendingRequest, isAnswerer: boolean): RetainedOutput {
    const { channel } = head;
    this.#order.pending.shift();
    const output = this.#order.apply(head);
    this.#last = head;
    this.#bytesLeft -= requestCostBytes + head.commands.length + output.outputs.length;
    this.#clients.served(head);
    if (isAnswerer) {
      this.#clients.output(channel, output);
      this.reads.executed(channel);
    }
    if (channel.session.retainedBytes > retainedBytesMax) {
      this.#clients.close(channel, `over ${retainedBytesMax} bytes of outputs are not confirmed`);
    }
    return output;
  }

  #tell(released: readonly PendingRequest[]): void {
    const message = this.#teller.message(released, this.#clients.active);
    if (message !== undefined) this.#host.send(answererOf(this.#order.members).id, message);
  }

  #tellExecuted(): void {
    this.#untold = this.#untoldBytes = 0;
    this.#untoldFor = 0;
    const { position, members } = this.#order;
    const { ts, client } = this.#last;
    const message: MessageOf<"EXECUTED"> = { kind: "EXECUTED", position, upTo: { ts, client } };
    for (const { id } of members) if (id !== this.#host.id) this.#host.send(id, message);
  }

  /** Checks the invariants, which hold between two events. */
  invariants(): void {
    this.#teller.invariants(this.#clients.active);
  }

  #answerReads(): void {
    const answered = this.reads.answer();
    for (const { channel, value } of answered) if (value !== undefined) this.#clients.reply(channel, value);
    // The loss of a client may end the view at once, and values are of the view that they were asked in.
    for (const { channel, value } of answered) {
      if (value === undefined) this.#clients.close(channel, "READ: it asks for a change");
    }
  }
}
