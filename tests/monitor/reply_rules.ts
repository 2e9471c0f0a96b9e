/**
 * What a replica may send to clients, by rules R1, R2, R5 and R8.
 *
 * @module
 */

import type { LinkId } from "../../src/protocol/wire/link_id.ts";
import type { MessageOf, ReplyMessage } from "../../src/protocol/wire/messages.ts";
import { countItems } from "../../src/batch.ts";
import { type ClientId, compareUid } from "../../src/uid.ts";
import { promisePerMs, timestampMax } from "../../src/limits.ts";
import { type ClientOfView, nameOf, type ReplicaFacts, type SharedFacts } from "./facts.ts";
import { mustBeAgreed, mustRun } from "./order_rules.ts";
import { must } from "./refused.ts";

/** Checks a reply. */
export function reply(from: ReplicaFacts, link: LinkId, message: ReplyMessage, shared: SharedFacts): void {
  if (message.kind === "REFUSED") return;
  const client = from.links.get(link);
  must(client !== undefined, "R1", `${message.kind} goes to a client that has greeted`);
  must(!from.closed.has(link), "R7", `${message.kind} does not go by a link that its sender has closed`);
  if (message.kind !== "OUTPUT" || from.greeting !== link) from.greeting = undefined;
  switch (message.kind) {
    case "VIEW":
      return view(from, link, client, message, shared);
    case "READY":
      return ready(from, link, client, message);
    case "FULL": {
      const resumes = from.view().resumes.get(link);
      return must(resumes !== undefined && resumes.answered < resumes.count, "R13", "FULL follows a RESUME");
    }
    case "NUDGE":
      return nudge(from, client, message);
    case "OUTPUT":
      return output(from, client, message, shared);
    case "VALUE":
      return value(from, link, client, message, shared);
  }
}

/** R1 and V8. */
function view(
  from: ReplicaFacts,
  link: LinkId,
  client: ClientId,
  message: MessageOf<"VIEW">,
  shared: SharedFacts,
): void {
  const { v, members, base, forgot } = message;
  must(message.from === from.id, "R1", "a replica names itself in VIEW");
  must(v === from.v && v > 0, "V8", `VIEW ${v} is the view that its sender has installed, ${from.v}`);
  const isSame = `${members.map(({ id }) => id)}` === `${from.members.map(({ id }) => id)}`;
  must(isSame, "V8", "VIEW names the members of the view");
  from.greeting = link;
  // A replica that came back does not know where the view began.
  if (from.isRecovered) return;
  if (base === 0 && forgot > 0) shared.renewed.add(client);
  for (const [before, seq] of shared.renewed.has(client) ? [] : shared.answered.get(client) ?? []) {
    must(
      before >= v || base >= seq,
      "(b)",
      `request ${nameOf(client, seq)}, with an output of view ${before}, is lost`,
    );
  }
  const key = `${v} ${client}`;
  const known = shared.bases.get(key);
  must(known === undefined || known === base, "V7", `all members have one base of ${client}: ${known} and ${base}`);
  shared.bases.set(key, base);
  from.view().client(client).base = base;
}

/** R2. */
function ready(from: ReplicaFacts, link: LinkId, client: ClientId, { v, floor, pace }: MessageOf<"READY">): void {
  mustRun(from, v, "R2");
  const view = from.view();
  const resumes = view.resumes.get(link);
  must(resumes !== undefined && resumes.answered < resumes.count, "R2", "READY follows a RESUME by the same link");
  must(floor >= resumes.floor, "R2", `the floor ${floor} is not below a request executed before, at ${resumes.floor}`);
  must(floor >= view.upTo.ts, "R2", `the floor ${floor} is not below what was told, up to ${view.upTo.ts}`);
  const facts = view.client(client);
  facts.isActive = true;
  facts.pace = pace;
  const others = [...view.clients.values()].filter((client) => client !== facts && client.pace > 1).length;
  const turnsMax = pace > 1 ? others * from.newCost : 0;
  const floorMax = Math.max(view.requestTs, view.dueTs) + turnsMax + aheadMax(facts, from.turns);
  must(floor <= floorMax, "R2", "the floor is at or below the clock, or what is due");
  resumes.answered++;
  facts.suspendedAt = undefined;
  facts.heardTs = Math.max(facts.heardTs, floor);
}

/** R5: how far ahead a client may be asked to be: one that tells only its clock, or is new. */
function aheadMax({ clocks, clocksBefore, forgotAt, pace }: ClientOfView, turn: number): number {
  const times = Math.max(clocks, forgotAt >= turn - 1 ? clocksBefore : 0);
  return promisePerMs * Math.max(times === 0 ? 0 : Math.min(4 ** times, 65_536), pace > 1 ? 64 : 0);
}

