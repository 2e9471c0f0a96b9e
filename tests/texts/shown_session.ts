/**
 * Sessions that a page shows: typed as it says, and compared with what it says.
 *
 * Ports, processes, times and the ids of imports are of the run; everything else must be as the page has it.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Program } from "../cluster/program.ts";

/** What a page shows in a terminal: a line that is typed, and what follows it. */
interface Shown {
  /** After `$`, for a shell, or after `>`, for the launcher. */
  readonly prompt: "$" | ">";
  readonly typed: string;
  readonly printed: string;
}

/** The sessions in the section of this name, in their order; absent: of the whole page. */
export function shownIn(page: string, section?: string): Shown[] {
  const [, after] = section === undefined ? ["", page] : page.split(`\n## ${section}\n`);
  assert(after !== undefined, `the page has no section "${section}"`);
  const shown: Shown[] = [];
  const part = section === undefined ? after : after.split("\n## ")[0];
  for (const [, language, block] of part.matchAll(/^```(\w*)\n([^]*?)^```$/gm)) {
    if (language !== "") continue;
    for (const [, prompt, typed, printed] of block.matchAll(/^([$>]) (.*)\n((?:(?![$>] ).*\n)*)/gm)) {
      shown.push({ prompt: prompt as Shown["prompt"], typed, printed });
    }
  }
  return shown;
}

/** The text with the ports of the page for those of the run, and one word each for what differs from run to run. */
export function comparable(text: string, ports: readonly string[]): string {
  let same = text;
  ports.forEach((port, at) => same = same.replaceAll(new RegExp(`\\b${port}\\b`, "g"), String(8892 + at)));
  // A machine that is busy has them wait, and say so.
  same = same.replace(/^No (?:answer|view) has come yet from .*; .*waiting\n/gm, "");
  return same.replace(/process \d+/g, "process PID").replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "TIME")
    .replace(/retract \d+-\d+@\d+/g, "retract ID");
}

/** The words of a command line, as a shell takes them apart. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

const clientStart = "deno task -q client 8892 8893 8894 ";

/** Types a session that begins with the start of a cluster, and ends the cluster. */
export async function typeAsShown([start, ...rest]: readonly Shown[]): Promise<void> {
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
}
