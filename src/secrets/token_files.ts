/**
 * Tokens in files: those that somebody names, and those that the launcher leaves for the clients of its user.
 *
 * A client knows ports, not directories. So for each port of a replica there is a file with a token in a folder that
 * only this user may use: `$XDG_RUNTIME_DIR`, or else a folder in the one for temporary files.
 *
 * @module
 */

import { Token, TokenError, tokenTextMax } from "../access/token.ts";
import {
  makePrivateFolder,
  ownUid,
  type PrivateFileOptions,
  readPrivateFile,
  removeIfPossible,
  SecretError,
  whyNotPrivateFolder,
  writePrivateFile,
} from "./private_file.ts";

/** The environment variables that say where the launcher leaves tokens. */
export const folderVariables = ["XDG_RUNTIME_DIR", "TMPDIR"] as const;

/** The environment variable that names the file of the token to show. */
export const tokenFileVariable = "VAXLOG_TOKEN_FILE";

/** What a program needs to find its token, as options of `deno run`. */
export const tokenPermissions: readonly string[] = [
  "--allow-read",
  "--allow-sys=uid",
  `--allow-env=${[...folderVariables, tokenFileVariable].join(",")}`,
];

/** Bytes of the file of a token: room for a line break. */
const tokenFileBytesMax = tokenTextMax + 16;

/** The name of the token that the launcher leaves for the clients of its user. */
export const localTokenName = "local";

/** What reads environment variables; see {@link environment}. */
export type ReadVariable = (name: string) => string | undefined;

/** Reads a variable of this process; one that it may not read counts as not set. */
export const environment: ReadVariable = (name) => {
  try {
    return Deno.env.get(name) || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
};

/** Draws a new token. */
export function newToken(name: string): Token {
  return new Token(name, crypto.getRandomValues(new Uint8Array(32)));
}

/**
 * Reads the token in a file that somebody has named.
 *
 * @throws {SecretError} if there is none, others may read it, or it is not a token.
 */
export function readTokenFile(path: string): Token {
  const token = tokenIn(path, { bytesMax: tokenFileBytesMax, mayBeLink: true });
  if (token === undefined) throw new SecretError(`Cannot read the token file "${path}": there is no such file`);
  return token;
}

/** The folder with the tokens of ports: the same for a launcher and a client of one user. @throws {SecretError} */
export function portTokenFolder(variable: ReadVariable = environment): string {
  const runtime = variable("XDG_RUNTIME_DIR");
  // After a change of the user, it may be that of another one.
  if (runtime?.startsWith("/") && whyNotPrivateFolder(runtime) === undefined) return runtime;
  if (Deno.build.os === "windows") return `${variable("TMPDIR") ?? "."}/vaxlog`;
  return `${(variable("TMPDIR") ?? "/tmp").replace(/(.)\/+$/, "$1")}/vaxlog-${ownUid()}`;
}

/** The file with the token of a port. @throws {SecretError} */
export function portTokenFile(port: number, variable: ReadVariable = environment): string {
  return `${portTokenFolder(variable)}/vaxlog-${port}.token`;
}

/**
 * Leaves a token for the clients of this user, in place of one that is there.
 *
 * @throws {SecretError} if the folder or the file cannot be a private one.
 */
export function leavePortToken(port: number, token: Token, variable: ReadVariable = environment): void {
  const folder = portTokenFolder(variable);
  makePrivateFolder(folder);
  writePrivateFile(`${folder}/vaxlog-${port}.token`, `${token.text}\n`);
}

/** Takes a token away that was left there; another one stays. */
export function takePortToken(port: number, token: Token, variable: ReadVariable = environment): void {
  try {
    const file = portTokenFile(port, variable);
    if (tokenIn(file, { bytesMax: tokenFileBytesMax })?.text === token.text) removeIfPossible(file);
  } catch (error) {
    // It is not a file of ours.
    if (!(error instanceof SecretError)) throw error;
  }
}

/**
 * The token that a launcher of this user has left for a port.
 *
 * @throws {SecretError} if there is none that may be used.
 */
export function readPortToken(port: number, variable: ReadVariable = environment): Token {
  const folder = portTokenFolder(variable);
  const why = whyNotPrivateFolder(folder);
  const file = `${folder}/vaxlog-${port}.token`;
  if (why !== undefined && why !== "there is none") throw new SecretError(`Cannot use "${folder}": ${why}`);
  const token = why === undefined ? tokenIn(file, { bytesMax: tokenFileBytesMax }) : undefined;
  if (token !== undefined) return token;
  throw new SecretError(
    `"${file}" is missing (run as the user of the servers, or give --token-file)`,
  );
}

/**
 * The token of a data directory.
 *
 * @returns undefined: it has none.
 * @throws {SecretError} if the file is there and cannot be used.
 */
export function readClientToken(file: string): Token | undefined {
  return tokenIn(file, { bytesMax: tokenFileBytesMax });
}

/** Keeps the token of a data directory. @throws {SecretError} if it cannot be written. */
export function writeTokenFile(file: string, token: Token): void {
  writePrivateFile(file, `${token.text}\n`);
}

function tokenIn(file: string, options: PrivateFileOptions): Token | undefined {
  const text = readPrivateFile(file, options);
  if (text === undefined) return undefined;
  try {
    return Token.parse(text);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new SecretError(`Cannot use the token file "${file}": ${error.message}`);
  }
}
