/**
 * Where a gateway listens: how the place is typed, and why a gateway cannot listen there.
 *
 * @module
 */

import { printable, quoted } from "../quoted.ts";
import { UsageError, wrongValue } from "./usage_error.ts";

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
 * @param name what it belongs to: `--http-host`.
 * @throws {UsageError} if it cannot be one.
 */
export function readHost(typed: string, _now: number, name: string): string {
  if (/^[\w.:-]+$/.test(typed)) return typed;
  throw wrongValue(name, typed, `it must be an address of this machine, such as ${loopback}`);
}

/** Whether only this machine reaches what listens at an address or a name. */
export function isLoopback(hostname: string): boolean {
  return /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|localhost)$/i.test(hostname);
}

/** How a gateway keeps secrets on their way. */
export interface Protection {
  /** The directory with its certificate and key; undefined: it has none. */
  readonly tlsDir: string | undefined;
  /** Whether somebody wants it without. */
  readonly insecure: boolean | undefined;
}

/**
 * Checks that tokens do not cross a network for anyone to read.
 *
 * @param label what an option is called by the person who gave it.
 * @throws {UsageError} if they would; it says what to do.
 */
export function checkProtection(
  hostname: string,
  { tlsDir, insecure }: Protection,
  label: (option: "httpHost" | keyof Protection) => string,
): void {
  if (insecure && tlsDir !== undefined) {
    const both = `${label("insecure")} and ${label("tlsDir")} exclude each other`;
    throw new UsageError(`${both}: with a certificate, the gateway is not insecure`);
  }
  if (isLoopback(hostname) || tlsDir !== undefined || insecure) return;
  const why = `${label("httpHost")} ${
    quoted(hostname)
  } lets other machines reach the gateway, and tokens would be readable`;
  const advice = "give --tls-dir DIR (deno task servers cert --dir DIR makes one for a trial), or --insecure";
  throw new UsageError(`${why}: ${advice}`);
}

/** What to tell the person who starts a gateway without TLS that other machines reach. */
export function insecureWarning(hostname: string): string {
  return `Warning: without TLS at ${hostname}, anyone on the network between can read and use the tokens; ` +
    "give --tls-dir DIR instead of --insecure";
}

/** Says that nothing can listen there, why, and what to do. */
export function cannotListen(hostname: string, port: number, error: unknown): string {
  const [why, option] = reasonOf(hostname, error);
  return `Cannot listen at ${hostname}, port ${port}: ${why}; choose another ${option}`;
}

function reasonOf(hostname: string, error: unknown): [why: string, option: string] {
  const [host, port] = ["--http-host", "--http"];
  const why = printable(error instanceof Error ? error.message : String(error));
  // The runtime has no class for a name that nobody knows.
  if (/lookup address/.test(why)) return [`no address is known of "${hostname}"`, host];
  if (error instanceof Deno.errors.AddrNotAvailable) return [`"${hostname}" is not an address of this machine`, host];
  if (error instanceof Deno.errors.AddrInUse) return ["the port is in use", port];
  return [why, port];
}
