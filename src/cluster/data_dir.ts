/**
 * The data directory of a cluster. Each replica has a file in it, and a folder with its sealed history, which only that
 * replica reads. The launcher holds `cluster.db` for its whole life, so that there is one launcher at a time.
 *
 * A file is never overwritten or removed once a replica may have said what is in it: one that is given up gets another
 * name.
 *
 * @module
 */

import { resolve } from "node:path";
import { type CleanStop, ClusterFile, type ClusterRecord } from "../storage/cluster_file.ts";
import { clusterIdOf } from "../cluster_id.ts";
import { authFileName } from "../secrets/auth_store.ts";
import { syncFolderOf } from "../storage/file_claim.ts";
import { ownDirectoryMode } from "../storage/own_modes.ts";
import { awaitUnused, SavedFiles } from "../storage/saved_files.ts";
import { historyFolderOf } from "../storage/segment_names.ts";
import { StorageError } from "../storage/storage_error.ts";
import { slotsMax } from "../uid.ts";
import type { Found } from "../protocol/replica/recovery.ts";
import { reasonOf } from "../reason.ts";
import { type ColdStart, type ColdStartPlan, obstacleToJoin, type SlotFile } from "./cold_start.ts";
import { clientTokenName } from "./cluster_access.ts";
import { adviceToMove, replicaFileName, restoreOption } from "./cold_start_refusals.ts";
import { type BackupStart, type LauncherOptions, StartError } from "./launcher_events.ts";
import { Registry } from "./registry.ts";
import { type DataFile, fileSuffixes } from "./replica_process.ts";

const clusterFileName = "cluster.db";

/** Files with tokens, which may be there before the first start. */
const accessFiles: readonly string[] = [authFileName, clientTokenName];

/** How the name of the folder begins that has the files before a forced start; the slot of that replica follows. */
const beforeForced = "before-force-from-";

/** An open data directory. */
export class DataDir extends Registry {
  readonly #file: ClusterFile;
  /** Nothing was here before, and nobody can have said anything that is in here. */
  #isDisposable: boolean;
  /** A mark that was removed for a start in which no replica was told yet who it is. */
  #unused: CleanStop | undefined;
  /** The files as they were before a start that is forced and has not succeeded yet. */
  #before: SavedFiles | undefined;

  private constructor(
    /** As it was named. */
    readonly directory: string,
    file: ClusterFile,
    basePort: number,
    /** How many slots there were so far. */
    readonly slots: number,
    isDisposable: boolean,
    /** The backup that it is to begin with; undefined: none. */
    readonly backup: BackupStart | undefined,
    before: SavedFiles | undefined,
  ) {
    super(basePort, file);
    this.#file = file;
    this.#before = before;
    this.#isDisposable = isDisposable;
  }

  /**
   * Opens a directory, or makes it.
   *
   * @param backup what the cluster is to begin with; absent: what is in the directory.
   * @throws {StartError} if it cannot be used.
   */
  static async open(directory: string, options: LauncherOptions, backup?: BackupStart): Promise<DataDir> {
    if (options.logDir !== undefined) checkName(options.logDir);
    await undoInterrupted(directory);
    const names = namesIn(directory);
    const files = names.flatMap((name) => /^replica-(\d{1,2})\.db$/.exec(name)?.[1] ?? []).map(Number);
    const isNew = !names.includes(clusterFileName);
    // What a start has left that was killed before there were replicas does not count.
    const isOccupied = names.some((name) => {
      return name !== clusterFileName && !name.startsWith(`${clusterFileName}-`) && !accessFiles.includes(name);
    });
    if (backup !== undefined && isNew && isOccupied) throw new StartError(notEmpty(directory));
    if (isNew && files.length > 0) {
      throw new StartError(
        `Cannot start from "${directory}": it has files of replicas, and no "${clusterFileName}", which belongs to ` +
          `them. Bring it back, or choose another --data directory`,
      );
    }
    const { forceFrom } = options;
    const before = forceFrom === undefined || isNew ? undefined : await saveAll(directory, names, forceFrom);
    let file: ClusterFile;
    try {
      file = await openClusterFile(directory);
    } catch (error) {
      before?.discard();
      throw error;
    }
    const known = [...file.record.ports.keys(), ...files].filter((slot) => slot < slotsMax);
    const slots = Math.max(-1, ...known) + 1;
    try {
      if (backup !== undefined && (isOccupied || file.record.nextIncarnation > 0)) {
        throw new StartError(notEmpty(directory, file.record.restoring));
      }
      const port = basePortFor(directory, file, options, files.length > 0);
      if (backup !== undefined) {
        const { index, end } = backup;
        file.update({ restoring: { file: backup.file, index, until: end?.last.index } });
      }
      return new DataDir(directory, file, port, slots, isNew, backup, before);
    } catch (error) {
      file.close();
      if (before !== undefined) undo(before);
      throw error;
    }
  }

