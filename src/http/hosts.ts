/**
 * The host that a request is for, and the page that it comes from. A page of another site must not reach the gateway,
 * neither by a name that it makes point to this machine nor by a request from another origin.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { HttpProblem } from "./problems.ts";

/** A client that asks for one of these knows the gateway by its address. */
const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** An address of IPv4, or of IPv6 in brackets: nobody can make one point here, as they can a name. */
const literal = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])$/;

/** The hosts that the gateway serves. */
export class Hosts {
  readonly #host: string;
  readonly #isLocal: boolean;
  readonly #public: URL | undefined;

  /**
   * @param host the address or the name that the gateway is bound to.
   * @param publicUrl where others reach it, if that is another place.
   */
  constructor(host: string, publicUrl?: string) {
    this.#host = host.toLowerCase();
    this.#public = publicUrl === undefined ? undefined : new URL(publicUrl);
    this.#isLocal = loopback.has(this.#host) || this.#host === "::1";
  }

  /**
   * Checks the host of a request; of a change, also the page that it comes from.
   *
   * @throws {HttpProblem} if the request is for another host, or the page is of another origin.
   */
  check(request: Request, isChange: boolean): void {
    const authority = authorityOf(request.url);
    if (!this.#isServed(authority)) {
      const hint = "ask for the address that the gateway is bound to, or start it with that as --public-url";
      throw new HttpProblem("wrong-host", `The request is for ${quotedShort(authority)}: ${hint}`);
    }
    if (!isChange) return;
    const origin = request.headers.get("origin");
    // A proxy may ask for another host than the browser.
    if (origin !== null && authorityOf(origin) !== authority && origin !== this.#public?.origin) {
      const hint = "if it is that of the gateway behind a proxy, start it with that as --public-url";
      throw new HttpProblem("forbidden", `A page of ${quotedShort(origin)} may change nothing here: ${hint}`);
    }
  }

  #isServed(authority: string): boolean {
    const host = authority.replace(/:\d{1,5}$/, "").toLowerCase();
    if (loopback.has(host)) return true;
    return host === this.#host || host === this.#public?.hostname || (!this.#isLocal && literal.test(host));
  }
}

/** Host and port of a URL. */
function authorityOf(url: string): string {
  const begin = url.indexOf("://") + 3;
  const end = url.indexOf("/", begin);
  return end < 0 ? url.slice(begin) : url.slice(begin, end);
}
