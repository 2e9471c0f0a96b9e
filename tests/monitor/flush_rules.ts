/**
 * What members may send while a view ends, by rules V1 to V7 and V11.
 *
 * @module
 */

import type { MeshMessage, MessageOf } from "../../src/protocol/wire/messages.ts";
import { type Accepted, compareBallots, type Decision } from "../../src/protocol/wire/records.ts";
import { type ReplicaFacts, roundOf, type SharedFacts } from "./facts.ts";
import { mustBeCut } from "./cut_rules.ts";
import { must } from "./refused.ts";

/** Whether two decisions are the same. */
function textOf(decision: Decision): string {
  return JSON.stringify(decision);
}

/** V1: the lowest member that lives coordinates. */
export function mustCoordinate(from: ReplicaFacts, shared: SharedFacts, rule: string): void {
  const lower = from.others.filter(({ id }) => id < from.id && !shared.dead.has(`r${id}`));
  must(
    lower.length === 0,
    rule,
    `the coordinator is the lowest member that has not failed: ${lower.map(({ id }) => id)}`,
  );
}

/** Checks a message of the flush. */
export function flush(from: ReplicaFacts, to: string, message: MeshMessage, shared: SharedFacts): void {
  switch (message.kind) {
    case "ALARM":
      return alarm(from, message);
    case "PREPARE":
      return prepare(from, message, shared);
    case "REPORT":
      return report(from, to, message);
    case "NACK":
      return nack(from, to, message);
    case "ACCEPT":
      return accept(from, message, shared);
    case "ACCEPTED":
      return accepted(from, to, message);
    case "INSTALL":
      return install(from, message, shared);
    case "DIGEST":
      return digest(from, to, message, shared);
  }
}

function mustBeOf(from: ReplicaFacts, v: number, rule: string): void {
  must(v === from.v && v > 0, rule, `it is about view ${v}, and its sender is in view ${from.v}`);
}

function alarm(from: ReplicaFacts, { v, blame }: MessageOf<"ALARM">): void {
  mustBeOf(from, v, "V1");
  if (blame === undefined) return;
  const { client, seq } = blame;
  const view = from.view();
  const isKnown = view.clients.has(client) || [...from.links.values()].includes(client) ||
    [...view.heard.values()].some(({ receipts }) => [...receipts.values()].some((it) => it.client === client));
  must(isKnown, "R10", `the client that is blamed has said something: ${client} #${seq}`);
}

function prepare(from: ReplicaFacts, { v, ballot }: MessageOf<"PREPARE">, shared: SharedFacts): void {
  mustBeOf(from, v, "V1");
  mustCoordinate(from, shared, "V1");
  must(ballot.id === from.id, "V1", "a ballot names its coordinator");
  const view = from.view();
  if (view.prepared === undefined || compareBallots(view.prepared, ballot) !== 0) {
    const isHigher = from.isRecovered || compareBallots(ballot, view.promised) > 0;
    must(isHigher, "V1", `ballot ${ballot.n} is above what its coordinator has promised, ${view.promised.n}`);
  }
  view.prepared = ballot;
  promise(from, ballot);
}

function promise(from: ReplicaFacts, ballot: MessageOf<"PREPARE">["ballot"]): void {
  const view = from.view();
  if (compareBallots(ballot, view.promised) > 0) view.promised = ballot;
}

/** V2. */
function report(from: ReplicaFacts, to: string, message: MessageOf<"REPORT">): void {
  const { v, ballot, sessions } = message;
  mustBeOf(from, v, "V2");
  const view = from.view();
  must(view.prepares.delete(roundOf(to, ballot)), "V2", "a REPORT follows a PREPARE of the same round, once");
  must(compareBallots(ballot, view.promised) >= 0, "V2", "nobody reports to a ballot below the promise");
  promise(from, ballot);
  const { accepted } = view;
  const isBound = accepted === undefined ||
    (message.accepted !== undefined && compareBallots(message.accepted.ballot, accepted.ballot) >= 0 &&
      (compareBallots(message.accepted.ballot, accepted.ballot) > 0 ||
        textOf(message.accepted.decision) === textOf(accepted.decision)));
  must(isBound, "V2", "a REPORT has what its sender has accepted");
  if (from.isRecovered) return;
  if (view.report !== undefined) {
    must(JSON.stringify(view.report.sessions) === JSON.stringify(sessions), "V2", "what a replica reports is final");
  }
  for (const { client, executed, sums } of sessions) {
    const facts = view.client(client);
    for (let seq = executed + 1; seq <= executed + sums.length; seq++) {
      const found = facts.requests.filter((request) => request.seq === seq);
      must(found.length > 0, "V2", `a REPORT names requests that were delivered: ${client} #${seq}`);
      const told = facts.told.get(seq);
      must(told === undefined || told.sum === sums[seq - executed - 1], "V2", "a REPORT has the sums that were told");
    }
  }
  for (const [client, { lastTold, output, base }] of view.clients) {
    const session = sessions.find((session) => session.client === client);
    const end = session === undefined ? base ?? 0 : session.executed + session.sums.length;
    must(end >= lastTold, "V2", `a REPORT has all requests that were told: ${client} #${lastTold}`);
    must((session?.executed ?? base ?? 0) >= output, "V2", `a REPORT has all that was executed: ${client} #${output}`);
  }
  view.report = message;
}

