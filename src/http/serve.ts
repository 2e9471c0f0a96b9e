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
import { pause, within } from "../runtime/within.ts";
import { pageFiles } from "./page_files.ts";
import type { TlsPair } from "./tls.ts";

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
  /** What it proves its name with; absent: it speaks HTTP without TLS. */
  readonly tls?: TlsPair;
}

/** How often a renewed server tries to listen where the one before it did, a millisecond after the other. */
const rebindTriesMax = 1_000;

/** A gateway that listens. */
export class GatewayServer {
  /** The port that it listens at. */
  readonly port: number;
  /** Its URL, with `/` at its end. */
  readonly url: string;
  readonly #gateway: Gateway;
  readonly #hostname: string;
  readonly #log: (line: string) => void;
  #server: Deno.HttpServer<Deno.NetAddr>;
  /** Resolves when the servers before it have ended. */
  #replaced: Promise<unknown> = Promise.resolve();
  readonly #heartbeat: ReturnType<typeof setInterval>;

  /**
   * Listens at once.
   *
   * @throws {Deno.errors.AddrInUse} and others, if it cannot listen there.
   */
  constructor({ hostname, port, tls, ...options }: ServeOptions) {
    this.#hostname = hostname;
    this.#log = options.log;
    // Listening comes first, since it may fail. No request comes before this turn ends.
    this.#server = this.#listen(port, tls);
    this.#gateway = new Gateway({ files: pageFiles, ...options, host: hostname, now: () => Date.now() });
    this.#heartbeat = setInterval(() => this.#gateway.beat(), eventHeartbeatMs);
    this.port = this.#server.addr.port;
    const isAny = hostname === "0.0.0.0" || hostname === "::";
    const host = isAny ? "127.0.0.1" : hostname.includes(":") ? `[${hostname}]` : hostname;
    this.url = `${tls === undefined ? "http" : "https"}://${host}:${this.port}/`;
  }

  /**
   * Takes another pair: connections that come from now on get it. Those that are there keep the one that they have,
   * and their requests and events continue.
   *
   * The runtime cannot change the pair of a server, so another one takes its place at the same port. A client that
   * connects in the moment between is refused.
   *
   * @throws {Error} if the port was taken meanwhile; then nothing listens any more.
   */
  async renew(tls: TlsPair): Promise<void> {
    // It ends when its last connection does, and events may never end.
    this.#replaced = Promise.all([this.#replaced, this.#server.shutdown()]);
    for (let tries = 1;; tries++) {
      try {
        this.#server = this.#listen(this.port, tls);
        return;
      } catch (error) {
        // Until the runtime has closed the listener.
        if (!(error instanceof Deno.errors.AddrInUse) || tries === rebindTriesMax) throw error;
        await pause(1);
      }
    }
  }

  #listen(port: number, tls: TlsPair | undefined): Deno.HttpServer<Deno.NetAddr> {
    const onError = (error: unknown) => {
      // The response has begun, so all that is left is to end the connection.
      if (!(error instanceof UnreadError)) this.#log(`A response broke off: ${error}`);
      return new Response(null, { status: 500 });
    };
    const serving = { hostname: this.#hostname, port, onListen: () => {}, onError };
    const respond = (request: Request) => this.#gateway.fetch(request);
    return tls === undefined ? Deno.serve(serving, respond) : Deno.serve({ ...serving, ...tls }, respond);
  }

  /** Ends it; requests under way have a moment. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    await this.#gateway.close();
    await within(drainWithinMs, Promise.all([this.#replaced, this.#server.shutdown()]));
  }
}
