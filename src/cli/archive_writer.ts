/**
 * Writes an archive: entries in their order, packed, into one file after the other.
 *
 * A file gets its name when it is whole and on the disk, and then `archive.ndjson` is written again with a line for it.
 * However the process ends, the next one continues after the last file that `archive.ndjson` names. A file that got its
 * name just before that is written again.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Entry } from "../library/client.ts";
import { ArchiveDays, type Placed } from "./archive_days.ts";
import {
  type ArchivedFile,
  ArchiveError,
  type ArchiveIndex,
  decodeIndex,
  encodeIndex,
  indexName,
  nameAfter,
  unknownTo,
} from "./archive_index.ts";
import { entryJson } from "./render_entries.ts";
import type { ArchiveFiles, NewOutput } from "./surroundings.ts";

/** Characters of JSON that are packed at a time, as a part of the file that can be unpacked alone. */
const partLength = 1024 * 1024;

const encoder = new TextEncoder();

/**
 * The index of the archive in a directory, for one who wants to write there.
 *
 * @param directory its name, for messages.
 * @param cluster the id of the cluster whose log it is to be; an empty directory becomes an archive of that.
 * @throws {ArchiveError} if it is that of another cluster, has something else, or was changed.
 */
export async function beginArchive(files: ArchiveFiles, directory: string, cluster: string): Promise<ArchiveIndex> {
  const cannot = (why: string) => new ArchiveError(`Cannot archive into "${directory}": ${why}`);
  const text = await files.read(indexName);
  if (text === undefined) {
    const [some] = files.names();
    if (some !== undefined) {
      throw cannot(`it is not empty, and has no ${indexName}; choose an empty directory, or bring that file back`);
    }
    const index = { cluster, files: [] };
    writeIndex(files, index);
    return index;
  }
  const index = indexIn(text, cannot);
  if (index.cluster !== cluster) {
    throw cannot(`it has the log of cluster ${index.cluster}, and this is ${cluster}; choose another directory`);
  }
  const unknown = unknownTo(index, files.names());
  // One may have got its name just before a crash.
  if (unknown.length > 1) {
    throw cannot(
      `${indexName} does not name "${unknown[0]}" and "${unknown[1]}"; bring a later one back, or move them away`,
    );
  }
  return index;
}

/** Reads an index. @param cannot makes the error of a reason. */
export function indexIn(text: string, cannot: (why: string) => ArchiveError): ArchiveIndex {
  try {
    return decodeIndex(text);
  } catch (error) {
    throw error instanceof ArchiveError ? cannot(error.message) : error;
  }
}

function writeIndex(files: ArchiveFiles, index: ArchiveIndex): void {
  const output = files.create(indexName);
  try {
    output.write(encoder.encode(encodeIndex(index)));
    output.complete();
  } finally {
    output.discard();
  }
}

/** A file that is being written. */
interface OpenFile {
  readonly name: string;
  readonly day: string;
  readonly first: number;
  readonly output: NewOutput;
  readonly hash: ReturnType<typeof createHash>;
  readonly redacts: number[];
  readonly redacted: number[];
  /** Lines that are not packed yet. */
  text: string;
  bytes: number;
  last: number;
}

/** Puts entries into the files of an archive. */
export class ArchiveWriter {
  readonly #files: ArchiveFiles;
  readonly #days = new ArchiveDays<Entry>();
  #index: ArchiveIndex;
  #open: OpenFile | undefined;

  /** @param index what {@link beginArchive} gave. */
  constructor(files: ArchiveFiles, index: ArchiveIndex) {
    this.#files = files;
    this.#index = index;
  }

  /** All files that are complete. */
  get index(): ArchiveIndex {
    return this.#index;
  }

  /** The day that is open: no file has its entries yet. Absent: all entries that came are archived. */
  get openDay(): string | undefined {
    return this.#days.day;
  }

  /**
   * Takes the next entry, which follows the last one that came, or that is archived.
   *
   * @returns the file that is complete now, if one is.
   * @throws {OutputError} if it cannot be written.
   */
  take(entry: Entry): ArchivedFile | undefined {
    return this.#put(this.#days.take(entry));
  }

  /** Completes the last file, though the day may have more entries; a later one then has those. */
  *end(): Generator<ArchivedFile, void> {
    const before = this.#put(this.#days.end());
    if (before !== undefined) yield before;
    const last = this.#complete();
    if (last !== undefined) yield last;
  }

  /** Leaves nothing of the file that is not complete. */
  discard(): void {
    this.#open?.output.discard();
    this.#open = undefined;
  }

  #put(placed: Placed<Entry> | undefined): ArchivedFile | undefined {
    if (placed === undefined) return undefined;
    const { entry, begins } = placed;
    const completed = begins === undefined ? undefined : this.#complete();
    if (begins !== undefined) this.#begin(begins, entry.index);
    const open = this.#open!;
    open.text += `${entryJson(entry)}\n`;
    open.last = entry.index;
    if (entry.kind === "redacted") open.redacts.push(entry.of);
    if (entry.redacted) open.redacted.push(entry.index);
    if (open.text.length >= partLength) this.#pack(open);
    return completed;
  }

  #begin(day: string, first: number): void {
    const name = nameAfter(this.#index, day);
    const output = this.#files.create(name);
    const hash = createHash("sha256");
    this.#open = { name, day, first, output, hash, redacts: [], redacted: [], text: "", bytes: 0, last: first };
  }

  #pack(open: OpenFile): void {
    const packed = gzipSync(encoder.encode(open.text));
    open.text = "";
    open.hash.update(packed);
    open.bytes += packed.length;
    open.output.write(packed);
  }

  #complete(): ArchivedFile | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    if (open.text !== "") this.#pack(open);
    open.output.complete();
    this.#open = undefined;
    const { name: file, day, first, last, bytes, hash, redacts, redacted } = open;
    const archived: ArchivedFile = {
      file,
      day,
      first,
      last,
      bytes,
      sha256: hash.digest("hex"),
      ...redacts.length === 0 ? {} : { redacts },
      ...redacted.length === 0 ? {} : { redacted },
    };
    const index = { ...this.#index, files: [...this.#index.files, archived] };
    writeIndex(this.#files, index);
    this.#index = index;
    return archived;
  }
}
