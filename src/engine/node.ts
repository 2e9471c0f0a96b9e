/**
 * A node in a process: joins the core of a node to an engine, and does what the core wants.
 *
 * @module
 */

import { reasonOf } from "../reason.ts";
import { pause } from "../runtime/within.ts";
import type { Snapshot } from "../snapshot.ts";
import { NodeCore } from "./core/node_core.ts";
import type { NodeEffect, NodeEvent, NodeOptions, NodeRequest } from "./core/node_events.ts";
import type { NodeRefusal, OrderPlace } from "./core/order.ts";
import { CompactedError, type Engine, EngineRefusedError } from "./engine.ts";

/** Milliseconds between two ticks. */
const tickMs = 50;

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

/** One node. */
export class EngineNode {
  /** Decides everything, and has the state. */
  readonly core: NodeCore<Tell>;
  readonly #engine: Engine;
  readonly #events: NodeEvent<Tell>[] = [];
  readonly #ended = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  // Before an order was opened for the first time, it may not be there: nothing else can be asked of it.
  readonly #opened = Promise.withResolvers<void>();
  #following = new AbortController();
  #isDue = false;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(engine: Engine, options: NodeOptions) {
    this.#engine = engine;
    this.core = new NodeCore(options);
  }

  /** Opens the order and begins to follow it; requests may come at once. */
  start(): void {
    this.#ticker = setInterval(() => this.#wake(), tickMs);
    this.#begin(() => this.#open());
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
    this.#tell({ kind: "failed", reason: "the node was stopped" });
    this.#turn();
    this.#ended.abort();
    this.#opened.resolve();
    this.#following.abort();
    await this.#engine.close();
    await Promise.all(this.#underWay);
  }

  #tell(event: NodeEvent<Tell>): void {
    this.#events.push(event);
    this.#wake();
  }

  /** Has a turn come soon: what comes until then is of the same one. */
  #wake(): void {
    if (this.#isDue || this.#ended.signal.aborted) return;
    this.#isDue = true;
    queueMicrotask(() => this.#turn());
  }

  #turn(): void {
    this.#isDue = false;
    this.core.step({ kind: "tick", nowMs: performance.now(), clockMs: Date.now() });
    for (const event of this.#events.splice(0)) this.core.step(event);
    for (const effect of this.core.ready()) this.#perform(effect);
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
          const sayings = await this.#engine.announce(effect.saying, otherMs).catch(() => []);
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
    this.#begin(async () => {
      try {
        for await (const records of this.#engine.follow(after, reread, signal)) {
          if (signal.aborted) return;
          this.#tell({ kind: "records", records });
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof CompactedError) return await this.#open();
        this.#stopIfFinal(error);
      }
      if (!signal.aborted) this.#tell({ kind: "followEnded" });
    });
  }

  /** Takes in the latest snapshot, if it is of a later state, and follows from there. */
  async #open(): Promise<void> {
    while (!this.#ended.signal.aborted && this.core.halted === undefined) {
      try {
        const { snapshot } = await this.#engine.open(otherMs);
        this.#opened.resolve();
        const isLater = snapshot !== undefined && snapshot.cut.n > this.core.place.n;
        if (isLater) {
          const restoring = this.core.restoring(snapshot.cut);
          for await (const piece of snapshot.pieces()) restoring.push(piece);
          restoring.finish();
        }
        return this.#tell({ kind: "restored", bytes: snapshot?.bytes ?? 0 });
      } catch (error) {
        if (error instanceof EngineRefusedError ? error.isFinal : error instanceof Error && isDamage(error)) {
          throw error;
        }
        await pause(openAgainMs, this.#ended.signal);
      }
    }
  }
}

/** Whether a snapshot is not what it should be: to read it again is of no use. */
function isDamage({ name }: Error): boolean {
  return name === "HaltError" || name === "DecodeError";
}

function* piecesOf(snapshot: Snapshot): Generator<Uint8Array> {
  while (snapshot.next === "ready") yield snapshot.take(takenBytes);
}
