/**
 * Where the records of an import come from: the input, opened and read in its format.
 *
 * @module
 */

import { dirname, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { VaxlogClient } from "../library/client.ts";
import { quotedShort } from "../quoted.ts";
import { readCsv } from "../formats/csv.ts";
import { readNdjson } from "../formats/ndjson.ts";
import { type OnProblem, tellAt } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import type { SiteFinder } from "../formats/known_lookup.ts";
import { formatId } from "../database/look_alikes.ts";
import type { FullSite } from "../database/values.ts";
import { parseManifest, readSchedulingLinks } from "../formats/scheduling_links.ts";
import type { Format } from "./commands/operands.ts";
import { type Input, InputError, isUrl } from "./inputs.ts";
import type { Surroundings } from "./surroundings.ts";
import { unpacked } from "./unpacked.ts";

/** What an import reads, and how. */
export interface ImportPlace {
  /** A file, a URL, or standard input; without a user and a password. */
  readonly place: string;
  /** A user and a password with a colon between them, for its server. */
  readonly credentials?: string;
  readonly format: Format;
  /** Two letters: of a feed, only Locations of this state; absent: all. */
  readonly state?: string;
  /** What the source is called; absent: a feed is called by its URL, and others say it in their records. */
  readonly source?: string;
}

/** Records that are read once. */
export type RecordSource = Awaited<ReturnType<typeof openRecords>>;

/**
 * Opens a file, a URL, or standard input, of which the records are read once.
 *
 * @param signal ends what comes from the web.
 * @param etag the version that was read before, if its server has a name for it.
 * @throws {InputError} if it cannot be read.
 */
export async function openRecords(
  { place, credentials, format, state, source }: ImportPlace,
  around: Surroundings,
  signal: AbortSignal,
  etag?: string,
) {
  const input = await around.openInput(place, signal, { credentials, etag });
  // The size and the age of a manifest say nothing of the feed.
  const { size, changedAt } = format === "smart" ? {} as Partial<Input> : input;
  let bytesRead = 0;
  async function* counted(bytes: AsyncIterable<Uint8Array>, onRead: () => void): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      bytesRead += piece.length;
      onRead();
      yield piece;
    }
  }
  /** A file of a feed; opened when it is read. */
  async function* bytesOf(manifest: string, file: string, onRead: () => void): AsyncGenerator<Uint8Array> {
    const advice = `the manifest ${quotedShort(place)} names it: see that it is there, or mend the manifest`;
    const found = isUrl(file) ? file : localFile(manifest, file);
    // A password is for the server that it was given for.
    const isSameServer = isUrl(file) && URL.parse(file)?.origin === URL.parse(manifest)?.origin;
    const { bytes } = await around.openInput(found, signal, { advice, ...isSameServer && { credentials } });
    yield* unpacked(counted(bytes, onRead), found);
  }
  return {
    /** How many bytes have been read. */
    get bytesRead() {
      return bytesRead;
    },
    /** How many there are, if that is known. */
    size,
    /**
     * When the input was last changed, in ms since 1970, if that is known: what a record says without a time of its own
     * was true then.
     */
    observedAt: changedAt,
    /** The name that its server has for this version; absent: none. */
    etag: input.etag,
    /** Whether this is the version that was read before: then there is nothing to read. */
    isUnchanged: input.isUnchanged ?? false,
    /**
     * Reads the records.
     *
     * @param onProblem is told of each line that was repaired or refused.
     * @param onRead is called when more bytes have been read.
     * @throws {InputError | FeedError} if the rest of it cannot be read.
     */
    async *records(client: VaxlogClient, onProblem: OnProblem, onRead: () => void): AsyncGenerator<ImportRecord> {
      // A client of HTTP unpacks what a server has packed for the way alone.
      const onPlain = isUrl(place) ? undefined : () => {
        const what = `The name ${quotedShort(place)} ends in .gz, and the file is not packed with gzip`;
        tellAt(onProblem, { line: 1 }, "gzip-none", `${what}; it was read as it is`);
      };
      const bytes = unpacked(counted(input.bytes, onRead), place, onPlain);
      if (format === "csv") return yield* readCsv(bytes, onProblem);
      if (format === "ndjson") return yield* readNdjson(bytes, onProblem);
      // A server may have sent its client elsewhere, and the manifest means files that are there.
      const url = isUrl(place) ? input.url ?? place : pathToFileURL(resolve(place)).href;
      const manifest = await parseManifest(bytes, url);
      const fetchBytes = (file: string) => bytesOf(url, file, onRead);
      const known = finderOf(client);
      yield* readSchedulingLinks({ manifest, url, state, source, fetchBytes, known, onProblem });
    },
  };
}

/**
 * The file that a manifest means, which is in its own directory or below it: a feed says where its files are, and must
 * not reach other files of the person who imports it.
 */
function localFile(manifest: string, file: string): string {
  const url = URL.parse(file);
  if (url?.protocol === "file:" && manifest.startsWith("file:")) {
    const path = fileURLToPath(url);
    if (path.startsWith(dirname(fileURLToPath(manifest)) + sep)) return path;
  }
  throw new InputError(`Cannot read ${quotedShort(file)}: a manifest may name files beside it, and URLs of the web`);
}

/** Looks up sites in the database. */
function finderOf(client: VaxlogClient): SiteFinder {
  const details = async (name: string): Promise<FullSite | undefined> => {
    const outcome = await client.details(name);
    if (outcome.kind === "site") return outcome.site;
    const alike = outcome.kind === "unknownSite" ? outcome.alike : undefined;
    return alike && await details(formatId(alike.id));
  };
  return {
    find: (identifier) => client.find(identifier),
    details,
    sources: async (name) => (await Array.fromAsync(client.sources(name))).flat(),
    reportedBy: (source) => client.list({ source }),
  };
}
