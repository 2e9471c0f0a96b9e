/**
 * Surroundings that a test sets up and looks at: no terminal, no process, no network.
 *
 * @module
 */

import { runClient } from "../../src/cli/client_main.ts";
import { type ExitCode, OutputClosedError, type Surroundings } from "../../src/cli/surroundings.ts";
import type { CopyOptions, DatabaseCopy } from "../../src/net/backup.ts";
import type { Notice } from "../../src/net/session.ts";
import { BackupFileError } from "../../src/storage/backup_file.ts";
import { type BackupInfo, headerOf } from "../../src/storage/backup_format.ts";
import { MemoryCluster } from "../database/memory.ts";

/** Lines that a test types, one at a time or all at once. */
export class TypedLines implements AsyncIterator<string> {
  #waiting: ((result: IteratorResult<string>) => void) | undefined;
  #asked = Promise.withResolvers<void>();
  readonly #lines: string[];
  readonly #staysOpen: boolean;

  /** @param lines what is typed already. @param staysOpen whether more may come; else the input ends behind them. */
  constructor(lines: readonly string[], staysOpen = false) {
    this.#lines = [...lines];
    this.#staysOpen = staysOpen;
  }

  /** Resolves when a line is asked for that has not been typed. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /** Reads a line. */
  next(): Promise<IteratorResult<string>> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve({ done: false, value: line });
    if (!this.#staysOpen) return Promise.resolve({ done: true, value: undefined });
    this.#asked.resolve();
    return new Promise((resolve) => this.#waiting = resolve);
  }

  /** Types a line that is waited for. */
  type(line: string): void {
    this.#asked = Promise.withResolvers();
    this.#waiting?.({ done: false, value: line });
  }
}

/** A backup file that is nowhere but here. */
export class StagedBackup {
  /** What it is called. */
  readonly file: string;
  /** What was written, once it was. */
  content: (BackupInfo & { readonly database: Uint8Array }) | undefined;
  /** Whether it was given up. */
  isDiscarded = false;
  /** What goes wrong when it is written. */
  error: Error | undefined;

  /** @param file its name. */
  constructor(file: string) {
    this.file = file;
  }

  /** Whether it was written. */
  get isComplete(): boolean {
    return this.content !== undefined;
  }

  /** Writes it. */
  complete(info: BackupInfo, database: Uint8Array) {
    if (this.error !== undefined) throw this.error;
    this.content = { ...info, database };
    return headerOf(info, database);
  }

  /** Gives it up. */
  discard(): void {
    this.isDiscarded = !this.isComplete;
  }
}

/** One run of the client. */
export class Stage {
  /** The cluster that it connects to. */
  readonly cluster = new MemoryCluster();
  /** What it printed. */
  stdout = "";
  /** What it complained of. */
  stderr = "";
  /** The addresses that it connected to. */
  addresses: readonly string[] | undefined;
  /** Makes the cluster tell something; there once it is connected to. */
  notify: (notice: Notice) => void = () => {};
  /** Ctrl-C. */
  readonly interrupt: () => void;
  /** What goes wrong when it connects. */
  connectError: Error | undefined;
  /** Notices that come while it connects. */
  readonly early: Notice[] = [];
  /** After so many characters nobody reads the output any more. */
  stdoutMax = Infinity;
  /** Whether the permission to touch files was given up. */
  hasGivenUpFiles = false;
  /** The backup that was begun. */
  backup: StagedBackup | undefined;
  /** Files that are there already. */
  files: readonly string[] = [];
  /** How a copy comes; else it is what the cluster holds. */
  fetchCopy: ((options: CopyOptions) => Promise<DatabaseCopy>) | undefined;
  /** Whether a person types. */
  isTyped = false;
  /** Whether there are colours. */
  hasColour = false;
  /** The columns of the terminal of standard output; undefined: there is none. */
  columns: number | undefined;
  /** The same of standard error. */
  errorColumns: number | undefined;
  /** What time it is, in milliseconds since 1970. */
  now = Date.UTC(2026, 10, 24, 12);
  /** Milliseconds of a clock that goes on by {@link tickMs} whenever it is read. */
  elapsedMs = 0;
  /** See {@link elapsedMs}. */
  tickMs = 0;
  /** The lines that are typed. */
  lines: TypedLines;
  readonly #interrupted = Promise.withResolvers<void>();

  /** @param lines what is typed. */
  constructor(lines: readonly string[] = []) {
    this.lines = new TypedLines(lines);
    this.interrupt = this.#interrupted.resolve;
  }

  /** Runs the client. */
  run(...args: string[]): Promise<ExitCode> {
    const surroundings: Surroundings = {
      giveUpFiles: () => this.hasGivenUpFiles = true,
      createBackup: (file) => {
        if (this.files.includes(file)) throw new BackupFileError(`Cannot write the backup "${file}": it is there`);
        return this.backup = new StagedBackup(file);
      },
      fetchCopy: (options) => {
        if (this.fetchCopy !== undefined) return this.fetchCopy(options);
        return Promise.resolve({ executed: options.atLeast, bytes: this.cluster.sites.snapshot() });
      },
      now: () => this.now,
      elapsed: () => this.elapsedMs += this.tickMs,
      columns: () => this.columns,
      errorColumns: () => this.errorColumns,
      hasErrorColour: this.hasColour,
      connect: (addresses, onNotice) => {
        this.addresses = addresses;
        for (const notice of this.early) onNotice(notice);
        if (this.connectError !== undefined) return Promise.reject(this.connectError);
        this.notify = onNotice;
        return Promise.resolve(this.cluster);
      },
      stdout: {
        write: (text) => {
          if (this.stdout.length + text.length > this.stdoutMax) return Promise.reject(new OutputClosedError("closed"));
          this.stdout += text;
          return Promise.resolve();
        },
      },
      stderr: {
        write: (text) => {
          this.stderr += text;
          return Promise.resolve();
        },
      },
      openLines: () => this.lines,
      isTyped: this.isTyped,
      hasColour: this.hasColour,
      interrupted: this.#interrupted.promise,
    };
    return runClient(args, surroundings);
  }
}
