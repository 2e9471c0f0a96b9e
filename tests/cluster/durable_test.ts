/**
 * Data that outlive their replicas, with real processes. At its end, each test compares the logs of all replicas, also
 * of those that were killed, with all commands and outcomes, see `ledger.ts`.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { StartError } from "../../src/cluster/launcher_events.ts";
import { ClusterFile } from "../../src/storage/cluster_file.ts";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { within } from "../net/within.ts";
import { Random } from "../../src/simulator/random.ts";
import { BusyClient, freshValue, harvard, Progress } from "./busy.ts";
import { durableTest, type RealCluster } from "./real_cluster.ts";
import { Session } from "../net/admitted.ts";

/** How often everything is killed: 3 times, or as often as `KILL_CYCLES` says to a run that may read it. */
const cyclesWanted = Deno.permissions.querySync({ name: "env", variable: "KILL_CYCLES" }).state === "granted"
  ? Deno.env.get("KILL_CYCLES")
  : undefined;
const cycles = Number(cyclesWanted ?? 2);

/** The value at the site that all tests write to, as somebody who has just come sees it. */
async function lastValue(cluster: RealCluster): Promise<unknown> {
  const session = await Session.connect(cluster.addresses);
  const outcome = await new VaxlogClient(cluster.ledger.watch(session)).view(harvard);
  await session.close();
  return outcome.kind === "site" ? outcome.site.availability : outcome.kind;
}

/** A client with `width` commands under way, which continues after a time without any replica. */
class PatientClient {
  readonly #loops: Promise<void>[];
  readonly #close: () => Promise<void>;
  #isStopped = false;

