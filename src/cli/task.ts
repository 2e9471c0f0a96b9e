/**
 * What a command does once it has been typed well.
 *
 * @module
 */

import type { VaxlogClient } from "../client.ts";
import type { Connection, ExitCode, Surroundings } from "./surroundings.ts";

/** What a task has without a session. */
export interface LoneContext {
  /** The addresses that the client was given. */
  readonly addresses: readonly string[];
  /** Everything that is not the database. */
  readonly around: Surroundings;
  /** Is aborted when the program is asked to leave. */
  readonly signal: AbortSignal;
}

/** The database, and the session that it is reached by. */
export interface Connected {
  /** The database. */
  readonly client: VaxlogClient;
  /** The session. */
  readonly connection: Connection;
}

/** What a task works with. */
export interface TaskContext extends LoneContext, Connected {}

/** What every task may have. */
interface TaskBase {
  /** Whether it reads or writes files; if not, the permission for that is given up before anything else. */
  readonly needsFiles?: boolean;
  /**
   * Whether it ends by itself, soon after the signal is aborted, with an exit code that says what has been done; else it
   * is left where it is, and its outcome is unknown if it may have changed something.
   */
  readonly endsItself?: boolean;
  /** Whether it has done all that it was to do; when the program is asked to leave then, that is no failure. */
  readonly isDone?: boolean;
  /** What comes before a session: what fails here, nobody needs to be asked for. */
  begin?(around: Surroundings): Promise<void>;
  /** Leaves nothing half-done behind. Called at the end, whatever happened. */
  stop?(): void;
}

/** A command that needs a session, ready to be run once. */
export interface SessionTask extends TaskBase {
  /** Does it, and prints what it came to. Errors of the session pass through. */
  run(context: TaskContext): Promise<ExitCode>;
}

/** A command that has something to say also where no session can be had. */
export interface LoneTask extends TaskBase {
  /**
   * Does it, and prints what it came to.
   *
   * @param connect opens the session, once; rejects with an error that names every address tried.
   */
  runAlone(context: LoneContext, connect: () => Promise<Connected>): Promise<ExitCode>;
}

/** One command, ready to be run once. */
export type Task = SessionTask | LoneTask;

/** The members of the view, or those whom the user has named if the session knows none any more. */
export function addressesOf(
  { connection, addresses }: Pick<TaskContext, "connection" | "addresses">,
): readonly string[] {
  const members = connection.members.map(({ address }) => address);
  return members.length > 0 ? members : addresses;
}
