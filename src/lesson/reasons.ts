/**
 * What a process of a lesson still waits for, in plain words.
 *
 * @module
 */

import type { Flight } from "./picture.ts";
import { commandsText } from "./register.ts";
import { listText, type NameOf, replicasText } from "./words.ts";
import { answererOf } from "../protocol/wire/answerer.ts";
import type { Message } from "../protocol/wire/messages.ts";
import type { SimClient, SimReplica } from "../simulator/processes.ts";

/** Why a client takes no notice of a message that is about to arrive; undefined: it does. */
export function ignoredByClient<T>({ core }: SimClient<T>, message: Message): string | undefined {
  const isOfOneView = message.kind === "READY" || message.kind === "NUDGE";
  if (!isOfOneView || message.v === core.v) return undefined;
  return `and ignores it: it is of view ${message.v}`;
}

/** Why a replica does nothing about a message that is about to arrive; undefined: it does something. */
export function ignoredByReplica({ core }: SimReplica, message: Message): string | undefined {
  const { v, frozen, joining } = core.status();
  switch (message.kind) {
    case "RESUME":
    case "REQUEST":
    case "CLOCK":
    case "READ":
      if (joining) return "and keeps it until it is a member";
      if (message.v > v) return `and keeps it until view ${message.v} begins`;
      break;
    case "RECEIVED":
    case "EXECUTED":
      break;
    default:
      return undefined;
  }
  const of = message.kind === "EXECUTED" ? message.position.v : message.v;
  if (of < v) return `and ignores it: view ${of} is over`;
  return frozen ? "and ignores it: the view is about to end" : undefined;
}

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

/** A message that has come to a replica. */
interface News {
  /** The name of the sender. */
  readonly from: string;
  readonly kind: Flight["kind"];
  /** It has begun a view. */
  readonly isView: boolean;
}

/** After a replica has got a message that it did not ignore. */
export function afterAtReplica({ from, kind, isView }: News, replica: SimReplica, nameOf: NameOf): readonly string[] {
  if (kind === "RESUME") {
    const isActive = replica.core.inspect().heard.some(({ client }) => nameOf(client) === from);
    return [
      isActive
        ? `${replica.name} gives one, and waits for ${from} from now on.`
        : `Such clients have held up the others for too long: ${from} must wait until the gate opens (R10).`,
    ];
  }
  if (kind === "REQUEST" || kind === "CLOCK" || kind === "RECEIVED" || kind === "EXECUTED") {
    return whyHeadWaits("Its", replica, nameOf);
  }
  if (kind === "INSTALL") return isView ? [] : ["It knew that already."];
  const { flush } = replica.core.inspect();
  if (flush === undefined || !stages.has(kind)) return [];
  const rest = replicasText(flush.from);
  if (flush.stage === stages.get(kind)) return [`It still waits for ${rest}.`];
  return [flush.stage === "clones" ? `All have reported; ${rest} must become a clone.` : "It proposes the next view."];
}

/** Why the first request of a replica is not executed yet; `whose`: how the replica is called. */
export function whyHeadWaits(whose: string, { core, id }: SimReplica, nameOf: NameOf): readonly string[] {
  const { pending: [head], heard } = core.inspect();
  const { members, frozen } = core.status();
  if (head === undefined || frozen) return [];
  const what = `${whose} first, "${commandsText(head.commands)}" stamped ${head.ts}, waits`;
  const waits: string[] = [];
  const lacking = heard.slice(0, head.waitsFor);
  const lost = lacking.filter(({ barred }) => barred).map(({ client }) => nameOf(client));
  const silent = lacking.filter(({ barred }) => !barred).map(({ client }) => nameOf(client));
  if (lost.length > 0) return [`${what} until the view ends, since ${listText(lost)} was lost.`];
  if (silent.length > 0) waits.push(`for ${listText(silent)}, which could still send something earlier`);
  if (head.lacks.length > 0) {
    const others = replicasText(head.lacks);
    if (answererOf(members) === id) waits.push(`for the word of ${others}`);
    else if (waits.length === 0) waits.push(`until ${others}, the answerer, says that it has executed it`);
  }
  return waits.length === 0 ? [] : [`${what} ${waits.join(", and ")}.`];
}
