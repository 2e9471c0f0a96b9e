/**
 * Exactly once: what the replicas remember of each client session (claim (d)).
 *
 * The table is part of the replicated state: every member has the same one at the start of a view. It says which
 * request of a session was executed last, so that none is executed twice, and retains the outputs that the client has
 * not confirmed, so that whoever is asked again after a crash can send the same output again.
 *
 * @module
 */

import { ByteWriter, DecodeError, varintBytes } from "../../bytes.ts";
import {
  batchBytesMax,
  endedSessionsMax,
  retainedInAllBytesMax,
  sessionsMax,
  sessionTtlCrowdedMs,
  sessionTtlMs,
  snapshotPieceBytes,
} from "../../limits.ts";
import type { Feed, Part } from "../../snapshot.ts";
import type { ClientId } from "../../uid.ts";
import { fields } from "../wire/fields.ts";
import type { MessageOf } from "../wire/messages.ts";
import { codecs } from "../wire/records.ts";
import { invariant } from "../../invariant.ts";

/** The outputs of a request, which are retained until the client confirms them. */
export type RetainedOutput = Pick<MessageOf<"OUTPUT">, "seq" | "index" | "outputs">;

/** A count that several sessions share. */
interface Tally {
  bytes: number;
}

/** One session's part of the replicated state. */
export class SessionState {
  /** Its id. */
  readonly client: ClientId;
  /** The seq of its last executed request: `exec[c]`. */
  executed = 0;
  /** The client has the outputs up to this seq. */
  done = 0;
  /** It was ended by its client, and is forgotten at the start of the next view. */
  ended = false;
  /** Bytes of the retained outputs. */
  retainedBytes = 0;
  /** Bytes of the retained outputs of all sessions of its table. */
  tally: Tally = { bytes: 0 };
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
    this.#count(output.outputs.length);
  }

  #count(bytes: number): void {
    this.retainedBytes += bytes;
    this.tally.bytes += bytes;
  }

  /** Takes the client's word that it has the outputs up to `done`, and lets them go. */
  confirm(done: number): void {
    if (done <= this.done) return;
    this.done = done;
    let count = 0;
    while (count < this.#retained.length && this.#retained[count].seq <= done) {
      this.#count(-this.#retained[count++].outputs.length);
    }
    if (count > 0) this.#retained.splice(0, count);
  }

  /** Checks the invariants, which hold between two events (claim (d)). */
  invariants(): void {
    let [seq, bytes] = [this.done, 0];
    for (const output of this.#retained) {
      invariant(output.seq > seq, "retained outputs are in order, and the client has none of them");
      seq = output.seq;
      bytes += output.outputs.length;
    }
    invariant(seq <= Math.max(this.done, this.executed), "what is retained was executed");
    invariant(bytes === this.retainedBytes, "the bytes of retained outputs are counted");
  }
}

const { varint, flag, blob, record } = fields;

/** A session without its outputs, and how many follow. */
const headCodec = record("session", {
  client: codecs.clientId,
  executed: varint,
  done: varint,
  ended: flag,
  outputs: varint,
});
const headBytesMax = 64;

const outputCodec = record("retained output", { seq: varint, index: varint, outputs: blob });
const outputBytesMax = batchBytesMax + 64;

/** Sessions that become bytes together. */
const sessionsPerPart = 256;

const noOutputs: readonly RetainedOutput[] = [];

/** A session at one moment. */
type FrozenSession = Pick<SessionState, "client" | "executed" | "done" | "ended" | "retained">;

function lengthOf({ client, executed, done, retained }: FrozenSession): number {
  let length = client.length / 2 + varintBytes(executed) + varintBytes(done) + 1 + varintBytes(retained.length);
  for (const { seq, index, outputs } of retained) {
    length += varintBytes(seq) + varintBytes(index) + varintBytes(outputs.length) + outputs.length;
  }
  return length;
}

function bytesOf(sessions: readonly FrozenSession[], length: number): Uint8Array {
  const writer = new ByteWriter(length);
  for (const session of sessions) {
    headCodec.write(writer, { ...session, outputs: session.retained.length });
    for (const output of session.retained) outputCodec.write(writer, output);
  }
  return writer.view();
}

/** All sessions that have executed something and have neither ended nor expired. */
export class Sessions {
  #sessions = new Map<ClientId, SessionState>();
  #ended = new Set<ClientId>();
  #tally: Tally = { bytes: 0 };
  // Since when, in the replica's running time, a session has had no link here. Not replicated: only ever a proposal.
  readonly #unlinkedSince = new Map<ClientId, number>();
  /** The last view at whose start sessions expired, 0 if none ever did: a client that was away learns it (V10). */
  forgot = 0;

  /** How many there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The session of a client, if it is known. */
  get(client: ClientId): SessionState | undefined {
    return this.#sessions.get(client);
  }

  /** Takes a session in, when its first request is executed. */
  add(session: SessionState): void {
    this.#sessions.set(session.client, session);
    session.tally = this.#tally;
    this.#tally.bytes += session.retainedBytes;
  }

