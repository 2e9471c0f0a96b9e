/**
 * All that the client's command line touches of the world, as arguments: so a test puts other things in its place.
 *
 * @module
 */

import type { Submitter } from "../client.ts";
import type { Notice } from "../net/session.ts";

/** How the program ends. */
export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Not done, certainly. */
  failure: 1,
  /** The command line makes no sense; nothing was attempted. */
  usage: 2,
  /** It cannot be known whether a command was executed. */
  unknown: 3,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = typeof exitCodes[keyof typeof exitCodes];

/** Takes text: standard output, standard error, or what a test looks at. */
export interface Sink {
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
export interface Connection extends Submitter {
  /** The replicas that it talks to. */
  readonly members: readonly { readonly address: string }[];
  /** Ends it, within half a second. */
  close(): Promise<void>;
}

/** What the program is given to work with. */
export interface Surroundings {
  /** Opens a session; rejects with an error that names every address tried. */
  connect(addresses: readonly string[], onNotice: (notice: Notice) => void): Promise<Connection>;
  /** Where the output goes. */
  readonly stdout: Sink;
  /** Where errors and notices go; never throws. */
  readonly stderr: Sink;
  /** Opens standard input, line by line, without line ends; ends where the input ends. */
  readonly openLines: () => AsyncIterator<string>;
  /** Whether a person types the lines, and so sees them already. */
  readonly isTyped: boolean;
  /** Whether the output may have colours. */
  readonly hasColour: boolean;
  /** Resolves when somebody asks the program to leave: Ctrl-C, a closed terminal. */
  readonly interrupted: Promise<void>;
}
