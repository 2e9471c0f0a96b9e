/**
 * The programs together, as people use them. What each does alone is tested in `servers_test.ts` and `tests/cli/`.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { assertAgreement, parseLog } from "../conformance/log.ts";
import { correct, FakeReplica } from "../net/fake_replica.ts";
import { testNeeding } from "../net/needing.ts";
import { deadAddress } from "../net/notices.ts";
import { sharedFolder } from "../shared_data.ts";
import { Program } from "./program.ts";
import { Session } from "../net/admitted.ts";

const harvard = "Harvard University";

/** The servers, their ports and processes, and a directory with their logs. */
class Servers {
  readonly program: Program;
  readonly ports: readonly string[];
  readonly pids: readonly number[];
  readonly #logDir: string;

  private constructor(program: Program, banner: string, logDir: string) {
    this.program = program;
    const rows = [...banner.matchAll(/replica \d+ {2}127\.0\.0\.1:(\d+) {2}process (\d+)/g)];
    this.ports = rows.map(([_, port]) => port);
    this.pids = rows.map(([_, _port, pid]) => Number(pid));
    this.#logDir = logDir;
  }

  static async start(count: number): Promise<Servers> {
    const logDir = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const program = new Program("servers", `${count}`, "--base-port", "0", "--log-dir", logDir);
    await program.said(/status, reload, help, quit/);
    return new Servers(program, program.stdout, logDir);
  }

  /** Runs a client to its end. */
  client(...args: readonly string[]) {
    return Program.run("client", [...this.ports, ...args]);
  }

