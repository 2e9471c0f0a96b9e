/**
 * `backup FILE`: a copy of the whole database, of one place in the log, while others write.
 *
 * @module
 */

import { quoted } from "../../quoted.ts";
import { counted } from "../../front/phrases.ts";
import { defineCommand } from "../../front/typed_command.ts";
import { fetchWholeCopy } from "../copies.ts";
import { jsonLine } from "../render.ts";
import type { BackupTarget } from "../surroundings.ts";
import type { Task } from "../task.ts";
import { jsonOption, placeOperand } from "./operands.ts";

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
  },
});
