/** `deno task servers` with an etcd, all as processes: clients continue, and nothing is left in the end. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ifThere } from "../../src/storage/file_claim.ts";
import { etcdPath, whyNoEtcd } from "../engine/etcd/etcd_program.ts";
import { freePorts } from "../engine/etcd/etcd_program.ts";
import { testNeeding } from "../net/needing.ts";
import { within } from "../net/within.ts";
import { exists } from "./fakes.ts";
import { Program } from "./program.ts";

function testEtcd(name: string, fn: () => Promise<void>): void {
  if (whyNoEtcd === undefined) testNeeding(["run", "net", "read", "write", "uid"], name, fn);
  else Deno.test({ name: `${name} (${whyNoEtcd})`, ignore: true, fn });
}

/** A launcher with members of etcd, and nodes. */
class EtcdServers {
  private constructor(
    readonly program: Program,
    /** `host:port` of the nodes. */
    readonly nodes: readonly string[],
    /** All processes that the launcher says that it has started. */
    readonly pids: readonly number[],
    /** The directory of the members. */
    readonly folder: string,
  ) {}

  static async start(count: number, ...more: readonly string[]): Promise<EtcdServers> {
    const args = [`${count}`, "--engine", "etcd", ...await etcdFlag(), "--base-port", "0", ...more];
    const program = new Program("servers without task", ...args);
    await program.said(/^Type kill ID/m);
    const text = program.stdout;
    const nodes = [...text.matchAll(/^ {2}node \d+ {2}(\S+)/gm)].map(([, address]) => address);
    const pids = [...text.matchAll(/ {2}process (\d+)/g)].map(([, pid]) => Number(pid));
    return new EtcdServers(program, nodes, pids, await folderOf(pids.at(-1)!));
  }

  /** Runs a command of the client, and gives what it prints. */
  async client(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await Program.run("client without task", [...this.nodes, ...words]);
    assertEquals(code, 0, stderr);
    return stdout;
  }

  /** Types a line, and waits for what it brings. */
  async type(line: string, said: RegExp): Promise<void> {
    await this.program.type(`${line}\n`);
    await this.program.said(said);
  }

  /** Resolves when no process is left, nor the directory. */
  async isOver(isRemoved = true): Promise<void> {
    const over = async () => {
      const isLeft = () =>
        this.pids.some(exists) || isRemoved && ifThere(() => Deno.statSync(this.folder)) !== undefined;
      while (isLeft()) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await within("the end of all processes", over());
  }
}

/** The flag for an etcd that is not on the PATH. */
async function etcdFlag(): Promise<string[]> {
  const path = await etcdPath();
  return path.includes("/") ? ["--etcd", path] : [];
}

/** The directory that a member of etcd works in. */
async function folderOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("readlink", { args: [`/proc/${pid}/cwd`] }).output();
  return new TextDecoder().decode(stdout).trim();
}

testEtcd("clients of nodes continue when a node and a member of etcd die, and quit leaves nothing", async () => {
  const servers = await EtcdServers.start(3, "--http", "0");
  const { program } = servers;
  assertEquals([servers.nodes.length, servers.pids.length], [3, 6]);
  assertStringIncludes(program.stdout, "This is to try nodes out: all members of etcd are on this machine");
  assertMatch(await servers.client("add", "MIT", "02139"), /^MIT, ZIP 02139/);

  await servers.type("kill 0", /^Node 0 was killed. It is started again in 1 s$/m);
  assertMatch(await servers.client("set", "MIT", "7"), /availability 7/);
  await program.said(/^Node 0 serves clients at \S+, process \d+$/m);
  await servers.type("kill etcd 1", /^Member 1 of etcd was killed. 2 of 3 members of etcd live: no more of them/m);
  assertStringIncludes(await servers.client("list"), "7,02139,MIT");
  await servers.type("start etcd 1", /^Member 1 of etcd runs again$/m);
  await servers.type("status", /^3 of 3 members of etcd live: 1 more of them may fail$/m);
  assertMatch(program.stdout, /^0 {5}127\.0\.0\.1:\d+ +\d+ +up +\d+ +0 +2 /m);

  // The page of the gateway has the same.
  const [, url, token] = await program.said(/^The page: (\S+)#token=([0-9a-f]+) .*kill and start nodes$/m);
  const response = await fetch(`${url}api/summary`, { headers: { authorization: `Bearer ${token}` } });
  assertEquals([response.status, (await response.json()).sites], [200, 2]);

  await program.type("quit\n");
  const { code, stdout, stderr } = await program.end();
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^Stopped: nothing that was started here runs any more$/m);
  await servers.isOver();
});