  /** Stops them; the logs must agree. */
  async stop(survivors: readonly number[]): Promise<void> {
    await this.program.type("quit\n");
    const { code, stderr } = await this.program.ended();
    assertEquals([code, stderr], [0, ""]);
    const logs = this.ports.map((_, slot) => {
      return parseLog(Deno.readTextFileSync(`${this.#logDir}/replica-${slot}.log`), survivors.includes(slot));
    });
    assertAgreement(logs, survivors);
    await Deno.remove(this.#logDir, { recursive: true });
  }
}

function test(name: string, fn: () => Promise<void>): void {
  testNeeding(["net", "run", "read", "write"], name, fn);
}

test("Five clients come and go while two of three replicas are failed by trigger", async () => {
  const servers = await Servers.start(3);
  const [first, second] = [new Program("client", ...servers.ports), new Program("client", servers.ports[2])];
  await first.said(/\[q\] > $/);
  // One address is enough to know of all.
  await second.said(/Connected to the replicas (127\.0\.0\.1:\d+(, )?){3}\n/);

  const fresh = await servers.client("list");
  assertEquals([fresh.code, fresh.stdout], [0, `Availability,ZIP Code,Site Name\n0,02138,${harvard}\n`]);
  await first.type(`n\nFenway Park, "Gate D"\n02215\n`);
  await first.said(/Gate D", ZIP 02215, availability 0\n/);
  const set = servers.client("set", harvard, "12");
  assertEquals((await set).stdout, `${harvard}, ZIP 02138, availability 12\n`);

  await servers.program.type("0\n");
  await servers.program.said(/Replica 0 was crashed\. Replicas 1 and 2 live: 1 more may fail\n/);
  await second.type(`e\n${harvard}\nlots\ntrue\n`);
  await second.said(/Harvard University, ZIP 02138, availability True\n/);
  await second.said(new RegExp(`The replica at 127\\.0\\.0\\.1:${servers.ports[0]} has failed; 2 replicas remain\n`));

  await servers.program.type("1\n");
  await servers.program.said(/Replica 1 was crashed\. Replica 2 is the last one: no more may fail\n/);
  await first.type("l\n");
  await first.said(/\nTrue,02138,Harvard University\n/);
  await servers.program.type("2\n");
  await servers.program.said(/Cannot crash replica 2: it is the last one that lives/);

  // Both failed replicas are named, which is not an error.
  const json = await servers.client("view", 'Fenway Park, "Gate D"', "--json");
  const fenway = { id: 2, name: 'Fenway Park, "Gate D"', zip: "02215", availability: 0, neverReported: true };
  assertEquals(JSON.parse(json.stdout), fenway);
  await first.type("q\n");
  assertEquals((await first.ended()).code, 0);
  // The end of its input is the end of the menu.
  assertEquals((await second.end()).code, 0);
  const list = await Program.run("client", servers.ports, "l\n");
  assertStringIncludes(list.stdout, `\n0,02215,"Fenway Park, ""Gate D"""\nTrue,02138,${harvard}\n`);
  await servers.stop([2]);
});

test("A client tells by its exit code what became of a command", async () => {
  const servers = await Servers.start(2);
  const ends = await Promise.all([
    servers.client("view", harvard),
    servers.client("view", "nowhere"),
    servers.client("add", harvard, "02138"),
    servers.client("set", harvard, "-1"),
    servers.client("sit", harvard),
    Program.run("client", [deadAddress(), deadAddress(), "list"]),
  ]);
  assertEquals(ends.map(({ code }) => code), [0, 1, 1, 2, 2, 1]);
  assertEquals(ends.map(({ stdout }) => stdout !== ""), [true, false, false, false, false, false]);
  for (const { stderr } of ends.slice(1)) assertMatch(stderr, /^.+\n$/, "one line");
  assertStringIncludes(ends[5].stderr, "No replica answers: ");
  await servers.stop([0, 1]);
});

test("A client says that an outcome is unknown, or that nothing was done, when the last replica dies", async () => {
  for (const [when, code, line] of [["REQUEST", 3, "The outcome is unknown: "], ["RESUME", 1, "Nothing was done: "]]) {
    const fake = new FakeReplica((message, link, n, fake) => {
      if (message.kind === when) fake.die();
      else correct(message, link, n, fake);
    }).leaveToken();
    const ended = await Program.run("client", [`${fake.port}`, "set", harvard, "5"]);
    assertEquals([ended.code, ended.stdout], [code, ""]);
    assertStringIncludes(ended.stderr, `${line}all replicas were lost`);
  }
});

test("A menu says that an outcome is unknown when the last replica dies, and ends", async () => {
  const fake = new FakeReplica((message, link, n, fake) => {
    if (message.kind === "REQUEST") fake.die();
    else correct(message, link, n, fake);
  }).leaveToken();
  const menu = new Program("client", `${fake.port}`);
  await menu.said(/\[q\] > $/);
  await menu.type("n\nMIT\n02139\n");
  const { code, stdout } = await menu.ended();
  assertEquals(code, 3);
  assertStringIncludes(stdout, "The outcome is unknown: all replicas were lost");
});

test("A client that is killed in its menu, or stopped by a signal, leaves the others undisturbed", async () => {
  const servers = await Servers.start(2);
  const commands = ["client", "client", "client without task"] as const;
  const menus = commands.map((command) => new Program(command, ...servers.ports));
  for (const menu of menus) {
    await menu.said(/\[q\] > $/);
    await menu.type("l\n");
    await menu.said(/0,02138,Harvard University\n.*\[q\] > $/s);
  }
  menus[0].signal("SIGTERM");
  assertEquals((await menus[0].ended()).code, 0);
  menus[1].signal("SIGINT");
  assertEquals((await menus[1].ended()).code, 0);
  menus[2].signal("SIGKILL");
  await menus[2].end();
  assertEquals((await servers.client("set", harvard, "5")).code, 0);
  await servers.program.type("status\n");
  const [status] = await servers.program.said(/id .*\n0 .*\n1 .*\n/);
  assertEquals(status.match(/up/g)?.length, 2);
  await servers.stop([0, 1]);
});

test("A client that is stopped while a change is under way says once that its outcome is unknown", async () => {
  const fake = new FakeReplica((message, link, n, fake) => {
    if (message.kind !== "REQUEST") correct(message, link, n, fake);
  }).leaveToken();
  const menu = new Program("client", `${fake.port}`);
  await menu.said(/\[q\] > $/);
  await menu.type("n\nMIT\n02139\n");
  await fake.received.first("REQUEST", ({ kind }) => kind === "REQUEST");
  menu.signal("SIGTERM");
  const { code, stdout, stderr } = await menu.ended();
  assertEquals([code, `${stdout}${stderr}`.match(/unknown/g)?.length], [3, 1], `${stdout}${stderr}`);
  fake.die();
});

test("A client that gets no view says so, and can be stopped", async () => {
  const silent = new FakeReplica(() => {}).leaveToken();
  const client = new Program("client", `${silent.port}`, "list");
  await client.said(/No view has come yet from 127\.0\.0\.1:\d+/);
  client.signal("SIGTERM");
  const { code, stdout } = await client.ended();
  assertEquals([code, stdout], [1, ""]);
  silent.die();
});

test("A client that waits is answered though a replica is killed from outside meanwhile", async () => {
  const servers = await Servers.start(3);
  const menu = new Program("client", ...servers.ports);
  await menu.said(/\[q\] > $/);
  // A replica that is stopped keeps the command waiting until it is dead.
  Deno.kill(servers.pids[1], "SIGSTOP");
  await menu.type("n\nMIT\n02139\n");
  await menu.said(/ZIP code, digits only.*02139\n/);
  Deno.kill(servers.pids[1], "SIGKILL");
  await menu.said(/MIT, ZIP 02139, availability 0\n/);
  await servers.program.said(/Replica 1 was killed from outside by SIGKILL/);
  const { stdout } = await menu.end();
  assert(stdout.includes("has failed; 2 replicas remain"));
  await servers.stop([0, 2]);
});

test("A watch continues while two of three replicas are killed with -9: each change comes once, in order", async () => {
  const changes = 1_000;
  const servers = await Servers.start(3);
  const watch = new Program("client", ...servers.ports, "watch", "--from", "1", "--json");
  await watch.said(/"index":1,.*\n/);
  const session = await Session.connect(servers.ports.map((port) => `127.0.0.1:${port}`));
  const client = new VaxlogClient(session);
  for (let value = 1; value <= changes; value++) {
    // The last member gives the entries, so it goes first.
    if (value === 300) Deno.kill(servers.pids[2], "SIGKILL");
    if (value === 600) Deno.kill(servers.pids[1], "SIGKILL");
    assertEquals((await client.set(harvard, value)).kind, "site");
  }
  await session.close();
  await watch.said(new RegExp(`"index":${changes + 1},.*\n`));
  watch.signal("SIGTERM");
  const { code, stdout, stderr } = await watch.ended();
  assertEquals(code, 0);
  const entries = stdout.trimEnd().split("\n").slice(1).map((line) => JSON.parse(line));
  assertEquals(entries.map(({ index }) => index), Array.from({ length: changes }, (_, at) => at + 2));
  assertEquals(entries.map(({ availability }) => availability), Array.from({ length: changes }, (_, at) => at + 1));
  assertMatch(stderr, /The replica at 127\.0\.0\.1:\d+ .+; another one is asked\n/);

  const status = await servers.client("status");
  assertEquals(status.code, 0, status.stdout);
  assertMatch(status.stdout, /^Healthy: .*\nid .*\n 0 .* up .*\n(?:The replica at .*\n){2}No more may fail\n/);
  assertMatch(status.stdout, /No more may fail\nThe log is 0 % full \(0 of 1024 MiB\)\n$/);
  await servers.stop([0]);
});

test("What one client imports, others list, filter, retire and export", async () => {
  const servers = await Servers.start(2);
  const rows = Array.from(
    { length: 500 },
    (_, at) => `{"name":"Site ${at}","zip":"0${2_000 + at}","availability":${at}}\n`,
  );
  const args = ["import", "-", "--format", "ndjson"];
  const imported = await Program.run("client", [...servers.ports, ...args], rows.join(""));
  assertEquals([imported.code, imported.stderr], [0, ""]);
  assertMatch(imported.stdout, /^500 sites added, /);
  assertEquals((await servers.client("list", "--zip", "0200", "--available")).stdout.split("\n").length, 1 + 9 + 1);
  assertEquals((await servers.client("retire", "Site 7", "--reason", "closed")).code, 0);
  const refused = await servers.client("set", "Site 7", "8");
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertStringIncludes((await servers.client("history", "Site 7")).stdout, "retired: closed");
  const again = await Program.run("client", [...servers.ports, ...args], rows.join(""));
  assertEquals(again.code, 0);
  assertMatch(
    again.stdout,
    /^0 sites added, 0 changed, 500 the same as before, 0 out of date\n500 records read, 0 rep/,
  );
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  const exported = await servers.client("export", `${folder}/feed`, "--format", "smart");
  assertEquals([exported.code, exported.stderr], [0, ""]);
  const files = [...Deno.readDirSync(`${folder}/feed`)].map(({ name }) => name).toSorted();
  assertEquals(files, ["$bulk-publish", "locations.ndjson", "schedules.ndjson", "slots.ndjson"]);
  assertEquals(
    (await servers.client("export", `${folder}/feed`, "--format", "smart")).code,
    1,
    "nothing is overwritten",
  );
  await Deno.remove(folder, { recursive: true });
  await servers.stop([0, 1]);
});

const { url, why } = sharedFolder("rite-aid-nj-2023-03-24");
const feed = new URL("bulk-publish.json", url);
const real = why === "" ? test : Deno.test.ignore;

real("The real feed of 112 sites is imported, and again changes nothing (needs ../shared/data)", async () => {
  const servers = await Servers.start(2);
  const first = await servers.client("import", feed.pathname);
  assertEquals([first.code, first.stderr], [0, ""]);
  assertMatch(
    first.stdout,
    /^112 sites added, 0 changed, 0 the same as before, 0 out of date\n112 records read, .* 0 refused\n/,
  );
  assertStringIncludes(first.stdout, "\n112 repaired: ZIP codes that had lost their leading zero (zip-lost-zero)\n");
  assertStringIncludes(
    first.stdout,
    "\n1542 repaired: Slots that share an id with others, told apart (slot-id-shared)\n",
  );
  const again = await servers.client("import", feed.pathname);
  assertMatch(again.stdout, /^0 sites added, 0 changed, 112 the same as before, 0 out of date\n/);
  const list = (await servers.client("list")).stdout.trimEnd().split("\n").slice(1);
  assertEquals(list.length, 113);
  for (const row of list) assertMatch(row, /^\d+,0\d{4},/);
  await servers.stop([0, 1]);
});
