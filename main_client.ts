/**
 * The client: a menu, or one command. `deno task client --help` explains it.
 *
 * @module
 */

import { runClient } from "./src/cli/client_main.ts";
import { processSurroundings } from "./src/cli/terminal.ts";

if (import.meta.main) Deno.exit(await runClient(Deno.args, processSurroundings()));
