/**
 * `import PLACE`: sites and reports from a file, a URL, or standard input.
 *
 * @module
 */

import { join } from "node:path";
import { stateOf } from "../../formats/states.ts";
import { manifestFile } from "../../formats/links_writer.ts";
import { wrapped } from "../../front/layout.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, flag, option } from "../../front/typed_command.ts";
import { ValueError } from "../../library/client.ts";
import { parseText } from "../../database/values.ts";
import { sourceBytesMax } from "../../limits.ts";
import { printable, quotedShort } from "../../quoted.ts";
import { clientOf, fetchWholeCopy } from "../copies.ts";
import { followImport } from "../import_follow.ts";
import { importPass } from "../import_pass.ts";
import { formatImportId } from "../import_id.ts";
import { ImportReport } from "../import_report.ts";
import { isUrl, standardStream, withoutCredentials } from "../inputs.ts";
import { type ImportPlace, openRecords } from "../record_sources.ts";
import type { NewOutput, ScratchCopy, Surroundings } from "../surroundings.ts";
import { type ExitCode, exitCodes, type Task } from "../task.ts";
import { parseSpan } from "../../formats/times.ts";
import { type Format, formatOf, formatOption, jsonOption, parseCount, placeOperand } from "./operands.ts";

/** Milliseconds between two polls of a feed: a server must not be flooded, and a day is the longest that is useful. */
const followMs = { shortest: 10_000, longest: 86_400_000 } as const;

/** The command. */
export const importCommand = defineCommand({
  name: "import",
  summary: "read sites and reports from a file or URL: CSV, NDJSON or SMART Scheduling Links",
  details: [
    "PLACE is a file, an http or https URL, or - for standard input. The name tells the format: .csv, .ndjson or " +
    ".jsonl, and for a manifest of SMART Scheduling Links .json or $bulk-publish. Otherwise give --format. A " +
    "directory means the manifest in it. A feed cannot come from standard input. An input may be packed with gzip.",
    "A URL may have a user and a password before its host: https://user:password@host/. The client sends them to " +
    "that server alone. If a server fails or is silent, the client asks it once more.",
    "CSV begins with a header that names the columns, in any order: Availability, ZIP Code and Site Name are " +
    "needed, and all columns that export writes are known.",
    "NDJSON that export has written gives the same sites elsewhere: with their sources and products, their " +
    "identifiers, and the ids under which they are published. A feed that export has written shows what was last " +
    "known of stale sites.",
    "The import adds sites that do not exist yet. It repairs a line only where one repair is possible; it refuses " +
    "other faulty lines one by one, and names their numbers.",
    "A report without a time of its own counts as observed when the file was last changed, and from standard input " +
    "now. If you import the same file again, nothing changes. The only exception: if two lines of one site " +
    "differ in columns that Vaxlog does not know, the last one is noted again.",
    "--dry-run imports into a copy of the database, and says what an import would change. --follow polls a " +
    "feed until Ctrl-C, and prints a line for each poll. If a poll fails, the next ones are further apart.",
    "Each report and document belongs to its source, and an import changes nothing that other sources have said. " +
    "--source names it. What a later input says again is confirmed.",
    "At its end, an import prints its id and how to take back what it has reported: retract ID.",
    "Ctrl-C stops the import in good order and says where to continue. The exit code is 1 if anything was refused, " +
    "and 3 if the outcome is unknown.",
  ],
  examples: [
    "import examples/sites.csv",
    "import examples/feed/bulk-publish.json --report problems.ndjson",
    "import - --format ndjson",
    "import examples/feed --state NJ --dry-run",
    "import examples/feed/bulk-publish.json --follow 5m",
  ],
  operands: [
    placeOperand(
      "PLACE",
      "a file, a URL, or - for standard input",
      "give a file, a URL, or - for standard input",
    ),
  ],
  options: {
    ...formatOption,
    fromLine: option(
      "N",
      "skip the lines before this one, in CSV and NDJSON",
      (typed) => parseCount(typed, 1, "the number of a line"),
    ),
    report: option("FILE", "write every problem to this new file, as NDJSON", (typed) => typed),
    state: option("STATE", "import only sites in this state, from a feed: its two letters or its name", parseState),
    dryRun: flag("change nothing, and say what would change"),
    follow: option("SPAN", "import again and again, that far apart: 5m", (typed) => parseSpan(typed, followMs)),
    source: option(
      "NAME",
      "the source of records that name none; a feed without it is called by its URL",
      (typed) => parseText(typed, "a source", sourceBytesMax),
    ),
    ...jsonOption,
  },
  exclusive: ["dryRun", "follow"],
  make: ({ operands: [place], options, now }): Task => {
    const { format, fromLine = 1, report, state, dryRun = false, follow, source, json = false } = options;
    if (follow !== undefined && (report ?? options.fromLine) !== undefined) {
      const why = "each poll is an import of its own";
      throw new UsageError(`"--follow" does not go with "--report" or "--from-line": ${why}`);
    }
    if (follow !== undefined && place === standardStream) {
      throw new UsageError("Standard input cannot be followed: it comes once; give a file or a URL");
    }
    return importTask({ typed: place, format, fromLine, report, state, dryRun, follow, source, json, now });
  },
});

