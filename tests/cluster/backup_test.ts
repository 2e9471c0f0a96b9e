/** Backups of real clusters, while clients write, by the program and by its API. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Command } from "../../src/database/wire/commands.ts";
import { Sites } from "../database/store/machine.ts";
import { parseAvailability } from "../../src/database/values.ts";
import { fetchWhole } from "../net/client/fetched.ts";
import { readBackupFile } from "../../src/storage/read_backup.ts";
import type { LogEntry } from "../conformance/log.ts";
import { applyOne } from "../database/store/memory.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { BusyClient, Progress } from "./busy.ts";
import { allBytes } from "../storage/backups.ts";
import { Program } from "./program.ts";
import { RealCluster } from "./real_cluster.ts";
import { Session } from "../net/admitted.ts";

/** A copy of a database, as it came. */
interface Copied {
  readonly index: number;
  readonly database: Uint8Array;
}

/** Names so long that a few thousand sites take several pieces. */
function longName(number: number): string {
  return `${"𝕪".repeat(180)} ${number}`;
}

/** The command that a line of a log shows; undefined: it changes nothing. */
function commandOf({ command }: LogEntry): Command | undefined {
  const [, kind, quoted, rest, time] = /^(set|add) (".*") (\S+) at (\d+)$/.exec(command) ?? [];
  if (kind === undefined) return undefined;
  const name = JSON.parse(quoted);
  const recordedAt = Number(time);
  return kind === "add"
    ? { kind, name, zip: rest, recordedAt }
    : { kind: "set", name, value: parseAvailability(rest), recordedAt };
}

/** Fails unless each copy is what the log up to its index makes of a fresh database. */
function assertPrefixes(copies: readonly Copied[], log: readonly LogEntry[]): void {
  const sites = new Sites();
  const waiting = copies.toSorted((a, b) => a.index - b.index);
  for (const entry of log) {
    const command = commandOf(entry);
    if (command !== undefined) applyOne(sites, command);
    while (waiting[0]?.index === entry.index) assertEquals(waiting.shift()!.database, sites.snapshot());
  }
  assertEquals(waiting.length, 0, "every copy is of a place in the log");
}