testEtcd("a launcher of nodes that is killed leaves no process and no data", async () => {
  const servers = await EtcdServers.start(2);
  servers.program.signal("SIGKILL");
  await servers.program.ended();
  await servers.isOver();
});

testEtcd("a member whose keeper is killed ends with it, and can be started again", async () => {
  const servers = await EtcdServers.start(1);
  const member = servers.pids.at(-3)!;
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "ppid=", "-p", `${member}`] }).output();
  Deno.kill(Number(new TextDecoder().decode(stdout)), "SIGKILL");
  await servers.program.said(/^Member 0 of etcd has lost its keeper, which was killed from outside by SIGKILL\. Type/m);
  await within(
    "the end of the member",
    (async () => {
      while (exists(member)) await new Promise((resolve) => setTimeout(resolve, 20));
    })(),
  );
  await servers.type("start etcd 0", /^Member 0 of etcd runs again$/m);
  servers.program.signal("SIGTERM");
  assertEquals((await servers.program.ended()).code, 0);
  await servers.isOver();
});

testEtcd("data in --engine-data are there at the next start, and tokens in --access-dir count", async () => {
  const parent = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    const [data, access] = [`${parent}/etcd, data`, `${parent}/tokens`];
    const kept = ["--engine-data", data, "--access-dir", access];
    for (const sites of ["Harvard University", "MIT"]) {
      const servers = await EtcdServers.start(1, ...kept);
      assertStringIncludes(await servers.client("list"), sites);
      if (sites !== "MIT") await servers.client("add", "MIT", "02139");
      assertEquals(Deno.statSync(data).mode! & 0o777, 0o700);
      const token = ["--token-file", `${access}/client.token`];
      assertStringIncludes(await servers.client("list", ...token), sites);
      await servers.program.type("quit\n");
      assertEquals((await servers.program.end()).code, 0);
      await servers.isOver(false);
    }
    // A directory of something else is left alone.
    await Deno.writeTextFile(`${access}/own.txt`, "mine");
    const wrong = ["1", "--engine", "etcd", ...await etcdFlag(), "--engine-data", access];
    const { code, stderr } = await Program.run("servers without task", wrong);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "is not empty, and has no members.json of members: choose another --engine-data");
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

testNeeding(
  ["run", "net", "read", "write", "uid"],
  "nodes without a program of etcd, or with a wrong one, do not start",
  async () => {
    const wrong: readonly [file: string, why: string][] = [
      [
        "/nowhere/etcd",
        'Cannot start etcd by "/nowhere/etcd": there is no such program. On Debian and Ubuntu, apt-get',
      ],
      ["/bin/ls", 'Cannot start etcd by "/bin/ls": it does not say that it is etcd'],
    ];
    for (const [file, why] of wrong) {
      const { code, stdout, stderr } = await Program.run("servers without task", [
        "1",
        "--engine",
        "etcd",
        "--etcd",
        file,
      ]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(stderr, why);
    }
  },
);

testNeeding(
  ["run", "net", "read", "write", "uid"],
  "a node whose etcd does not answer waits, and says so",
  async () => {
    const [port] = freePorts(1);
    const program = new Program(
      "servers without task",
      "1",
      "--engine",
      `etcd://127.0.0.1:${port}/p`,
      "--base-port",
      "0",
    );
    await program.said(/^1 node runs, started by process \d+, with the etcd at 127\.0\.0\.1:\d+, keys below \/p:$/m);
    await program.said(/^ {2}node 0 {2}127\.0\.0\.1:\d+ {2}process \d+ {2}waits for etcd$/m);
    await program.said(
      /Nodes wait for etcd, and serve clients when they have read the order\. The order is not open: \S/,
    );
    await program.type("start etcd 0\nkill 0\n");
    await program.said(/^Cannot understand "start etcd 0": type kill ID, restart ID, add,/m);
    await program.said(/^Node 0 was killed\. It is started again in 1 s$/m);
    await program.type("quit\n");
    assertEquals((await program.end()).code, 0);
  },
);

testNeeding(
  ["run", "net", "read", "write", "uid"],
  "a launcher whose port is taken says which, and leaves nothing",
  async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const args = ["1", "--engine", "etcd://127.0.0.1:1", "--base-port", `${port}`];
    const { code, stderr } = await Program.run("servers without task", args);
    assertEquals(code, 1);
    assert(stderr.includes(`port ${port} is in use, stop what uses it or choose another --base-port`), stderr);
  },
);
