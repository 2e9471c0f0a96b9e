/**
 * Front door 1: `deno task servers T` launches T replicas, tracks them, and takes failure triggers.
 *
 * @module
 */

import { parseServersArguments, serversUsage, UsageError } from "./src/cluster/arguments.ts";
import { runServers } from "./src/cluster/servers.ts";

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseServersArguments(args);
    if (options !== "help") return await runServers(options);
    console.log(serversUsage);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message} (deno task servers --help tells more)`);
    return 2;
  }
}

Deno.exit(await main(Deno.args));
