/**
 * `serve --http PORT`: a gateway to the cluster, until Ctrl-C.
 *
 * @module
 */

import { publicUrlOf, whyNotPublicUrl } from "../../http/public_url.ts";
import { linkOf } from "../../http/session_link.ts";
import { cannotListen, loopback, readHost, readPort } from "../../front/listening.ts";
import { UsageError, wrongValue } from "../../front/usage_error.ts";
import { defineCommand, flag, option } from "../../front/typed_command.ts";
import { staleAfterOption } from "../freshness.ts";
import type { ServedGateway } from "../surroundings.ts";
import { exitCodes, type Task } from "../task.ts";
import { within } from "../../runtime/within.ts";

/** The command. */
export const serveCommand = defineCommand({
  name: "serve",
  summary: "serve a page, and JSON over HTTP, until Ctrl-C",
  details: [
    "Only this machine can reach the gateway, unless --host says otherwise. There are no accounts: everybody who " +
    "reaches it can change everything. When a replica fails, the gateway continues with another one.",
    "Behind a proxy, give --public-url, the URL at which others reach the gateway. The published feed begins with " +
    "it, and pages from there may make changes.",
    "With --cors, pages of all other origins may read the published feed, and nothing else.",
  ],
  examples: [
    "serve --http 8080",
    "serve --http 0 --host 192.0.2.7",
    "serve --http 8080 --public-url https://vaccines.example/",
  ],
  operands: [],
  options: {
    http: option("PORT", "port, which must be given; 0 for any free port", readPort),
    host: option("HOST", `address of this machine to listen at (${loopback})`, readHost),
    publicUrl: option("URL", "URL of the gateway for others; by default, the host that they ask for", readPublicUrl),
    cors: flag("let pages of other origins read the published feed"),
    ...staleAfterOption,
  },
  make: ({ options: { http: port, host: hostname = loopback, publicUrl, cors, staleAfter } }): Task => {
    if (port === undefined) throw new UsageError("serve needs a port: give one with --http PORT, such as --http 8080");
    return {
      endsItself: true,
      run: async ({ connect, around, signal }) => {
        const { session } = await connect();
        const log = (line: string) => void around.stderr.write(`${line}\n`);
        // A file takes a line for each request that is refused, a person one a minute.
        const refusals = around.errorColumns() === undefined
          ? { logRefusal: log }
          : { refusalHint: "add 2> FILE to have a line for each" };
        let gateway: ServedGateway;
        try {
          const feed = { publicUrl, cors, staleAfterMs: staleAfter };
          gateway = await around.serve({ cluster: linkOf(session), hostname, port, ...feed, log, ...refusals });
        } catch (error) {
          log(cannotListen(hostname, port, error, { host: "--host", port: "--http" }));
          return exitCodes.failure;
        }
        try {
          await around.stdout.write(`The page: ${gateway.url}\n`);
          await within(signal, new Promise(() => {}));
        } finally {
          await gateway.close();
        }
      },
    };
  },
});

function readPublicUrl(typed: string, _now: number, name: string): string {
  const why = whyNotPublicUrl(typed);
  if (why === undefined) return publicUrlOf(typed);
  throw wrongValue(name, typed, why);
}
