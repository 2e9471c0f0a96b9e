/**
 * Sites as CSV over HTTP: what a search finds, to download; and a file, to look at before it is reported.
 *
 * Both work on the gateway's own copy of the sites, and change nothing. The commands that a file would take are given
 * to the client, which sends them as a batch once a person has decided.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { formatId } from "../database/look_alikes.ts";
import type { FullSite, SourceReport } from "../database/values.ts";
import { csvExportHeader, csvLine, readCsv } from "../formats/csv.ts";
import { exportRecordOf } from "../formats/export_record.ts";
import { effectOf } from "../formats/problem_kinds.ts";
import { usualTime } from "../formats/record_rules.ts";
import type { ImportProblem } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { Vicinity } from "../places/vicinity.ts";
import { timeMsMax } from "../limits.ts";
import { batchCommand } from "./batch_route.ts";
import { CsvPlan, effects, type PlanTimes } from "./csv_plan.ts";
import { ageFilter, foundSites } from "./found_sites.ts";
import { ManyKeys } from "./many_keys.ts";
import type { MirrorSite } from "./mirror.ts";
import { send } from "./responses.ts";
import { type Route, route } from "./route.ts";
import type { Services } from "./services.ts";
import { joined } from "./turns.ts";
import { count, integer, list, namedObject, openObject, optional, text, word } from "./shapes.ts";
import { ageQuery, name, searchQuery } from "./site_shapes.ts";

/** Bytes of a CSV that a person looks at before it is reported: about 30,000 sites, and a second of the processor. */
const httpCsvBytesMax = 2 * 1024 * 1024;

/**
 * Bytes of such a CSV that are read in one turn: a millisecond, or ten where every line has a quote too many and is
 * parsed again and again.
 */
export const httpCsvPieceBytes = 2 * 1024;

/** Records of such a CSV that are looked at in one turn, however short their lines are. */
const httpCsvRecordsAtOnce = 200;

/** Problems of such a CSV that a response has; it counts all of them. */
export const httpCsvProblemsMax = 1_000;

const line = integer(1, undefined, "The line at which it begins, from 1");

const reading = namedObject("CsvReading", {
  records: list(openObject({
    line,
    name,
    effect: word(effects, "What it would come to"),
    commands: list(batchCommand, "What to send to `/api/batch` to have it done"),
  })),
  problems: list(
    openObject({
      line,
      kind: text("A stable word for problems of this sort"),
      effect: word(["repaired", "kept", "refused"], "Whether it was repaired, kept as it is, or refused"),
      what: text("Says what is wrong, with the value in quotes, and what was done or what to do"),
    }),
    `The first ${httpCsvProblemsMax}`,
  ),
  read: count("How many records were read"),
  repairs: count("How many problems were repaired"),
  refused: count("How many lines, records or columns were refused"),
});

const encoder = new TextEncoder();

/** The routes. */
export function csvRoutes(services: Services): readonly Route[] {
  return [
    route(["GET"], "/api/sites.csv", {
      id: "downloadSites",
      summary: "Download the sites that a search finds as CSV, as `export` writes it",
      description: "From the gateway's own copy, which is behind the log by a moment.",
      query: { ...searchQuery, ...ageQuery },
      responses: { 200: { description: "A header, and a line for each site", mediaType: "text/csv" } },
      problems: ["not-ready"],
      handle: async ({ query: { q, near, within, fresh, stale, ...search } }) => {
        const vicinity = await Vicinity.wanted({ near, within });
        const fits = ageFilter(services.options, { fresh, stale });
        await services.checkReady();
        const found = foundSites(services, { part: q, fits, ...search }, vicinity);
        const headers = { "content-disposition": 'attachment; filename="vaxlog-sites.csv"' };
        return send(200, download(services, found), "text/csv; charset=utf-8", headers);
      },
    }),

    route(["POST"], "/api/csv", {
      needs: "read",
      id: "readCsv",
      summary: "Read a CSV, and say what would be repaired, refused and changed; changes nothing",
      description: "A record names its site, ZIP code and availability as in an import. Send the commands of the " +
        "records to `/api/batch` to have them done. From the gateway's own copy, which is behind the log by a moment.",
      query: {
        changedAt: optional(integer(
          0,
          timeMsMax,
          "When the file was last changed, in ms since 1970: a report without a time is as old; absent: now",
        )),
      },
      rawBody: { "text/csv": text("CSV in UTF-8, with a header") },
      bodyBytesMax: httpCsvBytesMax,
      isLocal: true,
      responses: { 200: { description: "The records and the problems of the file", body: reading } },
      problems: ["not-ready"],
      handle: async ({ query: { changedAt }, raw: { csv = new Uint8Array() } }) => {
        await services.checkReady();
        const now = services.options.now();
        const reading = await readAll(services, csv, { now, observedAt: usualTime(changedAt ?? now, now) });
        return send(200, await jsonOf(reading), "application/json");
      },
    }),
  ];
}

