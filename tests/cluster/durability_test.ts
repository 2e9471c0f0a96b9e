/**
 * What survives what, with real processes, as `deno task servers 3 --data DIR` runs them. In the end of each test, the
 * logs of all replicas, also of those that were killed, are compared with all that was asked and answered, see
 * `ledger.ts`.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { VaxlogClient } from "../../src/library/client.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { Random } from "../../src/simulator/random.ts";
import { ClusterFile } from "../../src/storage/cluster_file.ts";
import { BusyClient, Progress } from "./busy.ts";
import { DurableServers } from "./durable_servers.ts";
import { assertRepaired, repairAtRandom } from "./repairing.ts";
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

const repairs = timesOf("DURABLE_REPAIRS", 4);
const rounds = timesOf("DURABLE_ROUNDS", 2);

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
  // After a snapshot, the log would begin again with what follows the snapshot.
  assert(begin() <= 50, "its log continues where the one before it ended");
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

// ---- Files that are of no use ----

/** All files of a folder. */
function filesOf(folder: string): Map<string, Uint8Array> {
  return new Map([...Deno.readDirSync(folder)].map(({ name }) => [name, Deno.readFileSync(`${folder}/${name}`)]));
}

/** Makes a folder have these files, and no others. */
function putFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`);
  for (const [name, bytes] of files) Deno.writeFileSync(`${folder}/${name}`, bytes, { mode: 0o600 });
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one?.toHex() === other?.toHex();
}

/** Where a marker that stands in the data begins: damage there is damage of what somebody has stored. */
function placeOf(text: string, bytes: Uint8Array): number {
  const wanted = new TextEncoder().encode(text);
  return bytes.findIndex((_, at) => wanted.every((byte, k) => bytes[at + k] === byte));
}

const marker = "a name that is found again";

test("A file that is of no use stops the start with exit code 1, and is left as it is", 2, async (servers) => {
  const client = await servers.connect();
  await client.add(marker, "1");
  await servers.quit();
  // Else one file would be enough.
  const file = await ClusterFile.open(`${servers.dataDir}/cluster.db`);
  file.update({ cleanStop: undefined });
  file.close();
  const good = filesOf(servers.dataDir);
  const one = good.get("replica-1.db")!;
  const changed = (at: number, ...values: number[]) => {
    const bytes = one.slice();
    values.forEach((value, k) => bytes[at + k] ^= value);
    return bytes;
  };
  const versionAt = 60;
  const of = (bytes: Uint8Array) => new Map(good).set("replica-1.db", bytes);
  const cases: readonly [what: string, files: Map<string, Uint8Array>, says: string][] = [
    ["a flipped byte in what was stored", of(changed(placeOf(marker, one), 1)), `Cannot open "${servers.file(1)}": `],
    ["a flipped byte in the header", of(changed(20, 0x80)), "its header is damaged"],
    ["a file that was cut short", of(one.slice(0, 8192)), `Cannot open "${servers.file(1)}": `],
    ["a file of a later version", of(changed(versionAt, 0, 3, 0, 3)), "its version is 10, and this program knows 9"],
    [
      "a file of an earlier version",
      of(changed(versionAt, 0, 11, 0, 11)),
      "its version is 2, and this program knows 9",
    ],
    ["no file", new Map([...good].filter(([name]) => name !== "replica-1.db")), "is missing or empty"],
    ["the file of another replica", of(good.get("replica-0.db")!), "both of the same replica, replica 0"],
  ];
  for (const [what, files, says] of cases) {
    putFiles(servers.dataDir, files);
    const { code, stdout, stderr } = await servers.startInVain();
    const printed = stdout.replace(/^Replica \d reads its data \.\.\.\n/gm, "");
    assertEquals([code, printed], [1, ""], what);
    assertStringIncludes(stderr, `Cannot start from "${servers.dataDir}": `, what);
    assertStringIncludes(stderr, says, what);
    assertStringIncludes(stderr, "Nothing was started, and nothing was changed", what);
    // A sound file is one that was opened, and in which that was noted.
    const isSound = what === "the file of another replica";
    assert(isSound || isSame(filesOf(servers.dataDir).get("replica-1.db"), files.get("replica-1.db")), what);
  }
  putFiles(servers.dataDir, good);
  await servers.start();
  assert((await sitesOf(servers)).has(marker), "all that was only a refusal");
});

test("A replica with a damaged file is not restarted, and the others continue", 2, async (servers) => {
  const client = await servers.connect();
  await client.add(marker, "1");
  // Damage of the very last write could not be told from a torn one.
  for (let n = 0; n < 20; n++) await client.add(`later ${n}`, "1");
  await servers.kill(1);
  const names = [...filesOf(servers.dataDir).keys()].filter((name) => name.startsWith("replica-1.db"));
  for (const name of names) {
    const bytes = Deno.readFileSync(`${servers.dataDir}/${name}`);
    const at = placeOf(marker, bytes);
    if (at < 0) continue;
    bytes[at] ^= 1;
    Deno.writeFileSync(`${servers.dataDir}/${name}`, bytes);
  }
  const damaged = filesOf(servers.dataDir);
  await servers.program.type("restart 1\n");
  await servers.program.said(/Replica 1 has not joined: .*Cannot open ".*replica-1\.db.*Replica 0 is the last one/);
  for (const name of names) assert(isSame(filesOf(servers.dataDir).get(name), damaged.get(name)), name);
  await client.add("while it is away", "1");
  servers.moveAway(1);
  await servers.restart(1);
  await client.add("when it is back", "1");
});

/** Whether a limit can be set for a process that runs. */
function hasPrlimit(): boolean {
  if (Deno.build.os !== "linux" || Deno.permissions.querySync({ name: "read" }).state !== "granted") return false;
  try {
    return Deno.statSync("/usr/bin/prlimit").isFile;
  } catch {
    return false;
  }
}

const testLimit = hasPrlimit()
  ? test
  : (name: string) => Deno.test({ name: `${name} (needs prlimit)`, ignore: true, fn: () => {} });

testLimit("A replica that cannot write any more fails with the reason; the others continue", 3, async (servers) => {
  const client = await servers.connect();
  await client.add("early", "1");
  await servers.limitFiles(1, 100_000);
  const failure =
    /Replica 1 could not continue: Cannot write to ".*replica-1\.db": .*Replicas 0 and 2 live: 1 more may fail/;
  const failed = servers.program.said(failure);
  const isOver = failed.then(() => true);
  for (let n = 0; !await Promise.race([isOver, client.add(`site ${n}`, "1").then(() => false)]); n++);
  await client.add("late", "1");
  await servers.restart(1);
  await client.add("later", "1");
});

test("A directory has one cluster at a time", 1, async (servers) => {
  const { code, stderr } = await servers.startInVain();
  assertEquals(code, 1);
  assertStringIncludes(stderr, "another cluster that runs has its data there. Stop that one first");
  await (await servers.connect()).add("undisturbed", "1");
});

// ---- The last to fail ----

/** Two replicas, of which replica 1 was the last to fail, and has something that replica 0 has not. */
async function failOneAfterTheOther(servers: DurableServers): Promise<void> {
  const client = await servers.connect();
  await client.add("both have it", "1");
  await servers.kill(0);
  await client.add("replica 1 has it", "1");
  await servers.killAll();
  servers.moveAway(1);
}

test("The last to fail decides: nothing starts without it, and all is there with it", 2, async (servers) => {
  await failOneAfterTheOther(servers);
  const { code, stdout, stderr } = await servers.startInVain();
  assertEquals([code, stdout.replace(/^Replica \d reads its data \.\.\.\n/gm, "")], [1, ""]);
  assertStringIncludes(stderr, "replica 1 is missing, which was a member of the last view (view 1: replicas 0 and 1)");
  assertStringIncludes(stderr, "--force-from 0  continues from replica 0, which has ");
  servers.bringBack(1);
  await servers.start();
  const sites = await sitesOf(servers);
  assertEquals([...sites.keys()].sort(), ["Harvard University", "both have it", "replica 1 has it"]);
});

test("The last to fail can be given up, and its file is kept, and does not count again", 2, async (servers) => {
  await failOneAfterTheOther(servers);
  const names = [...filesOf(servers.dataDir).keys()].filter((name) => name.startsWith("away-"));
  await servers.startFrom(0);
  await servers.settled();
  assertEquals([...(await sitesOf(servers)).keys()].sort(), ["Harvard University", "both have it"]);
  // Its successor is a member of the last view, and needed, unless it fails.
  await servers.kill(1);
  await servers.quit();
  servers.moveAway(1, "new-");
  servers.bringBack(1);
  await servers.start();
  await servers.program.said(/The former data of replica 1 are now in ".*replica-1\.db\.given-up-1"/);
  await servers.settled();
  const givenUp = names.map((name) => name.replace("away-replica-1.db", "replica-1.db.given-up-1"));
  for (const name of givenUp) assert(filesOf(servers.dataDir).has(name), name);
  assertEquals([...(await sitesOf(servers)).keys()].sort(), ["Harvard University", "both have it"]);
  await servers.quit();
});
