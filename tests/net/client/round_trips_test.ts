/** The estimates that the sessions of a program share. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { RoundTrips } from "../../../src/net/client/round_trips.ts";

Deno.test("RoundTrips gives sessions with the same addresses one estimate, and others another one", () => {
  const trips = new RoundTrips();
  const first = trips.take(["a:1", "b:2"]);
  assert(trips.take(["b:2", "a:1", "a:1"]) === first);
  assert(trips.take(["a:1"]) !== first);
});

Deno.test("RoundTrips forgets an estimate with the last session that uses it", () => {
  const trips = new RoundTrips();
  const first = trips.take(["a:1"]);
  first.note(0, 50);
  trips.take(["a:1"]);
  trips.release(["a:1"]);
  assert(trips.take(["a:1"]) === first);
  trips.release(["a:1"]);
  trips.release(["a:1"]);
  const later = trips.take(["a:1"]);
  assertNotEquals(later, first);
  assertEquals(later.ms, 0);
});
