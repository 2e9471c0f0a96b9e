/**
 * Surroundings that a test sets up and looks at: no terminal, no process, no network.
 *
 * @module
 */

import type { Reach } from "../../src/net/opening.ts";
import type { MachineParts } from "../../src/database/store/machine_parts.ts";
import { Sites } from "../database/store/machine.ts";
import { runClient } from "../../src/cli/client_main.ts";
import { type Input, InputError, type InputOptions, isUrl } from "../../src/cli/inputs.ts";
import { type ArchiveFiles, OutputClosedError, OutputError, type Surroundings } from "../../src/cli/surroundings.ts";
import type { ExitCode } from "../../src/cli/task.ts";
import type { Bearers } from "../../src/http/access.ts";
import type { ServeOptions } from "../../src/http/serve.ts";
import type { TlsPair } from "../../src/http/tls.ts";
import { CopyError, type CopyOptions } from "../../src/net/client/backup.ts";
import type { Notice } from "../../src/net/client/session.ts";
import type { NodeAnswer, StatusAnswer } from "../../src/net/client/status.ts";
import type { WatchOptions } from "../../src/net/client/watch.ts";
import type { Entries } from "../../src/state_machine.ts";
import type { WholeCopy } from "../../src/net/server/whole_copy.ts";
import { BackupsInto, openedToRead } from "../../src/storage/backup_directory.ts";
import { BackupFileError } from "../../src/storage/backup_file.ts";
import { readBackup } from "../../src/storage/read_backup.ts";
import { sendTo } from "../storage/sealed_copies.ts";
import { BytesInMemory } from "../../src/bytes_source.ts";
import { copyParts } from "../../src/copy_layout.ts";
import {
  type BackupContents,
  type BackupHeader,
  type BackupInfo,
  decodeBackup,
} from "../../src/storage/backup_format.ts";
import { GatheredCopy } from "../storage/gathered_copy.ts";
import { inSlices } from "../../src/storage/slices.ts";
import { backupOf, headerOf } from "../storage/backups.ts";
import { entriesAfter } from "../database/store/machine.ts";
import { MemoryCluster } from "../database/store/memory.ts";
import { testToken } from "../net/admitted.ts";

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

/** A copy that a replica gives: a state without sealed history, after that many commands. */
export interface GivenCopy {
  readonly executed: number;
  readonly bytes: Uint8Array;
}

/** A backup file that is nowhere but here. */
export class StagedBackup extends GatheredCopy {
  /** What it is called. */
  readonly file: string;
  /** The content, once it was written. */
  content: (BackupInfo & { readonly database: Uint8Array }) | undefined;
  /** Whether it was given up. */
  isDiscarded = false;
  /** The error of writing it; undefined: writing it works. */
  error: Error | undefined;

  /** @param file its name. */
  constructor(file: string) {
    super();
    this.file = file;
  }

  /** Whether it was written. */
  get isComplete(): boolean {
    return this.content !== undefined;
  }

  /** Writes it. */
  complete(info: BackupInfo): BackupHeader {
    if (this.error !== undefined) throw this.error;
    const { database } = this.contents();
    this.content = { ...info, database: database.read(0, database.length) };
    return headerOf(info, this.content.database);
  }

  /** Gives it up. */
  discard(): void {
    this.isDiscarded = !this.isComplete;
  }
}

/** A file that is nowhere but here. */
class StagedFile {
  /** The text written so far. */
  text = "";
  /** The same as bytes. */
  bytes = new Uint8Array();
  /** What became of it. */
  state: "open" | "complete" | "discarded" = "open";

  /** Writes behind what was written before. */
  write(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
    this.bytes = new Uint8Array([...this.bytes, ...bytes]);
  }

  /** Gives it its name. */
  complete(): void {
    this.state = "complete";
  }

  /** Gives it up. */
  discard(): void {
    if (this.state === "open") this.state = "discarded";
  }
}

/** An input: its text, its bytes as they come, or what opening it gives. */
export type StagedInput = string | AsyncIterable<Uint8Array> | ((options: InputOptions) => Input);

