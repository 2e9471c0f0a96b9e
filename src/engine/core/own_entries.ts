/**
 * The requests that this node has taken in for the order, each until the node knows what the order has made of it (rule
 * E15).
 *
 * A client may send a request to several nodes, so the order may have it several times. If one of these is refused,
 * another one may be executed later. So a node refuses its own client only when its own record is applied.
 *
 * @module
 */

import type { ClientId } from "../../uid.ts";
import type { NodeRefusal } from "./order.ts";

/** A request that waits to be appended, is being appended, or is in a record that was not applied. */
interface OwnEntry {
  /** The number of its record; undefined: the engine has not told it. */
  n: number | undefined;
  /** Records that were applied, and in which the same request was refused: one of them may be its own. */
  readonly refusals: { readonly n: number; readonly refusal: NodeRefusal }[];
}

/** All such requests. */
export class OwnEntries {
  readonly #sessions = new Map<ClientId, Map<number, OwnEntry>>();

  /** Whether a request is one of them: then it need not be appended again. */
  has(client: ClientId, seq: number): boolean {
    return this.#sessions.get(client)?.has(seq) ?? false;
  }

  /** The node takes a request in. */
  add(client: ClientId, seq: number): void {
    const session = this.#sessions.get(client);
    const entry = { n: undefined, refusals: [] };
    if (session === undefined) this.#sessions.set(client, new Map([[seq, entry]]));
    else session.set(seq, entry);
  }

  /** It is not in the order, and never will be; or all is known of it. */
  remove(client: ClientId, seq: number): void {
    const session = this.#sessions.get(client);
    session?.delete(seq);
    if (session?.size === 0) this.#sessions.delete(client);
  }

  /**
   * A record was applied that has this request.
   *
   * @param refusal undefined: the request was executed, now or before.
   * @returns whether the record is known to be the node's own.
   */
  applied(client: ClientId, seq: number, n: number, refusal: NodeRefusal | undefined): boolean {
    const own = this.#sessions.get(client)?.get(seq);
    if (own?.n === n) {
      this.remove(client, seq);
      return true;
    }
    if (refusal !== undefined) own?.refusals.push({ n, refusal });
    return false;
  }

  /**
   * The engine says that the node's own record with this request is record `n`.
   *
   * @param applied the last record that was applied.
   * @returns why the request was refused when that record was applied; undefined: it was not, or not yet.
   */
  appended(client: ClientId, seq: number, n: number, applied: number): NodeRefusal | undefined {
    const own = this.#sessions.get(client)?.get(seq);
    if (own === undefined) return undefined;
    own.n = n;
    if (n > applied) return undefined;
    this.remove(client, seq);
    return own.refusals.find((refused) => refused.n === n)?.refusal;
  }

  /** A snapshot has taken the place of the records up to `n`. */
  restored(n: number): void {
    for (const [client, session] of this.#sessions) {
      for (const [seq, own] of session) if (own.n !== undefined && own.n <= n) this.remove(client, seq);
    }
  }
}
