import { assert, assertEquals, assertMatch } from "@std/assert";
import { LoneReplica } from "../cli/lone_replica.ts";
import { hasPseudoTerminal, PseudoTerminal, type TerminalProgram } from "../cli/pseudo_terminal.ts";
import { Program } from "./program.ts";

const granted = (["net", "run", "read", "write"] as const).every((name) => {
  return Deno.permissions.querySync({ name }).state === "granted";
});

function terminalTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `${name} (needs --allow-net, --allow-run, --allow-read, --allow-write, and script of util-linux)`,
    ignore: !granted || !hasPseudoTerminal,
    fn,
  });
}

const plain = { NO_COLOR: "1" };

function hintsIn(screen: string): number {
  return screen.split("Ctrl-Z does not stop").length - 1;
}

for (const program of ["client", "client by its task"] as const) {
  terminalTest(`Ctrl-Z does not stop the ${program}, and is answered once`, async () => {
    using replica = new LoneReplica();
    const terminal = new PseudoTerminal(100, [replica.port, "watch"], plain, { program, job: "foreground" });
    await terminal.said(/Ctrl-C ends it\n$/);
    await terminal.type("\x1a");
    await terminal.said(/Ctrl-Z does not stop the client: .*\n$/);
    const set = await Program.run("client", [replica.port, "set", "Harvard University", "7"]);
    assertEquals(set.code, 0);
    await terminal.said(/ {2}7 +Harvard University\n$/);
    await terminal.type("\x03");
    const { code, screen } = await terminal.ended();
    assertEquals([code, hintsIn(screen)], [0, 1]);
  });
}

terminalTest("Ctrl-Z does not stop the menu, and what was typed before it stays", async () => {
  using replica = new LoneReplica();
  const terminal = new PseudoTerminal(100, [replica.port], plain, {
    program: "client by its task",
    job: "foreground",
  });
  await terminal.said(/\[q\] > $/);
  await terminal.type("v\rHarvaRd\x1a");
  await terminal.said(/Ctrl-Z does not stop the client/);
  await terminal.type("\x1b[D\x7fr\r");
  await terminal.said(/Harvard University, ZIP 02138, availability 0\n/);
  await terminal.type("\x04");
  assertEquals((await terminal.ended()).code, 0);
});

/** The numbers of the processes that a launcher has said. */
async function pidsOf(terminal: PseudoTerminal): Promise<readonly [launcher: number, ...replicas: number[]]> {
  const { input } = await terminal.said(/help, quit\.\n/);
  const [launcher, ...replicas] = [...input.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));
  return [launcher, ...replicas];
}

async function startServers(program: TerminalProgram, job: "foreground" | "background"): Promise<PseudoTerminal> {
  return await Promise.resolve(new PseudoTerminal(100, ["3", "--base-port", "0"], plain, { program, job }));
}

for (const program of ["servers", "servers by their task"] as const) {
  terminalTest(`Ctrl-Z does not stop the ${program}, neither as a key nor as a signal to all`, async () => {
    const terminal = await startServers(program, "foreground");
    const pids = await pidsOf(terminal);
    await terminal.said(/\n> $/);
    await terminal.type("stat\x1a");
    await terminal.said(/Ctrl-Z does not stop the cluster/);
    await terminal.type("us\r");
    await terminal.said(/Replicas 0, 1 and 2 live: 2 more may fail\n/);
    for (const pid of pids) Deno.kill(pid, "SIGTSTP");
    await terminal.said(/Ctrl-Z does not stop[^]*Ctrl-Z does not stop/);
    await terminal.type("status\r");
    await terminal.said(/live: 2 more may fail[^]*live: 2 more may fail/);
    await terminal.type("quit\r");
    const { code, screen } = await terminal.ended();
    assertEquals([code, hintsIn(screen)], [0, 2]);
    assert(!screen.includes("no answer"), screen);
  });
}

terminalTest("Servers that are started in the background serve, and read no terminal", async () => {
  const terminal = await startServers("servers by their task", "background");
  const [launcher] = await pidsOf(terminal);
  const [, port] = await terminal.said(/Clients: deno task client (\d+)/);
  const status = await Program.run("client", [port, "status"]);
  assertMatch(status.stdout, /^Healthy: [^]*\n2 more may fail\n/);
  Deno.kill(launcher, "SIGTERM");
  const { code, screen } = await terminal.ended();
  assertEquals(code, 0);
  assertMatch(screen, /Stopped: no replica runs any more\n$/);
  assert(!screen.includes("> "), screen);
});
