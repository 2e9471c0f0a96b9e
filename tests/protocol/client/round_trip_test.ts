/** What a client takes for the way to the members. */

import { assertEquals } from "@std/assert";
import { promiseAhead, promisedMsMax, promisePerMs } from "../../../src/limits.ts";
import { RoundTrip } from "../../../src/protocol/client/round_trip.ts";
import { type Driver, idle, output, ready, requestsOf, sent } from "./driver.ts";

Deno.test("RoundTrip is the least that was measured, in whole milliseconds, up to a bound", () => {
  const trip = new RoundTrip();
  assertEquals(trip.ms, 0);
  trip.note(0, 7.9, true);
  assertEquals(trip.ms, 7);
  trip.note(0, 9, false);
  assertEquals(trip.ms, 7);
  trip.note(0, 3.2, false);
  assertEquals(trip.ms, 3);
  const far = new RoundTrip();
  far.note(0, 100_000, false);
  assertEquals(far.ms, promisedMsMax);
});

Deno.test("RoundTrip becomes longer step by step, where the members wait for nobody", () => {
  const trip = new RoundTrip();
  trip.note(0, 0, true);
  const steps: number[] = [];
  for (let at = 0; at < 6; at++) {
    trip.note(20 * at, 20 * at + 20, true);
    steps.push(trip.ms);
  }
  assertEquals(steps, [1, 3, 7, 15, 20, 20]);
});

Deno.test("RoundTrip grows by one step for many sessions that are delayed together, and falls at once", () => {
  const trip = new RoundTrip();
  trip.note(0, 0, true);
  for (let session = 0; session < 64; session++) trip.note(session / 100, 250, true);
  assertEquals(trip.ms, 1);
  trip.note(249, 500, true);
  assertEquals(trip.ms, 1, "it was sent before the others said so");
  trip.note(250, 500, true);
  assertEquals(trip.ms, 3);
  trip.note(100, 102, false);
  assertEquals(trip.ms, 2);
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
