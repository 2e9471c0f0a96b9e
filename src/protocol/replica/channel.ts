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
import { outstandingBytesMax, outstandingRequestsMax, windowRequests } from "../../limits.ts";
import type { ClientMessage, MessageOf } from "../wire/messages.ts";
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
}

/** One client in one view. */
export class Channel implements Heard {
  /** Its session. */
  readonly client: ClientId;
  /** What outlives the view. */
  readonly session: SessionState;
  /** The link that it was last heard to come by; undefined while it has none. */
  link: LinkId | undefined;
  /** The replica's running time, in ms, when the last frame came, for the lease. */
  heardAtMs = 0;
  /** Frames of a later view, kept until it is installed here (R0). */
  held: ClientMessage[] = [];

  /** `exec` at the start of the view. */
  base: number;
  /** The last request received. */
  recv: number;
  /** Every member has the requests up to this one. */
  agreed: number;
  /** It may send, and takes part in the stability test. */
  active = false;
  /** It was lost while it was active: it stays in the stability test, and is not listened to, until the view ends. */
  barred = false;
  /** Its last request ends the session: nothing may follow. */
  ending = false;
  /** The largest timestamp that came from it, or the floor that it was given. */
  lastTs: Timestamp = 0;
  /** It was asked for a timestamp later than this one. */
  nudgedTs: Timestamp = -1;
  // Bytes of its requests above the last `done` that a request named: each, and in sum. Execution here does not count,
  // because the client knows only the outputs that it has, and another replica may be ahead.
  #sizes: number[] = [];
  #outstandingBytes = 0;
  /** It has sent requests since its last ACK, which was for those up to `acked`. */
  ackDue = false;
  acked: number;

  /** The channel of `session` in a view in which nothing of it was received yet. */
  constructor(session: SessionState) {
    this.client = session.client;
    this.session = session;
    this.base =
      this.recv =
      this.agreed =
      this.acked =
        session.executed;
  }

  /** Why a request is none that a correct client sends, or undefined. */
  faultOf({ seq, ts, agreed, done, end, commands }: MessageOf<"REQUEST">): string | undefined {
    if (!this.active) return "it came before RESUME";
    if (this.ending) return "it came after the end of the session";
    if (seq !== this.recv + 1) return `${this.recv + 1} was expected`;
    if (ts <= this.lastTs) return `its timestamp ${ts} is not above ${this.lastTs}`;
    if (agreed < this.agreed || agreed > this.recv) return `agreed ${agreed} cannot be`;
    if (done >= seq) return `done ${done} cannot be`;
    if (seq - agreed > windowRequests) return `over ${windowRequests} requests are not agreed`;
    if (seq - done > outstandingRequestsMax) return `over ${outstandingRequestsMax} outputs are not confirmed`;
    if (this.#outstandingAbove(done) + commands.length > outstandingBytesMax) {
      return `over ${outstandingBytesMax} bytes are not answered`;
    }
    if (end !== (commands.length === 0)) return end ? "the end of a session has commands" : "it has no commands";
    return undefined;
  }

  /** R3: takes note of request `seq`. */
  received(seq: number, bytes: number, done: number): void {
    invariant(seq === this.recv + 1, "the requests of a channel come in order, without a gap");
    this.#outstandingAbove(done);
    this.recv = seq;
    this.#sizes.push(bytes);
    this.#outstandingBytes += bytes;
  }

  /** Bytes of the commands of request `seq`; 0 if the client has its output. */
  bytesOf(seq: number): number {
    return this.#sizes[seq - 1 - (this.recv - this.#sizes.length)] ?? 0;
  }

  #outstandingAbove(done: number): number {
    const answered = this.#sizes.length - (this.recv - done);
    if (answered > 0) {
      for (const bytes of this.#sizes.splice(0, answered)) this.#outstandingBytes -= bytes;
    }
    return this.#outstandingBytes;
  }

  /** Checks the invariants, which hold between two events inside a view. */
  invariants(): void {
    const { base, acked, agreed, recv, session } = this;
    invariant(base <= session.executed && session.executed <= recv, "what is executed was received");
    invariant(base <= acked && acked <= recv, "what is acknowledged was received");
    invariant(base <= agreed && agreed <= recv, "what every member has was received here");
    invariant(!this.barred || this.active, "a barred client stays in the stability test (R6)");
    invariant(this.active || this.recv === this.base || !this.ackDue || this.session.ended, "who sends is active");
    invariant(this.held.length === 0 || this.link !== undefined, "frames are kept only for a client that has a link");
    session.invariants();
  }
}