/** One run of the client. */
export class Stage {
  /** The cluster that it connects to. */
  cluster: MemoryCluster = new MemoryCluster();
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
  /** The error of connecting; undefined: connecting works. */
  connectError: Error | undefined;
  /** What a connection waits for; absent: nothing. */
  connecting: Promise<void> | undefined;
  /** Notices that come while it connects. */
  readonly early: Notice[] = [];
  /** Nobody reads the output after that many characters. */
  stdoutMax = Infinity;
  /** Whether the permission to touch files was given up. */
  hasGivenUpFiles = false;
  /** The backup that was begun. */
  backup: StagedBackup | undefined;
  /** Files that are there already. */
  files: readonly string[] = [];
  /** When the inputs were last changed; absent: that is not known. */
  changedAt: number | undefined;
  /** The inputs, by the name of the file or the URL; `-` is standard input. */
  readonly inputs = new Map<string, StagedInput>();
  /** The inputs that were opened, in order, and how. */
  readonly opened: (InputOptions & { readonly place: string })[] = [];
  /** The files that were begun, by name. */
  readonly outputs = new Map<string, StagedFile>();
  /** Whether a file can be written. */
  outputError: OutputError | undefined;
  /** The files of an archive, by name. */
  archive = new Map<string, Uint8Array>();
  /** Whether it was not closed. */
  isArchiveOpen = true;
  /** The file of it that cannot be written. */
  archiveErrorIn: string | undefined;
  /** The files of it that were begun, and given up. */
  readonly discarded: string[] = [];
  /** What the replicas answer that are asked how they are. */
  statuses: (addresses: readonly string[]) => readonly (StatusAnswer | NodeAnswer)[] = () => [];
  /** The options of `serve`, once something is served. */
  served: ServeOptions | undefined;
  /** What it was given to serve TLS with later. */
  readonly renewed: TlsPair[] = [];
  /** Reads a directory for TLS; throws if something is wrong with that. */
  readTls: (directory: string) => TlsPair = (directory) => ({ cert: `cert in ${directory}`, key: "" });
  /** Reads a file of tokens; throws if something is wrong with that. */
  readTokens: (file: string) => Bearers = () => ({ holder: () => undefined });
  /** Says that the files may be new, as SIGHUP does; absent: nothing hears of it. */
  hangup: (() => void) | undefined;
  /** Whether it still is. */
  isServed = true;
  /** Resolves when something is served. */
  readonly serving = Promise.withResolvers<void>();
  /** Why nothing can be served. */
  serveError: Error | undefined;
  /** Resolves when a watcher has been given all that there is. */
  readonly watched = Promise.withResolvers<void>();
  /** What a watch ends with, behind all that there is; undefined: it waits. */
  watchError: Error | undefined;
  /** Replicas that give a watcher nothing, and why. */
  readonly troubles: [address: string, reason: string][] = [];
  /** The alarms that were set, in milliseconds, with what makes them ring. */
  readonly alarms: { readonly ms: number; readonly ring: () => void }[] = [];
  /** How a copy comes; else it is what the cluster holds. */
  fetchCopy: ((options: Omit<CopyOptions, keyof Reach>) => Promise<GivenCopy>) | undefined;
  /** A copy that comes with its sealed history; absent: see {@link fetchCopy}. */
  wholeCopy: (() => WholeCopy) | undefined;
  /** The copy that was made for a while. */
  scratch: StagedBackup | undefined;
  /** Whether backups are read from the disk. */
  hasDisk = false;
  /** How a backup file is read; else it is a backup of what the cluster holds. */
  readBackup: (file: string) => Promise<BackupContents> = () => {
    const { sites, cluster } = this.cluster;
    return inSlices(
      decodeBackup(new BytesInMemory(backupOf({ cluster, index: 7, sites: sites.size }, sites.snapshot()))),
    );
  };
  /** Parts of the database of a copy that are not as usual. */
  parts: Partial<MachineParts> = {};
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
  /** What chance gives. */
  random = 0.5;
  /** Milliseconds of a clock that advances by {@link tickMs} whenever it is read. */
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

