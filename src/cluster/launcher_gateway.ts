/**
 * The gateway of a launcher, whatever that has started: kept running, renewed, and obeyed.
 *
 * @module
 */

import { insecureWarning, isLoopback } from "../front/listening.ts";
import type { LauncherAction, LauncherAnswer, LauncherRow } from "../http/gateway_options.ts";
import { readTlsPair, type TlsPair } from "../http/tls.ts";
import { reasonOf } from "../reason.ts";
import type { ServersOptions } from "./arguments.ts";
import type { ClusterAccess } from "./cluster_access.ts";
import { GatewayKeeper } from "./gateway_keeper.ts";
import type { LauncherFront } from "./launcher_front.ts";

/** What the gateway is of. */
export interface GatewayCluster {
  /** What its processes are called. */
  readonly peers: "replicas" | "nodes";
  /** The address of this machine at which they listen; absent: the usual one. */
  readonly peerHost?: string;
  /** Certificates that have signed those of nodes, in PEM; absent: links have no TLS. */
  readonly authorities?: readonly string[];
  /** The tokens that count. */
  readonly access: ClusterAccess;
  /** The processes, as they are now. */
  rows(): readonly LauncherRow[];
  /** `host:port` of those that the gateway may use. */
  addresses(): readonly string[];
  /** Does what somebody with the token of the page asks for. */
  carryOut(action: Exclude<LauncherAction, { readonly what: "rows" }>): Promise<Omit<LauncherAnswer, "rows">>;
}

/** The gateway, if there is to be one. */
export class LauncherGateway {
  readonly #front: LauncherFront;
  readonly #options: ServersOptions;
  #tls: TlsPair | undefined;
  #keeper: GatewayKeeper | undefined;

  private constructor(front: LauncherFront, options: ServersOptions, tls: TlsPair | undefined) {
    this.#front = front;
    this.#options = options;
    this.#tls = tls;
  }

  /** Reads what it serves TLS with. @throws {Error} if it cannot; the message is one sentence. */
  static async prepare(front: LauncherFront, options: ServersOptions): Promise<LauncherGateway> {
    return new LauncherGateway(front, options, await tlsOf(options));
  }

  /** Whether it has a certificate that can be renewed. */
  get hasTls(): boolean {
    return this.#tls !== undefined;
  }

  /** Starts it, where there is to be one. */
  start(cluster: GatewayCluster): void {
    const { http, logDir, logFormat } = this.#options;
    const { announcer } = this.#front;
    if (http === undefined) return;
    if (http.insecure && !isLoopback(http.hostname)) {
      announcer.complain({ level: "warn", event: "insecure", text: insecureWarning(http.hostname) });
    }
    this.#keeper = new GatewayKeeper({
      ...http,
      tls: this.#tls,
      logDir,
      logFormat,
      access: cluster.access,
      peers: cluster.peers,
      peerHost: cluster.peerHost,
      authorities: cluster.authorities,
      addresses: () => cluster.addresses(),
      obey: async (action) => {
        // It does not wait for what is being carried out.
        if (action.what === "rows") return { done: true, text: "", rows: cluster.rows() };
        // Requests with the token are carried out, and said, as if a person had typed them.
        const answer = await cluster.carryOut(action);
        announcer.answer(`By the gateway: ${answer.text}`);
        return { ...answer, rows: cluster.rows() };
      },
      // A log may be read by more people than those who may kill replicas.
      say: (text) => announcer.say({ level: "info", event: "gateway", text, message: text.replace(/#token=\S+/, "") }),
      onStderr: (line) =>
        announcer.complain({ level: "warn", event: "gateway-says", text: `gateway: ${line}`, message: line }),
    });
  }

  /** Other tokens count from now on. */
  tellAccess(): void {
    this.#keeper?.tellAccess();
  }

  /** Reads the certificate again, where it has one. */
  async renew(): Promise<void> {
    const { announcer } = this.#front;
    if (this.#tls === undefined) return;
    try {
      this.#tls = await tlsOf(this.#options);
      if (this.#tls !== undefined) this.#keeper?.renew(this.#tls);
      announcer.say({ level: "info", event: "certificate", text: "The certificate was read again" });
    } catch (error) {
      const text = `${reasonOf(error)}. The gateway keeps the certificate that it has`;
      announcer.complain({ level: "error", event: "certificate", text });
    }
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#keeper?.stop();
  }
}

async function tlsOf({ http }: ServersOptions): Promise<TlsPair | undefined> {
  return http?.tlsDir === undefined ? undefined : await readTlsPair(http.tlsDir, Date.now());
}
