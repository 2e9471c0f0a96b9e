/**
 * Begins an order in etcd from a backup: its first snapshot is of record 0 (rule K10 of docs/design/engine.md).
 *
 * The order is there when the last transaction is done, whole, or not at all. While a restore is under way, a mark says
 * so: nodes that open the order meanwhile wait, and do not begin one without data. A restore that has ended half way
 * leaves its mark; the next one takes its place, and deletes what it has left.
 *
 * @module
 */

import { quoted } from "../../quoted.ts";
import type { Cut } from "../core/order.ts";
import { EtcdFailure } from "./failures.ts";
import { clusterOf, newOrder, type RestoreMark } from "./format.ts";
import { type EtcdAccess, EtcdMembers } from "./gateway.ts";
import { versionsOf } from "./health.ts";
import { EtcdKeys, hasValue, isAbsent, keyValuesOf, putOf, rangeOf, txnOf } from "./keys.ts";
import { pieceMs, putPieces, type SnapshotSource } from "./snapshots.ts";
import { refusalOfVersion } from "./versions.ts";

/** Keys of which a restore says the first one that is in its way. */
const keysMax = 1_000;

/** What a restore is of. */
export interface EtcdRestoreOptions extends EtcdAccess {
  /** The prefix of the keys. */
  readonly prefix: string;
  /** The name of the restore: unique for each attempt; letters, digits and "-". */
  readonly by: string;
  /** The backup, as the person has named it. */
  readonly backup: string;
  /** When it begins, in milliseconds since 1970. */
  readonly atMs: number;
}

/** A restore of one backup to one prefix. */
export class EtcdRestore {
  readonly #endpoints: readonly string[];
  readonly #members: EtcdMembers;
  readonly #keys: EtcdKeys;
  readonly #by: string;
  readonly #mark: string;

  constructor(options: EtcdRestoreOptions) {
    const { prefix, by, backup, atMs, endpoints } = options;
    this.#endpoints = endpoints;
    this.#members = new EtcdMembers(options);
    this.#keys = new EtcdKeys(prefix);
    this.#by = by;
    this.#mark = JSON.stringify({ by, backup, atMs } satisfies RestoreMark);
  }

  /**
   * Takes the prefix for this restore; one that is under way there loses it.
   *
   * @throws {EtcdFailure} if there is an order or something else; nothing was changed.
   */
  async begin(deadlineMs: number): Promise<void> {
    const { prefix, format, epoch, head, restoring, all, snapshots } = this.#keys;
    for (const version of await versionsOf(this.#members, this.#endpoints, deadlineMs)) {
      const refusal = refusalOfVersion(version);
      if (refusal !== undefined) throw new EtcdFailure("final", refusal);
    }
    const { answer } = await this.#members.call(
      "/v3/kv/range",
      rangeOf(all, { keys_only: true, limit: String(keysMax) }),
      deadlineMs,
    );
    const found = keyValuesOf(answer).map(({ key }) => key);
    if (found.includes(format)) throw this.#occupied(await this.#cluster(deadlineMs));
    const other = found.find((key) => key !== restoring && !key.startsWith(snapshots.key));
    if (other !== undefined) {
      const what = `there are other keys below ${quoted(prefix)} already, such as ${quoted(other)}`;
      throw new EtcdFailure("final", `${what}; nothing was changed: name another prefix`);
    }
    const txn = await this.#members.call("/v3/kv/txn", {
      compare: [format, epoch, head].map(isAbsent),
      success: [putOf(restoring, this.#mark), { request_delete_range: rangeOf(snapshots) }],
    }, deadlineMs);
    if (!txnOf(txn.answer).succeeded) throw this.#occupied(await this.#cluster(deadlineMs));
  }

  /**
   * Makes the order with this state.
   *
   * @param cut what the state is: of record 0, in epoch 1.
   * @returns the id of the new cluster.
   * @throws {EtcdFailure} "refused", if somebody else has taken the prefix meanwhile, or etcd refuses; "unknown", if
   * nobody knows.
   */
  async finish(cut: Cut, source: SnapshotSource, deadlineMs: number): Promise<string> {
    const { restoring, format } = this.#keys;
    const mine = hasValue(restoring, this.#mark);
    const manifest = await putPieces(this.#keys, this.#by, cut, source, async (put) => {
      const { answer } = await this.#members.call("/v3/kv/txn", { compare: [mine], success: [put] }, pieceMs);
      if (!txnOf(answer).succeeded) throw await this.#overtaken(deadlineMs);
    });
    const cluster = crypto.getRandomValues(new Uint8Array(16)).toHex();
    const { answer } = await this.#members.call("/v3/kv/txn", {
      compare: [mine, isAbsent(format)],
      success: [
        ...newOrder(this.#keys, cluster),
        putOf(this.#keys.manifest(cut.epoch), JSON.stringify(manifest)),
        { request_delete_range: rangeOf(restoring) },
      ],
    }, deadlineMs);
    // The first attempt of it may have been done.
    if (!txnOf(answer).succeeded && await this.#cluster(deadlineMs) !== cluster) {
      throw await this.#overtaken(deadlineMs);
    }
    return cluster;
  }

  /** Leaves the prefix as it was, if nobody else has taken it. */
  async undo(deadlineMs: number): Promise<void> {
    const { restoring, snapshots } = this.#keys;
    await this.#members.call("/v3/kv/txn", {
      compare: [hasValue(restoring, this.#mark)],
      success: [restoring, snapshots].map((range) => ({ request_delete_range: rangeOf(range) })),
    }, deadlineMs);
  }

  /** Ends everything that is under way. */
  close(): void {
    this.#members.close();
  }

  /** The cluster of the order that is there; undefined: there is none. */
  async #cluster(deadlineMs: number): Promise<string | undefined> {
    const { format } = this.#keys;
    const { answer } = await this.#members.call("/v3/kv/range", rangeOf(format), deadlineMs);
    const [found] = keyValuesOf(answer);
    return found === undefined ? undefined : clusterOf(found, format);
  }

  #occupied(cluster: string | undefined): EtcdFailure {
    const which = cluster === undefined ? "an order" : `the cluster ${cluster.slice(0, 8)}`;
    const what = `below ${quoted(this.#keys.prefix)} there is ${which} already; nothing was changed`;
    return new EtcdFailure("final", `${what}: leave --restore out to use it, or name another prefix`);
  }

  async #overtaken(deadlineMs: number): Promise<EtcdFailure> {
    const cluster = await this.#cluster(deadlineMs);
    if (cluster !== undefined) return this.#occupied(cluster);
    const what = `somebody else has begun to restore below ${quoted(this.#keys.prefix)} meanwhile`;
    return new EtcdFailure("final", `${what}: let only one do it`);
  }
}
