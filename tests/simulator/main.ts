/**
 * `deno task sim`: runs random schedules, and says how to repeat one; see `--help`.
 *
 * @module
 */

import { quotedShort } from "../../src/quoted.ts";
import { simulatorWith, unchanged } from "../mutations/mutate.ts";
import { type ProfileName, profiles } from "./profiles.ts";
import { Reach, reachLine } from "./reach.ts";
import { farReaching, faultsOf } from "./reach_names.ts";
import { flag, text, wordsOf } from "../tools/words.ts";

const help = `deno task sim [--seeds N] [--from S]   runs N schedules (1,000), with seeds from S (1) on
deno task sim --seed S [--trace]       runs one schedule, and shows each message
--profile P   only schedules of this kind: ${Object.keys(profiles).join(", ")}
--small       with limits so small that what depends on them happens
--monitor     also check every message against the rules of the protocol (not where limits are small)
--reach       count how often each branch of the replica's rules was reached, and each lie was told, and fail if one
              never was; over twice as slow
Without --profile and --small, the seed decides of which kind its schedule is.`;

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

/** What kind of schedule a seed is for. */
interface Kind {
  readonly profile: ProfileName;
  readonly small?: boolean;
}

/** The kinds in turn: what is slow or seldom of use comes less often. */
const turns: readonly Kind[] = [
  { profile: "troubled" },
  { profile: "slow" },
  { profile: "disks" },
  { profile: "sessions" },
  { profile: "troubled", small: true },
  { profile: "slow" },
  { profile: "disks", small: true },
  { profile: "troubled" },
  { profile: "busy" },
  { profile: "slow", small: true },
  { profile: "lone" },
  { profile: "lone", small: true },
  { profile: "liars" },
  { profile: "liars", small: true },
];

const options = {
  seeds: text,
  seed: text,
  from: text,
  profile: text,
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
const single = args.seed !== undefined;
const only: Kind | undefined = profile === undefined && !args.small
  ? undefined
  : { profile: profile ?? names[0], small: args.small };
const first = single ? integer("seed", args.seed, 1) : integer("from", args.from, 1);
const count = single ? 1 : integer("seeds", args.seeds, 1_000);

// Before anything is loaded that is to be counted.
const reach = args.reach ? await Reach.begin() : undefined;
// Branches are counted by their text, so both must come from the same source.
const { runSchedule } = args.reach ? simulatorWith(unchanged) : await import("./schedule.ts");
const monitored = args.monitor ? (await import("../monitor/monitored_world.ts")).MonitoredWorld.checked : undefined;
const { runSchedule: runSmall } = simulatorWith({ ...unchanged, small: true });

const lies = new Map<string, number>();
const totals = { requests: 0, answered: 0, views: 0, steps: 0 };
const startedAt = performance.now();
let saidAt = startedAt;
for (let seed = first; seed < first + count; seed++) {
  const kind = only ?? turns[seed % turns.length];
  const run = kind.small ? runSmall : runSchedule;
  try {
    // Those with small limits have a world of their own.
    const world = kind.small ? undefined : monitored;
    const trace = args.trace ? (line: string) => console.log(line) : undefined;
    const result = run(seed, { profile: kind.profile, trace, world });
    totals.requests += result.requests;
    totals.answered += result.answered;
    totals.views += result.views - 1;
    totals.steps += result.steps;
    for (const [kind, count] of result.lies) lies.set(kind, (lies.get(kind) ?? 0) + count);
  } catch (error) {
    console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    const options = `${args.monitor ? "--monitor " : ""}--profile ${kind.profile}${
      kind.small ? " --small" : ""
    } --seed ${seed}`;
    console.error(`Repeat it: deno task sim ${options} --trace`);
    Deno.exit(1);
  }
  const now = performance.now();
  if (now - saidAt > 5_000) {
    saidAt = now;
    const done = seed - first + 1;
    console.error(`${done} of ${count} schedules, ${Math.round(done / (now - startedAt) * 1000)}/s`);
  }
}
const which = only === undefined ? "" : ` of profile ${only.profile}${only.small ? " with small limits" : ""}`;
console.log(
  `${count} ${
    count === 1 ? "schedule" : "schedules"
  }${which} from seed ${first}: no violation; ${totals.steps} steps, ${totals.requests} requests ` +
    `executed, ${totals.answered} commands answered, ${totals.views} view changes`,
);
if (reach !== undefined) {
  for (const { seed, profile, small } of only === undefined ? farReaching : []) {
    (small ? runSmall : runSchedule)(seed, { profile });
  }
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
