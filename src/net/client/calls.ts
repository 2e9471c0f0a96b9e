/**
 * A call: a command that a program submits, how long the program waits for it, and how it can fail.
 *
 * @module
 */

/** What a command gave. */
export interface CommandOutput {
  /** The state machine's output; good only until the next turn of the event loop unless it is copied. */
  readonly output: Uint8Array;
  /** The command's place among all commands that were ever executed, from 1; for a read, how many came before it. */
  readonly index: number;
}

/**
 * How long a program waits for a command.
 *
 * An abort or a passed deadline does not undo a command that was sent. If it comes before the session begins to send
 * the command, the call fails with {@link NotExecutedError}: no replica will ever execute it. After that the call fails
 * with {@link OutcomeUnknownError}: a replica may have executed it, or may still. The session begins to send at once,
 * unless it has no link to a replica or too much waits for outputs.
 *
 * With nodes, a session knows more: a command that each node has declined fails with {@link NotExecutedError} at any
 * time, and so does a read. If a node may have the command, the call fails with {@link OutcomeUnknownError}.
 */
export interface CallOptions {
  /** Aborting it ends the wait; its reason becomes the `cause` of the error. */
  readonly signal?: AbortSignal;
  /** Milliseconds from the call after which the wait ends, 1 to 2^31 - 1; absent: no deadline, or 15,000 with nodes. */
  readonly timeoutMs?: number;
}

/** The longest timer that the platform has. */
const timeoutMsMax = 2 ** 31 - 1;

/**
 * The command was sent, and whether it was or will be executed cannot be known: an indefinite outcome. Look before you
 * repeat it.
 */
export class OutcomeUnknownError extends Error {
  /** The name of the class. */
  override name = "OutcomeUnknownError";
}

/** The command was not executed and never will be: a definite outcome. It can be submitted again. */
export class NotExecutedError extends Error {
  /** The name of the class. */
  override name = "NotExecutedError";
}

/**
 * Checks a deadline.
 *
 * @throws {RangeError} if it is not a number of milliseconds from 1 to 2^31 - 1.
 */
export function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (timeoutMs >= 1 && timeoutMs <= timeoutMsMax)) return;
  throw new RangeError(`Cannot wait "${timeoutMs}" milliseconds: give a number from 1 to ${timeoutMsMax}`);
}
