/**
 * `backup verify PLACE`: whether a backup, or all of a directory, is whole and can be restored, without a cluster.
 *
 * @module
 */

import { exactTime } from "../../formats/times.ts";
import { counted } from "../../front/phrases.ts";
import { defineCommand } from "../../front/typed_command.ts";
import { quoted } from "../../quoted.ts";
import { reasonOf } from "../../reason.ts";
import type { ReadDirectory } from "../../storage/backup_directory.ts";
import { BackupFileError } from "../../storage/backup_file.ts";
import { type BackupContents, FormatError, type ReadHeader } from "../../storage/backup_format.ts";
import type { BackupFolder } from "../../storage/backup_folder.ts";
import { checkingHistory, historyIn, isUnsound, whyNotNamed } from "../../storage/copied_history.ts";
import { replayBackup } from "../../storage/read_backup.ts";
import { inSlices } from "../../storage/slices.ts";
import { megabytes, ProgressLine } from "../progress.ts";
import { jsonLine } from "../render.ts";
import type { Surroundings } from "../surroundings.ts";
import { type ExitCode, exitCodes, type Task } from "../task.ts";
import { jsonOption, placeOperand } from "./operands.ts";

/** The command. */
export const backupVerifyCommand = defineCommand({
  name: "backup verify",
  summary: "check that a backup is whole, and can be restored",
  details: [
    "It compares the file with its checksums, reads it into a database, as a restore does, and reads all of its " +
    "sealed history. It asks no replica, and only reads. It needs about as much memory as a replica with these data.",
    "In a directory of backups, it checks each backup, and each file of sealed history once.",
    'The exit code is 1 if a backup is not sound. With --json, "problem" then says what is wrong: not a backup, ' +
    "cut short, damaged, other version, or not a database.",
  ],
  examples: ["backup verify monday.backup", "backup verify /tmp/backups --json"],
  isLocal: true,
  operands: [placeOperand("PLACE", "a backup, or a directory of them", "give that of a backup")],
  options: jsonOption,
  make: ({ operands: [place], options: { json } }): Task => ({
    needsFiles: true,
    run: async ({ around }) => {
      const directory = openedAt(place, around);
      if (directory?.holds === "all") {
        using opened = directory.opened;
        return await verifyAll(place, opened, json, around);
      }
      using _opened = directory?.opened;
      const found = await verify(place, around);
      if (found instanceof FormatError) {
        const { fault: problem, message } = found;
        if (json) await around.stdout.write(`${jsonLine({ file: place, sound: false, problem, reason: message })}\n`);
        await around.stderr.write(`The backup ${quoted(place)} is not sound: ${message}; use another one\n`);
        return exitCodes.failure;
      }
      await around.stdout.write(json ? `${jsonLine({ file: place, sound: true, ...found })}\n` : textOf(place, found));
    },
  }),
});

/** A directory, whose backups are all to be checked, or the one of a head. */
interface OpenedAt {
  readonly opened: ReadDirectory;
  readonly holds: "all" | "one";
}

function openedAt(place: string, around: Surroundings): OpenedAt | undefined {
  try {
    const opened = around.backupsIn(place);
    return opened && { opened, holds: opened.isWhole ? "all" : "one" };
  } catch (error) {
    throw cannotRead(place, error);
  }
}

function cannotRead(place: string, error: unknown): BackupFileError {
  return new BackupFileError(`Cannot read ${quoted(place)}: ${reasonOf(error)}; give the name of a backup`);
}

/** What a sound backup has. */
interface Verified extends ReadHeader {
  /** The index of the last entry of its log. */
  readonly entries: number;
  /** When that was recorded, as text. */
  readonly lastRecordedAt: string;
}

function textOf(file: string, found: Verified): string {
  const { cluster, version, index, sites, entries, lastRecordedAt, bytes } = found;
  return `Backup ${quoted(file)} is sound: ${index} commands, ${counted(sites, "site")}, ${bytes} bytes\n` +
    `It is of cluster ${cluster}, and its format has version ${version}\n` +
    `Its last entry is ${entries}, recorded at ${lastRecordedAt}\n`;
}

