/**
 * All that the client's command line touches of the world, as arguments: so a test puts other things in its place.
 *
 * @module
 */

import type { MakeSites } from "../database/store/sites.ts";
import type { Environment } from "../front/typed_command.ts";
import type { Bearers } from "../http/access.ts";
import type { GatewayServer, ServeOptions } from "../http/serve.ts";
import type { TlsPair } from "../http/tls.ts";
import type { GatewaySession } from "../http/gateway_options.ts";
import type { CopyOptions, CopyTarget } from "../net/client/backup.ts";
import type { EntrySource } from "../library/older_entries.ts";
import type { ClientConnection } from "../net/client/connection.ts";
import type { Notice } from "../net/client/session.ts";
import type { Reach } from "../net/opening.ts";
import type { NodeAnswer, StatusAnswer, StatusOptions } from "../net/client/status.ts";
import type { Entries, WatchOptions } from "../net/client/watch.ts";
import type { AccessRole } from "../roles.ts";
import type { BackupsInto, ReadDirectory } from "../storage/backup_directory.ts";
import type { NewBackupFile } from "../storage/backup_file.ts";
import type { BackupContents } from "../storage/backup_format.ts";
import type { NewFile } from "../storage/new_file.ts";
import type { Input, InputOptions } from "./inputs.ts";
import type { Alarm } from "../runtime/within.ts";

/** Takes text: standard output, standard error, or what a test looks at. */
export interface TextQueue {
  /**
   * Writes all of it.
   *
   * @throws {OutputClosedError} if nobody reads any more.
   * @throws {OutputError} if it cannot be written for another reason, such as a full disk.
   */
  write(text: string): Promise<void>;
}

/** Nobody reads the output any more: the reader of the pipe has ended, or the terminal was closed. */
export class OutputClosedError extends Error {
  /** The name of the class. */
  override name = "OutputClosedError";
}

/** The output cannot be written; the message says why. What the command did, it did. */
export class OutputError extends Error {
  /** The name of the class. */
  override name = "OutputError";
}

/** A session with a cluster. */
export interface ClientSession extends GatewaySession, EntrySource {
  /** Whether replicas give the order, or an engine with nodes; absent: replicas. */
  readonly kind?: ClientConnection["kind"];
  /** What its token allows. */
  readonly role: AccessRole;
  /** Ends it, within half a second. */
  close(): Promise<void>;
}

/** A backup file that is being made. */
export type BackupTarget = Pick<
  NewBackupFile,
  "isComplete" | "begin" | "write" | "contents" | "complete" | "discard"
>;

/** A copy on a disk for as long as it is needed. */
export type ScratchCopy = Pick<NewBackupFile, "begin" | "write" | "contents" | "discard">;

/** A backup that is being written into a directory. */
export type BackupsTarget = Pick<
  BackupsInto,
  | "isComplete"
  | "damaged"
  | "cluster"
  | "begin"
  | "write"
  | "leaveOut"
  | "whyNot"
  | "contents"
  | "complete"
  | "prune"
  | "has"
  | "needing"
  | "ahead"
  | "discard"
>;

/** A file that is being made: there when it is complete, and not before. Its methods throw an {@link OutputError}. */
export type NewOutput = Pick<NewFile, "write" | "complete" | "discard">;

/** The files in the directory of an archive. */
export interface ArchiveFiles {
  /** The names of all files. */
  names(): readonly string[];
  /** How many bytes a file has; undefined: there is no file of that name. */
  size(name: string): number | undefined;
  /** Reads a small file; undefined: there is none. @throws {ArchiveError} if it cannot be read. */
  read(name: string): Promise<string | undefined>;
  /** The bytes of a file. @throws {ArchiveError} if it cannot be read. */
  bytes(name: string): AsyncIterable<Uint8Array>;
  /** Begins a file, which takes the place of one of that name. @throws {OutputError} if it cannot be written. */
  create(name: string): NewOutput;
  /** Lets others write. */
  close(): void;
}

/** A directory that may have been made. */
export interface NewDirectory {
  /** Removes it if it was made, and is empty. */
  discard(): void;
}

/** A gateway that is served. */
export type ServedGateway = Pick<GatewayServer, "url" | "close" | "renew">;

/** Lines that are typed or piped. */
export interface TypedInput extends AsyncIterator<string> {
  /** Shows a prompt, where lines are edited; absent: it is written like anything else. */
  ask?(prompt: string): void;
}

