/**
 * `retract WHAT`: takes back a report, or all reports of an import; and `redact INDEX`.
 *
 * @module
 */

import { printable } from "../../quoted.ts";
import { counted } from "../../front/phrases.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, flag } from "../../front/typed_command.ts";
import { Dialogue } from "../dialogue.ts";
import { formatImportId, type ImportId, parseImportId } from "../import_id.ts";
import { NoticeBoard } from "../notices.ts";
import { describeRefusal, verbHints } from "../refusals.ts";
import { jsonLine } from "../render.ts";
import type { Entry } from "../../library/client.ts";
import { entryLine } from "../render_entries.ts";
import { retractImport } from "../retraction.ts";
import { clientTask, exitCodes, type Task } from "../task.ts";
import { printOutcome, siteTask } from "./one_site.ts";
import { jsonOption, noteOption, originOptions, parseCount } from "./operands.ts";

/** Reads the index of an entry. */
function parseEntry(typed: string): number {
  return parseCount(typed, 1, "the index of an entry");
}

/** Takes reports back. */
export const retractCommand = defineCommand({
  name: "retract",
  summary: "take back a report, or all reports of an import",
  details: [
    "WHAT is the number of a report, as history shows it, or the id of an import, as import has printed it. Each " +
    "site then shows the report before. The history keeps both, and says which report was taken back.",
    "To take back an import leaves the sites that it has added, and their documents. If you repeat it, it continues " +
    "where it stopped.",
  ],
  examples: ["retract 7", 'retract 7 --who Ann --note "wrong file"'],
  operands: [{
    name: "WHAT",
    help: "the number of a report, or the id of an import",
    read: (typed): number | ImportId => parseImportId(typed) ?? parseEntry(typed),
  }],
  options: { ...originOptions, ...noteOption, ...jsonOption },
  make: ({ operands: [what], options: { json, ...options }, now: recordedAt }): Task => {
    const origin = { ...options, recordedAt };
    if (typeof what === "number") return siteTask((client) => client.retract(what, origin), json);
    return clientTask(async (client, { stdout, stderr }) => {
      const { refusal, ...counts } = await retractImport(client, what, origin);
      const id = formatImportId(what);
      const before = counts.before === 0 ? "" : `; ${counts.before} had been taken back before`;
      const line = json
        ? jsonLine({ import: id, ...counts })
        : `Took back ${counted(counts.retracted, "report")} of the import ${id}${before}`;
      await stdout.write(`${line}\n`);
      if (refusal !== undefined) {
        await stderr.write(`${describeRefusal(refusal, verbHints)}; repeat it to continue\n`);
        return exitCodes.failure;
      }
      if (counts.retracted + counts.before > 0) return exitCodes.ok;
      await stderr.write(`There is no report of the import ${id} in the log\n`);
      return exitCodes.failure;
    });
  },
});

/** Removes who and note from an entry. */
export const redactCommand = defineCommand({
  name: "redact",
  summary: "remove who and note from an entry, for ever",
  details: [
    "The entry keeps its number and all else that it says. This cannot be undone. Replicas that keep their data on a " +
    "disk forget it there with the next checkpoint. Backups and exports that were made before, and programs that " +
    "have read the entry, still have it.",
    "On a terminal, redact shows the entry and asks first. Elsewhere, it needs --yes.",
  ],
  examples: ["redact 7 --yes", 'redact 7 --yes --note "on request"'],
  operands: [{ name: "INDEX", help: "the number of an entry, as history shows it", read: parseEntry }],
  options: { yes: flag("do not ask"), ...originOptions, ...noteOption, ...jsonOption },
  make: ({ operands: [index], options: { json, yes = false, ...options }, now: recordedAt }): Task =>
    clientTask(async (client, around) => {
      let entry: Entry | undefined;
      if (!yes) {
        if (!around.isTyped || json === true) {
          throw new UsageError("redact cannot be undone: give --yes, since nobody can be asked here");
        }
        [entry] = (await Array.fromAsync(client.changes({ after: index - 1, limit: 1 }))).flat();
        const dialogue = new Dialogue(around, new NoticeBoard());
        if (entry !== undefined) await dialogue.say(entryLine(entry));
        const typed = await dialogue.ask("Remove who and note for ever? y (empty: no): ");
        if (typed?.trim().toLowerCase() !== "y") {
          await around.stderr.write(`${printable("Nothing was changed")}\n`);
          return exitCodes.failure;
        }
      }
      const how = { ...options, recordedAt, siteId: entry?.siteId };
      return await printOutcome(await client.redact(index, how), client, around, json);
    }),
});
