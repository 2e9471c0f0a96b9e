/**
 * `deno task bench:history`: makes long histories, has real replicas serve them, and measures. See
 * `history/history_options.ts` and `docs/design/log.md`.
 *
 * @module
 */

import { parseHistoryOptions, usage } from "./history/history_options.ts";
import { measureHistories } from "./history/run.ts";
import { runProgram } from "./program.ts";

await runProgram({
  usage,
  parse: parseHistoryOptions,
  run: async (options, interrupt, progress) => ({
    text: await measureHistories(options, interrupt, (text) => progress.show(text)),
  }),
});
