/**
 * The database as a feed that others poll: SMART Scheduling Links, a manifest and files of NDJSON.
 *
 * A publication is of one index of the log, and of the sites that are stale. Its `transactionTime` is when the entry
 * there was recorded. Its ETag and the path of its files have the name of the log, that index, and the time of the
 * newest observation that is stale, from which follows which sites are. So all bytes are a function of that name, and
 * every gateway that is asked under the same name gives the same. The gateway keeps the files of the last few
 * publications, so that a client with a manifest finds the files that belong to it.
 *
 * `_since` leaves out every site that has neither an entry from then on nor has become stale, and tells in `deleted`
 * which are retired, or were merged into others. The clocks of those who record may go back, so "from then on" means
 * from the first entry that was recorded at that time or later. A client that gives the `transactionTime` of a manifest
 * therefore misses nothing that came after it, but may get a site that has not changed.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { formatInstant } from "../formats/instants.ts";
import { compareNames } from "../database/name_order.ts";
import { asOf } from "../database/site_rules.ts";
import { exportRecordOf } from "../formats/export_record.ts";
import { deletedFile } from "../formats/links_deleted.ts";
import { resourceTypes } from "../formats/links_terms.ts";
import { linksFiles, LinksWriter, manifestFile, type SiteLines } from "../formats/links_writer.ts";
import { type EntryPlace, formatPlace, parsePlace } from "./log_name.ts";
import type { Mirror, MirrorSite } from "./mirror.ts";
import { joined } from "./turns.ts";

/** Positions of the log whose published files are kept: a client with a manifest has time to fetch its files. */
export const publicationsMax = 4;

/** Bytes of all published files that are kept, except those of the newest position. */
const publishedBytesMax = 256 * 1024 * 1024;

/** Milliseconds between two publications, at least: one of 100,000 sites takes over a second of work. */
const publishEveryMs = 10_000;

/** Sites that one turn writes for publishing: a millisecond or two. */
const publishSitesPerTurn = 64;

const encoder = new TextEncoder();

/** A file of a publication, by what its lines are. */
export type PublishedType = keyof SiteLines;

/** The names of the files. */
export const publishedFiles: Readonly<Record<PublishedType, string>> = { ...linksFiles, Bundle: deletedFile };

const publishedTypes = [...resourceTypes, "Bundle"] as const;

/** Whether a text can be the name of a publication. */
export function isPublicationName(text: string): boolean {
  const [place = "", cut = "1"] = text.split("~");
  return parsePlace(place) !== undefined && /^[1-9][0-9]{0,15}$/.test(cut);
}

