import { assertEquals } from "@std/assert";
import { isForegroundByPs, isForegroundByStat } from "../../src/cluster/foreground.ts";

Deno.test("isForegroundByStat() compares the group of a process with that of its terminal", () => {
  const stat = (group: number, terminalGroup: number) =>
    `77 (deno (a) b) S 76 ${group} 70 34816 ${terminalGroup} 4194304 5 0\n`;
  assertEquals([isForegroundByStat(stat(76, 76)), isForegroundByStat(stat(76, 70))], [true, false]);
  // Without a terminal, or with that of another session, nobody is stopped.
  assertEquals([isForegroundByStat(stat(76, -1)), isForegroundByStat("")], [true, true]);
});

Deno.test("isForegroundByPs() does likewise", () => {
  assertEquals(["  76    76\n", "  76    70\n", "76 0", ""].map(isForegroundByPs), [true, false, true, true]);
});
