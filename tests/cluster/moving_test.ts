/** A cluster moves from replicas to nodes, and back, by backup and restore: all processes are real, and so is etcd. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fetchAnswers } from "../../src/net/client/status.ts";
import { EtcdCluster } from "../engine/etcd/cluster.ts";
import { whyNoEtcd } from "../engine/etcd/etcd_program.ts";
import { tokenAt } from "../net/admitted.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { Program } from "./program.ts";

function test(name: string, fn: (folder: string, etcd: EtcdCluster) => Promise<void>): void {
  const run = async () => {
    const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    await using etcd = await EtcdCluster.start({ size: 1 });
    try {
      await fn(folder, etcd);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  if (whyNoEtcd === undefined) testNeeding(["run", "net", "read", "write", "uid"], name, run);
  else Deno.test({ name: `${name} (${whyNoEtcd})`, ignore: true, fn: run });
}

/** The option that has nodes use this etcd, and keys of their own. */
function engineOf(etcd: EtcdCluster, prefix: string): string[] {
  return ["--engine", `etcd://${etcd.endpoints[0].replace("http://", "")}/${prefix}`];
}

/** Puts a key. */
async function put(etcd: EtcdCluster, key: string, value: string): Promise<void> {
  await etcd.ask(etcd.members[0], "/v3/kv/put", { key: btoa(key), value: btoa(value) });
}

/** All keys that begin with these characters. */
async function keysOf(etcd: EtcdCluster, prefix: string): Promise<string[]> {
  const body = { key: btoa(prefix), range_end: btoa(`${prefix.slice(0, -1)}0`), keys_only: true };
  const { kvs = [] } = await etcd.ask(etcd.members[0], "/v3/kv/range", body) as { kvs?: { key: string }[] };
  return kvs.map(({ key }) => atob(key));
}

/** A launcher with two replicas, or two nodes. */
class Servers {
  private constructor(readonly program: Program, readonly addresses: readonly string[]) {}

  static async start(...more: readonly string[]): Promise<Servers> {
    const program = new Program("servers without task", "2", "--base-port", "0", ...more);
    await program.said(/^Type \S/m);
    const found = program.stdout.matchAll(/^ {2}(?:replica|node) \d+ {2}(\S+)/gm);
    return new Servers(program, [...found].map(([, address]) => address));
  }

  /** Runs a command of the client, and gives what it prints. */
  async client(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await Program.run("client", [...this.addresses, ...words]);
    assertEquals(code, 0, stderr);
    return stdout;
  }

  /** How many commands all have executed, and the digest that all of them have. */
  async state(): Promise<{ executed: number; digest: string }> {
    const states = (await fetchAnswers(this.addresses, { tokenAt })).map((answer) => {
      const { executed, digest } = "node" in answer ? answer.node : "status" in answer ? answer.status : { digest: "" };
      return { executed: executed ?? 0, digest };
    });
    assertEquals(states.length, 2);
    assertEquals(states[0], states[1]);
    return states[0];
  }

  /** All that people can see: the sites, with those that are retired, and every entry. */
  async contents(folder: string): Promise<string> {
    const file = `${folder}/${crypto.randomUUID()}.ndjson`;
    await this.client("export", file);
    const log = `${folder}/${crypto.randomUUID()}`;
    await this.client("archive", log);
    return [
      await Deno.readTextFile(file),
      await this.client("list", "--json"),
      await this.client("history", "MIT", "--json"),
      await this.client("history", "Harvard University", "--json"),
    ].join("\n");
  }

  async quit(): Promise<void> {
    await this.program.type("quit\n");
    const { code, stderr } = await this.program.end();
    assertEquals([code, stderr], [0, ""]);
  }
}

test("replicas become nodes, and nodes replicas, with the same contents and equal digests", async (folder, etcd) => {
  const replicas = await Servers.start();
  const changes: readonly (readonly string[])[] = [
    ["add", "MIT", "02139"],
    ["set", "MIT", "5", "--note", "by phone", "--who", "Ann"],
    ["set", "MIT", "7", "--if", "5"],
    ["edit", "MIT", "--identifier", "vtrcks=123456"],
    ["add", "Twin", "02139"],
    ["merge", "Twin", "--into", "MIT"],
    ["import", "examples/sites.csv"],
    ["retract", "4"],
    ["retire", "Campus Clinic", "--reason", "closed"],
  ];
  for (const words of changes) await replicas.client(...words);
  const contents = await replicas.contents(folder);
  const first = `${folder}/replicas.backup`;
  assertMatch(await replicas.client("backup", first), /^Backup/);
  await replicas.quit();

  // Both engines begin with the same state from the same backup.
  const nodes = await Servers.start(...engineOf(etcd, "one"), "--restore", first);
  assertStringIncludes(nodes.program.stdout, `Restoring "${first}": 7 sites, as they were after command`);
  const again = await Servers.start("--restore", first);
  assertEquals(await nodes.state(), await again.state());
  assertEquals(await nodes.contents(folder), contents);
  assertEquals(await again.contents(folder), contents);
  await again.quit();

  // And back: what nodes have written since is there, too.
  await nodes.client("set", "MIT", "9", "--if", "5");
  assertStringIncludes(await nodes.client("find", "vtrcks=123456"), "MIT");
  const later = await nodes.contents(folder);
  const second = `${folder}/backups`;
  await nodes.client("backup", "--into", second);
  assertMatch(await nodes.client("backup", "verify", second), /whole|restored|sound/);
  await nodes.quit();
  const back = await Servers.start("--restore", second, "--data", `${folder}/data`);
  const other = await Servers.start(...engineOf(etcd, "two"), "--restore", second);
  assertEquals(await back.state(), await other.state());
  assertEquals(await back.contents(folder), later);
  assertEquals(await other.contents(folder), later);
  assert(later !== contents);
  await Promise.all([back.quit(), other.quit()]);

  // A part of it, on both.
  const part = ["--restore", second, "--until", "3"];
  const [some, same] = [await Servers.start(...part), await Servers.start(...engineOf(etcd, "three"), ...part)];
  assertEquals(await same.state(), await some.state());
  assertEquals(await same.client("history", "MIT", "--json"), await some.client("history", "MIT", "--json"));
  assertStringIncludes(same.program.stdout, "until entry 3, recorded at");
  await Promise.all([some.quit(), same.quit()]);
});

