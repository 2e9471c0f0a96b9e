/**
 * `deno task servers T --engine WHERE --restore BACKUP`: begins an order from a backup, before nodes start.
 *
 * @module
 */

import { resolve } from "node:path";
import type { Until } from "../../database/store/rewinding.ts";
import { neededFor } from "../../storage/read_backup.ts";
import { Child } from "../../runtime/child.ts";
import { within } from "../../runtime/within.ts";
import { causeOfExit } from "../causes.ts";
import { Telling } from "../how_far.ts";
import { type BackupProgress, type BackupStart, StartError } from "../launcher_events.ts";
import { reachedAt } from "../node_process.ts";
import { replicaEngineFlags } from "../replica_process.ts";
import { lookAtBackup } from "../restoring.ts";
import type { EngineReach } from "./nodes.ts";
import { parseRestoreSay, type RestoreSay, type RestoreTell } from "./restore_messages.ts";

/** Milliseconds that the process has to end by itself; when the start is interrupted, it leaves all as it was first. */
const endWithinMs = 3_000;

/** The program that restores. */
const restoreEntry: URL = new URL("./restore_main.ts", import.meta.url);

/** What happens while an order begins from a backup. */
export type RestoreEvent = ({ readonly kind: "restoring" } & BackupStart) | BackupProgress;

/** Which backup, and where. */
export interface BeginFromBackup {
  /** A file, a directory of backups, of which the newest is taken, or a backup in one. */
  readonly restore: string;
  /** Where its log is to end; undefined: where it does. */
  readonly until: Until | undefined;
  readonly engine: EngineReach;
  readonly onEvent: (event: RestoreEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Begins it; resolves when the order is there.
 *
 * @throws {StartError} if there is an order already, the backup is not sound, or etcd does not take it.
 */
export async function beginFromBackup(options: BeginFromBackup): Promise<void> {
  const { restore, until, engine, onEvent, signal } = options;
  const checking = new Telling((progress) => onEvent({ kind: "checking", ...progress }));
  const start = await within(signal, lookAtBackup(restore, until, undefined, (percent) => checking.reach(percent)));
  if (start === undefined) throw new StartError("The start was interrupted");
  onEvent({ kind: "restoring", ...start });
  const restoring = new Telling((progress) => onEvent({ kind: "restored", ...progress }));
  const done = Promise.withResolvers<boolean>();
  const refuse = (why: string) => done.reject(new StartError(`Cannot restore "${start.file}": ${why}`));
  const process = new Child<RestoreSay, RestoreTell>({
    args: argumentsFor(start, engine),
    parse: parseRestoreSay,
    onSay: (message) => {
      if (message.say === "done") done.resolve(true);
      else if (message.say === "restored") restoring.reach(message.percent);
      // A backup that is not sound says so itself.
      else if (message.message.startsWith("Cannot restore")) done.reject(new StartError(message.message));
      else refuse(message.message);
    },
    onStderr: () => {},
    onGarbage: ({ message }) => refuse(`its process wrote nonsense (${message})`),
  });
  process.exited.then(async (status) => {
    await process.drained;
    refuse(`its process ${causeOfExit(status)}; repeat the same command`);
  });
  process.tell({ tell: "engine", ...engine });
  try {
    if (!await within(signal, done.promise)) throw new StartError("The start was interrupted");
  } finally {
    if (signal.aborted) process.tell({ tell: "undo" });
    await process.stop(endWithinMs);
  }
}

function argumentsFor({ file, end }: BackupStart, { endpoints }: EngineReach): string[] {
  return [
    "run",
    "--quiet",
    "--no-prompt",
    replicaEngineFlags,
    `--allow-net=${[...new Set(endpoints.map(reachedAt))].join(",")}`,
    `--allow-read=${resolve(neededFor(file))}`,
    restoreEntry.href,
    `--restore=${resolve(file)}`,
    ...end === undefined ? [] : [`--until=${end.last.index}`],
  ];
}
