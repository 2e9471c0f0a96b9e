/** Real replicas whose disk damages sealed history: it is healed by what the others have, while clients read. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { statusTable } from "../../src/cluster/triggers.ts";
import { within } from "../net/within.ts";
import { harvard } from "./busy.ts";
import { durableTest, type RealCluster } from "./real_cluster.ts";
import { assertWhole, figuresOf, historyAt, load, small, work } from "./small_segments.ts";

/** The files of the log's segments in the folder of a replica, by their numbers. */
function filesOf(cluster: RealCluster, slot: number): Map<number, string> {
  const folder = `${cluster.dataDir}/replica-${slot}.history`;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return new Map(
    names.flatMap((name) => /^[0-9]+-[0-9a-f]{64}$/.test(name) ? [[parseInt(name), `${folder}/${name}`]] : []),
  );
}

/** Flips a bit of a file. */
function flip(file: string, at: number): void {
  using open = Deno.openSync(file, { read: true, write: true });
  const byte = new Uint8Array(1);
  open.seekSync(at, Deno.SeekMode.Start);
  open.readSync(byte);
  open.seekSync(at, Deno.SeekMode.Start);
  open.writeSync(Uint8Array.of(byte[0] ^ 1));
}

/** Takes what a replica says to the owner of its disk. */
function complaint(cluster: RealCluster, word: string): Promise<unknown> {
  return cluster.events.take(`"${word}"`, (event): event is typeof event => {
    return event.kind === "stderr" && event.line.includes(word);
  });
}

/** Resolves when nothing of the history of a replica is damaged any more. */
async function healed(cluster: RealCluster, slot: number): Promise<void> {
  while ((await figuresOf(cluster, slot)).damaged > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Resolves when the launcher knows that a replica lacks history, or that it does not. */
async function known(cluster: RealCluster, slot: number, lacks: boolean): Promise<void> {
  while ((cluster.launcher.replicas()[slot].lacksHistory ?? false) !== lacks) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

durableTest("a flipped byte in a segment is healed while clients read and write", 3, async (cluster) => {
  const busy = await load(cluster);
  const files = filesOf(cluster, 1);
  const parts = [["Block 0 of segment 3", 3, 5], ["The footer of segment 5", 5, -1], [
    "The file of segment 7",
    7,
    0,
  ]] as const;
  const before = parts.map(([, number]) => Deno.readFileSync(files.get(number)!));
  for (const [at, [, number, byte]] of parts.entries()) {
    const file = files.get(number)!;
    if (byte === 0) Deno.removeSync(file);
    else flip(file, byte > 0 ? byte : before[at].length - 60);
  }
  const { lastEntry } = await figuresOf(cluster, 1);
  const read = historyAt(cluster, 1, lastEntry);
  const writing = work(busy, 100);
  for (const [what] of parts) {
    await complaint(cluster, `segment ${/[0-9]+$/.exec(what)} is damaged`);
  }
  assertEquals((await read).map(({ index }) => index), Array.from({ length: lastEntry }, (_, at) => at + 1));
  await within("what was damaged is healed", healed(cluster, 1));
  await within("the launcher knows it", known(cluster, 1, false));
  for (const [what] of parts) await complaint(cluster, `Segment ${/[0-9]+$/.exec(what)} was healed`);
  for (const [at, [, number]] of parts.entries()) assertEquals(Deno.readFileSync(files.get(number)!), before[at]);
  await writing;
  await busy.close();
  for (const slot of [0, 1, 2]) await assertWhole(cluster, slot, (slot + 1) % 3);
}, small);

durableTest(
  "a replica ends whose command needs a damaged block, and has it again when it is restarted",
  3,
  async (cluster) => {
    // The one that is restarted knows of the damage before it has fetched what is damaged.
    cluster.expectedComplaint = /^Block 0 of segment 2 is damaged: .* It is fetched from another replica$/;
    const busy = await load(cluster);
    const file = filesOf(cluster, 1).get(2)!;
    const before = Deno.readFileSync(file);
    flip(file, 5);
    const { client, close } = await cluster.connect();
    const failed = cluster.failure(1);
    // An entry of the second segment.
    const [{ siteId }] = (await historyAt(cluster, 0, 12)).slice(-1);
    await client.retract(12, { siteId });
    assertStringIncludes(await failed, "Block 0 of segment 2 is damaged");
    await work(busy, 20);
    await cluster.restart(1);
    await cluster.joined(1);
    await work(busy, 20);
    await close();
    await busy.close();
    assertEquals(Deno.readFileSync(file), before);
    await assertWhole(cluster, 1, 0);
  },
  small,
);

durableTest("damage that no other replica can heal is told, and stops nothing", 1, async (cluster) => {
  const busy = await load(cluster);
  flip(filesOf(cluster, 0).get(2)!, 5);
  const { client, close } = await cluster.connect();
  const reading = readAll(client.history(harvard));
  await complaint(cluster, "Block 0 of segment 2 is damaged");
  await complaint(cluster, "No other replica has it whole");
  await work(busy, 50);
  const { damaged, damages } = await figuresOf(cluster, 0);
  assertEquals([damaged, damages.length], [1, 1]);
  assertStringIncludes(damages[0], "No other replica has it whole");
  await within("the launcher knows it", known(cluster, 0, true));
  assertStringIncludes(
    statusTable(await cluster.launcher.status()),
    "Replica 0 is the last one: no more may fail; replica 0 lacks history until it is healed\n",
  );
  assertEquals(await Promise.race([reading, "waits"]), "waits");
  await close();
  assertEquals(await reading, "given up");
  await busy.close();
  assertEquals(cluster.living, [0]);
}, small);

async function readAll(pages: AsyncIterable<unknown>): Promise<string> {
  try {
    for await (const _ of pages);
    return "read";
  } catch {
    return "given up";
  }
}