/**
 * Reads a backup as a restore does, with all of its history.
 *
 * @returns what it has, or what is wrong with it.
 * @throws {BackupFileError} if it cannot be read.
 */
async function verify(place: string, around: Surroundings): Promise<Verified | FormatError> {
  const progress = new ProgressLine(around, { did: "Checked", figure: megabytes, unit: "MB" });
  try {
    const contents = await around.readBackup(place);
    const total = contents.segments.reduce((sum, { bytes }) => sum + bytes, contents.database.length);
    let done = 0;
    const read = (bytes: number) => {
      done += bytes;
      progress.update(done, total);
    };
    return await verified(contents, around, read, () => inSlices(checkingHistory(historyIn(contents), read)));
  } catch (error) {
    return faultOf(place, error);
  } finally {
    progress.clear();
  }
}

/** The fault of a backup that an error tells of. @throws {BackupFileError} if it tells of something else. */
function faultOf(place: string, error: unknown): FormatError {
  if (error instanceof FormatError) return error;
  if (isUnsound(error)) return new FormatError("not a database", `its checksums are right, but ${error.message}`);
  throw cannotRead(place, error);
}

/**
 * Reads a backup whose checksums are right.
 *
 * @param onBytes is called with the bytes that were read.
 * @param checkHistory says what is wrong with the sealed history; undefined: nothing is.
 */
async function verified(
  contents: BackupContents,
  around: Surroundings,
  onBytes: (bytes: number) => void,
  checkHistory: () => Promise<string | undefined>,
): Promise<Verified | FormatError> {
  const { header } = contents;
  const sites = around.makeSites(historyIn(contents));
  await replayBackup(sites.restoring(), contents.database, ({ length }) => onBytes(length));
  const why = whyNotNamed(contents, sites.named) ?? await checkHistory();
  if (why !== undefined) return new FormatError("not a database", `its checksums are right, but ${why}`);
  if (sites.size !== header.sites) {
    const why = `its first line says that it has ${header.sites} sites, and it has ${sites.size}`;
    return new FormatError("damaged", why);
  }
  const { last } = await inSlices(sites.findEnd({ kind: "index", index: Infinity }));
  return { ...header, entries: last.index, lastRecordedAt: exactTime(last.recordedAt) };
}

/** The faults of a file of sealed history, part by part. */
interface FileFault {
  readonly file: string;
  readonly reasons: readonly string[];
}

/** A backup of a directory, with what is wrong with it. */
interface HeadFound {
  readonly file: string;
  readonly found: Verified | FormatError;
}

/** Checks a directory. */
async function verifyAll(
  place: string,
  { folder }: ReadDirectory,
  json: true | undefined,
  around: Surroundings,
): Promise<ExitCode> {
  const progress = new ProgressLine(around, { did: "Checked", figure: megabytes, unit: "MB" });
  try {
    const names = [...folder.segments, ...folder.heads.map(({ name }) => name)];
    const total = names.reduce((sum, name) => sum + folder.bytesOf(name).length, 0);
    let done = 0;
    const read = (bytes: number) => {
      done += bytes;
      progress.update(done, total);
    };
    const faults = await checkFiles(folder, read);
    const heads: HeadFound[] = [];
    for (const { name } of folder.heads.toReversed()) {
      heads.push({ file: name, found: await verifyHead(folder, name, faults, around, read) });
    }
    progress.clear();
    return await tellAll({ place, folder, faults, heads }, json, around);
  } catch (error) {
    if (error instanceof BackupFileError) throw error;
    throw cannotRead(place, error);
  } finally {
    progress.clear();
  }
}

async function checkFiles(folder: BackupFolder, read: (bytes: number) => void): Promise<FileFault[]> {
  const faults: FileFault[] = [];
  for (const name of folder.segments) {
    const { damages } = await inSlices(folder.checking(name, true, read));
    if (damages.length > 0) faults.push({ file: name, reasons: damages.map(({ message }) => message) });
  }
  return faults;
}

