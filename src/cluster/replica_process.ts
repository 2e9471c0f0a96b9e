/**
 * The process of a replica: how it is started, and what it is allowed to do.
 *
 * @module
 */

import { resolve } from "node:path";
import type { LineFormat } from "../front/announcement.ts";
import { loopback } from "../front/listening.ts";
import { neededFor } from "../storage/read_backup.ts";
import { historyFolderOf } from "../storage/segment_names.ts";
import type { Child } from "../runtime/child.ts";
import type { ReplicaSay, ReplicaTell } from "./replica_messages.ts";

/** The file that a replica keeps its data in. */
export interface DataFile {
  /** The directory; the replica works there. */
  readonly directory: string;
  /** The name of the file in it. */
  readonly name: string;
}

/** What belongs to a database file, by what its name ends with; what must not be left alone comes first. */
export const fileSuffixes = ["-wal", "-shm", "-journal", ""] as const;

/** How a replica is started. */
export interface ReplicaProcessOptions {
  /** The module that it runs. */
  readonly entry: URL;
  /** The port that it listens at; 0: a free one. */
  readonly port: number;
  /** The directory of its log; undefined: it writes none. */
  readonly logDir: string | undefined;
  /** How its lines are written. */
  readonly logFormat: LineFormat;
  /** The backup that it starts from, undefined: none. */
  readonly restore: string | undefined;
  /** The entry of that backup to end with; undefined: its last one. */
  readonly until: number | undefined;
  /** Without data: bytes of memory for its history; undefined: as many as usual. */
  readonly historyMemory: number | undefined;
  /** Where it keeps its data; undefined: in memory. */
  readonly data: DataFile | undefined;
}

/** A running replica. */
export type ReplicaProcess = Child<ReplicaSay, ReplicaTell>;

/**
 * How the engine compiles a replica: a command goes through many small functions, and with as much inlined as this, the
 * state machine takes three quarters of the time.
 */
export const replicaEngineFlags = "--v8-flags=--max-inlined-bytecode-size-cumulative=3000";

/** The arguments for `deno`: permission for the network of this machine, and for its own files. */
export function replicaArguments(options: ReplicaProcessOptions): string[] {
  const { entry, port, logDir, logFormat, data, restore, until, historyMemory } = options;
  const reads: string[] = [];
  const writes: string[] = [];
  const rest = [`--port=${port}`];
  if (data !== undefined) {
    // It works in the directory of its data: a path with a comma in it cannot be granted by its name. And the directory
    // has to be opened for reading where a new file in it is to be lasting. A new one is made under another name.
    reads.push(".");
    for (const suffix of fileSuffixes) writes.push(data.name + suffix, `${data.name}-new${suffix}`);
    writes.push(historyFolderOf(data.name));
    // By its whole name: a message about the file shows it.
    rest.push(`--data=${resolve(data.directory, data.name)}`);
  }
  if (logDir !== undefined) {
    const directory = data === undefined ? "." : resolve(logDir);
    reads.push(directory);
    writes.push(directory);
    rest.push(`--log-dir=${directory}`);
    if (logFormat !== "text") rest.push(`--log-format=${logFormat}`);
  }
  if (historyMemory !== undefined) rest.push(`--history-memory=${historyMemory}`);
  if (restore !== undefined) {
    reads.push(resolve(neededFor(restore)));
    rest.push(`--restore=${resolve(restore)}`);
    if (until !== undefined) rest.push(`--until=${until}`);
  }
  const permissions = [`--allow-net=${loopback}`];
  // How much room the disk has.
  if (data !== undefined) permissions.push("--allow-sys=statfs");
  if (reads.length > 0) permissions.push(`--allow-read=${reads.join(",")}`);
  if (writes.length > 0) permissions.push(`--allow-write=${writes.join(",")}`);
  return ["run", "--quiet", "--no-prompt", replicaEngineFlags, ...permissions, entry.href, ...rest];
}
