/**
 * Where a replica or a node listens for links.
 *
 * @module
 */

import type { TlsPair } from "../http/tls.ts";
import { fail } from "../runtime/parent.ts";

/**
 * Listens at a port; one that somebody else has is the commonest reason for a cluster not to start. If it cannot, this
 * process says why, and ends.
 */
export function listenForLinks(hostname: string, port: number): Deno.TcpListener | Promise<never>;
/** The same by TLS. */
export function listenForLinks(
  hostname: string,
  port: number,
  tls: TlsPair | undefined,
): Deno.TcpListener | Deno.TlsListener | Promise<never>;
export function listenForLinks(hostname: string, port: number, tls?: TlsPair) {
  try {
    return tls === undefined ? Deno.listen({ hostname, port }) : Deno.listenTls({ hostname, port, ...tls });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      return fail(`port ${port} is in use, stop what uses it`);
    }
    return fail(`port ${port} cannot be used (${error instanceof Error ? error.message : error}), allow it`);
  }
}
