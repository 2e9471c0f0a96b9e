/**
 * What survives what, with real processes, as `deno task servers 3 --data DIR` runs them. In the end of each test, the
 * logs of all replicas, also of those that were killed, are compared with all that was asked and answered, see
 * `ledger.ts`.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { VaxlogClient } from "../../src/client.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/session.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { Random } from "../simulator/random.ts";
import { BusyClient, Progress } from "./busy.ts";
import { DurableServers } from "./durable_servers.ts";
import { assertRepaired, repairAtRandom } from "./random_repair.ts";
import { durableTest } from "./real_cluster.ts";

function test(name: string, replicas: number, work: (servers: DurableServers) => Promise<void>): void {
  testNeeding(["net", "run", "read", "write"], name, () => DurableServers.use(replicas, work));
}

/** How often, unless the environment says otherwise to a run that may read it (`--allow-env`). */
function timesOf(variable: string, usual: number): { readonly times: number; readonly isAsked: boolean } {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  const asked = state === "granted" ? Deno.env.get(variable) : undefined;
  return { times: Number(asked ?? usual), isAsked: asked !== undefined };
}

const repairs = timesOf("DURABLE_REPAIRS", 10);
const rounds = timesOf("DURABLE_ROUNDS", 3);

/** Runs something random; a failure names the seed. */
async function atRandom(work: (random: Random) => Promise<string>, isAsked: boolean): Promise<void> {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  try {
    const result = await work(new Random(seed));
    if (isAsked) console.log(`seed ${seed}: ${result}`);
  } catch (error) {
    throw new Error(`With seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** A client that adds site after site, and knows of which it was told that they are there. */
class Adder {
  readonly answered: string[] = [];
  /** What became of these was never said. */
  readonly unknown: string[] = [];
  readonly #loops: Promise<void>[];
  #isStopped = false;

  private constructor(client: VaxlogClient, name: string, width: number, progress: Progress) {
    this.#loops = Array.from({ length: width }, (_, k) => this.#loop(client, `${name}.${k}`, progress));
    // A test that fails elsewhere says why by itself.
    for (const loop of this.#loops) loop.catch(() => {});
  }

  static async start(servers: DurableServers, name: string, width: number, progress: Progress): Promise<Adder> {
    return new Adder(await servers.connect(), name, width, progress);
  }

  async #loop(client: VaxlogClient, name: string, progress: Progress): Promise<void> {
    for (let n = 0; !this.#isStopped; n++) {
      const site = `${name}.${n}`;
      try {
        assertEquals((await client.add(site, "12345")).kind, "site", site);
        this.answered.push(site);
        progress.add();
      } catch (error) {
        if (error instanceof OutcomeUnknownError) this.unknown.push(site);
        else if (!(error instanceof NotExecutedError)) throw error;
        // It is refused at once as long as nobody is there, and the servers need the time to start.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await within("the last answers", Promise.all(this.#loops));
  }
}

/** All sites, each with its availability. */
async function sitesOf(servers: DurableServers): Promise<Map<string, unknown>> {
  const sites = new Map<string, unknown>();
  for await (const page of (await servers.connect()).list()) {
    for (const { name, availability } of page) {
      assert(!sites.has(name), `${name} is there once`);
      sites.set(name, availability);
    }
  }
  return sites;
}

// ---- Some replicas fail ----

durableTest(
  `Every answer stands when replicas with data are killed and restarted at random, ${repairs.times} times`,
  3,
  (cluster) =>
    atRandom(async (random) => {
      const progress = new Progress();
      const clients = await Promise.all(
        [1, 2, 3, 4].map(() => BusyClient.start(cluster, random.between(1, 4), progress)),
      );
      for (let turn = 0; turn < repairs.times; turn++) await repairAtRandom(cluster, random, progress);
      await progress.more(100);
      await Promise.all(clients.map((client) => client.stop()));
      await assertRepaired(cluster);
      return `${progress.count} answers, the longest gap ${progress.longestMs.toFixed(1)} ms`;
    }, repairs.isAsked),
);

test("A replica that comes back with its data takes only what it has missed", 2, async (servers) => {
  const client = await servers.connect();
  const begin = () => Number(/^\d+/.exec(Deno.readTextFileSync(servers.log(1)))?.[0]);
  for (let n = 0; n < 50; n++) await client.add(`early ${n}`, "1");
  await servers.kill(1);
  for (let n = 0; n < 50; n++) await client.add(`late ${n}`, "1");
  await servers.restart(1);
  await servers.settled();
  assertEquals(begin(), 1, "what it had is in its new log, and no snapshot came in between");
  await servers.kill(1);
  servers.moveAway(1);
  await servers.restart(1);
  await client.add("last", "1");
  await servers.settled();
  assertEquals(begin(), 101, "without its data it begins with a snapshot");
});

// ---- All fail at once ----

test(
  `Every site that was answered is there, and once, when everything is killed under load, ${rounds.times} times`,
  3,
  (servers) =>
    atRandom(async (random) => {
      const progress = new Progress();
      const clients = await Promise.all(
        [1, 2, 3, 4].map((n) => Adder.start(servers, `client ${n}`, random.between(1, 4), progress)),
      );
      for (let round = 0; round < rounds.times; round++) {
        await progress.more(random.between(1, 400));
        if (random.chance(0.3)) {
          const slot = random.below(3);
          await servers.kill(slot);
          await progress.more(random.between(1, 100));
          if (random.chance(0.5)) await servers.program.type(`restart ${slot}\n`);
          await progress.more(random.between(1, 400));
        }
        await servers.killAll();
        await servers.start();
      }
      await progress.more(100);
      await Promise.all(clients.map((client) => client.stop()));
      const sites = await sitesOf(servers);
      const [answered, unknown] = [clients.flatMap((it) => it.answered), clients.flatMap((it) => it.unknown)];
      for (const site of answered) assert(sites.delete(site), `"${site}" was answered and is there`);
      const found = unknown.filter((site) => sites.delete(site));
      assertEquals([...sites.keys()], ["Harvard University"], "nothing else is there");
      return `${answered.length} answered, ${found.length} of ${unknown.length} unknown ones are there`;
    }, rounds.isAsked),
);

test("A thousand sites are there with their values after everything was killed", 3, async (servers) => {
  const client = await servers.connect();
  const numbers = Array.from({ length: 1000 }, (_, n) => n);
  await Promise.all(numbers.map((n) => client.add(`site ${n}`, "02139")));
  await Promise.all(numbers.map((n) => client.set(`site ${n}`, n)));
  await servers.killAll();
  await servers.start();
  const sites = await sitesOf(servers);
  for (const n of numbers) assertEquals(sites.get(`site ${n}`), n);
  assertEquals(sites.size, 1001);
});
