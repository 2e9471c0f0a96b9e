/**
 * `archive verify DIR`: whether an archive is whole, without a cluster.
 *
 * @module
 */

import { counted } from "../../front/phrases.ts";
import { defineCommand } from "../../front/typed_command.ts";
import { quoted } from "../../quoted.ts";
import { checkArchive } from "../archive_check.ts";
import { ArchiveError, chainOf, indexName, lastOf, redactedLater, unknownTo } from "../archive_index.ts";
import { indexIn } from "../archive_writer.ts";
import { megabytes, ProgressLine } from "../progress.ts";
import { jsonLine } from "../render.ts";
import { exitCodes, type Task } from "../task.ts";
import { redactionLines } from "./archive.ts";
import { jsonOption, placeOperand } from "./operands.ts";

/** The command. */
export const archiveVerifyCommand = defineCommand({
  name: "archive verify",
  summary: "check that no file of an archive is missing or was changed",
  details: [
    "It compares each file with its SHA-256 in archive.ndjson, unpacks it, and looks for each entry. It asks no " +
    "replica, and only reads.",
    "Each line of archive.ndjson has a digest that covers all lines before it. Keep the last one, which this command " +
    "prints as the chain, in another place: as long as it stays the same, nothing was changed by anybody.",
  ],
  examples: ["archive verify /tmp/archive", "archive verify /tmp/archive --json"],
  isLocal: true,
  operands: [placeOperand("DIR", "the directory of an archive", "give that of a directory")],
  options: jsonOption,
  make: ({ operands: [directory], options: { json } }): Task => ({
    needsFiles: true,
    run: async ({ around }) => {
      const files = around.openArchive(directory, false);
      const cannot = (why: string) => new ArchiveError(`Cannot verify the archive ${quoted(directory)}: ${why}`);
      const text = await files.read(indexName);
      if (text === undefined) throw cannot(`it has no ${indexName}; give the directory of an archive`);
      const index = indexIn(text, cannot);
      const total = index.files.reduce((sum, { bytes }) => sum + bytes, 0);
      const progress = new ProgressLine(around, { did: "Checked", figure: megabytes, unit: "MB" });
      const problems = await checkArchive(files, index, (bytes) => progress.update(bytes, total))
        .finally(() => progress.clear());
      const strangers = unknownTo(index, files.names());
      const isSound = problems.length === 0;
      const [last, chain, redactions] = [lastOf(index), chainOf(index), redactedLater(index)];
      const count = index.files.length;
      if (json) {
        const { cluster } = index;
        const about = { directory, sound: isSound, cluster, files: count, last, bytes: total, chain };
        await around.stdout.write(`${jsonLine({ ...about, problems, strangers, redactions })}\n`);
      } else if (isSound) {
        const what = count === 0
          ? "it has no file yet"
          : `${counted(count, "file")} with entries 1 to ${last}, ${total} bytes`;
        await around.stdout.write(
          `Archive ${quoted(directory)} is sound: ${what}\nIt is of cluster ${index.cluster}\nThe chain is ${chain}\n`,
        );
      }
      for (const { file, reason } of problems) await around.stderr.write(`${quoted(file)} ${reason}\n`);
      for (const file of strangers) {
        await around.stderr.write(`${quoted(file)} is not part of the archive: ${indexName} does not name it\n`);
      }
      if (!json) await around.stderr.write(redactionLines(redactions));
      if (isSound) return;
      await around.stderr.write(
        `The archive ${quoted(directory)} is not sound; bring these files back from a copy, ` +
          "or archive into a new directory\n",
      );
      return exitCodes.failure;
    },
  }),
});
