/** What a client takes for the way to the members. */

import { assertEquals } from "@std/assert";
import { promiseAhead, promisedMsMax, promisePerMs } from "../../../src/limits.ts";
import { countsForMs, RoundTrip } from "../../../src/protocol/client/round_trip.ts";
import { type Driver, idle, output, ready, requestsOf, sent } from "./driver.ts";

Deno.test("RoundTrip is the least that was measured, in whole milliseconds, up to a bound", () => {
  const trip = new RoundTrip();
  assertEquals(trip.ms, 0);
  trip.note(0, 7.9);
  assertEquals(trip.ms, 7);
  trip.note(0, 9);
  assertEquals(trip.ms, 7);
  trip.note(0, 3.2);
  assertEquals(trip.ms, 3);
  const far = new RoundTrip();
  far.note(0, 100_000);
  assertEquals(far.ms, promisedMsMax);
});

Deno.test("RoundTrip does not become longer while members are busy, and does if it is longer for minutes", () => {
  const trip = new RoundTrip();
  const at = (ms: number, takes: number) => {
    trip.note(ms, ms + takes);
    return trip.ms;
  };
  assertEquals(at(0, 0.5), 0);
  for (let ms = 100; ms < countsForMs; ms += 100) assertEquals(at(ms, 40), 0);
  // It was the least of the period before.
  assertEquals(at(countsForMs + 100, 40), 0);
  assertEquals(at(2 * countsForMs, 30), 0);
  assertEquals(at(2 * countsForMs + 200, 40), 30);
  assertEquals(at(2 * countsForMs + 300, 2), 2);
  // However long nothing was measured.
  assertEquals(at(9 * countsForMs, 40), 2);
  assertEquals(at(11 * countsForMs, 50), 40);
});

/** How far the request of a client promises ahead whose floors come after that many milliseconds. */
function aheadAfter(driver: Driver, ms: number): number {
  driver.submit("first");
  driver.tick(ms);
  const [{ ts, upto }] = requestsOf(sent([...driver.receive(1, ready(0)), ...driver.receive(2, ready(0))]));
  return upto - ts;
}

Deno.test("Transmitters of one program promise the same, for the shortest way that any of them has found (C4)", () => {
  const shared = new RoundTrip();
  const [slow, quick] = [idle(shared), idle(shared)];
  assertEquals(aheadAfter(slow, 40), promiseAhead + 40 * promisePerMs);
  assertEquals(aheadAfter(quick, 5), promiseAhead + 5 * promisePerMs);
  slow.receive(2, output(1));
  const [second] = requestsOf(sent(slow.submit("second")));
  assertEquals(second.upto - second.ts, promiseAhead, "no time has passed since it sent the first");
  quick.tick(9);
  quick.receive(2, output(1));
  const [next] = requestsOf(sent(quick.submit("next")));
  assertEquals(next.upto - next.ts, promiseAhead);
});

Deno.test("Transmitters of different programs know nothing of each other's way (C4)", () => {
  assertEquals(aheadAfter(idle(), 40), promiseAhead + 40 * promisePerMs);
  assertEquals(aheadAfter(idle(), 5), promiseAhead + 5 * promisePerMs);
});
