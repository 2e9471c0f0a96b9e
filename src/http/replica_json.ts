/**
 * The replicas, and what they wait for, in JSON.
 *
 * @module
 */

import { describeCommand } from "../database/wire/command_fields.ts";
import { toldClientsMax, toldRequestsMax } from "../limits.ts";
import { mayFail, seenAs } from "../health.ts";
import { type StatusAnswer, statusFields } from "../net/client/status.ts";
import { itemsOf } from "../batch.ts";
import type { InspectedReplica, InspectedTransmitter } from "../inspection.ts";
import { slotOf } from "../uid.ts";
import type { LauncherRow } from "./gateway_options.ts";

/** Commands of a request that are described: one that is empty takes a byte of the wire, and a line to say so. */
const describedCommandsMax = 16;

/** A replica in a response; one that nothing is known of has no id. Undefined members are absent in JSON. */
export interface ReplicaJson extends Readonly<Record<string, unknown>> {
  readonly id?: number;
}

/** How many more replicas may fail. */
export function mayFailOf(answers: readonly StatusAnswer[]): number {
  return mayFail(answers.map((answer) => "status" in answer ? seenAs(answer.status) : answer));
}

/** A replica that says how it is, or does not; with `hasWaits`, also what waits at it. */
export function replicaOf(answer: StatusAnswer, rows: readonly LauncherRow[], hasWaits: boolean): ReplicaJson {
  const { address } = answer;
  if ("status" in answer) {
    const { waits } = answer.status;
    return { address, ...statusFields(answer), ...(hasWaits && waits && waitsOf(waits)) };
  }
  const row = rows.find((row) => row.address === address);
  return { address, reason: answer.reason, id: row?.slot, state: row?.state };
}

/**
 * What it waits for, with names in place of numbers. Each request names clients, and a frame has room for numbers that
 * would make gigabytes of names. So this leaves out everything beyond what a replica tells.
 */
function waitsOf({ pending, active, heard: told, flush }: InspectedReplica): Readonly<Record<string, unknown>> {
  const heard = told.slice(0, toldClientsMax);
  return {
    waiting: pending.slice(0, toldRequestsMax).map(({ client, seq, ts, end, count, commands, lacks, waitsFor }) => ({
      client,
      seq,
      ts,
      count,
      commands: itemsOf(commands).take(describedCommandsMax).map(describeCommand).toArray(),
      ends: end,
      agreed: lacks.length === 0,
      lacks: lacks.map(slotOf),
      stable: waitsFor === 0,
      waitsFor: heard.slice(0, waitsFor).map(({ client }) => client),
      andMore: waitsFor >= heard.length && active > heard.length,
    })),
    active,
    heard: heard.map(({ client, lastTs, barred }) => ({ client, ts: lastTs, lost: barred })),
    flush: flush && { stage: flush.stage, from: flush.from.map(slotOf) },
  };
}

/** What the gateway's own session waits for. */
export function sessionOf(inspected: InspectedTransmitter): Readonly<Record<string, unknown>> {
  const { client, mode, clock, v: view, sent, done, waitsFor, from } = inspected;
  const waits = waitsFor && { what: waitsFor, from: from.map(slotOf) };
  return { client, mode, clock, view, sent, agreed: done, waitsFor: waits };
}

/** Replicas that are not members: they have failed, or are joining. */
export function othersOf(answers: readonly StatusAnswer[], rows: readonly LauncherRow[]): ReplicaJson[] {
  return rows.filter(({ address }) => !answers.some((answer) => answer.address === address))
    .map(({ slot: id, address = "", state, restored, fetched, fetchMs }) => {
      const reason = state === "failed" ? "has failed" : "is not a member yet";
      return { address, id, state, restored, fetched, fetchMs, reason };
    });
}
