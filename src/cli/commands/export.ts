/**
 * `export PLACE`: all sites with what they show, for others to read.
 *
 * @module
 */

import { join } from "node:path";
import { formatId } from "../../database/look_alikes.ts";
import type { FullSite, ListOptions, SourceReport, VaxlogClient } from "../../library/client.ts";
import { quotedShort } from "../../quoted.ts";
import { csvExportHeader, csvLine } from "../../formats/csv.ts";
import { exportRecordOf, exportRecordsOf } from "../../formats/export_record.ts";
import { linksFiles, LinksWriter, manifestFile } from "../../formats/links_writer.ts";
import { resourceTypes } from "../../formats/links_terms.ts";
import { LocationIds } from "../../formats/location_ids.ts";
import { ndjsonLine } from "../../formats/ndjson.ts";
import type { ExportRecord } from "../../formats/records.ts";
import { UsageError } from "../../front/usage_error.ts";
import { counted } from "../../front/phrases.ts";
import { defineCommand, flag } from "../../front/typed_command.ts";
import { lookUpsTogether, staleAfterMs } from "../../limits.ts";
import { staleAfterOption } from "../freshness.ts";
import { standardStream } from "../inputs.ts";
import { PackedOutput } from "../packed.ts";
import { grouped, ProgressLine } from "../progress.ts";
import { jsonLine } from "../render.ts";
import type { NewDirectory, NewOutput } from "../surroundings.ts";
import type { Task } from "../task.ts";
import { type Format, formatOf, formatOption, jsonOption, placeOperand, zipOption } from "./operands.ts";

/** The command. */
export const exportCommand = defineCommand({
  name: "export",
  summary: "write all sites to a file: CSV, NDJSON or SMART Scheduling Links",
  details: [
    "PLACE is a new file, or - for standard output. The name tells the format if it ends in .csv, .ndjson or " +
    ".jsonl, with or without .gz behind it; otherwise give --format. A file whose name ends in .gz is packed with " +
    "gzip.",
    "In CSV, a text that a spreadsheet would take for a formula has an apostrophe before it. An import takes that " +
    "away.",
    "CSV and NDJSON hold what each site shows, its document and, for a retired site, the reason. NDJSON holds what " +
    "each source says of each product, too, and the identifiers and the published id of each site. Import all sites " +
    "into a new database, and an export of that has the same bytes. The history is not in it: use backup for that.",
    "For SMART Scheduling Links, PLACE is a new directory, or with --force one that exists. It gets four files: " +
    "$bulk-publish, which is the manifest, locations.ndjson, schedules.ndjson and slots.ndjson; --gzip packs all but " +
    "the manifest. Retired sites are left out. Sites that are stale have no Slot: for others, nothing is known of " +
    "them; an import reads what was known last. " +
    "The format knows appointments only: for a count of doses, True and False, others read free or busy.",
    "Sites are read page by page while others may change them; backup copies one moment.",
  ],
  examples: [
    "export sites.csv",
    "export sites.csv --force",
    "export - --format ndjson --zip 08",
    "export feed --format smart",
    "export feed/ --gzip --stale-after 7d --force",
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
    available: flag("keep only sites with vaccine: True, or a count of 1 or more"),
    force: flag("replace files that exist"),
    gzip: flag("in a feed, pack the files that the manifest names with gzip"),
    ...staleAfterOption,
    ...jsonOption,
  },
  make: ({ operands: [place], options, now }): Task => {
    const { format: given, zip, available, force = false, json = false, gzip = false, staleAfter } = options;
    if (place === standardStream && json) {
      throw new UsageError('"--json" tells of a file that was written; on standard output there are the sites');
    }
    const feed = { isPacked: gzip, staleBefore: now - (staleAfter ?? staleAfterMs) };
    const ofFeed = gzip ? "--gzip" : staleAfter === undefined ? undefined : "--stale-after";
    return exportTask(place, given, { zip, available, retired: true }, { force, json, feed, ofFeed });
  },
});

/** How a feed is written. */
interface FeedOptions {
  /** Whether the files that the manifest names are packed. */
  readonly isPacked: boolean;
  /** The time, in ms since 1970, before which observations are stale. */
  readonly staleBefore: number;
}

/** What else was asked for. */
interface ExportOptions {
  readonly force: boolean;
  readonly json: boolean;
  readonly feed: FeedOptions;
  /** An option that was given, and is for feeds only. */
  readonly ofFeed: string | undefined;
}

/** How a format is written. */
interface Writing {
  /** Its files in a directory; none: it is one file. */
  readonly files: readonly string[];
  /** The text that records add to each file. */
  texts(records: readonly ExportRecord[]): readonly string[];
  /** The end of each file. */
  last(): readonly string[];
  /** How many sites were left out until now. */
  readonly leftOut: number;
  /** How many sites are written without a word of what is available, because they are stale. */
  readonly stale: number;
}

const encoder = new TextEncoder();

