/**
 * What a client makes of a refusal.
 *
 * @module
 */

import type { NodeMessageOf } from "../wire/node_messages.ts";

/** Why a node has declined something. */
type DeclinedFor = NodeMessageOf<"DECLINED">["refusal"];

/** What to do. */
export type AfterRefusal =
  /** The session is of no use any more. */
  | "over"
  /** To send it again would change nothing. */
  | "final"
  /** Send it again at another node. */
  | "elsewhere"
  /** Send it again after a pause. */
  | "later";

const afterRequests: Readonly<Record<DeclinedFor, AfterRefusal>> = {
  expired: "over",
  ended: "over",
  // It was executed, and its outputs are gone: that this client has confirmed them is not so.
  confirmed: "over",
  // The engine is full, or takes no request of that size; and the clock of the person is wrong.
  engine: "final",
  clock: "final",
  changes: "final",
  // The node cannot reach its engine, or has stopped.
  late: "elsewhere",
  noQuorum: "elsewhere",
  halted: "elsewhere",
  // One before it was declined as well, or there is no room for now.
  gap: "later",
  busy: "later",
  sessions: "later",
};

/** What to do after a request was declined. */
export function afterRefusal(refusal: DeclinedFor): AfterRefusal {
  return afterRequests[refusal];
}

/** What to do after a read was declined: it belongs to no session. */
export function afterReadRefusal(refusal: DeclinedFor): Exclude<AfterRefusal, "over"> {
  const after = afterRefusal(refusal);
  return after === "over" ? "later" : after;
}