async function verifyHead(
  folder: BackupFolder,
  name: string,
  faults: readonly FileFault[],
  around: Surroundings,
  read: (bytes: number) => void,
): Promise<Verified | FormatError> {
  const there = new Set(folder.segments);
  const damaged = new Set(faults.map(({ file }) => file));
  const checkHistory = () => {
    const needs = folder.namesOf(name) ?? [];
    const missing = needs.find((needed) => !there.has(needed));
    if (missing !== undefined) return Promise.resolve(`it needs ${quoted(missing)}, which is not there`);
    const bad = needs.find((needed) => damaged.has(needed));
    return Promise.resolve(bad && `it needs ${quoted(bad)}, which is damaged`);
  };
  try {
    return await verified(await inSlices(folder.reading(name)), around, read, checkHistory);
  } catch (error) {
    return faultOf(name, error);
  }
}

/** The findings in a directory. */
interface AllFound {
  readonly place: string;
  readonly folder: BackupFolder;
  readonly faults: readonly FileFault[];
  /** The oldest first. */
  readonly heads: readonly HeadFound[];
}

async function tellAll(found: AllFound, json: true | undefined, around: Surroundings): Promise<ExitCode> {
  const { place, folder, faults, heads } = found;
  const sound = heads.filter(({ found }) => !(found instanceof FormatError));
  const isSound = heads.length > 0 && faults.length === 0 && sound.length === heads.length;
  const needed = new Set(heads.flatMap(({ file }) => folder.namesOf(file) ?? []));
  const unneeded = folder.segments.filter((name) => !needed.has(name)).length;
  if (json) {
    const backups = heads.map(({ file, found }) => {
      return found instanceof FormatError
        ? { file, sound: false, problem: found.fault, reason: found.message }
        : { file, sound: true, ...found };
    });
    const { strangers } = folder;
    const object = { directory: place, sound: isSound, backups, damaged: faults, unneeded, strangers };
    await around.stdout.write(`${jsonLine(object)}\n`);
  } else {
    for (const { file, found } of heads) {
      if (found instanceof FormatError) continue;
      const { index, entries, lastRecordedAt } = found;
      const line = `${file}  ${index} commands, ${counted(found.sites, "site")}; last entry ${entries}`;
      await around.stdout.write(`${line}, recorded at ${lastRecordedAt}\n`);
    }
    const newest = heads.findLast(({ found }) => !(found instanceof FormatError))?.found;
    if (isSound && newest !== undefined && !(newest instanceof FormatError)) {
      await around.stdout.write(
        `The directory ${quoted(place)} is sound: ${counted(heads.length, "backup")}, ` +
          `${counted(folder.segments.length, "file")} of sealed history\nIt is of cluster ${newest.cluster}\n`,
      );
    }
  }
  for (const { file, reasons } of faults) {
    const path = quoted(`${place}/${file}`);
    for (const reason of reasons) await around.stderr.write(`${path}: ${reason}\n`);
  }
  for (const { file, found } of heads) {
    if (!(found instanceof FormatError)) continue;
    await around.stderr.write(`The backup ${quoted(`${place}/${file}`)} is not sound: ${found.message}\n`);
  }
  if (unneeded > 0 && !json) {
    await around.stderr.write(
      `Files of sealed history that no backup needs: ${unneeded}. The next backup uses those that it can, and ` +
        "backup --into DIR --keep N deletes the others\n",
    );
  }
  if (isSound) return exitCodes.ok;
  await around.stderr.write(
    heads.length === 0
      ? `The directory ${quoted(place)} has no backup; give one that backup --into has written\n`
      : `The directory ${quoted(place)} is not sound` +
        (faults.length === 0
          ? "; restore another backup of it\n"
          : ". Delete the damaged files: the next backup --into fetches them again if the cluster still has them\n"),
  );
  return exitCodes.failure;
}
