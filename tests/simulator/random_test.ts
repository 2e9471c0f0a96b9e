import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Random } from "../../src/simulator/random.ts";

const drawn = (seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: 20 }, () => random.below(1_000));
};

Deno.test("Random gives the same numbers for the same seed, on every machine", () => {
  assertEquals(drawn(1), drawn(1));
  assertEquals(drawn(1).slice(0, 5), [781, 681, 842, 676, 402]);
  assertNotEquals(drawn(1), drawn(2));
});

Deno.test("Random stays within what was asked for", () => {
  const random = new Random(3);
  for (let count = 0; count < 2_000; count++) {
    const number = random.next();
    assert(number >= 0 && number < 1);
    assert(random.below(3) < 3);
    const between = random.between(5, 7);
    assert(between >= 5 && between <= 7);
    assertEquals(random.chance(0), false);
    assertEquals(random.chance(1), true);
    assert(random.weighted([0, 1, 0]) === 1);
    assert(["a", "b"].includes(random.pick(["a", "b"])));
  }
  assertEquals(/^[0-9a-f]{32}$/.test(random.hex(32)), true);
});

Deno.test("Random.between() and Random.weighted() reach everything, in proportion", () => {
  const random = new Random(4);
  const counts = [0, 0, 0];
  for (let count = 0; count < 4_000; count++) counts[random.weighted([1, 0, 3])]++;
  assert(counts[0] > 800 && counts[0] < 1_200 && counts[1] === 0);
  assertEquals(new Set(Array.from({ length: 200 }, () => random.between(1, 4))), new Set([1, 2, 3, 4]));
});
