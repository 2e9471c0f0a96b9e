/**
 * A node: replays an order that an engine keeps, and serves clients from the state that it comes to (rules E1 to E16
 * of docs/design/engine.md).
 *
 * How to drive it: tell the time (`tick`) first in each turn, feed any number of events, then take
 * {@link NodeCore.ready} once and perform its effects in order. Each append, barrier and beginning of an epoch has
 * one event that says how it ended. Ticks come at least every 100 ms.
 *
 * @module
 */

import { recordedAheadMsMax } from "../../limits.ts";
import type { Restoring } from "../../snapshot.ts";
import type { ClientId } from "../../uid.ts";
import { invariant } from "../../invariant.ts";
import { UnreadableError } from "../../history.ts";
import { type DigestMark, Digests } from "./digests.ts";
import { Epochs } from "./epochs.ts";
import { Idle } from "./idle.ts";
import { Lanes } from "./lanes.ts";
import type { NodeEffect, NodeEvent, NodeOptions, NodeRequest } from "./node_events.ts";
import type { Cut, LogRecord, NodeRefusal, NodeSaying, OrderPlace } from "./order.ts";
import { OwnEntries } from "./own_entries.ts";
import { type NodeRead, NodeReads } from "./reads.ts";
import { encodeRecord, type RequestEntry } from "./record.ts";
import { HaltError, Replay } from "./replay.ts";
import { NodeWaiting } from "./waiting.ts";

/**
 * Milliseconds without a record, while some are known to be missing, after which a node follows the order again: from
 * its place the first time, and after that it reads the order. It waits twice as long each time, since to read much
 * takes long, up to eight times.
 */
export const stallMs = 1_000;
const stallDoublingsMax = 3;

/** Milliseconds since the last record for which a node believes that records are on their way. */
const onTheirWayMsMax = 300_000;

/** Milliseconds after which a node follows the order again when that has ended. */
const followAgainMs = 100;

/** What a refusal says to a person. */
const reasons: Readonly<Record<NodeRefusal, string>> = {
  expired: "the session has expired",
  ended: "the session has ended",
  gap: "a request of the session before this one was not executed",
  confirmed: "the client has said that it has the output",
  sessions: "too many sessions are open",
  busy: "too much waits at this node",
  clock: "it is recorded over 5 minutes later than the clock of this node",
  late: "its deadline has passed before it was sent",
  engine: "the engine has refused it",
  changes: "it may change something",
  noQuorum: "no majority of the engine has said in time how far the order has come",
  halted: "the node has stopped",
};

/** One node. */
export class NodeCore<T> {
  readonly #node: string;
  readonly #address: string;
  readonly #hasTime: () => boolean;
  readonly #replay: Replay;
  readonly #lanes = new Lanes();
  readonly #waiting = new NodeWaiting<T>();
  readonly #own = new OwnEntries();
  readonly #reads = new NodeReads<T>();
  readonly #epochs: Epochs;
  readonly #digests = new Digests();
  readonly #idle = new Idle();

  #nowMs = 0;
  #clockMs = 0;
  /** When it last applied a record, or had all. */
  #progressMs = 0;
  /** The same, if only what was applied counts. */
  #appliedMs = 0;
  /** How often it has followed the order again since then. */
  #stalls = 0;
  /** When it last asked for the order to be read. */
  #rereadMs = -Infinity;
  #followAtMs: number | undefined;
  #saidMs = -Infinity;
  #halted: string | undefined;
  #effects: NodeEffect<T>[] = [];

  constructor({ node, address = "", machine, epochBytes, hasTime = () => true }: NodeOptions) {
    this.#node = node;
    this.#address = address;
    this.#hasTime = hasTime;
    this.#replay = new Replay(machine);
    this.#epochs = new Epochs(epochBytes);
  }

  /** The replicated state. */
  get replay(): Replay {
    return this.#replay;
  }

  /** The last record that was applied. */
  get place(): OrderPlace {
    return this.#replay.place;
  }

