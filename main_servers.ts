/**
 * Front door 1: `deno task servers T` launches T replicas, tracks them, and takes failure triggers.
 *
 * @module
 */

import { certUsage, parseCertArguments, runCert } from "./src/cluster/cert_command.ts";
import { parseServersArguments, serversUsage } from "./src/cluster/arguments.ts";
import { parseTokenArguments, tokenUsage } from "./src/cluster/token_command.ts";
import { runServers } from "./src/cluster/servers.ts";
import { columnsOf, page, wrapped } from "./src/front/layout.ts";
import { versionLine } from "./src/front/version.ts";
import { environment } from "./src/secrets/token_files.ts";
import { replicaFile } from "./src/storage/store_tables.ts";
import { UsageError } from "./src/front/usage_error.ts";

/** What the program does instead of running servers, by its first word. */
const tools: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  cert: async (args) => {
    const options = parseCertArguments(args);
    return await print(options === "help" ? certUsage : () => runCert(options));
  },
  token: async (args) => {
    const task = parseTokenArguments(args, environment);
    return await print(task === "help" ? tokenUsage : () => Promise.resolve(task(Date.now())));
  },
};

/** Prints a text for people, or what comes of some work; an error of that is one sentence. @returns the exit code. */
async function print(text: string | (() => Promise<string>)): Promise<number> {
  try {
    console.log(page(typeof text === "string" ? text : await text(), columnsOf(Deno.stdout)()));
    return 0;
  } catch (error) {
    console.error(wrapped(error instanceof Error ? error.message : String(error), columnsOf(Deno.stderr)()));
    return 1;
  }
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const [word, ...rest] = args;
    const isTool = word !== undefined && Object.hasOwn(tools, word) && !rest.includes("--version");
    if (isTool) return await tools[word](rest);
    const options = parseServersArguments(args, environment);
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
