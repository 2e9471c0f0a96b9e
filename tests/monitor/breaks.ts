/**
 * Traces that are broken in one place: each shows that a claim of the monitor can fail.
 *
 * @module
 */

import type { Kind, Message, MessageOf } from "../../src/protocol/wire/messages.ts";
import { lastClientId } from "../../src/uid.ts";

/** One message of a trace that is changed, left out, or comes twice. */
export interface Break {
  /** The claim that must refuse it: its rule, and some of its words. */
  readonly claim: string;
  readonly kind: Kind;
  /** Whether it is changed where it arrives; otherwise where it is sent. */
  readonly isDelivered: boolean;
  /** The message in place of this one; undefined: none; `same`: this one is to stay. */
  readonly change: (message: Message) => Message | undefined | "same" | "twice";
}

function sent<K extends Kind>(
  kind: K,
  claim: string,
  change: (message: MessageOf<K>) => Partial<MessageOf<K>> | "same" | "twice",
): Break {
  return broken(kind, claim, false, change);
}

/** Without this message, what follows it must be refused. */
function lost<K extends Kind>(
  kind: K,
  claim: string,
  change?: (message: MessageOf<K>) => Partial<MessageOf<K>>,
): Break {
  return broken(kind, claim, true, change ?? (() => undefined));
}

function broken<K extends Kind>(
  kind: K,
  claim: string,
  isDelivered: boolean,
  change: (message: MessageOf<K>) => Partial<MessageOf<K>> | undefined | "same" | "twice",
): Break {
  return {
    kind,
    claim,
    isDelivered,
    change: (message) => {
      const changed = change(message as unknown as MessageOf<K>);
      return typeof changed === "object" ? { ...message, ...changed } as Message : changed;
    },
  };
}

const nobody = lastClientId;

