/**
 * `deno task attacks [--seconds N] [--only NAME]`: clients attack a cluster of real processes, one attack after the
 * other, while honest clients are at work.
 *
 * @module
 */

import { flag, text, wordsOf } from "../tools/words.ts";
import { attacks } from "./attacks.ts";
import { attack, holds, shareMin, shareOf, waitMsMax } from "./run.ts";

/** Seconds of one attack, at most. */
const secondsMax = 3_600;

/** Milliseconds for which the throughput without an attack is measured, before it and after it. */
const quietMs = 5_000;

function fail(message: string): never {
  console.error(`Cannot attack: ${message}`);
  Deno.exit(2);
}

if (import.meta.main) {
  const { values: args } = wordsOf({ seconds: text, only: text, help: flag }, fail);
  if (args.help) {
    console.log("deno task attacks [--seconds N] [--only NAME]");
    console.log(`--seconds N   attack for N seconds each time, at most ${secondsMax} (60)`);
    console.log("--only NAME   run one attack:");
    for (const [name, { what }] of Object.entries(attacks)) console.log(`  ${name.padEnd(14)}${what}`);
    Deno.exit(0);
  }
  const seconds = Number(args.seconds ?? 60);
  if (!(seconds >= 1 && seconds <= secondsMax) || args.seconds?.trim() === "") {
    fail(`"--seconds ${args.seconds}" is not a number from 1 to ${secondsMax}; try --help`);
  }
  if (args.only !== undefined && !Object.hasOwn(attacks, args.only)) {
    fail(`there is no attack "${args.only}"; try --help`);
  }
  console.log(`The rule: established clients keep ${shareMin}, nobody waits over ${waitMsMax} ms, all replicas live.`);
  console.log("Attack          before/s  during/s  after/s  share  longest ms  visitor ms  newcomer ms  rule");
  let areKept = true;
  for (const name of args.only === undefined ? Object.keys(attacks) : [args.only]) {
    const finding = await attack(name, seconds * 1000, quietMs);
    const { before, during, after, longestMs, visitMs, newcomerMs, wrong } = finding;
    const isKept = holds(finding);
    areKept &&= isKept;
    console.log(
      name.padEnd(14) + before.toFixed(0).padStart(10) + during.toFixed(0).padStart(10) +
        after.toFixed(0).padStart(9) + shareOf(finding).toFixed(2).padStart(7) + longestMs.toFixed(0).padStart(12) +
        visitMs.toFixed(0).padStart(12) + newcomerMs.toFixed(0).padStart(13) +
        `  ${isKept ? "kept" : `broken${wrong === undefined ? "" : `: ${wrong}`}`}`,
    );
  }
  Deno.exit(areKept ? 0 : 1);
}
