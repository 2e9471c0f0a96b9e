/**
 * A replica's log: one line per executed command, in order.
 *
 * A line is the command's index in the log, its uid with its place in its request, the command, and its output's first
 * line, with tabs between them. The log of a replica that was there at the start begins at index 1, that of a newcomer
 * after the snapshot that it was given, that of one that comes back with its own data with the last line of its
 * predecessor's. Wherever the indices of two logs overlap, their lines are the same; a line that begins with "#" says
 * which are missing.
 *
 * A log that is there already belongs to a predecessor, or to another cluster, and may be all that is left of it: it is
 * kept, under a name with a number.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import { countItems, itemsOf } from "../batch.ts";
import type { Executed } from "../protocol/replica/executor.ts";
import { reasonOf } from "../reason.ts";

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

/** What a log is written to. */
export type ReplicaLogFile = Pick<Deno.FsFile, "writeSync" | "truncateSync" | "seekSync" | "close">;

/** What a log may be told. */
export interface ReplicaLogOptions {
  /** Takes a sentence when the log cannot be written any more, and one when it can again. */
  readonly onTrouble?: (message: string) => void;
  /** Opens the file; absent: that of the operating system, new and empty. */
  readonly open?: (path: string) => ReplicaLogFile;
  /** Milliseconds since some moment. */
  readonly now?: () => number;
}

/** Milliseconds after which a log that could not be written is tried again. */
const retryMs = 1_000;

/** Lines, and the indices of the first and the last of them. */
interface LogLines {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/**
 * The log file of a replica.
 *
 * Where it cannot be written, its replica continues without it: the data that last are elsewhere. Lines of that time
 * are dropped, and when it can be written again, a line that begins with "#" says which.
 */
export class ReplicaLog {
  readonly #path: string;
  readonly #describe: Describer;
  readonly #options: ReplicaLogOptions;
  #file: ReplicaLogFile | undefined;
  /** The last whole line of the predecessor's log, with its line break. */
  #previous: string | undefined;
  /** Bytes of whole lines in the file. */
  #length = 0;
  /** Why it cannot be written, and when that was last tried. */
  #trouble: { readonly why: string; triedAt: number } | undefined;
  /** The lines that were dropped since. */
  #missing: { readonly first: number; last: number } | undefined;

  /**
   * Opens a new, empty log at `path`. A file there that is not empty becomes `path.1`, or has the next number that is
   * free: the highest is the latest.
   */
  constructor(path: string, describe: Describer, options: ReplicaLogOptions = {}) {
    this.#path = path;
    this.#describe = describe;
    this.#options = options;
    try {
      this.#open();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** Begins again: the lines so far belong to a state that was replaced, and there would be a gap after them. */
  clear(): void {
    this.#length = 0;
    this.#missing = undefined;
    try {
      this.#cut();
    } catch (error) {
      this.#failed(error);
    }
  }

  /**
   * Appends requests that were executed again, from a disk: from the last one of the predecessor's log on, if that is
   * of the same history, and else all.
   */
  appendAgain(records: readonly Executed[]): void {
    const index = Number.parseInt(this.#previous ?? "");
    const at = records.findLastIndex((record) => record.index <= index);
    if (at < 0) return this.append(records);
    const lines = logLines(records[at], this.#describe).split(/(?<=\n)/);
    const last = index - records[at].index;
    if (lines[last] !== this.#previous) return this.append(records);
    const rest = lines.slice(last).filter((line) => line !== "");
    this.#append({ text: rest.join(""), first: index, last: index + rest.length - 1 });
    this.append(records.slice(at + 1));
  }

  /**
   * Appends requests. They are handed to the operating system before this returns, so that they outlive the process, if
   * it takes them.
   */
  append(records: readonly Executed[]): void {
    let text = "";
    let first = 0;
    let last = 0;
    for (const record of records) {
      const count = countItems(record.commands);
      if (count === 0) continue;
      if (first === 0) first = record.index;
      last = record.index + count - 1;
      text += logLines(record, this.#describe);
    }
    if (text !== "") this.#append({ text, first, last });
  }

  #append({ text, first, last }: LogLines): void {
    const { now = performance.now.bind(performance), onTrouble } = this.#options;
    if (this.#trouble !== undefined && now() - this.#trouble.triedAt < retryMs) return this.#miss(first, last);
    const missing = this.#missing;
    try {
      if (this.#trouble !== undefined) this.#reopen();
      this.#write(missing === undefined ? text : gapLine(missing, this.#trouble?.why) + text);
    } catch (error) {
      this.#failed(error);
      return this.#miss(first, last);
    }
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#missing = undefined;
    const lack = missing === undefined ? "none is missing" : `${linesOf(missing)} missing in it`;
    onTrouble?.(`The log "${this.#path}" is written again; ${lack}`);
  }

  #open(): void {
    const { open = (path) => Deno.openSync(path, { write: true, create: true, truncate: true }) } = this.#options;
    this.#previous ??= lastLine(this.#path);
    keep(this.#path);
    this.#file = open(this.#path);
    this.#length = 0;
  }

  /** Continues after the last whole line; in a new file, if that one is gone. */
  #reopen(): void {
    if (this.#file !== undefined && statOf(this.#path) !== undefined) return this.#cut();
    this.#file?.close();
    this.#file = undefined;
    this.#open();
  }

  /** Takes away the beginning of a line that is not whole. */
  #cut(): void {
    this.#file?.truncateSync(this.#length);
    this.#file?.seekSync(this.#length, Deno.SeekMode.Start);
  }

  #write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += this.#file!.writeSync(bytes.subarray(at));
    this.#length += bytes.length;
  }

  #failed(error: unknown): void {
    const { now = performance.now.bind(performance), onTrouble } = this.#options;
    const why = reasonOf(error);
    const isNew = this.#trouble === undefined;
    this.#trouble = { why, triedAt: now() };
    try {
      // Half a line would be taken for a whole one.
      this.#cut();
    } catch {
      // It is tried again before anything is written.
    }
    if (isNew) {
      onTrouble?.(
        `Cannot write the log "${this.#path}": ${why}. The replica continues, and logs again when that is possible`,
      );
    }
  }

  #miss(first: number, last: number): void {
    if (this.#missing === undefined) this.#missing = { first, last };
    else this.#missing.last = last;
  }
}

/** The line in place of those that were dropped. */
function gapLine(missing: { readonly first: number; readonly last: number }, why: string | undefined): string {
  return `# ${linesOf(missing)} missing: the log could not be written (${printable(why ?? "")})\n`;
}

function linesOf({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? `line ${first} is` : `lines ${first} to ${last} are`;
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

/** The file or directory at `path`; undefined: there is none. */
function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
