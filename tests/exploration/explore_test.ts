/**
 * Every schedule of a few small worlds: `deno task explore` looks at larger ones.
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { simulatorWith, unchanged } from "../mutations/mutate.ts";
import type { Mutant } from "../mutations/mutant.ts";
import { mutants } from "../mutations/mutants.ts";
import { contentOf } from "./content.ts";
import { type Exploration, explore } from "./explore.ts";
import type { Size } from "./size.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";
const needs = "(needs --allow-read)";

/** Explores where the content of processes can be read, and perhaps a rule is broken. */
function exploreOpen(size: Size, mutant = unchanged): Exploration {
  return simulatorWith(mutant, true).explore(size);
}

const pair: Size = { replicas: 2, clients: 1, commands: 1, crashes: 1 };

const rivals: Size = { ...pair, clients: 2, crashes: 0, greeted: true };
const trio: Size = { ...pair, replicas: 3, greeted: true };
const reader: Size = { ...pair, reads: 1 };
const deceived: Size = { ...pair, crashes: 0, greeted: true, lies: 1 };

/** Broken rules, and the small world in which each is found. */
const found: Readonly<Record<string, Size>> = {
  "R0: frames of an old view are taken for frames of this one": pair,
  "R0: frames of a client that is ahead are dropped": trio,
  "R2: the floor is nothing": rivals,
  "R6: a lost client leaves the stability test at its EOF": pair,
  "V2: a member promises without freezing": pair,
  "V6: INSTALL is not forwarded by those who receive it": trio,
  "V7: requests above the cut are executed": pair,
  "C2: a client that has missed a view waits for it for ever": pair,
  "C3: active before every member has given its floor (history 1)": pair,
};

Deno.test("the claims hold in each state that two replicas, a client and a crash can reach", () => {
  const { states, kinds } = explore(pair);
  assert(states > 5_000, `${states}`);
  // The whole flush was among them.
  assertEquals(["PREPARE", "REPORT", "ACCEPT", "ACCEPTED", "INSTALL"].filter((kind) => !kinds.has(kind as never)), []);
});

Deno.test("the claims hold in each state that two replicas and two clients can reach", () => {
  const { states, kinds } = explore(rivals);
  assert(states > 10_000 && kinds.has("NUDGE"), `${states}, ${[...kinds]}`);
});

Deno.test("explore() gives up where there are too many states", () => {
  assertThrows(() => explore(pair, { statesMax: 100 }), RangeError, "There are over 100 states");
});

Deno.test("contentOf() cannot look into an object whose fields are private", () => {
  assertEquals(
    contentOf(
      new (class {
        readonly #a = 1;
        readonly b = () => this.#a;
      })(),
    ),
    undefined,
  );
});

Deno.test("contentOf() tells apart what differs in a field, in the order of a map, or in who shares an object", () => {
  const shared = { c: 1 };
  const contents = [
    { _a: 1, b: () => {} },
    { _a: "1" },
    { _a: new Map([[1, 2], [3, 4]]) },
    { _a: new Map([[3, 4], [1, 2]]) },
    { _a: new Set([1]) },
    { _a: Uint8Array.of(1) },
    { _a: [shared, shared] },
    { _a: [{ c: 1 }, { c: 1 }] },
  ].map(contentOf);
  assertEquals(new Set(contents).size, contents.length);
  assertEquals(contents[0], contentOf({ _a: 1 }));
});

Deno.test({
  name: `processes with the same content are one state, and no claim is lost by that ${needs}`,
  ignore,
  fn: () => {
    const [histories, contents] = [explore(pair), exploreOpen(pair)];
    assert(contents.states < histories.states / 5, `${contents.states} of ${histories.states}`);
    // Processes that end differently differ in what they hold.
    assertEquals([contents.depth, [...contents.kinds].sort()], [histories.depth, [...histories.kinds].sort()]);
  },
});

Deno.test({
  name: `the claims hold in each state that three replicas, a client and a crash can reach ${needs}`,
  ignore,
  fn: () => {
    const { states } = exploreOpen(trio);
    assert(states > 100_000, `${states}`);
  },
});

Deno.test({
  name: `the claims hold in each state that two replicas, a client that reads and a crash can reach ${needs}`,
  ignore,
  fn: () => {
    const { states, kinds } = exploreOpen(reader);
    assert(states > 3_000 && kinds.has("VALUE"), `${states}, ${[...kinds]}`);
  },
});

Deno.test({
  name: `the claims hold whatever a liar says once, to whichever of two replicas ${needs}`,
  ignore,
  fn: () => {
    const { states, kinds } = exploreOpen(deceived);
    assert(states > 100_000 && kinds.has("ALARM") && kinds.has("RECEIVED"), `${states}, ${[...kinds]}`);
  },
});

Deno.test({
  name: `the claims hold where a client is active and silent, and a process crashes ${needs}`,
  ignore,
  fn: () => {
    const { states } = exploreOpen({ ...deceived, crashes: 1, lies: 0 });
    assert(states > 20_000, `${states}`);
  },
});

const overtaking: Mutant = {
  name: "R8: a read is answered before the requests of its session that it follows",
  file: "protocol/replica/reads.ts",
  from: "if (channel.session.executed >= read.after) {",
  to: "if (read.rid > 0) {",
};

Deno.test({
  name: `a small world shows what goes wrong with "${overtaking.name}" ${needs}`,
  ignore,
  fn: () => {
    const error = assertThrows(() => exploreOpen({ ...reader, crashes: 0 }, overtaking), Error);
    assert(error.message.startsWith("(c) a value at 0"), error.message);
  },
});

for (const [name, size] of Object.entries(found)) {
  Deno.test({
    name: `a small world shows what goes wrong with "${name}" ${needs}`,
    ignore,
    fn: () => {
      const mutant = mutants.find((mutant) => mutant.name === name);
      assert(mutant !== undefined, `There is no mutant "${name}"`);
      const error = assertThrows(() => exploreOpen(size, mutant), Error);
      assertEquals(error.name, "Counterexample", error.message);
    },
  });
}
