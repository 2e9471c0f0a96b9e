/**
 * `backup FILE` and `backup --into DIR`: a copy of the whole database, of one place in the log, while others write.
 *
 * @module
 */

import { UsageError } from "../../front/usage_error.ts";
import { counted } from "../../front/phrases.ts";
import { defineCommand, option } from "../../front/typed_command.ts";
import { quoted } from "../../quoted.ts";
import type { WrittenHead } from "../../storage/backup_directory.ts";
import { BackupFileError } from "../../storage/backup_file.ts";
import type { DamagedFile, Pruned } from "../../storage/backup_folder.ts";
import { fetchWholeCopy } from "../copies.ts";
import { jsonLine } from "../render.ts";
import type { BackupsTarget, BackupTarget } from "../surroundings.ts";
import type { Task, TaskContext } from "../task.ts";
import { jsonOption, parseCount, placeOperand } from "./operands.ts";

const fileOperand = placeOperand("FILE", "a file that does not exist yet", "give one that does not exist yet");

const directory = placeOperand("DIR", "a directory of backups", "give that of a directory");

/** The command. */
export const backupCommand = defineCommand({
  name: "backup",
  summary: "write a copy of the whole database, as it is at one moment, to a new file, or into a directory",
  details: [
    "The copy holds everything that was answered before you asked for it, with the history of all sites. Others " +
    "can write meanwhile. The file appears under its name when it is complete and on the disk; Ctrl-C leaves " +
    "nothing of it. An existing file is never replaced.",
    "With --into, DIR keeps all backups that you make into it, and each part of the sealed history once. So a second " +
    "backup takes only what is new. Nothing in DIR is deleted, except by --keep and what an interrupted backup has " +
    "not finished.",
    "To start a new cluster from it: deno task servers T --restore FILE --data DIR, with a DIR that is empty or new. " +
    "A directory of backups may stand in place of FILE: then the newest is taken.",
  ],
  examples: ["backup monday.backup", "backup --into /tmp/backups --keep 30", "backup /tmp/monday.backup --json"],
  operands: [{ ...fileOperand, times: "optional" }],
  options: {
    into: option("DIR", "add a backup to this directory, which holds backups of one cluster", directory.read),
    keep: option("N", "with --into: then keep the newest N backups, and delete what only others need", (typed) => {
      return parseCount(typed, 1, "a number of backups");
    }),
    ...jsonOption,
  },
  make: ({ operands: [file], options: { into, keep, json } }): Task => {
    if (file !== undefined && into !== undefined) {
      throw new UsageError("A backup goes to FILE or, with --into, to a directory: give one of them");
    }
    if (keep !== undefined && into === undefined) {
      throw new UsageError('"--keep" goes with "--into": a file is one backup');
    }
    if (into !== undefined) return intoDirectory(into, keep, json);
    if (file === undefined) {
      throw new UsageError("The command is backup FILE or backup --into DIR, and after backup nothing is given");
    }
    return toFile(file, json);
  },
});

function toFile(file: string, json: true | undefined): Task {
  let target: BackupTarget | undefined;
  return {
    needsFiles: true,
    get isDone() {
      return target?.isComplete ?? false;
    },
    run: async (context) => {
      const { around, connect } = context;
      // Before anything else: if the file cannot be made, no replica needs to be asked.
      target = around.createBackup(file);
      const connected = await connect();
      // It is read whole: a file that cannot be restored is not a backup.
      const copy = await fetchWholeCopy(connected, context, target);
      const { cluster } = connected.session;
      const { index, sites: { size: sites } } = copy;
      const { bytes: size, state, segments, sha256 } = target.complete({ cluster, index, sites });
      const line = json
        ? jsonLine({ file, cluster, index, sites, bytes: size, state, segments, sha256 })
        : `Backup ${quoted(file)}: ${index} commands, ${counted(sites, "site")}, ${size} bytes`;
      await around.stdout.write(`${line}\n`);
    },
    stop: () => target?.discard(),
  };
}

