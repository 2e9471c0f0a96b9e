/**
 * A gateway in a process of its own: `deno task client … serve`.
 *
 * @module
 */

import { Program } from "./program.ts";

/** A gateway, and the link that it has printed. */
export class ServedGateway {
  /** Its process. */
  readonly program: Program;
  /** Where it is. */
  readonly url: string;
  /** The token of its link. */
  readonly token: string;

  private constructor(program: Program, url: string, token: string) {
    this.program = program;
    this.url = url;
    this.token = token;
  }

  /** Starts one for replicas at these addresses of this machine. */
  static async start(addresses: readonly string[]): Promise<ServedGateway> {
    const ports = addresses.map((address) => address.slice(address.lastIndexOf(":") + 1));
    const program = new Program("client without task", ...ports, "serve", "--http", "0");
    const [, url, token] = await program.said(/The page: (\S+)\/#token=(\w+)/);
    return new ServedGateway(program, url, token);
  }

  /** The header of a client that has the printed link. */
  get bearer(): { readonly authorization: string } {
    return { authorization: `Bearer ${this.token}` };
  }

  /** Asks for something, and reads the response. */
  async ask(method: string, path: string, body?: unknown, key?: string) {
    const headers = {
      "content-type": "application/json",
      ...this.bearer,
      ...(key === undefined ? {} : { "idempotency-key": key }),
    };
    const response = await fetch(this.url + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { status } = response;
    return { status, json: await response.json(), isReplay: response.headers.get("idempotency-replayed") === "true" };
  }

  /** Reports a value; returns the status. */
  async report(value: number, key?: string): Promise<number> {
    return (await this.ask("POST", "/api/sites/Harvard%20University/reports", { value }, key)).status;
  }

  /** Ends it. */
  async end(signal: Deno.Signal): Promise<void> {
    this.program.signal(signal);
    await this.program.ended();
  }
}
