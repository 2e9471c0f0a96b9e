/**
 * The host that a request is for, and the page that it comes from. A page of another site must not reach the gateway,
 * neither by a name that it makes point to this machine nor by a request from another origin. It may not even have a
 * browser ask: it could not read the response, and could still hold connections of watchers open.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { HttpProblem } from "./problems.ts";
import type { Endpoint } from "./route.ts";
import { type UrlParts, urlParts } from "./url_parts.ts";

/** A client that asks for one of these knows the gateway by its address. */
const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** An address of IPv4, or of IPv6 in brackets: nobody can make one point here, as they can a name. */
const literal = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])$/;

/**
 * The check of the hosts that a gateway serves.
 *
 * @param boundTo the address or the name that the gateway is bound to.
 * @param publicUrl where others reach it, if that is another place.
 * @returns what checks the host of a request; of a change, also the origin of the page that it comes from, and below
 *   `/api`, the site of that page. It throws an {@link HttpProblem} if one is another.
 */
export function hostCheck(
  boundTo: string,
  publicUrl?: string,
): (request: Request, url: UrlParts, endpoint: Pick<Endpoint, "isChange" | "isApi">) => void {
  const bound = boundTo.toLowerCase();
  const isLocal = loopback.has(bound) || bound === "::1";
  const shown = publicUrl === undefined ? undefined : new URL(publicUrl);

  /** The last authority that is served: most clients ask for the same one. */
  let lastServed = "";

  return (request, { authority }, { isChange, isApi }) => {
    if (authority !== lastServed || authority === "") {
      if (!isServed(authority.replace(/:\d{1,5}$/, "").toLowerCase())) {
        const hint = "ask for the address that the gateway is bound to, or start it with that as --public-url";
        throw new HttpProblem("wrong-host", `The request is for ${quotedShort(authority)}: ${hint}`);
      }
      lastServed = authority;
    }
    // Browsers send it, and no page can change it: "none" is what a person typed.
    if (isApi && request.headers.get("sec-fetch-site") === "cross-site") {
      const hint = "open the page of the gateway, or ask for this from a program";
      throw new HttpProblem("forbidden", `A page of another site may ask for nothing here: ${hint}`);
    }
    const origin = isChange ? request.headers.get("origin") : null;
    // A proxy may ask for another host than the browser.
    if (origin !== null && urlParts(origin).authority !== authority && origin !== shown?.origin) {
      const hint = "if it is that of the gateway behind a proxy, start it with that as --public-url";
      throw new HttpProblem("forbidden", `A page of ${quotedShort(origin)} may change nothing here: ${hint}`);
    }
  };

  function isServed(host: string): boolean {
    return loopback.has(host) || host === bound || host === shown?.hostname || (!isLocal && literal.test(host));
  }
}
