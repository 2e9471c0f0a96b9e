/**
 * The tokens of a cluster, as its launcher has them: its own, and those that somebody has added.
 *
 * Its own are `local`, for the clients of its user, and `gateway`. Without a data directory there are no others, and
 * these are new at each start. With one, `local` stays as it is, in `client.token`.
 *
 * @module
 */

import { type AuthEntry, entryOf, ownNames, type PlainEntry, plainEntry } from "../access/auth_entries.ts";
import type { Token } from "../access/token.ts";
import { AuthStore } from "../secrets/auth_store.ts";
import { SecretError } from "../secrets/private_file.ts";
import {
  leavePortToken,
  localTokenName,
  newToken,
  readClientToken,
  takePortToken,
  writeTokenFile,
} from "../secrets/token_files.ts";

/** The name of the file in a data directory with the token `local`. */
export const clientTokenName = "client.token";

/** The tokens that count in a cluster. */
export class ClusterAccess {
  /** What the gateway shows. */
  readonly gateway: Token = newToken("gateway");
  /** What the clients of this user show. */
  readonly local: Token;
  readonly #directory: string | undefined;
  readonly #ports = new Set<number>();
  #added: readonly AuthEntry[];

  private constructor(directory: string | undefined, local: Token, added: readonly AuthEntry[]) {
    this.#directory = directory;
    this.local = local;
    this.#added = added;
  }

  /**
   * Reads the tokens of a data directory.
   *
   * @param directory undefined: there is none.
   * @throws {SecretError} if a file with tokens is there that cannot be used.
   */
  static open(directory: string | undefined): ClusterAccess {
    if (directory === undefined) return new ClusterAccess(undefined, newToken(localTokenName), []);
    const kept = readClientToken(`${directory}/${clientTokenName}`);
    const local = kept?.name === localTokenName ? kept : newToken(localTokenName);
    return new ClusterAccess(directory, local, readAdded(directory));
  }

  /** The tokens that count, as a control line has them: verifiers, and no secret. */
  get plain(): readonly PlainEntry[] {
    return [entryOf(this.local, "operate"), entryOf(this.gateway, "operate"), ...this.#added].map(plainEntry);
  }

  /** How many tokens were added. */
  get added(): number {
    return this.#added.length;
  }

  /** Reads again which tokens were added. @throws {SecretError} if that is not possible: then nothing changes. */
  reload(): void {
    if (this.#directory !== undefined) this.#added = readAdded(this.#directory);
  }

  /** Leaves the token `local` where clients find it that know this port. @throws {SecretError} */
  leave(port: number): void {
    if (this.#ports.has(port)) return;
    leavePortToken(port, this.local);
    this.#ports.add(port);
  }

  /** Keeps the token `local` in the data directory. @throws {SecretError} */
  keep(): void {
    if (this.#directory === undefined) return;
    const file = `${this.#directory}/${clientTokenName}`;
    if (readClientToken(file)?.text !== this.local.text) writeTokenFile(file, this.local);
  }

  /** Takes away what clients find by ports: the cluster has ended. */
  end(): void {
    for (const port of this.#ports) takePortToken(port, this.local);
    this.#ports.clear();
  }
}

function readAdded(directory: string): readonly AuthEntry[] {
  const store = new AuthStore(directory);
  const entries = store.read();
  const taken = entries.find(({ name }) => isOwnName(name));
  if (taken === undefined) return entries;
  throw new SecretError(`Cannot use "${store.path}": "${taken.name}" is the name of a token of the servers themselves`);
}

/** Whether the servers have a token of this name. */
export function isOwnName(name: string): boolean {
  return ownNames.some((own) => own === name);
}
