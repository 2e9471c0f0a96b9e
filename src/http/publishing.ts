/**
 * The database as a feed that others poll: SMART Scheduling Links, a manifest and files of NDJSON.
 *
 * A publication is of one position of the log. Its `transactionTime` is when the entry there was recorded, its ETag and
 * the path of its files have the name of the log and the entry's index, and all bytes are a function of the log up to there: they are the same
 * from every gateway that is asked under the same name. The files of the last few positions are kept, so that whoever has
 * read a manifest finds the files that belong to it.
 *
 * `_since` leaves out every site that has no entry from then on. Recording clocks may go back, so "from then on" is by
 * position: from the first entry that was recorded at that time or later. So whoever gives the `transactionTime` of a
 * manifest misses nothing that came after it; a site may come that has not changed since, never the other way round.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { formatInstant } from "../formats/instants.ts";
import { linksFiles, LinksWriter, manifestFile } from "../formats/links_writer.ts";
import { type ResourceType, resourceTypes } from "../formats/links_terms.ts";
import type { ExportRecord } from "../formats/records.ts";
import { publicationsMax, publishedBytesMax, publishEveryMs, publishSitesPerTurn } from "../limits.ts";
import { formatPlace, type Place } from "./log_name.ts";
import type { Mirror, MirrorSite } from "./mirror.ts";

/** The lines of all sites in one file. */
interface Lines {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where those of each site end. */
  readonly ends: Uint32Array;
}

const encoder = new TextEncoder();

/** What is published of one position of the log. */
export class Publication {
  /** The last entry that is in it. */
  readonly place: Place;
  /** When that was recorded, in ms since 1970. */
  readonly transactionMs: number;
  /** When it was made, in ms of the gateway's clock; nothing that is published depends on it. */
  readonly madeAt: number;
  readonly #writer: LinksWriter;
  readonly #files: Readonly<Record<ResourceType, Lines>>;
  /** Of each site. */
  readonly #times: Float64Array;

  /** Only {@link Publisher} makes one. */
  constructor(
    at: { readonly place: Place; readonly transactionMs: number; readonly madeAt: number },
    writer: LinksWriter,
    files: Readonly<Record<ResourceType, Lines>>,
    times: Float64Array,
  ) {
    this.place = at.place;
    this.transactionMs = at.transactionMs;
    this.madeAt = at.madeAt;
    this.#writer = writer;
    this.#files = files;
    this.#times = times;
  }

  /** Bytes of its files. */
  get bytes(): number {
    return resourceTypes.reduce((sum, type) => sum + this.#files[type].bytes.length, 0);
  }

  /**
   * The manifest.
   *
   * @param base what all URLs begin with, with `/` at its end.
   * @param since what was given as `_since`, which the URLs repeat.
   */
  manifest(base: string, since: string | undefined): string {
    const query = since === undefined ? "" : `?_since=${encodeURIComponent(since)}`;
    const written = JSON.parse(this.#writer.manifest(`${base}${manifestFile}/${formatPlace(this.place)}/`));
    const output = written.output.map((file: { readonly url: string }) => ({ ...file, url: file.url + query }));
    const transactionTime = formatInstant(this.transactionMs);
    const manifest = { ...written, transactionTime, request: `${base}${manifestFile}${query}`, output };
    return `${JSON.stringify(manifest, null, 2)}\n`;
  }

  /**
   * A file.
   *
   * @param sinceMs only sites with an entry from then on; absent: all.
   */
  file(type: ResourceType, sinceMs?: number): Uint8Array<ArrayBuffer> {
    const { bytes, ends } = this.#files[type];
    if (sinceMs === undefined) return bytes;
    const pieces: Uint8Array[] = [];
    for (const [at, time] of this.#times.entries()) {
      if (time >= sinceMs) pieces.push(bytes.subarray(at === 0 ? 0 : ends[at - 1], ends[at]));
    }
    return joined(pieces);
  }
}

/** The resource whose file has this name, or undefined. */
export function resourceOf(file: string): ResourceType | undefined {
  return resourceTypes.find((type) => linksFiles[type] === file);
}

/** Makes publications, and keeps the last few. */
export class Publisher {
  readonly #mirror: Mirror;
  readonly #now: () => number;
  /** The newest is the last. */
  #kept: Publication[] = [];
  #making: Promise<Publication> | undefined;

  /** @param now milliseconds. */
  constructor(mirror: Mirror, now: () => number) {
    this.#mirror = mirror;
    this.#now = now;
  }

  /** The publication of a place that was published lately, or undefined. */
  kept({ log, index }: Place): Publication | undefined {
    return this.#kept.find(({ place }) => place.index === index && place.log === log);
  }

  /** What is to be published now: as the mirror is, or was a moment ago. All who ask meanwhile get the same. */
  async current(): Promise<Publication> {
    const newest = this.#kept.at(-1);
    if (newest !== undefined) {
      const { log, index } = newest.place;
      if (log === this.#mirror.log && index === this.#mirror.position) return newest;
      if (this.#now() - newest.madeAt < publishEveryMs) return newest;
    }
    this.#making ??= this.#make().finally(() => this.#making = undefined);
    return await this.#making;
  }

  /** Forgets everything: the cluster was started anew. */
  clear(): void {
    this.#kept = [];
  }

  async #make(): Promise<Publication> {
    const { log, position: index, recordedAt: transactionMs } = this.#mirror;
    const sites = this.#mirror.all();
    const publication = await makePublication({ place: { log, index }, transactionMs, madeAt: this.#now() }, sites);
    this.#kept.push(publication);
    let bytes = this.#kept.reduce((sum, { bytes }) => sum + bytes, 0);
    while (this.#kept.length > 1 && (this.#kept.length > publicationsMax || bytes > publishedBytesMax)) {
      bytes -= this.#kept.shift()!.bytes;
    }
    return publication;
  }
}

/** Writes all sites, a few in each turn. */
async function makePublication(
  at: { readonly place: Place; readonly transactionMs: number; readonly madeAt: number },
  sites: readonly MirrorSite[],
): Promise<Publication> {
  const writer = new LinksWriter();
  const pieces: Record<ResourceType, Uint8Array[]> = { Location: [], Schedule: [], Slot: [] };
  for (const [count, site] of sites.entries()) {
    if (count > 0 && count % publishSitesPerTurn === 0) await nextTurn();
    const lines = writer.add(recordOf(site));
    for (const type of resourceTypes) pieces[type].push(encoder.encode(lines[type]));
  }
  const files = {
    Location: linesOf(pieces.Location),
    Schedule: linesOf(pieces.Schedule),
    Slot: linesOf(pieces.Slot),
  };
  return new Publication(at, writer, files, Float64Array.from(sites, ({ lastTime }) => lastTime));
}

/** Lets everything else go on that is due. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function linesOf(pieces: readonly Uint8Array[]): Lines {
  let end = 0;
  const ends = Uint32Array.from(pieces, (piece) => end += piece.length);
  return { bytes: joined(pieces), ends };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A site as the formats know it. */
function recordOf({ name, zip, availability, unit, observedAt, retired, report, document }: MirrorSite): ExportRecord {
  return {
    name,
    zip,
    availability,
    unit,
    observedAt,
    who: report?.who,
    source: report?.source,
    note: report?.note,
    retired,
    document,
  };
}
