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
import type { OnProblem } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { KnownSites, parseManifest, readSchedulingLinks } from "../formats/scheduling_links.ts";
import type { Format } from "./commands/operands.ts";
import { type Input, InputError, isUrl } from "./inputs.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Opens a file, a URL, or standard input, of which the records are read once.
 *
 * @param signal ends what comes from the web.
 * @throws {InputError} if it cannot be read.
 */
export async function openRecords(place: string, format: Format, around: Surroundings, signal: AbortSignal) {
  const input = await around.openInput(place, signal);
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
    const { bytes } = await around.openInput(isUrl(file) ? file : localFile(manifest, file), signal, advice);
    yield* counted(bytes, onRead);
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
    /**
     * Reads the records.
     *
     * @param onProblem is told of each line that was repaired or refused.
     * @param onRead is called when more bytes have been read.
     * @throws {InputError | FeedError} if the rest of it cannot be read.
     */
    async *records(client: VaxlogClient, onProblem: OnProblem, onRead: () => void): AsyncGenerator<ImportRecord> {
      const bytes = counted(input.bytes, onRead);
      if (format === "csv") return yield* readCsv(bytes, onProblem);
      if (format === "ndjson") return yield* readNdjson(bytes, onProblem);
      const url = isUrl(place) ? place : pathToFileURL(resolve(place)).href;
      const manifest = await parseManifest(bytes, url);
      const fetchBytes = (file: string) => bytesOf(url, file, onRead);
      yield* readSchedulingLinks({ manifest, url, fetchBytes, known: await knownSites(client), onProblem });
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

/** The sites that are there, so that each Location of a feed finds its own. */
async function knownSites(client: VaxlogClient): Promise<KnownSites> {
  const known = new KnownSites();
  for await (const page of client.listFull({ retired: true })) for (const site of page) known.add(site);
  return known;
}
