/**
 * The monitor can fail: a trace that is broken in one place is refused, by the claim that is about it.
 */

import { assert, assertThrows } from "@std/assert";
import { wireVersion } from "../../src/limits.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";
import { scenarios } from "../scenarios/all.ts";
import { runScenario } from "../scenarios/runner.ts";
import { ScenarioError } from "../scenarios/words.ts";
import type { ProfileName } from "../simulator/profiles.ts";
import { runSchedule } from "../simulator/schedule.ts";
import { type Break, breaks } from "./breaks.ts";
import type { TraceEvent } from "./events.ts";
import { Monitor } from "./monitor.ts";
import { MonitoredWorld } from "./monitored_world.ts";
import { Refused } from "./refused.ts";

function ofScenario(text: string): TraceEvent[] {
  const events: TraceEvent[] = [];
  try {
    runScenario(text, (options) => new MonitoredWorld(options, (event) => events.push(event)));
  } catch (error) {
    // What it expects is the business of its own test.
    if (!(error instanceof ScenarioError)) throw error;
  }
  return events;
}

function ofSchedule(seed: number, profile: ProfileName): TraceEvent[] {
  const events: TraceEvent[] = [];
  runSchedule(seed, { profile, world: (options) => new MonitoredWorld(options, (event) => events.push(event)) });
  return events;
}

const members = [0, 1, 2].map((id) => ({ id, address: `r${id}` }));

function starts(id: number, v: number): TraceEvent {
  const [replica, address] = [`r${id}`, `r${id}`];
  return { kind: "starts", replica, id, address, v, members: v === 0 ? [] : members, recovered: false };
}

/** A message that is sent, and arrives. */
function travels(from: string, to: string, message: Message, link?: number): TraceEvent[] {
  return [{ kind: "sent", from, to, link, message }, { kind: "delivered", from, to, link, message }];
}

/** A snapshot in two pieces. */
function ofPieces(): TraceEvent[] {
  const piece = (offset: number): Message => {
    return { kind: "PIECE", v: 1, offset, estimate: 10, final: offset === 5, bytes: new Uint8Array(5) };
  };
  return [
    ...[0, 1, 2].map((id) => starts(id, 1)),
    starts(3, 0),
    ...travels("r3", "r0", { kind: "JOIN", member: { id: 3, address: "r3" }, position: undefined }),
    ...travels("r0", "r3", piece(0)),
    ...travels("r3", "r0", { kind: "FETCH", offset: 5 }),
    ...travels("r0", "r3", piece(5)),
  ];
}

/** A newcomer that fetches a segment. */
function ofHistory(): TraceEvent[] {
  const segment = { kind: 1, number: 1, digest: new Uint8Array(32) };
  return [
    ...[0, 1, 2].map((id) => starts(id, 1)),
    starts(3, 0),
    ...travels("r3", "r0", { kind: "SEGMENTS" }),
    ...travels("r0", "r3", { kind: "SEGMENTS_ARE", segments: [segment] }),
    ...travels("r3", "r0", { kind: "PART", segment, part: 0 }),
    ...travels("r0", "r3", { kind: "PART_IS", segment, part: 0, fileBytes: 9, bytes: new Uint8Array(9) }),
  ];
}

const made: TraceEvent[][] = [];
const makers = [
  ofPieces,
  ofHistory,
  () => ofScenario(scenarios.sealed_differently_by_two),
  ...([1, 2, 3, 4, 5, 6, 7, 8] as const).flatMap((seed) =>
    (["troubled", "slow", "disks"] as const).map((profile) => () => ofSchedule(seed, profile))
  ),
  ...Object.values(scenarios).map((text) => () => ofScenario(text)),
];

/** The traces, made when they are needed. */
function* traces(): Generator<TraceEvent[]> {
  for (const [at, maker] of makers.entries()) yield made[at] ??= maker();
}

