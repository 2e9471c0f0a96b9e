/**
 * Every branch of the rules of a replica is reached in a bounded number of random schedules, or is listed with the
 * reason why it is not; and every lie is told.
 */

import { assertEquals, assertMatch } from "@std/assert";
import type { Branch } from "./reach.ts";
import { faultsOf, nameOf } from "./reach_names.ts";

const schedules = 1_200;

const granted = Deno.permissions.querySync({ name: "run" }).state === "granted";

Deno.test({
  name: `every branch is reached in ${schedules} schedules, and every lie told (needs --allow-run)`,
  ignore: !granted,
  fn: async () => {
    const main = new URL("main.ts", import.meta.url).href;
    const flags = ["--no-prompt", "--allow-sys", "--allow-read"];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, main, "--reach", "--seeds", String(schedules)],
    }).output();
    const text = new TextDecoder().decode(stdout);
    const complaints = new TextDecoder().decode(stderr).split("\n").filter((line) =>
      !/schedules, until about .* at \d+\/s$|^$/.test(line)
    );
    assertEquals([complaints, success], [[], true]);
    assertMatch(text, /^V4 .* an ACCEPT below the promise is refused/m);
  },
});

const refused: Branch = {
  file: "flush.ts",
  rule: "V4",
  place: "#onAccept",
  code: "return this.#nack(from);",
  before: 0,
  count: 3,
};

Deno.test("nameOf() names a branch by its file, its function, and how its text begins", () => {
  assertEquals(nameOf(refused), "an ACCEPT below the promise is refused");
  assertEquals(nameOf({ ...refused, place: "#onReport" }), undefined);
});

Deno.test("faultsOf() finds a branch that was never reached, and names and reasons that fit none", () => {
  const unheard: Branch = { ...refused, place: "#onReport", code: "return;", count: 0 };
  const faults = faultsOf([refused, unheard]);
  assertEquals(faults[0], "never reached: flush.ts #onReport: return;");
  assertEquals(faults.slice(1).every((fault) => fault.startsWith("there is no such branch: ")), true);
  assertEquals(faults.some((fault) => fault.includes("flush.ts #onPrepare")), true);
});