test("an order begins from a backup once, and never where there is one", async (folder, etcd) => {
  const replicas = await Servers.start();
  await replicas.client("add", "MIT", "02139");
  const file = `${folder}/a.backup`;
  await replicas.client("backup", file);
  await replicas.quit();
  const refused = async (why: string, ...more: readonly string[]) => {
    const { code, stderr } = await Program.run("servers without task", ["1", "--base-port", "0", ...more]);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, why);
  };

  // Several begin at once: one of them has its way, and all that start later use its order.
  const restore = [...engineOf(etcd, "once"), "--restore", file];
  const programs = [1, 2, 3].map(() => new Program("servers without task", "1", "--base-port", "0", ...restore));
  const ends = await within(
    "an order, and two refusals",
    Promise.all(programs.map(async (program) => {
      const [said] = await program.said(/^Type \S|^Cannot restore .*$/m);
      return said;
    })),
  );
  assertEquals(ends.filter((said) => said.startsWith("Type")).length, 1, ends.join("\n"));
  for (const said of ends) {
    if (said.startsWith("Type")) continue;
    assertMatch(
      said,
      /somebody else has begun to restore below "\/once\/" meanwhile|there is the cluster \w{8} already/,
    );
  }
  for (const program of programs) await program.type("quit\n");
  await Promise.all(programs.map((program) => program.end()));
  await refused('below "/once/" there is the cluster', ...restore);
  const nodes = await Servers.start(...engineOf(etcd, "once"));
  assertStringIncludes(await nodes.client("list"), "MIT");
  await nodes.quit();

  // Other keys are there, or no backup is, or not the wanted part of it.
  await put(etcd, "/foreign/x", "y");
  await refused('such as "/foreign/x"; nothing was changed', ...engineOf(etcd, "foreign"), "--restore", file);
  await refused("Cannot restore from", ...engineOf(etcd, "none"), "--restore", `${folder}/nothing`);
  await refused("its last entry is", ...engineOf(etcd, "none"), "--restore", file, "--until", "99");
  assertEquals(await keysOf(etcd, "/none/"), []);
});

test("nodes wait while a restore has ended half way, and the same command finishes it", async (folder, etcd) => {
  const replicas = await Servers.start();
  await replicas.client("add", "MIT", "02139");
  const file = `${folder}/a.backup`;
  await replicas.client("backup", file);
  await replicas.quit();
  // As a process leaves it that was killed.
  const mark = { by: "restore-0", backup: file, atMs: Date.UTC(2026, 11, 1) };
  await put(etcd, "/half/restoring", JSON.stringify(mark));
  await put(etcd, "/half/snap/0000000001/restore-0/0000000000", "a part");
  const waiting = new Program("servers without task", "1", "--base-port", "0", ...engineOf(etcd, "half"));
  await waiting.said(/a restore of \S+ has begun at 2026-12-01T00:00:00.000Z, and has not ended: if it does not run/);
  const nodes = await Servers.start(...engineOf(etcd, "half"), "--restore", file);
  assertStringIncludes(await nodes.client("list"), "MIT");
  await waiting.said(/^Node 0 serves clients at/m);
  await waiting.type("quit\n");
  assertEquals((await waiting.end()).code, 0);
  await nodes.quit();
  const left = await keysOf(etcd, "/half/");
  assertEquals(left.filter((key) => key.includes("restoring") || key.includes("restore-0")), []);
});

test("a restore whose launcher is killed is whole, or is seen and done by the same command", async (folder, etcd) => {
  const replicas = await Servers.start();
  await replicas.client("add", "MIT", "02139");
  const file = `${folder}/a.backup`;
  await replicas.client("backup", file);
  await replicas.quit();
  const restore = [...engineOf(etcd, "killed"), "--restore", file];
  const killed = new Program("servers without task", "1", "--base-port", "0", ...restore);
  await killed.said(/^Restoring/m);
  await within(
    "a step of the restore",
    (async () => {
      while ((await keysOf(etcd, "/killed/")).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    })(),
  );
  killed.signal("SIGKILL");
  await killed.ended();
  const isWhole = (await keysOf(etcd, "/killed/")).includes("/killed/format");
  const nodes = await Servers.start(...isWhole ? engineOf(etcd, "killed") : restore);
  assertStringIncludes(await nodes.client("list"), "MIT");
  await nodes.quit();

  // Ctrl-C leaves nothing, unless all is done already.
  const stopped = new Program("servers without task", "1", "--base-port", "0", ...engineOf(etcd, "stopped"), ...[
    "--restore",
    file,
  ]);
  await stopped.said(/^Restoring/m);
  stopped.signal("SIGINT");
  await stopped.ended();
  const left = await keysOf(etcd, "/stopped/");
  assert(left.length === 0 || left.includes("/stopped/format"), left.join());
});
