/**
 * `deno task bench:engine [--rounds N] [--entries N]`: measures nodes on a real etcd of three members against **bare
 * etcd**, asked by the same program in the same way. Each measurement of nodes comes right after one of bare etcd, and
 * the median of the ratios counts: rates depend on what else the machine does, and ratios far less.
 *
 * Exit codes: 0 done, 1 something failed, 2 the command line makes no sense. A missed goal is not a failure of the
 * bench.
 *
 * @module
 */

import { loadavg } from "node:os";
import { EtcdCluster } from "../tests/engine/etcd/cluster.ts";
import { whyNoEtcd } from "../tests/engine/etcd/etcd_program.ts";
import { flag, text, wordsOf } from "../tests/tools/words.ts";
import { gapsOfKills, readyAfter } from "./engine/ready.ts";
import { NodesUnderTest, rows } from "./engine/rows.ts";
import { Progress } from "./progress.ts";
import { ratioOf, spreadOf } from "./statistics.ts";
import { renderText } from "./table.ts";

function fail(message: string): never {
  console.error(`Cannot run the bench: ${message}`);
  Deno.exit(2);
}

function numberOf(name: string, given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (Number.isSafeInteger(value) && value > 0) return value;
  return fail(`"--${name} ${given}" is not a whole number from 1 on; try --help`);
}

function shown(value: number, unit: string): string {
  return unit === "ms" ? `${value.toFixed(1)} ms` : `${Math.round(value).toLocaleString("en")}/s`;
}

async function bench(rounds: number, entries: number, progress: Progress): Promise<void> {
  const lines: string[][] = [];
  await using cluster = await EtcdCluster.start();
  const nodes = new NodesUnderTest(cluster.endpoints);
  try {
    for (const row of rows) {
      const [bare, own]: [number[], number[]] = [[], []];
      // The first round warms up.
      for (let round = 0; round <= rounds; round++) {
        progress.show(`${row.name}: round ${round} of ${rounds}`);
        const found = await row.measure(nodes);
        if (round === 0) continue;
        bare.push(found.bare);
        own.push(found.nodes);
      }
      const { median, min, max } = ratioOf(own, bare);
      const ratio = `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
      const verdict = row.isMet(median) ? "met" : "missed";
      const [first, second] = [bare, own].map((values) => shown(spreadOf(values).median, row.unit));
      lines.push([row.name, first, second, ratio, row.goal, verdict]);
    }
  } finally {
    await nodes.close();
  }
  const say = (text: string) => progress.show(text);
  const { readyMs, restoreMs, replayMs, commands } = await readyAfter(cluster.endpoints, entries, say);
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const late = readyMs - restoreMs;
  const long = `${commands.toLocaleString("en")} commands`;
  lines.push([`ready with the snapshot of ${long}, to the restore alone`, seconds(restoreMs), seconds(readyMs)]);
  lines[lines.length - 1].push(
    `${late < 0 ? "-" : "+"} ${seconds(Math.abs(late))}`,
    "<= + 1 s",
    late <= 1_000 ? "met" : "missed",
  );
  lines.push([`ready with the records of ${long}`, "", seconds(replayMs), "", "", ""]);
  const gaps = spreadOf(await gapsOfKills(5, say));
  const gap = `${Math.round(gaps.median)} ms (${Math.round(gaps.min)} to ${Math.round(gaps.max)})`;
  lines.push([
    "a node is killed: no change of any client",
    "",
    gap,
    "",
    "<= 1 s",
    gaps.median <= 1_000 ? "met" : "missed",
  ]);
  progress.clear();
  const head = ["measured", "bare etcd", "nodes", "ratio", "goal", ""];
  console.log(renderText({ head, rows: lines, wordColumns: 1 }));
  const load = loadavg().map((value) => value.toFixed(1)).join(", ");
  console.log(`\n${rounds} rounds, 3 members on the loopback interface; load of the machine at the end: ${load}`);
}

if (import.meta.main) {
  const { values: args } = wordsOf({ rounds: text, entries: text, help: flag }, fail);
  if (args.help) {
    console.log("deno task bench:engine [--rounds N] [--entries N]");
    console.log("--rounds N    measure each row N times (7)");
    console.log("--entries N   start a node where there are N entries (1000000)");
    Deno.exit(0);
  }
  if (whyNoEtcd !== undefined) {
    console.error(`Cannot run the bench: it ${whyNoEtcd}`);
    Deno.exit(1);
  }
  const progress = new Progress();
  try {
    await bench(numberOf("rounds", args.rounds, 7), numberOf("entries", args.entries, 1_000_000), progress);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
