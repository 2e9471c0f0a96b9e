/**
 * `deno task bench:history`: makes long histories, has real replicas serve them, and measures. See
 * `history/history_options.ts` and `docs/design/log.md`.
 *
 * Exit codes: 0 done, 1 something failed, 2 the command line makes no sense, 130 interrupted.
 *
 * @module
 */

import { measureHistories } from "./history/run.ts";
import { parseHistoryOptions, usage } from "./history/history_options.ts";
import { UsageError } from "./options.ts";
import { Progress } from "./progress.ts";

async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const progress = new Progress();
  try {
    const options = parseHistoryOptions(args);
    if (options === "help") {
      console.log(usage);
      return 0;
    }
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => interrupt.abort());
    }
    const text = await measureHistories(options, interrupt.signal, (text) => progress.show(text));
    progress.clear();
    console.log(text);
    return 0;
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

Deno.exit(await main(Deno.args));