function exportTask(
  place: string,
  given: Format | undefined,
  list: ListOptions,
  { force, json, feed, ofFeed }: ExportOptions,
): Task {
  const outputs: NewOutput[] = [];
  let directory: NewDirectory | undefined;
  let isDone = false;
  return {
    needsFiles: true,
    get isDone() {
      return isDone;
    },
    run: async ({ connect, around }) => {
      const { stdout } = around;
      const format = formatOf(place, given, place.endsWith("/") || around.filesIn(place) !== undefined);
      if (format === "smart" && place === standardStream) {
        throw new UsageError("A feed is several files: give a directory");
      }
      if (format !== "smart" && ofFeed !== undefined) {
        const hint = ofFeed === "--gzip" ? "; to pack another file, let its name end in .gz" : "";
        throw new UsageError(`"${ofFeed}" goes with SMART Scheduling Links only${hint}`);
      }
      const writing = format === "smart" ? feedOf(feed) : lines(format);
      // Before anything else: if a file cannot be made, no replica needs to be asked.
      if (format === "smart") directory = around.createDirectory(place, force);
      if (place !== standardStream) {
        const places = format === "smart" ? writing.files.map((file) => join(place, file)) : [place];
        for (const file of places) outputs.push(around.createFile(file, force));
      }
      const isPacked = (file: string) => /\.gz$/i.test(file);
      const packings = (format === "smart" ? writing.files : [place]).map((file, at) => {
        return place !== standardStream && isPacked(file) ? new PackedOutput(outputs[at]) : undefined;
      });
      const write = async (texts: readonly string[]) => {
        if (place === standardStream) return await stdout.write(texts.join(""));
        for (const [at, text] of texts.entries()) {
          const bytes = encoder.encode(text);
          const packing = packings[at];
          if (packing === undefined) outputs[at].write(bytes);
          else await packing.write(bytes);
        }
      };
      const { client } = await connect();
      const recordsOf = format === "smart"
        ? publisher(client)
        : format === "csv"
        ? (page: readonly FullSite[]) => page.map((site) => exportRecordOf(site))
        : bySource(client);
      const progress = new ProgressLine(around, { did: "Exported", figure: grouped, unit: "sites" });
      try {
        // How many sites pass a filter is not known before they are read.
        const isAll = list.zip === undefined && list.available === undefined;
        const total = isAll ? (await client.summary()).sites : undefined;
        let read = 0;
        for await (const page of client.listFull(list)) {
          await write(writing.texts(await recordsOf(page)));
          read += page.length;
          progress.update(read, total);
        }
        await write(writing.last());
        for (const packing of packings) await packing?.end();
        for (const output of outputs) output.complete();
        isDone = true;
        if (place === standardStream) return;
        progress.clear();
        const { leftOut: retiredLeftOut, stale } = writing;
        const sites = read - retiredLeftOut;
        const are = (count: number) => count === 1 ? "is" : "are";
        const without = retiredLeftOut === 0 ? "" : `, without ${retiredLeftOut} that ${are(retiredLeftOut)} retired`;
        const unknown = stale === 0 ? "" : `; ${stale} ${are(stale)} stale, and so published as unknown`;
        const line = json
          ? jsonLine({ place, format, sites, retiredLeftOut, stale })
          : `Exported ${counted(sites, "site")} to ${quotedShort(place)}${without}${unknown}`;
        await stdout.write(`${line}\n`);
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

/** Gives sites the ids under which they are published, if they have none, and makes their records. */
function publisher(client: VaxlogClient): (page: readonly FullSite[]) => Promise<ExportRecord[]> {
  const ids = new LocationIds(async (key, wanted) => {
    const outcome = await client.publish(key, wanted);
    if (outcome.kind === "taken") return { isTaken: true };
    // A full database takes no id, and no other site either: what is computed does not move.
    return { id: outcome.kind === "site" ? outcome.locationId : wanted };
  });
  return async (page) => {
    for (const { locationId } of page) if (locationId !== undefined) ids.reserve(locationId);
    const unpublished = page.filter(({ locationId, retired }) => locationId === undefined && retired === undefined);
    const given = await ids.give(unpublished.map(({ id, name, document }) => ({ key: formatId(id), name, document })));
    const idOf = new Map(unpublished.map(({ id }, at) => [id, given[at]]));
    const said = await sourcesOf(client, page);
    return page.map((site, at) => {
      return { ...exportRecordOf(site, said[at]), locationId: site.locationId ?? idOf.get(site.id) };
    });
  };
}

/** Makes a record for what each source says of each product. */
function bySource(client: VaxlogClient): (page: readonly FullSite[]) => Promise<ExportRecord[]> {
  return async (page) => {
    const said = await sourcesOf(client, page);
    return page.flatMap((site, at) => exportRecordsOf(site, said[at]));
  };
}

/** What each source says of each of some sites; a few are asked for at a time. */
async function sourcesOf(client: VaxlogClient, sites: readonly FullSite[]): Promise<(readonly SourceReport[])[]> {
  const said: (readonly SourceReport[])[] = [];
  for (let at = 0; at < sites.length; at += lookUpsTogether) {
    const some = sites.slice(at, at + lookUpsTogether);
    said.push(
      ...await Promise.all(some.map(async ({ id }) => (await Array.fromAsync(client.sources(formatId(id)))).flat())),
    );
  }
  return said;
}

/** CSV or NDJSON; a header goes out with the first records. */
function lines(format: Exclude<Format, "smart">): Writing {
  const lineOf = format === "csv" ? csvLine : ndjsonLine;
  let header = format === "csv" ? csvExportHeader : "";
  const texts = (records: readonly ExportRecord[]) => {
    const text = header + records.map(lineOf).join("");
    header = "";
    return [text];
  };
  return { files: [], texts, last: () => texts([]), leftOut: 0, stale: 0 };
}

/** SMART Scheduling Links: the manifest is completed last, so that what it names is there. */
function feedOf({ isPacked, staleBefore }: FeedOptions): Writing {
  const writer = new LinksWriter(staleBefore);
  const ending = isPacked ? ".gz" : "";
  return {
    files: [...resourceTypes.map((type) => linksFiles[type] + ending), manifestFile],
    texts: (records) => {
      const lines = records.map((record) => writer.add(record));
      return resourceTypes.map((type) => lines.map((line) => line[type]).join(""));
    },
    last: () => [...resourceTypes.map(() => ""), writer.manifest("", ending)],
    get leftOut() {
      return writer.retired;
    },
    get stale() {
      return writer.stale;
    },
  };
}
