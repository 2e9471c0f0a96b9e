import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { stillJoiningLine } from "../../src/cluster/announcements.ts";
import { linesOf, type TextLine } from "../../src/runtime/lines.ts";
import { exists } from "./fakes.ts";
import { tokenPermissions } from "../../src/secrets/token_files.ts";

const granted = (["run", "net", "read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

const main = new URL("../../main_servers.ts", import.meta.url);

/** `deno task servers` as a process, without the task. */
class Servers {
  readonly process: Deno.ChildProcess;
  readonly errors: Promise<string>;
  /** All lines so far. */
  readonly lines: string[] = [];
  #output: AsyncIterator<TextLine>;
  #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #read = 0;

  constructor(args: readonly string[], wrap: (program: string, args: string[]) => [string, string[]] = (...it) => it) {
    const permissions = ["--allow-run", "--allow-write", ...tokenPermissions];
    const [program, words] = wrap(Deno.execPath(), ["run", "--no-prompt", ...permissions, main.href, ...args]);
    const command = new Deno.Command(program, { args: words, stdin: "piped", stdout: "piped", stderr: "piped" });
    this.process = command.spawn();
    this.errors = new Response(this.process.stderr).text();
    this.#output = linesOf(this.process.stdout, 10_000);
    this.#input = this.process.stdin.getWriter();
  }

  /** A cluster at free ports that is ready. */
  static async start(count: number, args: readonly string[] = []): Promise<Servers> {
    const servers = new Servers([`${count}`, "--base-port", "0", ...args]);
    await servers.line(/^Type the id/);
    return servers;
  }

  /** The next line that matches; the lines before it are skipped. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      while (this.#read < this.lines.length) {
        const line = this.lines[this.#read++];
        if (pattern.test(line)) return line;
      }
      if (!await this.#readMore()) throw new Error(`No line matches ${pattern}:\n${this.lines.join("\n")}`);
    }
  }

  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  async endInput(): Promise<void> {
    await this.#input.close().catch(() => {});
  }

  /** Its exit code, when its output has ended, and with it whoever wrote to it. */
  async end(): Promise<number> {
    while (await this.#readMore());
    await this.endInput();
    await this.errors;
    return (await this.process.status).code;
  }

  /** The process that launched the replicas. */
  get launcher(): number {
    return Number(this.#found(/started by process (\d+)/)[0]);
  }

  /** The processes of the replicas. */
  get replicas(): number[] {
    return this.#found(/^ {2}replica .* process (\d+)/).map(Number);
  }

  get ports(): number[] {
    return this.#found(/^ {2}replica .*:(\d+) /).map(Number);
  }

  async #readMore(): Promise<boolean> {
    const { done, value } = await this.#output.next();
    if (!done) this.lines.push(value.text);
    return !done;
  }

  #found(pattern: RegExp): string[] {
    return this.lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
  }
}

/** Makes a link to each replica, which ends when the replica does; `gone` resolves when all have. */
async function watch(servers: Servers): Promise<{ readonly gone: Promise<unknown> }> {
  const links = await Promise.all(servers.ports.map((port) => Deno.connect({ hostname: "127.0.0.1", port })));
  return { gone: Promise.all(links.map((link) => link.readable.pipeTo(new WritableStream()).catch(() => {}))) };
}

const failureLine = /^Replica \d+ (was|gave|ended|could|has not)/;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs --allow-run, --allow-net, --allow-read, --allow-write)`,
    ignore: !granted,
    sanitizeOps: true,
    sanitizeResources: true,
    fn,
  });
}

Deno.test("stillJoiningLine() says how far a newcomer is", () => {
  const line = (restored?: number, fetched?: number, fetchMs?: number) =>
    stillJoiningLine({ slot: 2, restored, fetched, fetchMs });
  assertEquals(line(63), "Replica 2 is still joining: it has 63 % of the data");
  assertEquals(
    line(100),
    "Replica 2 is still joining: it has the data, and catches up with what was written meanwhile",
  );
  assertEquals(line(), "Replica 2 is still joining: no other replica sends it the data yet");
  const fetching = "Replica 2 is still joining: it fetches history, and has 37 % of it";
  assertEquals([line(undefined, 37), line(100, 37)], [fetching, fetching]);
  assertEquals(line(undefined, 37, 236_000), `${fetching}; the rest takes about 4 min`);
});

test("servers prints how many run, their addresses, its process, and the command for clients", async () => {
  const servers = await Servers.start(3);
  const { ports, replicas, launcher } = servers;
  assertEquals([ports.length, replicas.length], [3, 3]);
  assertEquals(launcher, servers.process.pid);
  assertEquals(servers.lines.slice(0, 2), [
    `3 replicas run, started by process ${launcher}:`,
    `  replica 0  127.0.0.1:${ports[0]}  process ${replicas[0]}`,
  ]);
  assert(servers.lines.includes(`Clients: deno task client ${ports.join(" ")}`));
  assert(servers.lines.some((line) => line.includes("in memory")));
  await servers.type("quit\n");
  assertEquals(await servers.end(), 0);
  assertEquals(replicas.filter(exists), []);
});

test("servers takes triggers from a pipe, one after the other", async () => {
  const servers = await Servers.start(3);
  await servers.type("0\nstatus\n0\n\nnonsense\n1\n2\nhelp\n");
  assertEquals(
    await servers.line(/^Replica 0/),
    "Replica 0 was crashed. Replicas 1 and 2 live: 1 more may fail",
  );
  assertMatch(await servers.line(/^0 /), /^0 +\d+ +\d+ +failed$/);
  assertMatch(await servers.line(/^1 /), /^1 +\d+ +\d+ +up +\d+ +0 +[0-9a-f]{14} +0 +in memory$/);
  await servers.line(/^Replicas 1 and 2 live: 1 more may fail$/);
  await servers.line(/^Cannot crash replica 0: it has failed already$/);
  await servers.line(/^Cannot understand "nonsense"/);
  await servers.line(/^Replica 1 was crashed\. Replica 2 is the last one: no more may fail$/);
  await servers.line(/^Cannot crash replica 2: it is the last one/);
  await servers.line(/quit/);
  assertEquals(servers.lines.filter((line) => failureLine.test(line)).length, 2, "each failure is reported once");
  await servers.type("quit");
  await servers.endInput();
  assertEquals(await servers.end(), 0);
  assertEquals(await servers.errors, "");
});

test("servers repairs a replica that has failed, and adds one, which then count", async () => {
  const servers = await Servers.start(2);
  await servers.type("1\nrestart 1\nrestart 1\n");
  await servers.line(/^Replica 1 was crashed\. Replica 0 is the last one: no more may fail$/);
  await servers.line(/^Replica 1 is starting; it joins when it has the data$/);
  await servers.line(/^Cannot restart replica 1: it is joining already$/);
  assertMatch(
    await servers.line(/^Replica 1 has joined/),
    new RegExp(`, at 127\\.0\\.0\\.1:${servers.ports[1]}, process \\d+\\. Replicas 0 and 1 live: 1 more may fail$`),
  );
  await servers.type("add\n");
  await servers.line(/^Replica 2 is starting/);
  await servers.line(/^Replica 2 has joined, at .*\. Replicas 0, 1 and 2 live: 2 more may fail$/);
  await servers.type("0\n2\nstatus\n1\nquit\n");
  await servers.line(/^Replica 2 was crashed\. Replica 1 is the last one: no more may fail$/);
  assertMatch(
    await servers.line(/^1 /),
    new RegExp(`^1 +${servers.ports[1]} +\\d+ +up +\\d+ +0 +[0-9a-f]{14} +0 +in memory$`),
  );
  await servers.line(/^Cannot crash replica 1: it is the last one/);
  assertEquals(await servers.end(), 0);
  assertEquals(await servers.errors, "");
});

test("servers continues when a replica cannot be restarted since its port is in use", async () => {
  const servers = await Servers.start(2);
  await servers.type("1\n");
  await servers.line(/^Replica 1 was crashed/);
  const [, port] = servers.ports;
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  await servers.type("restart 1\n");
  await servers.line(/^Replica 1 is starting/);
  assertEquals(
    await servers.line(failureLine),
    `Replica 1 has not joined: it could not continue: port ${port} is in use, stop what uses it. ` +
      "Replica 0 is the last one: no more may fail. Type restart 1 to try again",
  );
  listener.close();
  await servers.type("restart 1\n");
  await servers.line(/^Replica 1 has joined/);
  await servers.type("quit\n");
  assertEquals(await servers.end(), 0);
});

test("servers continues when its input ends, and reports a replica that is killed from outside", async () => {
  const servers = await Servers.start(3);
  await servers.endInput();
  Deno.kill(servers.replicas[1], "SIGKILL");
  assertEquals(
    await servers.line(failureLine),
    "Replica 1 was killed from outside by SIGKILL. Replicas 0 and 2 live: 1 more may fail",
  );
  servers.process.kill("SIGTERM");
  assertEquals(await servers.end(), 0);
});

test("servers ends with exit code 1 when the last replica that has the data dies while another one joins", async () => {
  const servers = await Servers.start(2);
  await servers.type("1\n");
  await servers.line(/^Replica 1 was crashed/);
  // A stopped replica gives nobody the data.
  Deno.kill(servers.replicas[0], "SIGSTOP");
  await servers.type("restart 1\n");
  await servers.line(/^Replica 1 is starting/);
  Deno.kill(servers.replicas[0], "SIGKILL");
  assertEquals(await servers.end(), 1);
  assertEquals(
    servers.lines.slice(-2),
    [
      "Replica 0 was killed from outside by SIGKILL. No replica that has joined is left",
      "Stopped: no replica is left that has the data, which were in memory and are lost",
    ],
  );
});

test("servers stops on Ctrl-C while a replica joins, and reports no failure", async () => {
  const servers = await Servers.start(2);
  await servers.type("1\nrestart 1\nstatus\n");
  await servers.line(/^Replica 1 is starting/);
  const [, pid] = /^1 +\d* +(\d+) +(?:joining|up)/.exec(await servers.line(/^1 /)) ?? [];
  for (const each of [servers.launcher, Number(pid), servers.replicas[0]]) Deno.kill(each, "SIGINT");
  assertEquals(await servers.end(), 0);
  assertEquals([servers.replicas[0], Number(pid)].filter(exists), []);
  assertEquals(servers.lines.filter((line) => failureLine.test(line)), [
    "Replica 1 was crashed. Replica 0 is the last one: no more may fail",
  ]);
  assertEquals(await servers.errors, "");
});

test("servers ends with exit code 1 when no replica is left", async () => {
  const servers = await Servers.start(2);
  for (const pid of servers.replicas) Deno.kill(pid, "SIGKILL");
  assertEquals(await servers.end(), 1);
  assertMatch(servers.lines.at(-1) ?? "", /^Stopped: no replica is left/);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`servers stops on ${signal}, also a repeated one, and reports no failure`, async () => {
    const servers = await Servers.start(3);
    Deno.kill(servers.replicas[0], "SIGSTOP");
    // As from a terminal: to the replicas too, and more than once.
    for (const pid of [...servers.replicas, servers.launcher, servers.launcher]) Deno.kill(pid, signal);
    assertEquals(await servers.end(), 0);
    assertEquals(servers.replicas.filter(exists), []);
    assertEquals(servers.lines.filter((line) => failureLine.test(line)), []);
    assertEquals(await servers.errors, "");
  });
}

test("servers leaves no orphan when it is killed", async () => {
  const servers = await Servers.start(3);
  const { gone } = await watch(servers);
  servers.process.kill("SIGKILL");
  await gone;
  assertEquals(await servers.end(), 137);
});

test("servers stops when the program that started it is killed", async () => {
  // The shell waits for it, as `deno task` does.
  const inShell = (
    program: string,
    args: string[],
  ): [string, string[]] => ["sh", ["-c", '"$0" "$@"; true', program, ...args]];
  const servers = new Servers(["2", "--base-port", "0"], inShell);
  await servers.line(/^Type the id/);
  assert(servers.launcher !== servers.process.pid);
  servers.process.kill("SIGKILL");
  await servers.end();
  assertEquals(servers.lines.at(-1), "Stopped: the program that started this one has ended");
});

test("servers --detach continues when the program that started it is killed", async () => {
  const inShell = (
    program: string,
    args: string[],
  ): [string, string[]] => ["sh", ["-c", '"$0" "$@"; true', program, ...args]];
  const servers = new Servers(["2", "--base-port", "0", "--detach"], inShell);
  await servers.line(/^Type the id/);
  servers.process.kill("SIGKILL");
  await servers.process.status;
  // A replica that hangs makes this table take longer than two looks at the parent.
  Deno.kill(servers.replicas[1], "SIGSTOP");
  await servers.type("status\n");
  await servers.line(/up +no answer$/);
  Deno.kill(servers.launcher, "SIGTERM");
  await servers.end();
  assertEquals(servers.lines.at(-1), "Stopped: no replica runs any more");
});

test("servers refuses a wrong command line with one line and exit code 2", async () => {
  for (const args of [[], ["0"], ["3", "--base-prot", "1"], ["3", "--base-port", "65535"]]) {
    const servers = new Servers(args);
    assertEquals(await servers.end(), 2);
    assertEquals(servers.lines, []);
    assertMatch(await servers.errors, /^[^\n]+\n$/);
  }
  const servers = new Servers(["--help"]);
  assertEquals(await servers.end(), 0);
  assertStringIncludes(servers.lines[0], "Usage: deno task servers T");
});

test("servers fails with one line and exit code 1 when a port is in use, and leaves nothing running", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const servers = new Servers(["1", "--base-port", `${port}`]);
  assertEquals(await servers.end(), 1);
  listener.close();
  assertEquals(servers.lines, []);
  assertEquals(
    await servers.errors,
    `Cannot start replica 0: port ${port} is in use, stop what uses it or choose another --base-port\n`,
  );
});

test("servers writes logs to the directory that it is given, whatever its name", async () => {
  const parent = await Deno.makeTempDir();
  const logDir = `${parent}/a b,c/logs`;
  const servers = await Servers.start(2, ["--log-dir", logDir]);
  await servers.type("quit\n");
  assertEquals(await servers.end(), 0);
  assertEquals(await servers.errors, "");
  const names = () => [...Deno.readDirSync(logDir)].map(({ name }) => name).sort();
  assertEquals(names(), ["replica-0.log", "replica-1.log"]);
  Deno.writeTextFileSync(`${logDir}/replica-1.log`, "of an earlier one\n");
  const again = await Servers.start(2, ["--log-dir", logDir]);
  await again.type("1\nrestart 1\n");
  await again.line(/^Replica 1 has joined/);
  await again.type("quit\n");
  assertEquals([await again.end(), await again.errors], [0, ""]);
  assertEquals(names(), ["replica-0.log", "replica-1.log", "replica-1.log.1"]);
  assertEquals(Deno.readTextFileSync(`${logDir}/replica-1.log.1`), "of an earlier one\n");
  await Deno.remove(parent, { recursive: true });
});

test("servers fails with one line and exit code 1 when no log can be written", async () => {
  const file = await Deno.makeTempFile();
  const servers = new Servers(["2", "--base-port", "0", "--log-dir", file]);
  assertEquals(await servers.end(), 1);
  assertMatch(await servers.errors, /^Cannot write logs to "[^\n]+\n$/);
  await Deno.remove(file);
});
