/**
 * etcd as an engine: an order of records in the keys of one prefix, by the JSON gateway (rules K1 to K10 of
 * docs/design/engine.md).
 *
 * @module
 */

import type { Cut, LogRecord, NodeSaying, OrderPlace } from "../core/order.ts";
import {
  CompactedError,
  type Engine,
  type EngineHealth,
  EngineRefusedError,
  EngineUnknownError,
  type OpenedOrder,
} from "../engine.ts";
import { Compacting } from "./compacting.ts";
import { EtcdFailure } from "./failures.ts";
import { type EtcdAccess, EtcdMembers } from "./gateway.ts";
import { clusterOf, newOrder, underWay } from "./format.ts";
import { healthOf, versionsOf } from "./health.ts";
import {
  base64,
  EtcdKeys,
  hasValue,
  isAbsent,
  type KeyValue,
  keyValuesOf,
  numberOf,
  putOf,
  rangeOf,
  textOf,
  txnOf,
} from "./keys.ts";
import { Sayings } from "./sayings.ts";
import { latestSnapshot, putSnapshot } from "./snapshots.ts";
import { hasSafeReads, refusalOfVersion } from "./versions.ts";
import { readAfter, watched } from "./watching.ts";

/** Milliseconds for the records that are there to be read. */
const readMs = 60_000;

/** How an engine uses etcd. */
export interface EtcdEngineOptions extends EtcdAccess {
  /** The prefix of its keys. */
  readonly prefix: string;
  /** Milliseconds for which old revisions stay; for tests. */
  readonly keptMs?: number;
  /** The name of the node: unique for each start of each node; letters, digits and "-". */
  readonly node: string;
}

/** An order in etcd. */
export class EtcdEngine implements Engine {
  readonly #members: EtcdMembers;
  readonly #access: EtcdAccess;
  readonly #keys: EtcdKeys;
  readonly #node: string;
  readonly #sayings: Sayings;
  readonly #compacting: Compacting;
  #epoch = 1;
  // Whether every member that was asked is of a version whose reads can be trusted.
  #hasSafeReads = false;

  constructor(options: EtcdEngineOptions) {
    this.#access = options;
    this.#members = new EtcdMembers(options);
    this.#keys = new EtcdKeys(options.prefix);
    this.#node = options.node;
    this.#compacting = new Compacting(options.keptMs);
    this.#sayings = new Sayings(this.#members, this.#keys.node(options.node), this.#keys.nodes);
  }

