/**
 * The replicas' addresses, as a person gives them.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { loopback, portMax } from "../front/listening.ts";
import { UsageError } from "../front/usage_error.ts";

/**
 * Reads addresses: `8892`, `host:8892` or `[::1]:8892`.
 *
 * A port alone and `localhost` mean 127.0.0.1. Hosts are brought into one form, so that an address is equal to what the
 * cluster calls its member.
 *
 * @returns `host:port` of each, in the order given.
 * @throws {UsageError} if one is not an address, or two are the same.
 */
export function parseAddresses(typed: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const text of typed) {
    const address = parseAddress(text);
    const earlier = seen.get(address);
    if (earlier !== undefined) {
      const same = earlier === text ? "" : `: it is the same as ${quotedShort(earlier)}`;
      throw new UsageError(`The address ${quotedShort(text)} is given twice${same}; leave one of them out`);
    }
    seen.set(address, text);
  }
  return [...seen.keys()];
}

/** Reads one address, see {@link parseAddresses}. */
export function parseAddress(typed: string): string {
  const [, host, port] = /^(?:(.*):)?(.*)$/s.exec(typed) ?? [];
  if (!/^[0-9]+$/.test(port) || (host !== undefined && canonicalHost(host) === undefined)) {
    throw new UsageError(`${quotedShort(typed)} is not an address: give a port, such as 8892, or host:port`);
  }
  if (!(Number(port) >= 1 && Number(port) <= portMax)) {
    throw new UsageError(`The port in ${quotedShort(typed)} is out of range: give one from 1 to ${portMax}`);
  }
  return `${host === undefined ? loopback : canonicalHost(host)}:${Number(port)}`;
}

/** A host in the one form of URLs (lower case, shortest form of an IP address); undefined if it is none. */
function canonicalHost(host: string): string | undefined {
  // A number alone would be an IP address to a URL: `8892:8893` is two ports with the wrong thing between them.
  if (!/^(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)$/.test(host) || /^[0-9]+$/.test(host)) return undefined;
  const url = URL.parse(`http://${host}`);
  if (url === null) return undefined;
  return url.hostname === "localhost" ? loopback : url.hostname;
}
