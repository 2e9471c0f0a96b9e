/**
 * `backup verify FILE`: whether a backup is whole and can be restored, without a cluster.
 *
 * @module
 */

import { exactTime } from "../../formats/times.ts";
import { counted } from "../../front/phrases.ts";
import { defineCommand } from "../../front/typed_command.ts";
import { quoted } from "../../quoted.ts";
import { reasonOf } from "../../reason.ts";
import { BackupFileError, replayBackup } from "../../storage/backup_file.ts";
import { checkingHistory, historyIn, isUnsound, whyNotNamed } from "../../storage/copied_history.ts";
import { FormatError, type ReadHeader } from "../../storage/backup_format.ts";
import { inSlices } from "../../storage/slices.ts";
import { megabytes, ProgressLine } from "../progress.ts";
import { jsonLine } from "../render.ts";
import type { Surroundings } from "../surroundings.ts";
import { exitCodes, type Task } from "../task.ts";
import { jsonOption, placeOperand } from "./operands.ts";

/** The command. */
export const backupVerifyCommand = defineCommand({
  name: "backup verify",
  summary: "check that a backup is whole, and can be restored",
  details: [
    "It compares the file with its checksums, reads it into a database, as a restore does, and reads all of its " +
    "sealed history. It asks no replica, and only reads the file. It needs about as much memory as a replica with " +
    "these data.",
    'The exit code is 1 if the backup is not sound. With --json, "problem" then says what is wrong: not a backup, ' +
    "cut short, damaged, other version, or not a database.",
  ],
  examples: ["backup verify monday.backup", "backup verify /tmp/monday.backup --json"],
  isLocal: true,
  operands: [placeOperand("FILE", "a backup", "give that of a backup")],
  options: jsonOption,
  make: ({ operands: [file], options: { json } }): Task => ({
    needsFiles: true,
    run: async ({ around }) => {
      const found = await verify(file, around);
      if (found instanceof FormatError) {
        const { fault: problem, message } = found;
        if (json) await around.stdout.write(`${jsonLine({ file, sound: false, problem, reason: message })}\n`);
        await around.stderr.write(`The backup ${quoted(file)} is not sound: ${message}; use another one\n`);
        return exitCodes.failure;
      }
      await around.stdout.write(json ? `${jsonLine({ file, sound: true, ...found })}\n` : textOf(file, found));
    },
  }),
});

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
 * Reads a backup as a restore does.
 *
 * @returns what it has, or what is wrong with it.
 * @throws {BackupFileError} if it cannot be read.
 */
async function verify(file: string, around: Surroundings): Promise<Verified | FormatError> {
  const progress = new ProgressLine(around, { did: "Checked", figure: megabytes, unit: "MB" });
  try {
    const contents = await around.readBackup(file);
    const { header } = contents;
    const history = historyIn(contents);
    const sites = around.makeSites(history);
    let done = 0;
    const read = (bytes: number) => {
      done += bytes;
      progress.update(done, header.bytes);
    };
    await replayBackup(sites.restoring(), contents.database, ({ length }) => read(length));
    const why = whyNotNamed(contents, sites.named) ?? await inSlices(checkingHistory(history, read));
    if (why !== undefined) return new FormatError("not a database", `its checksums are right, but ${why}`);
    if (sites.size !== header.sites) {
      const why = `its first line says that it has ${header.sites} sites, and it has ${sites.size}`;
      return new FormatError("damaged", why);
    }
    const { last } = await inSlices(sites.findEnd({ kind: "index", index: Infinity }));
    return { ...header, entries: last.index, lastRecordedAt: exactTime(last.recordedAt) };
  } catch (error) {
    if (error instanceof FormatError) return error;
    if (isUnsound(error)) {
      return new FormatError("not a database", `its checksums are right, but ${error.message}`);
    }
    throw new BackupFileError(`Cannot read ${quoted(file)}: ${reasonOf(error)}; give the name of a backup`);
  } finally {
    progress.clear();
  }
}
