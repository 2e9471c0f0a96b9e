/**
 * A replica of the database, where a log that an earlier version began has room for few bytes.
 *
 * @module
 */

import { runReplica } from "../../src/cluster/replica_program.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { fullLogBytes } from "../storage/earlier_commands.ts";

await runReplica({ make: (parts) => new Sites({ ...parts, earlierLogBytes: fullLogBytes }), seals: true });
