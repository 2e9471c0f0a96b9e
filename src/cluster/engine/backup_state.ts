/**
 * The state of a backup as nodes have it: with all of its history in memory, and no session.
 *
 * @module
 */

import { type MakeSites, Sites } from "../../database/store/sites.ts";
import type { Cut } from "../../engine/core/order.ts";
import { Replay } from "../../engine/core/replay.ts";
import { formatSize } from "../../front/sizes.ts";
import { logBytesMax } from "../../limits.ts";
import type { Snapshot } from "../../snapshot.ts";
import { BackupFileError } from "../../storage/backup_file.ts";
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

/** How a backup is read. */
export interface BackupStateOptions {
  /** The index of the entry that the log is to end with; absent: its last one. */
  readonly last?: number;
  /** Is told how far it is. */
  readonly onPercent?: (percent: number) => void;
  /** Bytes that the history of a node may have; absent: as many as usual. */
  readonly logBytes?: number;
  /** Makes the machine; absent: as nodes have it. */
  readonly makeSites?: MakeSites;
}

/**
 * Reads a backup.
 *
 * @throws {BackupFileError} if it is not sound, or too large for the memory of nodes.
 */
export async function backupState(file: string, options: BackupStateOptions = {}): Promise<BackupState> {
  const { last, onPercent, logBytes = logBytesMax } = options;
  const { makeSites = (reader) => new Sites({ packing: zstdPacking, reader, logBytes }) } = options;
  const history = ReplicaHistory.inMemory();
  const machine = makeSites(history.history);
  const beginning = await restoreInto(machine, history, file, last, onPercent);
  // Nodes keep no files: what was sealed comes back into memory.
  if (machine.named.length > 0) await unseal(machine, file);
  const { bytes } = machine.logSize;
  if (bytes > logBytes) throw tooLarge(file, `its history takes ${formatSize(bytes)}`, logBytes);
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
  const bound = `nodes keep all history in memory, ${formatSize(logBytes)} at most`;
  return new BackupFileError(
    `Cannot restore from "${file}": ${why}, and ${bound}; restore less of it with --until, or restore it into replicas`,
  );
}
