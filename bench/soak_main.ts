/**
 * `deno task soak`: mixed load on real replicas that seal, with kills, restarts, polls and backups; see
 * `soak/soak_options.ts`. In the end, it looks for all that was answered, and memory and descriptors must have been
 * flat; if something was not so, the exit code is 1.
 *
 * @module
 */

import { runProgram } from "./program.ts";
import { soak } from "./soak/soak.ts";
import { parseSoakOptions, usage } from "./soak/soak_options.ts";

await runProgram({
  usage,
  parse: parseSoakOptions,
  run: (options, interrupt, progress) => soak(options, interrupt, (text) => progress.show(text)),
});
