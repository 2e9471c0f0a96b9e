import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { NotExecutedError, OutcomeUnknownError } from "../../src/net/client/session.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";

/** Runs one command on a database that has two sites. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string; stage: Stage }> {
  const stage = new Stage();
  await new VaxlogClient(stage.cluster).add('The "Best", Inc.', "00501");
  const code = await stage.run("8892", ...args);
  return { code, stdout: stage.stdout, stderr: stage.stderr, stage };
}

Deno.test("list prints CSV", async () => {
  const { code, stdout, stderr, stage } = await run("list");
  assertEquals(stdout, 'Availability,ZIP Code,Site Name\n0,02138,Harvard University\n0,00501,"The ""Best"", Inc."\n');
  assertEquals([code, stderr], [0, ""]);
  assert(stage.cluster.isClosed);
  assertEquals(stage.addresses, ["127.0.0.1:8892"]);
});

Deno.test("list --json prints one array with a site per line", async () => {
  const { code, stdout } = await run("list", "--json");
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout), [
    { id: 1, name: "Harvard University", zip: "02138", availability: 0, neverReported: true },
    { id: 2, name: 'The "Best", Inc.', zip: "00501", availability: 0, neverReported: true },
  ]);
  assertEquals(stdout.split("\n").length, 5);
});

Deno.test("list prints every page, as CSV and as JSON", async () => {
  for (const json of [false, true]) {
    const stage = new Stage();
    const client = new VaxlogClient(stage.cluster);
    for (let at = 0; at < 800; at++) await client.add(`${"y".repeat(190)} ${at}`, "1");
    const before = stage.cluster.submitted;
    assertEquals(await stage.run("8892", "list", ...(json ? ["--json"] : [])), 0);
    assert(stage.cluster.submitted - before > 2);
    assertEquals(json ? JSON.parse(stage.stdout).length : stage.stdout.trimEnd().split("\n").length - 1, 801);
  }
});

Deno.test("view, set and add print one line with the site and its state", async () => {
  assertEquals((await run("view", "Harvard University")).stdout, "Harvard University, ZIP 02138, availability 0\n");
  assertEquals(
    (await run("set", "Harvard University", "false")).stdout,
    "Harvard University, ZIP 02138, availability False\n",
  );
  assertEquals((await run("add", "MIT", "02139")).stdout, "MIT, ZIP 02139, availability 0\n");
  const { code, stdout } = await run("set", "Harvard University", "5", "--json");
  const { effect, entry, observedAt, ...site } = JSON.parse(stdout);
  assertEquals([code, site], [0, { id: 1, name: "Harvard University", zip: "02138", availability: 5 }]);
  assertEquals([effect, entry, observedAt], ["shown", 3, "2026-11-24T12:00:00Z"]);
});

Deno.test("An unknown or existing site is a clear line on standard error and exit code 1", async () => {
  for (const args of [["view", "MIT"], ["set", "MIT", "5"], ["view", "MIT", "--json"]]) {
    const { code, stdout, stderr, stage } = await run(...args);
    assertEquals([code, stdout], [1, ""]);
    assertEquals(stderr, 'There is no site "MIT": "list" shows all sites, "add" adds one\n');
    assert(stage.cluster.isClosed);
  }
  const { code, stdout, stderr } = await run("add", "Harvard University", "1");
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "is there already: Harvard University, ZIP 02138, availability 0");
});

Deno.test("A command line that makes no sense is exit code 2, and nothing is connected to", async () => {
  for (const args of [["view"], ["set", "A", "-1"], ["add", "A", "x"], ["lst"], ["8892"], ["--json"], ["view", " "]]) {
    const { code, stdout, stderr, stage } = await run(...args);
    assertEquals([code, stdout, stage.addresses], [2, "", undefined]);
    assertMatch(stderr, /^.+\n$/);
  }
});

Deno.test("--help explains the program on standard output", async () => {
  const stage = new Stage();
  assertEquals(await stage.run("--help"), 0);
  assertEquals(stage.stderr, "");
  for (
    const word of ["list", "view NAME", "set NAME VALUE", "add NAME ZIP", "watch [NAME]...", "--json", "Exit codes"]
  ) {
    assertStringIncludes(stage.stdout, word);
  }
  for (const line of stage.stdout.split("\n")) assert(line.length <= 100);
});

Deno.test("An outcome that is unknown is said to be, with exit code 3", async () => {
  const stage = new Stage();
  stage.cluster.insteads.push(() => Promise.reject(new OutcomeUnknownError("all replicas were lost")));
  assertEquals(await stage.run("8892", "set", "Harvard University", "5"), 3);
  assertEquals(stage.stdout, "");
  assertMatch(stage.stderr, /^The outcome is unknown: all replicas were lost; .* may or may not have been done\n$/);
  assert(stage.cluster.isClosed);
});

Deno.test("A command that was certainly not executed is said to be, with exit code 1", async () => {
  const stage = new Stage();
  stage.cluster.insteads.push(() => Promise.reject(new NotExecutedError("the session is closed")));
  assertEquals(await stage.run("8892", "add", "MIT", "02139"), 1);
  assertEquals(stage.stderr, "Nothing was done: the session is closed\n");
});

Deno.test("A command that the cluster refuses is exit code 1", async () => {
  const stage = new Stage();
  stage.cluster.insteads.push(() => Promise.resolve({ output: new Uint8Array([6]), index: 1 }));
  assertEquals(await stage.run("8892", "add", "MIT", "02139"), 1);
  assertEquals(
    stage.stderr,
    "The cluster did not do it: the database is full: its history has no more room (status says how much), or its " +
      "sites have more than 1 GiB; see docs/operations/full_log.md\n",
  );
});
