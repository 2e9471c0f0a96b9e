/**
 * `backup FILE`: a copy of the whole database, of one place in the log, while others go on writing.
 *
 * @module
 */

import { AnswerError, type VaxlogClient } from "../../client.ts";
import { printable, quoted } from "../../quoted.ts";
import { Sites } from "../../database/store/sites.ts";
import type { FetchedCopy } from "../../net/client/backup.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../net/client/session.ts";
import type { BackupHeader } from "../../storage/backup_format.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, type Operand } from "../../front/typed_command.ts";
import { startProgress } from "../progress.ts";
import { type BackupTarget, type ExitCode, exitCodes, type Surroundings } from "../surroundings.ts";
import { addressesOf, type SessionTask, type TaskContext } from "../task.ts";
import { jsonOption } from "./operands.ts";

/** Milliseconds between two lines about replicas that gave nothing: the same ones are asked again and again. */
const troubleMs = 1_000;

const fileOperand: Operand<string> = {
  name: "FILE",
  help: "a file that does not exist yet",
  read: (typed) => {
    if (typed === "") throw new UsageError("The name of the backup file is empty: give one that is not there yet");
    return typed;
  },
};

/** The command. */
export const backupCommand = defineCommand({
  name: "backup",
  summary: "write a copy of the whole database, as it is at one moment, to a new file",
  details: [
    "The copy holds everything that was answered before you asked for it, with the history of all sites. Others can write " +
    "meanwhile. The file appears under its name when it is complete and on the disk; Ctrl-C leaves nothing of it. An " +
    "existing file is never replaced.",
    "To start a new cluster from it: deno task servers T --restore FILE --data DIR, with a DIR that is empty or new.",
  ],
  examples: ["backup monday.backup", "backup /tmp/monday.backup --json"],
  operands: [fileOperand],
  options: jsonOption,
  make: ({ operands: [file], options: { json = false } }) => new BackupTask(file, json),
});

/** A backup under way. */
class BackupTask implements SessionTask {
  readonly needsFiles = true;
  readonly #file: string;
  readonly #json: boolean;
  #target: BackupTarget | undefined;

  constructor(file: string, json: boolean) {
    this.#file = file;
    this.#json = json;
  }

  get isDone(): boolean {
    return this.#target?.isComplete ?? false;
  }

  /** Before anything else: for a file that cannot be, nobody needs to be asked. */
  begin(around: Surroundings): Promise<void> {
    this.#target = around.createBackup(this.#file);
    return Promise.resolve();
  }

  /**
   * Makes the backup and prints what it is.
   *
   * @throws {CopyError} if no replica gives a copy.
   * @throws {BackupFileError} if it cannot be written.
   */
  async run(context: TaskContext): Promise<ExitCode> {
    const { client, connection, around, signal } = context;
    if (this.#target === undefined) throw new Error("a backup is begun before it is run");
    const { cluster } = connection;
    const progress = startProgress(around, {
      did: "Copied",
      figure: (bytes) => (bytes / 1e6).toFixed(1),
      unit: "MB",
    });
    let saidAt = around.elapsed();
    const copy = await around.fetchCopy({
      cluster,
      atLeast: await positionOf(client),
      addresses: () => addressesOf(context),
      onProgress: (bytes, total) => progress.update(bytes, total),
      onTrouble: (address, reason) => {
        const now = around.elapsed();
        if (now - saidAt < troubleMs) return;
        saidAt = now;
        progress.clear();
        around.stderr.write(`Waiting: the replica at ${address} ${printable(reason)}\n`);
      },
      signal,
    }).finally(() => progress.clear());
    const { executed: index, bytes } = copy;
    const header = this.#target.complete({ cluster, index, sites: countSites(copy) }, bytes);
    await around.stdout.write(`${this.#json ? jsonOf(this.#file, header) : lineOf(this.#file, header)}\n`);
    return exitCodes.ok;
  }

  stop(): void {
    this.#target?.discard();
  }
}

/** All that anybody had seen before the backup was asked for is to be in it. */
async function positionOf(client: VaxlogClient): Promise<number> {
  try {
    return await client.position();
  } catch (error) {
    // Whether a question was executed concerns nobody: there is no backup, certainly.
    if (error instanceof OutcomeUnknownError) throw new NotExecutedError(error.message);
    throw error;
  }
}

/** How many sites are in a copy, which is read whole for it: what cannot be restored is no backup. */
function countSites({ bytes }: FetchedCopy): number {
  const sites = new Sites();
  try {
    sites.restore(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new AnswerError(`Cannot use the copy that came: ${why}; run client and servers of one version`);
  }
  return sites.size;
}

function lineOf(file: string, { index, sites, bytes }: BackupHeader): string {
  return `Backup ${quoted(file)}: ${index} commands, ${sites} ${sites === 1 ? "site" : "sites"}, ${bytes} bytes`;
}

function jsonOf(file: string, { cluster, index, sites, bytes, sha256 }: BackupHeader): string {
  return printable(JSON.stringify({ file, cluster, index, sites, bytes, sha256 }));
}
