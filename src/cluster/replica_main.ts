/**
 * The entry of a replica's process: `replica_main.ts --port=N [--data=FILE] [--restore=FILE [--until=INDEX]]
 * [--log-dir=DIR] [--history-memory=BYTES]`, started by the launcher.
 *
 * @module
 */

import { Sites } from "../database/store/sites.ts";
import { runReplica } from "./replica_program.ts";

await runReplica({ make: (parts) => new Sites(parts), seals: true });
