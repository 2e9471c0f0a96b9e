import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DistinctIds, idOfName } from "../../src/formats/distinct_ids.ts";

Deno.test("DistinctIds.take() gives the id that is wanted, or one near to it", () => {
  const ids = new DistinctIds();
  assertEquals(["116", "116", "116-2", "116", "a b", "薬局", "x"].map((id) => ids.take(id)), [
    "116",
    "116-2",
    "116-2-2",
    "116-3",
    "a-b",
    "x",
    "x-2",
  ]);
});

Deno.test("DistinctIds.take() gives no id twice, and only such as FHIR has", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom("1", "1-2", "1-3", "x".repeat(64)), fc.string())), (wanted) => {
      const ids = new DistinctIds();
      const given = wanted.map((each) => ids.take(each));
      assertEquals(new Set(given).size, given.length);
      assert(given.every((id) => /^[A-Za-z0-9.-]{1,64}$/.test(id)), given.join());
      // Ids that were given are given again, in whatever order they are asked for the next time.
      const again = new DistinctIds();
      assertEquals(given.map((id) => again.take(id)), given);
    }),
  );
});

Deno.test("idOfName() tells names apart that look alike as ids", () => {
  assertEquals(idOfName("Harvard University"), "Harvard-University");
  const names = ["薬局", "クリニック", "A, B", "A; B", "x".repeat(65), "x".repeat(66)];
  assertEquals(new Set(names.map(idOfName)).size, names.length);
  assert(names.every((name) => idOfName(name).length <= 64));
});
