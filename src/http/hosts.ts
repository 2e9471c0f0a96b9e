/**
 * For whom a request is, and from where: a page of another site must not get at the gateway, neither by a name that it
 * has made point to this machine, nor by asking from afar.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { Problem } from "./problems.ts";

/** Requests for one of these come from who knows the gateway by its address. */
const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** An address of IPv4, or of IPv6 in its brackets: no name that anybody could make point here. */
const literal = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])$/;

/** Which hosts the gateway answers for. */
export class Hosts {
  readonly #host: string;
  readonly #isLocal: boolean;
  readonly #public: URL | undefined;
  /** Authorities that were found right: as a rule there is one. */
  readonly #known = new Set<string>();

  /**
   * @param host what the gateway is bound to, or the name that it goes by.
   * @param publicUrl where others reach it, if that is somewhere else.
   */
  constructor(host: string, publicUrl?: string) {
    this.#host = host.toLowerCase();
    this.#public = publicUrl === undefined ? undefined : new URL(publicUrl);
    this.#isLocal = loopback.has(this.#host) || this.#host === "::1";
  }

  /**
   * Checks for whom a request is, and where the page is from that makes it change something.
   *
   * @throws {Problem} if it is not for this gateway, or the page is not of it.
   */
  check(request: Request, isChange: boolean): void {
    const authority = authorityOf(request.url);
    if (!this.#known.has(authority)) {
      if (!this.#answersFor(authority)) {
        const hint = "ask for the address that the gateway is bound to, or start it with that as --public-url";
        throw new Problem("wrong-host", `The request is for ${quotedShort(authority)}: ${hint}`);
      }
      if (this.#known.size < 64) this.#known.add(authority);
    }
    if (!isChange) return;
    const origin = request.headers.get("origin");
    // A proxy may have asked for another host than the browser did.
    if (origin !== null && authorityOf(origin) !== authority && origin !== this.#public?.origin) {
      const hint = "if it is that of the gateway behind a proxy, start it with that as --public-url";
      throw new Problem("forbidden", `A page of ${quotedShort(origin)} may change nothing here: ${hint}`);
    }
  }

  #answersFor(authority: string): boolean {
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
