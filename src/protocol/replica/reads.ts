/**
 * Reads at the answerer (rule R8).
 *
 * In its view, only the answerer shows outputs. So it has executed all that anybody has seen, and what it reads in its
 * own state is linearizable, without any message to the others.
 *
 * @module
 */

import { batchBytesMax, waitingReadBytesMax, waitingReadsMax } from "../../limits.ts";
import type { Channel } from "./channel.ts";
import type { MessageOf } from "../wire/messages.ts";
import type { LinkId } from "../wire/link_id.ts";
import type { Executor } from "./executor.ts";

/** Reads that one turn answers, at most; it stops earlier once their outputs fill a frame. */
const readsPerTurn = 256;

interface WaitingRead {
  readonly channel: Channel;
  /** The link that it came by: another process may use the session by another one. */
  readonly link: LinkId;
  readonly read: MessageOf<"READ">;
}

/** A read, and what it gave; undefined: it asked for a change. */
export interface AnsweredRead {
  readonly channel: Channel;
  readonly value: MessageOf<"VALUE"> | undefined;
}

/** The reads that came and are not answered. */
export class Reads {
  readonly #executor: Executor;
  // Those that can be answered, in the order in which they came, and those that wait for requests of their session.
  #due: WaitingRead[] = [];
  readonly #waiting = new Map<Channel, WaitingRead[]>();
  #waitingBytes = 0;

  /** @param executor what is read. */
  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** Whether some can be answered. */
  get areDue(): boolean {
    return this.#due.length > 0;
  }

  /** A view begins: clients ask again. */
  reset(): void {
    this.#due = [];
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  /** Takes a read; returns why it is none that a correct client sends, or undefined. */
  ask(channel: Channel, link: LinkId, read: MessageOf<"READ">): string | undefined {
    if (read.after > channel.recv) return `${read.after} comes before it, and ${channel.recv} was received`;
    if (channel.session.ended) return "the session has ended";
    const waiting = { channel, link, read };
    if (channel.session.executed >= read.after) {
      this.#due.push(waiting);
      return undefined;
    }
    const others = this.#waiting.get(channel);
    if (others !== undefined && others.length >= waitingReadsMax) return `over ${waitingReadsMax} wait already`;
    if (this.#waitingBytes + read.commands.length > waitingReadBytesMax) return "too many reads wait, try again later";
    this.#waitingBytes += read.commands.length;
    if (others === undefined) this.#waiting.set(channel, [waiting]);
    else others.push(waiting);
    return undefined;
  }

  /** A request of this client was executed. */
  executed(channel: Channel): void {
    const waiting = this.#waiting.get(channel);
    if (waiting === undefined) return;
    while (waiting.length > 0 && channel.session.executed >= waiting[0].read.after) {
      const next = waiting.shift()!;
      this.#waitingBytes -= next.read.commands.length;
      this.#due.push(next);
    }
    if (waiting.length === 0) this.#waiting.delete(channel);
  }

  /** The link of a client has ended: it asks again. */
  forget(channel: Channel): void {
    for (const { read } of this.#waiting.get(channel) ?? []) this.#waitingBytes -= read.commands.length;
    this.#waiting.delete(channel);
  }

  /** Answers as many as one turn may. */
  answer(): AnsweredRead[] {
    const answered: AnsweredRead[] = [];
    let bytes = 0;
    let count = 0;
    while (count < this.#due.length && count < readsPerTurn && bytes < batchBytesMax) {
      const { channel, link, read } = this.#due[count++];
      if (channel.link !== link) continue;
      const outputs = this.#executor.machine.read(read.commands);
      bytes += outputs?.length ?? 0;
      const value: AnsweredRead["value"] = outputs &&
        { kind: "VALUE", rid: read.rid, index: this.#executor.executed, outputs };
      answered.push({ channel, value });
    }
    this.#due = this.#due.slice(count);
    return answered;
  }
}