/** What the program is given to work with. */
export interface Surroundings {
  /** Reads a variable of the environment; undefined: it is not set. */
  readonly variable: Environment;
  /** Takes the token from this file, in place of where it usually is. */
  readonly useTokenFile: (file: string) => void;
  /** How the client shows itself, and whom it believes. */
  readonly reach: Reach;
  /** Believes those whom an authority in this file has signed: links have TLS. Throws an error that says why not. */
  readonly useAuthorities: (file: string) => void;
  /** Gives up the permission to write files, which few commands need. */
  readonly giveUpFiles: () => void;
  /** Begins a backup file; throws an error that says why that cannot be. */
  readonly createBackup: (file: string) => BackupTarget;
  /** Begins a copy that is gone with the process; throws an error that says why that cannot be. */
  readonly createScratch: () => ScratchCopy;
  /** Opens a directory for one more backup; rejects with an error that says why that cannot be. */
  readonly openBackups: (directory: string) => Promise<BackupsTarget>;
  /** Opens a directory of backups to check it; undefined if it is not one. Throws what the system says. */
  readonly backupsIn: (place: string) => ReadDirectory | undefined;
  /**
   * Reads a backup, from a file or a directory; rejects with a `FormatError` if it is not sound, or with what the
   * system says.
   */
  readonly readBackup: (file: string) => Promise<BackupContents>;
  /** Makes the database of a copy or backup. */
  readonly makeSites: MakeSites;
  /** Fetches a copy of the database into a target; rejects with an error that names every address tried. */
  readonly fetchCopy: (options: Omit<CopyOptions, keyof Reach>, target: CopyTarget) => Promise<number>;
  /** Watches the log of the database; ends when its signal is aborted. */
  readonly watchEntries: (options: Omit<WatchOptions, keyof Reach>) => AsyncGenerator<Entries, void>;
  /** Asks replicas or nodes how they are. */
  readonly fetchStatuses: (
    addresses: readonly string[],
    options: Omit<StatusOptions, keyof Reach>,
  ) => Promise<readonly (StatusAnswer | NodeAnswer)[]>;
  /** Begins to serve a gateway; rejects with an error that says why that cannot be. */
  readonly serve: (options: ServeOptions) => Promise<ServedGateway>;
  /** Reads a certificate and its key; rejects with an error that says in a sentence what is wrong. */
  readonly readTls: (directory: string) => Promise<TlsPair>;
  /** Reads a file of tokens that count; throws an error that says in a sentence what is wrong. */
  readonly readTokens: (file: string) => Bearers;
  /** Hears of SIGHUP, which ends the program otherwise, until it is disposed of; where nobody types. */
  readonly onHangup: (listener: () => void) => Disposable;
  /** Opens a file, a URL or standard input; rejects with an {@link InputError} if it cannot be read. */
  readonly openInput: (place: string, signal: AbortSignal, options?: InputOptions) => Promise<Input>;
  /** The names of the files in a directory; undefined if it is not one. */
  readonly filesIn: (place: string) => readonly string[] | undefined;
  /** Begins a file; throws an {@link OutputError} if something is there that is not to be replaced, or it cannot be. */
  readonly createFile: (file: string, mayReplace: boolean) => NewOutput;
  /** Opens the directory of an archive, to write if `mayWrite`; throws an `ArchiveError` if that cannot be. */
  readonly openArchive: (directory: string, mayWrite: boolean) => ArchiveFiles;
  /** Makes a directory; throws an {@link OutputError} if something is there that may not be used. */
  readonly createDirectory: (directory: string, mayExist: boolean) => NewDirectory;
  /** Sets an alarm. */
  readonly alarm: (ms: number) => Alarm;
  /** What time it is, in milliseconds since 1970. */
  readonly now: () => number;
  /** A number from 0, and below 1, that differs each time. */
  readonly random: () => number;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed: () => number;
  /** Opens a session; rejects with an error that names every address tried. */
  connect(addresses: readonly string[], onNotice: (notice: Notice) => void): Promise<ClientSession>;
  /** Where the output goes. */
  readonly stdout: TextQueue;
  /** Where errors and notices go; never throws. */
  readonly stderr: TextQueue;
  /** Opens standard input, line by line, without line ends; ends where the input ends. */
  readonly openLines: () => TypedInput;
  /** Whether a person types the lines, and so sees them already. */
  readonly isTyped: boolean;
  /** The columns of the terminal that the output goes to; undefined if it goes elsewhere. */
  readonly columns: () => number | undefined;
  /** The same of standard error. */
  readonly errorColumns: () => number | undefined;
  /** Whether the output may have colours. */
  readonly hasColour: boolean;
  /** Whether standard error may. */
  readonly hasErrorColour: boolean;
  /** Resolves when somebody asks the program to leave: Ctrl-C, a closed terminal. */
  readonly interrupted: Promise<void>;
}
