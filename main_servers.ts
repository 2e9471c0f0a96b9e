/**
 * Front door 1: `deno task servers T` launches T replicas, tracks them, and takes failure triggers.
 *
 * @module
 */

import { parseServersArguments, serversUsage } from "./src/cluster/arguments.ts";
import { runServers } from "./src/cluster/servers.ts";
import { columnsOf, page, wrapped } from "./src/front/layout.ts";
import { versionLine } from "./src/front/version.ts";
import { replicaFile } from "./src/storage/store_tables.ts";
import { UsageError } from "./src/front/usage_error.ts";

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseServersArguments(args);
    if (options === "help") console.log(page(serversUsage, columnsOf(Deno.stdout)()));
    else if (options === "version") console.log(versionLine(replicaFile.version));
    else return await runServers(options);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const line = `${error.message} (deno task servers --help tells more)`;
    console.error(wrapped(line, columnsOf(Deno.stderr)()));
    return 2;
  }
}

Deno.exit(await main(Deno.args));
