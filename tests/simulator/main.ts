/**
 * `deno task sim`: runs random schedules, and says how to repeat one; see `--help`.
 *
 * @module
 */

import { quotedShort } from "../../src/quoted.ts";
import { flag, text, wordsOf } from "../tools/words.ts";
import { type Block, Campaign, type Report, type Worker as CampaignWorker } from "./campaign.ts";
import { type Kind, kindOf, kindText, loadRun, repeatText, type Run } from "./kinds.ts";
import type { LieKind } from "./lie_kinds.ts";
import { type ProfileName, profiles } from "./profiles.ts";
import { Reach, reachLine } from "./reach.ts";
import { farReaching, faultsOf } from "./reach_names.ts";
import { count, linesOf, sumOf, type Tallies } from "./tally.ts";
import type { WorkerSetup } from "./worker.ts";

const help = `deno task sim [--seeds N] [--from S]   runs N schedules (1,000), with seeds from S (1) on
deno task sim --seeds A..B             the same, with the seeds A to B
deno task sim --seed S [--trace]       runs one schedule, and shows each message
--workers N   share the seeds among N threads (one for each core)
--profile P   only schedules of this kind: ${Object.keys(profiles).join(", ")}
--small       with limits so small that what depends on them happens
--monitor     also check every message against the rules of the protocol (not where limits are small)
--reach       count how often each branch of the replica's rules was reached, and each lie was told, and fail if one
              never was; over twice as slow, and in one thread
Without --profile and --small, the seed decides of which kind its schedule is. A line for each seed that fails has the
command that repeats it; after 10 of them the run ends. Ctrl-C ends it, too, and says how to continue.`;

function fail(message: string): never {
  console.error(`Cannot run the simulator: ${message}`);
  Deno.exit(2);
}

function integer(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text?.trim() === "") {
    fail(`"--${name} ${text}" is not a whole number`);
  }
  return value;
}

const options = {
  seeds: text,
  seed: text,
  from: text,
  profile: text,
  workers: text,
  trace: flag,
  help: flag,
  small: flag,
  reach: flag,
  monitor: flag,
};
const { values: args } = wordsOf(options, fail);
if (args.help) {
  console.log(help);
  Deno.exit(0);
}
const names = Object.keys(profiles) as ProfileName[];
const profile = names.find((name) => name === args.profile);
if (args.profile !== undefined && profile === undefined) {
  fail(`there is no profile ${quotedShort(args.profile)}; give one of ${names.join(", ")}`);
}
const isMonitored = args.monitor === true;
const only: Kind | undefined = profile === undefined && !args.small
  ? undefined
  : { profile: profile ?? names[0], small: args.small };

/** The seeds that were asked for. */
function seedsOf(): Block {
  if (args.seed !== undefined) {
    const seed = integer("seed", args.seed, 1);
    return { from: seed, to: seed };
  }
  const ends = args.seeds?.split("..") ?? [];
  if (ends.length === 2) {
    const [from, to] = ends.map((end) => integer("seeds", end, 1));
    if (args.from !== undefined) fail(`"--seeds ${args.seeds}" says where to begin, and so does --from`);
    if (to < from) fail(`"--seeds ${args.seeds}" ends before it begins`);
    return { from, to };
  }
  const from = integer("from", args.from, 1);
  return { from, to: from + integer("seeds", args.seeds, 1_000) - 1 };
}

const seeds = seedsOf();
const total = seeds.to - seeds.from + 1;
const startedAt = performance.now();

/** Says how far the schedules have come. */
function progress(done: number): void {
  const passedMs = performance.now() - startedAt;
  const endsAt = new Date(Date.now() + passedMs / done * (total - done)).toISOString().slice(0, 16).replace("T", " ");
  const rate = Math.round(done / passedMs * 1000);
  console.error(`${done} of ${total} schedules, until about ${endsAt} UTC at ${rate}/s`);
}

