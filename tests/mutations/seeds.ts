/**
 * `deno task seeds [TEXT] [--seeds N] [--profile P] [--small] [--all]`: finds seeds that catch mutants. Use it after
 * you change the schedules or make a mutant.
 *
 * For each mutant whose name contains TEXT it says the first seed that catches it, what it was caught by, and how many
 * of the seeds up to twice that one do. A seed that few others share is soon lost, so a profile with many is the better
 * one.
 *
 * @module
 */

import { quotedShort } from "../../src/quoted.ts";
import { type ProfileName, profiles } from "../simulator/profiles.ts";
import { flag, text as word, wordsOf } from "../tools/words.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { type MutatedSimulator, simulatorWith } from "./mutate.ts";

function fail(message: string): never {
  console.error(`Cannot search for seeds: ${message}`);
  Deno.exit(2);
}

const options = { seeds: word, profile: word, small: flag, all: flag, help: flag };
const { values: args, positionals } = wordsOf(options, fail, true);
if (args.help) {
  console.log("deno task seeds [TEXT]   finds a seed for each mutant whose name contains TEXT and that has no seed");
  console.log("--all                    also for those that have one, and in all profiles");
  console.log("--seeds N                try the seeds 1 to N (2000) of each profile");
  console.log("--profile P              try one profile only: " + Object.keys(profiles).join(", "));
  console.log("--small                  with small limits, also where the mutant does not ask for them");
  Deno.exit(0);
}
const text = positionals.join(" ");
const count = Number(args.seeds ?? 2_000);
if (!Number.isSafeInteger(count) || count < 1) {
  fail(`--seeds ${quotedShort(args.seeds!)} is not a whole number above 0`);
}
const names = Object.keys(profiles) as ProfileName[];
const wanted = args.profile === undefined ? names : names.filter((name) => name === args.profile);
if (wanted.length === 0) fail(`there is no profile ${quotedShort(args.profile!)}; give one of ${names.join(", ")}`);

/** What the schedule of a seed was caught by, or undefined. */
function catchOf({ runSchedule }: MutatedSimulator, seed: number, profile: ProfileName): string | undefined {
  try {
    runSchedule(seed, { profile });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0].slice(0, 100) : String(error);
  }
}

function search(mutant: Mutant): void {
  const simulator = simulatorWith(args.small ? { ...mutant, small: true } : mutant);
  for (const profile of wanted) {
    // Busy schedules are long.
    const last = profile === "busy" ? Math.ceil(count / 5) : count;
    let seed = 1;
    let caught: string | undefined;
    while (seed <= last && (caught = catchOf(simulator, seed, profile)) === undefined) seed++;
    if (caught === undefined) {
      console.log(`${mutant.name} | ${profile} | none of ${last}`);
      continue;
    }
    const to = Math.min(2 * seed, seed + 100);
    let hits = 1;
    for (let more = seed + 1; more <= to; more++) if (catchOf(simulator, more, profile) !== undefined) hits++;
    console.log(`${mutant.name} | ${profile} | seed ${seed}, ${hits} up to ${to} | ${caught}`);
    if (!args.all) return;
  }
}

const named = mutants.filter(({ name }) => name.includes(text));
if (named.length === 0) fail(`no mutant has ${quotedShort(text)} in its name`);
const searched = named.filter(({ seed }) => args.all || seed === undefined);
if (searched.length === 0) console.log(`All ${named.length} have a seed; --all searches for others`);
for (const mutant of searched) {
  if (mutant.onlyScenario !== undefined) console.log(`${mutant.name} | has no seed so far: ${mutant.onlyScenario}`);
  search(mutant);
}
