/**
 * The database as a feed that others poll: SMART Scheduling Links, a manifest and files of NDJSON.
 *
 * A publication is of one index of the log. Its `transactionTime` is when the entry there was recorded. Its ETag and
 * the path of its files have the name of the log and that index. All bytes are a function of the log up to there, so
 * every gateway that is asked under the same name gives the same. The gateway keeps the files of the last few
 * publications, so that a client with a manifest finds the files that belong to it.
 *
 * `_since` leaves out every site that has no entry from then on. The clocks of those who record may go back, so "from
 * then on" means from the first entry that was recorded at that time or later. A client that gives the
 * `transactionTime` of a manifest therefore misses nothing that came after it, but may get a site that has not changed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { formatInstant } from "../formats/instants.ts";
import { type ResourceType, resourceTypes } from "../formats/links_terms.ts";
import { LinksWriter, manifestFile } from "../formats/links_writer.ts";
import { publicationsMax, publishedBytesMax, publishEveryMs, publishSitesPerTurn } from "../limits.ts";
import { type EntryPlace, formatPlace } from "./log_name.ts";
import type { Mirror } from "./mirror.ts";

const encoder = new TextEncoder();

/** The feed of the log up to one index. */
export interface Publication {
  /** Its last entry. */
  readonly place: EntryPlace;
  /** When it was made, in ms of the gateway's clock; nothing published depends on it. */
  readonly madeAt: number;
  /** Bytes of its files. */
  readonly bytes: number;
  /**
   * The manifest.
   *
   * @param base the beginning of all URLs, with `/` at its end.
   * @param since the `_since` of the request, which the URLs repeat.
   */
  manifest(base: string, since: string | undefined): string;
  /**
   * A file.
   *
   * @param sinceMs only sites with an entry from then on; absent: all.
   */
  file(type: ResourceType, sinceMs?: number): Uint8Array<ArrayBuffer>;
}

/** Makes publications, and keeps the last few. */
export class Publisher {
  readonly #mirror: () => Mirror;
  readonly #now: () => number;
  readonly #prepare: () => Promise<void>;
  /** The newest is the last. */
  #kept: Publication[] = [];
  #making: Promise<Publication> | undefined;

  /**
   * @param now milliseconds.
   * @param prepare gives ids to the sites of the mirror that have none.
   */
  constructor(mirror: () => Mirror, now: () => number, prepare: () => Promise<void>) {
    this.#prepare = prepare;
    this.#mirror = mirror;
    this.#now = now;
  }

  /** The publication of a place that was published lately, or undefined. */
  kept({ log, index }: EntryPlace): Publication | undefined {
    return this.#kept.find(({ place }) => place.index === index && place.log === log);
  }

  /** The publication of the mirror as it is, or was a moment ago. Requests that come meanwhile share it. */
  async current(): Promise<Publication> {
    const newest = this.#kept.at(-1);
    if (newest !== undefined) {
      const { log, position } = this.#mirror();
      if (newest.place.log === log && newest.place.index === position) return newest;
      if (this.#now() - newest.madeAt < publishEveryMs) return newest;
    }
    this.#making ??= this.#make().finally(() => this.#making = undefined);
    return await this.#making;
  }

  /** Forgets everything: another cluster has begun. */
  clear(): void {
    this.#kept = [];
  }

  async #make(): Promise<Publication> {
    await this.#prepare();
    const publication = await makePublication(this.#mirror(), this.#now());
    this.#kept.push(publication);
    let bytes = Math.sumPrecise(this.#kept.map(({ bytes }) => bytes));
    while (this.#kept.length > 1 && (this.#kept.length > publicationsMax || bytes > publishedBytesMax)) {
      bytes -= this.#kept.shift()!.bytes;
    }
    return publication;
  }
}

/** Writes all sites, a few in each turn of the event loop. */
async function makePublication(mirror: Mirror, madeAt: number): Promise<Publication> {
  const { log, position: index, recordedAt } = mirror;
  const place = { log, index };
  const sites = mirror.all();
  const writer = new LinksWriter();
  for (const id of mirror.locationIds()) writer.reserve(id);
  const pieces: Record<ResourceType, Uint8Array[]> = { Location: [], Schedule: [], Slot: [] };
  for (const [count, site] of sites.entries()) {
    if (count > 0 && count % publishSitesPerTurn === 0) await setImmediate();
    const { who, source, note } = site.report ?? {};
    const lines = writer.add({ ...site, who, source, note });
    for (const type of resourceTypes) pieces[type].push(encoder.encode(lines[type]));
  }
  const files = { Location: fileOf(pieces.Location), Schedule: fileOf(pieces.Schedule), Slot: fileOf(pieces.Slot) };
  const times = Float64Array.from(sites, ({ lastTime }) => lastTime);

  return {
    place,
    madeAt,
    bytes: Math.sumPrecise(resourceTypes.map((type) => files[type].bytes.length)),
    manifest(base, since) {
      const query = since === undefined ? "" : `?_since=${encodeURIComponent(since)}`;
      const written = JSON.parse(writer.manifest(`${base}${manifestFile}/${formatPlace(place)}/`));
      const output = written.output.map((file: { readonly url: string }) => ({ ...file, url: file.url + query }));
      const transactionTime = formatInstant(recordedAt);
      const manifest = { ...written, transactionTime, request: `${base}${manifestFile}${query}`, output };
      return `${JSON.stringify(manifest, null, 2)}\n`;
    },
    file(type, sinceMs = -Infinity) {
      const { bytes, ends } = files[type];
      if (sinceMs === -Infinity) return bytes;
      const chosen: Uint8Array[] = [];
      for (const [at, time] of times.entries()) {
        if (time >= sinceMs) chosen.push(bytes.subarray(ends[at - 1] ?? 0, ends[at]));
      }
      return Buffer.concat(chosen);
    },
  };
}

/** A file, and where the lines of each site end. */
function fileOf(pieces: readonly Uint8Array[]) {
  let end = 0;
  const ends = Uint32Array.from(pieces, (piece) => end += piece.length);
  return { bytes: Buffer.concat(pieces), ends };
}
