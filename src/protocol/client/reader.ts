/**
 * A client's reads: commands that change nothing, which the answerer alone answers (rule C10).
 *
 * A read is sent once all requests that were submitted before it are on their way by the same link, so it never
 * overtakes its own session's changes. The answerer keeps no copy. Whatever is open is asked again in a new view, and
 * by a new link.
 *
 * @module
 */

import type { LinkId } from "../wire/link_id.ts";
import type { MessageOf } from "../wire/messages.ts";
import { countItems } from "../../batch.ts";
import { Outbox } from "./outbox.ts";

/** Reads that are under way at a time; commands that are submitted meanwhile travel together in the next ones. */
const readsUnderWayMax = 16;

/** How far a client is with its requests. */
export interface RequestsSoFar {
  readonly v: number;
  /** The last request that will hold any command submitted until now. */
  readonly last: number;
  /** The last request sent in `v`. */
  readonly sent: number;
  /** The client has all outputs up to this seq. */
  readonly done: number;
}

/** The reads of one session. */
export class Reader<T> {
  // The seq of a request is the number of a read.
  readonly #outbox = new Outbox<T>();
  readonly #afters = new Map<number, number>();
  // The last read sent, and the view and the link that it was sent in and by.
  #sent = 0;
  #v = 0;
  #link: LinkId | undefined;

  /** Whether every read was answered. */
  get isEmpty(): boolean {
    return this.#outbox.isEmpty;
  }

  /**
   * Takes a command in; its bytes are copied.
   *
   * @throws {RangeError} if it or its output would not fit.
   * @throws {OutboxFullError} if too many wait.
   */
  submit(command: Uint8Array, outputBytesMax: number, ticket: T): void {
    this.#outbox.submit(command, outputBytesMax, ticket);
  }

  /** Requests above `seq` that a read was to come after will never be made. */
  refused(seq: number): void {
    for (const [rid, after] of this.#afters) if (after > seq) this.#afters.set(rid, seq);
  }

  /** The reads to send by `link` now. */
  take(link: LinkId, { v, last, sent, done }: RequestsSoFar): MessageOf<"READ">[] {
    const outbox = this.#outbox;
    if (v !== this.#v || link !== this.#link) this.#sent = outbox.done;
    this.#v = v;
    this.#link = link;
    while (outbox.hasCommands && outbox.seq - outbox.done < readsUnderWayMax) {
      this.#afters.set(outbox.nextRequest().seq, last);
    }
    const reads: MessageOf<"READ">[] = [];
    for (let rid = this.#sent + 1; rid <= outbox.seq; rid++) {
      const read = outbox.get(rid);
      const after = this.#afters.get(rid) ?? 0;
      if (after > sent && after > done) break;
      this.#sent = rid;
      if (read !== undefined) reads.push({ kind: "READ", v, rid, after, commands: read.commands });
    }
    return reads;
  }

  /**
   * Takes the answer to a read.
   *
   * @returns what was submitted with its commands; undefined if no such read is open; a text if the answer does not fit
   *   that read.
   */
  answer({ rid, outputs }: MessageOf<"VALUE">): readonly T[] | string | undefined {
    const read = rid <= this.#outbox.seq ? this.#outbox.get(rid) : undefined;
    if (read === undefined || rid <= this.#outbox.done) return undefined;
    if (countItems(outputs) !== read.tickets.length) return `value ${rid} is not for the commands of read ${rid}`;
    this.#outbox.answer(rid);
    this.#afters.delete(rid);
    return read.tickets;
  }

  /** The tickets of all that is open: nothing is left. */
  abandon(): T[] {
    this.#afters.clear();
    const { upTo, above } = this.#outbox.abandon(0);
    return [...upTo, ...above];
  }
}
