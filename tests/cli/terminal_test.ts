import { stripVTControlCharacters } from "node:util";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import { VaxlogClient } from "../../src/library/client.ts";
import { LoneReplica } from "./lone_replica.ts";
import { inFolder } from "../storage/folder.ts";
import { hasPseudoTerminal, PseudoTerminal } from "./pseudo_terminal.ts";
import { Session } from "../net/admitted.ts";

const granted = (["net", "read", "write"] as const).every((name) => {
  return Deno.permissions.querySync({ name }).state === "granted";
});

function terminalTest(name: string, fn: (replica: LoneReplica) => Promise<void>): void {
  Deno.test({
    name:
      `In a terminal, ${name} (needs --allow-net, --allow-run, --allow-read, --allow-write, and script of util-linux)`,
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
  const expected = `Avail.  ZIP    Site Name
     0  02138  Harvard University
     0  08332  薬局 Rite Aid of Millvil…
(no room for: Age; --json and a wider
window show all)
`;
  const plain = await new PseudoTerminal(40, [replica.port, "list", "--table"], { NO_COLOR: "1" }).ended();
  assertEquals(plain, { code: 0, screen: expected });
  for (const line of plain.screen.split("\n")) assert(unicodeWidth(line) <= 40, line);
  const coloured = await new PseudoTerminal(40, [replica.port, "list", "--table"], { NO_COLOR: "" }).ended();
  assert(coloured.screen.startsWith("\x1b[1mAvail."), coloured.screen);
  assertEquals(stripVTControlCharacters(coloured.screen), expected);
});

terminalTest("the menu waits for what is typed, shows it once, and is left by Ctrl-C with 0", async (replica) => {
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
  assertEquals(screen.split("harv").length, 2, screen);
});

terminalTest("a command that makes no sense is one line and exit code 2", async () => {
  const { code, screen } = await new PseudoTerminal(100, ["8892", "lisst"]).ended();
  assertEquals(code, 2);
  assertEquals(screen, '"lisst" is neither an address nor a command: did you mean list? (--help explains more)\n');
});

terminalTest(
  "import shows a bar, the rate and the time left; Ctrl-C stops it, and says where to continue",
  async (replica) => {
    await inFolder(async (folder) => {
      const file = `${folder}/sites.csv`;
      const header = "Availability,ZIP Code,Site Name\n";
      // Far more than is imported before the bar is there.
      const lines = Array.from({ length: 1_000_000 }, (_, at) => `7,02139,Site ${at}\n`);
      await Deno.writeTextFile(file, header + lines.join(""));
      const terminal = new PseudoTerminal(100, [replica.port, "import", file], { NO_COLOR: "1" });
      await terminal.said(/\[=+ +\] Read \d[\d.]* of 19\.9 MB \(\d+ %\), [\d,]+ records, [\d.]+ MB\/s, .*left/);
      await terminal.type("\x03");
      const { code, screen } = await terminal.ended();
      assertEquals(code, 1);
      const [, last] =
        /up to line (\d+) is done; continue with --from-line \d+: nothing\sis\simported\stwice\n$/.exec(screen) ??
          [];
      assert(last !== undefined, screen);
      const end = screen.slice(screen.lastIndexOf("\x1b[K") + 3);
      assert(
        end.startsWith(`${Number(last) - 1} sites added, 0 changed, `),
        "the bar is gone, and all that was read is done",
      );
    });
  },
);

terminalTest("watch prints each change when it happens, and Ctrl-C ends it with 0", async (replica) => {
  const terminal = new PseudoTerminal(100, [replica.port, "watch"], { NO_COLOR: "1" });
  await terminal.said(/Watching from entry 2 on; Ctrl-C ends it\n$/);
  await add(replica, ["MIT", "02139"], ["BU", "02215"]);
  await terminal.said(/\n {6}2 {2}20.*Z {2}added {13}MIT {2}\(ZIP 02139\)\n {6}3 .*BU {2}\(ZIP 02215\)\n$/);
  await terminal.type("\x03");
  assertEquals((await terminal.ended()).code, 0);
});

terminalTest("status fits the window", async (replica) => {
  const { code, screen } = await new PseudoTerminal(60, [replica.port, "status"], { NO_COLOR: "1" }).ended();
  assertEquals(code, 0);
  assertMatch(
    screen,
    /^Healthy: a probe became stable in [\d.]+ ms; 1 site, 1\sentry\sin\sthe\slog\nid {2}address +state {2}.*lag/,
  );
  for (const line of screen.split("\n").slice(1, 3)) assert(unicodeWidth(line) <= 60, line);
});