/** The feed of the log up to one index. */
export interface Publication {
  /** Its last entry. */
  readonly place: EntryPlace;
  /** The place, and behind it the time of the newest observation that is stale, if any is: which bytes it has. */
  readonly name: string;
  /** When the next site becomes stale, in ms since 1970; Infinity if none does. */
  readonly nextStaleMs: number;
  /** When it was made, in ms of the gateway's clock; nothing published depends on it. */
  readonly madeAt: number;
  /** Bytes of its files. */
  readonly bytes: number;
  /**
   * The manifest.
   *
   * @param base the beginning of all URLs, with `/` at its end.
   * @param since the `_since` of the request, which the URLs repeat: as it came, and in ms since 1970.
   */
  manifest(base: string, since: { readonly text: string; readonly ms: number } | undefined): string;
  /**
   * A file. That of deletions is empty unless a time is given.
   *
   * @param sinceMs only sites that have changed from then on; absent: all.
   */
  file(type: PublishedType, sinceMs?: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Makes publications, and keeps the last few. */
export class Publisher {
  readonly #mirror: () => Mirror;
  readonly #now: () => number;
  readonly #staleAfterMs: number;
  readonly #prepare: () => Promise<void>;
  /** The newest is the last. */
  #kept: Publication[] = [];
  #making: Promise<Publication> | undefined;

  /**
   * Begins.
   *
   * @param now milliseconds since 1970.
   * @param staleAfterMs the age from which on an observation is stale.
   * @param prepare gives ids to the sites of the mirror that have none.
   */
  constructor(mirror: () => Mirror, now: () => number, staleAfterMs: number, prepare: () => Promise<void>) {
    this.#prepare = prepare;
    this.#mirror = mirror;
    this.#now = now;
    this.#staleAfterMs = staleAfterMs;
  }

  /** The publication of a name that was published lately, or undefined. */
  kept(wanted: string): Publication | undefined {
    return this.#kept.find(({ name }) => name === wanted);
  }

  /** The publication of the mirror as it is, or was a moment ago. Requests that come meanwhile share it. */
  async current(): Promise<Publication> {
    const newest = this.#kept.at(-1);
    if (newest !== undefined) {
      const { log, position } = this.#mirror();
      const isOfNow = newest.place.log === log && newest.place.index === position;
      const now = this.#now();
      if ((isOfNow && now <= newest.nextStaleMs) || now - newest.madeAt < publishEveryMs) return newest;
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
    const publication = await makePublication(this.#mirror(), this.#now(), this.#staleAfterMs);
    this.#kept = this.#kept.filter(({ name }) => name !== publication.name);
    this.#kept.push(publication);
    let bytes = Math.sumPrecise(this.#kept.map(({ bytes }) => bytes));
    while (this.#kept.length > 1 && (this.#kept.length > publicationsMax || bytes > publishedBytesMax)) {
      bytes -= this.#kept.shift()!.bytes;
    }
    return publication;
  }
}

/** Writes all sites, a few in each turn of the event loop. */
async function makePublication(mirror: Mirror, madeAt: number, staleAfterMs: number): Promise<Publication> {
  const { log, position: index, recordedAt } = mirror;
  const place = { log, index };
  const { sites, merged } = allOf(mirror);
  const staleBefore = madeAt - staleAfterMs;
  const writer = new LinksWriter(staleBefore);
  // Nothing is asked of the mirror after this turn: it changes.
  await setImmediate();
  for (const { locationId } of sites) if (locationId !== undefined) writer.reserve(locationId);
  const pieces: Record<PublishedType, Uint8Array[]> = { Location: [], Schedule: [], Slot: [], Bundle: [] };
  /** When each site has changed last. */
  const times = new Float64Array(sites.length);
  let newestStale = 0;
  let oldestFresh = Infinity;
  for (const [at, site] of sites.entries()) {
    if (at % publishSitesPerTurn === 0) await setImmediate();
    const isMerged = merged.has(site);
    const record = exportRecordOf(site, mirror.sourcesOf(site));
    const lines = isMerged ? writer.gone(record) : writer.add(record);
    for (const type of publishedTypes) pieces[type].push(encoder.encode(lines[type]));
    times[at] = site.lastTime;
    if (isMerged || site.retired !== undefined || site.observedAt === 0) continue;
    // Products become stale one by one.
    for (const known of record.shownProducts?.map(({ asOf }) => asOf) ?? [asOf(site)]) {
      if (known >= staleBefore) oldestFresh = Math.min(oldestFresh, known);
      else {
        newestStale = Math.max(newestStale, known);
        times[at] = Math.max(times[at], known + staleAfterMs);
      }
    }
  }
  const files = {
    Location: await fileOf(pieces.Location),
    Schedule: await fileOf(pieces.Schedule),
    Slot: await fileOf(pieces.Slot),
    Bundle: await fileOf(pieces.Bundle),
  };
  const name = `${formatPlace(place)}${newestStale === 0 ? "" : `~${newestStale}`}`;
  const nextStaleMs = oldestFresh + staleAfterMs;
  // Not after the next site becomes stale, though the clock of the one who recorded the entry may be ahead: a client
  // that asks for what has changed since then must get that site.
  const transactionTime = formatInstant(Math.min(recordedAt, nextStaleMs));
  /** The lines of the sites that have changed: those of neighbours in one piece. */
  const linesSince = (type: PublishedType, sinceMs: number): Uint8Array<ArrayBuffer>[] => {
    const { bytes, ends } = files[type];
    const chosen: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < times.length; at++) {
      const first = at;
      while (times[at] >= sinceMs) at++;
      const [start, end] = [ends[first - 1] ?? 0, ends[at - 1] ?? 0];
      if (at > first && end > start) chosen.push(bytes.subarray(start, end));
    }
    return chosen;
  };

  return {
    place,
    name,
    nextStaleMs,
    madeAt,
    bytes: Math.sumPrecise(publishedTypes.map((type) => files[type].bytes.length)),
    manifest(base, since) {
      const query = since === undefined ? "" : `?_since=${encodeURIComponent(since.text)}`;
      const folder = `${base}${manifestFile}/${name}/`;
      const written = JSON.parse(writer.manifest(folder));
      const output = written.output.map((file: { readonly url: string }) => ({ ...file, url: file.url + query }));
      const hasDeleted = since !== undefined && linesSince("Bundle", since.ms).length > 0;
      const deleted = hasDeleted ? { deleted: [{ type: "Bundle", url: `${folder}${deletedFile}${query}` }] } : {};
      const { error, ...others } = written;
      const request = `${base}${manifestFile}${query}`;
      const manifest = { ...others, transactionTime, request, output, ...deleted, error };
      return `${JSON.stringify(manifest, null, 2)}\n`;
    },
    async file(type, sinceMs) {
      if (sinceMs === undefined) return type === "Bundle" ? new Uint8Array() : files[type].bytes;
      const chosen = linesSince(type, sinceMs);
      return chosen.length === 1 ? chosen[0] : await joined(chosen);
    },
  };
}

/** All sites in the order of their names, and those among them whose own Location is gone: they were merged. */
function allOf(mirror: Mirror): { readonly sites: readonly MirrorSite[]; readonly merged: ReadonlySet<MirrorSite> } {
  const merged = mirror.merged();
  const sites = mirror.all();
  const all = merged.length === 0 ? sites : [...sites, ...merged].sort((a, b) => compareNames(a.name, b.name));
  return { sites: all, merged: new Set(merged) };
}

/** A file, and where the lines of each site end. */
async function fileOf(pieces: readonly Uint8Array[]) {
  let end = 0;
  const ends = Uint32Array.from(pieces, (piece) => end += piece.length);
  return { bytes: await joined(pieces), ends };
}
