/**
 * The launcher notes a clean stop, and forgets it before it starts anything. The replicas are fakes, which keep only
 * what they say that they have found.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Launcher } from "../../src/cluster/launcher.ts";
import { type LauncherOptions, StartError } from "../../src/cluster/launcher_events.ts";
import { type ClusterChanges, ClusterFile, type ClusterRecord } from "../../src/storage/cluster_file.ts";
import { testNeeding } from "../net/needing.ts";
import { Fakes, fakes } from "./fakes.ts";

const digest = "0".repeat(14);

function test(name: string, fn: (dataDir: string) => Promise<void>): void {
  testNeeding(["run", "net", "read", "write"], name, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    try {
      await fn(dataDir);
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

function start(dataDir: string, wishes = "clean=1", more: Partial<LauncherOptions> = {}): Promise<Fakes> {
  return Fakes.start(3, wishes, { dataDir, restWithinMs: 300, ...more });
}

/** Why they cannot be started. */
async function refusal(dataDir: string, wishes = "clean=1", more: Partial<LauncherOptions> = {}): Promise<string> {
  const { message } = await assertRejects(() => Launcher.start(fakes(3, wishes, { dataDir, ...more })), StartError);
  return message;
}

/** What the launcher's file says of the last stop; changed, if `changes` are given. */
async function record(
  dataDir: string,
  changes?: ClusterChanges,
): Promise<Pick<ClusterRecord, "cleanStop" | "viewFloor" | "leftOut">> {
  const file = await ClusterFile.open(`${dataDir}/cluster.db`);
  if (changes !== undefined) file.update(changes);
  const { cleanStop, viewFloor, leftOut } = file.record;
  file.close();
  return { cleanStop, viewFloor, leftOut };
}

const fileOf = (dataDir: string, slot: number) => `${dataDir}/replica-${slot}.db`;

test("Launcher notes a clean stop, and any one file starts the cluster after it", async (dataDir) => {
  let view = 1;
  for (const kept of [0, 2]) {
    const cluster = await start(dataDir);
    assertEquals((await cluster.launcher.status()).length, 3);
    await cluster.launcher.stop();
    assert(cluster.launcher.isStoppedClean);
    const cleanStop = { v: view, index: 10 * view, requests: view, digest };
    assertEquals(await record(dataDir), { cleanStop, viewFloor: view, leftOut: [] });
    // The next starts do not look at them: newcomers of fakes would be in another view.
    const others = [0, 1, 2].filter((slot) => slot !== kept);
    const texts = others.map((slot) => Deno.readTextFileSync(fileOf(dataDir, slot)));
    for (const slot of others) Deno.removeSync(fileOf(dataDir, slot));
    const alone = await start(dataDir, "");
    assertEquals(alone.up(), [kept]);
    await Promise.all(others.map((slot) => alone.joined(slot)));
    await alone.launcher.stop();
    assert(!alone.launcher.isStoppedClean);
    assertEquals(await record(dataDir), { cleanStop: undefined, viewFloor: view, leftOut: others });
    // As if nothing had been started.
    for (const [at, slot] of others.entries()) Deno.writeTextFileSync(fileOf(dataDir, slot), texts[at]);
    Deno.writeTextFileSync(fileOf(dataDir, kept), texts[0].replace(/"id":\d+/, `"id":${kept}`));
    await record(dataDir, { cleanStop, leftOut: [] });
    view++;
  }
});

test("Launcher has forgotten the clean stop before any replica is told who it is", async (dataDir) => {
  await (await start(dataDir)).launcher.stop();
  // All are told, and one of them says nothing.
  const message = await refusal(dataDir, "clean=1&mute=1", { startWithinMs: 5_000 });
  assertStringIncludes(message, "Cannot start");
  assertEquals((await record(dataDir)).cleanStop, undefined);
  Deno.removeSync(fileOf(dataDir, 1));
  assertStringIncludes(await refusal(dataDir), "replica 1 is missing");
});

test("Launcher counts on the clean stop again after a start in which nobody was told who it is", async (dataDir) => {
  await (await start(dataDir)).launcher.stop();
  const before = await record(dataDir);
  assert(before.cleanStop !== undefined);
  // It is refused, and it fails: another program has the port of a replica that is needed.
  assertStringIncludes(await refusal(dataDir, "", { forceFrom: 0 }), "--force-from 0 is not needed");
  assertEquals(await record(dataDir), before);
  assertStringIncludes(await refusal(dataDir, "late=1", { startWithinMs: 200 }), "says nothing");
  assertEquals(await record(dataDir), before);
  Deno.removeSync(fileOf(dataDir, 2));
  const cluster = await start(dataDir);
  assertEquals(cluster.up(), [0, 1]);
  await cluster.launcher.stop();
});

test("Launcher notes no clean stop where one has died, or says nothing, or has something else", async (dataDir) => {
  await (await start(dataDir, "")).launcher.stop();
  assertEquals((await record(dataDir)).cleanStop, undefined);
  const crashed = await start(dataDir);
  await crashed.launcher.crash(1);
  // The remaining fakes confirm at once that they continue without it.
  await crashed.told(0, [0, 2]);
  await crashed.told(2, [0, 2]);
  await crashed.launcher.stop();
  assert(crashed.launcher.isStoppedClean);
  const found = JSON.parse(Deno.readTextFileSync(fileOf(dataDir, 0)));
  assertEquals((await record(dataDir)).cleanStop, { v: found.v, index: 10 * found.v, requests: found.v, digest });
  const other = await start(dataDir);
  await other.joined(1);
  // The newcomer of fakes is in a later view than they.
  await other.launcher.stop();
  assert(!other.launcher.isStoppedClean);
  assertEquals((await record(dataDir)).cleanStop, undefined);
});

test("Launcher refuses a file that contradicts the clean stop, and restores nothing there", async (dataDir) => {
  await (await start(dataDir)).launcher.stop();
  const before = await record(dataDir);
  const text = Deno.readTextFileSync(fileOf(dataDir, 1));
  Deno.writeTextFileSync(fileOf(dataDir, 1), text.replace(digest, "f".repeat(14)));
  const message = await refusal(dataDir);
  assertStringIncludes(message, `the file of replica 1 contradicts the last stop, which was in good order`);
  assertStringIncludes(message, "f".repeat(14));
  assertEquals(await record(dataDir), before);
  Deno.removeSync(fileOf(dataDir, 1));
  const cluster = await start(dataDir);
  assertEquals(cluster.up(), [0, 2]);
  await cluster.launcher.stop();
});
