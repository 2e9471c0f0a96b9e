/**
 * The cost model: what the protocol sends for a request, counted at the sockets and computed.
 *
 * @module
 */

import { ByteWriter } from "../../src/bytes.ts";
import { Sites } from "../../src/database/store/sites.ts";
import { frameHeaderBytes } from "../../src/framing.ts";
import { encode } from "../../src/protocol/wire/codec.ts";
import type { Message } from "../../src/protocol/wire/messages.ts";
import { lingerMs } from "../../src/limits.ts";
import type { Job, JobResult } from "../jobs.ts";
import type { Cost } from "../results.ts";
import type { Run } from "../run.ts";
import { System } from "../systems.ts";
import { requestOf } from "../workload.ts";
import { sizes } from "./loads.ts";

/** A command of the workload as it stands in a request, and its output as it stands in an answer. */
const command = requestOf("writes");
const commandBytes = command.length;
const outputBytes = new Sites().apply(command).length;

/** Counts, for each number of replicas. */
export async function measureCosts(run: Run): Promise<void> {
  for (const replicas of run.choose<readonly number[]>(sizes, [3])) {
    if (!run.wants("cost", `cost-t${replicas}`)) continue;
    await using system = await System.start("vaxlog", { replicas, signal: run.signal });
    // Requests of the session so far: how many bytes a seq has depends on them.
    let requests = 0;
    for (const plan of plansOf(replicas)) {
      run.progress(`messages of t = ${replicas}, ${plan.label}`);
      // This first run is not counted: it carries the greetings of new sessions.
      requests += requestsOf(replicas, await system.run(plan.job));
      const counted = await system.run(plan.job);
      run.results.costs.push(costOf(replicas, plan, requests, counted));
      requests += requestsOf(replicas, counted);
    }
  }
}

interface Plan {
  readonly label: string;
  readonly job: Job;
  readonly kind: "closed" | "backlog" | "rare";
  readonly sessions: number;
}

function plansOf(replicas: number): Plan[] {
  const load = (sessions: number, outstanding: number): Job => {
    return { kind: "load", sessions, outstanding, mix: "writes", sites: 1, durationMs: 100 };
  };
  const plans: Plan[] = [
    { label: "one command after the other", kind: "closed", sessions: 1, job: load(1, 1) },
    { label: "256 commands under way", kind: "backlog", sessions: 1, job: load(1, 256) },
    {
      label: "one command after idleness",
      kind: "rare",
      sessions: 1,
      job: { kind: "rare", count: 10, pauseMs: 4 * lingerMs },
    },
  ];
  if (replicas !== 3) return plans;
  for (const sessions of [4, 16, 64]) {
    plans.push({ label: `${sessions} sessions, each as the first`, kind: "closed", sessions, job: load(sessions, 1) });
  }
  return plans;
}

function requestsOf(replicas: number, { wire }: JobResult): number {
  return (wire.kinds.REQUEST ?? 0) / replicas;
}

function costOf(replicas: number, { label, kind, sessions }: Plan, before: number, counted: JobResult): Cost {
  const { answers, wire } = counted;
  const requests = requestsOf(replicas, counted);
  const commandsPerRequest = answers / requests;
  const fewest = messagesOf(replicas, kind);
  // Where all that is under way fits one request, a backlog is one request after the other.
  const alone = kind === "backlog" ? messagesOf(replicas, "closed") : fewest;
  // Each of the others may have to be nudged, and answers.
  const most = alone + (sessions - 1) * 2;
  return {
    label,
    replicas,
    commandsPerRequest,
    messages: wire.messages / requests,
    messagesExpected: [fewest, most],
    bytes: wire.bytes / requests,
    bytesExpected: sessions > 1 ? undefined : bytesOf(replicas, kind, before + requests / 2, commandsPerRequest),
    kinds: Object.fromEntries(Object.entries(wire.kinds).map(([name, count]) => [name, count / requests])),
  };
}

/** Messages of a request: broadcast, acknowledged, agreed, answered; and what wakes the session and suspends it. */
export function messagesOf(replicas: number, kind: Plan["kind"]): number {
  const broadcastAndAcks = 2 * replicas;
  // The answerer is told what is agreed; in a view of one, nobody has to be.
  const agreed = kind === "backlog" || replicas === 1 ? 0 : 1;
  const session = kind === "rare" ? 3 * replicas : 0;
  return broadcastAndAcks + agreed + session + 1;
}

/** Bytes of the same messages, with numbers as long as they are in the middle of such a run, at request `seq`. */
function bytesOf(replicas: number, kind: Plan["kind"], middle: number, commands: number): number {
  const seq = Math.ceil(middle);
  // A clock advances with every request, and with every CLOCK.
  const [v, done, agreed, ts, suspend] = [1, seq, seq, 2 * seq, false];
  const batch = (bytes: number) => new Uint8Array(Math.round(bytes * commands));
  const size = (message: Message) => {
    const writer = new ByteWriter();
    encode(writer, message);
    return writer.length + frameHeaderBytes;
  };
  const request = size({ kind: "REQUEST", v, seq, ts, agreed, done, end: false, commands: batch(commandBytes) });
  const ack = size({ kind: "ACK", v, seq, clock: ts });
  const clock = size({ kind: "CLOCK", v, ts, agreed, done, suspend });
  const output = size({ kind: "OUTPUT", seq, index: Math.ceil(seq * commands), outputs: batch(outputBytes) });
  const agreedTold = replicas === 1 ? 0 : clock;
  const session = kind === "rare"
    ? size({ kind: "RESUME", v, ts, done }) + size({ kind: "READY", v, floor: ts }) + clock
    : 0;
  return replicas * (request + ack + session) + agreedTold + output;
}
