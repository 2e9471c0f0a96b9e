/**
 * What a frozen replica has of each session (rule V2).
 *
 * @module
 */

import type { ClientId } from "../../uid.ts";
import type { HeldSession } from "../wire/records.ts";
import type { Order } from "./order.ts";
import type { Summer } from "./sum.ts";

/**
 * The sessions with requests in this view, with the sums of those that were not executed.
 *
 * @param isRecovered whether the replica was read from its disk, and so does not know which requests were executed
 *   before the view: then it names all sessions.
 */
export function sessionsHeld(order: Order, summer: Summer, isRecovered: boolean): HeldSession[] {
  const held = new Map<ClientId, HeldSession>();
  if (isRecovered) {
    for (const { client, executed } of order.sessions) held.set(client, { client, executed, sums: [] });
  }
  for (const { client, recv, base, session: { executed }, waiting } of order.channels) {
    if (recv === base) continue;
    held.set(client, { client, executed, sums: waiting.map((request) => summer.sumOf(request)) });
  }
  return [...held.values()];
}
