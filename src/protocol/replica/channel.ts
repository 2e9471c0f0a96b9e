/**
 * A channel: what a replica knows of one client in the present view.
 *
 * A new view has a new channel for every client, so that nothing that was said in an old one can be taken for something
 * of the new one: only the session, the link and what was kept for the new view remain.
 *
 * @module
 */

import type { ClientId, Timestamp, Uid } from "../../uid.ts";
import type { Heard } from "../../stability.ts";
import {
  outstandingBytesMax,
  outstandingRequestsMax,
  promiseDebtMax,
  requestShareBytes,
  sessionShareBytes,
  timestampMax,
} from "../../limits.ts";
import type { ClientMessage, MessageOf } from "../wire/messages.ts";
import { leastPromise } from "../wire/promise.ts";
import type { Rank } from "./seniority.ts";
import type { SessionState } from "./sessions.ts";
import type { LinkId } from "../wire/link_id.ts";
import { invariant } from "../../invariant.ts";

/** A request that was received and not executed. */
export interface PendingRequest extends Uid {
  readonly channel: Channel;
  readonly seq: number;
  readonly end: boolean;
  /** A batch. */
  readonly commands: Uint8Array;
  /** Its keyed checksum, once it was asked for. */
  sum: number | undefined;
  /** This replica has told its receipt, or would if there were another member: then it may be executed. */
  isTold: boolean;
  /** At the answerer: a bit for each other member that has the same request. */
  tellers: number;
}

/** One client in one view. */
export class Channel implements Heard {
  /** Its session. */
  readonly client: ClientId;
  /** What outlives the view. */
  readonly session: SessionState;
  /** The link that it was last heard to come by; undefined while it has none. */
  link: LinkId | undefined;
  /** Frames of a later view, kept until it is installed here (R0). */
  held: ClientMessage[] = [];
  /** A RESUME that is not answered yet (R10). */
  resuming: MessageOf<"RESUME"> | undefined;

  /** `exec` at the start of the view. */
  base: number;
  /** The last request received. */
  recv: number;
  /** It may send, and takes part in the stability test. */
  active = false;
  /** It was lost while it was active: it stays in the stability test, and is not listened to, until the view ends. */
  barred = false;
  /** Since when it is at work, and how many times the least its requests promise for that (R11). */
  rank: Rank | undefined;
  pace = 1;
  /** Its last request ends the session: nothing may follow. */
  ending = false;
  /** Nothing comes from it any more with a timestamp up to this one. */
  lastTs: Timestamp = 0;
  /** It was asked for a timestamp later than this one. */
  nudgedTs: Timestamp = -1;
  /** Lulls for which others wait for it before it is asked: more for one that would have sent anyway (R5). */
  patience = 1;
  /** How often it has told a later timestamp since its last request. */
  clocks = 0;
  /** It has sent a request since it was let in. */
  hasSent = false;
  /** Lulls in which others waited since it was heard last with a later timestamp. */
  quietLulls = 0;
  /** Whether it was not heard since the last timer event. */
  isQuiet = true;
  /** Milliseconds of running time for which it has held others up: it falls slowly while it does not (R6). */
  heldUpMs = 0;
  /** Milliseconds for which others have waited for it, and it was not asked: it falls slowly, too (R5). */
  unaskedMs = 0;
  /** The replica's running time at which it was suspended. */
  suspendedAtMs = 0;
  // Where its promises would end if none of them were short (R3).
  #dues: Timestamp = 0;
  // Its pending requests, in order of seq.
  readonly #waiting: PendingRequest[] = [];
  #waitingBytes = 0;

  /** The channel of `session` in a view in which nothing of it was received yet. */
  constructor(session: SessionState) {
    this.client = session.client;
    this.session = session;
    this.base = this.recv = session.executed;
  }

  /** Its requests that were received and not executed, in order of seq. */
  get waiting(): readonly PendingRequest[] {
    return this.#waiting;
  }

  /** Bytes of their commands. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether too much of it waits here to read more from its link (R9). */
  get isFull(): boolean {
    return this.#waiting.length > outstandingRequestsMax || this.#waitingBytes > outstandingBytesMax;
  }

  /** Whether as much of it waits here as may while others send, too (R9). */
  get hasItsShare(): boolean {
    return this.#waitingBytes + requestShareBytes * this.#waiting.length >= sessionShareBytes;
  }

  /** Its request `seq`, if that was received in this view and not executed. */
  waitingAt(seq: number): PendingRequest | undefined {
    return this.#waiting[seq - 1 - (this.recv - this.#waiting.length)];
  }

  /** Why a request is none that a correct client sends, or undefined. */
  faultOf({ seq, ts, upto, done, end, commands }: MessageOf<"REQUEST">): string | undefined {
    if (!this.active) return "it came before RESUME";
    if (this.ending) return "it came after the end of the session";
    if (seq !== this.recv + 1) return `${this.recv + 1} was expected`;
    if (ts <= this.lastTs) return `its timestamp ${ts} is not above ${this.lastTs}`;
    if (upto < ts || upto > timestampMax) return `it has the timestamp ${ts} and promises ${upto}`;
    const owed = this.#duesWith(ts, commands) - upto;
    if (owed > (this.pace > 1 ? 0 : promiseDebtMax)) return `its client has to promise ${owed} more`;
    if (done >= seq) return `done ${done} cannot be`;
    if (end !== (commands.length === 0)) return end ? "the end of a session has commands" : "it has no commands";
    return undefined;
  }

  /** Whether it sends too seldom for one that sends each request when it has the output of the one before. */
  get isSilent(): boolean {
    return this.isQuiet || this.quietLulls > 1;
  }

  /** It was heard with a later timestamp. */
  noteHeard(): void {
    this.quietLulls = 0;
    this.isQuiet = false;
  }

  /** R3: where the promises of a client end that is in no debt, if this is its next request. */
  #duesWith(ts: Timestamp, commands: Uint8Array): Timestamp {
    return Math.max(this.#dues, ts) + leastPromise(commands, this.pace);
  }

  /** R3: takes note of a request. */
  received(request: PendingRequest): void {
    invariant(request.seq === this.recv + 1, "the requests of a channel come in order, without a gap");
    this.recv = request.seq;
    this.#dues = this.#duesWith(request.ts, request.commands);
    this.#waiting.push(request);
    this.#waitingBytes += request.commands.length;
  }

  /** Its next request is executed. */
  executed(request: PendingRequest): void {
    invariant(this.#waiting.shift() === request, "the requests of a client are executed in the order of seq");
    this.#waitingBytes -= request.commands.length;
  }

  /** Checks the invariants, which hold between two events inside a view. */
  invariants(): void {
    const { base, recv, session } = this;
    invariant(base <= session.executed && session.executed <= recv, "what is executed was received");
    invariant(session.executed + this.#waiting.length === recv, "what was received and not executed waits");
    invariant(!this.barred || this.active, "a barred client stays in the stability test (R6)");
    invariant(this.held.length === 0 || this.link !== undefined, "frames are kept only for a client that has a link");
    invariant(this.resuming === undefined || !this.active, "a client that waits for READY may not send yet (R10)");
    session.invariants();
  }
}
