/**
 * Which token a client shows at an address.
 *
 * @module
 */

import type { Token } from "../access/token.ts";
import { SecretError } from "./private_file.ts";
import { environment, readPortToken, readTokenFile, type ReadVariable, tokenFileVariable } from "./token_files.ts";

/**
 * Gives the token to show at `host:port`; it is asked at each attempt, as a cluster that was started again may have
 * another one. It throws an error whose message says why there is none, and follows the address.
 */
export type TokenSource = (address: string) => Token;

/** Shows the same token everywhere. */
export function oneToken(token: Token): TokenSource {
  return () => token;
}

/** Shows the token in a file, which is read at each attempt. */
export function tokenFrom(file: string): TokenSource {
  return () => readTokenFile(file);
}

/** The same of a file that a variable names, which errors say. */
function tokenNamedBy(variable: string, file: string): TokenSource {
  return () => {
    try {
      return readTokenFile(file);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      throw new SecretError(`${error.message} (${variable} names it)`);
    }
  };
}

/** Shows what the launcher of this user has left for each port of this machine. */
export function tokensOfPorts(variable: ReadVariable = environment): TokenSource {
  return (address) => {
    const at = address.lastIndexOf(":");
    const host = address.slice(0, at);
    if (!isThisMachine(host)) throw new SecretError("it is on another machine: give one with --token-file");
    return readPortToken(Number(address.slice(at + 1)), variable);
  };
}

/**
 * What a client shows: the token of the file that it was given, or else of the one that `VAXLOG_TOKEN_FILE` names, or
 * else what the launcher has left.
 */
export function usualTokens(file?: string, variable: ReadVariable = environment): TokenSource {
  if (file !== undefined) return tokenFrom(file);
  const named = variable(tokenFileVariable);
  return named === undefined ? tokensOfPorts(variable) : tokenNamedBy(tokenFileVariable, named);
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
