/**
 * What members may tell each other of requests, by rules R3 and R5.
 *
 * @module
 */

import type { MessageOf } from "../../src/protocol/wire/messages.ts";
import { answererOf } from "../../src/protocol/wire/answerer.ts";
import { compareUid, laterUid, type Uid } from "../../src/uid.ts";
import { nameOf, type ReplicaFacts, type SharedFacts, type ViewFacts } from "./facts.ts";
import { must } from "./refused.ts";

/** Nothing of an active client may still come up to `uid`: R5 (i), at one replica. */
function mustBeStable(view: ViewFacts, uid: Uid, rule: string): void {
  for (const [client, { isActive, heardTs }] of view.clients) {
    const isPassed = !isActive || compareUid({ ts: heardTs, client }, uid) >= 0;
    must(
      isPassed,
      rule,
      `(${uid.ts}, ${uid.client}) is not passed by ${client}, which is active and heard to ${heardTs}`,
    );
  }
}

/** The frames of a view are all answered, and the report is final. */
export function mustRun(from: ReplicaFacts, v: number, rule: string): void {
  must(v === from.v, rule, `it is about view ${v}, and its sender is in view ${from.v}`);
  must(!from.isRecovered, rule, "a replica that came back begins a view first");
  must(from.view().report === undefined, "V2", "a frozen replica executes nothing, and takes nothing more");
}

/** R5 (i) to (iii): what the answerer must have been told before it executes a request. */
export function mustBeAgreed(from: ReplicaFacts, shared: SharedFacts, uid: Uid, seq: number, isNow: boolean): void {
  const view = from.view();
  const { client, ts } = uid;
  const requests = view.client(client).requests.filter((request) => request.seq === seq && request.ts === ts);
  must(requests.length > 0, "R5", `request ${nameOf(client, seq)} was delivered to the replica that executes it`);
  if (from.others.length === 0) return;
  // Clients that resume later begin above the clock.
  if (isNow) mustBeStable(view, uid, "R5 (i)");
  for (const { id } of from.others) {
    const { upTo, receipts } = view.member(id);
    must(compareUid(upTo, uid) >= 0, "R5 (i)", `r${id} has said that nothing more comes up to it`);
    const receipt = receipts.get(nameOf(client, seq));
    must(receipt?.ts === ts, "R5 (ii)", `r${id} has told request ${nameOf(client, seq)}`);
    const isSame = requests.some((request) =>
      (shared.contents.get(receipt.sum) ?? contentOf(request)) === contentOf(request)
    );
    must(isSame, "R5 (ii)", `r${id} has told the same request ${nameOf(client, seq)}`);
    for (const other of receipts.values()) {
      if (compareUid(other, uid) >= 0) continue;
      const isHere = view.client(other.client).requests.some(({ seq, ts }) => seq === other.seq && ts === other.ts);
      must(isHere, "R5 (iii)", `what r${id} has told before it has come here: ${nameOf(other.client, other.seq)}`);
    }
  }
}

/** What a sum is made of; whose request it is, and in which view, the message says. */
export function contentOf(request: Pick<MessageOf<"REQUEST">, "seq" | "ts" | "end" | "commands">): string {
  const { seq, ts, end, commands } = request;
  return `${seq} ${ts} ${end} ${commands}`;
}

/** R3: RECEIVED. */
export function received(from: ReplicaFacts, to: string, message: MessageOf<"RECEIVED">, shared: SharedFacts): void {
  const { v, receipts, upTo } = message;
  mustRun(from, v, "R3");
  must(!from.isAnswerer, "R3", "the answerer tells nobody what it has received");
  must(to === `r${answererOf(from.members).id}`, "R3", "members tell the answerer what they have received");
  const view = from.view();
  for (const receipt of receipts) {
    const { client, seq, ts, sum } = receipt;
    const facts = view.client(client);
    const name = nameOf(client, seq);
    const found = facts.requests.filter((request) => request.seq === seq && request.ts === ts);
    must(found.length > 0, "R3", `a receipt is of a request that was delivered in this view: ${name}`);
    const expected = facts.lastTold === 0
      ? Math.min(...facts.requests.map((request) => request.seq))
      : facts.lastTold + 1;
    must(seq === expected, "R3", `receipts come in the order of seq, each once: ${name} after ${facts.lastTold}`);
    must(compareUid(receipt, view.upTo) > 0, "R3", `nothing is told that "upTo" has passed: ${name}`);
    const contents = new Set(found.map(contentOf));
    const isSame = [...contents].some((content) => (shared.sums.get(content) ?? sum) === sum);
    must(isSame, "R3", `all members have one sum for the same request: ${name}`);
    const isOther = contents.has(shared.contents.get(sum) ?? [...contents][0]);
    must(isOther, "R3", `different requests have different sums: ${name}`);
    // A liar may have sent it twice, and only one of them was taken.
    for (const content of contents.size === 1 ? contents : []) {
      shared.sums.set(content, sum);
      shared.contents.set(sum, content);
    }
    facts.told.set(seq, receipt);
    facts.lastTold = seq;
  }
  must(compareUid(upTo, view.upTo) >= 0, "R3", '"upTo" never falls');
  must(upTo.ts <= view.requestTs, "R3", '"upTo" is not above the clock');
  // The part that was passed stays so: a client that resumes begins above the clock.
  if (compareUid(upTo, view.upTo) > 0) mustBeStable(view, upTo, "R3");
  view.upTo = upTo;
}

/** R5: EXECUTED. */
export function executed(from: ReplicaFacts, to: string, message: MessageOf<"EXECUTED">, shared: SharedFacts): void {
  const { position, upTo } = message;
  mustRun(from, position.v, "R5");
  must(from.isAnswerer, "R5", "only the answerer tells what it has executed");
  must(from.others.some(({ id }) => `r${id}` === to), "R5", "it tells the other members");
  const view = from.view();
  const last = view.lastExecuted;
  if (last?.position.requests === position.requests) {
    const isSame = last.position.digest === position.digest && compareUid(last.upTo, upTo) === 0;
    return must(isSame, "R5", "it tells all other members the same");
  }
  must(last === undefined || compareUid(upTo, last.upTo) > 0, "R5", "each EXECUTED reaches further than the last one");
  must(compareUid(upTo, view.executed) >= 0, "R5", "EXECUTED does not come before the outputs that it is about");
  // By (ii) and (iii), it has executed exactly what each other member has told up to there.
  const begun = shared.positions.get(from.v)?.requests ?? (from.v === 1 ? 0 : undefined);
  for (const { id } of from.others) {
    const all = [...view.member(id).receipts.values()].filter((receipt) => compareUid(receipt, upTo) <= 0);
    const seq = all.find((receipt) => compareUid(receipt, upTo) === 0)?.seq;
    must(seq !== undefined, "R5", `r${id} has told the request at "upTo"`);
    mustBeAgreed(from, shared, upTo, seq, false);
    const count = begun === undefined ? undefined : position.requests - begun;
    must(
      count === undefined || count === all.length,
      "R5",
      `${count} requests are those that r${id} told: ${all.length}`,
    );
  }
  view.executed = laterUid(view.executed, upTo);
  view.lastExecuted = message;
}
