import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { IndexSet } from "../../../src/database/store/index_set.ts";

Deno.test("IndexSet does what a Set does, also where pages of it begin and end", () => {
  const index = fc.oneof(fc.nat(70), fc.integer({ min: 32_760, max: 32_780 }), fc.nat(3_000_000));
  fc.assert(fc.property(fc.array(index), fc.array(index), (added, asked) => {
    const [indices, expected] = [new IndexSet(), new Set<number>()];
    for (const each of added) {
      indices.add(each);
      expected.add(each);
    }
    for (const each of [...added, ...asked]) {
      for (const near of [each - 1, each, each + 1, each + 32]) {
        if (near >= 0) assertEquals(indices.has(near), expected.has(near), `${near}`);
      }
    }
  }));
});
