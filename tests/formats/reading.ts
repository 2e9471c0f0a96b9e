/**
 * Inputs made of text, and what readers make of them.
 *
 * @module
 */

import { readCsv } from "../../src/formats/csv.ts";
import { readNdjson } from "../../src/formats/ndjson.ts";
import type { ImportProblem } from "../../src/formats/problems.ts";
import type { Bytes, ExportRecord, ImportRecord } from "../../src/formats/records.ts";
import { LinksWriter } from "../../src/formats/links_writer.ts";
import { KnownSites, readSchedulingLinks } from "../../src/formats/scheduling_links.ts";

/** What a reader gave and told. */
export interface Reading {
  readonly records: readonly ImportRecord[];
  readonly problems: readonly ImportProblem[];
}

/** The bytes of a text or of several pieces, as an input has them. */
export async function* bytesOf(...pieces: (string | Uint8Array)[]): Bytes {
  for (const piece of pieces) {
    await Promise.resolve();
    yield typeof piece === "string" ? new TextEncoder().encode(piece) : piece;
  }
}

/** Reads CSV. */
export function csv(...pieces: (string | Uint8Array)[]): Promise<Reading> {
  return readingOf((onProblem) => readCsv(bytesOf(...pieces), onProblem));
}

/** Reads NDJSON. */
export function ndjson(...pieces: (string | Uint8Array)[]): Promise<Reading> {
  return readingOf((onProblem) => readNdjson(bytesOf(...pieces), onProblem));
}

async function readingOf(
  read: (onProblem: (problem: ImportProblem) => void) => AsyncIterable<ImportRecord>,
): Promise<Reading> {
  const problems: ImportProblem[] = [];
  const records = await Array.fromAsync(read((problem) => problems.push(problem)));
  return { records, problems };
}

/** The files of a feed: each a text, or objects of which each is a line. */
export interface Files {
  readonly [name: string]: string | readonly unknown[];
}

/** What a feed has where a test does not say otherwise. */
export const manifest = {
  transactionTime: "2023-03-24T20:27:12.613Z",
  request: "https://publisher.example/$bulk-publish",
  output: [
    { type: "Location", url: "locations.ndjson" },
    { type: "Schedule", url: "schedules.ndjson" },
    { type: "Slot", url: "slots.ndjson" },
  ],
};

/** A Location that nothing is wrong with. */
export const location = {
  resourceType: "Location",
  id: "116",
  name: "Rite Aid",
  telecom: [{ system: "phone", value: "(856) 825-7742" }],
  address: { line: ["907 North High Street"], city: "Millville", state: "NJ", postalCode: "08332" },
};

/** A Schedule of it. */
export const schedule = { resourceType: "Schedule", id: "s1", actor: [{ reference: "Location/116" }] };

/** A Slot of that. */
export const slot = {
  resourceType: "Slot",
  id: "t1",
  schedule: { reference: "Schedule/s1" },
  status: "free",
  start: "2023-03-25T09:00:00-04:00",
  end: "2023-03-25T18:00:00-04:00",
};

/** A Slot with a capacity. */
export function withCapacity(id: string, value: unknown, more: object = {}): object {
  const url = "http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity";
  return { ...slot, id, extension: [{ url, valueInteger: value }], ...more };
}

/** Reads a feed; the files that are not given are a Location with its Schedule and one Slot. */
export function feed(
  files: Files = {},
  known = new KnownSites(),
  change: object = {},
  { state }: { readonly state?: string } = {},
): Promise<Reading> {
  const all: Files = {
    "locations.ndjson": [location],
    "schedules.ndjson": [schedule],
    "slots.ndjson": [slot],
    ...files,
  };
  return readingOf((onProblem) =>
    readSchedulingLinks({
      manifest: { ...manifest, ...change },
      url: "https://publisher.example/$bulk-publish",
      fetchBytes: (url) => bytesOf(textOf(all[url.slice(url.lastIndexOf("/") + 1)] ?? "")),
      known,
      state,
      onProblem,
    })
  );
}

function textOf(lines: string | readonly unknown[]): string {
  return typeof lines === "string" ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** A feed that was written: its files by name. */
export interface WrittenFeed {
  readonly manifest: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Writes a feed of sites in the order of their names, as a database lists them. */
export function written(records: readonly (ImportRecord | ExportRecord)[], baseUrl?: string): WrittenFeed {
  const writer = new LinksWriter();
  const files = { "locations.ndjson": "", "schedules.ndjson": "", "slots.ndjson": "" };
  for (const record of records.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    const lines = writer.add({ ...record, availability: record.availability ?? 0 });
    files["locations.ndjson"] += lines.Location;
    files["schedules.ndjson"] += lines.Schedule;
    files["slots.ndjson"] += lines.Slot;
  }
  return { manifest: writer.manifest(baseUrl), files };
}

/** Reads a feed that was written. */
export function readAgain({ manifest, files }: WrittenFeed, known?: KnownSites): Promise<Reading> {
  return feed(files, known, JSON.parse(manifest));
}
