/**
 * `serve --http PORT`: a gateway to the cluster, until Ctrl-C.
 *
 * @module
 */

import { Access, newLinkToken } from "../../http/access.ts";
import { gatewayFlags } from "../../http/gateway_flags.ts";
import { linkOf } from "../../http/session_link.ts";
import { cannotListen, checkProtection, insecureWarning, isLoopback, loopback } from "../../front/listening.ts";
import { type Announcement, announcementJson, type Level, lineFormats } from "../../front/announcement.ts";
import { readName, readWord } from "../../front/readers.ts";
import { setting } from "../../front/settings.ts";
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
    "--auth-file lets in those whose tokens it names, each with its role, as the gateway of servers does: auth.json " +
    "in the data directory of the servers is such a file. After SIGHUP, the gateway reads it again.",
    "To let other machines reach it, give --tls-dir, a directory with a certificate and its key: node.crt and " +
    "node.key. After SIGHUP, the gateway serves the files that are there then.",
    "Behind a proxy, give --public-url, the URL at which others reach the gateway. The published feed begins with " +
    "it, and pages from there may make changes.",
    "With --log-format json, each line is an object, and the link is printed without its token: more people may read " +
    "a log than may change everything.",
    "With --cors, pages of all other origins may read the published feed, and nothing else.",
  ],
  examples: [
    "serve --http 8080",
    "serve --http 0 --http-host 192.0.2.7 --tls-dir tls",
    "serve --http 8080 --public-url https://vaccines.example/",
  ],
  operands: [],
  options: {
    ...gatewayFlags,
    logFormat: setting("logFormat", readWord(lineFormats)),
    authFile: setting("authFile", readName("a file")),
  },
  make: (
    { options: { http: port, httpHost: hostname = loopback, publicUrl, cors, staleAfter, ...others }, label },
  ): Task => {
    if (port === undefined) throw new UsageError("serve needs a port: give one with --http PORT, such as --http 8080");
    const { publicRead, tlsDir, insecure, logFormat, authFile } = others;
    checkProtection(hostname, { tlsDir, insecure }, label);
    const lineOf = (text: string, event: Announcement["event"] = "gateway-says", level: Level = "warn") =>
      logFormat === "json" ? announcementJson({ level, event, text }, new Date()) : text;
    return {
      lineOf,
      endsItself: true,
      needsFiles: tlsDir !== undefined || authFile !== undefined,
      run: async ({ connect, around, signal }) => {
        const say = (...said: Parameters<typeof lineOf>) => void around.stderr.write(`${lineOf(...said)}\n`);
        const log = (line: string) => say(line);
        const readTls = async () => tlsDir === undefined ? undefined : await around.readTls(tlsDir);
        const linkToken = newLinkToken();
        const access = new Access({ linkToken, anonymous: publicRead ? "read" : undefined });
        const readTokens = () => authFile !== undefined && access.take(around.readTokens(authFile));
        let tls: TlsPair | undefined;
        try {
          tls = await readTls();
          readTokens();
        } catch (error) {
          say(messageOf(error), "not-started", "error");
          return exitCodes.failure;
        }
        const { session } = await connect();
        if (authFile !== undefined && session.role !== "operate") {
          const why = `entries name the tokens of others, which needs the role operate, and not ${session.role}`;
          say(`${label("authFile")} needs another --token-file: ${why}`, "not-started", "error");
          return exitCodes.failure;
        }
        // A file takes a line for each request that is refused, a person one a minute.
        const refusals = around.errorColumns() === undefined
          ? { logRefusal: (line: string, level: Level) => say(line, "refused", level) }
          : { refusalHint: "add 2> FILE to have a line for each" };
        let gateway: ServedGateway;
        try {
          const feed = { publicUrl, cors, staleAfterMs: staleAfter };
          const place = {
            cluster: linkOf(session, around.reach, session.role),
            access,
            hostname,
            port,
            tls,
            insecure,
          };
          gateway = await around.serve({ ...place, ...feed, log, ...refusals });
        } catch (error) {
          say(cannotListen(hostname, port, error), "not-started", "error");
          return exitCodes.failure;
        }
        if (insecure && !isLoopback(hostname)) say(insecureWarning(hostname), "insecure");
        const stopped = Promise.withResolvers<ExitCode>();
        /** One after the other. */
        let renewed = Promise.resolve();
        const renew = async () => {
          try {
            if (readTokens() !== false) say("The tokens were read again", "answer", "info");
          } catch (error) {
            say(`${messageOf(error)}. The tokens of before count`, "gateway-says", "error");
          }
          const tls = await readTls().catch((error) => {
            say(`${messageOf(error)}. The gateway keeps the certificate that it has`, "certificate", "error");
          });
          if (tls === undefined) return;
          try {
            await gateway.renew(tls);
            say("The certificate was read again", "certificate", "info");
          } catch (error) {
            say(cannotListen(hostname, port, error), "lost", "error");
            stopped.resolve(exitCodes.failure);
          }
        };
        using _hearing = tlsDir === undefined && authFile === undefined
          ? undefined
          : around.onHangup(() => renewed = renewed.then(renew));
        try {
          // A log may be read by more people than those who may do everything.
          const link = logFormat === "json" ? "" : `#token=${linkToken}`;
          await around.stdout.write(`${lineOf(`The page: ${gateway.url}${link}`, "gateway", "info")}\n`);
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