  /** Records that the node knows of and has not applied. */
  get lag(): number {
    return Math.max(0, this.#reads.owed - this.place.n);
  }

  /** Requests that wait for their outputs. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether reads could be answered that had no time in the last turn: then there should be another one soon. */
  get isBehind(): boolean {
    return this.#halted === undefined && this.#reads.isReady(this.place.n);
  }

  /** Why the node has stopped; undefined while it runs. */
  get halted(): string | undefined {
    return this.#halted;
  }

  /** Whether to take in a snapshot: it is of a later state. An order may begin with one, of record 0 (rule E16). */
  wants({ n }: Cut): boolean {
    return n > this.place.n || this.place.n === 0;
  }

  /** Begins to read a snapshot; when it is taken in, tell the node (`restored`). */
  restoring(cut: Cut): Restoring {
    return this.#replay.restoring(cut);
  }

  /** Takes one event. */
  step(event: NodeEvent<T>): void {
    if (this.#halted !== undefined) return this.#afterHalt(event);
    switch (event.kind) {
      case "tick":
        return this.#onTick(event.nowMs, event.clockMs);
      case "submitted":
        return this.#onSubmitted(event.request);
      case "asked":
        return this.#reads.add(event, this.#nowMs);
      case "appended":
        return this.#onAppended(event.lane, event.k, event.n);
      case "appendRefused":
        return this.#onAppendRefused(event.lane, event.k, event.reason);
      case "appendUnknown":
        return this.#lanes.retry(event.lane, event.k, this.#nowMs);
      case "barrierDone":
        if (this.#reads.done(event.barrier, event.n, this.#nowMs)) {
          this.#halt(`The order had ${this.place.n} records, and now has ${event.n}: the engine has lost some`);
        }
        return;
      case "barrierFailed":
        return this.#reads.failed(event.barrier, this.#nowMs);
      case "records":
        return this.#onRecords(event.records);
      case "recordsComing":
        return this.#onComing();
      case "followEnded":
        this.#followAtMs = this.#nowMs + followAgainMs;
        return;
      case "restored":
        return this.#onRestored(event.bytes);
      case "epochBegun":
        return this.#epochs.begun(event.after, event.outcome, this.#nowMs);
      case "snapshotPut":
        this.#effects.push({ kind: "trim", epoch: event.epoch });
        return;
      case "failed":
        return this.#halt(event.reason);
      case "told":
        return this.#onTold(event.saying);
      default:
        event satisfies never;
    }
  }

  /** Gives what is to be done since the last call, in order. */
  ready(): readonly NodeEffect<T>[] {
    if (this.#halted === undefined) {
      this.#serveReads();
      const barrier = this.#reads.next(this.#nowMs, this.place.n);
      if (barrier !== undefined) this.#effects.push({ kind: "barrier", barrier });
      for (const { lane, k, entries } of this.#lanes.ready(this.#nowMs)) {
        this.#effects.push({ kind: "append", lane, k, bytes: encodeRecord({ atMs: this.#clockMs, entries }) });
      }
      const after = this.#epochs.next(this.#replay.epoch, this.#nowMs);
      if (after !== undefined) this.#effects.push({ kind: "beginEpoch", after });
      const snapshot = this.#epochs.ready();
      if (snapshot !== undefined) this.#effects.push({ kind: "putSnapshot", ...snapshot });
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /**
   * Checks the invariants, which hold between two events.
   *
   * @throws {InvariantError} if one does not hold.
   */
  invariants(): void {
    if (this.#halted !== undefined) return;
    const { executor } = this.#replay;
    for (const session of executor.sessions) session.invariants();
    for (const client of this.#waiting.clients()) {
      const executed = this.#replay.executedOf(client);
      const has = this.#waiting.take(client, ({ seq }) => seq <= executed).length > 0;
      invariant(!has, "nobody waits for an output that is there");
    }
  }

  // ---- Time ----

  #onTick(nowMs: number, clockMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    this.#clockMs = clockMs;
    this.#giveUp();
    for (const read of this.#reads.late(this.#nowMs)) this.#refuse(read.ticket, "noQuorum");
    const { sessions } = this.#replay.executor;
    for (const entry of this.#idle.proposals(nowMs, sessions.size, (client) => this.#replay.executedOf(client))) {
      // If there is no room, it is proposed again later.
      this.#lanes.add(entry);
    }
    this.#watchProgress();
    this.#announce();
  }

  /** E13: what was not sent was not executed, and of everything else nobody knows. */
  #giveUp(): void {
    const late = this.#waiting.late(this.#nowMs);
    this.#refuseEach(this.#lanes.drop(late), "late");
    for (const client of late.keys()) {
      for (const { ticket } of this.#waiting.take(client, ({ deadlineMs }) => deadlineMs <= this.#nowMs)) {
        this.#effects.push({ kind: "unknown", ticket, reason: "the engine has not answered in time" });
      }
    }
  }

  /** E5: a stream of records may be silent although there are records, or may end. */
  #watchProgress(): void {
    if (this.place.n >= this.#reads.owed) this.#onProgress();
    if (this.#nowMs - this.#progressMs >= stallMs << Math.min(this.#stalls, stallDoublingsMax)) {
      this.#progressMs = this.#nowMs;
      this.#follow(this.#stalls++ > 0);
    } else if (this.#followAtMs !== undefined && this.#nowMs >= this.#followAtMs) this.#follow(false);
  }

  #onProgress(): void {
    this.#progressMs = this.#appliedMs = this.#nowMs;
    this.#stalls = 0;
  }

  /** Records are on their way: what gives them works, unless it has done no more than that for minutes. */
  #onComing(): void {
    if (this.#nowMs - this.#appliedMs < onTheirWayMsMax) this.#progressMs = this.#nowMs;
  }

  #follow(reread: boolean): void {
    this.#followAtMs = undefined;
    if (reread) this.#rereadMs = this.#nowMs;
    this.#effects.push({ kind: "follow", after: this.place, reread });
  }

  #announce(): void {
    if (this.#nowMs < this.#saidMs + 1_000) return;
    this.#saidMs = this.#nowMs;
    this.#say(this.#digests.latest ?? { n: 0, digest: 0 });
  }

  #say({ n, digest }: DigestMark): void {
    const saying = { node: this.#node, address: this.#address, n, digest, clockMs: this.#clockMs };
    this.#effects.push({ kind: "announce", saying });
  }

  // ---- Clients ----

  #onSubmitted(request: NodeRequest<T>): void {
    const { ticket, client, seq, deadlineMs, recordedAtMs = 0 } = request;
    if (recordedAtMs > this.#clockMs + recordedAheadMsMax) return this.#refuse(ticket, "clock");
    if (seq <= this.#replay.executedOf(client)) return this.#answer(ticket, client, seq);
    if (!this.#own.has(client, seq)) {
      const { born, done, end, commands } = request;
      const isTaken = this.#lanes.add({ kind: "request", client, born, seq, done, end, commands });
      if (!isTaken) return this.#refuse(ticket, "busy");
      this.#own.add(client, seq);
    }
    this.#waiting.add(client, { seq, ticket, deadlineMs });
  }

  #answer(ticket: T, client: ClientId, seq: number): void {
    const output = this.#replay.outputOf(client, seq);
    if (output === undefined) return this.#refuse(ticket, "confirmed");
    this.#effects.push({ kind: "output", ticket, index: output.index, outputs: output.outputs });
  }

  #refuse(ticket: T, refusal: NodeRefusal, reason: string = this.#reasonFor(refusal)): void {
    this.#effects.push({ kind: "refused", ticket, refusal, reason });
  }

  #reasonFor(refusal: NodeRefusal): string {
    return refusal === "halted" ? `${reasons.halted}: ${this.#halted}` : reasons[refusal];
  }

  #refuseEach(requests: readonly RequestEntry[], refusal: NodeRefusal, reason?: string): void {
    for (const { client, seq } of requests) {
      this.#own.remove(client, seq);
      for (const { ticket } of this.#waiting.takeOf(client, seq)) {
        this.#refuse(ticket, refusal, reason);
      }
    }
  }

