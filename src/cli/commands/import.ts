/**
 * `import PLACE`: sites and reports from a file, a URL, or standard input.
 *
 * @module
 */

import { printable } from "../../quoted.ts";
import type { ImportRecord } from "../../formats/records.ts";
import { importStopMs } from "../../limits.ts";
import { wrapped } from "../../front/layout.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, option } from "../../front/typed_command.ts";
import { explain, type Explanation, unknownOutcome } from "../failures.ts";
import { ImportReport } from "../import_report.ts";
import { isUrl, standardStream } from "../inputs.ts";
import { grouped, megabytes, ProgressLine } from "../progress.ts";
import { RecordPipeline } from "../record_pipeline.ts";
import { openRecords } from "../record_sources.ts";
import type { NewOutput } from "../surroundings.ts";
import { exitCodes, type Task } from "../task.ts";
import { within } from "../../runtime/within.ts";
import { type Format, formatOf, formatOption, jsonOption, parseCount, placeOperand } from "./operands.ts";

/** The command. */
export const importCommand = defineCommand({
  name: "import",
  summary: "read sites and reports from a file or URL: CSV, NDJSON or SMART Scheduling Links",
  details: [
    "PLACE is a file, an http or https URL, or - for standard input. The name tells the format: .csv, .ndjson or " +
    ".jsonl, and for a manifest of SMART Scheduling Links .json or $bulk-publish. Otherwise give --format. A feed " +
    "cannot come from standard input.",
    "CSV begins with a header that names the columns, in any order: Availability, ZIP Code and Site Name are " +
    "needed, and all columns that export writes are known.",
    "The import adds sites that do not exist yet. It repairs a line only where one repair is possible; it refuses " +
    "other faulty lines one by one, and names their numbers.",
    "A report without a time of its own counts as observed when the file was last changed, and from standard input " +
    "now. If you import the same file again, nothing changes. The only exception: if two lines of one site " +
    "differ in columns that Vaxlog does not know, the last one is noted again.",
    "Ctrl-C stops the import in good order and says where to continue. The exit code is 1 if anything was refused, " +
    "and 3 if the outcome is unknown.",
  ],
  examples: [
    "import examples/sites.csv",
    "import examples/feed/bulk-publish.json --report problems.ndjson",
    "import - --format ndjson",
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
    ...jsonOption,
  },
  make: ({ operands: [place], options: { format: given, fromLine, report, json = false }, now }): Task => {
    const format = formatOf(place, given);
    if (fromLine !== undefined && format === "smart") {
      throw new UsageError('"--from-line" goes with CSV and NDJSON; a feed is imported as a whole');
    }
    if (format === "smart" && place === standardStream) {
      throw new UsageError("A feed cannot come from standard input: its files are found beside its manifest");
    }
    return importTask({ place, format, fromLine: fromLine ?? 1, report, json, now });
  },
});

/** The values that were typed. */
interface ImportOptions {
  readonly place: string;
  readonly format: Format;
  readonly fromLine: number;
  readonly report: string | undefined;
  readonly json: boolean;
  readonly now: number;
}

/** How reading has ended: all was read, the person has stopped it, or it has failed. */
type ReadingEnd = "all" | "stopped" | { readonly error: unknown };

function importTask({ place, format, fromLine, report: reportPlace, json, now }: ImportOptions): Task {
  const closing = new AbortController();
  let reportFile: NewOutput | undefined;
  return {
    needsFiles: true,
    endsItself: true,
    stop: () => {
      closing.abort();
      reportFile?.discard();
    },
    run: async ({ connect, around, signal }) => {
      // Before anything else: if a file is not there, no replica needs to be asked.
      if (reportPlace !== undefined) reportFile = around.createFile(reportPlace, false);
      const open = () => openRecords(place, format, around, closing.signal);
      const opened = isUrl(place) ? undefined : await open();
      const { client } = await connect();
      signal.addEventListener("abort", () => closing.abort());
      const report = new ImportReport(reportFile, fromLine);
      const pipeline = new RecordPipeline(client, now, report.onProblem);
      const progress = new ProgressLine(around, {
        did: "Read",
        figure: megabytes,
        unit: "MB",
        beside: () => `${grouped(report.read)} records`,
      });
      const records = async function* () {
        const source = opened ?? await open();
        pipeline.changedAt = source.observedAt;
        const show = () => {
          if (!signal.aborted) progress.update(source.bytesRead, source.size);
        };
        for await (const record of report.counted(source.records(client, report.onProblem, show))) {
          show();
          yield record;
        }
      };
      const ending = await execute(records(), pipeline, signal);
      progress.clear();
      // If nothing could be read at all, there is nothing else to say.
      if (typeof ending === "object" && report.isEmpty) throw ending.error;
      // Records under way are waited for, but not for ever if the import is stopped.
      const drained = pipeline.drained().then(() => true);
      if (!await within(closing.signal, drained)) await within(around.alarm(importStopMs), drained);
      const { counts } = pipeline;
      await around.stdout.write(json ? report.json(counts) : wrapped(report.text(counts), around.columns()));
      report.complete();
      const { undone } = pipeline;
      const nextLine = (pipeline.lastLine ?? fromLine - 1) + 1;
      const left = whatIsLeft(ending, undone, nextLine);
      if (left !== undefined) {
        const advice = format === "smart" ? "import it again" : `continue with --from-line ${undone?.line ?? nextLine}`;
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

/** Has records executed as they are read, as many at a time as there is room for. */
async function execute(
  records: AsyncGenerator<ImportRecord>,
  pipeline: RecordPipeline,
  signal: AbortSignal,
): Promise<ReadingEnd> {
  try {
    for (;;) {
      const next = await within(signal, records.next());
      if (next === undefined) return "stopped";
      if (next.done) return "all";
      if (!pipeline.hasRoom) await within(signal, pipeline.room());
      if (signal.aborted || pipeline.hasFailed) return "stopped";
      pipeline.take(next.value);
    }
  } catch (error) {
    return signal.aborted ? "stopped" : { error };
  } finally {
    // Not awaited: a read that never ends would hold it up.
    records.return(undefined).catch(() => {});
  }
}

/** Why something is not done; undefined if all is. */
function whatIsLeft(
  ending: ReadingEnd,
  undone: RecordPipeline["undone"],
  nextLine: number,
): Explanation | undefined {
  if (undone?.error !== undefined) return explain(undone.error);
  if (undone !== undefined) return unknownOutcome("the import was stopped while it waited for answers");
  if (ending === "all") return undefined;
  if (ending !== "stopped") return explain(ending.error);
  return { line: `Stopped: what was read up to line ${nextLine - 1} is done`, exitCode: exitCodes.failure };
}