  private constructor(client: VaxlogClient, close: () => Promise<void>, width: number, progress: Progress) {
    this.#close = close;
    this.#loops = Array.from({ length: width }, () => this.#loop(client, progress));
    // A test that fails elsewhere ends the cluster, and says why by itself.
    for (const loop of this.#loops) loop.catch(() => {});
  }

  static async start(cluster: RealCluster, width: number, progress: Progress): Promise<PatientClient> {
    const { client, close } = await cluster.connect();
    return new PatientClient(client, close, width, progress);
  }

  async #loop(client: VaxlogClient, progress: Progress): Promise<void> {
    while (!this.#isStopped) {
      const value = freshValue();
      try {
        await (value % 10 === 0 ? client.view(harvard) : client.set(harvard, value));
        progress.add();
      } catch (error) {
        // While nobody is there, nothing is answered; what becomes of the command, the ledger knows in the end.
        if (!(error instanceof OutcomeUnknownError || error instanceof NotExecutedError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Ends it in good order; fails if any command of it has failed otherwise. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await within("the last answers", Promise.all(this.#loops));
    await this.#close();
  }
}

/** All replicas are members, and say the same of what they have executed. */
async function assertEqualReplicas(cluster: RealCluster): Promise<void> {
  await cluster.settled();
  const rows = await cluster.status();
  for (const { slot, state, answer } of rows) {
    assert(state === "up" && answer?.durable, `replica ${slot}`);
    assertEquals([answer.digest, answer.executed, answer.v], [
      rows[0].answer?.digest,
      rows[0].answer?.executed,
      rows[0].answer?.v,
    ]);
  }
}

/** Changes one byte of what a replica has written: in the name of the site that is always there. */
function damage(file: string): void {
  const bytes = Deno.readFileSync(file);
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf(harvard);
  assert(at > 0, `there is no "${harvard}" in ${file}`);
  bytes[at] ^= 1;
  Deno.writeFileSync(file, bytes);
}

durableTest("Every command that was answered survives a kill of all replicas", 3, async (cluster) => {
  const { client, close } = await cluster.connect();
  const last = freshValue();
  await client.set(harvard, last);
  await close();
  await cluster.killAll();
  await cluster.startAgain();
  assertEquals(await lastValue(cluster), last);
  await assertEqualReplicas(cluster);
});

durableTest(`Every answer stands when everything is killed at once under load, ${cycles} times`, 3, async (cluster) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  const random = new Random(seed);
  const progress = new Progress();
  try {
    const clients = await Promise.all(
      [1, 2, 3, 4].map(() => PatientClient.start(cluster, random.between(1, 4), progress)),
    );
    for (let turn = 0; turn < cycles; turn++) {
      await progress.more(random.between(1, 600));
      if (random.chance(0.3)) await cluster.kill(random.pick(cluster.living));
      if (random.chance(0.5)) await progress.more(random.between(1, 200));
      await cluster.killAll();
      await cluster.startAgain();
    }
    await progress.more(100);
    await Promise.all(clients.map((client) => client.stop()));
    await assertEqualReplicas(cluster);
  } catch (error) {
    throw new Error(`With seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  if (cyclesWanted !== undefined) console.log(`seed ${seed}: ${progress.count} answers`);
});

durableTest("A replica comes back with its own data, and is fed what it has missed", 3, async (cluster) => {
  const progress = new Progress();
  const client = await BusyClient.start(cluster, 4, progress);
  for (const slot of [0, 1, 2, 0]) {
    await progress.more(100);
    await cluster.kill(slot);
    await progress.more(100);
    await cluster.restart(slot);
    await cluster.joined(slot);
  }
  await client.stop();
  await assertEqualReplicas(cluster);
  await cluster.killAll();
  await cluster.startAgain();
  await assertEqualReplicas(cluster);
});

durableTest("A cluster starts from the last to fail, and not from the others", 3, async (cluster) => {
  const { client, close } = await cluster.connect();
  for (const slot of [2, 0]) {
    await cluster.kill(slot);
    await client.set(harvard, freshValue());
  }
  const last = freshValue();
  await client.set(harvard, last);
  await close();
  await cluster.killAll();
  const file = `${cluster.dataDir}/replica-1.db`;
  Deno.renameSync(file, `${file}.away`);
  Deno.renameSync(`${file}-wal`, `${file}.away-wal`);
  const { message } = await assertRejects(() => cluster.startAgain(), StartError);
  assertStringIncludes(message, "replica 1 is missing");
  Deno.renameSync(`${file}.away`, file);
  Deno.renameSync(`${file}.away-wal`, `${file}-wal`);
  await cluster.startAgain();
  assertEquals(await lastValue(cluster), last);
  await assertEqualReplicas(cluster);
});

durableTest("A damaged file stops the start where it is needed, and else only its replica", 3, async (cluster) => {
  const { client, close } = await cluster.connect();
  await client.set(harvard, freshValue());
  await cluster.kill(2);
  await client.set(harvard, freshValue());
  await close();
  await cluster.launcher.stop();
  // Else any one file would be enough.
  const record = await ClusterFile.open(`${cluster.dataDir}/cluster.db`);
  record.update({ cleanStop: undefined });
  record.close();
  const file = (slot: number) => `${cluster.dataDir}/replica-${slot}.db`;
  const good = Deno.readFileSync(file(1));
  damage(file(1));
  const bad = Deno.readFileSync(file(1));
  const { message } = await assertRejects(() => cluster.startAgain(), StartError);
  assertStringIncludes(message, "replica 1 is missing");
  assertStringIncludes(message, file(1));
  assertEquals(Deno.readFileSync(file(1)), bad, "it is left as it is");
  Deno.writeFileSync(file(1), good);
  // That of the one that has failed before.
  damage(file(2));
  await cluster.startAgain();
  assertStringIncludes(await cluster.failure(2), file(2));
  assertEquals(cluster.living, [0, 1]);
  // It was read in the start that was refused, and closed in order: so there is no log beside it.
  Deno.removeSync(file(2));
  await cluster.restart(2);
  await cluster.joined(2);
  const again = await cluster.connect();
  await again.client.set(harvard, freshValue());
  await again.close();
  await assertEqualReplicas(cluster);
});
