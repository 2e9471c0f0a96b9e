import { assertEquals } from "@std/assert";
import { absenceAt, arrivalBetween } from "../../src/alerts/arrivals.ts";
import type { Availability, Site } from "../../src/database/values.ts";

function site(availability: Availability, more: Partial<Site> = {}): Site {
  return { id: 1, name: "A", zip: "1", availability, observedAt: 5, ...more };
}

Deno.test("absenceAt() says why visitors find nothing, the last hindrance first", () => {
  assertEquals([1, true].map((value) => absenceAt(site(value as Availability))), [undefined, undefined]);
  assertEquals(([0, false, "unknown"] as const).map((value) => absenceAt(site(value))), ["none", "none", "unknown"]);
  assertEquals(absenceAt(site(0, { observedAt: 0 })), "never");
  assertEquals(absenceAt(site(5, { retired: "closed" })), "retired");
});

Deno.test("arrivalBetween() is what there was before, where there is some now", () => {
  const [some, none, unknown, closed] = [site(5), site(0), site("unknown"), site(5, { retired: "closed" })];
  assertEquals(arrivalBetween(none, some), "none");
  assertEquals(arrivalBetween(unknown, some), "unknown");
  assertEquals(arrivalBetween(closed, some), "retired");
  for (const [before, after] of [[some, site(6)], [some, none], [none, unknown], [none, closed]]) {
    assertEquals(arrivalBetween(before, after), undefined);
  }
});