/** The claim that refuses a trace with this event in place of the one at `at`; undefined: none. */
function refusedBy(events: readonly TraceEvent[], at: number, instead: readonly TraceEvent[]): string | undefined {
  const monitor = new Monitor();
  try {
    for (let k = 0; k < at; k++) monitor.hear(events[k]);
    for (const event of instead) monitor.hear(event);
    for (let k = at + 1; k < events.length; k++) monitor.hear(events[k]);
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
  return undefined;
}

/** How often a trace is tried with one of its messages broken. */
const triesPerTrace = 12;

function isRefused({ kind, isDelivered, change, claim }: Break): boolean {
  for (const events of traces()) {
    let tries = 0;
    for (const [at, event] of events.entries()) {
      if (event.kind !== (isDelivered ? "delivered" : "sent") || event.message.kind !== kind) continue;
      const changed = change(event.message);
      if (changed === "same") continue;
      const instead = changed === undefined
        ? []
        : changed === "twice"
        ? [event, event]
        : [{ ...event, message: changed }];
      if (refusedBy(events, at, instead)?.includes(claim)) return true;
      if (++tries === triesPerTrace) break;
    }
  }
  return false;
}

for (const each of breaks) {
  const { kind, isDelivered, claim } = each;
  const where = isDelivered ? "delivered" : "sent";
  Deno.test(`the monitor refuses a trace where a ${kind} that is ${where} breaks "${claim}"`, () => {
    assert(isRefused(each), "No trace was refused");
  });
}

Deno.test("the monitor refuses a receipt of what its sender has said would never come", () => {
  const monitor = new Monitor();
  const request = (ts: number): Message => (
    { kind: "REQUEST", v: 1, seq: 1, ts, upto: ts, done: 0, end: false, commands: Uint8Array.of(1, ts) }
  );
  const [one, two] = ["1".repeat(32), "2".repeat(32)];
  const hello = (client: string): Message => (
    { kind: "HELLO", version: wireVersion, cluster: undefined, secret: client + client, done: 0 }
  );
  const told = (client: string, ts: number): Message => (
    { kind: "RECEIVED", v: 1, receipts: [{ client, seq: 1, ts, sum: ts }], upTo: { ts: 5, client: one } }
  );
  const events: TraceEvent[] = [
    { kind: "lies", client: "l1" },
    ...[0, 1, 2].map((id) => starts(id, 1)),
    ...travels("l1", "r0", hello(one), 1),
    ...travels("l1", "r0", hello(two), 2),
    ...travels("l1", "r0", request(5), 1),
    ...travels("l1", "r0", request(3), 2),
    ...travels("r0", "r1", told(one, 5)),
  ];
  for (const event of events) monitor.hear(event);
  assertThrows(() => monitor.hear(travels("r0", "r1", told(two, 3))[0]), Refused, 'R3: nothing is told that "upTo"');
});

Deno.test("the monitor refuses an ACCEPTED below the promise", () => {
  const monitor = new Monitor();
  const [first, second] = [{ n: 1, id: 0 }, { n: 2, id: 1 }];
  const decision = { v: 2, members, clock: 0, cut: [], expired: [] };
  const report = (ballot: typeof first): Message => (
    { kind: "REPORT", v: 1, ballot, sessions: [], vanished: [], accepted: undefined }
  );
  const events: TraceEvent[] = [
    ...[0, 1, 2].map((id) => starts(id, 1)),
    ...travels("r0", "r1", { kind: "PREPARE", v: 1, ballot: first }),
    ...travels("r0", "r2", { kind: "PREPARE", v: 1, ballot: first }),
    ...travels("r1", "r0", report(first)),
    ...travels("r2", "r0", report(first)),
    ...travels("r0", "r2", { kind: "ACCEPT", v: 1, ballot: first, decision }),
    { kind: "dies", process: "r0" },
    ...travels("r1", "r2", { kind: "PREPARE", v: 1, ballot: second }),
    ...travels("r2", "r1", report(second)),
  ];
  for (const event of events) monitor.hear(event);
  const late: Message = { kind: "ACCEPTED", v: 1, ballot: first };
  assertThrows(() => monitor.hear(travels("r2", "r0", late)[0]), Refused, "V4: nobody accepts below the promise");
});
