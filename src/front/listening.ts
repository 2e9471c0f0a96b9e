/**
 * Where a gateway listens: how the place is typed, and why a gateway cannot listen there.
 *
 * @module
 */

import { printable } from "../quoted.ts";
import { wrongValue } from "./usage_error.ts";

/** The highest port that there is. */
export const portMax = 65_535;

/** The address of this machine that no other machine can reach. */
export const loopback = "127.0.0.1";

/** Reads digits as a number of at most nine digits; NaN for anything else. */
export function readDigits(typed: string): number {
  return /^\d{1,9}$/.test(typed) ? Number(typed) : NaN;
}

/**
 * Reads a port; 0 stands for any free one.
 *
 * @param name what it belongs to: `--http`.
 * @throws {UsageError} if it is not a port.
 */
export function readPort(typed: string, _now: number, name: string): number {
  const port = readDigits(typed);
  if (port <= portMax) return port;
  throw wrongValue(name, typed, `it must be an integer from 0 to ${portMax}`);
}

/**
 * Reads an address of this machine.
 *
 * @param name what it belongs to: `--host`.
 * @throws {UsageError} if it cannot be one.
 */
export function readHost(typed: string, _now: number, name: string): string {
  if (/^[\w.:-]+$/.test(typed)) return typed;
  throw wrongValue(name, typed, `it must be an address of this machine, such as ${loopback}`);
}

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
  if (error instanceof Deno.errors.AddrNotAvailable) return [`"${hostname}" is not an address of this machine`, host];
  if (error instanceof Deno.errors.AddrInUse) return ["the port is in use", port];
  return [why, port];
}
