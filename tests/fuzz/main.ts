/**
 * `deno task fuzz wire|http [--inputs N] [--seed N] [--from N]`: hostile inputs by the million, in bounded memory.
 *
 * @module
 */

import { flag, text, wordsOf } from "../tools/words.ts";
import { fuzzHttp } from "./http.ts";
import { FuzzError, fuzzWire } from "./wire.ts";

/** Inputs from which on a run must reach every outcome. */
const completeInputs = { wire: 1_000_000, http: 50_000 } as const;

function fail(message: string): never {
  console.error(`Cannot fuzz: ${message}`);
  Deno.exit(2);
}

function numberOf(name: string, given: string | undefined, usual: number, least: number): number {
  const value = given === undefined ? usual : Number(given);
  if (Number.isSafeInteger(value) && value >= least && given?.trim() !== "") return value;
  return fail(`"--${name} ${given}" is not an integer from ${least} on; try --help`);
}

async function main(): Promise<number> {
  const options = { inputs: text, seed: text, from: text, help: flag };
  const { values, positionals } = wordsOf(options, fail, true);
  if (values.help) {
    console.log("deno task fuzz wire|http [--inputs N] [--seed N] [--from N]");
    console.log("--inputs N   try N inputs (wire: 10000000, http: 100000)");
    console.log("--seed N     make them from this seed (1)");
    console.log("--from N     begin with input N of the seed (0)");
    return 0;
  }
  const [what, ...rest] = positionals;
  if ((what !== "wire" && what !== "http") || rest.length > 0) {
    fail(`say "wire" or "http", and not "${positionals.join(" ")}"; try --help`);
  }
  const seed = numberOf("seed", values.seed, 1, 0);
  const from = numberOf("from", values.from, 0, 0);
  const inputs = numberOf("inputs", values.inputs, what === "wire" ? 10_000_000 : 100_000, 1);
  const beginMs = performance.now();
  const tell = (done: number) => {
    if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`\r${done} of ${inputs}`));
  };
  const run = what === "wire" ? fuzzWire : fuzzHttp;
  const { tally, missing, memoryMiB } = await run(seed, from, inputs, tell);
  if (Deno.stderr.isTerminal()) console.error("\r");
  for (const line of tally.lines()) console.log(line);
  const seconds = (performance.now() - beginMs) / 1_000;
  const [early, peak] = memoryMiB.map(Math.round);
  console.log(
    `${inputs} inputs of the seed ${seed} in ${seconds.toFixed(0)} s; ${early} MiB at first, ${peak} at most`,
  );
  if (missing.length === 0 || inputs < completeInputs[what]) return 0;
  console.error(`These outcomes were never reached:\n  ${missing.join("\n  ")}`);
  return 1;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    if (!(error instanceof FuzzError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
