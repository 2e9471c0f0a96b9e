/**
 * A replica of the database that seals a few entries each time.
 *
 * @module
 */

import { runReplica } from "../../src/cluster/replica_program.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { fewParts } from "../storage/few_parts.ts";

await runReplica({ make: (parts) => new Sites({ ...parts, ...fewParts }), seals: true });
