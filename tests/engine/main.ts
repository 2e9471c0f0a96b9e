/**
 * `deno task sim:engine`: runs random schedules of nodes on an engine that does everything wrong.
 *
 * @module
 */

import { quotedShort } from "../../src/quoted.ts";
import { flag, text, wordsOf } from "../tools/words.ts";
import { reachable, runSeeds } from "./campaign.ts";

const help = `deno task sim:engine [--seeds A..B]   runs the schedules of these seeds (1..10000)
deno task sim:engine --seed S         runs one
At the end, it says how often each fault and each way out was reached. The exit code is 1 if a schedule has failed.`;

function fail(message: string): never {
  console.error(`Cannot run the schedules: ${message}`);
  Deno.exit(2);
}

function seedOf(text: string): number {
  if (!/^\d{1,10}$/.test(text)) fail(`${quotedShort(text)} is not a seed; give a whole number`);
  return Number(text);
}

const { values: args } = wordsOf({ seeds: text, seed: text, help: flag }, fail);
if (args.help) {
  console.log(help);
  Deno.exit(0);
}
const words = (args.seed ?? args.seeds ?? "1..10000").split("..");
const [from, to = from] = words.map(seedOf);
if (words.length > 2 || to < from) {
  fail(`${quotedShort(args.seeds ?? "")} is not a range of seeds; give one such as 1..1000`);
}

const { schedules, commands, counts, failures } = runSeeds(from, to);
for (const failure of failures) console.log(failure);
for (const what of reachable) console.log(`${String(counts.get(what) ?? 0).padStart(9)}  ${what}`);
console.log(`${schedules} schedules, ${commands} commands executed, ${failures.length} failed`);
if (failures.length > 0) Deno.exitCode = 1;
