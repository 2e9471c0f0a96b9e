import { assertEquals, assertThrows } from "@std/assert";
import { EventQueue } from "../../bench/event_queue.ts";

Deno.test("EventQueue gives events in the order of time, and those of one time in the order of push()", () => {
  const queue = new EventQueue<string>();
  const times = [5, 1, 4, 1, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 1];
  for (const [order, at] of times.entries()) queue.push(at, `${at} ${order}`);
  const taken: string[] = [];
  while (queue.nextAt < Infinity) taken.push(queue.take());
  const expected = [...times.entries()].sort(([m, a], [n, b]) => a - b || m - n).map(([order, at]) => `${at} ${order}`);
  assertEquals(taken, expected);
});

Deno.test("EventQueue takes events while more are pushed", () => {
  const queue = new EventQueue<number>();
  for (let at = 100; at > 0; at--) queue.push(at, at);
  let last = 0;
  for (let round = 0; round < 300; round++) {
    assertEquals(queue.nextAt >= last, true);
    last = queue.take();
    queue.push(last + round % 7, last + round % 7);
  }
});

Deno.test("EventQueue.take() of nothing is an error", () => {
  assertThrows(() => new EventQueue().take(), RangeError, "there is none");
});
