/**
 * The first session of the README is true: it is typed here, and what the programs print is compared with the page.
 *
 * Ports, processes, and times are of the run; everything else must be as the README has it.
 */

import { assert, assertEquals } from "@std/assert";
import { Program } from "../cluster/program.ts";
import { testNeeding } from "../net/needing.ts";

/** What the README shows in a terminal: a line that is typed, and what follows it. */
interface Shown {
  /** After `$`, for a shell, or after `>`, for the launcher. */
  readonly prompt: "$" | ">";
  readonly typed: string;
  readonly printed: string;
}

/** The sessions in the section of this name, in their order. */
export function shownIn(page: string, section: string): Shown[] {
  const [, after] = page.split(`\n## ${section}\n`);
  assert(after !== undefined, `the page has no section "${section}"`);
  const shown: Shown[] = [];
  for (const [, language, block] of after.split("\n## ")[0].matchAll(/^```(\w*)\n([^]*?)^```$/gm)) {
    if (language !== "") continue;
    for (const [, prompt, typed, printed] of block.matchAll(/^([$>]) (.*)\n((?:(?![$>] ).*\n)*)/gm)) {
      shown.push({ prompt: prompt as Shown["prompt"], typed, printed });
    }
  }
  return shown;
}

/** The text with the ports of the README for those of the run, and one word each for what differs from run to run. */
export function comparable(text: string, ports: readonly string[]): string {
  let same = text;
  ports.forEach((port, at) => same = same.replaceAll(new RegExp(`\\b${port}\\b`, "g"), String(8892 + at)));
  return same.replace(/process \d+/g, "process PID").replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME");
}

/** The words of a command line, as a shell takes them apart. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

const clientStart = "deno task -q client 8892 8893 8894 ";

testNeeding(["run", "net", "read", "write"], "the first session of the README goes as it says", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const [start, ...rest] = shownIn(readme, "A first session");
  assertEquals(start.typed, "deno task -q servers 3");
  const servers = new Program("servers", "3", "--base-port", "0");
  try {
    await servers.said(/Type the id .*\n/);
    const ports = [...servers.stdout.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
    assertEquals(comparable(servers.stdout, ports), comparable(start.printed, []));
    for (const { prompt, typed, printed } of rest) {
      if (prompt === ">") {
        const before = servers.stdout.length;
        await servers.type(`${typed}\n`);
        const lines = printed.split("\n").length - 1;
        await servers.said(new RegExp(`^[^]{${before}}(?:.*\\n){${lines}}`));
        assertEquals(comparable(servers.stdout.slice(before), ports), comparable(printed, []), typed);
      } else {
        assert(typed.startsWith(clientStart), `the test cannot type "${typed}"`);
        const ended = await Program.run("client", [...ports, ...wordsOf(typed.slice(clientStart.length))]);
        assertEquals(ended.code, 0, typed);
        assertEquals(comparable(ended.stdout + ended.stderr, ports), comparable(printed, []), typed);
      }
    }
    await servers.type("quit\n");
  } catch (error) {
    servers.signal("SIGTERM");
    await servers.end();
    throw error;
  }
  assertEquals((await servers.end()).code, 0);
});

Deno.test("shownIn() takes a session apart, and comparable() leaves only what must be the same", () => {
  const page =
    "# P\n\n## S\n\n```\n$ a b\nc\n$ d\n```\n\n```sh\n$ no\n```\n\n```\n> e\nf\ng\n```\n\n## T\n\n```\n$ h\n```\n";
  assertEquals(shownIn(page, "S"), [
    { prompt: "$", typed: "a b", printed: "c\n" },
    { prompt: "$", typed: "d", printed: "" },
    { prompt: ">", typed: "e", printed: "f\ng\n" },
  ]);
  assertEquals(
    comparable("at 127.0.0.1:4000, process 12, 2026-11-24T15:48:16Z, 40001", ["4001", "4000"]),
    "at 127.0.0.1:8893, process PID, TIME, 40001",
  );
});
