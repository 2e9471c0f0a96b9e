/**
 * `deno task soak`: mixed load on real replicas that seal, with kills, restarts, polls and backups; see
 * `soak/soak_options.ts`. In the end, it looks for all that was answered, and memory and descriptors must have been
 * flat.
 *
 * Exit codes: 0 all held, 1 something did not, 2 the command line makes no sense, 130 interrupted.
 *
 * @module
 */

import { UsageError } from "./options.ts";
import { Progress } from "./progress.ts";
import { parseSoakOptions, usage } from "./soak/soak_options.ts";
import { soak } from "./soak/soak.ts";

async function main(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  const progress = new Progress();
  try {
    const options = parseSoakOptions(args);
    if (options === "help") {
      console.log(usage);
      return 0;
    }
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => interrupt.abort());
    }
    const { text, faults } = await soak(options, interrupt.signal, (text) => progress.show(text));
    progress.clear();
    console.log(text);
    for (const fault of faults) console.error(fault);
    return faults.length === 0 ? 0 : 1;
  } catch (error) {
    progress.clear();
    if (error instanceof UsageError) {
      console.error(error.message);
      return 2;
    }
    // What fails after that fails because of it.
    if (interrupt.signal.aborted) return 130;
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

Deno.exit(await main(Deno.args));