  #onAppended(lane: number, k: number, n: number): void {
    this.#reads.owed = Math.max(this.#reads.owed, n);
    for (const entry of this.#lanes.settle(lane, k)?.entries ?? []) {
      if (entry.kind !== "request") continue;
      const refusal = this.#own.appended(entry.client, entry.seq, n, this.place.n);
      if (refusal !== undefined) this.#refuseEach([entry], refusal);
    }
  }

  /**
   * None of it was appended, so nothing of its sessions may come that was submitted later; unless an earlier attempt of
   * it may still be done (E1).
   */
  #onAppendRefused(lane: number, k: number, reason: string): void {
    if (this.#lanes.isUnsure(lane, k)) return this.#lanes.retry(lane, k, this.#nowMs);
    const requests = (this.#lanes.settle(lane, k)?.entries ?? []).filter((entry) => entry.kind === "request");
    const from = new Map<ClientId, number>();
    for (const { client, seq } of requests.toReversed()) from.set(client, seq);
    this.#refuseEach([...requests, ...this.#lanes.drop(from)], "engine", reason);
  }

  #serveReads(): void {
    while (this.#hasTime()) {
      const read = this.#reads.take(this.place.n);
      if (read === undefined) return;
      this.#serve(read);
    }
  }

  #serve({ ticket, commands }: NodeRead<T>): void {
    const { executor } = this.#replay;
    try {
      const outputs = executor.machine.read(commands);
      if (outputs === undefined) return this.#refuse(ticket, "changes");
      this.#effects.push({ kind: "value", ticket, index: executor.executed, outputs });
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      this.#refuse(ticket, "engine", error.message);
    }
  }

  // ---- The order ----

  #onRecords(records: readonly LogRecord[]): void {
    try {
      for (const record of records) {
        if (!this.#take(record)) return;
      }
    } catch (error) {
      if (!(error instanceof HaltError)) throw error;
      this.#halt(error.message);
    }
  }

  /** Takes one record; false: those that follow are of no use. */
  #take(record: LogRecord): boolean {
    const taken = this.#replay.offer(
      record,
      (entry, refusal) => this.#onApplied(entry, refusal),
      (epoch) => this.#epochs.cut({ cut: this.#replay.cut(epoch), snapshot: this.#replay.freeze() }),
    );
    if (taken === "gap") {
      this.#reads.owed = Math.max(this.#reads.owed, record.n);
      if (this.#nowMs - this.#rereadMs >= stallMs) this.#follow(true);
      return false;
    }
    if (taken === "known") return true;
    this.#onProgress();
    this.#epochs.grow(record.bytes.length);
    this.#serveReads();
    const other = this.#digests.note(record.n, () => this.#replay.executor.digest);
    if (other !== undefined) this.#haltAsDiffers(other, record.n);
    return this.#halted === undefined;
  }

  #onApplied({ client, seq }: RequestEntry, refusal: NodeRefusal | undefined): void {
    const { n } = this.place;
    if (refusal === undefined) this.#idle.note(client, n, this.#nowMs);
    // E15: what is refused here may be in a record of another node, and the one of this node may come later.
    if (!this.#own.applied(client, seq, n, refusal) && refusal !== undefined) return;
    for (const { ticket } of this.#waiting.takeOf(client, seq)) {
      if (refusal === undefined) this.#answer(ticket, client, seq);
      else this.#refuse(ticket, refusal);
    }
  }

  /** E11: records that this node needs were deleted, and it has taken in a snapshot instead. */
  #onRestored(bytes: number): void {
    const { executor } = this.#replay;
    this.#epochs.restored(bytes);
    this.#digests.restored();
    this.#own.restored(this.place.n);
    this.#idle.restored(Array.from(executor.sessions, ({ client }) => client), this.place.n, this.#nowMs);
    for (const client of this.#waiting.clients()) {
      const executed = this.#replay.executedOf(client);
      for (const { ticket, seq } of this.#waiting.take(client, (waiter) => waiter.seq <= executed)) {
        this.#answer(ticket, client, seq);
      }
    }
    this.#follow(true);
  }

  // ---- The end ----

  #onTold({ node, n, digest }: NodeSaying): void {
    if (node !== this.#node && this.#digests.differs(node, { n, digest })) this.#haltAsDiffers(node, n);
  }

  /** E12: the other node must find out, too, and this one says nothing any more. */
  #haltAsDiffers(node: string, n: number): void {
    const mark = this.#digests.at(n);
    if (mark !== undefined) this.#say(mark);
    this.#halt(`After record ${n}, the state of this node differs from that of node "${node}"`);
  }

  #halt(reason: string): void {
    this.#halted = reason;
    this.#effects.push({ kind: "halt", reason });
    const all = new Map(this.#waiting.clients().map((client) => [client, 1]));
    this.#refuseEach(this.#lanes.drop(all), "halted");
    for (const client of all.keys()) {
      for (const { ticket } of this.#waiting.take(client, () => true)) {
        this.#effects.push({ kind: "unknown", ticket, reason });
      }
    }
    for (const { ticket } of this.#reads.late(Infinity)) this.#refuse(ticket, "halted");
  }

  #afterHalt(event: NodeEvent<T>): void {
    if (event.kind === "submitted") this.#refuse(event.request.ticket, "halted");
    else if (event.kind === "asked") this.#refuse(event.ticket, "halted");
  }
}
