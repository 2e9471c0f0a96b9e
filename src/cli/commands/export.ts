/**
 * `export PLACE`: all sites with what they show, for others to read.
 *
 * @module
 */

import { join } from "node:path";
import type { ListOptions, VaxlogClient } from "../../client.ts";
import { quotedShort } from "../../quoted.ts";
import type { FullSite } from "../../database/values.ts";
import { csvExportHeader, csvLine } from "../../formats/csv.ts";
import { linksFiles, LinksWriter, manifestFile } from "../../formats/links_writer.ts";
import { resourceTypes } from "../../formats/links_terms.ts";
import { ndjsonLine } from "../../formats/ndjson.ts";
import type { ExportRecord } from "../../formats/records.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, flag } from "../../front/typed_command.ts";
import { type Format, formatOf, formatOption, standardStream } from "../format_choice.ts";
import { grouped, type ProgressLine, startProgress } from "../progress.ts";
import { jsonLine } from "../render.ts";
import { exitCodes, type NewDirectory, type NewOutput, type Surroundings } from "../surroundings.ts";
import type { Task } from "../task.ts";
import { counted, jsonOption, placeOperand, zipOption } from "./operands.ts";

/** The command. */
export const exportCommand = defineCommand({
  name: "export",
  summary: "write all sites to a file: CSV, NDJSON or SMART Scheduling Links",
  details: [
    "PLACE is a new file, or - for standard output. The name tells the format if it ends in .csv, .ndjson or .jsonl; " +
    "otherwise give --format.",
    "CSV and NDJSON hold what each site shows, its document and, for a retired site, the reason. Import all sites " +
    "into a new database, and an export of that has the same bytes. The history is not in it: use backup for that.",
    "For SMART Scheduling Links, PLACE is a new directory that gets four files: $bulk-publish, which is the " +
    "manifest, locations.ndjson, schedules.ndjson and slots.ndjson. Retired sites are left out. The format knows " +
    "appointments only: a count of doses, True and False become free or busy.",
    "Sites are read page by page while others may change them; backup copies one moment.",
  ],
  examples: [
    "export sites.csv",
    "export sites.csv --force",
    "export - --format ndjson --zip 08",
    "export feed --format smart",
  ],
  operands: [
    placeOperand(
      "PLACE",
      "a new file, - for standard output, or for SMART Scheduling Links a new directory",
      "give one, or - for standard output",
    ),
  ],
  options: {
    ...formatOption,
    ...zipOption,
    available: flag("only sites with vaccine: True, or a count of 1 or more"),
    force: flag("replace files that exist"),
    ...jsonOption,
  },
  make: ({ operands: [place], options: { format: given, zip, available, force = false, json = false } }): Task => {
    const format = formatOf(place, given);
    if (place === standardStream) {
      if (format === "smart") throw new UsageError("A feed is several files: give a directory");
      if (json) {
        throw new UsageError('"--json" tells of a file that was written; on standard output there are the sites');
      }
    }
    return exportTask({ place, format, list: { zip, available, retired: true }, force, json });
  },
});

/** The values that were typed. */
interface ExportOptions {
  readonly place: string;
  readonly format: Format;
  readonly list: ListOptions;
  readonly force: boolean;
  readonly json: boolean;
}

/** Writes sites in one format. */
interface RecordWriter {
  /** Writes some. */
  write(records: readonly ExportRecord[]): Promise<void> | void;
  /** Writes what comes last, and completes the files. @returns how many sites were left out. */
  complete(): Promise<number> | number;
}

function exportTask({ place, format, list, force, json }: ExportOptions): Task {
  const outputs: NewOutput[] = [];
  let directory: NewDirectory | undefined;
  let isDone = false;
  return {
    needsFiles: true,
    get isDone() {
      return isDone;
    },
    run: async ({ connect, around }) => {
      const create = (file: string) => {
        const output = around.createFile(file, force);
        outputs.push(output);
        return output;
      };
      // Before anything else: if a file cannot be made, no replica needs to be asked.
      if (format === "smart") directory = around.createDirectory(place, force);
      const writer = format === "smart"
        ? feedFiles(place, create)
        : oneFile(format, place === standardStream ? undefined : create(place), around);
      const { client } = await connect();
      const progress = startProgress(around, { did: "Exported", figure: grouped, unit: "sites" });
      try {
        const sites = await copySites(client, list, writer, progress);
        const leftOut = await writer.complete();
        isDone = true;
        if (place === standardStream) return exitCodes.ok;
        progress.clear();
        const retired = leftOut === 0 ? "" : `, without ${leftOut} that ${leftOut === 1 ? "is" : "are"} retired`;
        await around.stdout.write(
          json
            ? `${jsonLine({ place, format, sites: sites - leftOut, retiredLeftOut: leftOut })}\n`
            : `Exported ${counted(sites - leftOut, "site")} to ${quotedShort(place)}${retired}\n`,
        );
        return exitCodes.ok;
      } finally {
        progress.clear();
      }
    },
    stop: () => {
      for (const output of outputs) output.discard();
      if (!isDone) directory?.discard();
    },
  };
}

/** Copies all sites. @returns how many. */
async function copySites(
  client: VaxlogClient,
  list: ListOptions,
  writer: RecordWriter,
  progress: ProgressLine,
): Promise<number> {
  // How many sites pass a filter is not known before they are read.
  const isAll = list.zip === undefined && list.available === undefined;
  const total = isAll ? (await client.summary()).sites : undefined;
  let sites = 0;
  for await (const page of client.listFull(list)) {
    await writer.write(page.map(recordOf));
    sites += page.length;
    progress.update(sites, total);
  }
  return sites;
}

/** The record of a site. */
function recordOf({ name, zip, availability, unit, observedAt, retired, report, document }: FullSite): ExportRecord {
  const { who, source, note } = report ?? {};
  // A site without a report shows what every new one shows.
  const shown = report === undefined ? {} : { unit, observedAt, who, source, note };
  return { name, zip, availability, ...shown, retired, document };
}

const encoder = new TextEncoder();

/** CSV or NDJSON, in a file or on standard output. */
function oneFile(
  format: Exclude<Format, "smart">,
  output: NewOutput | undefined,
  { stdout }: Surroundings,
): RecordWriter {
  const lineOf = format === "csv" ? csvLine : ndjsonLine;
  let header = format === "csv" ? csvExportHeader : "";
  const write = async (records: readonly ExportRecord[]) => {
    const text = header + records.map(lineOf).join("");
    header = "";
    if (output === undefined) await stdout.write(text);
    else output.write(encoder.encode(text));
  };
  return {
    write,
    complete: async () => {
      await write([]);
      output?.complete();
      return 0;
    },
  };
}

/** SMART Scheduling Links, in a directory: the manifest comes last, so that what it names is there. */
function feedFiles(directory: string, create: (file: string) => NewOutput): RecordWriter {
  const writer = new LinksWriter();
  const files = resourceTypes.map((type) => ({ type, output: create(join(directory, linksFiles[type])) }));
  const manifest = create(join(directory, manifestFile));
  return {
    write: (records) => {
      const lines = records.map((record) => writer.add(record));
      for (const { type, output } of files) output.write(encoder.encode(lines.map((line) => line[type]).join("")));
    },
    complete: () => {
      for (const { output } of files) output.complete();
      manifest.write(encoder.encode(writer.manifest()));
      manifest.complete();
      return writer.retired;
    },
  };
}
