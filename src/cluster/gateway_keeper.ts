/**
 * The launcher's end of its gateway: starts it as a subprocess, starts it again when it has failed, and ends it.
 *
 * A gateway has no data that others lack, so that nothing depends on it: whoever asks again is answered by the next
 * one, at the same port.
 *
 * @module
 */

import type { LauncherAction, LauncherAnswer } from "../http/gateway_options.ts";
import { causeOfExit } from "./causes.ts";
import { type GatewaySay, type GatewayTell, parseGatewaySay } from "./gateway_messages.ts";
import { gatewayLogName } from "./gateway_log.ts";
import { Child } from "../runtime/child.ts";
import { host } from "./replica_process.ts";

/** Starts in a row in which it did not come to listen, after which it is given up. */
const failuresMax = 3;

/** Milliseconds between its failure and its next start. */
const restartPauseMs = 200;

/** Milliseconds that it has to end by itself: with the replicas, which end after it, all is over within two seconds. */
const stopWithinMs = 700;

/** What happens to a gateway. */
export type GatewayEvent =
  /** It can be asked. */
  | {
    readonly kind: "listening";
    readonly url: string;
    readonly token: string;
    readonly pid: number;
    readonly again: boolean;
  }
  /** It has ended, and is started again, or not. */
  | { readonly kind: "failed"; readonly cause: string; readonly isGivenUp: boolean }
  /** It wrote a line to its standard error. */
  | { readonly kind: "stderr"; readonly line: string };

/** What a gateway is started with. */
export interface KeeperOptions {
  /** What it is bound to. */
  readonly hostname: string;
  /** The port; 0: any that is free, and the same later. */
  readonly port: number;
  /** Where others reach it, with `/` at its end; undefined: at what they ask for. */
  readonly publicUrl: string | undefined;
  /** The directory of its log; undefined: it writes none. */
  readonly logDir: string | undefined;
  /** `host:port` of the replicas that live. */
  addresses(): readonly string[];
  /** Does what the gateway asks for. */
  obey(action: LauncherAction): Promise<LauncherAnswer>;
  /** Takes what happens. */
  onEvent(event: GatewayEvent): void;
}

/** A gateway, kept running. */
export class GatewayKeeper {
  /** What whoever kills or starts replicas must have. */
  readonly token: string = crypto.getRandomValues(new Uint8Array(16)).toHex();
  readonly #options: KeeperOptions;
  #port: number;
  #child: Child<GatewaySay, GatewayTell> | undefined;
  #failures = 0;
  #hasListened = false;
  /** Whether this process of it has listened. */
  #isListening = false;
  /** Why it could not begin, or why it ended, as it said itself. */
  #lastWords: string | undefined;
  #isStopping = false;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #ended: Promise<void> = Promise.resolve();

  /** Starts it. */
  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#start();
  }

  /** The number of its process; undefined between two. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends it; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#pause);
    await this.#child?.stop(stopWithinMs);
    await this.#ended;
  }

  #start(): void {
    const { hostname, publicUrl, logDir, addresses } = this.#options;
    this.#lastWords = undefined;
    this.#isListening = false;
    const child: Child<GatewaySay, GatewayTell> = new Child({
      args: gatewayArguments(hostname, logDir !== undefined),
      // It works in the directory of its log: a path with a comma in it cannot be granted by its name.
      cwd: logDir,
      parse: parseGatewaySay,
      onSay: (message) => this.#onSay(message, child),
      onStderr: (line) => this.#options.onEvent({ kind: "stderr", line }),
      onGarbage: ({ message }) => {
        this.#lastWords = message;
        child.kill();
      },
    });
    this.#child = child;
    this.#ended = child.exited.then(async (status) => {
      await child.drained;
      this.#child = undefined;
      this.#onExit(status);
    });
    const log = {
      hasLog: logDir !== undefined,
      logHint: logDir === undefined
        ? "start with --log-dir DIR to have a line for each"
        : `each is in ${logDir}/${gatewayLogName}`,
    };
    const place = { addresses: addresses(), hostname, port: this.#port, publicUrl, token: this.token, ...log };
    child.tell({ tell: "serve", place });
  }

  #onExit(status: Deno.CommandStatus): void {
    if (this.#isStopping) return;
    this.#failures++;
    const what = this.#isListening ? "could not continue" : "could not begin";
    const cause = this.#lastWords === undefined ? causeOfExit(status) : `${what}: ${this.#lastWords}`;
    // A gateway that cannot begin at all has a reason that does not pass, such as a port that is taken.
    const isGivenUp = this.#failures >= failuresMax || !this.#hasListened;
    this.#options.onEvent({ kind: "failed", cause, isGivenUp });
    if (!isGivenUp) this.#pause = setTimeout(() => this.#start(), restartPauseMs);
  }

  #onSay(message: GatewaySay, child: Child<GatewaySay, GatewayTell>): void {
    switch (message.say) {
      case "listening": {
        const { port, url } = message;
        this.#options.onEvent({ kind: "listening", url, token: this.token, pid: child.pid, again: this.#hasListened });
        this.#port = port;
        this.#failures = 0;
        this.#hasListened = true;
        this.#isListening = true;
        break;
      }
      case "fatal":
        this.#lastWords = message.message;
        break;
      case "ask":
        this.#obey(message.id, message.action, child);
        break;
    }
  }

  async #obey(id: number, action: LauncherAction, child: Child<GatewaySay, GatewayTell>): Promise<void> {
    child.tell({ tell: "answer", id, answer: await this.#options.obey(action) });
  }
}

/**
 * The arguments for `deno`: permission for the network, there only for this machine and its own address, and for its
 * log if it has one.
 */
function gatewayArguments(hostname: string, hasLog: boolean): string[] {
  const own = hostname.includes(":") ? `[${hostname}]` : hostname;
  const hosts = own === host ? host : `${host},${own}`;
  const entry = new URL("./gateway_main.ts", import.meta.url);
  const permissions = [`--allow-net=${hosts}`, ...(hasLog ? [`--allow-write=${gatewayLogName}`] : [])];
  return ["run", "--quiet", "--no-prompt", ...permissions, entry.href];
}
