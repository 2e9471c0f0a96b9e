/**
 * Which sessions may expire (rule V10): those whose clients had no link for long to any replica that has a say in it.
 *
 * @module
 */

import type { ClientId, ReplicaId } from "../../src/uid.ts";
import { Violation } from "./history.ts";

/** What replicas may say of the absence of clients. */
export class Expiry {
  // By session, the replicas to which its client has had no link for long.
  readonly #missing = new Map<ClientId, Set<ReplicaId>>();
  // Sessions that may have expired at some time.
  readonly #suspects = new Set<ClientId>();
  /** Whether a replica has said that sessions expired. */
  hasExpired = false;

  /** Whether anything is known of any session. */
  get isEmpty(): boolean {
    return this.#missing.size === 0;
  }

  /** This replica has had no link to the client for long. */
  missed(client: ClientId, replica: ReplicaId): void {
    const missing = this.#missing.get(client) ?? new Set();
    this.#missing.set(client, missing.add(replica));
    this.#suspects.add(client);
  }

  /** The client has a link to this replica. */
  linked(client: ClientId, replica: ReplicaId): void {
    this.#missing.get(client)?.delete(replica);
  }

  /** Whether the session may have been lost. */
  mayBeLost(client: ClientId): boolean {
    return this.#suspects.has(client);
  }

  /**
   * These sessions are to expire at the end of a view with these members that live.
   *
   * @throws {Violation} if one of them had a link to the client of one.
   */
  check(expired: readonly ClientId[], members: readonly { readonly id: ReplicaId; readonly name: string }[]): void {
    for (const client of expired) {
      const linked = members.find(({ id }) => !this.#missing.get(client)?.has(id));
      if (linked === undefined) continue;
      throw new Violation(`session ${client.slice(0, 4)} expires, and ${linked.name} had a link to its client`);
    }
  }
}
