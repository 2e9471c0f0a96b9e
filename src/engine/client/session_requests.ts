/**
 * The requests of one session: which seq each has, and what its client knows of it (rules C1 to C6 of
 * docs/design/engine.md).
 *
 * @module
 */

import { outstandingBytesMax, retainedBytesMax, windowRequests } from "../../limits.ts";
import { batchBytesMax } from "../../limits.ts";
import { invariant } from "../../invariant.ts";
import type { NodeMessageOf } from "../wire/node_messages.ts";
import { batchOf, type Item, outputBytesOf } from "./backlog.ts";
import type { SessionName } from "./caller_events.ts";

/** A request of the session whose output has not come. */
export interface CallerRequest<T> {
  /** Its number in the session. It changes only while nobody can have executed it. */
  seq: number;
  readonly isEnd: boolean;
  /** What it holds. It changes only while nobody can have executed it. */
  items: readonly Item<T>[];
  commands: Uint8Array;
  outputBytes: number;
  /** When it is sent no more, and somebody was told what has become of each item; Infinity: it needs no end. */
  lastMs: number;
  /** Submissions of it that were not declined. */
  unrefused: number;
  /** When it was sent by the present link, which has not said anything of it; undefined: it is to be sent. */
  sentMs: number | undefined;
  /** It was not executed, and is never sent again. */
  isDropped: boolean;
  isSettled: boolean;
}

/** What becomes of the items of a session that is given up. */
export interface GivenUpSession<T> {
  /** Whether these were executed cannot be known. */
  readonly unknown: readonly Item<T>[];
  /** These were not executed, and never will be. */
  readonly unexecuted: readonly Item<T>[];
}

/** One session. */
export class SessionRequests<T> {
  readonly name: SessionName;
  /** A record that some node had applied when the session was made; it counts from the first request on. */
  born = 0;
  /** Nodes have forgotten it, or it has ended: nothing more is sent in it. */
  isOver = false;
  #open: CallerRequest<T>[] = [];
  #seq = 0;
  #done = 0;

  constructor(name: SessionName) {
    this.name = name;
  }

  /** The last seq given out. */
  get seq(): number {
    return this.#seq;
  }

  /** C5: the client has the outputs of all requests up to this one. */
  get done(): number {
    return this.#done;
  }

  /** Whether a request was dropped, and those after it cannot be executed before {@link mend} helps. */
  get hasHole(): boolean {
    return this.#open.some(({ isDropped }) => isDropped);
  }

  /** Those without an output, in the order of their seqs. */
  get open(): readonly CallerRequest<T>[] {
    return this.#open;
  }

  /** Whether another request may be made: nothing that comes before it is missing, and the window has room. */
  get hasRoom(): boolean {
    const open = this.#open;
    if (this.isOver) return false;
    if (open.length === 0) return true;
    if (open.length >= windowRequests || open.some(({ isDropped, isEnd }) => isDropped || isEnd)) return false;
    const bytes = open.reduce((sum, { commands }) => sum + commands.length, 0);
    const outputBytes = open.reduce((sum, { outputBytes }) => sum + outputBytes, 0);
    return bytes + batchBytesMax <= outstandingBytesMax && outputBytes + batchBytesMax <= retainedBytesMax;
  }

