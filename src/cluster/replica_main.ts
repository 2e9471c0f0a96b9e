/**
 * The entry of a replica's process: `replica_main.ts --port=N [--data=FILE] [--restore=FILE] [--log-dir=DIR]`, started
 * by the launcher.
 *
 * @module
 */

import { Sites } from "../database/store/sites.ts";
import { runReplica } from "./replica_program.ts";

await runReplica((parts) => new Sites(parts));
