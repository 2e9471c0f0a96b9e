/**
 * What a process of a lesson still waits for, in plain words.
 *
 * @module
 */

import type { Flight, NameOf } from "./picture.ts";
import { commandsText } from "./register.ts";
import { listText, replicasText } from "./words.ts";
import type { SimClient, SimReplica } from "../simulator/processes.ts";

/** After a client has got a message of this kind. */
export function afterAtClient<T>(kind: Flight["kind"], { core }: SimClient<T>): readonly string[] {
  const { waitsFor, from } = core.inspect();
  const rest = `It still waits for ${replicasText(from)}.`;
  if (kind === "READY") return [waitsFor === "floors" ? rest : "It has all floors, and sends."];
  return [];
}

/** The stage of a view change in which a coordinator waits for messages of a kind. */
const stages = new Map<Flight["kind"], string>([["REPORT", "reports"], ["STATE_OK", "clones"], [
  "ACCEPTED",
  "accepted",
]]);

/** After a replica has got one; `isNews`: it has begun a view. */
export function afterAtReplica(
  kind: Flight["kind"],
  replica: SimReplica,
  isNews: boolean,
  nameOf: NameOf,
): readonly string[] {
  if (kind === "REQUEST" || kind === "CLOCK") return whyHeadWaits("Its", replica, nameOf);
  if (kind === "INSTALL") return isNews ? [] : ["It knew that already."];
  const { flush } = replica.core.inspect();
  if (flush === undefined || !stages.has(kind)) return [];
  const rest = replicasText(flush.from);
  if (flush.stage === stages.get(kind)) return [`It still waits for ${rest}.`];
  return [flush.stage === "clones" ? `All have reported; ${rest} must become a clone.` : "It proposes the next view."];
}

/** Why the first request of a replica is not executed yet; `whose`: how the replica is called. */
export function whyHeadWaits(whose: string, { core }: SimReplica, nameOf: NameOf): readonly string[] {
  const { pending: [head], heard } = core.inspect();
  if (head === undefined) return [];
  const what = `${whose} first, "${commandsText(head.commands)}" stamped ${head.ts}, waits`;
  if (head.waitsFor === 0) return head.lacks.length > 0 ? [`${what} for the word of ${replicasText(head.lacks)}.`] : [];
  const lacking = heard.slice(0, head.waitsFor).map(({ client }) => nameOf(client));
  return [`${what} for ${listText(lacking)}, which could still send something earlier.`];
}