  async open(deadlineMs: number): Promise<OpenedOrder> {
    return await this.#sorted(async () => {
      const { format, epoch, restoring } = this.#keys;
      const cluster = crypto.getRandomValues(new Uint8Array(16)).toHex();
      const { answer } = await this.#members.call("/v3/kv/txn", {
        // K10: an order that is to begin from a backup must not begin without.
        compare: [isAbsent(format), isAbsent(restoring)],
        success: newOrder(this.#keys, cluster),
        failure: [format, epoch, restoring].map((key) => ({ request_range: rangeOf(key) })),
      }, deadlineMs);
      await this.#checkVersions(deadlineMs);
      const txn = txnOf(answer);
      if (txn.succeeded) return { cluster, epoch: 1, snapshot: undefined };
      if (txn.keys(0).length === 0 && txn.keys(2).length > 0) throw underWay(txn.keys(2)[0], restoring);
      const known = clusterOf(txn.keys(0)[0], format);
      this.#epoch = epochOf(txn.keys(1)[0], epoch);
      const snapshot = await latestSnapshot(this.#members, this.#keys, deadlineMs);
      return { cluster: known, epoch: this.#epoch, snapshot };
    });
  }

  /** K1. */
  async #checkVersions(deadlineMs: number): Promise<void> {
    const versions = await versionsOf(this.#members, this.#access.endpoints, deadlineMs);
    for (const version of versions) {
      const refusal = refusalOfVersion(version);
      if (refusal !== undefined) throw new EtcdFailure("final", refusal);
    }
    this.#hasSafeReads = versions.length === this.#access.endpoints.length && versions.every(hasSafeReads);
  }

  async *follow(
    after: OrderPlace,
    reread: boolean,
    signal: AbortSignal,
    onComing: () => void = () => {},
  ): AsyncGenerator<readonly LogRecord[]> {
    let { revision } = after;
    let mustRead = reread || revision === 0;
    for (;;) {
      try {
        if (mustRead) {
          const read = await readAfter(this.#members, this.#keys, after, readMs, signal, onComing);
          if (read === undefined) throw new CompactedError(`Records after ${after.n} were deleted`);
          if (read.records.length > 0) yield read.records;
          revision = read.revision;
        }
        yield* watched(this.#members, this.#keys, revision, signal, onComing);
        return this.#members.next();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof CompactedError) throw error;
        if (!(error instanceof EtcdFailure)) return this.#members.next();
        // K4: a watch that was compacted has lost nothing yet, as the records are keys of their own.
        if (error.kind === "compacted" && !mustRead) {
          mustRead = true;
          continue;
        }
        if (error.kind === "final" || error.kind === "denied") throw this.#meaningOf(error);
        return this.#members.next();
      }
    }
  }

  async append(lane: number, k: number, bytes: Uint8Array, deadlineMs: number): Promise<number> {
    return await this.#sorted(async () => {
      for (;;) {
        const { head, epoch: epochKey } = this.#keys;
        const epoch = this.#epoch;
        const key = this.#keys.record(epoch, this.#node, lane, k);
        const { answer } = await this.#members.call("/v3/kv/txn", {
          compare: [isAbsent(key), hasValue(epochKey, String(epoch))],
          success: [putOf(key, bytes), putOf(head, key), { request_range: rangeOf(head) }],
          failure: [
            { request_range: rangeOf(key, { keys_only: true }) },
            { request_range: rangeOf(epochKey) },
            { request_range: rangeOf(head) },
          ],
        }, deadlineMs);
        const txn = txnOf(answer);
        if (txn.succeeded) return txn.keys(2)[0]?.version ?? 0;
        // K5: nobody else uses this key, so it was an attempt of this very append.
        const [own] = txn.keys(0);
        const [last] = txn.keys(2);
        if (own !== undefined) return last?.modRevision === own.modRevision ? last.version : 0;
        const present = epochOf(txn.keys(1)[0], epochKey);
        if (present <= epoch) throw new EtcdFailure("final", `the key "${epochKey}" has gone back to ${present}`);
        this.#epoch = present;
      }
    });
  }

  async barrier(deadlineMs: number): Promise<number> {
    return await this.#sorted(async () => {
      const { head, barrier } = this.#keys;
      if (this.#hasSafeReads) {
        const { answer } = await this.#members.call("/v3/kv/range", rangeOf(head, { keys_only: true }), deadlineMs);
        return keyValuesOf(answer)[0]?.version ?? 0;
      }
      // K6: a write goes through the log of etcd, so it comes after all that was acknowledged.
      const request = { success: [putOf(barrier, ""), { request_range: rangeOf(head, { keys_only: true }) }] };
      const { answer } = await this.#members.call("/v3/kv/txn", request, deadlineMs);
      return txnOf(answer).keys(1)[0]?.version ?? 0;
    });
  }

  async beginEpoch(after: number, deadlineMs: number): Promise<boolean> {
    return await this.#sorted(async () => {
      const { epoch } = this.#keys;
      const { answer, isRepeated } = await this.#members.call("/v3/kv/txn", {
        compare: [hasValue(epoch, String(after))],
        success: [putOf(epoch, String(after + 1))],
      }, deadlineMs);
      if (txnOf(answer).succeeded) return true;
      // The first attempt may have begun it.
      if (isRepeated) throw new EtcdFailure("unknown", "nobody knows who has begun the epoch");
      return false;
    });
  }

  async putSnapshot(cut: Cut, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    await this.#sorted(() => putSnapshot(this.#members, this.#keys, this.#node, cut, pieces));
  }

  async trim(epoch: number, deadlineMs: number): Promise<void> {
    await this.#sorted(async () => {
      const manifest = this.#keys.manifest(epoch);
      const before = { limit: "1", sort_order: "DESCEND", sort_target: "KEY", keys_only: true };
      const { answer } = await this.#members.call(
        "/v3/kv/range",
        rangeOf(this.#keys.manifestsBefore(epoch), before),
        deadlineMs,
      );
      const [former] = keyValuesOf(answer);
      const kept = former === undefined ? epoch : this.#keys.epochOf(former.key);
      const deleted = [
        this.#keys.recordsBefore(epoch),
        this.#keys.manifestsBefore(kept),
        this.#keys.snapshotsBefore(kept),
      ];
      // K7: only where the snapshot is there.
      const txn = await this.#members.call("/v3/kv/txn", {
        compare: [{ key: base64(manifest), target: "CREATE", result: "GREATER", create_revision: "0" }],
        success: deleted.map((range) => ({ request_delete_range: rangeOf(range) })),
      }, deadlineMs);
      const { succeeded, revision } = txnOf(txn.answer);
      if (!succeeded) throw new EtcdFailure("refused", `there is no snapshot for epoch ${epoch}`);
      // Deleted keys take room until they are compacted.
      await this.#compact(revision, deadlineMs);
    });
  }

  async #compact(revision: number, deadlineMs: number): Promise<void> {
    await this.#members.call("/v3/kv/compaction", { revision: String(revision) }, deadlineMs).catch((error) => {
      // Somebody else has compacted as much, or more.
      if (!(error instanceof EtcdFailure) || error.kind !== "compacted") throw error;
    });
  }

  async health(deadlineMs: number): Promise<EngineHealth> {
    return await healthOf(this.#members, this.#access.endpoints, () => this.barrier(deadlineMs), deadlineMs);
  }

  async announce(saying: NodeSaying, deadlineMs: number): Promise<readonly NodeSaying[]> {
    return await this.#sorted(async () => {
      const { sayings, revision } = await this.#sayings.say(saying, deadlineMs);
      // K9: each barrier, each head and each saying leaves what it was before.
      const old = this.#compacting.next(revision, performance.now());
      if (old !== undefined) await this.#compact(old, deadlineMs);
      return sayings;
    });
  }

  close(): Promise<void> {
    this.#members.close();
    return Promise.resolve();
  }

  /** K2: what a failure means to a node. */
  async #sorted<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw error instanceof EtcdFailure ? this.#meaningOf(error) : error;
    }
  }

  #meaningOf(error: EtcdFailure): EngineUnknownError | EngineRefusedError {
    const { kind, message } = error;
    switch (kind) {
      case "unknown":
      case "compacted":
        return new EngineUnknownError(message, { cause: error });
      case "denied": {
        const right = `the right to read and write all keys with the prefix "${this.#keys.prefix}"`;
        const user = this.#access.user === undefined
          ? "name a user who has"
          : `give the user "${this.#access.user.name}"`;
        return new EngineRefusedError(`${message}; ${user} ${right}`, { cause: error, isFinal: true });
      }
      default:
        return new EngineRefusedError(message, { cause: error, isFinal: kind === "final" });
    }
  }
}

function epochOf(found: KeyValue | undefined, key: string): number {
  const epoch = found === undefined ? 0 : numberOf(textOf(found));
  if (epoch > 0) return epoch;
  throw new EtcdFailure("final", `the key "${key}" is gone: somebody has deleted keys of this order`);
}
