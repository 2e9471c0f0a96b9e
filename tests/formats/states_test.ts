import { assertEquals } from "@std/assert";
import { isStateName, stateOf } from "../../src/formats/states.ts";

Deno.test("stateOf() knows a state by its letters and by its name", () => {
  const cases: [unknown, string | undefined][] = [
    ["NJ", "NJ"],
    [" nj ", "NJ"],
    ["New Jersey", "NJ"],
    ["NEW  JERSEY", "NJ"],
    ["District of Columbia", "DC"],
    ["Wyoming", "WY"],
    ["Alabama", "AL"],
    ["ON", "ON"],
    ["Jersey", undefined],
    ["", undefined],
    [5, undefined],
    [undefined, undefined],
  ];
  for (const [value, state] of cases) assertEquals(stateOf(value), state, String(value));
  assertEquals(["New Jersey", "NJ", "Jersey", null].map(isStateName), [true, false, false, false]);
});
