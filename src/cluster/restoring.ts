/**
 * A start from a backup: what the launcher finds out before it makes anything, and what each replica then does.
 *
 * The launcher decides where the log is to end, so that a time means the same entry to all replicas.
 *
 * @module
 */

import { basename, resolve } from "node:path";
import { type MakeSites, Sites } from "../database/store/sites.ts";
import type { LogEnd, Until } from "../database/store/rewinding.ts";
import { exactTime } from "../formats/times.ts";
import { type Beginning, beginningWith } from "../protocol/replica/executor.ts";
import { reasonOf } from "../reason.ts";
import { BackupFileError } from "../storage/backup_file.ts";
import { headOf } from "../storage/backup_names.ts";
import type { SegmentRef } from "../history.ts";
import { backupAt, cannotRestore, keeping, readBackupFile, replayBackup } from "../storage/read_backup.ts";
import type { StateMachine } from "../state_machine.ts";
import { StagedWork, type Stages } from "./how_far.ts";
import { sizeOf } from "../storage/file_claim.ts";
import { inSlices } from "../storage/slices.ts";
import type { BackupContents } from "../storage/backup_format.ts";
import { copyingHistory, historyIn, isUnsound, whyNotNamed } from "../storage/copied_history.ts";
import { stepping } from "../storage/history_folder.ts";
import type { ReplicaHistory } from "../storage/replica_history.ts";
import { zstdPacking } from "../storage/zstd_packing.ts";
import { type BackupStart, StartError } from "./launcher_events.ts";

/** A part of the work on a backup. */
type RestoreStage = keyof typeof nanoseconds;

/** Bytes of a backup: of its state, with the newest entries, and of its sealed history. */
interface BackupSizes {
  readonly state: number;
  readonly history: number;
}

/** About how long each takes; entries have 17 bytes in a state, and 4.5 in sealed history. */
const nanoseconds = {
  check: ({ state, history }: BackupSizes) => 5 * (state + history),
  read: ({ state }: BackupSizes) => 70 * state,
  find: ({ state, history }: BackupSizes) => 30 * state + 120 * history,
  copy: ({ history }: BackupSizes) => 25 * history,
  rewind: ({ state, history }: BackupSizes) => 75 * state + 290 * history,
} as const;

/** Says how far a start from a backup is. */
class RestoreWork extends StagedWork<RestoreStage> {
  readonly #stages: readonly RestoreStage[];

  /** Work on a backup at a place that will have these stages. */
  constructor(file: string, stages: readonly RestoreStage[], onPercent: ((percent: number) => void) | undefined) {
    super(onPercent);
    this.#stages = stages;
    // Most of a large file is history. The bytes beside a head are not known yet.
    const history = headOf(basename(file)) === undefined ? sizeOf(file) ?? 0 : 0;
    this.#planFor({ state: 0, history });
  }

  #planFor(sizes: BackupSizes): void {
    this.plan(
      Object.fromEntries(this.#stages.map((stage) => [stage, nanoseconds[stage](sizes)])) as Stages<RestoreStage>,
    );
  }

  /** Reads the backup. @throws {BackupFileError} */
  async readFile(file: string): Promise<BackupContents> {
    const backup = await readBackupFile(file, (share) => this.reach("check", share));
    const { database, segments } = backup;
    this.#planFor({ state: database.length, history: segments.reduce((sum, { bytes }) => sum + bytes, 0) });
    return backup;
  }

  /** Steps that give the index of the entry that they have come to, of `entries`. */
  *following<T>(stage: RestoreStage, steps: Generator<number, T>, entries: number): Generator<void, T> {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      this.reach(stage, value / entries);
      yield;
    }
  }
}

/**
 * Looks at a backup before anything is made. All replicas read it themselves.
 *
 * @param place a file, a directory of backups, of which the newest is taken, or a backup in one.
 * @param until absent: all of it.
 * @param makeSites makes the machine that a replica has; absent: as usual.
 * @param onPercent is told how far it is.
 * @throws {StartError} if it is not sound, or has no such end.
 */
