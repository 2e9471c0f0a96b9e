/**
 * `deno task linear [--minutes N] [--seed S]`: clients at work on real processes while replicas and clients are killed,
 * all start again, and links break; the history of each site is checked.
 *
 * @module
 */

import type { Random } from "../../src/simulator/random.ts";
import { flag, text, wordsOf } from "../tools/words.ts";
import { type Report, run } from "./run.ts";
import type { Trouble } from "./trouble.ts";

/** Minutes at most: a longer run is another run. */
const minutesMax = 120;

/** Milliseconds between two lines of progress. */
const progressMs = 10_000;

const troubles: readonly Trouble[] = ["replica", "client", "links", "mesh", "all"];

function fail(message: string): never {
  console.error(`Cannot check for linearizability: ${message}`);
  Deno.exit(2);
}

function numberOf(name: string, text: string | undefined, otherwise: number, max: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0 && value <= max) || text?.trim() === "") {
    fail(`"--${name} ${text}" is not a number above 0, up to ${max}; try --help`);
  }
  return value;
}

function described({ outcomes, troubles, checked, sites, way }: Report): string {
  const { done, refused, looks, unknown, notSent } = outcomes;
  const { killedReplicas, killedClients, coldStarts, brokenLinks, brokenMeshLinks } = troubles;
  return `${
    done + refused + looks + unknown + notSent
  } operations (${done} done, ${refused} refused, ${looks} looks, ` +
    `${unknown} unknown, ${notSent} not sent), ${checked} checked on ${sites} sites; ${killedReplicas} replicas and ` +
    `${killedClients} clients killed, ${coldStarts} cold starts, ${brokenLinks} links of clients and ` +
    `${brokenMeshLinks} between replicas broken (${way})`;
}

if (import.meta.main) {
  const { values: args } = wordsOf({ minutes: text, seed: text, help: flag }, fail);
  if (args.help) {
    console.log("deno task linear [--minutes N] [--seed S]");
    console.log(`--minutes N   work for N minutes, at most ${minutesMax} (2)`);
    console.log("--seed S      choose what is asked and what goes wrong by this number; real time is not repeated");
    Deno.exit(0);
  }
  const minutes = numberOf("minutes", args.minutes, 2, minutesMax);
  const seed = Math.floor(numberOf("seed", args.seed, 1 + crypto.getRandomValues(new Uint32Array(1))[0], 2 ** 32));
  const startedAt = performance.now();
  const next = (random: Random) => {
    if (performance.now() - startedAt > minutes * 60_000) return undefined;
    return { after: random.between(10, 600), trouble: troubles[random.weighted([4, 2, 4, 1, 1])] };
  };
  let saidAt = startedAt;
  const onProgress = (report: Report) => {
    if (performance.now() - saidAt < progressMs) return;
    saidAt = performance.now();
    console.error(`${Math.round((saidAt - startedAt) / 1000)} s: ${described(report)}`);
  };
  try {
    const report = await run({ seed, next, onProgress, operationsOfGroup: 600 });
    console.log(`Linearizable, seed ${seed}: ${described(report)}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
