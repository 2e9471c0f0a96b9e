/**
 * The launcher's end of its gateway: starts it as a subprocess, starts it again when it has failed, and ends it.
 *
 * A gateway has no data that others lack, so that nothing depends on it: whoever asks again is answered by the next
 * one, at the same port.
 *
 * @module
 */

import { loopback } from "../front/listening.ts";
import type { LineFormat } from "../front/announcement.ts";
import { newLinkToken } from "../http/access.ts";
import type { LauncherAction, LauncherAnswer } from "../http/gateway_options.ts";
import { Child } from "../runtime/child.ts";
import { pause } from "../runtime/within.ts";
import type { GatewayAddress } from "./arguments.ts";
import type { ClusterAccess } from "./cluster_access.ts";
import { causeOfExit } from "./causes.ts";
import { gatewayLogName } from "./gateway_log.ts";
import type { TlsPair } from "../http/tls.ts";
import { type GatewaySay, type GatewayTell, parseGatewaySay } from "./gateway_messages.ts";

/** Starts in a row in which it did not come to listen, after which it is given up. */
const failuresMax = 3;

/** Milliseconds between its failure and its next start. */
const restartPauseMs = 200;

/** Milliseconds that it has to end by itself: with the replicas, which end after it, all is over within two seconds. */
const stopWithinMs = 700;

/** What a gateway is started with. */
export interface KeeperOptions extends GatewayAddress {
  /** What it serves TLS with; undefined: it serves without. */
  readonly tls: TlsPair | undefined;
  /** The directory of its log; undefined: it writes none. */
  readonly logDir: string | undefined;
  /** How it writes that. */
  readonly logFormat: LineFormat;
  /** The tokens that count; its session shows one of them. */
  readonly access: ClusterAccess;
  /** What the processes are called that it is of; absent: replicas. */
  readonly peers?: "replicas" | "nodes";
  /** The address of this machine at which they listen; absent: the usual one. */
  readonly peerHost?: string;
  /** Certificates that have signed those of nodes, in PEM; absent: links have no TLS. */
  readonly authorities?: readonly string[];
  /** `host:port` of those that live. */
  addresses(): readonly string[];
  /** Does what the gateway asks for. */
  obey(action: LauncherAction): Promise<LauncherAnswer>;
  /** Takes a line that says what happens to it. */
  say(line: string): void;
  /** Takes a line that it wrote to its standard error. */
  onStderr(line: string): void;
}

/** A gateway, kept running. */
export class GatewayKeeper {
  /** The token of the printed link. */
  readonly #token = newLinkToken();
  readonly #options: KeeperOptions;
  /** Where it is; once it has listened at a port, it is to have that one again. */
  #port: number;
  #hasListened = false;
  #tls: TlsPair | undefined;
  #child: Child<GatewaySay, GatewayTell> | undefined;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  /** Starts it. */
  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#tls = options.tls;
    this.#ended = this.#keep();
  }

  /** Has it serve TLS with another pair, also after its next start. */
  renew(tls: TlsPair): void {
    this.#tls = tls;
    this.#child?.tell({ tell: "renew", tls });
  }

  /** Other tokens count from now on. */
  tellAccess(): void {
    this.#child?.tell({ tell: "access", access: this.#options.access.plain });
  }

  /** Ends it; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#child?.stop(stopWithinMs);
    await this.#ended;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      const { hasListened, cause } = await this.#run();
      if (signal.aborted) return;
      failures = hasListened ? 1 : failures + 1;
      // A gateway that cannot begin at all has a reason that does not pass, such as a port that is taken.
      const isGivenUp = failures >= failuresMax || !this.#hasListened;
      const { peers = "replicas" } = this.#options;
      const what = isGivenUp ? `the ${peers} run without it` : "it is started again";
      this.#options.say(`The gateway ${cause}; ${what}`);
      if (isGivenUp) return;
      await pause(restartPauseMs, signal);
    }
  }

  /** Runs it once. @returns whether it has listened, and why it has ended. */
  async #run(): Promise<{ readonly hasListened: boolean; readonly cause: string }> {
    const { hostname, publicUrl, cors, staleAfterMs, publicRead, insecure, peerHost = loopback } = this.#options;
    const { logDir, logFormat, access, peers = "replicas", authorities } = this.#options;
    const { addresses, obey, say, onStderr } = this.#options;
    let hasListened = false;
    /** Why it could not begin, or why it ended, as it said itself. */
    let lastWords: string | undefined;
    const onSay = async (message: GatewaySay) => {
      if (message.say === "fatal") {
        lastWords = message.message;
      } else if (message.say === "ask") {
        child.tell({ tell: "answer", id: message.id, answer: await obey(message.action) });
      } else {
        say(
          this.#hasListened
            ? `The gateway runs again, process ${child.pid}`
            : `The page: ${message.url}#token=${this.#token} (process ${child.pid}); anyone with this link can ` +
              `change data, and kill and start ${peers}`,
        );
        this.#port = message.port;
        this.#hasListened = hasListened = true;
      }
    };
    const child: Child<GatewaySay, GatewayTell> = this.#child = new Child({
      args: gatewayArguments([loopback, peerHost, hostname], logDir !== undefined),
      // It works in the directory of its log: a path with a comma in it cannot be granted by its name.
      cwd: logDir,
      parse: parseGatewaySay,
      onSay,
      onStderr,
      onGarbage: ({ message }) => {
        lastWords = message;
        child.kill();
      },
    });
    const place = { addresses: addresses(), hostname, port: this.#port, token: this.#token, logDir, logFormat };
    const shown = { sessionToken: access.gateway.text, access: access.plain, authorities };
    const served = { ...shown, publicUrl, cors, staleAfterMs, publicRead, insecure, tls: this.#tls };
    child.tell({ tell: "serve", place: { ...place, ...served } });
    const status = await child.exited;
    await child.drained;
    this.#child = undefined;
    const what = hasListened ? "could not continue" : "could not begin";
    return { hasListened, cause: lastWords === undefined ? causeOfExit(status) : `${what}: ${lastWords}` };
  }
}

/**
 * The arguments for `deno`: permission for the network, there only for this machine, its own address and that of the
 * nodes, and for its log if it has one.
 */
function gatewayArguments(reached: readonly string[], hasLog: boolean): string[] {
  const hosts = [...new Set(reached)].map((host) => host.includes(":") ? `[${host}]` : host);
  const entry = new URL("./gateway_main.ts", import.meta.url);
  const permissions = [`--allow-net=${hosts.join(",")}`, ...(hasLog ? [`--allow-write=${gatewayLogName}`] : [])];
  return ["run", "--quiet", "--no-prompt", ...permissions, entry.href];
}
