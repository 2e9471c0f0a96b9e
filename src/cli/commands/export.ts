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
import { type ExitCode, exitCodes, type NewDirectory, type NewOutput, type Surroundings } from "../surroundings.ts";
import type { SessionTask, Task, TaskContext } from "../task.ts";
import { jsonOption, zipOption } from "./operands.ts";

/** The command. */
export const exportCommand = defineCommand({
  name: "export",
  summary: "write all sites to a file: CSV, NDJSON or SMART Scheduling Links",
  details: [
    "PLACE is a new file, or - for standard output. The name tells the format if it ends in .csv, .ndjson or .jsonl; " +
    "otherwise give --format.",
    "CSV and NDJSON hold what each site shows, its document and, for a retired site, the reason. Import all sites into a " +
    "new database, and an export of that has the same bytes. The history is not in it: use backup for that.",
    "For SMART Scheduling Links, PLACE is a new directory that gets four files: $bulk-publish, which is the manifest, " +
    "locations.ndjson, schedules.ndjson and slots.ndjson. Retired sites are left out. The format knows appointments only: " +
    "a count of doses, True and False become free or busy.",
    "Sites are read page by page while others may change them; backup copies one moment.",
  ],
  examples: [
    "export sites.csv",
    "export sites.csv --force",
    "export - --format ndjson --zip 08",
    "export feed --format smart",
  ],
  operands: [{
    name: "PLACE",
    help: "a new file, - for standard output, or for SMART Scheduling Links a new directory",
    read: (typed) => {
      if (typed !== "") return typed;
      throw new UsageError("The name of the file is empty: give one, or - for standard output");
    },
  }],
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
    return new ExportTask({ place, format, list: { zip, available, retired: true }, force, json });
  },
});

/** What was typed. */
interface ExportOptions {
  readonly place: string;
  readonly format: Format;
  readonly list: ListOptions;
  readonly force: boolean;
  readonly json: boolean;
}

/** Writes sites in one format. */
interface SiteWriter {
  /** Writes some. */
  write(records: readonly ExportRecord[]): Promise<void>;
  /** Writes what comes last, and completes the files. @returns how many sites were left out. */
  complete(): Promise<number>;
}

class ExportTask implements SessionTask {
  readonly needsFiles = true;
  readonly #options: ExportOptions;
  readonly #outputs: NewOutput[] = [];
  #directory: NewDirectory | undefined;
  #writer: SiteWriter | undefined;
  #isDone = false;

  constructor(options: ExportOptions) {
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Before anything else: for a file that cannot be, nobody needs to be asked. */
  begin(around: Surroundings): Promise<void> {
    const { place, format, force } = this.#options;
    const create = (file: string) => {
      const output = around.createFile(file, force);
      this.#outputs.push(output);
      return output;
    };
    if (format === "smart") {
      this.#directory = around.createDirectory(place, force);
      this.#writer = new FeedFiles(place, create);
    } else {
      const output = place === standardStream ? undefined : create(place);
      this.#writer = new OneFile(format, output, around);
    }
    return Promise.resolve();
  }

  async run({ client, around }: TaskContext): Promise<ExitCode> {
    if (this.#writer === undefined) throw new Error("an export is begun before it is run");
    const { place, format, json } = this.#options;
    const progress = startProgress(around, { did: "Exported", figure: grouped, unit: "sites" });
    try {
      const sites = await this.#write(client, this.#writer, progress);
      const leftOut = await this.#writer.complete();
      this.#isDone = true;
      if (place === standardStream) return exitCodes.ok;
      progress.clear();
      const retired = leftOut === 0 ? "" : `, without ${leftOut} that ${leftOut === 1 ? "is" : "are"} retired`;
      await around.stdout.write(
        json
          ? `${jsonLine({ place, format, sites: sites - leftOut, retiredLeftOut: leftOut })}\n`
          : `Exported ${sites - leftOut} ${sites - leftOut === 1 ? "site" : "sites"} to ${
            quotedShort(place)
          }${retired}\n`,
      );
      return exitCodes.ok;
    } finally {
      progress.clear();
    }
  }

  stop(): void {
    for (const output of this.#outputs) output.discard();
    if (!this.#isDone) this.#directory?.discard();
  }

  /** Writes all sites. @returns how many. */
  async #write(client: VaxlogClient, writer: SiteWriter, progress: ProgressLine): Promise<number> {
    const { list } = this.#options;
    // How many pass a filter, nobody knows before they are read.
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
}

/** What is written of a site. */
function recordOf({ name, zip, availability, unit, observedAt, retired, report, document }: FullSite): ExportRecord {
  const { who, source, note } = report ?? {};
  // A site without a report shows what every new one shows.
  const shown = report === undefined ? {} : { unit, observedAt, who, source, note };
  return { name, zip, availability, ...shown, retired, document };
}

const encoder = new TextEncoder();

/** CSV or NDJSON, in a file or on standard output. */
class OneFile implements SiteWriter {
  readonly #lineOf: (record: ExportRecord) => string;
  readonly #output: NewOutput | undefined;
  readonly #around: Surroundings;
  #header: string;

  constructor(format: Exclude<Format, "smart">, output: NewOutput | undefined, around: Surroundings) {
    this.#lineOf = format === "csv" ? csvLine : ndjsonLine;
    this.#header = format === "csv" ? csvExportHeader : "";
    this.#output = output;
    this.#around = around;
  }

  async write(records: readonly ExportRecord[]): Promise<void> {
    const text = this.#header + records.map(this.#lineOf).join("");
    this.#header = "";
    if (this.#output === undefined) await this.#around.stdout.write(text);
    else this.#output.write(encoder.encode(text));
  }

  async complete(): Promise<number> {
    await this.write([]);
    this.#output?.complete();
    return 0;
  }
}

/** SMART Scheduling Links, in a directory: the manifest comes last, so that what it names is there. */
class FeedFiles implements SiteWriter {
  readonly #writer = new LinksWriter();
  readonly #manifest: NewOutput;
  readonly #files: Readonly<Record<typeof resourceTypes[number], NewOutput>>;

  constructor(directory: string, create: (file: string) => NewOutput) {
    const { Location, Schedule, Slot } = linksFiles;
    this.#files = {
      Location: create(join(directory, Location)),
      Schedule: create(join(directory, Schedule)),
      Slot: create(join(directory, Slot)),
    };
    this.#manifest = create(join(directory, manifestFile));
  }

  write(records: readonly ExportRecord[]): Promise<void> {
    const lines = records.map((record) => this.#writer.add(record));
    for (const type of resourceTypes) {
      this.#files[type].write(encoder.encode(lines.map((line) => line[type]).join("")));
    }
    return Promise.resolve();
  }

  complete(): Promise<number> {
    for (const type of resourceTypes) this.#files[type].complete();
    this.#manifest.write(encoder.encode(this.#writer.manifest()));
    this.#manifest.complete();
    return Promise.resolve(this.#writer.retired);
  }
}
