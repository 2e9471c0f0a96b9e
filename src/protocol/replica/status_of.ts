/**
 * What a replica says of itself.
 *
 * @module
 */

import type { ReplicaId } from "../../uid.ts";
import type { ReplicaStatus } from "../wire/replica_status.ts";
import { digestText } from "./digest.ts";
import type { Order } from "./order.ts";

/** The status of a replica with this order. */
export function statusOf(
  id: ReplicaId,
  { executor, members, sessions, clock, pending, v }: Order,
  state: Pick<ReplicaStatus, "joining" | "frozen" | "durable">,
): ReplicaStatus {
  return {
    id,
    v: state.joining ? 0 : v,
    members: members.map((member) => member.id),
    executed: executor.executed,
    lastEntry: executor.machine.lastEntry,
    logBytes: executor.machine.logSize?.bytes ?? 0,
    logBytesMax: executor.machine.logSize?.bytesMax ?? 0,
    digest: digestText(executor.digest),
    clock: clock.time,
    ...state,
    sessions: sessions.size,
    pending: pending.size,
  };
}
