/**
 * Orders to the launcher that came with an idempotency key: one that comes again gets the response of the first. They
 * do not come to the replicas, so that these do not keep their keys. The gateway that has a launcher does, and ends
 * with it.
 *
 * @module
 */

import { HttpProblem } from "./problems.ts";

/** Orders that are kept: people give a few. */
const ordersMax = 100;

/** The last orders. */
export class RecentOrders {
  readonly #orders = new Map<string, { readonly what: string; readonly done: Promise<object> }>();

  /**
   * Gives an order, unless one came with the key.
   *
   * @param key as the client gave it; null: it gave none.
   * @param what what the order is.
   * @throws {HttpProblem} if another order came with the key.
   */
  once(key: string | null, what: string, order: () => Promise<object>): Promise<object> {
    if (key === null) return order();
    const known = this.#orders.get(key);
    if (known !== undefined && known.what !== what) {
      throw new HttpProblem("key-reused", "Another request came with this Idempotency-Key: give a new one to each");
    }
    if (known !== undefined) return known.done;
    const done = order();
    this.#orders.set(key, { what, done });
    if (this.#orders.size > ordersMax) this.#orders.delete(this.#orders.keys().next().value!);
    return done;
  }
}
