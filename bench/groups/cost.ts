/**
 * The cost model: the messages that the protocol sends for a request, counted at the sockets of real processes and in
 * the simulator. The simulator also shows what replicas send each other, and how many hops a command takes.
 *
 * @module
 */

import { outputBytesMax } from "../../src/database/wire/commands.ts";
import { lingerMs } from "../../src/limits.ts";
import type { Job, JobResult } from "../jobs.ts";
import { modelReplicas, modelRows } from "../model.ts";
import { costOfRounds, hopMs, type PacedCost, type PacedOptions } from "../paced_world.ts";
import type { Cost } from "../results.ts";
import type { Run } from "../run.ts";
import { System } from "../systems.ts";
import { commandOf } from "../workload.ts";
import { sizes } from "./loads.ts";

/** What every client of the simulator submits. */
const simulated = { command: commandOf("writes"), outputBytesMax: outputBytesMax("set") };

/** Rounds of all clients together that the simulator counts, and those of each at least. */
const roundsInAll = 1_000;
const roundsMin = 25;

/** Sessions that think, and the milliseconds: from the least that a timer does, one more in each further session. */
const thinkers = 4;
const thinkMs = 1;
const thinkMsMean = thinkMs + (thinkers - 1) / 2;

/** Hops that a client of the simulator thinks so that its session suspends meanwhile. */
const rareHops = 500;

/** Counts, first in the simulator for the rows of the model, and then for each number of replicas. */
export async function measureCosts(run: Run): Promise<void> {
  if (run.wants("cost", "cost-model")) measureModel(run);
  for (const replicas of run.choose<readonly number[]>(sizes, [modelReplicas])) {
    if (!run.wants("cost", `cost-t${replicas}`)) continue;
    await using system = await System.start("vaxlog", { replicas, signal: run.signal });
    for (const plan of plansOf(replicas)) {
      run.progress(`messages of t = ${replicas}, ${plan.label}`);
      // This first run is not counted: it carries the greetings of new sessions.
      await system.run(plan.job);
      run.results.costs.push(costOf(replicas, plan, await system.run(plan.job)));
    }
  }
}

/** Runs the rows of the model's table in the simulator. */
export function measureModel(run: Run): void {
  for (const model of modelRows) {
    run.signal.throwIfAborted();
    run.progress(`${model.clients} clients in the simulator`);
    const options = { replicas: modelReplicas, sessions: model.clients, outstanding: 1, thinkHops: model.thinkHops };
    run.results.modelCosts.push({
      model,
      alone: simulate({ ...options, isInStep: false }),
      inStep: simulate({ ...options, isInStep: true }),
    });
  }
}

function simulate(options: Omit<PacedOptions, keyof typeof simulated>): PacedCost {
  const rounds = Math.max(roundsMin, Math.ceil(roundsInAll / options.sessions));
  return costOfRounds({ ...options, ...simulated }, rounds);
}

interface Plan {
  readonly label: string;
  readonly job: Job;
  readonly sessions: number;
  readonly outstanding: number;
  readonly thinkHops: number;
}

function plansOf(replicas: number): Plan[] {
  const load = (label: string, sessions: number, outstanding: number, thinks = false): Plan => {
    const more = thinks ? { thinkMs } : {};
    const job: Job = { kind: "load", sessions, outstanding, mix: "writes", sites: 1, durationMs: 100, ...more };
    return { label, job, sessions, outstanding, thinkHops: thinks ? thinkMsMean / hopMs : 0 };
  };
  const rare: Job = { kind: "rare", count: 10, pauseMs: 4 * lingerMs };
  const plans = [
    load("one command after the other", 1, 1),
    load("256 commands under way", 1, 256),
    { label: "one command after idleness", job: rare, sessions: 1, outstanding: 1, thinkHops: rareHops },
  ];
  if (replicas !== modelReplicas) return plans;
  for (const sessions of [4, 16, 64]) plans.push(load(`${sessions} sessions, each as the first`, sessions, 1));
  return [...plans, load(`${thinkers} sessions that think`, thinkers, 1, true)];
}

function costOf(replicas: number, plan: Plan, { answers, wire }: JobResult): Cost {
  const { label, sessions, outstanding, thinkHops } = plan;
  const { atClients, betweenReplicas } = simulate({ replicas, sessions, outstanding, thinkHops, isInStep: false });
  const perRequest = (kinds: PacedCost["atClients"]) => sumOf(kinds) / requestsOf(replicas, atClients);
  const requests = requestsOf(replicas, wire.kinds);
  return {
    label,
    replicas,
    commandsPerRequest: answers / requests,
    messages: wire.messages / requests,
    messagesSimulated: perRequest(atClients),
    betweenReplicas: perRequest(betweenReplicas),
    bytes: wire.bytes / requests,
    kinds: Object.fromEntries(Object.entries(wire.kinds).map(([name, count]) => [name, count / requests])),
  };
}

/** Each replica gets every request. */
function requestsOf(replicas: number, kinds: Readonly<Record<string, number>>): number {
  return (kinds.REQUEST ?? 0) / replicas;
}

/** All messages of these kinds. */
export function sumOf(kinds: Readonly<Record<string, number>>): number {
  return Object.values(kinds).reduce((sum, count) => sum + count, 0);
}
