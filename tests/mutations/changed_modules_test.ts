import { assert, assertEquals, assertThrows } from "@std/assert";
import { LamportClock } from "../../src/clock.ts";
import { asFunction, changedModules } from "./changed_modules.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

type Clocks = { readonly LamportClock: typeof LamportClock };
type Replicas = typeof import("../../src/protocol/replica/replica.ts");

Deno.test({
  name: "changedModules() runs what was changed, each time in a world of its own (needs --allow-read)",
  ignore,
  fn: () => {
    const change = (text: string, file: string) => file === "src/clock.ts" ? text.replace("++this.#time", "7") : text;
    const [as, changed] = [changedModules((text) => text), changedModules(change)];
    const [{ LamportClock: Same }, { LamportClock: Changed }] = [as, changed].map((world) =>
      world("src/clock.ts") as unknown as Clocks
    );
    assertEquals([new Same().tick(), new Changed().tick(), new LamportClock().tick()], [1, 7, 1]);
    const once = as("src/clock.ts");
    assert(as("src/clock.ts") === once, "it was run twice");
    assert(changedModules((text) => text)("src/clock.ts") !== once, "two worlds share a module");
    // What imports it has the changed one.
    const { Replica } = changed("src/protocol/replica/replica.ts") as unknown as Replicas;
    assertEquals(typeof Replica, "function");
  },
});

Deno.test({
  name: "changedModules() names the true place of an error (needs --allow-read)",
  ignore,
  fn: () => {
    const boom = (text: string) => text + 'throw new Error("boom");';
    const error = assertThrows(() => changedModules(boom)("src/clock.ts"), Error, "boom");
    const line = Deno.readTextFileSync(new URL("../../src/clock.ts", import.meta.url)).split("\n").length;
    assert(error.stack!.includes(`src/clock.ts?changed:${line}:`), error.stack);
  },
});

Deno.test("asFunction() makes imports and exports those of a function", () => {
  const text =
    'import { a as b, type C } from "./d.ts";\nexport const e: C = b;\nexport async function f() {}\nexport { g };';
  const expected = '(function ($from) { "use strict"; const { a: b,        } = $from("./d.ts");\nconst e    = b;\n' +
    "async function f() {}\n\nreturn { e, f, g };\n})";
  assertEquals(asFunction(text, "x.ts"), expected);
});

Deno.test("asFunction() refuses other imports and exports", () => {
  for (const text of ['import * as a from "./a.ts";', 'import { a } from "preact";', "export default 1;"]) {
    assertThrows(() => asFunction(text, "x.ts"), Error, `Cannot run "x.ts" in another world: it has "${text}"`);
  }
});
