/**
 * The replicas that a gateway has seen, by slot, which is what a person calls them: one that has failed is no member any
 * more, and is still among them.
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

  /** Where the replica of this slot was last seen, `host:port`; "": nobody knows. */
  addressOf(slot: number): string {
    return this.#addresses.get(slot) ?? "";
  }

  /** These are members. */
  noteMembers(members: readonly ClusterMember[]): void {
    for (const { id, address } of members) if (id !== undefined) this.#addresses.set(slotOf(id), address);
  }

  /** The launcher has these. */
  noteRows(rows: readonly LauncherRow[]): void {
    for (const { slot, address } of rows) this.#addresses.set(slot, address ?? this.addressOf(slot));
  }

  /** Forgets them: another cluster has begun. */
  clear(): void {
    this.#addresses.clear();
  }
}
