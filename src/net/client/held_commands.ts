/**
 * Commands that can still be taken back: those that a session has not given to its transmitter yet.
 *
 * The transmitter sends what it was given sooner or later, so a command with a signal or a deadline is held here until
 * the transmitter can send it at once. While it is held, giving it up is a definite outcome.
 *
 * @module
 */

import { batchBytesMax, waitingRequestsMax } from "../../limits.ts";
import { OutboxFullError } from "../../protocol/client/outbox.ts";
import { type CallOptions, checkTimeout, type CommandOutput, NotExecutedError, OutcomeUnknownError } from "./calls.ts";

/** What hears of a command's outcome. */
export interface Ticket {
  /** The command was executed. */
  readonly resolve: (output: CommandOutput) => void;
  /** It has another outcome. */
  readonly reject: (error: Error) => void;
}

interface HeldCommand extends Ticket {
  readonly command: Uint8Array;
  readonly outputBytesMax: number;
  readonly isRead: boolean;
  readonly bytes: number;
}

/** Gives a command to the transmitter. */
export type Submit = (command: Uint8Array, outputBytesMax: number, ticket: Ticket, isRead: boolean) => void;

/** As many bytes as may wait in the transmitter. */
const heldBytesMax = waitingRequestsMax * batchBytesMax;

// What a held command costs beside its bytes, about.
const overheadBytes = 256;

/** The commands that one session holds, in the order in which they were submitted. */
export class HeldCommands {
  readonly #held = new Set<HeldCommand>();
  #bytes = 0;

  /** Whether none is held. */
  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  /**
   * Holds a copy of a command.
   *
   * @returns its output, once it is executed.
   * @throws {NotExecutedError} if it was given up while it was held, or too many are held: definite.
   * @throws {OutcomeUnknownError} if it was given up after that: indefinite.
   * @throws {RangeError} if there is no such deadline.
   */
  async add(
    command: Uint8Array,
    outputBytesMax: number,
    options: CallOptions,
    isRead = false,
  ): Promise<CommandOutput> {
    const { signal, timeoutMs } = options;
    checkTimeout(timeoutMs);
    if (signal?.aborted) {
      throw new NotExecutedError("the command was aborted before the session began to send it", because(signal));
    }
    if (this.#bytes + command.length > heldBytesMax) {
      throw new NotExecutedError(`Cannot submit a command: ${this.#held.size} wait to be sent; wait for some first`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<CommandOutput>();
    const bytes = command.length + overheadBytes;
    const held: HeldCommand = { command: command.slice(), outputBytesMax, isRead, bytes, resolve, reject };
    this.#held.add(held);
    this.#bytes += bytes;
    const giveUp = (what: string, cause?: ErrorOptions) => {
      if (this.#remove(held)) held.reject(new NotExecutedError(`${what} before the session began to send it`, cause));
      else held.reject(new OutcomeUnknownError(`${what} after the session began to send it`, cause));
    };
    const onAbort = () => giveUp("the command was aborted", because(signal!));
    signal?.addEventListener("abort", onAbort);
    const timer = timeoutMs === undefined
      ? undefined
      : setTimeout(() => giveUp(`the deadline of ${timeoutMs} ms passed`), timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Gives all to the transmitter, as far as it takes them. */
  handOver(submit: Submit): void {
    for (const held of this.#held) {
      try {
        submit(held.command, held.outputBytesMax, held, held.isRead);
      } catch (error) {
        if (error instanceof OutboxFullError) return;
        held.reject(error as Error);
      }
      this.#remove(held);
    }
  }

  /** None will be sent any more. */
  abandon(reason: string): void {
    for (const held of this.#held) held.reject(new NotExecutedError(reason));
    this.#held.clear();
    this.#bytes = 0;
  }

  #remove(held: HeldCommand): boolean {
    if (!this.#held.delete(held)) return false;
    this.#bytes -= held.bytes;
    return true;
  }
}

function because(signal: AbortSignal): ErrorOptions {
  return { cause: signal.reason };
}
