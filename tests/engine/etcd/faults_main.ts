/**
 * `deno task engine:faults [--commands N] [--seed S]`: clients at work on three nodes and a real etcd of three members,
 * while everything goes wrong that may go wrong, in random order. What clients see is checked for linearizability, and
 * all changes are counted at the end. As root, members and nodes have places of their own, which are cut off from each
 * other as well.
 *
 * Exit codes: 0 all is right, 1 something is wrong or cannot be run, 2 the command line makes no sense.
 *
 * @module
 */

import { pause } from "../../../src/runtime/within.ts";
import { Random } from "../../../src/simulator/random.ts";
import { flag, text, wordsOf } from "../../tools/words.ts";
import { whyNoEtcd } from "./etcd_program.ts";
import { whyNoNetwork } from "./network.ts";
import { Tally } from "./node_client.ts";
import { nodeCount, Troubles, user } from "./troubles.ts";
import { turnOnAuth } from "./users.ts";
import { Work, type WorkReport } from "./work.ts";
import { World } from "./world.ts";

/** Commands at most: a longer run is another run. */
const commandsMax = 10_000_000;

/** Milliseconds between two lines of progress. */
const progressMs = 10_000;

/** Crews of eight clients. */
const crews = 16;

/** Milliseconds after which what has healed must have come right, also on a machine that is busy with other work. */
const rightMs = 240_000;

const tenMinutesMs = 600_000;

function fail(message: string): never {
  console.error(`Cannot run nodes under faults: ${message}`);
  Deno.exit(2);
}

function numberOf(name: string, given: string | undefined, otherwise: number, max: number): number {
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (Number.isSafeInteger(value) && value > 0 && value <= max && given.trim() !== "") return value;
  return fail(`"--${name} ${given}" is not a whole number from 1 to ${max}; try --help`);
}

/** Checks what clients have left, again and again. */
async function checkAll(work: Work, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await work.check();
    await pause(500);
  }
}

async function run(commands: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const clocks = new Random(seed + 1);
  await using world = await World.start({
    nodes: nodeCount,
    hasNetwork: whyNoNetwork === undefined,
    etcdArgs: ["--auth-token-ttl", "1", "--bcrypt-cost", "4"],
    prepare: (cluster) => turnOnAuth(cluster, user),
    etcdOf: () => ({ user: { name: user.name, password: user.password } }),
    // The clock of one node is always right; others are 10 minutes off now and then.
    startOf: (at) => ({ epochBytes: 512 * 1024, skewMs: at === 0 ? 0 : clocks.pick([0, 0, -1, 1]) * tenMinutesMs }),
  });
  const made = new Tally();
  const troubles = new Troubles(world, random, made);
  const nodes = () => world.nodes.filter((node) => !troubles.hidden.has(node));
  const work = new Work({ nodes, seed: random.below(2 ** 31), crews, hasty: 0.05, hasClocks: true });
  let isOver = false;
  const checking = checkAll(work, () => isOver);
  const startedAt = performance.now();
  let saidAt = startedAt;
  const trouble = async () => {
    while (work.count < commands) {
      await work.changes(random.between(20, 250), rightMs);
      if (performance.now() - saidAt > progressMs) {
        saidAt = performance.now();
        const seconds = Math.round((saidAt - startedAt) / 1_000);
        console.error(`${seconds} s: ${work.count} operations, ${work.checked} checked; ${listOf(troubles.counts)}`);
      }
      await troubles.make();
    }
  };
  try {
    await Promise.race([trouble(), checking.then(() => {})]);
  } catch (error) {
    const looks = await Promise.race([Promise.all(world.nodes.map((node) => node.look())), pause(2_000)]).catch(String);
    const members = await Promise.all(world.cluster.members.map((member) => {
      return world.cluster.ask(member, "/v3/maintenance/status", {}).catch(String);
    }));
    console.error(`The last troubles: ${troubles.last.join(", ")}`);
    console.error(`The nodes: ${JSON.stringify(looks)}`);
    console.error(`The members: ${JSON.stringify(members)}`);
    throw error;
  }
  isOver = true;
  await checking;
  await world.heal();
  const report = await work.end();
  const looks = await world.level();
  tell(report, work.tally, troubles, looks[0].epoch, Math.round((performance.now() - startedAt) / 1_000), seed);
}

function listOf(counts: readonly [string, number][]): string {
  return counts.map(([name, count]) => `${count} ${name}`).join(", ");
}

function tell(report: WorkReport, tally: Tally, troubles: Troubles, epoch: number, seconds: number, seed: number) {
  const { operations, done, unknown, notSent, sites, entries } = report;
  console.log(`Nothing is lost, doubled, stale or diverged (seed ${seed}, ${seconds} s).`);
  console.log(`${operations} operations on ${sites} sites are linearizable: ${done} changes, ${unknown} unknown;`);
  console.log(`${notSent} more were not executed. The log has ${entries} entries, and ${epoch - 1} epochs have ended.`);
  console.log(`What nodes said: ${listOf([...tally.counts].sort())}.`);
  const without = whyNoNetwork === undefined ? "" : ` (no cuts: ${whyNoNetwork})`;
  console.log(`What went wrong${without}: ${listOf(troubles.counts)}.`);
}

if (import.meta.main) {
  const { values: args } = wordsOf({ commands: text, seed: text, help: flag }, fail);
  if (args.help) {
    console.log("deno task engine:faults [--commands N] [--seed S]");
    console.log(`--commands N   end after N operations of clients, at most ${commandsMax} (20000)`);
    console.log("--seed S       choose what is asked and what goes wrong by this number; real time is not repeated");
    Deno.exit(0);
  }
  const commands = numberOf("commands", args.commands, 20_000, commandsMax);
  const seed = numberOf("seed", args.seed, 1 + crypto.getRandomValues(new Uint32Array(1))[0], 2 ** 32);
  if (whyNoEtcd !== undefined) {
    console.error(`Cannot run nodes under faults: it ${whyNoEtcd}`);
    Deno.exit(1);
  }
  try {
    await run(commands, seed);
  } catch (error) {
    console.error(`Seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    Deno.exit(1);
  }
}
