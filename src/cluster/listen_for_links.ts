/**
 * Where a replica or a node listens for links.
 *
 * @module
 */

import { fail } from "../runtime/parent.ts";

/**
 * Listens at a port; one that somebody else has is the commonest reason for a cluster not to start. If it cannot, this
 * process says why, and ends.
 */
export function listenForLinks(hostname: string, port: number): Deno.TcpListener | Promise<never> {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      return fail(`port ${port} is in use, stop what uses it`);
    }
    return fail(`port ${port} cannot be used (${error instanceof Error ? error.message : error}), allow it`);
  }
}