/** R5. */
function nudge(from: ReplicaFacts, client: ClientId, { v, ts }: MessageOf<"NUDGE">): void {
  mustRun(from, v, "R5");
  const view = from.view();
  const facts = view.client(client);
  const { isActive, suspendedAt } = facts;
  must(isActive || suspendedAt !== undefined, "R5", "NUDGE goes to a client that was let in");
  must(suspendedAt === undefined || suspendedAt >= from.turns - 1, "R5", "NUDGE goes to no client that is suspended");
  const isInBounds = ts >= view.executedTs &&
    ts <= Math.min(view.requestTs + aheadMax(facts, from.turns), timestampMax);
  must(isInBounds, "R5", "NUDGE asks for a timestamp above what was executed, and further who sends only its clock");
}

/** R5, R7 and V8. */
function output(from: ReplicaFacts, client: ClientId, message: MessageOf<"OUTPUT">, shared: SharedFacts): void {
  const { v, clock, seq, index, outputs } = message;
  must(v === from.v, "R5", "OUTPUT names the view of its sender");
  must(from.isAnswerer, "R5", "only the answerer sends outputs");
  const view = from.view();
  const facts = view.client(client);
  const isRepeated = from.greeting !== undefined;
  must(from.isRecovered || clock <= view.requestTs, "R5", "OUTPUT tells the clock: the timestamp of a request");
  const base = facts.base ?? 0;
  if (view.report !== undefined || from.isRecovered) {
    must(isRepeated, "V2", "a frozen replica executes nothing");
    const executed = view.report?.sessions.find((session) => session.client === client)?.executed ?? base;
    must(from.isRecovered || seq <= executed, "V2", "a frozen replica repeats what it has reported");
  } else if (seq > base) {
    // One that is alone executes requests as they come, and its clock may be below.
    const isAlone = from.others.length === 0;
    const isLater = ({ ts }: { readonly ts: number }) => isAlone || compareUid({ ts, client }, view.executed) > 0;
    const found = facts.requests.filter((request) => request.seq === seq && (request.ts <= clock || isAlone));
    // A liar may have sent others under the same seq, of which none was taken.
    const possible = isRepeated || !found.some(isLater) ? found : found.filter(isLater);
    const request = possible.toSorted((a, b) => a.ts - b.ts).at(0);
    must(request !== undefined, "R5", `request ${nameOf(client, seq)} was delivered before its output`);
    const uid = { ts: request.ts, client };
    if (facts.requests.every((other) => other === request || other.seq !== seq)) {
      mustBeAgreed(from, shared, uid, seq, !isRepeated);
    }
    view.executedTs = Math.max(view.executedTs, request.ts);
    if (!isRepeated) {
      must(seq > facts.output, "R7", "an output is repeated only after VIEW");
      must(isLater(uid), "R5", "requests are executed in the order of their uids");
      must(index >= view.nextIndex, "R5", `index ${index} comes after all that was executed, ${view.nextIndex}`);
      view.executed = uid;
      view.nextIndex = index + countItems(outputs);
    }
    facts.output = Math.max(facts.output, seq);
  } else must(isRepeated, "R7", "an output of an earlier view is repeated only after VIEW");
  if (shared.renewed.has(client)) return;
  const name = nameOf(client, seq);
  const known = shared.outputs.get(name);
  must(known === undefined || known.index === index, "R7", `a repeated output has its index: ${name}`);
  must(known === undefined || known.text === `${outputs}`, "R7", `a repeated output is the same: ${name}`);
  const answered = shared.answered.get(client) ?? new Map<number, number>();
  // A repeated one may be of an earlier view.
  if (seq > base) shared.answered.set(client, answered.set(v, Math.max(seq, answered.get(v) ?? 0)));
  shared.outputs.set(name, { index, text: `${outputs}` });
  for (let at = index; at < index + countItems(outputs); at++) {
    const other = shared.indexes.get(at) ?? name;
    must(other === name, "(a)", `${name} and ${other} have one index, ${at}`);
    shared.indexes.set(at, name);
  }
}

/** R8. */
function value(
  from: ReplicaFacts,
  link: LinkId,
  client: ClientId,
  message: MessageOf<"VALUE">,
  shared: SharedFacts,
): void {
  const { rid, index, outputs } = message;
  mustRun(from, from.v, "R8");
  must(from.isAnswerer, "R8", "only the answerer answers reads");
  const view = from.view();
  const reads = view.reads.get(`${link} ${rid}`) ?? [];
  must(reads.length > 0, "R8", `VALUE follows READ ${rid} by the same link, in the same view, once`);
  const at = reads.findIndex(({ commands }) => countItems(outputs) === countItems(commands));
  must(at >= 0, "R8", "VALUE has an output for each command");
  const read = reads[at];
  view.reads.set(`${link} ${rid}`, reads.toSpliced(at, 1));
  must(index >= view.nextIndex - 1, "R8", `a value at ${index} is not before what was executed, ${view.nextIndex - 1}`);
  const own = shared.renewed.has(client) ? undefined : shared.outputs.get(nameOf(client, read.after));
  must(own === undefined || index >= own.index, "R8", `a value at ${index} is not before its session's own requests`);
}
