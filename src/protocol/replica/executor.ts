/**
 * Execution: applies the requests that were ordered to the state machine, one after the other.
 *
 * What it holds is the replicated state, the same at every member at the start of each view: the machine, the table of
 * sessions, and the length of the log. A newcomer gets it as a snapshot.
 *
 * @module
 */

import { ByteWriter } from "../../bytes.ts";
import { type Feed, Parts, Reading, type Restoring, Sequence, type Snapshot, toTheEnd } from "../../snapshot.ts";
import type { SegmentRef } from "../../history.ts";
import type { Uid } from "../../uid.ts";
import { countItems } from "../../batch.ts";
import { Digest } from "./digest.ts";
import type { CarriedRequest } from "../wire/records.ts";
import { type RetainedOutput, Sessions, type SessionState } from "./sessions.ts";
import type { StateMachine } from "../../state_machine.ts";
import { invariant } from "../../invariant.ts";

/** The database alone, without sessions, at one place in the log. */
export interface DatabaseCopy {
  /** How many commands were executed: the index of the last one in it. */
  readonly executed: number;
  /** That of the state machine. */
  readonly snapshot: Snapshot;
  /** The sealed segments that it names. */
  readonly named: readonly SegmentRef[];
}

/** What a machine begins with that has executed something before: a backup. */
export interface Beginning {
  /** How many commands were executed. */
  readonly executed: number;
  /** A digest of that number and of the snapshot that the machine was made from; it takes in more. */
  readonly digest: Digest;
}

/** The beginning after this many commands. Its digest has yet to take in the snapshot, of this many bytes. */
export function beginningWith(executed: number, snapshotBytes: number): Beginning {
  const digest = new Digest();
  digest.number(executed);
  digest.length(snapshotBytes);
  return { executed, digest };
}

/** A request as it was executed: a line, or several, of the log. */
export interface Executed extends Omit<CarriedRequest, "done" | "end"> {
  /** The place in the log of its first command, from 1. */
  readonly index: number;
  /** The view in which it was ordered. */
  readonly v: number;
  /** A batch. */
  readonly outputs: Uint8Array;
}

/** The state machine with its sessions. */
export class Executor {
  /** Exactly once: who has executed what. */
  readonly sessions: Sessions = new Sessions();
  readonly machine: StateMachine;
  /** Takes each request as it was executed, for the log. */
  onExecuted: ((record: Executed) => void) | undefined;
  /** How many commands were executed: the length of the log. */
  executed: number;
  /** How many requests were executed. */
  requests = 0;
  /** The request that was executed last; undefined where there was none since the state came from elsewhere. */
  last: Uid | undefined;
  #digest: Digest;

  /** @param beginning what made the state that `machine` is in: the log continues after it. Absent: nothing. */
  constructor(machine: StateMachine, beginning?: Beginning) {
    this.machine = machine;
    this.executed = beginning?.executed ?? 0;
    // Replicas that continue from different states must not look the same.
    this.#digest = beginning?.digest.copy() ?? new Digest();
  }

  /** The digest of everything executed: each request, its place in the order, and its outputs. */
  get digest(): number {
    return this.#digest.value;
  }

  /** Executes a request of a session, as one of view `v`, and retains its outputs. */
  apply(session: SessionState, request: Omit<CarriedRequest, "done">, v: number): RetainedOutput {
    const { client, seq, ts, end, commands } = request;
    invariant(seq === session.executed + 1, "each request of a session is executed once, in order (claim (d))");
    const index = this.executed + 1;
    const outputs = end ? commands : this.machine.apply(commands);
    this.executed += countItems(commands);
    this.requests++;
    this.last = request;
    const digest = this.#digest;
    digest.number(v);
    digest.number(ts);
    digest.text(client);
    digest.number(seq);
    digest.bytes(commands);
    digest.bytes(outputs);
    if (session.executed === 0) this.sessions.add(session);
    const output: RetainedOutput = { seq, index, outputs };
    session.retain(output);
    if (end) this.sessions.end(session);
    this.onExecuted?.({ index, v, ts, client, seq, commands, outputs });
    return output;
  }

  /** The database as it is now. */
  copy(): DatabaseCopy {
    const { executed, machine } = this;
    return { executed, snapshot: machine.freeze(), named: machine.named ?? [] };
  }

  /** The replicated state, which later requests do not change. */
  freeze(): Snapshot {
    const head = new ByteWriter(64);
    head.varint(this.executed);
    head.varint(this.requests);
    this.#digest.write(head);
    const length = Uint8Array.of(toTheEnd);
    return new Sequence([new Parts([head.view(), ...this.sessions.freeze(), length]), this.machine.freeze()]);
  }

  /** Begins to read a state that {@link freeze} gave. */
  restoring(): Restoring {
    return new Reading((feed) => this.#read(feed), ({ executed, requests, digest, sessions, machine }) => {
      // The last that can refuse its part.
      machine.finish();
      this.executed = executed;
      this.requests = requests;
      this.#digest = digest;
      this.last = undefined;
      this.sessions.become(sessions);
    }, ({ machine }) => machine.whole());
  }

  *#read(feed: Feed) {
    const { reader } = feed;
    yield* feed.need(64);
    const executed = reader.varint();
    const requests = reader.varint();
    const digest = new Digest();
    digest.read(reader);
    const sessions = yield* Sessions.read(feed);
    yield* feed.need(8);
    const machine = this.machine.restoring();
    yield* feed.pass(reader.varint(), machine);
    return { executed, requests, digest, sessions, machine };
  }
}
