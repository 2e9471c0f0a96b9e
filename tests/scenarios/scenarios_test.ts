/**
 * Runs every scenario, and compares what happens with what its file says, line for line.
 *
 * `UPDATE=1 deno test --allow-env=UPDATE --allow-write=tests tests/scenarios` rewrites the files; read what has changed
 * before you keep it.
 */

import { assertEquals, assertThrows } from "@std/assert";
import { World } from "../simulator/world.ts";
import { isUpdating } from "../tools/updating.ts";
import { scenarios } from "./all.ts";
import { partsOf, runScenario, withTrace } from "./runner.ts";
import { ScenarioError } from "./words.ts";

for (const [name, text] of Object.entries(scenarios)) {
  Deno.test(`scenario ${name}`, () => {
    const trace = runScenario(text);
    if (isUpdating() && trace !== partsOf(text).golden) {
      Deno.writeTextFileSync(new URL(`${name}.txt`, import.meta.url), withTrace(text, trace));
    } else {
      assertEquals(trace.split("\n"), partsOf(text).golden.split("\n"));
    }
  });
}

Deno.test("every scenario says why it is there, and ends with an expectation", () => {
  for (const [name, text] of Object.entries(scenarios)) {
    const lines = partsOf(text).script.trim().split("\n");
    assertEquals([name, lines[0].startsWith("# "), lines.at(-1)!.startsWith("expect ")], [name, true, true]);
  }
});

Deno.test({
  name: "every scenario in the folder is run (needs --allow-read)",
  ignore: Deno.permissions.querySync({ name: "read" }).state !== "granted",
  fn: () => {
    const files = [...Deno.readDirSync(new URL(".", import.meta.url))].map(({ name }) => name);
    const names = files.filter((name) => name.endsWith(".txt")).map((name) => name.slice(0, -".txt".length));
    assertEquals(Object.keys(scenarios).sort(), names.sort());
  },
});

Deno.test("runScenario() says which line went wrong, and what it came to", () => {
  const script = "replicas 2\nclient c1\nconnect c1 all\nsettle\nexpect view 2\n";
  const error = assertThrows(() => runScenario(script), ScenarioError, 'line 5, "expect view 2": the view of r0 is 1');
  assertEquals(error.message.includes("r0 -> c1: VIEW v=1"), true);
});

Deno.test("runScenario() refuses what makes no sense", () => {
  const start = "replicas 1\nclient c1\n";
  assertThrows(() => runScenario("client c1\n"), ScenarioError, "begin with: replicas N");
  assertThrows(() => runScenario(start + "dance c1\n"), ScenarioError, 'There is no verb "dance"');
  assertThrows(() => runScenario(start + "crash c2\n"), ScenarioError, 'There is no client "c2"');
  assertThrows(() => runScenario(start + "submit c1 many\n"), ScenarioError, '"many" is not a number');
  assertThrows(() => runScenario(start + "deliver c1>r0\n"), ScenarioError, "only 0 frames can be delivered");
  assertThrows(() => runScenario(start + "expect luck\n"), ScenarioError, '"luck" cannot be expected');
});

Deno.test("runScenario() fails where a session is lost that nobody expected to be", () => {
  const script =
    "replicas 1\nclient c1\nconnect c1 all\nsettle\ncrash r0\nsettle\nreplicas 1\nconnect c1 all\nsettle\n";
  assertThrows(() => runScenario(script), ScenarioError, "c1 has lost its session, and nobody expected it");
});

Deno.test("World.say() refuses to call a living replica dead (history 7)", () => {
  const world = new World({ replicas: 2 });
  const [r0, r1] = world.replicas;
  r1.stopped = true;
  assertThrows(() => world.say(r0, r1), Error, "The launcher never says of a living replica that it is dead");
});
