/**
 * Looks into the order of a replica: which requests wait, in the order of their uids, and for whom.
 *
 * A request waits for exactly those clients that are before it in the order of (lastTs, client), as {@link mayPrecede}
 * compares these; so where the clients stand in that order, a number says for which of them.
 *
 * @module
 */

import { type Heard, isHeardLess, mayPrecede } from "../../stability.ts";
import { countItems, itemsOf } from "../../batch.ts";
import type { ReplicaId } from "../../uid.ts";
import type { Channel, PendingRequest } from "./channel.ts";
import type { InspectedReplica, InspectedRequest, InspectionBounds } from "../../inspection.ts";
import type { Order } from "./order.ts";

const unbounded: InspectionBounds = { requests: Infinity, clients: Infinity, commandBytes: Infinity };

/**
 * The requests that wait, with what each waits for, and those who are asked.
 *
 * @param lacking the members from which the receipt of a request is missing.
 */
export function inspectOrder(
  { pending, channels, members }: Order,
  lacking: (request: PendingRequest) => readonly ReplicaId[],
  bounds: InspectionBounds = unbounded,
): Omit<InspectedReplica, "flush"> {
  const heard: Channel[] = [];
  let active = 0;
  for (const channel of channels) {
    if (!channel.active) continue;
    active++;
    insertBounded(heard, channel, bounds.clients);
  }
  // In a view of one member both tests are vacuous.
  const isAlone = members.length === 1;
  const shown: InspectedRequest[] = [];
  for (const request of pending) {
    if (shown.length >= bounds.requests) break;
    const { client, seq, ts, end, commands } = request;
    const firstLater = heard.findIndex((each) => !mayPrecede(each, request));
    shown.push({
      client,
      seq,
      ts,
      end,
      count: countItems(commands),
      commands: firstOf(commands, bounds.commandBytes),
      waitsFor: isAlone ? 0 : firstLater < 0 ? heard.length : firstLater,
      lacks: lacking(request),
    });
  }
  return { pending: shown, active, heard: heard.map(({ client, lastTs, barred }) => ({ client, lastTs, barred })) };
}

/** Keeps the least heard, in order, and no more than `max` of them. */
function insertBounded<T extends Heard>(least: T[], heard: T, max: number): void {
  let at = least.length;
  while (at > 0 && isHeardLess(heard, least[at - 1])) at--;
  if (at >= max) return;
  least.splice(at, 0, heard);
  if (least.length > max) least.pop();
}

/** The first items of a batch that together take at most this many bytes: a batch too. */
function firstOf(batch: Uint8Array, bytesMax: number): Uint8Array {
  if (batch.length <= bytesMax) return batch;
  let end = 0;
  for (const item of itemsOf(batch)) {
    const next = item.byteOffset - batch.byteOffset + item.length;
    if (next > bytesMax) break;
    end = next;
  }
  return batch.subarray(0, end);
}