/** The values that were typed. */
interface ImportOptions {
  readonly typed: string;
  readonly format: Format | undefined;
  readonly fromLine: number;
  readonly report: string | undefined;
  readonly state: string | undefined;
  readonly dryRun: boolean;
  readonly follow: number | undefined;
  readonly source: string | undefined;
  readonly json: boolean;
  readonly now: number;
}

/** Reads a state. @throws {ValueError} if it is none. */
function parseState(typed: string): string {
  const state = stateOf(typed);
  if (state !== undefined) return state;
  throw new ValueError(`Cannot take ${quotedShort(typed)} as a state: give its two letters or its name, such as NJ`);
}

function importTask(options: ImportOptions): Task {
  const { fromLine, report: reportPlace, dryRun, follow, source, json, now } = options;
  const closing = new AbortController();
  let reportFile: NewOutput | undefined;
  let scratch: ScratchCopy | undefined;
  return {
    needsFiles: true,
    endsItself: true,
    stop: () => {
      closing.abort();
      reportFile?.discard();
      scratch?.discard();
    },
    run: async (context): Promise<ExitCode> => {
      const { connect, around } = context;
      const place = placeOf(options, around);
      // Before anything else: if a file is not there, no replica needs to be asked.
      if (reportPlace !== undefined) reportFile = around.createFile(reportPlace, false);
      const open = (etag?: string) => openRecords(place, around, closing.signal, etag);
      const opened = isUrl(place.place) || follow !== undefined ? undefined : await open();
      const connected = await connect();
      context.signal.addEventListener("abort", () => closing.abort());
      const { signal } = closing;
      if (follow !== undefined) {
        return await followImport({ open, client: connected.client, source, around, signal, everyMs: follow, json });
      }
      if (dryRun) scratch = around.createScratch();
      // What an import does to a copy, it would do to the database.
      const client = scratch === undefined
        ? connected.client
        : clientOf((await fetchWholeCopy(connected, context, scratch)).sites);
      const report = new ImportReport(reportFile, fromLine);
      const pass = { client, now, source, report, around, signal };
      const { counts, id, left, nextLine } = await importPass(async () => opened ?? await open(), pass, fromLine);
      const head = dryRun ? "Nothing was changed; an import would come to this:\n" : "";
      const done = dryRun || id === undefined ? undefined : formatImportId(id);
      const text = json
        ? report.json(counts, dryRun ? { dryRun } : { import: done })
        : head + report.text(counts) + (done === undefined ? "" : `To take these reports back: retract ${done}\n`);
      await around.stdout.write(json ? text : wrapped(text, around.columns()));
      report.complete();
      if (left !== undefined) {
        const isSmart = place.format === "smart";
        const advice = isSmart ? "import it again" : `continue with --from-line ${nextLine}`;
        await around.stderr.write(`${printable(left.line)}; ${advice}: nothing is imported twice\n`);
        return left.exitCode;
      }
      if (report.isEmpty && fromLine > 1) {
        await around.stderr.write(`There is nothing at or after line ${fromLine}\n`);
      }
      return report.refused > 0 ? exitCodes.failure : exitCodes.ok;
    },
  };
}

/** The place that was typed, and how it is read. @throws {UsageError} if it makes no sense. */
function placeOf({ typed, format: given, fromLine, state, source }: ImportOptions, around: Surroundings): ImportPlace {
  const { place, credentials } = withoutCredentials(typed);
  const files = isUrl(place) || place === standardStream ? undefined : around.filesIn(place);
  const format = formatOf(place, given, files !== undefined);
  if (fromLine > 1 && format === "smart") {
    throw new UsageError('"--from-line" goes with CSV and NDJSON; a feed is imported as a whole');
  }
  if (format === "smart" && place === standardStream) {
    throw new UsageError("A feed cannot come from standard input: its files are found beside its manifest");
  }
  if (state !== undefined && format !== "smart") {
    throw new UsageError('"--state" goes with feeds; CSV and NDJSON are imported as a whole');
  }
  if (files === undefined || format !== "smart") return { place, credentials, format, state, source };
  const plain = `${manifestFile.replace("$", "")}.json`;
  const manifest = [manifestFile, plain].find((name) => files.includes(name));
  if (manifest === undefined) {
    throw new UsageError(`There is neither ${manifestFile} nor ${plain} in ${quotedShort(place)}: give the manifest`);
  }
  return { place: join(place, manifest), format, state, source };
}
