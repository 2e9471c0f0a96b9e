/**
 * The entry of a replica's process: `replica_main.ts --port=N [--data=FILE] [--restore=FILE [--until=INDEX]]
 * [--log-dir=DIR]`, started by the launcher.
 *
 * @module
 */

import { Sites } from "../database/store/sites.ts";
import { runReplica } from "./replica_program.ts";

// A newcomer does not get the files of its donor yet, so nothing may be only in files.
await runReplica({ make: (parts) => new Sites(parts), seals: false });