export async function lookAtBackup(
  place: string,
  until: Until | undefined,
  makeSites: MakeSites = (reader) => new Sites({ packing: zstdPacking, reader, logBytes: Infinity }),
  onPercent: (percent: number) => void = () => {},
): Promise<BackupStart> {
  if (resolve(place).includes(",")) {
    // Replicas are granted other files by their names.
    throw new StartError(`Cannot restore from "${place}": there is a comma in its name; choose another one`);
  }
  let file = place;
  try {
    file = backupAt(place);
    using _ = keeping(file);
    const work = new RestoreWork(
      file,
      until === undefined ? ["check"] : ["check", "read", "find", "rewind"],
      onPercent,
    );
    const backup = await work.readFile(file);
    const { header: { index } } = backup;
    if (until === undefined) return { ...backup.header, file, redactions: 0 };
    const machine = makeSites(historyIn(backup));
    await replay(machine, backup, file, work);
    const end = await inSlices(work.following("find", machine.findEnd(until), machine.lastEntry));
    checkEnd(file, until, end, machine.lastEntry);
    const redactions = await rewind(machine, end.last.index, work);
    return { file, index, sites: machine.size, end, redactions };
  } catch (error) {
    if (isUnsound(error)) throw new StartError(cannotRestore(file, error.message).message);
    throw error instanceof BackupFileError ? new StartError(error.message) : error;
  }
}

function checkEnd(file: string, until: Until, { last, next }: LogEnd, lastEntry: number): void {
  if (until.kind === "index" && until.index > lastEntry) {
    throw new StartError(`Cannot restore "${file}" until entry ${until.index}: its last entry is ${lastEntry}`);
  }
  // What every new database has counts as recorded at the beginning of time.
  if (until.kind === "time" && last.index === 1 && next !== undefined) {
    const [wanted, first] = [until.time, next.recordedAt].map(exactTime);
    throw new StartError(`Cannot restore "${file}" until ${wanted}: its first entry was recorded at ${first}`);
  }
}

/**
 * Brings a new machine to what a backup says, and says what a replica with it begins with. The sealed history of the
 * backup is on the disk when this returns.
 *
 * @param history what the machine reads, where nothing is named yet.
 * @param last the index of the entry that the log is to end with; absent: its last one.
 * @param onPercent is told how far it is.
 * @throws {BackupFileError} if the backup is not sound.
 * @throws {StorageError} if the disk does not take the history.
 */
export async function restoreInto(
  machine: StateMachine,
  history: ReplicaHistory,
  file: string,
  last?: number,
  onPercent?: (percent: number) => void,
): Promise<Beginning> {
  using _ = keeping(file);
  const stages: RestoreStage[] = ["check", "read", "copy", ...last === undefined ? [] : ["rewind" as const]];
  const work = new RestoreWork(file, stages, onPercent);
  const backup = await work.readFile(file);
  const beginning = beginningWith(backup.header.index, backup.database.length);
  const { digest } = beginning;
  await replay(machine, backup, file, work, (part) => digest.some(part));
  const bytes = backup.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  let copied = 0;
  try {
    const from = historyIn(backup);
    const onSegment = (segment: SegmentRef) => work.reach("copy", (copied += from.fileBytes(segment)) / bytes);
    await stepping(history, copyingHistory(from, history.history, onSegment));
  } catch (error) {
    throw isUnsound(error) ? cannotRestore(file, error.message) : error;
  }
  if (last === undefined) return beginning;
  // Two that end elsewhere must not look the same.
  digest.number(last);
  await rewind(machine, last, work);
  // The log that was read is not that of the machine any more: it seals its own.
  await stepping(history, history.history.restored(machine.named ?? []));
  return beginning;
}

/** Brings a machine to the state of a backup, whose history is what it reads. @throws {BackupFileError} */
async function replay(
  machine: StateMachine,
  backup: BackupContents,
  file: string,
  work: RestoreWork,
  onPart?: (part: Uint8Array) => void,
): Promise<void> {
  let read = 0;
  try {
    await replayBackup(machine.restoring(), backup.database, (part) => {
      onPart?.(part);
      work.reach("read", (read += part.length) / backup.database.length);
    });
    const renewing = machine.renewing?.();
    if (renewing !== undefined) await inSlices(renewing);
    machine.liftBound?.();
  } catch (error) {
    throw cannotRestore(file, reasonOf(error));
  }
  const why = whyNotNamed(backup, machine.named ?? []);
  if (why !== undefined) throw cannotRestore(file, why);
}

async function rewind(machine: StateMachine, last: number, work: RestoreWork): Promise<number> {
  if (last >= machine.lastEntry) return 0;
  if (machine.rewinding === undefined) throw new Error("this machine cannot go back");
  try {
    return await inSlices(work.following("rewind", machine.rewinding(last), machine.lastEntry));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // It is built in memory, and sealed later.
    throw new BackupFileError(
      `Cannot restore until entry ${last}: a log up to there has no place in memory (${error.message}); ` +
        "restore all of it",
    );
  }
}
