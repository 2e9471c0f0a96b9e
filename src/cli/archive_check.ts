/**
 * Whether an archive is what was written: each file by its digest, and by the entries that it has.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { LineCutter } from "../line_cutter.ts";
import type { ArchiveFiles } from "./surroundings.ts";
import { type ArchivedFile, ArchiveError, type ArchiveIndex } from "./archive_index.ts";
import { InputError } from "./inputs.ts";
import { unpacked } from "./unpacked.ts";

/** Bytes of a line, at most: more than any entry has. */
const lineBytesMax = 4 * 1024 * 1024;

/** A fault of a file. */
export interface ArchiveProblem {
  /** Its name. */
  readonly file: string;
  /** A sentence about it without its subject and its end. */
  readonly reason: string;
}

/**
 * Reads all files of an archive.
 *
 * @param onProgress is told how many bytes of all were read.
 * @returns what is wrong, in the order of the files.
 */
export async function checkArchive(
  files: ArchiveFiles,
  index: ArchiveIndex,
  onProgress: (bytes: number) => void,
): Promise<ArchiveProblem[]> {
  const problems: ArchiveProblem[] = [];
  let before = 0;
  for (const archived of index.files) {
    const reason = await whyNotSound(files, archived, (bytes) => onProgress(before + bytes));
    if (reason !== undefined) problems.push({ file: archived.file, reason });
    before += archived.bytes;
    onProgress(before);
  }
  return problems;
}

async function whyNotSound(
  files: ArchiveFiles,
  { file, first, last, bytes, sha256 }: ArchivedFile,
  onProgress: (bytes: number) => void,
): Promise<string | undefined> {
  const size = files.size(file);
  if (size === undefined) return "is missing";
  if (size < bytes) return `is cut short: of ${bytes} bytes, ${size} are there`;
  if (size > bytes) return `was changed: it has ${size} bytes, and had ${bytes}`;
  const hash = createHash("sha256");
  let read = 0;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of files.bytes(file)) {
      hash.update(piece);
      onProgress(read += piece.length);
      yield piece;
    }
  }
  let wrong: string | undefined;
  try {
    wrong = await whyNotEntries(unpacked(hashed(), file), first, last);
  } catch (error) {
    if (error instanceof InputError) return "is damaged: it cannot be unpacked";
    if (error instanceof ArchiveError) return `cannot be read: ${error.message}`;
    throw error;
  }
  // Its digest tells it from one that was written wrongly.
  return hash.digest("hex") === sha256 ? wrong : "was changed: its SHA-256 is another one";
}

/** Why unpacked bytes are not these entries, one a line; undefined: they are. */
async function whyNotEntries(
  bytes: AsyncIterable<Uint8Array>,
  first: number,
  last: number,
): Promise<string | undefined> {
  const cutter = new LineCutter(lineBytesMax);
  const decoder = new TextDecoder();
  let next = first;
  let wrong: string | undefined;
  const takeAll = (text: string) => {
    for (const line of text.split("\n")) {
      if (indexOf(line) !== next) wrong ??= `does not have entry ${next} where it should be`;
      next++;
    }
  };
  for await (const piece of bytes) {
    for (const run of cutter.push(piece)) takeAll(decoder.decode(run.bytes));
  }
  if (cutter.end() !== undefined) wrong ??= "does not end with a whole line";
  return wrong ?? (next === last + 1 ? undefined : `has ${next - first} entries, and should have ${last + 1 - first}`);
}

/** The index of the entry on a line; undefined: it is none. */
function indexOf(line: string): unknown {
  try {
    return JSON.parse(line).index;
  } catch {
    return undefined;
  }
}
