/**
 * The entry of a node's process: `node_main.ts --host=ADDRESS --port=N`, started by the launcher.
 *
 * @module
 */

import { databaseOnEtcd, runNode } from "./node_program.ts";

await runNode(databaseOnEtcd);
