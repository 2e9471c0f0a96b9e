/**
 * What a launcher is started with, and what it reports.
 *
 * @module
 */

import type { LineFormat } from "../front/announcement.ts";
import type { MakeSites } from "../database/store/sites.ts";
import type { LogEnd, Until } from "../database/store/rewinding.ts";
import type { ReplicaId } from "../uid.ts";
import type { Progress } from "./how_far.ts";
import type { ReplicaRow } from "./seat.ts";

/** Replicas at the start of a cluster. */
export const replicasMax = 16;

/** What a launcher is started with. */
export interface LauncherOptions {
  /** How many replicas, 1 to `replicasMax`. */
  readonly replicas: number;
  /** The replica in slot i listens at this port + i; 0: each takes a free port. */
  readonly basePort: number;
  /** Whether somebody asked for that port; absent: nobody. */
  readonly isBasePortGiven?: boolean;
  /** The directory for the data; absent: they are in memory. */
  readonly dataDir?: string;
  /** With data: the slot to start from alone, whatever others may have. */
  readonly forceFrom?: number;
  /** The backup to start from; the directory of the data, if there is one, must be empty. */
  readonly restore?: string;
  /** Where its log is to end; absent: with its last entry. */
  readonly until?: Until;
  /** Without data: bytes of memory for the history of each replica; absent: `historyMemoryBytes` of `limits.ts`. */
  readonly historyMemory?: number;
  /** The directory for the logs of the replicas; absent: they write none. It must exist. */
  readonly logDir?: string;
  /** How the replicas write it; absent: as text. */
  readonly logFormat?: LineFormat;
  /** Milliseconds of silence after which a replica is killed; absent: `suspectAfterMs` of `limits.ts`. */
  readonly suspectAfterMs?: number;
  /** Milliseconds within which replicas must have started; absent: half a minute. */
  readonly startWithinMs?: number;
  /** With data: milliseconds that replicas have to come to the same state when they are stopped; absent: 2 s. */
  readonly restWithinMs?: number;
  /** Milliseconds between two events that say that a newcomer is still joining; absent: ten seconds. */
  readonly stillJoiningMs?: number;
  /** The module that a replica runs; absent: `replica_main.ts`. */
  readonly entry?: URL;
  /** Makes the database that such a replica has; absent: as usual. */
  readonly makeSites?: MakeSites;
  /** Takes what happens, as it happens. */
  readonly onEvent?: (event: LauncherEvent) => void;
  /** Aborting it before the cluster has started stops it. */
  readonly signal?: AbortSignal;
}

/** A backup that a cluster is to begin with. */
export interface BackupStart {
  /** Its file, or its head in a directory of backups. */
  readonly file: string;
  /** How many commands were executed in it. */
  readonly index: number;
  /** How many sites the cluster begins with. */
  readonly sites: number;
  /** Where the log is to end; absent: where that of the backup does. */
  readonly end?: LogEnd;
  /** How many redactions follow that end, since they came later. */
  readonly redactions: number;
}

/** A start from a backup takes long: the launcher is `checking` it, or the slowest replica has `restored` that much. */
export interface BackupProgress extends Progress {
  readonly kind: "checking" | "restored";
}

/** A newcomer has been joining for long, and still is. */
export interface StillJoining {
  readonly kind: "stillJoining";
  readonly slot: number;
  /** How much of the data it has, in percent: see {@link ReplicaRow}. */
  readonly restored: number | undefined;
  /** How much it has of the sealed history that it fetches now; undefined: it fetches none. */
  readonly fetched: number | undefined;
  /** Milliseconds that it still fetches, about; undefined: nobody knows yet. */
  readonly fetchMs: number | undefined;
}

/** What happens in a cluster. */
export type LauncherEvent =
  /** It begins with a backup. */
  | { readonly kind: "restoring" } & BackupStart
  | BackupProgress
  /** A replica has been reading its data for a while, and is not done. */
  | { readonly kind: "reading"; readonly slot: number }
  /** No token could be left for the clients of this user that know the port of a replica. */
  | { readonly kind: "noToken"; readonly slot: number; readonly reason: string }
  /** The file of a replica was given up, and has another name now. */
  | { readonly kind: "setAside"; readonly slot: number; readonly name: string }
  /** A replica is dead, and all others were told. Not reported while the launcher stops. */
  | {
    readonly kind: "failed";
    readonly slot: number;
    /** Why, as the end of a sentence that begins with the replica. */
    readonly cause: string;
    /** True if {@link Launcher.crash} was asked for it. */
    readonly wanted: boolean;
    /** True if it was a newcomer that had not joined yet. */
    readonly joining: boolean;
    /** All replicas, as they are now. */
    readonly replicas: readonly ReplicaRow[];
  }
  | StillJoining
  /** A newcomer is a member now. */
  | { readonly kind: "joined"; readonly slot: number; readonly replicas: readonly ReplicaRow[] }
  /** No member is left, nor anybody who may become one. */
  | { readonly kind: "lost" }
  /** A replica has installed a view. */
  | {
    readonly kind: "installed";
    readonly slot: number;
    readonly v: number;
    readonly members: readonly ReplicaId[];
  }
  /** A replica wrote a line to its standard error. */
  | { readonly kind: "stderr"; readonly slot: number; readonly line: string };

/**
 * A cluster or a replica that could not be started; the message is one sentence for its user. Nothing of it is left.
 */
export class StartError extends Error {
  override name = "StartError";
}
