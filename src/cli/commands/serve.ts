/**
 * `serve --http PORT`: a gateway to the cluster, until Ctrl-C.
 *
 * @module
 */

import { printable } from "../../quoted.ts";
import { publicUrlOf, whyNotPublicUrl } from "../../http/public_url.ts";
import type { ServeOptions } from "../../http/serve.ts";
import { linkOf } from "../../http/session_link.ts";
import { cannotListen } from "../../front/listening.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand, option } from "../options.ts";
import { type ExitCode, exitCodes, type ServedGateway } from "../surroundings.ts";
import type { SessionTask, TaskContext } from "../task.ts";

/** The highest port that there is. */
const portMax = 65535;

/** What a gateway is bound to, unless another is asked for: nobody else can reach it. */
const defaultHost = "127.0.0.1";

/** The command. */
export const serveCommand = defineCommand({
  verb: "serve",
  summary: "serve a page, and JSON over HTTP, until Ctrl-C",
  details: [
    "Only this machine can reach the gateway, unless --host says otherwise. There are no accounts: everybody who reaches " +
    "it can change everything. When a replica fails, the gateway continues with another one.",
    "Behind a proxy, give --public-url, the URL at which others reach the gateway. The published feed begins with it, and " +
    "pages from there may make changes.",
  ],
  examples: [
    "serve --http 8080",
    "serve --http 0 --host 192.0.2.7",
    "serve --http 8080 --public-url https://vaccines.example/",
  ],
  operands: [],
  options: {
    http: option("PORT", "port, which must be given; 0 for any free port", parsePort),
    host: option("HOST", `address of this machine to listen at (${defaultHost})`, parseHost),
    publicUrl: option("URL", "where others reach the gateway; by default, the host that they ask for", parsePublicUrl),
  },
  make: ({ options: { http: port, host: hostname = defaultHost, publicUrl } }) => {
    if (port === undefined) throw new UsageError("serve needs a port: give one with --http PORT, such as --http 8080");
    return new ServeTask({ hostname, port, publicUrl });
  },
});

/**
 * Reads a port.
 *
 * @throws {UsageError} if it is none.
 */
export function parsePort(typed: string): number {
  const port = /^\d{1,9}$/.test(typed) ? Number(typed) : NaN;
  if (port <= portMax) return port;
  throw new UsageError(`--http is "${printable(typed)}": it must be an integer from 0 to ${portMax}`);
}

function parseHost(typed: string): string {
  if (/^[\w.:-]+$/.test(typed)) return typed;
  throw new UsageError(
    `--host is "${printable(typed)}": it must be an address of this machine, such as ${defaultHost}`,
  );
}

function parsePublicUrl(typed: string): string {
  const why = whyNotPublicUrl(typed);
  if (why === undefined) return publicUrlOf(typed);
  throw new UsageError(`--public-url is "${printable(typed)}": ${why}`);
}

/** Where the gateway is. */
type Place = Pick<ServeOptions, "hostname" | "port" | "publicUrl">;

class ServeTask implements SessionTask {
  readonly endsItself = true;
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  async run({ connection, around, signal }: TaskContext): Promise<ExitCode> {
    const log = (line: string) => void around.stderr.write(`${line}\n`);
    // A file takes a line for each request that is refused, a person one a minute.
    const refusals = around.errorColumns() === undefined
      ? { logRefusal: log }
      : { refusalHint: "add 2> FILE to have a line for each" };
    let gateway: ServedGateway;
    try {
      gateway = await around.serve({ cluster: linkOf(connection), ...this.#place, log, ...refusals });
    } catch (error) {
      const { hostname, port } = this.#place;
      const line = cannotListen(hostname, port, error, { host: "--host", port: "--http" });
      await around.stderr.write(`${line}\n`);
      return exitCodes.failure;
    }
    try {
      await around.stdout.write(`The page: ${gateway.url}\n`);
      await aborted(signal);
      return exitCodes.ok;
    } finally {
      await gateway.close();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
