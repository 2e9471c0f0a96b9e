/**
 * Execution: applies the requests that were ordered to the state machine, one after the other.
 *
 * What it holds is the replicated state, the same at every member at the start of each view: the machine, the table of
 * sessions, and the length of the log. A newcomer gets it as a snapshot.
 *
 * @module
 */

import { ByteReader, ByteWriter } from "../bytes.ts";
import { countItems } from "./batch.ts";
import type { CarriedRequest } from "./messages.ts";
import type { Executed } from "./replica_events.ts";
import { type RetainedOutput, type Session, Sessions } from "./sessions.ts";
import type { StateMachine } from "./state_machine.ts";

/** The state machine with its sessions. */
export class Executor {
  /** Exactly once: who has executed what. */
  readonly sessions: Sessions = new Sessions();
  readonly #machine: StateMachine;
  readonly #onExecuted: ((record: Executed) => void) | undefined;
  #executed = 0;

  /** @param onExecuted takes each request as it was executed, for the log. */
  constructor(machine: StateMachine, onExecuted?: (record: Executed) => void) {
    this.#machine = machine;
    this.#onExecuted = onExecuted;
  }

  /** How many commands were executed: the length of the log. */
  get executed(): number {
    return this.#executed;
  }

  /** Executes a request of a session, as one of view `v`, and retains its outputs. */
  apply(session: Session, request: Omit<CarriedRequest, "done">, v: number): RetainedOutput {
    const { client, seq, ts, end, commands } = request;
    const index = this.#executed + 1;
    const outputs = end ? commands : this.#machine.apply(commands);
    this.#executed += countItems(commands);
    if (session.executed === 0) this.sessions.add(session);
    const output = { seq, index, outputs };
    session.retain(output);
    if (end) this.sessions.end(session);
    this.#onExecuted?.({ index, v, ts, client, seq, commands, outputs });
    return output;
  }

  /** The replicated state: a copy. */
  snapshot(): Uint8Array {
    const writer = new ByteWriter(64 * 1024);
    writer.varint(this.#executed);
    this.sessions.write(writer);
    writer.blob(this.#machine.snapshot());
    return writer.view();
  }

  /**
   * Replaces the replicated state by one that {@link snapshot} gave.
   *
   * @throws {DecodeError} if the bytes are no such state.
   */
  restore(snapshot: Uint8Array): void {
    const reader = new ByteReader(snapshot);
    this.#executed = reader.varint();
    this.sessions.read(reader);
    this.#machine.restore(reader.view(reader.varint()));
    reader.end();
  }
}
