/**
 * The tokens of a cluster on its disk: `auth.json` in the data directory.
 *
 * @module
 */

import {
  authEntriesMax,
  type AuthEntry,
  authFileBytesMax,
  AuthFileError,
  authFileText,
  parseAuthFile,
} from "../access/auth_entries.ts";
import { reasonOf } from "../reason.ts";
import { readPrivateFile, removeIfPossible, SecretError, writePrivateFile } from "./private_file.ts";

/** The name of the file. */
export const authFileName = "auth.json";

/**
 * Reads a file of tokens.
 *
 * @returns its tokens; undefined: there is no such file.
 * @throws {SecretError} if it is not a private file of this user, or not sound.
 */
export function readAuthFile(path: string): AuthEntry[] | undefined {
  const text = readPrivateFile(path, { bytesMax: authFileBytesMax });
  if (text === undefined) return undefined;
  try {
    return parseAuthFile(text);
  } catch (error) {
    if (!(error instanceof AuthFileError)) throw error;
    throw new SecretError(`Cannot use "${path}": ${error.message}`);
  }
}

/** The file with the tokens that somebody has added. */
export class AuthStore {
  readonly #path: string;

  /** @param directory the data directory, as it was named. */
  constructor(directory: string) {
    this.#path = `${directory}/${authFileName}`;
  }

  /** The file. */
  get path(): string {
    return this.#path;
  }

  /**
   * Reads the file.
   *
   * @returns its tokens; none, if there is no file.
   * @throws {SecretError} if it is not a private file of this user, or not sound.
   */
  read(): AuthEntry[] {
    return readAuthFile(this.#path) ?? [];
  }

  /**
   * Adds a token.
   *
   * @throws {SecretError} if there is one of that name, or there are too many, or the file cannot be changed.
   */
  add(entry: AuthEntry): void {
    this.#change((entries) => {
      if (entries.some(({ name }) => name === entry.name)) {
        throw new SecretError(`There is a token "${entry.name}" already: revoke it first, or choose another name`);
      }
      if (entries.length >= authEntriesMax) {
        throw new SecretError(`There are ${authEntriesMax} tokens already: revoke those that nobody needs`);
      }
      return [...entries, entry];
    });
  }

  /** Takes a token out. @throws {SecretError} if there is none of that name, or the file cannot be changed. */
  revoke(name: string): void {
    this.#change((entries) => {
      const rest = entries.filter((entry) => entry.name !== name);
      if (rest.length === entries.length) throw new SecretError(`There is no token "${name}" in "${this.#path}"`);
      return rest;
    });
  }

  #change(change: (entries: readonly AuthEntry[]) => readonly AuthEntry[]): void {
    // Two processes may change it at a time: the later one does not wait, and says so.
    const lock = `${this.#path}.lock`;
    try {
      Deno.openSync(lock, { write: true, createNew: true, mode: 0o600 }).close();
    } catch (error) {
      throw new SecretError(
        error instanceof Deno.errors.AlreadyExists
          ? `Cannot change "${this.#path}": another command changes it; if none does, remove "${lock}"`
          : error instanceof Deno.errors.NotFound
          ? `Cannot change "${this.#path}": there is no such directory; start the cluster with it first, or correct it`
          : `Cannot change "${this.#path}": ${reasonOf(error)}`,
      );
    }
    try {
      writePrivateFile(this.#path, authFileText(change(this.read())));
    } finally {
      removeIfPossible(lock);
    }
  }
}
