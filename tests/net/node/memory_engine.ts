/**
 * An engine in memory: it does what an engine promises, and stops doing so where a test wants that.
 *
 * @module
 */

import type { Cut, LogRecord, NodeSaying, OrderPlace } from "../../../src/engine/core/order.ts";
import {
  CompactedError,
  type Engine,
  type EngineHealth,
  EngineRefusedError,
  EngineUnknownError,
  type OpenedOrder,
  type StoredSnapshot,
} from "../../../src/engine/engine.ts";
import { pause, within } from "../../../src/runtime/within.ts";

/** An order that several engines keep together. */
export class MemoryOrder {
  cluster = crypto.getRandomValues(new Uint8Array(16)).toHex();
  readonly records: LogRecord[] = [];
  readonly sayings = new Map<string, NodeSaying>();
  readonly #keys = new Map<string, number>();
  /** Resolves, and is another one, when there is one record more. */
  more = Promise.withResolvers<void>();

  /** Appends a record, unless it is there. */
  append(key: string, bytes: Uint8Array): number {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    const n = this.records.length + 1;
    this.records.push({ n, revision: n, epoch: 1, bytes });
    this.#keys.set(key, n);
    this.more.resolve();
    this.more = Promise.withResolvers();
    return n;
  }
}

/** One node's engine. */
export class MemoryEngine implements Engine {
  readonly order: MemoryOrder;
  readonly #node: string;
  readonly #ended = new AbortController();
  #compacted = Promise.withResolvers<void>();
  /** Whether a majority answers. Without one, nobody knows what has become of an append. */
  hasQuorum = true;
  /** Resolves when the order may be opened. */
  opening: Promise<void> = Promise.resolve();
  /** The snapshot in it; undefined: none. */
  snapshot: StoredSnapshot | undefined;
  /** Why appends are refused; undefined: they are not. */
  refusal: string | undefined;
  /** Records that it gives at a time, and how many it has given. */
  pageRecords = 100;
  given = 0;
  /** What a barrier says more, or less, than there are records. */
  barrierOffset = 0;
  warnings: readonly string[] = [];
  /** How often it was asked for each thing. */
  readonly asked = { append: 0, barrier: 0, health: 0 };

  constructor(order: MemoryOrder, node: string) {
    this.order = order;
    this.#node = node;
  }

  async open(): Promise<OpenedOrder> {
    await within(this.#ended.signal, this.opening);
    return { cluster: this.order.cluster, epoch: 1, snapshot: this.snapshot };
  }

  /** Ends the stream: records that it would give were deleted. */
  compact(): void {
    this.#compacted.resolve();
  }

  async *follow(after: OrderPlace, _reread: boolean, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const ended = AbortSignal.any([signal, this.#ended.signal]);
    const compacted = this.#compacted.promise.then(() => {
      this.#compacted = Promise.withResolvers();
      throw new CompactedError("records were deleted");
    });
    compacted.catch(() => {});
    for (let n = after.n; !ended.aborted;) {
      const { records, more } = this.order;
      if (records.length > n && this.hasQuorum) {
        const some = records.slice(n, n + this.pageRecords);
        n += some.length;
        this.given += some.length;
        yield some;
      } else await Promise.race([compacted, this.hasQuorum ? within(ended, more.promise) : pause(20, ended)]);
    }
  }

  async append(lane: number, k: number, bytes: Uint8Array, deadlineMs: number): Promise<number> {
    this.asked.append++;
    await this.#answering(deadlineMs);
    if (this.refusal !== undefined) throw new EngineRefusedError(this.refusal);
    return this.order.append(`${this.#node}/${lane}/${k}`, bytes);
  }

  async barrier(deadlineMs: number): Promise<number> {
    this.asked.barrier++;
    const n = this.order.records.length;
    await this.#answering(deadlineMs);
    return n + this.barrierOffset;
  }

  /** Takes a moment, as a network does. */
  async #answering(deadlineMs: number): Promise<void> {
    await pause(1, this.#ended.signal);
    if (this.hasQuorum) return;
    await pause(Math.min(deadlineMs, 200), this.#ended.signal);
    throw new EngineUnknownError("no majority answers");
  }

  beginEpoch(): Promise<boolean> {
    return Promise.resolve(false);
  }

  putSnapshot(_cut: Cut): Promise<void> {
    return Promise.resolve();
  }

  trim(): Promise<void> {
    return Promise.resolve();
  }

  health(): Promise<EngineHealth> {
    this.asked.health++;
    const member = { address: "http://127.0.0.1:2379", version: "3.4.23", isLeader: true };
    return Promise.resolve({ hasQuorum: this.hasQuorum, members: [member], warnings: this.warnings });
  }

  announce(saying: NodeSaying): Promise<readonly NodeSaying[]> {
    this.order.sayings.set(saying.node, saying);
    return Promise.resolve([...this.order.sayings.values()].filter(({ node }) => node !== saying.node));
  }

  close(): Promise<void> {
    this.#ended.abort();
    return Promise.resolve();
  }
}
