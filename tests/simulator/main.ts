/**
 * `deno task sim [--seeds N] [--seed S] [--from S] [--profile P] [--trace]`: runs random schedules, and says how to repeat one.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { quotedShort } from "../../src/database/quoted.ts";
import { type ProfileName, profiles } from "./profiles.ts";
import { runSchedule } from "./schedule.ts";

function integer(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || text?.trim() === "") {
    console.error(`Cannot run the simulator: "--${name} ${text}" is not a whole number`);
    Deno.exit(2);
  }
  return value;
}

const args = parseArgs(Deno.args, {
  string: ["seeds", "seed", "from", "profile"],
  boolean: ["trace", "help"],
  unknown: (text: string) => {
    console.error(`Cannot run the simulator: "${text}" is no option; try --help`);
    Deno.exit(2);
  },
});

if (args.help) {
  console.log("deno task sim [--seeds N] [--from S]   runs N schedules (1,000), with seeds from S (1) on");
  console.log("deno task sim --seed S [--trace]       runs one schedule, and shows each message");
  console.log("--profile troubled | busy              few clients and much trouble (default), or many and less");
  Deno.exit(0);
}

const names = Object.keys(profiles) as ProfileName[];
const profile = args.profile === undefined ? names[0] : names.find((name) => name === args.profile);
if (profile === undefined) {
  console.error(
    `Cannot run the simulator: there is no profile ${quotedShort(args.profile!)}; give ${names.join(" or ")}`,
  );
  Deno.exit(2);
}
const inProfile = profile === names[0] ? "" : ` --profile ${profile}`;
const single = args.seed !== undefined;
const first = single ? integer("seed", args.seed, 1) : integer("from", args.from, 1);
const count = single ? 1 : integer("seeds", args.seeds, 1_000);
const totals = { requests: 0, answered: 0, views: 0, steps: 0 };
const startedAt = performance.now();
let saidAt = startedAt;

for (let seed = first; seed < first + count; seed++) {
  try {
    const result = runSchedule(seed, { profile, trace: args.trace ? (line) => console.log(line) : undefined });
    totals.requests += result.requests;
    totals.answered += result.answered;
    totals.views += result.views - 1;
    totals.steps += result.steps;
  } catch (error) {
    console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    console.error(`Repeat it: deno task sim --seed ${seed}${inProfile} --trace`);
    Deno.exit(1);
  }
  const now = performance.now();
  if (now - saidAt > 5_000) {
    saidAt = now;
    console.error(
      `${seed - first + 1} of ${count} schedules, ${Math.round((seed - first + 1) / (now - startedAt) * 1000)}/s`,
    );
  }
}
console.log(
  `${count} schedules from seed ${first}${inProfile}: no violation; ${totals.steps} steps, ${totals.requests} requests executed, ` +
    `${totals.answered} commands answered, ${totals.views} view changes`,
);
