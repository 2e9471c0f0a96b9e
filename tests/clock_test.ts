import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LamportClock } from "../src/clock.ts";

Deno.test("LamportClock.tick() returns a timestamp above all before it (IR1)", () => {
  const clock = new LamportClock();
  assertEquals([clock.time, clock.tick(), clock.tick(), clock.time], [0, 1, 2, 2]);
});

Deno.test("LamportClock.witness() makes later timestamps larger than what it saw, and never goes back (IR2)", () => {
  const clock = new LamportClock(5);
  clock.witness(3);
  assertEquals(clock.time, 5);
  clock.witness(9);
  assertEquals([clock.time, clock.tick()], [9, 10]);
});

Deno.test("LamportClock does the same as taking the maximum of everything each time", () => {
  const step = fc.option(fc.nat(50), { nil: undefined });
  fc.assert(fc.property(fc.nat(20), fc.array(step), (start, steps) => {
    const clock = new LamportClock(start);
    const seen = [start];
    for (const ts of steps) {
      if (ts === undefined) {
        const given = clock.tick();
        assertEquals(given, Math.max(...seen) + 1);
        seen.push(given);
      } else {
        clock.witness(ts);
        seen.push(ts);
      }
      assertEquals(clock.time, Math.max(...seen));
    }
  }));
});

Deno.test("LamportClock: if one event happened before another, its timestamp is smaller", () => {
  // Processes send each other their time. Whether an event happened before another one follows from which process
  // heard which event.
  const event = fc.record({ process: fc.nat(2), hears: fc.option(fc.nat(40), { nil: undefined }) });
  fc.assert(fc.property(fc.array(event, { maxLength: 40 }), (steps) => {
    const clocks = [0, 1, 2].map(() => new LamportClock());
    const known = [0, 1, 2].map(() => new Set<number>());
    const events: { ts: number; before: Set<number> }[] = [];
    for (const { process, hears } of steps) {
      const heard = hears === undefined ? undefined : events[hears];
      if (heard !== undefined) {
        clocks[process].witness(heard.ts);
        for (const earlier of [...heard.before, hears!]) known[process].add(earlier);
      }
      events.push({ ts: clocks[process].tick(), before: new Set(known[process]) });
      known[process].add(events.length - 1);
    }
    for (const { ts, before } of events) for (const earlier of before) assert(events[earlier].ts < ts);
  }));
});
