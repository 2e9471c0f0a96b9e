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

/**
 * Makes what reads an integer of at most nine digits, from `min` to `max`.
 *
 * @param what it is, before "an integer": `the id of a replica, `.
 */
export function readInteger(min: number, max: number, what = ""): (typed: string, now: number, name: string) => number {
  return (typed, _now, name) => {
    const value = /^\d{1,9}$/.test(typed) ? Number(typed) : NaN;
    if (value >= min && value <= max) return value;
    throw wrongValue(name, typed, `it must be ${what}an integer from ${min} to ${max}`);
  };
}

/** Reads a port; 0 stands for any free one. */
export const readPort: ReturnType<typeof readInteger> = readInteger(0, portMax);

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