/** Sites as a file. */
function download(
  { metrics }: Services,
  found: AsyncIterable<readonly MirrorSite[]>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(lines());

  async function* lines() {
    let head = csvExportHeader;
    for await (const sites of found) {
      const bytes = encoder.encode(head + sites.map((site) => csvLine(exportRecordOf(site))).join(""));
      head = "";
      metrics.sentBytes += bytes.length;
      if (bytes.length > 0) yield bytes;
    }
  }
}

/** Reads a file, a piece in each turn of the event loop. What it makes of the records is JSON already, in pieces. */
async function readAll({ mirror, client }: Services, csv: Uint8Array, times: PlanTimes) {
  const problems: (ImportProblem & { readonly effect: string })[] = [];
  const counts = { read: 0, repairs: 0, refused: 0 };
  const onProblem = (problem: ImportProblem) => {
    const effect = effectOf(problem.kind);
    if (effect === "repaired") counts.repairs++;
    if (effect === "refused") counts.refused++;
    if (problems.length < httpCsvProblemsMax) problems.push({ ...problem, effect });
  };
  const known = new ManyKeys<number, Promise<readonly SourceReport[]>>();
  // The mirror may be a moment behind, and the site may have been merged: it is known by its id.
  const sourcesOf = (id: number) => {
    let sources = known.get(id);
    if (sources === undefined) {
      known.set(id, sources = Array.fromAsync(client.sources(formatId(id))).then((pages) => pages.flat()));
    }
    return sources;
  };
  const sites = { site: (name: string) => mirror.siteLike(name), sources: ({ id }: FullSite) => sourcesOf(id) };
  const plan = new CsvPlan(sites, times, onProblem);
  const pieces: Uint8Array[] = [];
  let some: ImportRecord[] = [];
  const planSome = async () => {
    // All are asked for at once, so that they travel together.
    await Promise.all(some.map(({ name }) => mirror.siteLike(name)).map((it) => it && sourcesOf(it.site.id)));
    const texts: string[] = [];
    for (const record of some) {
      const planned = await plan.take(record);
      if (planned !== undefined) texts.push(JSON.stringify(planned));
    }
    // As bytes, they cost the garbage collector nothing until all of the file was read.
    if (texts.length > 0) pieces.push(encoder.encode((pieces.length > 0 ? "," : "") + texts.join(",")));
    some = [];
    await setImmediate();
  };
  for await (const record of readCsv(piecesOf(csv), onProblem)) {
    counts.read++;
    if (some.push(record) >= httpCsvRecordsAtOnce) await planSome();
  }
  await planSome();
  return { pieces, problems, ...counts };
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += httpCsvPieceBytes) {
    yield bytes.subarray(start, start + httpCsvPieceBytes);
    await setImmediate();
  }
}

/** A reading as JSON, put together in many turns of the event loop. */
async function jsonOf({ pieces, ...others }: Awaited<ReturnType<typeof readAll>>): Promise<Uint8Array<ArrayBuffer>> {
  const after = encoder.encode(`],${JSON.stringify(others).slice(1)}`);
  return await joined([encoder.encode('{"records":['), ...pieces, after]);
}
