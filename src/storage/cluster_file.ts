/**
 * The launcher's memory of its cluster: the one file in a data directory that no replica reads.
 *
 * It is open for as long as the launcher runs, and only one process can have it open: so it is the lock of the
 * directory, too. It is small, and every change writes all of it.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { checksum } from "./checksum.ts";
import { DatabaseFile, type FileKind } from "./database_file.ts";
import { Damage, storageErrorOf } from "./storage_error.ts";

/** The content of the file. */
export interface ClusterRecord {
  /** The id of the cluster: 32 hexadecimal digits, made with the file. */
  readonly cluster: string;
  /** The incarnation of the next replica that is started as a newcomer; 0: no start was ever completed. */
  readonly nextIncarnation: number;
  /** The port of each slot that was ever used. */
  readonly ports: ReadonlyMap<number, number>;
  /**
   * After a start that was forced from one replica: its id, `kept`; all others with an incarnation below `below` were
   * given up.
   */
  readonly givenUp: { readonly kept: number; readonly below: number } | undefined;
  /**
   * The backup that the first start begins with, until that start is complete: the file as it was named, how many
   * commands it has, and the entry that the log is to end with (absent: its last one).
   */
  readonly restoring: { readonly file: string; readonly index: number; readonly until?: number } | undefined;
  /** The last stop, if it was clean and nothing was started since. */
  readonly cleanStop: CleanStop | undefined;
  /** The highest view of any clean stop or forced start; 0: none. */
  readonly viewFloor: number;
  /** Members of the view of the last clean stop that a later start left out: they never come back. */
  readonly leftOut: readonly number[];
}

/** The common state of all replicas at a clean stop: all had executed the same, and nothing was pending. */
export interface CleanStop {
  /** Their view. */
  readonly v: number;
  /** The index of the last command. */
  readonly index: number;
  /** How many requests were executed: some have no commands. */
  readonly requests: number;
  /** The digest of everything that was executed, 14 hexadecimal digits. */
  readonly digest: string;
}

/** Changes to the content. */
export type ClusterChanges = Partial<Omit<ClusterRecord, "cluster">>;

const rowId = 1;

/** The launcher's file. */
export class ClusterFile {
  readonly #file: DatabaseFile;
  #record: ClusterRecord;

  private constructor(file: DatabaseFile, record: ClusterRecord) {
    this.#file = file;
    this.#record = record;
  }

  /**
   * Opens a file, or makes it in a folder that is there, with the id of a new cluster. Waits about two seconds if
   * another process has it open.
   *
   * @throws {StorageError} if it cannot be used; then nothing in it was changed.
   */
  static async open(path: string): Promise<ClusterFile> {
    const file = await DatabaseFile.open(path, clusterFile);
    try {
      const found = recordOf(file.database);
      const opened = new ClusterFile(
        file,
        found ?? { cluster: crypto.getRandomValues(new Uint8Array(16)).toHex(), ...unset },
      );
      if (found === undefined) opened.update({});
      return opened;
    } catch (error) {
      file.close();
      throw storageErrorOf(error, "open", path);
    }
  }

  /** What it says. */
  get record(): ClusterRecord {
    return this.#record;
  }

  /**
   * Changes the content; it is on the disk when this returns.
   *
   * @throws {StorageError} if it cannot be written; the file can only be closed then.
   */
  update(changes: ClusterChanges): void {
    const record = { ...this.#record, ...changes };
    const bytes = new TextEncoder().encode(JSON.stringify({ ...record, ports: [...record.ports] }));
    this.#file.transaction(() => {
      this.#file.database.prepare("INSERT OR REPLACE INTO cluster VALUES (?, ?, ?)")
        .run(rowId, checksum(rowId, bytes), bytes);
    });
    // The next change may be days away.
    this.#file.seal();
    this.#record = record;
  }

  /** Closes the file: others may open it. */
  close(): void {
    this.#file.close();
  }
}

const clusterFile: FileKind = {
  applicationId: 0x56617843, // "VaxC"
  // Version 1 did not know clean stops, and would keep a field that it does not know: a mark that may not hold any
  // more.
  version: 2,
  oldestVersion: 1,
  tables: ["CREATE TABLE cluster(id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, bytes BLOB NOT NULL)"],
  verify: (database) => {
    recordOf(database);
    return [];
  },
};

/** What a new file says, and what one says that did not know of all this yet. */
const unset: Omit<ClusterRecord, "cluster"> = {
  nextIncarnation: 0,
  ports: new Map(),
  givenUp: undefined,
  restoring: undefined,
  cleanStop: undefined,
  viewFloor: 0,
  leftOut: [],
};

/** The content of the file; undefined: the file is new. */
function recordOf(database: DatabaseSync): ClusterRecord | undefined {
  const rows = database.prepare("SELECT id, crc, bytes FROM cluster").all();
  if (rows.length === 0) return undefined;
  const [{ id, crc, bytes }] = rows;
  if (rows.length > 1 || id !== rowId || !(bytes instanceof Uint8Array) || crc !== checksum(rowId, bytes)) {
    throw new Damage("what it says of the cluster is damaged");
  }
  // With its checksum right, it is what this class wrote.
  const record = JSON.parse(new TextDecoder().decode(bytes));
  return { ...unset, ...record, ports: new Map(record.ports) };
}