  #delete(client: ClientId): boolean {
    this.#tally.bytes -= this.#sessions.get(client)?.retainedBytes ?? 0;
    return this.#sessions.delete(client);
  }

  /**
   * Marks a session as ended. It stays until the view ends: were it forgotten at once, a report of this replica could
   * lack a request that it has executed.
   */
  end(session: SessionState): void {
    session.ended = true;
    this.#ended.add(session.client);
  }

  /** At the start of view `v`: forgets what has ended in the last view, and what the flush decided to expire. */
  forget(expired: readonly ClientId[], v: number): void {
    for (const client of this.#ended) this.#delete(client);
    this.#ended.clear();
    for (const client of expired) if (this.#delete(client)) this.forgot = v;
    for (const client of this.#unlinkedSince.keys()) {
      if (!this.#sessions.has(client)) this.#unlinkedSince.delete(client);
    }
  }

  /** The client has a link to this replica. */
  noteLinked(client: ClientId): void {
    this.#unlinkedSince.delete(client);
  }

  /** The client of a session has lost its link to this replica, at this moment of its running time in ms. */
  noteUnlinked(client: ClientId, nowMs: number): void {
    if (this.#sessions.has(client) && !this.#unlinkedSince.has(client)) this.#unlinkedSince.set(client, nowMs);
  }

  /** No client has a link to this replica yet: each has until now to come. */
  noteAllUnlinked(nowMs: number): void {
    for (const client of this.#sessions.keys()) this.noteUnlinked(client, nowMs);
  }

  /** The sessions that may expire: their clients have had no link here for long (V10). */
  vanished(nowMs: number): ClientId[] {
    const ttlMs = this.#isCrowded ? sessionTtlCrowdedMs : sessionTtlMs;
    const vanished: ClientId[] = [];
    for (const [client, sinceMs] of this.#unlinkedSince) if (nowMs - sinceMs >= ttlMs) vanished.push(client);
    return vanished;
  }

  /** V10: the sessions to forget, those with the most unconfirmed outputs first, where all have too many of these. */
  overdrawn(): ClientId[] {
    let { bytes } = this.#tally;
    if (bytes <= retainedInAllBytesMax) return [];
    const overdrawn: ClientId[] = [];
    for (const session of [...this.#sessions.values()].sort((a, b) => b.retainedBytes - a.retainedBytes)) {
      if (bytes <= retainedInAllBytesMax / 2) break;
      bytes -= session.retainedBytes;
      overdrawn.push(session.client);
    }
    return overdrawn;
  }

  /** Whether enough sessions have ended, may expire or are overdrawn, for the view to end and forget them. */
  wantTidying(nowMs: number): boolean {
    if (this.#tally.bytes > retainedInAllBytesMax) return true;
    return this.#ended.size >= endedSessionsMax || (this.#isCrowded && this.vanished(nowMs).length > sessionsMax / 8);
  }

  get #isCrowded(): boolean {
    return this.#sessions.size > sessionsMax / 2;
  }

  /**
   * The whole table, as parts of a snapshot that later changes do not touch. It copies the numbers and the lists of
   * each session at once. They become bytes, some sessions at a time, when somebody takes these.
   */
  freeze(): Part[] {
    const head = new ByteWriter(16);
    head.varint(this.forgot);
    head.varint(this.#sessions.size);
    const parts: Part[] = [head.view()];
    let some: FrozenSession[] = [];
    let length = 0;
    const close = () => {
      const [sessions, bytes] = [some, length];
      if (some.length > 0) parts.push({ length, bytes: () => bytesOf(sessions, bytes) });
      some = [];
      length = 0;
    };
    for (const { client, executed, done, ended, retained } of this.#sessions.values()) {
      const frozen = { client, executed, done, ended, retained: retained.length === 0 ? noOutputs : retained.slice() };
      some.push(frozen);
      length += lengthOf(frozen);
      if (some.length === sessionsPerPart || length > snapshotPieceBytes) close();
    }
    close();
    return parts;
  }

  /** Reads a table that {@link freeze} gave, as far as it has come. */
  static *read(feed: Feed): Generator<void, Sessions> {
    const table = new Sessions();
    yield* feed.need(16);
    table.forgot = feed.reader.varint();
    for (let count = feed.reader.varint(); count > 0; count--) {
      yield* feed.need(headBytesMax);
      const { client, executed, done, ended, outputs } = headCodec.read(feed.reader);
      if (table.get(client) !== undefined) throw new DecodeError("a session is there twice");
      const session = new SessionState(client);
      session.confirm(done);
      for (let left = outputs; left > 0; left--) {
        yield* feed.need(outputBytesMax);
        session.retain(outputCodec.read(feed.reader));
      }
      session.executed = executed;
      table.add(session);
      if (ended) table.end(session);
    }
    return table;
  }

  /** Holds what `other` holds, which is not used any more. */
  become(other: Sessions): void {
    this.#sessions = other.#sessions;
    this.#ended = other.#ended;
    this.#tally = other.#tally;
    this.#unlinkedSince.clear();
    this.forgot = other.forgot;
  }

  /** All sessions. */
  [Symbol.iterator](): IterableIterator<SessionState> {
    return this.#sessions.values();
  }
}
