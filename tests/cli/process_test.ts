import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Sites } from "../database/store/machine.ts";
import { LoneReplica } from "./lone_replica.ts";
import { Session } from "../net/admitted.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

const isGranted = (descriptor: Deno.PermissionDescriptor) => Deno.permissions.querySync(descriptor).state === "granted";
const granted = isGranted({ name: "net", host: "127.0.0.1" }) &&
  (isGranted({ name: "run" }) || isGranted({ name: "run", command: Deno.execPath() }));

function processTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name} (needs --allow-net --allow-run)`, ignore: !granted, fn });
}

/** Starts the client as a program. */
function start(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-net",
      ...tokenPermissions,
      new URL("../../main_client.ts", import.meta.url).href,
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the client to its end with some input. */
async function run(input: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(...args);
  const writer = child.stdin.getWriter();
  // A client that reads nothing may have left before.
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    written,
  ]);
  return { code, stdout, stderr };
}

/** Reads from a stream until some text has come. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, end: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes(end)) {
    const { done, value } = await reader.read();
    assert(!done, `the output ended without "${end}": ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  return text;
}

processTest("The client program does scripted commands, with output and exit code", async () => {
  using replica = new LoneReplica();
  const expected: [string[], number, RegExp, RegExp][] = [
    [["list"], 0, /^Availability,ZIP Code,Site Name\n0,02138,Harvard University\n$/, /^$/],
    [["set", "Harvard University", "True"], 0, /^Harvard University, ZIP 02138, availability True\n$/, /^$/],
    [["view", "Harvard University", "--json"], 0, /^\{.*"availability":true,.*\}\n$/, /^$/],
    [["add", "Harvard University", "1"], 1, /^$/, /^A site is there already/],
    [["view", "MIT"], 1, /^$/, /^There is no site "MIT"/],
    [["set", "Harvard University", "-1"], 2, /^$/, /^Cannot take "-1" as an availability/],
  ];
  for (const [args, code, stdout, stderr] of expected) {
    const result = await run("", replica.port, ...args);
    assertEquals(result.code, code);
    assertMatch(result.stdout, stdout);
    assertMatch(result.stderr, stderr);
  }
});

processTest("The client program takes the menu's input from a pipe and loses no line", async () => {
  using replica = new LoneReplica();
  const count = 200;
  const adds = Array.from({ length: count }, (_, at) => `n\nSite ${at}\n${at}\n`).join("");
  const { code, stdout, stderr } = await run(`${adds}l`, replica.port);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.match(/^0,\d+,Site \d+$/mg)?.length, count);
});

processTest("The client program leaves the menu at a signal, quietly, and its session ends", async () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    using replica = new LoneReplica();
    const child = start(replica.port);
    const reader = child.stdout.getReader();
    await readUntil(reader, "> ");
    child.kill(signal);
    const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
    assertEquals([code, stderr], [0, ""]);
    await reader.cancel();
    await child.stdin.close().catch(() => {});
  }
});

processTest("The client program leaves quietly when nobody reads its output", async () => {
  using replica = new LoneReplica();
  const session = await Session.connect([`127.0.0.1:${replica.port}`]);
  const client = new VaxlogClient(session);
  await Promise.all(Array.from({ length: 20_000 }, (_, at) => client.add(`A site with a long name ${at}`, "1")));
  await session.close();
  const child = start(replica.port, "list");
  const reader = child.stdout.getReader();
  await readUntil(reader, "\n");
  await reader.cancel();
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text(), child.stdin.close()]);
  assertEquals([code, stderr], [0, ""]);
});

processTest("The client program says which addresses it tried when all refuse", async () => {
  const replica = new LoneReplica();
  replica.close();
  const { code, stdout, stderr } = await run("", replica.port, "list");
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, `127.0.0.1:${replica.port}`);
  assertMatch(stderr, /^.+\n$/);
});

processTest("The client program says that an outcome is unknown when the last replica is lost meanwhile", async () => {
  for (const [args, input] of [[["set", "Harvard University", "5"], ""], [[], "n\nMIT\n02139\nq\n"]] as const) {
    const machine = new Sites();
    using replica: LoneReplica = new LoneReplica(machine);
    machine.apply = (commands) => {
      replica.close();
      return commands;
    };
    const { code, stdout, stderr } = await run(input, replica.port, ...args);
    assertEquals(code, 3);
    assertMatch(stdout + stderr, /The outcome is unknown: .+; what was asked may or may not have been done\n$/);
  }
});

processTest("The client program imports what is piped into it, and exports it again as the same bytes", async () => {
  using replica = new LoneReplica();
  const rows = Array.from({ length: 2_000 }, (_, at) => `${at},02139,"Site, ${String(at).padStart(4, "0")}"\n`);
  const input = `Availability,ZIP Code,Site Name\n${rows.join("")}`;
  const imported = await run(input, replica.port, "import", "-", "--format", "csv");
  assertEquals([imported.code, imported.stderr], [0, ""]);
  assertMatch(imported.stdout, /^2000 sites added, 0 changed, 0 the same as before, 0 out of date\n2000 records read/);
  assertEquals((await run("", replica.port, "list", "--zip", "02139")).stdout, input);
  const exported = (await run("", replica.port, "export", "-", "--format", "ndjson")).stdout;
  const again = await run(exported, replica.port, "import", "-", "--format", "ndjson", "--json");
  assertEquals([again.code, JSON.parse(again.stdout).same], [0, 2_001]);
});

processTest("The client program watches, with one JSON object per line in a pipe, until a signal", async () => {
  using replica = new LoneReplica();
  const child = start(replica.port, "watch", "--from", "1", "--json");
  const reader = child.stdout.getReader();
  assertEquals(JSON.parse(await readUntil(reader, "\n")).kind, "added");
  assertEquals((await run("", replica.port, "set", "Harvard University", "5")).code, 0);
  const { index, availability } = JSON.parse(await readUntil(reader, "\n"));
  assertEquals([index, availability], [2, 5]);
  child.kill("SIGTERM");
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  assertEquals([code, stderr], [0, ""]);
  await reader.cancel();
  await child.stdin.close().catch(() => {});
});
