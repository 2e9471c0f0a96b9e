import { stripVTControlCharacters } from "node:util";
import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import { VaxlogClient } from "../../src/client.ts";
import { Session } from "../../src/net/session.ts";
import { LoneReplica } from "./lone_replica.ts";
import { hasPseudoTerminal, PseudoTerminal } from "./pseudo_terminal.ts";

const granted = Deno.permissions.querySync({ name: "net", host: "127.0.0.1" }).state === "granted";

function terminalTest(name: string, fn: (replica: LoneReplica) => Promise<void>): void {
  Deno.test({
    name: `In a terminal, ${name} (needs --allow-net, --allow-run, and script of util-linux)`,
    ignore: !granted || !hasPseudoTerminal,
    fn: async () => {
      using replica = new LoneReplica();
      await fn(replica);
    },
  });
}

/** Adds sites. */
async function add(replica: LoneReplica, ...sites: (readonly [name: string, zip: string])[]): Promise<void> {
  const session = await Session.connect([`127.0.0.1:${replica.port}`]);
  const client = new VaxlogClient(session);
  for (const [name, zip] of sites) await client.add(name, zip);
  await session.close();
}

terminalTest("list is the same CSV as in a pipe", async (replica) => {
  const terminal = new PseudoTerminal(40, [replica.port, "list"]);
  assertEquals(await terminal.ended(), {
    code: 0,
    screen: "Availability,ZIP Code,Site Name\n0,02138,Harvard University\n",
  });
});

terminalTest("list --table fits a window of 40 columns, and has colours unless NO_COLOR says no", async (replica) => {
  await add(replica, ["薬局 Rite Aid of Millville, at the corner of Main Street", "08332"]);
  const expected = `Availability  ZIP…   Site Name
           0  02138  Harvard University
           0  08332  薬局 Rite Aid of M…
`;
  const plain = await new PseudoTerminal(40, [replica.port, "list", "--table"], { NO_COLOR: "1" }).ended();
  assertEquals(plain, { code: 0, screen: expected });
  for (const line of plain.screen.split("\n")) assert(unicodeWidth(line) <= 40, line);
  const coloured = await new PseudoTerminal(40, [replica.port, "list", "--table"], { NO_COLOR: "" }).ended();
  assert(coloured.screen.startsWith("\x1b[1mAvailability"), coloured.screen);
  assertEquals(stripVTControlCharacters(coloured.screen), expected);
});

terminalTest("the menu waits for what is typed, does not repeat it, and is left by Ctrl-C with 0", async (replica) => {
  const terminal = new PseudoTerminal(100, [replica.port], { NO_COLOR: "1" });
  await terminal.said(/\[q\] > $/);
  await terminal.type("e\n");
  await terminal.said(/empty: back\): $/);
  await terminal.type("harv\n");
  await terminal.said(/now 0; empty: back\): $/);
  await terminal.type("7\n");
  await terminal.said(/availability 7\n.*\[q\] > $/);
  await terminal.type("l\n");
  await terminal.said(/\n {2}1 {13}7 {2}02138 {5}Harvard University {2}20.*Z\n.*\[q\] > $/);
  await terminal.type("\x03");
  const { code, screen } = await terminal.ended();
  assertEquals(code, 0);
  assert(!screen.includes("harv\n"), screen);
});

terminalTest("a command that makes no sense is one line and exit code 2", async () => {
  const { code, screen } = await new PseudoTerminal(100, ["8892", "lisst"]).ended();
  assertEquals(code, 2);
  assertEquals(screen, '"lisst" is neither an address nor a command: did you mean list? (--help explains more)\n');
});
