/**
 * The frame of the programs of the bench: reads the command line, prints, shows how far it is on a terminal, and ends
 * with an exit code.
 *
 * Exit codes: 0 done, 1 something failed, 2 the command line makes no sense, 130 interrupted.
 *
 * @module
 */

import { UsageError } from "./options.ts";
import { Progress } from "./progress.ts";

/** What a run came to. */
export interface Outcome {
  /** What it prints; absent: it has printed. */
  readonly text?: string;
  /** Faults that it has found, a line each. */
  readonly faults?: readonly string[];
}

/** A program of the bench. */
export interface Program<Options> {
  /** The text that `--help` prints. */
  readonly usage: string;
  /** Reads the command line. @throws {UsageError} if it makes no sense. */
  readonly parse: (args: readonly string[]) => Options | "help";
  /** Does the work, until it is interrupted. */
  readonly run: (options: Options, interrupt: AbortSignal, progress: Progress) => Promise<Outcome>;
}

/** Runs a program with the arguments of this process, and ends the process. */
export async function runProgram<Options>(program: Program<Options>): Promise<never> {
  Deno.exit(await exitCodeOf(program, Deno.args));
}

async function exitCodeOf<Options>(
  { usage, parse, run }: Program<Options>,
  args: readonly string[],
): Promise<number> {
  const interrupt = new AbortController();
  const progress = new Progress();
  try {
    const options = parse(args);
    if (options === "help") {
      console.log(usage);
      return 0;
    }
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => interrupt.abort());
    }
    const { text, faults = [] } = await run(options, interrupt.signal, progress);
    progress.clear();
    if (text !== undefined) console.log(text);
    for (const fault of faults) console.error(fault);
    return faults.length === 0 ? 0 : 1;
  } catch (error) {
    progress.clear();
    if (error instanceof UsageError) {
      console.error(error.message);
      return 2;
    }
    // What fails after that fails because of it: the signal was for the processes of the bench, too.
    if (interrupt.signal.aborted) return 130;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}
