/**
 * Execution: applies the requests that were ordered to the state machine, one after the other.
 *
 * What it holds is the replicated state, the same at every member at the start of each view: the machine, the table of
 * sessions, and the length of the log. A newcomer gets it as a snapshot.
 *
 * @module
 */

import { ByteReader, ByteWriter } from "../bytes.ts";
import type { ClientId, Timestamp, Uid } from "../uid.ts";
import { countItems } from "./batch.ts";
import { Digest } from "./digest.ts";
import type { CarriedRequest } from "./records.ts";
import { type RetainedOutput, type Session, Sessions } from "./sessions.ts";
import type { Entries, LogSize, StateMachine } from "./state_machine.ts";

/** The database alone, without sessions, at one place in the log. */
export interface DatabaseCopy {
  /** How many commands were executed: the index of the last one in it. */
  readonly executed: number;
  /** The snapshot of the state machine. */
  readonly bytes: Uint8Array;
}

/** A request as it was executed: a line, or several, of the log. */
export interface Executed {
  /** The place in the log of its first command, from 1. */
  readonly index: number;
  /** The view in which it was ordered. */
  readonly v: number;
  readonly ts: Timestamp;
  readonly client: ClientId;
  readonly seq: number;
  /** A batch. */
  readonly commands: Uint8Array;
  /** A batch. */
  readonly outputs: Uint8Array;
}

/** The state machine with its sessions. */
export class Executor {
  /** Exactly once: who has executed what. */
  readonly sessions: Sessions = new Sessions();
  readonly #machine: StateMachine;
  /** Takes each request as it was executed, for the log. */
  onExecuted: ((record: Executed) => void) | undefined;
  #digest = new Digest();
  #executed: number;
  #requests = 0;
  #last: Uid | undefined;

  /** @param executed how many commands made the state that `machine` is in: the log goes on after them. */
  constructor(machine: StateMachine, executed = 0) {
    this.#machine = machine;
    this.#executed = executed;
    if (executed === 0) return;
    // Replicas that go on from different states must not look the same.
    this.#digest.number(executed);
    this.#digest.bytes(machine.snapshot());
  }

  /** How many commands were executed: the length of the log. */
  get executed(): number {
    return this.#executed;
  }

  /** How many requests were executed. */
  get requests(): number {
    return this.#requests;
  }

  /** Of all that was executed: each request, its place in the order, and its outputs. */
  get digest(): number {
    return this.#digest.value;
  }

  /** The request that was executed last; undefined where there was none since the state came from elsewhere. */
  get last(): Uid | undefined {
    return this.#last;
  }

  /** Executes a request of a session, as one of view `v`, and retains its outputs. */
  apply(session: Session, request: Omit<CarriedRequest, "done">, v: number): RetainedOutput {
    const { client, seq, ts, end, commands } = request;
    const index = this.#executed + 1;
    const outputs = end ? commands : this.#machine.apply(commands);
    this.#executed += countItems(commands);
    this.#requests++;
    this.#last = request;
    const digest = this.#digest;
    digest.number(v);
    digest.number(ts);
    digest.text(client);
    digest.number(seq);
    digest.bytes(commands);
    digest.bytes(outputs);
    if (session.executed === 0) this.sessions.add(session);
    const output = { seq, index, outputs };
    session.retain(output);
    if (end) this.sessions.end(session);
    this.onExecuted?.({ index, v, ts, client, seq, commands, outputs });
    return output;
  }

  /** The database as it is now. */
  copy(): DatabaseCopy {
    return { executed: this.#executed, bytes: this.#machine.snapshot() };
  }

  /** The index of the last entry in the log of the database. */
  get lastEntry(): number {
    return this.#machine.lastEntry;
  }

  /** How full the log of the database is; undefined: it has no bound. */
  get logSize(): LogSize | undefined {
    return this.#machine.logSize;
  }

  /** The entries of the database after `after`, see {@link StateMachine.entriesAfter}. */
  entriesAfter(after: number, bytesMax: number): Entries | undefined {
    return this.#machine.entriesAfter(after, bytesMax);
  }

  /** The replicated state: a copy. */
  snapshot(): Uint8Array {
    const writer = new ByteWriter(64 * 1024);
    writer.varint(this.#executed);
    writer.varint(this.#requests);
    this.#digest.write(writer);
    this.sessions.write(writer);
    writer.blob(this.#machine.snapshot());
    return writer.view();
  }

  /**
   * Replaces the replicated state by one that {@link snapshot} gave.
   *
   * @throws {DecodeError} if the bytes are no such state; it is then as it was.
   */
  restore(snapshot: Uint8Array): void {
    const reader = new ByteReader(snapshot);
    const executed = reader.varint();
    const requests = reader.varint();
    const digest = new Digest();
    digest.read(reader);
    const sessions = Sessions.read(reader);
    const state = reader.view(reader.varint());
    reader.end();
    // The last that can refuse its part.
    this.#machine.restore(state);
    this.#executed = executed;
    this.#requests = requests;
    this.#digest = digest;
    this.#last = undefined;
    this.sessions.become(sessions);
  }
}
