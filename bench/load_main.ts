/**
 * The entry of a load process: `load_main.ts --system=vaxlog|limit HOST:PORT…`. It does the jobs that come by its
 * standard input (see `jobs.ts`), keeps its sessions from job to job, and exits when that ends.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Submitter, VaxlogClient } from "../src/library/client.ts";
import { outputBytesMax } from "../src/database/wire/commands.ts";
import { linesOf } from "../src/runtime/lines.ts";
import { type Answer, type Job, type JobResult, type ListJob, type LoadJob, type RareJob, untimed } from "./jobs.ts";
import { LimitSession } from "./limit_session.ts";
import { runLoad } from "./load.ts";
import { quantile } from "./statistics.ts";
import { WireTap } from "./wire_tap.ts";
import { adding, type Workload, workloadOf } from "./workload.ts";
import { Session } from "../src/net/client/session.ts";
import { tokensOfPorts } from "../src/secrets/token_source.ts";

/** Commands under way while sites are added. */
const addingAtATime = 1024;

/** Sessions that are opened at the same time: not so many that a replica has to let them wait. */
const openingAtATime = 20;

type Timed = Omit<JobResult, "wire">;

const { values: { system }, positionals: addresses } = parseArgs({
  args: Deno.args,
  options: { system: { type: "string" } },
  allowPositionals: true,
});
const tap = WireTap.install();
const sessions: Submitter[] = [];

const workloads = new Map<string, Workload>();

/** Commands that are encoded once, however often they are asked for. */
function preparedWorkload({ mix, sites }: Pick<LoadJob, "mix" | "sites">): Workload {
  const key = `${mix} ${sites}`;
  let workload = workloads.get(key);
  if (workload === undefined) workloads.set(key, workload = workloadOf(mix, sites));
  return workload;
}

const tokenAt = tokensOfPorts();

function connect(number: number): Promise<Submitter> {
  return system === "limit" ? LimitSession.connect(addresses, number) : Session.connect(addresses, { tokenAt });
}

/** The first `count` sessions. */
async function sessionsUpTo(count: number): Promise<Submitter[]> {
  while (sessions.length < count) {
    const numbers = Array.from({ length: Math.min(openingAtATime, count - sessions.length) }, (_, at) => at);
    sessions.push(...await Promise.all(numbers.map((at) => connect(sessions.length + at))));
  }
  return sessions.slice(0, count);
}

/** What single latencies come to. */
function resultOf(answers: number, latenciesMs: readonly number[]): Timed {
  const sorted = Float64Array.from(latenciesMs).sort();
  return { ...untimed, answers, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

async function populate(sites: number): Promise<Timed> {
  const commands = adding(sites);
  const { answers } = await runLoad({
    submitters: await sessionsUpTo(1),
    outstanding: addingAtATime,
    workload: {
      send: (to) => to.submit(commands.next().value!, outputBytesMax("add")),
      isDone: () => true,
    },
    durationMs: Infinity,
    commandsMax: sites - 1,
  });
  return { ...untimed, answers };
}

async function list({ times, isFirstPageOnly }: ListJob): Promise<Timed> {
  const client = new VaxlogClient((await sessionsUpTo(1))[0]);
  const latenciesMs: number[] = [];
  let pages = 0;
  for (let at = 0; at < times; at++) {
    const startedAt = performance.now();
    for await (const _ of client.listBrief()) {
      pages++;
      if (isFirstPageOnly) break;
    }
    latenciesMs.push(performance.now() - startedAt);
  }
  return resultOf(pages, latenciesMs);
}

async function rare({ count, pauseMs }: RareJob): Promise<Timed> {
  const [session] = await sessionsUpTo(1);
  const workload = workloadOf("writes", 1);
  const latenciesMs: number[] = [];
  for (let at = 0; at < count; at++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const startedAt = performance.now();
    await workload.send(session);
    latenciesMs.push(performance.now() - startedAt);
  }
  return resultOf(count, latenciesMs);
}

async function open(count: number): Promise<Timed> {
  const workload = workloadOf("reads", 1);
  const had = sessions.length;
  for (const session of (await sessionsUpTo(count)).slice(had)) await workload.send(session);
  return { ...untimed, answers: count - had };
}

async function work(job: Job): Promise<JobResult> {
  if (job.kind === "prepare" || job.kind === "load") {
    await sessionsUpTo(job.sessions);
    preparedWorkload(job);
  }
  tap.take();
  let timed: Timed;
  switch (job.kind) {
    case "prepare":
      timed = { ...untimed, answers: 0 };
      break;
    case "load":
      timed = await runLoad({ ...job, submitters: await sessionsUpTo(job.sessions), workload: preparedWorkload(job) });
      break;
    case "rare":
      timed = await rare(job);
      break;
    case "populate":
      timed = await populate(job.sites);
      break;
    case "list":
      timed = await list(job);
      break;
    case "open":
      timed = await open(job.sessions);
      break;
  }
  return { ...timed, wire: tap.take() };
}

function say(answer: Answer): void {
  console.log(JSON.stringify(answer));
}

for await (const { text: line } of linesOf(Deno.stdin.readable, 2 ** 24)) {
  try {
    say({ result: await work(JSON.parse(line)) });
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  }
}
Deno.exit(0);
