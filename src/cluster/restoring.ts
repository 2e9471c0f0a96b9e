/**
 * A start from a backup: what the launcher finds out before it makes anything, and what each replica then does.
 *
 * The launcher decides where the log is to end, so that a time means the same entry to all replicas.
 *
 * @module
 */

import { resolve } from "node:path";
import { Sites } from "../database/store/sites.ts";
import type { LogEnd, Until } from "../database/store/rewinding.ts";
import { exactTime } from "../formats/times.ts";
import { type Beginning, beginningWith } from "../protocol/replica/executor.ts";
import { reasonOf } from "../reason.ts";
import { BackupFileError, cannotRestore, readBackupFile, replayBackup } from "../storage/backup_file.ts";
import type { StateMachine } from "../state_machine.ts";
import { inSlices } from "../storage/slices.ts";
import { zstdPacking } from "../storage/zstd_packing.ts";
import { type BackupStart, StartError } from "./launcher_events.ts";

/**
 * Looks at a backup before anything is made. All replicas read it themselves.
 *
 * @param until absent: all of it.
 * @throws {StartError} if it is not sound, or has no such end.
 */
export async function lookAtBackup(file: string, until: Until | undefined): Promise<BackupStart> {
  if (resolve(file).includes(",")) {
    // Replicas are granted other files by their names.
    throw new StartError(`Cannot restore from "${file}": there is a comma in its name; choose another one`);
  }
  try {
    if (until === undefined) return { ...(await readBackupFile(file)).header, redactions: 0 };
    const machine = new Sites({ packing: zstdPacking });
    const { executed: index } = await restoreInto(machine, file);
    const end = await inSlices(machine.findEnd(until));
    checkEnd(file, until, end, machine.lastEntry);
    const redactions = await rewind(machine, end.last.index);
    return { index, sites: machine.size, end, redactions };
  } catch (error) {
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
 * Brings a new machine to what a backup says, and says what a replica with it begins with.
 *
 * @param last the index of the entry that the log is to end with; absent: its last one.
 * @throws {BackupFileError} if the backup is not sound.
 */
export async function restoreInto(machine: StateMachine, file: string, last?: number): Promise<Beginning> {
  const { header, database } = await readBackupFile(file);
  const beginning = beginningWith(header.index, database.length);
  const { digest } = beginning;
  try {
    await replayBackup(machine.restoring(), database, (part) => digest.some(part));
    const renewing = machine.renewing?.();
    if (renewing !== undefined) await inSlices(renewing);
  } catch (error) {
    throw cannotRestore(file, reasonOf(error));
  }
  if (last === undefined) return beginning;
  // Two that end elsewhere must not look the same.
  digest.number(last);
  await rewind(machine, last);
  return beginning;
}

async function rewind(machine: StateMachine, last: number): Promise<number> {
  if (last >= machine.lastEntry) return 0;
  if (machine.rewinding === undefined) throw new Error("this machine cannot go back");
  return await inSlices(machine.rewinding(last));
}
