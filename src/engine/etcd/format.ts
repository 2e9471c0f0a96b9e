/**
 * The key that says that there is an order below a prefix, and of which cluster it is.
 *
 * @module
 */

import { quoted } from "../../quoted.ts";
import { EtcdFailure } from "./failures.ts";
import type { EtcdJson } from "./gateway.ts";
import { type EtcdKeys, type KeyValue, putOf, textOf } from "./keys.ts";

/** The version of the layout of keys. */
const layoutVersion = 1;

/** What makes an order, all in one transaction. */
export function newOrder({ format, epoch, barrier }: EtcdKeys, cluster: string): EtcdJson[] {
  return [putOf(format, JSON.stringify({ version: layoutVersion, cluster })), putOf(epoch, "1"), putOf(barrier, "")];
}

/** The id of the cluster that a prefix holds. @throws {EtcdFailure} "final", if it holds something else. */
export function clusterOf(format: KeyValue | undefined, key: string): string {
  const text = format === undefined ? "" : textOf(format);
  try {
    const { version, cluster } = JSON.parse(text);
    if (version === layoutVersion && /^[0-9a-f]{32}$/.test(cluster)) return cluster;
  } catch {
    // Said below.
  }
  throw new EtcdFailure(
    "final",
    `the key "${key}" has "${text.slice(0, 80)}": that is not an order of version ${layoutVersion}`,
  );
}

/** What a restore that is under way says of itself. */
export interface RestoreMark {
  /** Unique for each attempt. */
  readonly by: string;
  /** The backup, as the person has named it. */
  readonly backup: string;
  /** When it began, in milliseconds since 1970. */
  readonly atMs: number;
}

/** Why an order cannot be opened that is to begin from a backup: somebody must finish that first. */
export function underWay(mark: KeyValue, key: string): EtcdFailure {
  const what = describeMark(mark);
  return new EtcdFailure(
    "refused",
    `${what}, and has not ended: if it does not run any more, repeat the same command, or delete the key "${key}" ` +
      "to begin without data",
  );
}

/** A restore in words; somebody else may have written the mark. */
function describeMark(mark: KeyValue): string {
  try {
    const { backup, atMs } = JSON.parse(textOf(mark));
    return `a restore of ${quoted(String(backup).slice(0, 200))} has begun at ${new Date(atMs).toISOString()}`;
  } catch {
    return "a restore has begun";
  }
}
