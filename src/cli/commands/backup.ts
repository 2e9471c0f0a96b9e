/**
 * `backup FILE`: a copy of the whole database, of one place in the log, while others write.
 *
 * @module
 */

import { AnswerError, type VaxlogClient } from "../../library/client.ts";
import { printable, quoted } from "../../quoted.ts";
import { Sites } from "../../database/store/sites.ts";
import type { FetchedCopy } from "../../net/client/backup.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../net/client/session.ts";
import { counted } from "../../front/phrases.ts";
import { defineCommand } from "../../front/typed_command.ts";
import { megabytes, ProgressLine } from "../progress.ts";
import { jsonLine } from "../render.ts";
import type { BackupTarget, ClientSession } from "../surroundings.ts";
import { askedBeside, type Task, type TaskContext } from "../task.ts";
import { jsonOption, placeOperand } from "./operands.ts";

/** Milliseconds between two lines about replicas that gave nothing: the client keeps asking the same ones. */
const troubleMs = 1_000;

/** The command. */
export const backupCommand = defineCommand({
  name: "backup",
  summary: "write a copy of the whole database, as it is at one moment, to a new file",
  details: [
    "The copy holds everything that was answered before you asked for it, with the history of all sites. Others " +
    "can write meanwhile. The file appears under its name when it is complete and on the disk; Ctrl-C leaves " +
    "nothing of it. An existing file is never replaced.",
    "To start a new cluster from it: deno task servers T --restore FILE --data DIR, with a DIR that is empty or new.",
  ],
  examples: ["backup monday.backup", "backup /tmp/monday.backup --json"],
  operands: [placeOperand("FILE", "a file that does not exist yet", "give one that does not exist yet")],
  options: jsonOption,
  make: ({ operands: [file], options: { json } }): Task => {
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
        const { client, session } = await connect();
        const copy = await fetchCopy(client, session, context);
        const { cluster } = session;
        const { executed: index, bytes } = copy;
        const { sites, bytes: size, sha256 } = target.complete({ cluster, index, sites: countSites(copy) }, bytes);
        const line = json
          ? jsonLine({ file, cluster, index, sites, bytes: size, sha256 })
          : `Backup ${quoted(file)}: ${index} commands, ${counted(sites, "site")}, ${size} bytes`;
        await around.stdout.write(`${line}\n`);
      },
      stop: () => target?.discard(),
    };
  },
});

/** Fetches the copy from whichever replica gives one. @throws {CopyError} if none does. */
async function fetchCopy(client: VaxlogClient, session: ClientSession, context: TaskContext): Promise<FetchedCopy> {
  const { around } = context;
  const progress = new ProgressLine(around, { did: "Copied", figure: megabytes, unit: "MB" });
  let saidAt = around.elapsed();
  try {
    return await around.fetchCopy({
      ...askedBeside(session, context),
      atLeast: await positionOf(client),
      onProgress: (bytes, total) => progress.update(bytes, total),
      onTrouble: (address, reason) => {
        const now = around.elapsed();
        if (now - saidAt < troubleMs) return;
        saidAt = now;
        progress.clear();
        around.stderr.write(`Waiting: the replica at ${address} ${printable(reason)}\n`);
      },
    });
  } finally {
    progress.clear();
  }
}

/** The backup must hold all that anybody had seen before it was asked for. */
async function positionOf(client: VaxlogClient): Promise<number> {
  try {
    return await client.position();
  } catch (error) {
    // Whether the question was executed does not matter: there is certainly no backup.
    if (error instanceof OutcomeUnknownError) throw new NotExecutedError(error.message);
    throw error;
  }
}

/** How many sites are in a copy, which is read whole for it: a file that cannot be restored is not a backup. */
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
