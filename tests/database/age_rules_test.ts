/** Fresh and stale sites. */

import { assertEquals } from "@std/assert";
import { ageOf, isOfAge, isStaleAt } from "../../src/database/age_rules.ts";

const site = { observedAt: 100, checkedAt: 150 };

Deno.test("the age of a site counts from when it was confirmed, and one that nobody has reported is of no age", () => {
  assertEquals([ageOf(site, 200), ageOf({ observedAt: 100 }, 200), ageOf({ observedAt: 0 }, 200)], [50, 100, Infinity]);
});

Deno.test("each site is either fresh or stale at any age", () => {
  for (const each of [site, { observedAt: 100 }, { observedAt: 0 }, { observedAt: 199 }]) {
    for (const age of [1, 49, 50, 51, 100, 1_000]) {
      assertEquals(isOfAge(each, { fresh: age }, 200), !isOfAge(each, { stale: age }, 200));
    }
    assertEquals(isOfAge(each, {}, 200), true);
  }
});

Deno.test("isStaleAt() calls no site stale that nobody has reported: it shows nothing that may be too old", () => {
  assertEquals([isStaleAt(site, 200, 49), isStaleAt(site, 200, 50), isStaleAt({ observedAt: 0 }, 200, 1)], [
    true,
    false,
    false,
  ]);
});
