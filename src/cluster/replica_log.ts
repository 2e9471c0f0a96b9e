/**
 * A replica's log: one line per executed command, in order.
 *
 * A line has the command's index in the log, its uid with its place in its request, the command, and its output's first
 * line (see `log_lines.ts`). The log of a replica that was there at the start begins at index 1, that of a newcomer
 * after the snapshot that it was given, that of one that comes back with its own data with the last line of its
 * predecessor's. Wherever the indices of two logs overlap, their lines are the same; a line that begins with "#" says
 * which are missing.
 *
 * A log that is there already belongs to a predecessor, or to another cluster, and may be all that is left of it: it is
 * kept, under a name with a number.
 *
 * @module
 */

import type { FilesFigures } from "../files_words.ts";
import { type Describer, type LineRange, type LogLines, rangeOf, rangeText, textLines } from "./log_lines.ts";
import { countItems } from "../batch.ts";
import type { Executed } from "../protocol/replica/executor.ts";
import { reasonOf } from "../reason.ts";
import { ownFileMode } from "../storage/own_modes.ts";
import { ifThere } from "../storage/file_claim.ts";

/** What a log is written to. */
export type ReplicaLogFile = Pick<Deno.FsFile, "writeSync" | "truncateSync" | "seekSync" | "close">;

/** What a log works with; a test gives it other things. */
export interface ReplicaLogOptions {
  /** Takes a sentence when the log cannot be written any more, and one when it can again. */
  readonly onTrouble: (message: string) => void;
  /** Opens the file, new and empty. */
  readonly open: (path: string) => ReplicaLogFile;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  /** How its lines are written. */
  readonly lines: LogLines;
}

/** Milliseconds after which a log that could not be written is tried again. */
const retryMs = 1_000;

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
  #trouble: { readonly why: string; readonly triedAt: number } | undefined;
  /** The lines that were dropped since. */
  #missing: LineRange | undefined;
  /** How many lines were dropped in all. */
  #dropped = 0;

  /**
   * Opens a new, empty log at `path`. A file there that is not empty becomes `path.1`, or has the next number that is
   * free: the highest is the latest.
   */
  constructor(path: string, describe: Describer, options: Partial<ReplicaLogOptions> = {}) {
    this.#path = path;
    this.#describe = describe;
    this.#options = {
      // The launcher shows it.
      onTrouble: (message) => console.error(message),
      open: (path) => Deno.openSync(path, { write: true, create: true, truncate: true, mode: ownFileMode }),
      now: () => performance.now(),
      lines: textLines,
      ...options,
    };
    this.#succeeds(() => this.#open());
  }

  /** Whether it cannot be written now, and how many lines were dropped. */
  get figures(): Pick<FilesFigures, "isLogFailing" | "logMissing"> {
    return { isLogFailing: this.#trouble !== undefined, logMissing: this.#dropped };
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
    this.#succeeds(() => this.#cut());
  }

  /**
   * Appends requests that were executed again, from a disk: from the last one of the predecessor's log on, if that is
   * of the same history, and else all.
   */
  appendAgain(records: readonly Executed[]): void {
    const { lines } = this.#options;
    const index = lines.indexOf(this.#previous ?? "");
    const at = records.findLastIndex((record) => record.index <= index);
    if (at < 0) return this.append(records);
    const rest = lines.of(records[at], this.#describe).split(/(?<=\n)/).slice(index - records[at].index);
    if (rest[0] === undefined || !lines.areSame(rest[0], this.#previous!)) return this.append(records);
    this.#append(rest.join(""), { first: index, last: index + rest.length - 1 });
    this.append(records.slice(at + 1));
  }

  /**
   * Appends requests. They are handed to the operating system before this returns, so that they outlive the process, if
   * it takes them.
   */
  append(records: readonly Executed[]): void {
    const whole = records.filter(({ commands }) => countItems(commands) > 0);
    const range = rangeOf(whole);
    if (range === undefined) return;
    this.#append(whole.map((record) => this.#options.lines.of(record, this.#describe)).join(""), range);
  }

  #append(text: string, { first, last }: LineRange): void {
    const { now, onTrouble } = this.#options;
    const trouble = this.#trouble;
    const missing = this.#missing;
    const isTooSoon = trouble !== undefined && now() - trouble.triedAt < retryMs;
    const write = () => {
      if (trouble !== undefined) this.#reopen();
      this.#write(missing === undefined ? text : this.#options.lines.gap(missing, trouble?.why ?? "") + text);
    };
    if (isTooSoon || !this.#succeeds(write)) {
      this.#dropped += last - first + 1;
      this.#missing = { first: missing?.first ?? first, last };
    } else if (trouble !== undefined) {
      this.#trouble = undefined;
      this.#missing = undefined;
      const lack = missing === undefined ? "none is missing" : `${rangeText(missing)} missing in it`;
      onTrouble(`The log "${this.#path}" is written again; ${lack}`);
    }
  }

  #open(): void {
    this.#previous ??= lastLine(this.#path);
    keep(this.#path);
    this.#file = this.#options.open(this.#path);
    this.#length = 0;
  }

  /** Continues after the last whole line; in a new file, if that one is gone. */
  #reopen(): void {
    if (this.#file !== undefined && statOf(this.#path) !== undefined) return this.#cut();
    this[Symbol.dispose]();
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

  /** Does something to the file; says so if that fails, but not each time. */
  #succeeds(attempt: () => void): boolean {
    try {
      attempt();
      return true;
    } catch (error) {
      const why = reasonOf(error);
      if (this.#trouble === undefined) {
        this.#options.onTrouble(
          `Cannot write the log "${this.#path}": ${why}. The replica continues, and logs again when that is possible`,
        );
      }
      this.#trouble = { why, triedAt: this.#options.now() };
    }
    try {
      // Half a line would be taken for a whole one.
      this.#cut();
    } catch {
      // It is tried again before anything is written.
    }
    return false;
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
  for (let count = 1; count > 0; fill += count) count = file.readSync(bytes.subarray(fill)) ?? 0;
  const lines = new TextDecoder().decode(bytes.subarray(0, fill)).split(/(?<=\n)/);
  return lines.findLast((line) => line.endsWith("\n"));
}

/** Gives a file that is not empty another name. */
function keep(path: string): void {
  const present = statOf(path);
  if (!present?.isFile || present.size === 0) return;
  let number = 1;
  while (statOf(`${path}.${number}`) !== undefined) number++;
  Deno.renameSync(path, `${path}.${number}`);
}

/** The file or directory at `path`; undefined: there is none. */
function statOf(path: string): Deno.FileInfo | undefined {
  return ifThere(() => Deno.statSync(path));
}
