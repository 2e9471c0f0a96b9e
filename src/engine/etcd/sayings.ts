/**
 * What nodes say of themselves, in keys that end with their leases.
 *
 * @module
 */

import type { NodeSaying } from "../core/order.ts";
import type { EtcdMembers } from "./gateway.ts";
import { type KeyRange, type KeyValue, numberOf, putOf, rangeOf, textOf, txnOf } from "./keys.ts";

/** Seconds after which what a node says is forgotten, unless it says something again. */
export const leaseSeconds = 10;

/** What a name and an address look like: that of a host has 253 characters at most. */
const [namePattern, addressPattern] = [/^[\w.-]{1,64}$/, /^[\w.:[\]-]{0,262}$/];

/** What this node says, and what others say. */
export class Sayings {
  readonly #members: EtcdMembers;
  readonly #key: string;
  readonly #range: KeyRange;
  #lease: string | undefined;

  constructor(members: EtcdMembers, key: string, range: KeyRange) {
    this.#members = members;
    this.#key = key;
    this.#range = range;
  }

  /** Says something, and gives what others have said, and the revision of etcd. */
  async say(saying: NodeSaying, deadlineMs: number): Promise<{ sayings: readonly NodeSaying[]; revision: number }> {
    const lease = await this.#leaseFor(deadlineMs);
    const { answer } = await this.#members.call("/v3/kv/txn", {
      success: [putOf(this.#key, JSON.stringify(saying), { lease }), { request_range: rangeOf(this.#range) }],
    }, deadlineMs);
    const txn = txnOf(answer);
    const sayings = txn.keys(1).flatMap((found) => found.key === this.#key ? [] : sayingOf(found));
    return { sayings, revision: txn.revision };
  }

  /** A lease that lives for {@link leaseSeconds} more. */
  async #leaseFor(deadlineMs: number): Promise<string> {
    if (this.#lease !== undefined) {
      const { answer } = await this.#members.call("/v3/lease/keepalive", { ID: this.#lease }, deadlineMs);
      // One that has ended has no time left.
      if (numberOf((answer.result as Record<string, unknown> | undefined)?.TTL) > 0) return this.#lease;
    }
    const { answer } = await this.#members.call("/v3/lease/grant", { TTL: String(leaseSeconds), ID: "0" }, deadlineMs);
    return this.#lease = String(answer.ID);
  }
}

/** What a node says; none if it makes no sense, which harms nobody. */
function sayingOf(found: KeyValue): NodeSaying[] {
  try {
    const { node, address, n, digest, clockMs } = JSON.parse(textOf(found));
    const isRight = typeof node === "string" && namePattern.test(node) &&
      typeof address === "string" && addressPattern.test(address) &&
      [n, digest, clockMs].every((number) => Number.isSafeInteger(number));
    return isRight ? [{ node, address, n, digest, clockMs }] : [];
  } catch {
    return [];
  }
}