  /** Makes the next request. */
  add(items: readonly Item<T>[], isEnd = false): void {
    this.#open.push({
      seq: ++this.#seq,
      isEnd,
      items,
      commands: batchOf(items),
      outputBytes: outputBytesOf(items),
      lastMs: items.length === 0 ? Infinity : Math.max(...items.map(({ lastMs }) => lastMs)),
      unrefused: 0,
      sentMs: undefined,
      isDropped: false,
      isSettled: false,
    });
  }

  /** The request that was sent by the present link under this seq, if that has said nothing of it. */
  underWay(seq: number): CallerRequest<T> | undefined {
    return this.#open.find((request) => request.seq === seq && request.sentMs !== undefined);
  }

  /** C2: those that are to be sent now, in order: nothing overtakes one before it that is to be sent again. */
  toSend(): readonly CallerRequest<T>[] {
    if (this.isOver) return [];
    const hole = this.#open.findIndex(({ isDropped }) => isDropped);
    const before = hole < 0 ? this.#open : this.#open.slice(0, hole);
    return before.filter(({ sentMs, isSettled }) => sentMs === undefined && !isSettled);
  }

  /** A request is sent. */
  submission(request: CallerRequest<T>, nowMs: number): NodeMessageOf<"SUBMIT"> {
    const { seq, isEnd: end, commands } = request;
    request.sentMs = nowMs;
    request.unrefused++;
    return { kind: "SUBMIT", seq, born: this.born, done: this.#done, end, commands };
  }

  /** The link is lost: all that it has said nothing of is to be sent again. */
  unlinked(): void {
    for (const request of this.#open) request.sentMs = undefined;
  }

  /** C3: one submission of it was declined, and all others count as before. */
  declined(request: CallerRequest<T>): void {
    request.sentMs = undefined;
    request.unrefused--;
  }

  /** The output of a request has come. */
  settle(request: CallerRequest<T>): void {
    request.isSettled = true;
    request.sentMs = undefined;
    request.lastMs = Infinity;
    while (this.#open[0]?.isSettled) this.#done = this.#open.shift()!.seq;
  }

  /** Leaves items out of a request that nobody has executed; one without any is never sent again. */
  leaveOut(request: CallerRequest<T>, isLeftOut: (item: Item<T>) => boolean): void {
    invariant(request.unrefused === 0, "a request changes only while nobody can have executed it");
    request.items = request.items.filter((item) => !isLeftOut(item));
    request.commands = batchOf(request.items);
    request.outputBytes = outputBytesOf(request.items);
    if (request.items.length > 0) return;
    request.isDropped = true;
    request.lastMs = Infinity;
  }

  /**
   * C4: gives the seq of a request that was dropped to the next one, if no submission of a later one may be executed.
   *
   * @returns whether the session is of no use any more: it is over, or there may be such a submission; and the present
   * link has nothing more to say of it.
   */
  mend(): boolean {
    if (this.isOver) return this.#open.every(({ sentMs }) => sentMs === undefined);
    for (;;) {
      const hole = this.#open.findIndex(({ isDropped }) => isDropped);
      if (hole < 0) return false;
      const later = this.#open.slice(hole + 1);
      if (later.some(({ unrefused }) => unrefused > 0)) {
        return hole === 0 && later.every(({ sentMs }) => sentMs === undefined);
      }
      this.#open.splice(hole, 1);
      for (const request of later) request.seq--;
      this.#seq--;
    }
  }

  /**
   * C6: the session is never used again. A request of which every submission was declined is not executed; so nothing
   * after it is.
   */
  giveUp(): GivenUpSession<T> {
    const open = this.#open.filter(({ isSettled }) => !isSettled);
    const first = open.findIndex(({ unrefused }) => unrefused === 0);
    const end = first < 0 ? open.length : first;
    const waiting = (requests: readonly CallerRequest<T>[]) =>
      requests.flatMap(({ items }) => items.filter(({ isTold }) => !isTold));
    this.#open = [];
    return { unknown: waiting(open.slice(0, end)), unexecuted: waiting(open.slice(end)) };
  }

  /**
   * Checks the invariants, which hold between two events.
   *
   * @throws {InvariantError} if one does not hold.
   */
  invariants(): void {
    invariant(this.#open.length === 0 || this.#open[0].seq === this.#done + 1, "the first open request follows `done`");
    for (const [at, { seq, unrefused, isDropped }] of this.#open.entries()) {
      invariant(seq === this.#open[0].seq + at, "requests are numbered without a gap");
      invariant(unrefused >= 0, "no submission is declined twice");
      invariant(!isDropped || unrefused === 0, "what may be executed is not dropped");
    }
  }
}
