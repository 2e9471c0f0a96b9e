/**
 * The cut of a view, by rule V3: what all reporters have alike.
 *
 * The coordinator's own report does not travel. What it has told or executed it has, and what was not delivered to it
 * it has not; so there are two bounds, which are often one.
 *
 * @module
 */

import type { MessageOf } from "../../src/protocol/wire/messages.ts";
import type { Decision } from "../../src/protocol/wire/records.ts";
import type { ClientOfView, ReplicaFacts, SharedFacts } from "./facts.ts";
import { contentOf } from "./order_rules.ts";
import { must } from "./refused.ts";

/** Refuses a cut that does not follow from the reports. */
export function mustBeCut(
  from: ReplicaFacts,
  { cut }: Decision,
  reports: readonly MessageOf<"REPORT">[],
  shared: SharedFacts,
): void {
  for (const { client, seq } of cut) {
    const facts = from.view().client(client);
    const [least, most] = boundsOf(client, facts, reports, shared);
    must(seq >= least && seq <= most, "V3", `the cut of ${client} is ${seq}, not from ${least} to ${most}`);
  }
  for (const { sessions } of reports) {
    for (const { client } of sessions) {
      must(cut.some((session) => session.client === client), "V3", `the cut names each session of a report: ${client}`);
    }
  }
}

function boundsOf(
  client: string,
  facts: ClientOfView,
  reports: readonly MessageOf<"REPORT">[],
  shared: SharedFacts,
): [least: number, most: number] {
  const held = reports.flatMap(({ sessions }) => sessions.filter((session) => session.client === client));
  const executed = Math.max(0, facts.output, ...held.map((session) => session.executed));
  const first = Math.min(...facts.requests.map(({ seq }) => seq));
  if (held.length < reports.length) {
    // Another member has nothing of it in this view, so nothing of it was executed.
    const base = held.length > 0 ? executed : facts.base ?? (first === Infinity ? executed : first - 1);
    return [base, base];
  }
  const sumsOf = (seq: number) => held.map((session) => session.sums[seq - 1 - session.executed]);
  const isAlike = (seq: number) => {
    const sums = held.flatMap((session, at) => session.executed >= seq ? [] : [sumsOf(seq)[at]]);
    return sums.every((sum) => sum !== undefined && sum === sums[0]);
  };
  let least = executed;
  let most = executed;
  const bound = facts.requests.length + executed;
  const isDelivered = (seq: number) =>
    facts.requests.some((request) => {
      if (request.seq !== seq) return false;
      const own = shared.sums.get(contentOf(request));
      return own === undefined || held.length === 0 || sumsOf(seq)[0] === own || sumsOf(seq)[0] === undefined;
    });
  while (most < bound && isAlike(most + 1) && isDelivered(most + 1)) most++;
  const isTold = (seq: number) => {
    const told = facts.told.get(seq);
    return told !== undefined && (held.length === 0 || sumsOf(seq)[0] === told.sum);
  };
  while (least < most && isTold(least + 1)) least++;
  return [least, most];
}