  /** Resolves when that many alarms were set. */
  async alarmed(count = 1): Promise<void> {
    while (this.alarms.length < count) await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /**
   * Runs the client with one line of words after the other.
   *
   * @returns the exit code and the texts of the last one.
   */
  async runAll(...lines: readonly (readonly string[])[]): Promise<{ code: number; stdout: string; stderr: string }> {
    let last = { code: -1, stdout: "", stderr: "" };
    for (const line of lines) {
      const [stdout, stderr] = [this.stdout.length, this.stderr.length];
      const code = await this.run("8892", ...line);
      last = { code, stdout: this.stdout.slice(stdout), stderr: this.stderr.slice(stderr) };
    }
    return last;
  }

  /**
   * Runs the client with words that name no site, and only its first read is answered: the search for what may have
   * been meant comes too late, or fails.
   */
  async runWithoutSearch(isLate: boolean, ...words: readonly string[]): Promise<ExitCode> {
    const { cluster } = this;
    const { read } = cluster;
    let asked = 0;
    cluster.read = (command, bytes) => {
      if (asked++ === 0) return read.call(cluster, command, bytes);
      return isLate ? new Promise(() => {}) : Promise.reject(new Error("lost"));
    };
    const run = this.run("8892", ...words);
    while (isLate && this.alarms.length === 0) await Promise.resolve();
    this.alarms.forEach(({ ring }) => ring());
    return await run;
  }

  /** The file with the token that the client was told to show. */
  tokenFile: string | undefined;
  /** The file of authorities that it was given. */
  authoritiesFile: string | undefined;

  /** Stands in for parts of the surroundings. */
  instead: Partial<Surroundings> = {};

  /** The variables of the environment. */
  readonly variables = new Map<string, string>();

  /** Runs the client. */
  run(...args: string[]): Promise<ExitCode> {
    const surroundings: Surroundings = {
      variable: (name) => this.variables.get(name),
      giveUpFiles: () => this.hasGivenUpFiles = true,
      useTokenFile: (file) => this.tokenFile = file,
      reach: { tokenAt: () => testToken },
      useAuthorities: (file) => this.authoritiesFile = file,
      createBackup: (file) => {
        if (this.files.includes(file)) throw new BackupFileError(`Cannot write the backup "${file}": it is there`);
        return this.backup = new StagedBackup(file);
      },
      createScratch: () => this.scratch = new StagedBackup("scratch"),
      openBackups: (directory) => BackupsInto.open(directory, 0),
      backupsIn: (place) => this.hasDisk ? openedToRead(place) : undefined,
      readBackup: (file) => this.hasDisk ? readBackup(file) : this.readBackup(file),
      makeSites: (reader) => new Sites({ reader, ...this.parts }),
      fetchCopy: async (options, target) => {
        if (this.wholeCopy !== undefined) {
          await sendTo(target, this.wholeCopy());
          return options.atLeast;
        }
        const given = await this.fetchCopy?.(options) ??
          { executed: options.atLeast, bytes: this.cluster.sites.snapshot() };
        target.begin();
        await target.write(copyParts.state, given.bytes);
        const why = await target.end();
        if (why !== undefined) throw new CopyError(`No replica gives a copy: it ${why}`);
        return given.executed;
      },
      watchEntries: (options) => this.#watch(options),
      fetchStatuses: (addresses) => Promise.resolve(this.statuses(addresses)),
      serve: (options) => {
        if (this.serveError !== undefined) return Promise.reject(this.serveError);
        this.served = options;
        this.serving.resolve();
        return Promise.resolve({
          url: `http://${options.hostname}:${options.port}/`,
          renew: (tls) => {
            this.renewed.push(tls);
            return Promise.resolve();
          },
          close: () => {
            this.isServed = false;
            return Promise.resolve();
          },
        });
      },
      readTls: async (directory) => await Promise.resolve(directory).then(this.readTls),
      readTokens: (file) => this.readTokens(file),
      onHangup: (listener) => {
        this.hangup = listener;
        return { [Symbol.dispose]: () => this.hangup = undefined };
      },
      openInput: (place, _, options = {}) => this.#open(isUrl(place) ? new URL(place).href : place, options),
      filesIn: (place) => {
        const folder = place.endsWith("/") ? place : `${place}/`;
        const files = [...this.inputs.keys()].filter((name) => name.startsWith(folder));
        return files.length === 0 ? undefined : files.map((name) => name.slice(folder.length));
      },
      createFile: (file, mayReplace) => {
        if (this.files.includes(file) && !mayReplace) throw new OutputError(`Cannot write "${file}": it is there`);
        if (this.outputError !== undefined) throw this.outputError;
        const output = new StagedFile();
        this.outputs.set(file, output);
        return output;
      },
      openArchive: () => this.#archive(),
      createDirectory: (directory, mayExist) => {
        if (this.files.includes(directory) && !mayExist) {
          throw new OutputError(`Cannot write "${directory}": it is there`);
        }
        return { discard: () => {} };
      },
      alarm: (ms) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.alarms.push({ ms, ring: resolve });
        return { rings: promise, stop: () => {} };
      },
      now: () => this.now,
      random: () => this.random,
      elapsed: () => this.elapsedMs += this.tickMs,
      columns: () => this.columns,
      errorColumns: () => this.errorColumns,
      hasErrorColour: this.hasColour,
      connect: (addresses, onNotice) => {
        this.addresses = addresses;
        for (const notice of this.early) onNotice(notice);
        if (this.connectError !== undefined) return Promise.reject(this.connectError);
        this.notify = onNotice;
        return this.connecting === undefined ? Promise.resolve(this.cluster) : this.connecting.then(() => this.cluster);
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
      ...this.instead,
    };
    return runClient(args, surroundings);
  }

  /** The directory of an archive, in {@link archive}. */
  #archive(): ArchiveFiles {
    const { archive } = this;
    return {
      names: () => [...archive.keys()],
      size: (name) => archive.get(name)?.length,
      read: (name) => {
        const bytes = archive.get(name);
        return Promise.resolve(bytes && new TextDecoder().decode(bytes));
      },
      bytes: async function* (name) {
        yield await Promise.resolve(archive.get(name)!);
      },
      create: (name) => {
        const file = new StagedFile();
        return {
          write: (bytes) => {
            if (this.archiveErrorIn === name) throw new OutputError(`Cannot write "${name}": No space left on device`);
            file.write(bytes);
          },
          complete: () => {
            file.complete();
            archive.set(name, file.bytes);
          },
          discard: () => {
            file.discard();
            if (file.state === "discarded") this.discarded.push(name);
          },
        };
      },
      close: () => this.isArchiveOpen = false,
    };
  }

  #input(place: string, options: InputOptions): Input {
    const { advice } = options;
    this.opened.push({ place, ...options });
    const input = this.inputs.get(place);
    if (input === undefined) {
      throw new InputError(`Cannot read "${place}": it is not there${advice === undefined ? "" : `; ${advice}`}`);
    }
    if (typeof input === "function") return input(options);
    if (typeof input !== "string") return { bytes: input };
    const bytes = new TextEncoder().encode(input);
    return { bytes: ReadableStream.from([bytes]), size: bytes.length, changedAt: this.changedAt };
  }

  async #open(place: string, options: InputOptions): Promise<Input> {
    return await this.#input(place, options);
  }

  async *#watch({ after, signal, onTrouble }: Omit<WatchOptions, keyof Reach>): AsyncGenerator<Entries, void> {
    for (const trouble of this.troubles) onTrouble?.(...trouble);
    for (;;) {
      const entries = entriesAfter(this.cluster.sites, after, 64 * 1024);
      if (entries === undefined) break;
      yield entries;
      after = entries.last;
    }
    this.watched.resolve();
    if (this.watchError !== undefined) throw this.watchError;
    await new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => resolve());
      if (signal?.aborted) resolve();
    });
  }
}
