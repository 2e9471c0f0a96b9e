/**
 * A replica's log: one line per executed command, in order.
 *
 * A line is the command's index in the log, its uid with its place in its request, the command, and its output's first
 * line, with tabs between them. The log of a replica that was there at the start begins at index 1, that of a newcomer
 * after the snapshot that it was given, that of one that comes back with its own data with the last line of its
 * predecessor's. Wherever the indices of two logs overlap, their lines are the same.
 *
 * A log that is there already belongs to a predecessor, or to another cluster, and may be all that is left of it: it is
 * kept, under a name with a number.
 *
 * @module
 */

import { itemsOf } from "../protocol/batch.ts";
import type { Executed } from "../protocol/executor.ts";

/** How commands and outputs are shown: each as one printable line. */
export interface Describer {
  command(bytes: Uint8Array): string;
  output(bytes: Uint8Array): string;
}

/** The lines of an executed request, each with its line break; none for a request without commands. */
export function logLines(record: Executed, describe: Describer): string {
  const outputs = itemsOf(record.outputs);
  let lines = "";
  let place = 0;
  for (const command of itemsOf(record.commands)) {
    const uid = `${record.v}.${record.ts}.${record.client}#${place + 1}`;
    const output = describe.output(outputs.next().value!);
    lines += `${record.index + place}\t${uid}\t${describe.command(command)}\t${output}\n`;
    place++;
  }
  return lines;
}

/** The log file of a replica. */
export class ReplicaLog {
  readonly #file: Deno.FsFile;
  readonly #describe: Describer;
  /** The last whole line of the predecessor's log, with its line break. */
  readonly #previous: string | undefined;

  /**
   * Opens a new, empty log at `path`. A file there that is not empty becomes `path.1`, or has the next number that is
   * free: the highest is the latest.
   *
   * @throws {Error} if it cannot be written.
   */
  constructor(path: string, describe: Describer) {
    this.#previous = lastLine(path);
    keep(path);
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    this.#describe = describe;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Begins anew: what was appended belongs to a state that was replaced, and there would be a gap after it. */
  clear(): void {
    this.#file.truncateSync(0);
    this.#file.seekSync(0, Deno.SeekMode.Start);
  }

  /**
   * Appends requests that were executed again, from a disk: from the last one of the predecessor's log on, if that is of
   * the same history, and else all.
   */
  appendAgain(records: readonly Executed[]): void {
    const index = Number.parseInt(this.#previous ?? "");
    const at = records.findLastIndex((record) => record.index <= index);
    if (at < 0) return this.append(records);
    const lines = logLines(records[at], this.#describe).split(/(?<=\n)/);
    const last = index - records[at].index;
    if (lines[last] !== this.#previous) return this.append(records);
    this.#write(lines.slice(last).join(""));
    this.append(records.slice(at + 1));
  }

  /**
   * Appends requests. They are handed to the operating system before this returns, so that they outlive the process.
   *
   * @throws {Error} if they cannot be written.
   */
  append(records: readonly Executed[]): void {
    let lines = "";
    for (const record of records) lines += logLines(record, this.#describe);
    this.#write(lines);
  }

  #write(lines: string): void {
    const bytes = new TextEncoder().encode(lines);
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }
}

/** Bytes at the end of a log in which its last line is. */
const lastLineBytesMax = 64 * 1024;

/** The last whole line of a file, with its line break; undefined if there is none. */
function lastLine(path: string): string | undefined {
  const size = statOf(path)?.size ?? 0;
  if (size === 0) return undefined;
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(Math.min(size, lastLineBytesMax));
  file.seekSync(size - bytes.length, Deno.SeekMode.Start);
  let fill = 0;
  for (let count: number | null = 0; count !== null && fill < bytes.length; fill += count ?? 0) {
    count = file.readSync(bytes.subarray(fill));
  }
  const lines = new TextDecoder().decode(bytes.subarray(0, fill)).split(/(?<=\n)/);
  return lines.findLast((line) => line.endsWith("\n"));
}

/** Gives a file that is not empty another name. */
function keep(path: string): void {
  const present = statOf(path);
  if (present === undefined || !present.isFile || present.size === 0) return;
  let number = 1;
  while (statOf(`${path}.${number}`) !== undefined) number++;
  Deno.renameSync(path, `${path}.${number}`);
}

/** What is at `path`; undefined: nothing is. */
function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
