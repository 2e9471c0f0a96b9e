/**
 * The state of a backup as nodes have it: with all of its history in memory, and no session.
 *
 * @module
 */

import { Sites } from "../../database/store/sites.ts";
import type { Cut } from "../../engine/core/order.ts";
import { Replay } from "../../engine/core/replay.ts";
import { formatSize } from "../../front/sizes.ts";
import { logBytesMax } from "../../limits.ts";
import type { Snapshot } from "../../snapshot.ts";
import { BackupFileError } from "../../storage/backup_file.ts";
import { cannotRestore } from "../../storage/read_backup.ts";
import { ReplicaHistory } from "../../storage/replica_history.ts";
import { inSlices } from "../../storage/slices.ts";
import { zstdPacking } from "../../storage/zstd_packing.ts";
import { restoreInto } from "../restoring.ts";

/** What an order begins with. */
export interface BackupState {
  /** What the state is of: record 0, before all. */
  readonly cut: Cut;
  readonly snapshot: Snapshot;
}

/**
 * Reads a backup.
 *
 * @param last the index of the entry that the log is to end with; absent: its last one.
 * @param onPercent is told how far it is.
 * @param logBytes bytes that the history of a node may have.
 * @throws {BackupFileError} if it is not sound, or too large for the memory of nodes.
 */
export async function backupState(
  file: string,
  last?: number,
  onPercent?: (percent: number) => void,
  logBytes: number = logBytesMax,
): Promise<BackupState> {
  const history = ReplicaHistory.inMemory();
  const machine = new Sites({ packing: zstdPacking, reader: history.history, logBytes });
  const beginning = await restoreInto(machine, history, file, last, onPercent);
  // Nodes keep no files: what was sealed comes back into memory.
  if (machine.named.length > 0) await unseal(machine, file);
  const { bytes } = machine.logSize;
  if (bytes > logBytes) throw tooLarge(file, `its history has ${formatSize(bytes)}`, logBytes);
  const replay = new Replay(machine, beginning);
  return { cut: replay.cut(1), snapshot: replay.freeze() };
}

async function unseal(machine: Sites, file: string): Promise<void> {
  try {
    await inSlices(machine.rewinding(machine.lastEntry));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw tooLarge(file, `its history has no place in memory (${error.message})`, logBytesMax);
  }
}

function tooLarge(file: string, why: string, logBytes: number): BackupFileError {
  const advice = `nodes keep all history in memory, ${formatSize(logBytes)} at most`;
  return new BackupFileError(
    cannotRestore(file, `${why}, and ${advice}`).message.replace("; use another backup", "") +
      "; restore it into replicas, or restore less of it with --until",
  );
}