  override get cluster(): string {
    return clusterIdOf(this.#file.record.cluster, this.#file.record.givenUp);
  }

  /** All that is known before a cold start, with the contents of the file of each slot. */
  coldStart(files: readonly SlotFile[], forceFrom: number | undefined): ColdStart {
    const { directory, cluster } = this;
    const { nextIncarnation, givenUp, cleanStop, viewFloor, leftOut } = this.#file.record;
    // Where this start begins with a backup, it repeats the one that was interrupted.
    const restoring = this.backup === undefined ? this.#file.record.restoring : undefined;
    const kept = { nextIncarnation, givenUp, cleanStop, viewFloor, leftOut, restoring };
    return { directory, cluster, files, forceFrom, ...kept };
  }

  /** Where the replica in this slot keeps its data. */
  fileOf(slot: number): DataFile {
    return { directory: this.directory, name: replicaFileName(slot) };
  }

  /**
   * Notes what a cold start has decided, before it is carried out. The mark of a clean stop is gone when this returns,
   * also after a power failure: from here on one replica may have more than another.
   */
  adopt({ nextIncarnation, givenUp, cleanStop, viewFloor, leftOut }: ColdStartPlan): void {
    // A start that continues from files has them all: the first start was complete except for this note.
    const restoring = nextIncarnation === 0 ? this.#file.record.restoring : undefined;
    // What a forced start has given up stays so.
    this.#unused = givenUp?.below === this.#file.record.givenUp?.below ? this.#file.record.cleanStop : undefined;
    this.#file.update({ nextIncarnation, givenUp, restoring, cleanStop, viewFloor, leftOut });
    syncFolderOf(`${this.directory}/${clusterFileName}`);
  }

  /** All replicas have ended, and all of them had the same. */
  stoppedClean(cleanStop: CleanStop): void {
    this.#file.update({ cleanStop, viewFloor: cleanStop.v });
  }

  /** From now on replicas may say what is in their files. */
  begin(): void {
    this.#isDisposable = false;
    this.#unused = undefined;
  }

  /** The first start is completed: from now on files that are missing are missed. */
  completed(): void {
    if (this.#file.record.nextIncarnation === 0) this.#file.update({ nextIncarnation: 1, restoring: undefined });
  }

  /** The start has succeeded: what it has changed stays. */
  succeeded(): void {
    this.#before?.discard();
    this.#before = undefined;
  }

  /** Gives the file of a slot another name, and returns it; nobody has it open. */
  setAside(slot: number): string {
    return setAside(this.directory, slot, true);
  }

  /**
   * Why the replica in this slot, which is a newcomer, cannot use what it has found: a sentence without a full
   * stop; undefined if it can.
   */
  obstacleToJoin(slot: number, found: Found | null): string | undefined {
    const { directory, cluster } = this;
    const obstacle = obstacleToJoin({ directory, cluster, givenUp: this.#file.record.givenUp }, slot, found);
    return obstacle && `${obstacle}; ${adviceToMove(directory, slot)}`;
  }

  /**
   * Lets go of it; no replica runs any more. Where a start has failed before anybody was told who it is, all is as it
   * was: of a first start nothing is left, and the mark of a clean stop counts again. Where a forced start has not
   * succeeded, every file is as it was.
   */
  close(): void {
    try {
      if (this.#unused !== undefined) this.#file.update({ cleanStop: this.#unused });
    } catch (error) {
      // The next start asks for more files than it needs to.
      if (!(error instanceof StorageError)) throw error;
    }
    this.#file.close();
    if (this.#before !== undefined) return undo(this.#before);
    if (!this.#isDisposable) return;
    for (const name of namesIn(this.directory)) {
      if (isOurs(name) || isHistory(name)) Deno.removeSync(`${this.directory}/${name}`, { recursive: true });
    }
  }
}

/** Whether a file of this name belongs to the cluster, and was not given up. */
function isOurs(name: string): boolean {
  return /^(cluster|replica-\d{1,2})\.db(-\w+)*$/.test(name);
}

/** Whether it is the folder of the sealed history of a replica that was not given up. */
function isHistory(name: string): boolean {
  return /^replica-\d{1,2}\.history$/.test(name);
}

/**
 * Gives the file of a slot another name, and returns it; nobody has it open.
 *
 * @param withHistory whether its history gets another name, too.
 */
function setAside(directory: string, slot: number, withHistory: boolean): string {
  const name = replicaFileName(slot);
  const history = historyFolderOf(name);
  const names = namesIn(directory);
  const hasHistory = withHistory && names.includes(history);
  const isTaken = (count: number) =>
    fileSuffixes.some((suffix) => names.includes(`${name}.given-up-${count}${suffix}`)) ||
    (hasHistory && names.includes(`${history}.given-up-${count}`));
  let count = 1;
  while (isTaken(count)) count++;
  const newName = `${name}.given-up-${count}`;
  // First: the replica that gets the place deletes what it does not need of a folder that it finds. If this process is
  // killed before the next line, the file is set aside by the next start, under the same number.
  if (hasHistory) Deno.renameSync(`${directory}/${history}`, `${directory}/${history}.given-up-${count}`);
  for (const suffix of fileSuffixes.filter((suffix) => names.includes(name + suffix))) {
    Deno.renameSync(`${directory}/${name}${suffix}`, `${directory}/${newName}${suffix}`);
  }
  return newName;
}

/** Copies all files before a start that is forced from this slot. */
async function saveAll(directory: string, names: readonly string[], slot: number): Promise<SavedFiles> {
  const files = names.filter(isOurs);
  await unused(directory, files);
  try {
    return SavedFiles.save(directory, `${beforeForced}${slot}`, files);
  } catch (error) {
    throw new StartError(
      `Cannot use --force-from ${slot} in "${directory}": no copy of the files can be made, which it needs until it ` +
        `has succeeded: ${reasonOf(error)}. Nothing was started, and nothing was changed`,
    );
  }
}

/**
 * After a forced start that was killed before it had succeeded, puts back what it may have written: `cluster.db`, and
 * the file of the replica that it was to start from. It has only read the others, and somebody may have brought one
 * of them back meanwhile.
 */
async function undoInterrupted(directory: string): Promise<void> {
  for (const name of namesIn(directory)) {
    const slot = new RegExp(`^${beforeForced}(\\d+)(-\\w+)?$`).exec(name)?.[1];
    if (slot === undefined) continue;
    const files = [clusterFileName, replicaFileName(Number(slot))];
    await unused(directory, namesIn(directory).filter((name) => files.includes(name)));
    const saved = SavedFiles.find(directory, `${beforeForced}${slot}`);
    if (saved === undefined) continue;
    // Nothing of its history was deleted before the start had succeeded.
    setAside(directory, Number(slot), false);
    saved.putBack((name) => files.some((file) => name.startsWith(file)));
  }
}

/** Puts back all files; where that is not possible, the next start does it. */
function undo(before: SavedFiles): void {
  try {
    before.putBack();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

/** Waits until the last process that has had these files open has ended. */
async function unused(directory: string, files: readonly string[]): Promise<void> {
  try {
    await awaitUnused(files.filter((name) => name.endsWith(".db")).map((name) => `${directory}/${name}`));
  } catch (error) {
    throw startErrorOf(error, directory);
  }
}

/** The names in a directory; makes the directory where there is none. */
function namesIn(directory: string): string[] {
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: ownDirectoryMode });
    return [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch (error) {
    throw new StartError(`Cannot keep data in "${directory}": ${reasonOf(error)}; choose another --data directory`);
  }
}

function notEmpty(directory: string, restoring?: ClusterRecord["restoring"]): string {
  const cannot = `Cannot restore into "${directory}": it is not empty`;
  if (restoring === undefined) return `${cannot}; choose an empty --data directory`;
  return `${cannot}, since a start with ${restoreOption(restoring)} was interrupted there. Start without ` +
    `--restore: it continues if all replicas have the backup; if not, empty the directory, and repeat`;
}

/** Replicas, which work in the directory of the data, are granted other files by their names. */
function checkName(name: string): void {
  const path = resolve(name);
  if (path.includes(",")) {
    throw new StartError(`Cannot use "${path}" with --data: there is a comma in its name; choose another one`);
  }
}

async function openClusterFile(directory: string): Promise<ClusterFile> {
  try {
    return await ClusterFile.open(`${directory}/${clusterFileName}`);
  } catch (error) {
    throw startErrorOf(error, directory);
  }
}

function startErrorOf(error: unknown, directory: string): unknown {
  if (!(error instanceof StorageError)) return error;
  if (error.kind !== "in use") return new StartError(error.message);
  return new StartError(
    `Cannot start from "${directory}": another cluster that runs has its data there. Stop that one first, or ` +
      `choose another --data directory`,
  );
}

/**
 * The port to count from: of a cluster that is there, clients and replicas know the ports.
 *
 * @param hasFiles whether there are files of replicas.
 */
function basePortFor(
  directory: string,
  file: ClusterFile,
  { basePort, isBasePortGiven }: LauncherOptions,
  hasFiles: boolean,
): number {
  const { ports, nextIncarnation } = file.record;
  if (ports.size === 0 || (nextIncarnation === 0 && !hasFiles)) {
    // Nobody has heard of any port yet.
    file.update({ ports: new Map() });
    return basePort;
  }
  const first = ports.get(0) ?? 0;
  const inARow = [...ports].every(([slot, port]) => port === first + slot);
  if (isBasePortGiven && basePort > 0 && !(inARow && first === basePort)) {
    const there = [...ports.values()].join(", ");
    throw new StartError(
      `Cannot start from "${directory}" with --base-port ${basePort}: its replicas know each other by the ports ` +
        `${there}. Leave --base-port out`,
    );
  }
  return inARow && !(isBasePortGiven && basePort === 0) ? first : 0;
}
