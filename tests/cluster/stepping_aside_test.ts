import { assertEquals } from "@std/assert";
import { SteppingAside } from "../../src/cluster/stepping_aside.ts";

/** Members as they are in a tick: `s` is short of room, `r` has room, and a capital has not answered. */
function members(text: string) {
  return [...text].map((it, id) => ({ id, isShort: /s/i.test(it), hasAnswered: it === it.toLowerCase() }));
}

function stepsAside(...ticks: readonly string[]): readonly (number | undefined)[] {
  const aside = new SteppingAside(3);
  return ticks.map((tick) => aside.tick(members(tick)));
}

const nobody = undefined;

Deno.test("SteppingAside.tick() names the member that lacks room for some ticks while another one has enough", () => {
  assertEquals(stepsAside("rsr", "rsr", "rsr"), [nobody, nobody, 1]);
  assertEquals(stepsAside("ssr", "ssr", "ssr"), [nobody, nobody, 0], "one at a time");
  assertEquals(stepsAside("rsr", "rsr", "rrr", "rsr", "rsr", "rsr"), [nobody, nobody, nobody, nobody, nobody, 1]);
});

Deno.test("SteppingAside.tick() names nobody while all lack room, or nobody with room answers", () => {
  assertEquals(stepsAside("sss", "sss", "sss", "sss"), [nobody, nobody, nobody, nobody]);
  assertEquals(stepsAside("s", "s", "s"), [nobody, nobody, nobody]);
  assertEquals(stepsAside("sR", "sR", "sR", "sR"), [nobody, nobody, nobody, nobody]);
  // A tick without an answer does not count, and does not name anybody.
  assertEquals(stepsAside("sr", "sr", "sR", "sr"), [nobody, nobody, nobody, 0]);
});