function intoDirectory(directory: string, keep: number | undefined, json: true | undefined): Task {
  let target: BackupsTarget | undefined;
  return {
    needsFiles: true,
    get isDone() {
      return target?.isComplete ?? false;
    },
    run: async (context) => {
      const { around } = context;
      target = await around.openBackups(directory);
      await around.stderr.write(damageLines(directory, target.damaged));
      const head = await fetchInto(target, directory, context);
      // The backup is there, whatever becomes of earlier ones.
      const pruned = keep === undefined ? undefined : await target.prune(keep).catch((error: Error) => error);
      const done = pruned instanceof Error ? undefined : pruned;
      await around.stderr.write(lossLines(directory, target, head.missing));
      await around.stdout.write(json ? objectOf(directory, head, done) : textOf(directory, head, done));
      await around.stderr.write(aheadLines(directory, target.ahead));
      if (pruned instanceof Error) throw pruned;
      if (pruned?.unreadable !== undefined) {
        const name = quoted(`${directory}/${pruned.unreadable}`);
        await around.stderr.write(
          `No file of sealed history was deleted: nobody knows which ones ${name} needs, because it is damaged. ` +
            "Delete it, unless you have a copy of it\n",
        );
      }
    },
    stop: () => target?.discard(),
  };
}

/** A backup, with the damaged files that did not come again. */
type NewBackup = WrittenHead & { readonly missing: readonly DamagedFile[] };

async function fetchInto(target: BackupsTarget, directory: string, context: TaskContext): Promise<NewBackup> {
  const { around } = context;
  const connected = await context.connect();
  const { cluster } = connected.session;
  if (target.cluster !== undefined && target.cluster !== cluster) {
    throw new BackupFileError(
      `Cannot back up into ${quoted(directory)}: it has backups of the cluster ${target.cluster}, and this is ` +
        `${cluster}; choose another directory`,
    );
  }
  const { index, sites: { size: sites } } = await fetchWholeCopy(connected, context, target);
  const head = await target.complete({ cluster, index, sites }, around.now());
  return { ...head, missing: target.damaged.filter(({ name }) => !target.has(name)) };
}

/** What to say of files that are damaged, and are fetched again. */
function damageLines(directory: string, damaged: readonly DamagedFile[]): string {
  return damaged.map(({ name, damages: [{ message }] }) => {
    return `${quoted(`${directory}/${name}`)} is damaged (${message}): it is fetched again if the cluster has it\n`;
  }).join("");
}

/** What to say of those that the cluster does not have any more. */
function lossLines(directory: string, target: BackupsTarget, missing: readonly DamagedFile[]): string {
  const heads = target.needing(new Set(missing.map(({ name }) => name)));
  if (heads.length === 0) return "";
  return `The cluster does not have ${counted(missing.length, "damaged file")} any more, so these backups in ` +
    `${quoted(directory)} cannot be restored:\n${heads.map((name) => `  ${name}\n`).join("")}`;
}

/** What to say of a backup that has more than the cluster. */
function aheadLines(directory: string, name: string | undefined): string {
  if (name === undefined) return "";
  return `${quoted(`${directory}/${name}`)} has more commands than the cluster has now. A restore of the directory ` +
    "takes that one; to restore another one, give its name\n";
}

function objectOf(directory: string, head: NewBackup, pruned: Pruned | undefined): string {
  const { missing: _, name: file, list: __, ...about } = head;
  return `${jsonLine({ directory, file, ...about, ...pruned && { removed: pruned.heads } })}\n`;
}

function textOf(directory: string, head: NewBackup, pruned: Pruned | undefined): string {
  const { name, index, sites, newBytes, newSegments, segments, heads } = head;
  const left = heads - (pruned?.heads.length ?? 0);
  const lines = [
    `Backup ${quoted(`${directory}/${name}`)}: ${index} commands, ${counted(sites, "site")}`,
    `${newBytes} bytes are new, with ${newSegments} of ${counted(segments, "file")} of sealed history; ` +
    `${counted(left, "backup")} in all`,
    ...pruned === undefined || pruned.heads.length === 0
      ? []
      : [`${counted(pruned.heads.length, "earlier backup was", "earlier backups were")} deleted`],
  ];
  return lines.map((line) => `${line}\n`).join("");
}
