/**
 * What an archive says of itself: `archive.ndjson`, with a line for the cluster and one for each file.
 *
 * ```json
 * {"vaxlog":"archive","version":1,"cluster":"…"}
 * {"file":"2026-11-24.ndjson.gz","day":"2026-11-24","first":1,"last":812,"bytes":5012,"sha256":"…","chain":"…"}
 * ```
 *
 * The files have all entries from 1 on, each once. `bytes` and `sha256` are those of the file as it is, packed. `chain`
 * is the SHA-256 of the chain of the line before (that of the first line: its own SHA-256) and of the line without it.
 * So the last chain covers all files: who has it elsewhere finds that anything was changed, whoever did it.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** The name of that file. */
export const indexName = "archive.ndjson";

const version = 1;

/** Names of the files with entries: a day, and from the second file of a day on, which one it is. */
const dayFile = /^(\d{4}-\d\d-\d\d)(?:\.part\d{1,9})?\.ndjson\.gz$/;

/** Names of what a process that was killed has left. */
const partialFile = /^(?:archive\.ndjson|\d{4}-\d\d-\d\d(?:\.part\d{1,9})?\.ndjson\.gz)\.partial-[0-9a-f]{8}$/;

/** A file of an archive. */
export interface ArchivedFile {
  /** Its name. */
  readonly file: string;
  /** The day of its first entry, in UTC. */
  readonly day: string;
  /** The index of its first entry. */
  readonly first: number;
  /** The index of its last entry; it has all between them. */
  readonly last: number;
  /** Its length, packed. */
  readonly bytes: number;
  /** Its SHA-256, packed: 64 hexadecimal digits. */
  readonly sha256: string;
  /** The entries that entries of this file redact; absent: none. */
  readonly redacts?: readonly number[];
  /** The entries of this file that had been redacted when they were read; absent: none. */
  readonly redacted?: readonly number[];
}

/** The content of `archive.ndjson`. */
export interface ArchiveIndex {
  /** The id of the cluster. */
  readonly cluster: string;
  /** The files in the order of their entries. */
  readonly files: readonly ArchivedFile[];
}

/** An archive cannot be used; the message says why, and what to do. */
export class ArchiveError extends Error {
  override name = "ArchiveError";
}

/** The text of an index. */
export function encodeIndex(index: ArchiveIndex): string {
  return linesOf(index).lines.map((line) => `${line}\n`).join("");
}

/** The last chain of an index, 64 hexadecimal digits. */
export function chainOf(index: ArchiveIndex): string {
  return linesOf(index).chain;
}

function linesOf({ cluster, files }: ArchiveIndex): { lines: string[]; chain: string } {
  const lines = [JSON.stringify({ vaxlog: "archive", version, cluster })];
  let chain = digestOf(lines[0]);
  for (const { file, day, first, last, bytes, sha256, redacts, redacted } of files) {
    const text = JSON.stringify({ file, day, first, last, bytes, sha256, redacts, redacted });
    chain = digestOf(chain + text);
    lines.push(`${text.slice(0, -1)},"chain":"${chain}"}`);
  }
  return { lines, chain };
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Reads an index, and compares each line with its chain.
 *
 * @throws {ArchiveError} if it is not one, or was changed; the message follows the name of the file and a colon.
 */
export function decodeIndex(text: string): ArchiveIndex {
  const damaged = (line: number) =>
    new ArchiveError(`line ${line} of ${indexName} is not as it was written; bring the file back from a copy`);
  if (!text.startsWith('{"vaxlog":"archive"')) throw new ArchiveError(`${indexName} is not that of an archive`);
  const lines = text.split("\n");
  const [head, ...others] = lines.map((line): Record<string, unknown> | undefined => {
    try {
      return JSON.parse(line);
    } catch {
      return undefined;
    }
  });
  if (typeof head?.cluster !== "string") throw damaged(1);
  if (head.version !== version) {
    throw new ArchiveError(`its format has the version ${head.version}, and this program knows ${version}`);
  }
  // Nothing follows the last line break.
  if (lines.at(-1) !== "") throw damaged(lines.length);
  const files = others.slice(0, -1) as unknown as ArchivedFile[];
  for (const [at, file] of files.entries()) {
    const first = at === 0 ? 1 : files[at - 1].last + 1;
    if (!(isRecord(file) && file.first === first && file.last >= first)) throw damaged(at + 2);
  }
  const index = { cluster: head.cluster, files };
  const wrong = linesOf(index).lines.findIndex((line, at) => line !== lines[at]);
  if (wrong >= 0) throw damaged(wrong + 1);
  return index;
}

function isRecord(value: ArchivedFile | undefined): value is ArchivedFile {
  if (typeof value !== "object" || value === null) return false;
  const { file, day, first, last, bytes, redacts = [], redacted = [] } = value;
  return typeof file === "string" && dayFile.exec(file)?.[1] === day &&
    [first, last, bytes].every((count) => Number.isSafeInteger(count)) &&
    [redacts, redacted].every((list) => Array.isArray(list));
}

/** The index of the last entry that the files have; 0: none. */
export function lastOf({ files }: ArchiveIndex): number {
  return files.at(-1)?.last ?? 0;
}

/** The name of the next file, if it is of this day. */
export function nameAfter({ files }: ArchiveIndex, day: string): string {
  const part = 1 + files.filter((file) => file.day === day).length;
  return `${day}${part === 1 ? "" : `.part${part}`}.ndjson.gz`;
}

/** Those of the names in a directory that are of files with entries, and that the index does not have. */
export function unknownTo({ files }: ArchiveIndex, names: readonly string[]): string[] {
  const known = new Set(files.map(({ file }) => file));
  return names.filter((name) => dayFile.test(name) && !known.has(name)).sort();
}

/** Those of the names in a directory that a process has left that was killed. */
export function leftOvers(names: readonly string[]): string[] {
  return names.filter((name) => partialFile.test(name));
}

/** Entries that were redacted after they were archived, and which file still says who and note of each. */
export function redactedLater({ files }: ArchiveIndex): { file: string; entry: number }[] {
  const done = new Set(files.flatMap(({ redacted = [] }) => redacted));
  const open = [...new Set(files.flatMap(({ redacts = [] }) => redacts))].filter((entry) => !done.has(entry));
  return open.sort((a, b) => a - b).map((entry) => {
    return { file: files.find(({ last }) => entry <= last)!.file, entry };
  });
}