/** Declares a test with a cluster of three and a folder. In the end it compares the logs with all outputs. */
function test(name: string, fn: (cluster: RealCluster, folder: string) => Promise<readonly Copied[]>): void {
  testNeeding(["net", "run", "read", "write"], name, async () => {
    const cluster = await RealCluster.start(3);
    const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    try {
      const copies = await fn(cluster, folder);
      const { logs, survivors } = await cluster.finish();
      cluster.ledger.check(logs, survivors);
      assertPrefixes(copies, logs[survivors[0]]);
    } finally {
      await cluster.dispose();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

test("backup while clients write without pause is one place in the log", async (cluster, folder) => {
  const progress = new Progress();
  const clients = await Promise.all([1, 2].map(() => BusyClient.start(cluster, 8, progress)));
  const copies: Copied[] = [];
  for (const name of ["a", "b", "c"]) {
    await progress.more(100);
    const before = progress.count;
    cluster.ledger.note({ kind: "summary" });
    const file = `${folder}/${name}`;
    const ports = cluster.launcher.replicas().map(({ port }) => `${port}`);
    const { code, stdout, stderr } = await Program.run("client", [...ports, "backup", file]);
    assertEquals([code, stderr], [0, ""]);
    const { header, database } = await readBackupFile(file);
    assertEquals(stdout, `Backup "${file}": ${header.index} commands, 1 site, ${database.length} bytes\n`);
    assert(header.index >= before, "all that was answered before is in it");
    copies.push({ index: header.index, database: allBytes(database) });
  }
  for (const client of clients) await client.stop();
  assertEquals([...Deno.readDirSync(folder)].length, copies.length, "nothing else is left");
  return copies;
});

test("fetchCopy() continues at another replica when one is killed in the middle of it", async (cluster) => {
  const { client } = await cluster.connect();
  await Promise.all(Array.from({ length: 3000 }, (_, at) => client.add(longName(at), "02138")));
  const session = await Session.connect(cluster.addresses);
  const copies: Copied[] = [];
  // The last one that lives is asked first.
  for (const slot of [2, 1]) {
    const atLeast = await client.position();
    let failure: Promise<unknown> | undefined;
    const troubles: string[] = [];
    const copying = fetchWhole({
      cluster: session.cluster,
      atLeast,
      addresses: () => session.members.map(({ address }) => address),
      onProgress: (bytes, total) => {
        assert(total > 2_000_000, "it takes several pieces");
        if (bytes < total / 2 || failure !== undefined) return;
        failure = cluster.kill(slot);
      },
      onTrouble: (address, reason) => troubles.push(`${address} ${reason}`),
    });
    const { executed, state } = await within("a copy", copying);
    await failure;
    assert(troubles.includes(`127.0.0.1:${cluster.port(slot)} closed the link`), troubles.join());
    assert(executed >= atLeast);
    copies.push({ index: executed, database: state });
  }
  await session.close();
  return copies;
});

test("A backup that is stopped leaves nothing behind", async (cluster, folder) => {
  const ports = cluster.launcher.replicas().map(({ port }) => `${port}`);
  // All hang, so that it waits.
  const pids = cluster.launcher.replicas().map(({ pid }) => pid);
  for (const pid of pids) Deno.kill(pid, "SIGSTOP");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const program = new Program("client", ...ports, "backup", `${folder}/a`);
    await program.said(/No answer has come yet/);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => /^a\.partial-/.test(name)), [true]);
    program.signal(signal);
    assertEquals((await program.ended()).code, 1);
    assertEquals([...Deno.readDirSync(folder)], []);
  }
  for (const pid of pids) Deno.kill(pid, "SIGCONT");
  return [];
});

testNeeding(
  ["net", "run", "read", "write"],
  "A cluster that starts from a backup has its data and continues its count",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const [data, file, log] = ["data", "backup", "log"].map((name) => `${folder}/${name}`);
    try {
      const first = await started("2", "--base-port", "0");
      for (const at of [1, 2, 3]) assertEquals((await first.client("add", `Site ${at}`, `0${at}`)).code, 0);
      const list = await first.client("list");
      const index = Number(/ (\d+) commands,/.exec((await first.client("backup", file)).stdout)![1]);
      await first.quit();

      const options = ["3", "--base-port", "0", "--data", data];
      const second = await started(...options, "--log-dir", log, "--restore", file);
      assertEquals((await second.client("list")).stdout, list.stdout);
      assertEquals((await second.client("add", "Site 4", "4")).code, 0);
      const logs = [0, 1, 2].map((slot) => Deno.readTextFileSync(`${log}/replica-${slot}.log`).split("\n")[0]);
      for (const line of logs) assertMatch(line, new RegExp(`^${index + 1}\t`));
      await second.quit();

      // What it began with is in its data: the backup is not needed any more, and cannot be put over them.
      const again = await Program.run("servers", [...options, "--restore", file]);
      assertEquals([again.code, again.stdout], [1, ""]);
      assertStringIncludes(again.stderr, `Cannot restore into "${data}": it is not empty`);
      await Deno.remove(file);
      const third = await started(...options);
      assertEquals((await third.client("list")).stdout, `${list.stdout}0,4,Site 4\n`);
      const { stdout } = await third.client("backup", file, "--json");
      // Only what changes something takes a place in the log.
      assertEquals(JSON.parse(stdout).index, index + 1);
      await third.quit();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** The servers as a program, once they run. */
async function started(...args: readonly string[]) {
  const program = new Program("servers", ...args);
  await program.said(/Type the id of a replica/);
  const ports = [...program.stdout.matchAll(/^ {2}replica \d+ {2}127\.0\.0\.1:(\d+)/gm)].map(([, port]) => port);
  return {
    client: (...words: readonly string[]) => Program.run("client", [...ports, ...words]),
    quit: async () => {
      await program.type("quit\n");
      assertEquals((await program.ended()).code, 0);
    },
  };
}

testNeeding(["net", "run", "read", "write"], "A damaged backup is refused before anything is made", async () => {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    const [data, file] = [`${folder}/data`, `${folder}/backup`];
    const servers = await started("1", "--base-port", "0");
    assertEquals((await servers.client("backup", file)).code, 0);
    await servers.quit();
    const whole = Deno.readFileSync(file);
    const flipped = whole.slice();
    flipped[whole.length - 1] ^= 1;
    const damages: [Uint8Array, string][] = [
      [flipped, "it is damaged: the SHA-256"],
      [whole.subarray(0, whole.length - 1), "it is cut short"],
      [new Uint8Array(), "it is not a backup of Vaxlog"],
    ];
    for (const [bytes, words] of damages) {
      Deno.writeFileSync(file, bytes);
      const { code, stdout, stderr } = await Program.run("servers", ["1", "--data", data, "--restore", file]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(stderr, `Cannot restore from "${file}": ${words}`);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["backup"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
