/**
 * Replay: applies the records of the order to the state machine, one after the other (rules E3 to E7).
 *
 * What it holds is the replicated state: the same at every node that has applied the same records. It is the state
 * machine with its sessions, as replicas have it, and which sessions have ended lately.
 *
 * @module
 */

import { ByteWriter, DecodeError } from "../../bytes.ts";
import { sessionsMax } from "../../limits.ts";
import { type Beginning, Executor } from "../../protocol/replica/executor.ts";
import { SessionState } from "../../protocol/replica/sessions.ts";
import { Parts, Reading, type Restoring, Sequence, type Snapshot, toTheEnd } from "../../snapshot.ts";
import type { StateMachine } from "../../state_machine.ts";
import type { ClientId } from "../../uid.ts";
import { codecs } from "../../protocol/wire/records.ts";
import type { Cut, LogRecord, NodeRefusal, OrderPlace } from "./order.ts";
import { decodeRecord, type ExpiryEntry, type RequestEntry } from "./record.ts";
import { beforeAll } from "./order.ts";

/** For how many records a session that has ended is remembered: what was appended late finds that it has ended. */
export const endedRecords = 4096;

/** Ended sessions are forgotten together, at every record of which this many is a divisor. */
const forgetEvery = 256;

/** The order cannot be followed any further: the node stops for good. */
export class HaltError extends Error {
  override name = "HaltError";
}

/** What happened to a request when its record was applied. */
export type Applied = (entry: RequestEntry, refusal: NodeRefusal | undefined) => void;

/** The replicated state of a node. */
export class Replay {
  /** The state machine and its sessions. */
  readonly executor: Executor;
  #place: OrderPlace = beforeAll;
  #epoch = 1;
  /** The sessions that have ended, each with the record that says so, in that order. */
  #ended = new Map<ClientId, number>();

  /** @param beginning what made the state that `machine` is in; absent: nothing. */
  constructor(machine: StateMachine, beginning?: Beginning) {
    this.executor = new Executor(machine, beginning);
  }

  /** The last record that was applied. */
  get place(): OrderPlace {
    return this.#place;
  }

