/**
 * Why a gateway cannot listen where it is to.
 *
 * @module
 */

import { printable } from "../quoted.ts";

/** What chooses the place where it listens, as it is typed. */
export interface PlaceOptions {
  /** What chooses the address: `--host`. */
  readonly host: string;
  /** What chooses the port: `--http`. */
  readonly port: string;
}

/** Says that nothing can listen there, why, and what to do. */
export function cannotListen(hostname: string, port: number, error: unknown, options: PlaceOptions): string {
  const [why, option] = reasonOf(hostname, error, options);
  return `Cannot listen at ${hostname}, port ${port}: ${why}; choose another ${option}`;
}

function reasonOf(hostname: string, error: unknown, { host, port }: PlaceOptions): [why: string, option: string] {
  const why = printable(error instanceof Error ? error.message : String(error));
  // The runtime has no class for a name that nobody knows.
  if (/lookup address/.test(why)) return [`no address is known of "${hostname}"`, host];
  if (error instanceof Deno.errors.AddrNotAvailable) return [`"${hostname}" is no address of this machine`, host];
  if (error instanceof Deno.errors.AddrInUse) return ["the port is in use", port];
  return [why, port];
}
