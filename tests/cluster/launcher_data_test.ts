/**
 * The launcher with a data directory, and replicas that keep only what they say that they have found.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Launcher } from "../../src/cluster/launcher.ts";
import { type LauncherOptions, StartError } from "../../src/cluster/launcher_events.ts";
import { Sites } from "../database/store/machine.ts";
import type { Found } from "../../src/protocol/replica/recovery.ts";
import { backupOf } from "../storage/backups.ts";
import { type ClusterChanges, ClusterFile, type ClusterRecord } from "../../src/storage/cluster_file.ts";
import { testNeeding } from "../net/needing.ts";
import { Fakes, fakes } from "./fakes.ts";

/** A data directory. */
class Directory {
  readonly path: string;
  /** Where it is; other files have room there. */
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.path = `${folder}/a b,c`;
  }

  /** Starts fakes on it. */
  start(replicas: number, wishes = "", more: Partial<LauncherOptions> = {}): Promise<Fakes> {
    return Fakes.start(replicas, wishes, { dataDir: this.path, ...more });
  }

  /** Starts and stops them. */
  async run(replicas: number): Promise<void> {
    await (await this.start(replicas)).launcher.stop();
  }

  /** Why they cannot be started. */
  async refusal(replicas: number, wishes = "", more: Partial<LauncherOptions> = {}): Promise<string> {
    const before = this.contents();
    const start = () => Launcher.start(fakes(replicas, wishes, { dataDir: this.path, ...more }));
    const { message } = await assertRejects(start, StartError);
    assertEquals(this.contents(), before, "nothing has changed");
    return message;
  }

  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).sort();
  }

  /** Name and text of each replica's file. */
  contents(): string[][] {
    return this.names().filter((name) => name.startsWith("replica-")).map((name) => [name, this.read(name)]);
  }

  read(name: string): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  found(slot: number): Found {
    return JSON.parse(this.read(`replica-${slot}.db`));
  }

  write(slot: number, text: string): void {
    Deno.writeTextFileSync(`${this.path}/replica-${slot}.db`, text);
  }

  /** What `cluster.db` holds, which nobody else has open; changed, if `changes` are given. */
  async record(changes?: ClusterChanges): Promise<Omit<ClusterRecord, "cluster">> {
    Deno.mkdirSync(this.path, { recursive: true });
    const file = await ClusterFile.open(`${this.path}/cluster.db`);
    if (changes !== undefined) file.update(changes);
    const { nextIncarnation, ports, givenUp, restoring, cleanStop, viewFloor, leftOut } = file.record;
    file.close();
    return { nextIncarnation, ports, givenUp, restoring, cleanStop, viewFloor, leftOut };
  }

  /** Makes a backup of the state after `index` commands, beside the directory; returns its name. */
  backup(index: number): string {
    const name = `${this.#folder}/backup-${index}`;
    Deno.writeFileSync(name, backupOf({ cluster: "0f".repeat(16), index, sites: 1 }, new Sites().snapshot()));
    return name;
  }

  /** Removes all that is in it. */
  empty(): void {
    for (const name of this.names()) Deno.removeSync(`${this.path}/${name}`);
  }

  remove(slot: number): void {
    Deno.removeSync(`${this.path}/replica-${slot}.db`);
  }
}

