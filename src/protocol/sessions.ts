/**
 * Exactly once: what the replicas remember of each client session (claim (d)).
 *
 * The table is part of the replicated state: every member has the same one at the start of a view. It says which
 * request of a session was executed last, so that none is executed twice, and retains the outputs that the client has
 * not confirmed, so that whoever is asked again after a crash can send the same output again.
 *
 * @module
 */

import type { ClientId } from "../uid.ts";

/** An output that is retained until the client confirms it. */
export interface RetainedOutput {
  readonly seq: number;
  /** The place in the log of the request's first command, from 1. */
  readonly index: number;
  /** A batch: one output per command. */
  readonly outputs: Uint8Array;
}

/** One session's part of the replicated state. */
export class Session {
  /** Who it is. */
  readonly client: ClientId;
  /** The seq of its last executed request: `exec[c]`. */
  executed = 0;
  /** The client has the outputs up to this seq. */
  done = 0;
  /** It was ended by its client, and is forgotten at the start of the next view. */
  ended = false;
  /** Bytes of the retained outputs. */
  retainedBytes = 0;
  // In order of seq.
  #retained: RetainedOutput[] = [];

  /** A session that has executed nothing. */
  constructor(client: ClientId) {
    this.client = client;
  }

  /** The outputs above `done`, in order: `outs[c]`. */
  get retained(): readonly RetainedOutput[] {
    return this.#retained;
  }

  /** Remembers that `output.seq` was executed. */
  retain(output: RetainedOutput): void {
    this.executed = output.seq;
    if (output.seq <= this.done) return;
    this.#retained.push(output);
    this.retainedBytes += output.outputs.length;
  }

  /** Takes the client's word that it has the outputs up to `done`, and lets them go. */
  confirm(done: number): void {
    if (done <= this.done) return;
    this.done = done;
    let count = 0;
    while (count < this.#retained.length && this.#retained[count].seq <= done) {
      this.retainedBytes -= this.#retained[count++].outputs.length;
    }
    if (count > 0) this.#retained.splice(0, count);
  }
}

/** All sessions that have executed something and have neither ended nor expired. */
export class Sessions {
  #sessions = new Map<ClientId, Session>();
  #ended = new Set<ClientId>();
  /** The last view at whose start sessions expired, 0 if none ever did: a client that was away learns it (V10). */
  forgot = 0;

  /** How many there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** How many of them ended in this view. */
  get endedCount(): number {
    return this.#ended.size;
  }

  /** The session of a client, if it is known. */
  get(client: ClientId): Session | undefined {
    return this.#sessions.get(client);
  }

  /** Takes a session in, when its first request is executed. */
  add(session: Session): void {
    this.#sessions.set(session.client, session);
  }

  /**
   * Marks a session as ended. It stays until the view ends: were it forgotten at once, a report of this replica could
   * lack a request that it has executed.
   */
  end(session: Session): void {
    session.ended = true;
    this.#ended.add(session.client);
  }

  /** At the start of view `v`: forgets what has ended in the last view, and what the flush decided to expire. */
  forget(expired: readonly ClientId[], v: number): void {
    for (const client of this.#ended) this.#sessions.delete(client);
    this.#ended.clear();
    for (const client of expired) if (this.#sessions.delete(client)) this.forgot = v;
  }

  /** All sessions. */
  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values();
  }
}