function nack(from: ReplicaFacts, to: string, { v, ballot, promised }: MessageOf<"NACK">): void {
  mustBeOf(from, v, "V2");
  const view = from.view();
  const round = roundOf(to, ballot);
  const isAsked = view.prepares.delete(round) || view.accepts.has(round);
  must(isAsked, "V2", "NACK follows a PREPARE or ACCEPT of the same round");
  must(compareBallots(promised, ballot) > 0, "V2", "NACK names a promise above the ballot");
  must(compareBallots(promised, view.promised) >= 0, "V2", "a promise never falls");
  promise(from, promised);
}

/** V3. */
function accept(from: ReplicaFacts, { v, ballot, decision }: MessageOf<"ACCEPT">, shared: SharedFacts): void {
  mustBeOf(from, v, "V3");
  must(ballot.id === from.id, "V3", "a coordinator proposes in its own ballot");
  must(decision.v === v + 1, "V3", "a flush decides the view that follows its own");
  const view = from.view();
  const round = roundOf(from.name, ballot);
  const before = view.proposals.get(round);
  if (before !== undefined) return must(textOf(before) === textOf(decision), "V3", "one proposal in each round");
  view.proposals.set(round, decision);
  const reports: MessageOf<"REPORT">[] = [];
  for (const { id } of from.others) {
    const report = view.reports.get(roundOf(`r${id}`, ballot));
    must(report !== undefined || shared.dead.has(`r${id}`), "V3", `the coordinator has the report of r${id}`);
    if (report !== undefined) reports.push(report);
  }
  let binding: Accepted | undefined = view.accepted;
  for (const { accepted } of reports) {
    if (accepted === undefined) continue;
    if (binding === undefined || compareBallots(accepted.ballot, binding.ballot) > 0) binding = accepted;
  }
  view.accepted = { ballot, decision };
  // What it has accepted itself before it came back, nobody has seen.
  if (binding === undefined && from.isRecovered) return;
  if (binding !== undefined) {
    return must(from.isRecovered || textOf(binding.decision) === textOf(decision), "V3", "an accepted value binds");
  }
  const members = new Set(decision.members.map(({ id }) => id));
  must(members.has(from.id), "V3", "the coordinator is in the view that it proposes");
  for (const { id } of from.others) {
    must(members.has(id) || shared.dead.has(`r${id}`), "V3", `r${id}, which lives, is in the next view`);
  }
  for (const id of members) {
    const isReported = id === from.id || view.reports.has(roundOf(`r${id}`, ballot));
    const isClone = view.clones.has(roundOf(`r${id}`, ballot));
    must(isReported || isClone, "V3", `r${id} has reported, or is a clone of this round`);
  }
  // One that was found dead after its report does not count any more.
  const living = from.others.flatMap(({ id }) =>
    members.has(id) ? view.reports.get(roundOf(`r${id}`, ballot)) ?? [] : []
  );
  const vanished = (client: string) => living.every((report) => report.vanished.includes(client));
  must(decision.expired.every(vanished), "V10", "a session expires if no member had a link of its client");
  mustBeCut(from, decision, living, shared);
}

/** V4. */
function accepted(from: ReplicaFacts, to: string, { v, ballot }: MessageOf<"ACCEPTED">): void {
  mustBeOf(from, v, "V4");
  const view = from.view();
  const decision = view.accepts.get(roundOf(to, ballot));
  must(decision !== undefined, "V4", "ACCEPTED follows an ACCEPT of the same round");
  must(compareBallots(ballot, view.promised) >= 0, "V4", "nobody accepts below the promise");
  promise(from, ballot);
  view.accepted = { ballot, decision };
}

/** V5 and V6. */
function install(from: ReplicaFacts, { decision }: MessageOf<"INSTALL">, shared: SharedFacts): void {
  const text = textOf(decision);
  const known = shared.decisions.get(decision.v);
  must(known === undefined || known === text, "V5", `one decision for view ${decision.v}`);
  shared.decisions.set(decision.v, text);
  const isTold = from.installs.get(decision.v);
  if (isTold !== undefined) return must(textOf(isTold) === text, "V6", "INSTALL is forwarded as it came");
  // It repeats the decision that began its view.
  if (from.isRecovered && decision.v === from.v) return;
  mustBeOf(from, decision.v - 1, "V5");
  mustCoordinate(from, shared, "V5");
  const view = from.view();
  for (const { id } of from.others) {
    const hasAccepted = [...view.proposals].some(([round, proposal]) =>
      textOf(proposal) === text && view.acceptedBy.has(`r${id} ${round}`)
    );
    must(hasAccepted || shared.dead.has(`r${id}`), "V5", `r${id} has accepted what the coordinator installs`);
  }
}

/** V11. */
function digest(from: ReplicaFacts, to: string, { position }: MessageOf<"DIGEST">, shared: SharedFacts): void {
  mustBeOf(from, position.v, "V11");
  must(from.others.some(({ id }) => `r${id}` === to), "V11", "members tell each other where the view begins");
  const view = from.view();
  must(!view.digestTo.has(to), "V11", "a replica tells its digest once");
  view.digestTo.add(to);
  const known = shared.positions.get(position.v);
  const isSame = known === undefined || (known.requests === position.requests && known.digest === position.digest);
  must(isSame, "V11", `all members begin view ${position.v} in one state`);
  shared.positions.set(position.v, position);
}
