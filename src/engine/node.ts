/**
 * A node in a process: joins the core of a node to an engine, and does what the core wants.
 *
 * The node steps all that comes in one turn of the event loop together. A turn ends after some milliseconds, also where
 * there is more to do: others need the loop, too, and the sockets are read before the next one.
 *
 * @module
 */

import { reasonOf } from "../reason.ts";
import { socketsSeen } from "../runtime/sockets_seen.ts";
import { pause } from "../runtime/within.ts";
import type { Snapshot } from "../snapshot.ts";
import { NodeCore } from "./core/node_core.ts";
import type { NodeEffect, NodeEvent, NodeOptions, NodeRequest } from "./core/node_events.ts";
import type { LogRecord, NodeRefusal, OrderPlace } from "./core/order.ts";
import { HaltError } from "./core/replay.ts";
import { CompactedError, type Engine, type EngineHealth, EngineRefusedError, type StoredSnapshot } from "./engine.ts";
import { type HeardNode, Hearsay } from "./hearsay.ts";

/** Milliseconds between two ticks. */
const tickMs = 50;

/** Milliseconds after which a turn that has more to do tells the core what time it is. */
const newsMs = 5;

/** Milliseconds after which a turn ends, and what is left has another one. */
const turnMs = 6;

/** Milliseconds of each turn that are for reads. */
const readsMs = 2;

/** Bytes of records that wait to be applied. While there are more, the engine is not asked for others. */
const queuedBytesMax = 8 * 1024 * 1024;

/** Bytes of a snapshot that are taken in at once. */
const restoredBytes = 64 * 1024;

/** Milliseconds for the engine to append a record: then its outcome is unknown. */
const appendMs = 5_000;

/** The same for a barrier. */
const barrierMs = 2_000;

/** The same for everything else. */
const otherMs = 10_000;

/** Milliseconds after which a node opens the order again that it could not open. */
const openAgainMs = 500;

/** Bytes of a snapshot that are made at once. */
const takenBytes = 256 * 1024;

