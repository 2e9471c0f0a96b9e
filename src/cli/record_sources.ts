/**
 * Where the records of an import come from: the input, opened and read in its format.
 *
 * @module
 */

import { dirname, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { VaxlogClient } from "../client.ts";
import { quotedShort } from "../quoted.ts";
import { readCsv } from "../formats/csv.ts";
import { readNdjson } from "../formats/ndjson.ts";
import type { ImportRecord, OnProblem } from "../formats/records.ts";
import { KnownSites, parseManifest, readSchedulingLinks } from "../formats/scheduling_links.ts";
import { type Format, standardStream } from "./format_choice.ts";
import { type Input, InputError, isUrl } from "./inputs.ts";
import type { Surroundings } from "./surroundings.ts";

/** An input that has been found; its records are read once. */
export class RecordSource {
  readonly #place: string;
  readonly #format: Format;
  readonly #around: Surroundings;
  readonly #input: Input;
  readonly #signal: AbortSignal;
  #bytesRead = 0;
  #onRead: () => void = () => {};

  private constructor(place: string, format: Format, around: Surroundings, input: Input, signal: AbortSignal) {
    this.#place = place;
    this.#format = format;
    this.#around = around;
    this.#input = input;
    this.#signal = signal;
  }

  /**
   * Opens a file, a URL, or standard input.
   *
   * @param signal ends what comes from the web.
   * @throws {InputError} if it cannot be read.
   */
  static async open(place: string, format: Format, around: Surroundings, signal: AbortSignal): Promise<RecordSource> {
    return new RecordSource(place, format, around, await open(place, around, signal), signal);
  }

  /** How many bytes have been read. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** How many there are, if that is known. */
  get size(): number | undefined {
    // The size of a manifest says nothing of the feed.
    return this.#format === "smart" ? undefined : this.#input.size;
  }

  /**
   * When what it says was true, in ms since 1970, where a record names no time of its own: when it was last changed.
   * Undefined if that is not known.
   */
  get observedAt(): number | undefined {
    return this.#format === "smart" ? undefined : this.#input.changedAt;
  }

  /**
   * Reads the records.
   *
   * @param onProblem is told of each line that was repaired or refused.
   * @param onRead is called when more bytes have been read.
   * @throws {InputError | FeedError} if the rest of it cannot be read.
   */
  async *records(client: VaxlogClient, onProblem: OnProblem, onRead: () => void): AsyncGenerator<ImportRecord> {
    this.#onRead = onRead;
    const bytes = this.#counted(this.#input.bytes);
    switch (this.#format) {
      case "csv":
        return yield* readCsv(bytes, onProblem);
      case "ndjson":
        return yield* readNdjson(bytes, onProblem);
      case "smart": {
        const url = isUrl(this.#place) ? this.#place : pathToFileURL(resolve(this.#place)).href;
        const manifest = await parseManifest(bytes, url);
        const fetchBytes = (file: string) => this.#file(url, file);
        yield* readSchedulingLinks({ manifest, url, fetchBytes, known: await knownSites(client), onProblem });
      }
    }
  }

  /** A file of a feed; opened when it is read. */
  async *#file(manifest: string, file: string): AsyncGenerator<Uint8Array> {
    const advice = `the manifest ${quotedShort(this.#place)} names it: see that it is there, or mend the manifest`;
    const input = isUrl(file)
      ? await this.#around.openUrl(new URL(file), this.#signal, advice)
      : await this.#around.openFile(localFile(manifest, file), advice);
    yield* this.#counted(input.bytes);
  }

  async *#counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      this.#bytesRead += piece.length;
      this.#onRead();
      yield piece;
    }
  }
}

async function open(place: string, around: Surroundings, signal: AbortSignal): Promise<Input> {
  if (place === standardStream) return around.openInput();
  if (!isUrl(place)) return await around.openFile(place);
  const url = URL.parse(place);
  if (url === null) throw new InputError(`Cannot read ${quotedShort(place)}: it is no URL; give a file, a URL, or -`);
  return await around.openUrl(url, signal);
}

/**
 * The file that a manifest means, which is in its own directory or below it: a feed says where its files are, and none of
 * its business are other files of whoever imports it.
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