/** At least one for each rule. */
export const breaks: readonly Break[] = [
  // Clients.
  sent("HELLO", "C1: a client greets once", () => "twice"),
  sent("HELLO", "C1: a client names the version", () => ({ version: 4 })),
  sent("HELLO", "C1: a client confirms outputs that it has", () => ({ done: 1_000 })),
  sent("REQUEST", "C2: a client sends in a view that it was told of", ({ v }) => ({ v: v + 1 })),
  lost("VIEW", "C2: a client sends in a view that it was told of"),
  sent("RESUME", "C3: a client resumes once by each link", () => "twice"),
  sent("RESUME", "C3: RESUME confirms outputs that the client has", () => ({ done: 1_000 })),
  lost("READY", "C3: a client sends only once it has the floor"),
  lost("READY", "C3: timestamp", ({ floor }) => ({ floor: floor + 100 })),
  lost("READY", "C4: a request promises", ({ pace }) => ({ pace: pace + 1 })),
  sent("REQUEST", "C4: timestamp", ({ ts }) => ({ ts: Math.max(0, ts - 1) })),
  sent("REQUEST", "C4: a request promises", ({ ts }) => ({ upto: ts - 1 })),
  sent("REQUEST", "C4: request", ({ seq }) => ({ seq: seq + 1 })),
  sent("REQUEST", "C4: a request confirms outputs", ({ seq }) => ({ done: seq - 1 > 0 ? seq - 1 : 1 })),
  sent("REQUEST", "C4: a client sends the same request", () => ({ commands: Uint8Array.of(1, 0) })),
  sent("CLOCK", "C6: timestamp", () => ({ ts: 0 })),
  sent("CLOCK", "C6: CLOCK confirms outputs", () => ({ done: 1_000 })),
  sent("CLOCK", "C6: a client says its clock when it was asked", () => ({ suspend: false })),
  lost("NUDGE", "C6: a client says its clock when it was asked"),
  lost("NUDGE", "C6: a client says a later timestamp", ({ ts }) => ({ ts: ts + 1_000 })),
  sent("CLOCK", "C7: a client suspends when it has all outputs", ({ suspend }) => suspend ? "same" : { suspend: true }),
  lost("OUTPUT", "confirms outputs that the client has"),
  sent("READ", "C10: all requests that a read follows", ({ after }) => ({ after: after + 100 })),
  sent("READ", "C10: reads are asked in order", () => "twice"),
  // Replies.
  lost("HELLO", "R1: VIEW goes to a client that has greeted"),
  sent("VIEW", "R1: a replica names itself", ({ from }) => ({ from: from + 1 })),
  sent("VIEW", "V8: VIEW", ({ v }) => ({ v: v + 1 })),
  sent("VIEW", "V8: VIEW names the members", ({ members }) => ({ members: members.slice(1) })),
  sent("VIEW", "(b):", () => ({ base: 0 })),
  sent("VIEW", "V7: all members have one base", ({ base }) => ({ base: base + 1 })),
  lost("RESUME", "R2: READY follows a RESUME"),
  sent("READY", "R2: READY follows a RESUME", () => "twice"),
  sent("READY", "R2: the floor is at or below", ({ floor }) => ({ floor: floor + 100 })),
  sent("READY", "R2: the floor", ({ floor }) => floor > 0 ? { floor: 0 } : "same"),
  sent("READY", "R2: it is about view", ({ v }) => ({ v: v + 1 })),
  sent("NUDGE", "R5: NUDGE asks for a timestamp", ({ ts }) => ({ ts: ts + 1_000 })),
  sent("OUTPUT", "R5: OUTPUT names the view", ({ v }) => ({ v: v + 1 })),
  sent("OUTPUT", "R5: OUTPUT tells the clock", ({ clock }) => ({ clock: clock + 1_000 })),
  sent("OUTPUT", "R7: an output is repeated only", () => "twice"),
  sent("OUTPUT", "R7: a repeated output has its index", ({ index }) => ({ index: index + 1 })),
  sent("OUTPUT", "R7: a repeated output is the same", () => ({ outputs: Uint8Array.of(1, 0) })),
  sent("OUTPUT", "(a):", ({ index }) => index > 1 ? { index: index - 1 } : "same"),
  sent("OUTPUT", "R5: index", ({ index }) => index > 1 ? { index: 1 } : "same"),
  lost("REQUEST", "R5: request"),
  lost("RECEIVED", "R5 (i):", () => ({ upTo: { ts: 0, client: nobody } })),
  lost("RECEIVED", "R5 (ii):", () => ({ receipts: [] })),
  lost("RECEIVED", "R5 (iii):", ({ receipts }) => ({
    receipts: [...receipts, { client: nobody, seq: 1, ts: 0, sum: 7 }],
  })),
  lost("CLOCK", "R5 (i):", () => ({ ts: 0 })),
  lost("READ", "R8: VALUE follows READ"),
  sent("VALUE", "R8: VALUE follows READ", () => "twice"),
  sent("VALUE", "R8: a value at", ({ index }) => index > 0 ? { index: 0 } : "same"),
  sent("VALUE", "R8: VALUE has an output for each command", () => ({ outputs: new Uint8Array(0) })),
  // Members.
  sent("RECEIVED", "R3: it is about view", ({ v }) => ({ v: v + 1 })),
  lost("REQUEST", "R3: a receipt is of a request"),
  sent(
    "RECEIVED",
    "R3: receipts come in the order of seq",
    ({ receipts }) => ({ receipts: [...receipts, ...receipts] }),
  ),
  sent("RECEIVED", "R3: all members have one sum", ({ receipts }) => ({
    receipts: receipts.map((receipt) => ({ ...receipt, sum: receipt.sum + 1 })),
  })),
  sent("RECEIVED", "R3: different requests have different sums", ({ receipts }) => ({
    receipts: receipts.map((receipt) => ({ ...receipt, sum: 1 })),
  })),
  sent("RECEIVED", 'R3: "upTo" never falls', () => ({ receipts: [], upTo: { ts: 0, client: "0" } })),
  sent(
    "RECEIVED",
    'R3: "upTo" is not above the clock',
    ({ upTo: { ts } }) => ({ upTo: { ts: ts + 1_000, client: nobody } }),
  ),
  sent("EXECUTED", "R5: each EXECUTED reaches further", ({ position }) => ({
    position: { ...position, requests: position.requests + 1 },
    upTo: { ts: 0, client: "0" },
  })),
  sent("EXECUTED", "R5: EXECUTED does not come before", () => ({ upTo: { ts: 0, client: "0" } })),
  sent("EXECUTED", "R5: r", ({ upTo }) => ({ upTo: { ...upTo, client: nobody } })),
  sent("EXECUTED", "R5: it tells all other members the same", ({ position }) => ({
    position: { ...position, digest: position.digest + 1 },
  })),
  sent("EXECUTED", "requests are those that", ({ position }) => ({
    position: { ...position, requests: position.requests + 1 },
  })),
  // The flush.
  sent("ALARM", "V1: it is about view", ({ v }) => ({ v: v + 1 })),
  sent("ALARM", "R10: the client that is blamed", () => ({ blame: { client: nobody, seq: 1, waitedMs: 0 } })),
  sent("PREPARE", "V1: a ballot names its coordinator", ({ ballot }) => ({ ballot: { ...ballot, id: ballot.id + 1 } })),
  sent("PREPARE", "V1: ballot", ({ ballot }) => ({ ballot: { ...ballot, n: 0 } })),
  lost("PREPARE", "V2: a REPORT follows a PREPARE"),
  sent("REPORT", "V2: a REPORT follows a PREPARE", () => "twice"),
  sent("REPORT", "V2: a REPORT names requests", ({ sessions }) => ({
    sessions: sessions.map((session) => ({ ...session, sums: [...session.sums, 7] })),
  })),
  sent("REPORT", "V2: a REPORT has the sums", ({ sessions }) => ({
    sessions: sessions.map((session) => ({ ...session, sums: session.sums.map((sum) => sum + 1) })),
  })),
  sent("REPORT", "V2: a REPORT has all requests that were told", () => ({ sessions: [] })),
  sent("REPORT", "V2: a REPORT has all that was executed", ({ sessions }) => ({
    sessions: sessions.map(({ client, sums, executed }) => ({
      client,
      executed: 0,
      sums: [...Array(executed), ...sums],
    })),
  })),
  sent("REPORT", "V2: what a replica reports is final", () => ({
    sessions: [{ client: nobody, executed: 0, sums: [] }],
  })),
  sent(
    "REPORT",
    "V2: a REPORT has what its sender has accepted",
    ({ accepted }) => accepted === undefined ? "same" : { accepted: undefined },
  ),
  sent("NACK", "V2: NACK follows", ({ ballot }) => ({ ballot: { ...ballot, n: ballot.n + 100 } })),
  sent("NACK", "V2: NACK names a promise", ({ ballot }) => ({ promised: ballot })),
  sent(
    "ACCEPT",
    "V3: a coordinator proposes in its own ballot",
    ({ ballot: { n, id } }) => ({ ballot: { n, id: id + 1 } }),
  ),
  lost("REPORT", "V3: the coordinator has the report"),
  lost("REPORT", "V3: an accepted value binds", ({ accepted }) => ({
    accepted: accepted === undefined
      ? undefined
      : { ...accepted, decision: { ...accepted.decision, members: accepted.decision.members.slice(1) } },
  })),
  sent("ACCEPT", "V3: one proposal in each round", ({ decision }) => ({ decision: { ...decision, clock: 1 } })),
  sent("ACCEPT", "V3: a flush decides the view", ({ decision }) => ({ decision: { ...decision, v: decision.v + 1 } })),
  sent("ACCEPT", "V3: the cut of", ({ decision }) => ({
    decision: { ...decision, cut: decision.cut.map(({ client, seq }) => ({ client, seq: seq + 1 })) },
  })),
  sent("ACCEPT", "V3: the cut names each session", ({ decision }) => ({ decision: { ...decision, cut: [] } })),
  sent("ACCEPT", "V3: the coordinator is in the view", ({ decision }) => ({ decision: { ...decision, members: [] } })),
  sent("ACCEPT", "which lives, is in the next view", ({ decision }) => ({
    decision: { ...decision, members: decision.members.slice(0, 1) },
  })),
  lost("STATE_OK", "V3: r"),
  sent("ACCEPT", "V10: a session expires", ({ decision }) => ({ decision: { ...decision, expired: [nobody] } })),
  lost("ACCEPT", "V4: ACCEPTED follows an ACCEPT"),
  lost("ACCEPTED", "V5: r"),
  sent("INSTALL", "V5: one decision", ({ decision }) => ({ decision: { ...decision, clock: 1 } })),
  lost("INSTALL", "V5: the coordinator is the lowest"),
  lost("INSTALL", "V6: INSTALL is forwarded as it came", ({ decision }) => ({ decision: { ...decision, clock: 1 } })),
  sent("DIGEST", "V11: it is about view", ({ position }) => ({ position: { ...position, v: position.v + 1 } })),
  sent("DIGEST", "V11: a replica tells its digest once", () => "twice"),
  sent("DIGEST", "V11: all members begin", ({ position }) => ({ position: { ...position, digest: 7 } })),
  sent("SEALED", "has one digest", ({ segments }) => ({
    segments: segments.map((segment) => ({ ...segment, digest: new Uint8Array(32) })),
  })),
  lost("SEALED", "V12: what is disputed has another digest"),
  sent("DISPUTED", "V12: it is about view", ({ v }) => ({ v: v + 1 })),
  sent("DISPUTED", "V12: a member sends DISPUTED once", () => "twice"),
  lost("DISPUTED", "V12: STATED is about what a member calls disputed"),
  sent("STATED", "V12: it is about view", ({ v }) => ({ v: v + 1 })),
  sent("STATED", "V12: a member sends STATED once", () => "twice"),
  lost("DIGEST", "V12: STATED follows the DIGESTs"),
  // Newcomers.
  sent("JOIN", "V9: a newcomer asks for itself", ({ member }) => ({ member: { ...member, id: member.id + 1 } })),
  lost("JOIN", "goes to a newcomer that has asked"),
  sent("FETCH", "V9: a newcomer fetches what follows", ({ offset }) => ({ offset: offset + 1 })),
  sent("FETCH", "V9: a newcomer fetches each piece once", () => "twice"),
  sent("PIECE", "V9: a snapshot was taken in a view", ({ v }) => ({ v: v + 1 })),
  lost("FETCH", "V9: a donor sends a piece that was fetched"),
  sent("PIECE", "V9: each piece brings the newcomer further", () => ({ final: false, bytes: new Uint8Array(0) })),
  sent("PIECE", "V9: what follows is sent after the whole snapshot", () => ({ final: false })),
  sent("FOLLOW", "V9: a donor sends in the order of execution", () => "twice"),
  sent("FOLLOW", "V9: a donor sends requests that were delivered", ({ requests }) => ({
    requests: requests.map((request) => ({ ...request, client: nobody })),
  })),
  lost("FOLLOW", "V9: it has followed"),
  sent("FOLLOWED", "V9: it has followed", ({ count }) => ({ count: count + 1 })),
  sent("FOLLOWED", "V9: what was followed never becomes less", () => ({ count: -1 })),
  sent("SEGMENTS_ARE", "D7: SEGMENTS_ARE follows SEGMENTS", () => "twice"),
  lost("SEGMENTS_ARE", "D7: a newcomer asks for a segment that was named"),
  sent("PART_IS", "D7: PART_IS follows PART", () => "twice"),
  lost("PART", "D7: PART_IS follows PART"),
  sent("VIEWED", "V9: a donor tells the views", () => "twice"),
  lost("REPORT", "V9: STATE is sent once all have reported"),
  sent("STATE", "V9: the coordinator of a round", ({ ballot }) => ({ ballot: { ...ballot, id: ballot.id + 1 } })),
  sent("STATE", "V9: what is pending was delivered", ({ pending }) => ({
    pending: pending.map((request) => ({ ...request, client: nobody })),
  })),
  sent("STATE", "V9: what is pending is in the order", ({ pending }) => ({ pending: [...pending, ...pending] })),
  lost("STATE", "V9: STATE_OK follows"),
  sent(
    "DELTA",
    "D5: DELTA begins where",
    ({ position }) => ({ position: { ...position, digest: position.digest + 1 } }),
  ),
  sent("DIVERGED", "D5: a newcomer has diverged", ({ position }) => ({
    position: { ...position, requests: position.requests + 1 },
  })),
];
