/**
 * A replica whose segments of history have eight entries, so that it seals from the beginning.
 *
 * @module
 */

import { runReplica } from "../../src/cluster/replica_program.ts";
import { Sites } from "../../src/database/store/sites.ts";

await runReplica({ make: (parts) => new Sites({ ...parts, segmentEntries: 8, documentBytes: 512 }), seals: true });