/** Says what was done. */
function summary(tallies: Tallies): void {
  const { schedules, failed, steps, requests, answered, views, sealing } = sumOf(tallies);
  if (only === undefined) { for (const line of linesOf(tallies)) console.log(line); }
  const which = only === undefined ? "" : ` of profile ${kindText(only)}`;
  console.log(
    `${schedules} ${schedules === 1 ? "schedule" : "schedules"}${which} from seed ${seeds.from}: ` +
      `${failed === 0 ? "no violation" : `${failed} FAILED`}; ${steps} steps, ${requests} requests executed, ` +
      `${answered} commands answered, ${views} view changes`,
  );
  if (sealing.size > 0) console.log(`Sealing: ${[...sealing].map(([what, count]) => `${count} ${what}`).join(", ")}`);
}

/** Runs all in threads of their own. */
async function runShared(): Promise<never> {
  const wanted = integer("workers", args.workers, navigator.hardwareConcurrency);
  if (wanted === 0) fail("it needs a worker at least");
  const setup: WorkerSetup = { only, isMonitored };
  const workers = Array.from({ length: Math.min(wanted, Math.ceil(total / 10)) }, (): CampaignWorker => {
    const thread = new Worker(new URL("worker.ts", import.meta.url), { type: "module" });
    thread.onerror = ({ message }) => {
      console.error(`A worker of the simulator has failed: ${message}`);
      Deno.exit(1);
    };
    return {
      begin: (block, report) => {
        thread.onmessage = ({ data }: MessageEvent<Report>) => report(data);
        thread.postMessage({ setup, block });
      },
      stop: () => thread.terminate(),
    };
  });
  const campaign = new Campaign(seeds, workers, (line) => console.error(line));
  const ticking = setInterval(() => campaign.done > 0 && progress(campaign.done), 10_000);
  Deno.addSignalListener("SIGINT", () => campaign.stop());
  await campaign.run();
  clearInterval(ticking);
  summary(campaign.tallies);
  const { rest, failures } = campaign;
  if (rest !== undefined) console.log(`Not all are done; continue with --seeds ${rest}..${seeds.to}`);
  Deno.exit(failures > 0 ? 1 : rest === undefined ? 0 : 130);
}

/** Runs all in this thread; ends at the first that fails. */
function runHere(run: Run): { readonly tallies: Tallies; readonly lies: ReadonlyMap<LieKind, number> } {
  const trace = args.trace ? (line: string) => console.log(line) : undefined;
  const tallies: Tallies = new Map();
  const lies = new Map<LieKind, number>();
  let saidAt = startedAt;
  for (let seed = seeds.from; seed <= seeds.to; seed++) {
    const kind = kindOf(seed, only);
    try {
      const result = run(seed, kind, trace);
      count(tallies, kindText(kind), result);
      for (const [kind, count] of result.lies) lies.set(kind, (lies.get(kind) ?? 0) + count);
    } catch (error) {
      console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
      console.error(`Repeat it: ${repeatText(seed, kind, isMonitored)}`);
      Deno.exit(1);
    }
    if (performance.now() - saidAt > 10_000) {
      saidAt = performance.now();
      progress(seed - seeds.from + 1);
    }
  }
  return { tallies, lies };
}

if (args.seed === undefined && !args.reach && !args.trace && total > 0) await runShared();
// Before anything is loaded that is to be counted.
const reach = args.reach ? await Reach.begin() : undefined;
const run = await loadRun(isMonitored, args.reach);
const { tallies, lies } = runHere(run);
summary(tallies);
if (reach !== undefined) {
  for (const { seed, profile, small } of only === undefined ? farReaching : []) run(seed, { profile, small });
  const branches = await reach.take();
  console.log("How often each branch was reached, by rule:");
  for (const branch of branches) console.log(reachLine(branch));
  console.log("How often each lie was told:");
  for (const [kind, count] of lies) console.log(`${String(count).padStart(14)}  ${kind}`);
  const untold = only === undefined || only.profile === "liars" ? [...lies].filter(([, count]) => count === 0) : [];
  const faults = [...faultsOf(branches), ...untold.map(([kind]) => `never told: ${kind}`)];
  for (const fault of faults) console.error(fault);
  Deno.exit(faults.length === 0 ? 0 : 1);
}
