/**
 * A command that was typed, ready to be run, and how it ends.
 *
 * @module
 */

import type { VaxlogClient } from "../library/client.ts";
import type { ClientSession, Surroundings } from "./surroundings.ts";

/** How the program ends. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Not done, certainly. */
  failure: 1,
  /** The command line makes no sense, or does not say which of several sites is meant; nothing was changed. */
  usage: 2,
  /** It cannot be known whether a command was executed. */
  unknown: 3,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = typeof exitCodes[keyof typeof exitCodes];

/** The database, and the session that reaches it. */
export interface Connected {
  /** The database. */
  readonly client: VaxlogClient;
  /** The same, without reads that ask one replica: all that it asks becomes stable first. */
  readonly prober: VaxlogClient;
  /** The session. */
  readonly session: ClientSession;
}

/** What a task works with. */
export interface TaskContext {
  /** The addresses that the client was given. */
  readonly addresses: readonly string[];
  /** Everything that is not the database. */
  readonly around: Surroundings;
  /** Is aborted when the program is asked to leave. */
  readonly signal: AbortSignal;
  /** Opens the session, once; rejects with an error that names every address tried. */
  connect(): Promise<Connected>;
}

/** One command, ready to be run once. */
export interface Task {
  /** Whether it reads or writes files; if not, the permission for that is given up before anything else. */
  readonly needsFiles?: boolean;
  /**
   * Whether it ends by itself, soon after the signal is aborted, with an exit code that says what has been done; else
   * it is left where it is, and its outcome is unknown if it may have changed something.
   */
  readonly endsItself?: boolean;
  /** Whether it has done all that it was to do; when the program is asked to leave then, that is not a failure. */
  readonly isDone?: boolean;
  /** Writes a notice about the cluster as one line, without its end; absent: the notice itself is the line. */
  readonly lineOf?: (notice: string) => string;
  /** Does it, and prints what it came to. Errors of the session pass through. @returns absent: done. */
  run(context: TaskContext): Promise<ExitCode | void>;
  /** Leaves nothing half-done behind. Called at the end, whatever happened. */
  stop?(): void;
}

/** A task that needs no more than the database. */
export function clientTask(act: (client: VaxlogClient, around: Surroundings) => Promise<ExitCode | void>): Task {
  return { run: async ({ connect, around }) => await act((await connect()).client, around) };
}

/**
 * Where a task asks replicas without the session, and until when: the members of the view, or the addresses that the
 * user has named if the session knows no member any more.
 */
export function askedBeside(session: ClientSession, { addresses: named, signal }: TaskContext) {
  const addresses = () => {
    const members = session.members.map(({ address }) => address);
    return members.length > 0 ? members : named;
  };
  return { cluster: session.cluster, addresses, signal };
}
