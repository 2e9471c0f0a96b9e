/**
 * The replicas that a gateway has seen, by slot, the number that people use. A failed replica is not a member any more,
 * but stays among them.
 *
 * @module
 */

import { slotOf } from "../uid.ts";
import type { ClusterMember, LauncherRow } from "./gateway_options.ts";

/** Where each replica was last seen. */
export class Roster {
  readonly #addresses = new Map<number, string>();

  /** The slots, in their order. */
  get slots(): readonly number[] {
    return [...this.#addresses.keys()].sort((a, b) => a - b);
  }

  /** Where the replica of this slot was last seen, `host:port`; "": unknown. */
  addressOf(slot: number): string {
    return this.#addresses.get(slot) ?? "";
  }

  /** Takes the members. */
  noteMembers(members: readonly ClusterMember[]): void {
    for (const { id, address } of members) if (id !== undefined) this.#addresses.set(slotOf(id), address);
  }

  /** Takes the replicas of the launcher. */
  noteRows(rows: readonly LauncherRow[]): void {
    for (const { slot, address } of rows) this.#addresses.set(slot, address ?? this.addressOf(slot));
  }

  /** Forgets them: another cluster has begun. */
  clear(): void {
    this.#addresses.clear();
  }
}
