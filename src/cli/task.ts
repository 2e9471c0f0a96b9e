/**
 * What a command does once it has been typed well.
 *
 * @module
 */

import type { VaxlogClient } from "../client.ts";
import type { Connection, ExitCode, Surroundings } from "./surroundings.ts";

/** What a task works with. */
export interface TaskContext {
  /** The database. */
  readonly client: VaxlogClient;
  /** The session that it goes through. */
  readonly connection: Connection;
  /** The addresses that the client was given, for when the session knows none any more. */
  readonly addresses: readonly string[];
  /** Everything else. */
  readonly around: Surroundings;
  /** Is aborted when the program is asked to leave. */
  readonly signal: AbortSignal;
}

/** One command, ready to be run once. */
export interface Task {
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
  /** Does it, and prints what it came to. Errors of the session pass through. */
  run(context: TaskContext): Promise<ExitCode>;
  /** Leaves nothing half-done behind. Called at the end, whatever happened. */
  stop?(): void;
}
