/**
 * Reads at the answerer (rule R8).
 *
 * In its view, only the answerer shows outputs. So it has executed all that anybody has seen, and what it reads in its
 * own state is linearizable, without any message to the others.
 *
 * A read costs nobody a message, and so costs its client little. The answerer takes sessions that read much in turn,
 * with a bounded amount from lull to lull. However much they ask for, those that read little or write wait for one such
 * read at most.
 *
 * @module
 */

import { UnreadableError } from "../../history.ts";
import { batchBytesMax, waitingReadBytesMax, waitingReadsMax } from "../../limits.ts";
import type { Channel } from "./channel.ts";
import type { MessageOf } from "../wire/messages.ts";
import type { Executor } from "./executor.ts";

/** Reads that one turn answers, at most; it stops earlier once their outputs fill a frame. */
const readsPerTurn = 256;

/** What a session may read between two lulls and count as one that reads little, in bytes; a read counts more. */
const littleBytes = 8 * 1024;
const readCostBytes = 512;

/** What all those that read much are given from one lull to the next, about: most of the time is left to others. */
const muchBytesPerLull = 64 * 1024;

interface WaitingRead {
  readonly channel: Channel;
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
  // Those that can be answered, of sessions that have read little or much; whose turn comes first stands first.
  readonly #little = new Map<Channel, WaitingRead[]>();
  readonly #much = new Map<Channel, WaitingRead[]>();
  #dueBytes = 0;
  // Those that wait for requests of their session.
  readonly #waiting = new Map<Channel, WaitingRead[]>();
  #waitingBytes = 0;
  // Those that need sealed history which is damaged here, until it is healed (D8); their bytes count as due.
  #unreadable: WaitingRead[] = [];
  // What sessions have read lately, and what may still be read of much until the next lull.
  readonly #taken = new Map<Channel, number>();
  #muchBytesLeft = muchBytesPerLull;

  /** @param executor what is read. */
  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** Whether some can be answered, now or after a lull. */
  get areDue(): boolean {
    return this.#little.size > 0 || this.#much.size > 0;
  }

  /** Whether the next lull gives room for more. */
  get wantLull(): boolean {
    return this.areDue || this.#muchBytesLeft < muchBytesPerLull;
  }

  /** Whether no more is to be read from the link of this session, because enough of its reads can be answered. */
  isFull(channel: Channel): boolean {
    const due = this.#dueOf(channel);
    const count = (due?.length ?? 0) + this.#unreadable.filter((waiting) => waiting.channel === channel).length;
    return count >= waitingReadsMax || (count > 0 && this.#dueBytes > waitingReadBytesMax);
  }

  /** A view begins: clients ask again. */
  reset(): void {
    for (const reads of [this.#little, this.#much, this.#waiting, this.#taken]) reads.clear();
    this.#unreadable = [];
    this.#dueBytes = 0;
    this.#waitingBytes = 0;
    this.#muchBytesLeft = muchBytesPerLull;
  }

  /** Nothing has happened for about `lullMs`: more may be read, and what was read counts less. */
  lull(): void {
    this.#muchBytesLeft = Math.min(this.#muchBytesLeft + muchBytesPerLull, muchBytesPerLull);
    for (const [channel, bytes] of this.#taken) {
      if (bytes > littleBytes) this.#taken.set(channel, bytes - littleBytes);
      else this.#taken.delete(channel);
    }
  }

  /** Time has passed: what could not be read may have been healed. */
  pass(): void {
    for (const waiting of this.#unreadable.splice(0)) {
      this.#dueBytes -= waiting.read.commands.length;
      this.#add(waiting);
    }
  }

  /** Takes a read; returns why it is none that a correct client sends, or undefined. */
  ask(channel: Channel, read: MessageOf<"READ">): string | undefined {
    if (read.after > channel.recv) return `${read.after} comes before it, and ${channel.recv} was received`;
    if (channel.session.ended) return "the session has ended";
    const waiting = { channel, read };
    if (channel.session.executed >= read.after) {
      this.#add(waiting);
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
      this.#add(next);
    }
    if (waiting.length === 0) this.#waiting.delete(channel);
  }

  /** The link of a client has ended: it asks again. */
  forget(channel: Channel): void {
    for (const { read } of this.#waiting.get(channel) ?? []) this.#waitingBytes -= read.commands.length;
    const unreadable = this.#unreadable.filter((waiting) => waiting.channel === channel);
    for (const { read } of [...this.#dueOf(channel) ?? [], ...unreadable]) this.#dueBytes -= read.commands.length;
    this.#unreadable = this.#unreadable.filter((waiting) => waiting.channel !== channel);
    for (const reads of [this.#little, this.#much, this.#waiting]) reads.delete(channel);
  }

  #dueOf(channel: Channel): readonly WaitingRead[] | undefined {
    return this.#little.get(channel) ?? this.#much.get(channel);
  }

  #add(next: WaitingRead): void {
    const { channel } = next;
    this.#dueBytes += next.read.commands.length;
    const isMuch = this.#much.has(channel) || (this.#taken.get(channel) ?? 0) > littleBytes;
    const due = isMuch ? this.#much : this.#little;
    const others = due.get(channel);
    if (others === undefined) due.set(channel, [next]);
    else others.push(next);
  }

  /** Answers as many as one turn may. */
  answer(): AnsweredRead[] {
    const answered: AnsweredRead[] = [];
    let bytes = 0;
    while (answered.length < readsPerTurn && bytes < batchBytesMax) {
      const due = this.#little.size > 0 ? this.#little : this.#much;
      const [turn] = due;
      if (turn === undefined || (due === this.#much && this.#muchBytesLeft <= 0)) break;
      const [channel, reads] = turn;
      const { read } = reads.shift()!;
      this.#dueBytes -= read.commands.length;
      const outputs = this.#outputsOf(read);
      if (outputs === "unreadable") {
        this.#unreadable.push({ channel, read });
        this.#dueBytes += read.commands.length;
        if (reads.length === 0) due.delete(channel);
        continue;
      }
      const cost = readCostBytes + read.commands.length + (outputs?.length ?? 0);
      bytes += cost;
      const taken = (this.#taken.get(channel) ?? 0) + cost;
      this.#taken.set(channel, taken);
      if (taken > littleBytes) this.#muchBytesLeft -= cost;
      // To the end of the queue.
      due.delete(channel);
      if (reads.length > 0) (taken > littleBytes ? this.#much : due).set(channel, reads);
      const value: AnsweredRead["value"] = outputs &&
        { kind: "VALUE", rid: read.rid, index: this.#executor.executed, outputs };
      answered.push({ channel, value });
    }
    return answered;
  }

  #outputsOf({ commands }: MessageOf<"READ">): Uint8Array | "unreadable" | undefined {
    try {
      return this.#executor.machine.read(commands);
    } catch (error) {
      if (error instanceof UnreadableError) return "unreadable";
      throw error;
    }
  }
}