/** The end of a request or a read. */
export type NodeOutcome =
  | { readonly kind: "output" | "value"; readonly index: number; readonly outputs: Uint8Array }
  | { readonly kind: "refused"; readonly refusal: NodeRefusal; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

type Tell = (outcome: NodeOutcome) => void;

/** A request as clients of this process give it. */
export type SubmittedRequest = Omit<NodeRequest<Tell>, "ticket" | "deadlineMs">;

/** Commands that say nothing: to read them takes a barrier. */
const nothing = new Uint8Array(0);

/** One node. */
export class EngineNode {
  /** Decides everything, and has the state. */
  readonly core: NodeCore<Tell>;
  /** Its name. */
  readonly name: string;
  /** `host:port`, where clients reach it; "": it serves none. */
  readonly address: string;
  /** Is called at the end of each turn: something may have been executed, or the node may have halted. */
  onTurn: () => void = () => {};
  readonly #engine: Engine;
  readonly #hearsay = new Hearsay();
  #events: NodeEvent<Tell>[] = [];
  readonly #ended = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  // Before an order was opened for the first time, and its snapshot taken in, nothing else is asked of it.
  readonly #opened = Promise.withResolvers<void>();
  readonly #caughtUp = Promise.withResolvers<void>();
  #isReady = false;
  #cluster: string | undefined;
  #whyNotOpened = "nothing has answered yet";
  #openedAgainAtMs = -Infinity;
  #following = new AbortController();
  /** Bytes of records among the events. */
  #queuedBytes = 0;
  /** Resolves when there is room for more; undefined: nobody waits for that. */
  #room: PromiseWithResolvers<void> | undefined;
  #isDue = false;
  #tickedAt = -Infinity;
  #turnEndsAt = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(engine: Engine, options: Omit<NodeOptions, "hasTime">) {
    this.#engine = engine;
    this.name = options.node;
    this.address = options.address ?? "";
    this.core = new NodeCore({ ...options, hasTime: () => performance.now() < this.#turnEndsAt });
  }

  /** Opens the order and begins to follow it; requests may come at once. */
  start(): void {
    this.#ticker = setInterval(() => this.#wake(), tickMs);
    this.#begin(() => this.#open());
    this.#begin(async () => {
      const { kind } = await this.read(nothing, Infinity);
      if (kind !== "value") return;
      this.#isReady = true;
      this.#caughtUp.resolve();
      this.onTurn();
    });
  }

  /** The id of the cluster that the order is of; undefined: the order was not opened yet. */
  get cluster(): string | undefined {
    return this.#cluster;
  }

  /** Whether it has had all records that there were, once. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Resolves when {@link isReady}; never, if the node halts before that, or is closed. */
  get caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** The other nodes, as far as they have said something in the last seconds. */
  get others(): readonly HeardNode[] {
    return this.#hearsay.nodes(Date.now()).filter(({ name }) => name !== this.name);
  }

  /** How the engine is; never throws. */
  async health(deadlineMs: number): Promise<EngineHealth> {
    const nothingBut = (warning: string) => ({ hasQuorum: false, members: [], warnings: [warning] });
    if (this.#cluster === undefined) return nothingBut(`The order is not open: ${this.#whyNotOpened}`);
    // What an engine says of itself may make no sense, and nobody may see less of this node for that.
    return await this.#engine.health(deadlineMs).catch((error) =>
      nothingBut(`What the engine says of itself cannot be read: ${reasonOf(error)}`)
    );
  }

  /**
   * Submits a request of a session.
   *
   * @param waitMs after which its outcome is unknown, or it is refused.
   */
  submit(request: SubmittedRequest, waitMs: number): Promise<NodeOutcome> {
    return new Promise((ticket) => {
      this.#tell({ kind: "submitted", request: { ...request, ticket, deadlineMs: performance.now() + waitMs } });
    });
  }

  /** Asks something that changes nothing. */
  read(commands: Uint8Array, waitMs: number): Promise<NodeOutcome> {
    return new Promise((ticket) => {
      this.#tell({ kind: "asked", ticket, commands, deadlineMs: performance.now() + waitMs });
    });
  }

  /** Stops the node. All that waits gets an outcome. */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#ended.abort();
    this.#tell({ kind: "failed", reason: "it was told to stop" });
    this.#opened.resolve();
    this.#following.abort();
    this.#makeRoom();
    await this.#engine.close();
    await Promise.all(this.#underWay);
  }

  #tell(event: NodeEvent<Tell>): void {
    this.#events.push(event);
    // There are no more turns. Nothing can be done, and all who wait or ask are told so.
    if (this.#ended.signal.aborted) this.#turn();
    else this.#wake();
  }

  /** Has a turn come soon: what comes until then is of the same one. */
  #wake(): void {
    if (this.#isDue || this.#ended.signal.aborted) return;
    this.#isDue = true;
    queueMicrotask(() => this.#turn());
  }

  /** Has a turn come when the sockets were read. */
  async #wakeLater(): Promise<void> {
    if (this.#isDue || this.#ended.signal.aborted) return;
    this.#isDue = true;
    await socketsSeen();
    this.#turn();
  }

  #turn(): void {
    this.#isDue = false;
    const now = performance.now();
    this.#turnEndsAt = this.#ended.signal.aborted ? Infinity : now + turnMs;
    if (this.#events.length === 0 || now - this.#tickedAt >= newsMs) {
      this.#tickedAt = now;
      this.core.step({ kind: "tick", nowMs: now, clockMs: Date.now() });
    }
    this.#step();
    // Reads have a share of each turn, however much there is to apply.
    this.#turnEndsAt = Math.max(this.#turnEndsAt, performance.now() + readsMs);
    for (const effect of this.core.ready()) this.#perform(effect);
    if (this.#queuedBytes <= queuedBytesMax) this.#makeRoom();
    this.onTurn();
    if (this.#events.length > 0 || this.core.isBehind) this.#wakeLater();
  }

  /** Steps what has come, in its order, until the turn ends: each turn at least one event. */
  #step(): void {
    const events = this.#events;
    let count = 0;
    while (count < events.length && (count === 0 || performance.now() < this.#turnEndsAt)) {
      const event = events[count++];
      if (event.kind === "records") { for (const { bytes } of event.records) this.#queuedBytes -= bytes.length; }
      this.core.step(event);
    }
    this.#events = events.slice(count);
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Tells the core of records, one by one: a turn may end after each. Resolves when there is room for more. */
  async #queue(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    for (const record of records) {
      this.#queuedBytes += record.bytes.length;
      this.#tell({ kind: "records", records: [record] });
    }
    while (this.#queuedBytes > queuedBytesMax && !signal.aborted) {
      await (this.#room ??= Promise.withResolvers()).promise;
    }
  }

  #begin(act: () => Promise<void>): void {
    const under = act().catch((error) => this.#tell({ kind: "failed", reason: reasonOf(error) }))
      .finally(() => this.#underWay.delete(under));
    this.#underWay.add(under);
  }

  /** Begins something that needs an order which was opened. */
  #beginOpened(act: () => Promise<void>): void {
    this.#begin(async () => {
      await this.#opened.promise;
      if (!this.#ended.signal.aborted) await act();
    });
  }

  #perform(effect: NodeEffect<Tell>): void {
    switch (effect.kind) {
      case "append":
        return this.#beginOpened(() => this.#append(effect.lane, effect.k, effect.bytes));
      case "barrier":
        return this.#beginOpened(() => this.#barrier(effect.barrier));
      case "follow":
        return this.#follow(effect.after, effect.reread);
      case "beginEpoch":
        return this.#begin(() => this.#beginEpoch(effect.after));
      case "putSnapshot":
        return this.#begin(async () => {
          const { cut, snapshot } = effect;
          if (await this.#isDone(this.#engine.putSnapshot(cut, piecesOf(snapshot)))) {
            this.#tell({ kind: "snapshotPut", epoch: cut.epoch });
          }
        });
      case "trim":
        return this.#begin(async () => void await this.#isDone(this.#engine.trim(effect.epoch, otherMs)));
      case "announce":
        return this.#beginOpened(async () => {
          const sayings = await this.#engine.announce(effect.saying, otherMs).catch(() => undefined);
          if (sayings === undefined) return;
          this.#hearsay.heard(sayings, Date.now());
          for (const saying of sayings) this.#tell({ kind: "told", saying });
        });
      case "halt":
        return this.#following.abort();
      default: {
        const { ticket, ...outcome } = effect;
        ticket(outcome);
      }
    }
  }

  async #append(lane: number, k: number, bytes: Uint8Array): Promise<void> {
    try {
      const n = await this.#engine.append(lane, k, bytes, appendMs);
      this.#tell({ kind: "appended", lane, k, n });
    } catch (error) {
      if (error instanceof EngineRefusedError) this.#tell({ kind: "appendRefused", lane, k, reason: error.message });
      else this.#tell({ kind: "appendUnknown", lane, k });
      this.#stopIfFinal(error);
    }
  }

  async #barrier(barrier: number): Promise<void> {
    try {
      const n = await this.#engine.barrier(barrierMs);
      this.#tell({ kind: "barrierDone", barrier, n });
    } catch (error) {
      this.#tell({ kind: "barrierFailed", barrier });
      this.#stopIfFinal(error);
    }
  }

  async #beginEpoch(after: number): Promise<void> {
    try {
      const isMine = await this.#engine.beginEpoch(after, otherMs);
      this.#tell({ kind: "epochBegun", after, outcome: isMine ? "mine" : "other" });
    } catch (error) {
      const outcome = error instanceof EngineRefusedError ? "refused" : "unknown";
      this.#tell({ kind: "epochBegun", after, outcome });
    }
  }

  /** Whether something is done that may as well be done later. */
  async #isDone(promise: Promise<void>): Promise<boolean> {
    try {
      await promise;
      return true;
    } catch (error) {
      this.#stopIfFinal(error);
      return false;
    }
  }

  #stopIfFinal(error: unknown): void {
    if (error instanceof EngineRefusedError && error.isFinal) this.#tell({ kind: "failed", reason: error.message });
  }

  #follow(after: OrderPlace, reread: boolean): void {
    this.#following.abort();
    const { signal } = this.#following = new AbortController();
    const onComing = () => {
      if (!signal.aborted) this.#tell({ kind: "recordsComing" });
    };
    this.#begin(async () => {
      try {
        for await (const records of this.#engine.follow(after, reread, signal, onComing)) {
          if (signal.aborted) return;
          await this.#queue(records, signal);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof CompactedError) return await this.#openAgain();
        this.#stopIfFinal(error);
      }
      if (!signal.aborted) this.#tell({ kind: "followEnded" });
    });
  }

  /** Records that it needs were deleted. If that is said each time, as when a stranger has changed keys, it waits. */
  async #openAgain(): Promise<void> {
    const tooSoonMs = this.#openedAgainAtMs + openAgainMs - performance.now();
    if (tooSoonMs > 0) await pause(tooSoonMs, this.#ended.signal);
    this.#openedAgainAtMs = performance.now();
    await this.#open();
  }

  /** Takes in the latest snapshot, if it is of a later state, and follows from there. */
  async #open(): Promise<void> {
    while (!this.#ended.signal.aborted && this.core.halted === undefined) {
      try {
        const { cluster, snapshot } = await this.#engine.open(otherMs);
        if (cluster !== (this.#cluster ??= cluster)) {
          throw new HaltError(`The order was of the cluster ${this.#cluster}, and now it is of ${cluster}`);
        }
        if (snapshot !== undefined) await this.#restore(snapshot);
        // N10: a barrier before that could say that there are no records, and a read would see no data.
        this.#opened.resolve();
        return this.#tell({ kind: "restored", bytes: snapshot?.bytes ?? 0 });
      } catch (error) {
        this.#whyNotOpened = reasonOf(error);
        if (error instanceof EngineRefusedError ? error.isFinal : error instanceof Error && isDamage(error)) {
          throw error;
        }
        await pause(openAgainMs, this.#ended.signal);
      }
    }
  }

  /** Takes in a snapshot, if it is of a later state, in short steps. */
  async #restore(snapshot: StoredSnapshot): Promise<void> {
    const { cut } = snapshot;
    if (!this.core.wants(cut)) return;
    const restoring = this.core.restoring(cut);
    let begunAt = performance.now();
    for await (const piece of snapshot.pieces()) {
      for (let at = 0; at < piece.length; at += restoredBytes) {
        restoring.push(piece.subarray(at, at + restoredBytes));
        if (performance.now() - begunAt < turnMs) continue;
        await socketsSeen();
        begunAt = performance.now();
      }
    }
    // Records that waited may have been applied meanwhile: the state never goes back.
    if (this.core.wants(cut)) restoring.finish();
  }
}

/** Whether a snapshot is not what it should be: to read it again is of no use. */
function isDamage({ name }: Error): boolean {
  return name === "HaltError" || name === "DecodeError";
}

function* piecesOf(snapshot: Snapshot): Generator<Uint8Array> {
  while (snapshot.next === "ready") yield snapshot.take(takenBytes);
}