function test(name: string, fn: (directory: Directory) => Promise<void>): void {
  testNeeding(["run", "net", "read", "write"], name, async () => {
    const path = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    try {
      await fn(new Directory(path));
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  });
}

/** The replicas, and the state of each. */
function states({ launcher }: Fakes): [id: number, state: string][] {
  return launcher.replicas().map((row) => [row.id, row.state]);
}

test("Launcher with data starts the same replicas again, at the same ports", async (directory) => {
  const first = await directory.start(3);
  const ports = first.launcher.replicas().map(({ port }) => port);
  assert(first.launcher.keepsData);
  await first.launcher.stop();
  assertEquals(directory.names(), ["client.token", "cluster.db", "replica-0.db", "replica-1.db", "replica-2.db"]);
  const second = await directory.start(3);
  assertEquals(states(second), [[0, "up"], [1, "up"], [2, "up"]]);
  assertEquals(second.launcher.replicas().map(({ port }) => port), ports);
  await second.launcher.stop();
  assertEquals([0, 1, 2].map((slot) => directory.found(slot).v), [2, 2, 2]);
  assertEquals(new Set([0, 1, 2].map((slot) => directory.found(slot).cluster)).size, 1);
});

test("Launcher with data starts all replicas that were there, and more if more are wanted", async (directory) => {
  await directory.run(2);
  const fewer = await directory.start(1);
  assertEquals(fewer.up(), [0, 1]);
  await fewer.launcher.stop();
  const more = await directory.start(3);
  await more.joined(2);
  assertEquals(states(more), [[0, "up"], [1, "up"], [66, "up"]]);
  await more.launcher.stop();
  assertEquals(directory.found(2).id, 66);
  const again = await directory.start(1);
  assertEquals(states(again), [[0, "up"], [1, "up"], [66, "up"]]);
  await again.launcher.stop();
});

test("Launcher with data lets those join that were not members when the cluster failed", async (directory) => {
  const first = await directory.start(3);
  await first.launcher.crash(1);
  await first.told(0, [0, 2]);
  await first.told(2, [0, 2]);
  await first.launcher.stop();
  const second = await directory.start(3);
  await second.joined(1);
  assertEquals(states(second), [[0, "up"], [65, "up"], [2, "up"]]);
  await second.launcher.crash(1);
  await second.launcher.restart(1);
  await second.event((event) => event.kind === "installed" && event.members.includes(129));
  await second.launcher.stop();
});

test("Launcher with data gives no id twice, whatever has become of it", async (directory) => {
  const first = await directory.start(2);
  await first.launcher.crash(1);
  await first.told(0, [0]);
  await first.launcher.stop();
  for (const id of [65, 129, 193]) {
    const cluster = await directory.start(2, `lingers=${id}`);
    assertEquals(states(cluster), [[0, "up"], [id, "joining"]]);
    await cluster.launcher.stop();
  }
});

test("Launcher with data starts nothing while a member of the last view is missing", async (directory) => {
  await directory.run(3);
  const text = directory.read("replica-1.db");
  directory.remove(1);
  const message = await directory.refusal(3);
  assertStringIncludes(message, `Cannot start from "${directory.path}": replica 1 is missing`);
  assertStringIncludes(message, "--force-from 2");
  directory.write(1, "damaged");
  assertStringIncludes(await directory.refusal(3), `replica-1.db" is damaged`);
  directory.write(1, text);
  const cluster = await directory.start(3);
  assertEquals(cluster.up(), [0, 1, 2]);
  await cluster.launcher.stop();
});

test("Launcher with data continues from one replica if it is forced, and keeps the other files", async (directory) => {
  await directory.run(3);
  directory.write(2, "damaged");
  const before = directory.contents();
  for (const slot of [0, 1]) {
    Deno.mkdirSync(`${directory.path}/replica-${slot}.history`);
    Deno.writeTextFileSync(`${directory.path}/replica-${slot}.history/of`, `${slot}`);
  }
  const forced = await directory.start(3, "", { forceFrom: 1 });
  const isSetAside = (slot: number) => forced.event((event) => event.kind === "setAside" && event.slot === slot);
  await Promise.all([isSetAside(0), isSetAside(2), forced.joined(0), forced.joined(2)]);
  assertEquals(states(forced), [[64, "up"], [1, "up"], [130, "up"]]);
  await forced.launcher.stop();
  const given = (slot: number) => directory.read(`replica-${slot}.db.given-up-1`);
  assertEquals([given(0), given(2)], [before[0][1], before[2][1]]);
  // The sealed history goes with the file that names it.
  assertEquals(Deno.readTextFileSync(`${directory.path}/replica-0.history.given-up-1/of`), "0");
  assertEquals(Deno.readTextFileSync(`${directory.path}/replica-1.history/of`), "1");
  assert(!directory.names().includes("replica-0.history"));
  const [, was] = before[0];
  // Somebody brings it back.
  directory.write(0, was);
  directory.remove(2);
  const again = await directory.start(3);
  await again.joined(0);
  await again.launcher.stop();
  assertEquals(directory.read("replica-0.db.given-up-2"), was);
});

test("Launcher with data does not give anything up that it need not", async (directory) => {
  await directory.run(2);
  assertStringIncludes(await directory.refusal(2, "", { forceFrom: 0 }), "--force-from 0 is not needed");
  directory.remove(1);
  assertStringIncludes(await directory.refusal(2, "", { forceFrom: 1 }), "Cannot use --force-from 1");
});

test("Launcher with data reports whose file is of no use, where the others can start", async (directory) => {
  const first = await directory.start(3);
  await first.launcher.crash(2);
  await first.told(0, [0, 1]);
  await first.told(1, [0, 1]);
  await first.launcher.stop();
  directory.write(2, "damaged");
  const second = await directory.start(3);
  const file = `${directory.path}/replica-2.db`;
  assertEquals(await second.failure(2), `could not continue: The file "${file}" is damaged`);
  assertEquals(states(second).map(([, state]) => state), ["up", "up", "failed"]);
  // As long as it is there, it is never overwritten.
  await second.launcher.restart(2);
  const failures = () => second.events.filter(({ kind }) => kind === "failed").length;
  await second.event(() => failures() === 2);
  assertEquals(directory.read("replica-2.db"), "damaged");
  directory.write(2, JSON.stringify({ ...directory.found(0), cluster: "0f".repeat(16) }));
  await second.launcher.restart(2);
  await second.event(() => failures() === 3);
  const last = second.events.findLast(({ kind }) => kind === "failed");
  assert(last?.kind === "failed");
  assertEquals(
    last.cause,
    `could not continue: its file "${file}" is of another cluster; move "${file}" away to let it begin from scratch, ` +
      "with the data of the others",
  );
  directory.remove(2);
  await second.launcher.restart(2);
  await second.joined(2);
  assertEquals(second.up(), [0, 1, 2]);
  await second.launcher.stop();
});

test("Launcher with data begins from scratch after a first start that was interrupted", async (directory) => {
  await assertRejects(() => directory.start(2, "mute=1", { startWithinMs: 5_000 }), StartError);
  const names = ["cluster.db", "replica-0.db"];
  assertEquals(directory.names(), names);
  const found = directory.found(0);
  directory.write(0, JSON.stringify({ ...found, executed: 0 }));
  const cluster = await directory.start(2);
  assertEquals(states(cluster), [[0, "up"], [1, "up"]]);
  await cluster.launcher.stop();
  const renamed = "replica-0.db.given-up-1";
  assertEquals(directory.names(), ["client.token", "cluster.db", "replica-0.db", renamed, "replica-1.db"]);
});

test("Launcher with data leaves nothing of a first start in which nobody was told who it is", async (directory) => {
  await assertRejects(() => directory.start(2, "fatal"), StartError);
  assertEquals(directory.names(), []);
});

test("Launcher with data starts with the replicas that recover, and says which do not", async (directory) => {
  await directory.run(3);
  const some = await directory.start(3, "halts=1");
  assertEquals(await some.failure(1), "could not continue: it cannot be");
  assertEquals(some.up(), [0, 2]);
  await some.launcher.stop();
});

test("Launcher with data fails if nobody gets through the recovery", async (directory) => {
  await directory.run(1);
  assertEquals(
    await directory.refusal(1, "halts=0"),
    `Cannot start from "${directory.path}": replica 0 could not continue: it cannot be`,
  );
});

test("Launcher with data says who takes long to read, and does not call that too late", async (directory) => {
  await directory.run(2);
  const text = directory.read("replica-1.db");
  directory.write(1, "slow");
  const reading = Promise.withResolvers<void>();
  const starting = directory.start(2, "", {
    startWithinMs: 30_000,
    onEvent: (event) => event.kind === "reading" && event.slot === 1 && reading.resolve(),
  });
  await reading.promise;
  directory.write(1, text);
  const cluster = await starting;
  assertEquals(cluster.up(), [0, 1]);
  await cluster.launcher.stop();
});

test("Launcher with data can be interrupted while replicas read", async (directory) => {
  await directory.run(1);
  directory.write(0, "slow");
  const abort = new AbortController();
  const onEvent = () => abort.abort();
  await assertRejects(() => directory.start(1, "", { signal: abort.signal, onEvent }), StartError, "interrupted");
});

test("Launcher with data lets nobody else use the directory", async (directory) => {
  const cluster = await directory.start(1);
  const message = await directory.refusal(1);
  assertStringIncludes(message, "another cluster that runs has its data there");
  await cluster.launcher.stop();
  await directory.run(1);
});

test("Launcher with data refuses a port that the replicas do not have, and stray files", async (directory) => {
  const first = await directory.start(1);
  const [{ port }] = first.launcher.replicas();
  await first.launcher.stop();
  const other = { basePort: port === 65535 ? 1 : port + 1, isBasePortGiven: true };
  assertStringIncludes(
    await directory.refusal(1, "", other),
    `know each other by the ports ${port}. Leave --base-port out`,
  );
  const second = await directory.start(1, "", { basePort: port, isBasePortGiven: true });
  assertEquals(second.launcher.portOf(1), port + 1);
  await second.launcher.stop();
  Deno.removeSync(`${directory.path}/cluster.db`);
  assertStringIncludes(await directory.refusal(1), 'it has files of replicas, and no "cluster.db"');
});

test("Launcher with data restores only what is a backup", async (directory) => {
  await directory.run(1);
  const backup = `${directory.path}/../backup`;
  assertStringIncludes(await directory.refusal(1, "", { restore: backup }), "Cannot restore from");
  Deno.writeTextFileSync(backup, "no backup");
  assertStringIncludes(await directory.refusal(1, "", { restore: backup }), "it is not a backup of Vaxlog");
});

// ---- A restore that is interrupted ----

/** What fakes say that they have executed when they begin. */
const begun = 10;

test("Launcher with data does not begin from scratch after an interrupted restore", async (directory) => {
  const restore = directory.backup(begun);
  await assertRejects(() => directory.start(2, "mute=1", { restore, startWithinMs: 5_000 }), StartError);
  assertEquals(directory.names(), ["cluster.db", "replica-0.db"]);
  const record = await directory.record();
  assertEquals([record.nextIncarnation, record.restoring], [0, { file: restore, index: begun }]);
  for (const replicas of [2, 1, 3]) {
    const message = await directory.refusal(replicas);
    assertStringIncludes(message, `Cannot start from "${directory.path}": the start with --restore "${restore}" was`);
    assertStringIncludes(message, "Empty the directory, and start again with --restore. Nothing was started");
  }
  const again = await directory.refusal(2, "", { restore });
  assertStringIncludes(again, `Cannot restore into "${directory.path}": it is not empty, since a start with --restore`);
  assertStringIncludes(again, "Start without --restore");
  assertEquals(await directory.record(), record);

  directory.empty();
  const cluster = await directory.start(2, "", { restore });
  assertEquals(cluster.up(), [0, 1]);
  await cluster.launcher.stop();
  assertEquals((await directory.record()).restoring, undefined);
  assertStringIncludes(
    await directory.refusal(2, "", { restore }),
    "it is not empty; choose an empty --data directory",
  );
  await directory.run(2);
});

test("Launcher with data says that a restore was interrupted before any file, and repeats it", async (directory) => {
  const restoring = { file: "another backup", index: 3 };
  await directory.record({ restoring });
  assertStringIncludes(await directory.refusal(2), 'the start with --restore "another backup" was interrupted');
  assertEquals([directory.names(), (await directory.record()).restoring], [["cluster.db"], restoring]);
  // It may fail again.
  const restore = directory.backup(begun);
  await directory.refusal(2, "fatal", { restore });
  assertEquals((await directory.record()).restoring, { file: restore, index: begun });
  const cluster = await directory.start(2, "", { restore });
  await cluster.launcher.stop();
  await directory.run(2);
});

test("Launcher with data leaves nothing behind of a restore in which nobody was told who it is", async (directory) => {
  const restore = directory.backup(begun);
  await assertRejects(() => directory.start(2, "fatal", { restore }), StartError);
  assertEquals(directory.names(), []);
});

test("Launcher with data continues from an interrupted start or restore if all had a file", async (directory) => {
  const first = await directory.start(2);
  const ports = first.launcher.replicas().map(({ port }) => port);
  await first.launcher.stop();
  // It was killed before it has noted that it was completed.
  await directory.record({ nextIncarnation: 0, restoring: { file: "backup", index: begun } });
  const second = await directory.start(2);
  assertEquals(states(second), [[0, "up"], [1, "up"]]);
  // The replicas know each other by them.
  assertEquals(second.launcher.replicas().map(({ port }) => port), ports);
  await second.launcher.stop();
  const { nextIncarnation, restoring } = await directory.record();
  assertEquals([nextIncarnation, restoring], [1, undefined]);
});
