/**
 * A gateway with a socket, and with the page.
 *
 * The server of the runtime bounds the headers of a request to about 64 KB and a hundred, and closes the connection of
 * a client that does not speak HTTP. It has no deadline for headers: a silent connection stays open, and costs a few
 * kilobytes. It does not close a connection for the `Connection: close` of a response either: that only tells the
 * client, and the server reads the body to its end and discards it. For these reasons too, bind a gateway to this
 * machine, or put a proxy in front of it.
 *
 * @module
 */

import { UnreadError } from "./events.ts";
import { Gateway } from "./gateway.ts";
import type { GatewayOptions } from "./gateway_options.ts";
import { within } from "../runtime/within.ts";
import { pageFiles } from "./page_files.ts";

/** Milliseconds between two comments to watchers. They show that the gateway lives, also to proxies between. */
const eventHeartbeatMs = 15_000;

/** Milliseconds that requests under way have when the gateway ends. */
const drainWithinMs = 300;

/** Where it is served. */
export interface ServeOptions extends Omit<GatewayOptions, "host" | "now"> {
  /** An address of this machine, or a name of one. */
  readonly hostname: string;
  /** The port; 0: any that is free. */
  readonly port: number;
}

/** A gateway that listens. */
export class GatewayServer {
  /** The port that it listens at. */
  readonly port: number;
  /** Its URL, with `/` at its end. */
  readonly url: string;
  readonly #gateway: Gateway;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #heartbeat: ReturnType<typeof setInterval>;

  /**
   * Listens at once.
   *
   * @throws {Deno.errors.AddrInUse} and others, if it cannot listen there.
   */
  constructor({ hostname, port, ...options }: ServeOptions) {
    // Listening comes first, since it may fail. No request comes before this turn ends.
    const onError = (error: unknown) => {
      // The response has begun, so all that is left is to end the connection.
      if (!(error instanceof UnreadError)) options.log(`A response broke off: ${error}`);
      return new Response(null, { status: 500 });
    };
    const serving = { hostname, port, onListen: () => {}, onError };
    this.#server = Deno.serve(serving, (request) => this.#gateway.fetch(request));
    this.#gateway = new Gateway({ files: pageFiles, ...options, host: hostname, now: () => Date.now() });
    this.#heartbeat = setInterval(() => this.#gateway.beat(), eventHeartbeatMs);
    this.port = this.#server.addr.port;
    const isAny = hostname === "0.0.0.0" || hostname === "::";
    const host = isAny ? "127.0.0.1" : hostname.includes(":") ? `[${hostname}]` : hostname;
    this.url = `http://${host}:${this.port}/`;
  }

  /** Ends it; requests under way have a moment. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#gateway.close();
    await within(drainWithinMs, this.#server.shutdown());
  }
}
