import { assert, assertEquals } from "@std/assert";
import { keyMaps, ManyKeys } from "../../src/http/many_keys.ts";

Deno.test("ManyKeys has the values of very many keys, and moves few of them when it grows", () => {
  const [names, ids] = [new ManyKeys<string, number>(), new ManyKeys<number, number>()];
  const count = 100_000;
  for (let at = 0; at < count; at++) {
    names.set(`rite aid ${at}`, at);
    ids.set(at + 1, at);
  }
  names.set("rite aid 7", -7);
  assertEquals([names.get("rite aid 7"), names.get("rite aid 8"), ids.get(9)], [-7, 8, 8]);
  assertEquals([names.get("rite aid"), ids.get(0)], [undefined, undefined]);
  for (const { largest } of [names, ids]) assert(largest < 2 * count / keyMaps, `${largest} keys are in one map`);
});
