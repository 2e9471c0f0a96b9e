/**
 * `serve --http PORT`: a gateway to the cluster, until Ctrl-C.
 *
 * @module
 */

import { Access, newLinkToken } from "../../http/access.ts";
import { gatewayFlags } from "../../http/gateway_flags.ts";
import { linkOf } from "../../http/session_link.ts";
import { cannotListen, checkProtection, insecureWarning, isLoopback, loopback } from "../../front/listening.ts";
import { UsageError } from "../../front/usage_error.ts";
import { defineCommand } from "../../front/typed_command.ts";
import type { ServedGateway } from "../surroundings.ts";
import type { TlsPair } from "../../http/tls.ts";
import { type ExitCode, exitCodes, type Task } from "../task.ts";
import { within } from "../../runtime/within.ts";

/** The command. */
export const serveCommand = defineCommand({
  name: "serve",
  summary: "serve a page, and JSON over HTTP, until Ctrl-C",
  details: [
    "Only this machine can reach the gateway, unless --http-host says otherwise. Anyone who opens the printed link " +
    "can read and change everything; with --public-read, anyone else can read. When a replica fails, the gateway " +
    "continues with another one.",
    "To let other machines reach it, give --tls-dir, a directory with a certificate and its key: node.crt and " +
    "node.key. After SIGHUP, the gateway serves the files that are there then.",
    "Behind a proxy, give --public-url, the URL at which others reach the gateway. The published feed begins with " +
    "it, and pages from there may make changes.",
    "With --cors, pages of all other origins may read the published feed, and nothing else.",
  ],
  examples: [
    "serve --http 8080",
    "serve --http 0 --http-host 192.0.2.7 --tls-dir tls",
    "serve --http 8080 --public-url https://vaccines.example/",
  ],
  operands: [],
  options: gatewayFlags,
  make: (
    { options: { http: port, httpHost: hostname = loopback, publicUrl, cors, staleAfter, ...others }, label },
  ): Task => {
    if (port === undefined) throw new UsageError("serve needs a port: give one with --http PORT, such as --http 8080");
    const { publicRead, tlsDir, insecure } = others;
    checkProtection(hostname, { tlsDir, insecure }, label);
    return {
      endsItself: true,
      needsFiles: tlsDir !== undefined,
      run: async ({ connect, around, signal }) => {
        const log = (line: string) => void around.stderr.write(`${line}\n`);
        const readTls = async () => tlsDir === undefined ? undefined : await around.readTls(tlsDir);
        let tls: TlsPair | undefined;
        try {
          tls = await readTls();
        } catch (error) {
          log(messageOf(error));
          return exitCodes.failure;
        }
        const { session } = await connect();
        // A file takes a line for each request that is refused, a person one a minute.
        const refusals = around.errorColumns() === undefined
          ? { logRefusal: log }
          : { refusalHint: "add 2> FILE to have a line for each" };
        const linkToken = newLinkToken();
        const access = new Access({ linkToken, anonymous: publicRead ? "read" : undefined });
        let gateway: ServedGateway;
        try {
          const feed = { publicUrl, cors, staleAfterMs: staleAfter };
          const place = {
            cluster: linkOf(session, around.tokenAt, session.role),
            access,
            hostname,
            port,
            tls,
            insecure,
          };
          gateway = await around.serve({ ...place, ...feed, log, ...refusals });
        } catch (error) {
          log(cannotListen(hostname, port, error));
          return exitCodes.failure;
        }
        if (insecure && !isLoopback(hostname)) log(insecureWarning(hostname));
        const stopped = Promise.withResolvers<ExitCode>();
        /** One after the other. */
        let renewed = Promise.resolve();
        const renew = async () => {
          const tls = await readTls().catch((error) => {
            log(`${messageOf(error)}. The gateway keeps the certificate that it has`);
          });
          if (tls === undefined) return;
          try {
            await gateway.renew(tls);
            log("The certificate was read again");
          } catch (error) {
            log(cannotListen(hostname, port, error));
            stopped.resolve(exitCodes.failure);
          }
        };
        using _hearing = tlsDir === undefined ? undefined : around.onHangup(() => renewed = renewed.then(renew));
        try {
          await around.stdout.write(`The page: ${gateway.url}#token=${linkToken}\n`);
          return await within(signal, stopped.promise);
        } finally {
          await gateway.close();
        }
      },
    };
  },
});

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