  /** The epoch of the last record that was applied. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The present state, as what a snapshot before the records of `epoch` is of. */
  cut(epoch: number): Cut {
    return { ...this.#place, epoch, index: this.executor.executed, digest: this.executor.digest };
  }

  /**
   * Takes a record.
   *
   * @param applied hears of each request.
   * @param onEpoch is called before the first record of an epoch is applied: the state is the cut (rule E10).
   * @returns "applied"; "known": it was applied before (rule E4); "gap": records before it are missing (rule E5).
   * @throws {HaltError} if the order cannot be right, or nobody can read the record (rule E6).
   */
  offer(record: LogRecord, applied: Applied, onEpoch: (epoch: number) => void): "applied" | "known" | "gap" {
    const { n, revision, epoch } = record;
    if (n <= this.#place.n) return "known";
    if (n > this.#place.n + 1) return "gap";
    // The engine has gone back, or this is an old event under another number: what it is shows when it is read again.
    if (revision <= this.#place.revision) return "gap";
    if (epoch < this.#epoch) {
      throw new HaltError(`Record ${n} has epoch ${epoch}, and the one before it has epoch ${this.#epoch}`);
    }
    const { entries } = this.#decoded(record);
    if (epoch > this.#epoch) {
      onEpoch(epoch);
      this.#epoch = epoch;
    }
    this.#place = { n, revision };
    for (const entry of entries) {
      if (entry.kind === "expiry") this.#expire(entry);
      else applied(entry, this.#execute(entry));
    }
    this.#tidy();
    return "applied";
  }

  #decoded({ n, bytes }: LogRecord) {
    try {
      return decodeRecord(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new HaltError(`Cannot read record ${n} of the order: ${error.message}`);
    }
  }

  /** E3. */
  #execute({ client, born, seq, done, end, commands }: RequestEntry): NodeRefusal | undefined {
    const { sessions } = this.executor;
    const known = sessions.get(client);
    const executed = known?.executed ?? 0;
    if (seq <= executed) {
      known?.confirm(done);
      return undefined;
    }
    if (this.#ended.has(client)) return "ended";
    if (known === undefined) {
      // A session that was forgotten may have executed this very request.
      if (born < sessions.forgot) return "expired";
      if (sessions.size >= sessionsMax) return "sessions";
    }
    if (seq !== executed + 1) return "gap";
    const session = known ?? new SessionState(client);
    session.confirm(done);
    this.executor.apply(session, { client, seq, ts: this.#place.n, end: false, commands }, this.#epoch);
    if (end) this.#ended.set(client, this.#place.n);
    return undefined;
  }

  /** E7. */
  #expire({ client, executed, upTo }: ExpiryEntry): void {
    if (this.executor.sessions.get(client)?.executed !== executed) return;
    this.#forget([client], Math.min(upTo, this.#place.n));
  }

  /** Forgets sessions that were all born before record `n`. */
  #forget(clients: readonly ClientId[], n: number): void {
    const { sessions } = this.executor;
    for (const client of clients) this.#ended.delete(client);
    sessions.forget(clients, Math.max(sessions.forgot, n + 1));
  }

  /** Forgets what ended long ago, and sessions whose outputs take too much memory: the same at every node. */
  #tidy(): void {
    const { n } = this.#place;
    const overdrawn = this.executor.sessions.overdrawn();
    if (overdrawn.length > 0) this.#forget(overdrawn, n);
    if (n % forgetEvery !== 0) return;
    const old: ClientId[] = [];
    let last = 0;
    for (const [client, endedAt] of this.#ended) {
      if (endedAt > n - endedRecords) break;
      old.push(client);
      last = endedAt;
    }
    if (old.length > 0) this.#forget(old, last);
  }

  /** The output of a request that was executed; undefined if the client has said that it has it. */
  outputOf(client: ClientId, seq: number): { readonly index: number; readonly outputs: Uint8Array } | undefined {
    return this.executor.sessions.get(client)?.retained.findLast((output) => output.seq === seq);
  }

  /** The last seq that a session has executed. */
  executedOf(client: ClientId): number {
    return this.executor.sessions.get(client)?.executed ?? 0;
  }

  /** The replicated state, which later records do not change. */
  freeze(): Snapshot {
    const head = new ByteWriter(64);
    head.varint(this.#place.n);
    head.varint(this.#ended.size);
    for (const [client, n] of this.#ended) {
      codecs.clientId.write(head, client);
      head.varint(n);
    }
    return new Sequence([new Parts([head.copy()]), this.executor.freeze()]);
  }

  /** Begins to read a state that {@link freeze} gave, for the cut that it was taken at. */
  restoring(cut: Cut): Restoring {
    return new Reading(
      (feed) => {
        const executor = this.executor.restoring();
        return function* () {
          const n = yield* feed.attempt((reader) => reader.varint());
          if (n !== cut.n) throw new DecodeError(`the snapshot is of record ${n}, not of record ${cut.n}`);
          const ended = new Map<ClientId, number>();
          for (let count = yield* feed.attempt((reader) => reader.varint()); count > 0; count--) {
            const [client, endedAt] = yield* feed.attempt((reader) =>
              [codecs.clientId.read(reader), reader.varint()] as const
            );
            ended.set(client, endedAt);
          }
          yield* feed.pass(toTheEnd, executor);
          return { executor, ended };
        }();
      },
      ({ executor, ended }) => {
        executor.finish();
        this.#ended = ended;
        this.#place = { n: cut.n, revision: cut.revision };
        this.#epoch = cut.epoch;
        // E12: the bytes are as they were written, and still nobody has checked what they make.
        if (this.executor.executed === cut.index && this.executor.digest === cut.digest) return;
        throw new HaltError(`The snapshot of epoch ${cut.epoch} is not the state that it says it is`);
      },
      ({ executor }) => executor.whole(),
    );
  }
}
