/** One time limit for many waits. */

import { assertEquals } from "@std/assert";
import { Deadlines } from "../../src/http/deadlines.ts";

const far = 2 ** 31 - 1;

Deno.test("a wait that is late is told once, in the order in which they began, and cannot end any more", async () => {
  const told: string[] = [];
  const { promise: allTold, resolve } = Promise.withResolvers<void>();
  const deadlines = new Deadlines<string>(1, (what) => {
    told.push(what);
    if (what === "second") resolve();
  });
  const [first, ended] = ["first", "ended", "second"].map((what) => deadlines.begin(what, performance.now()));
  assertEquals([deadlines.end(ended), deadlines.end(ended)], [true, false]);
  await allTold;
  assertEquals([told, deadlines.end(first)], [["first", "second"], false]);
  deadlines.close();
});

Deno.test("a wait that begins later is not late with those before it", async () => {
  const told: string[] = [];
  const { promise: firstTold, resolve } = Promise.withResolvers<void>();
  const deadlines = new Deadlines<string>(1, (what) => {
    told.push(what);
    resolve();
  });
  deadlines.begin("now", performance.now());
  const later = deadlines.begin("later", performance.now() + far);
  await firstTold;
  assertEquals([told, deadlines.end(later)], [["now"], true]);
  deadlines.close();
});

Deno.test("nothing is late after close(), and what waits still ends", () => {
  const deadlines = new Deadlines<string>(far, () => {
    throw new Error("nothing is late");
  });
  const before = deadlines.begin("before", performance.now());
  deadlines.close();
  // The sanitizer would find a timer.
  const after = deadlines.begin("after", performance.now());
  assertEquals([deadlines.end(before), deadlines.end(after)], [true, true]);
});

Deno.test("waits that end in any order leave the others in theirs", async () => {
  const told: string[] = [];
  const { promise: allTold, resolve } = Promise.withResolvers<void>();
  const deadlines = new Deadlines<string>(1, (what) => {
    told.push(what);
    if (what === "f") resolve();
  });
  const waits = [..."abcdef"].map((what) => deadlines.begin(what, performance.now()));
  // One between two others, the first one, the one that is then the first, and the last but one.
  for (const at of [2, 0, 1, 4]) assertEquals(deadlines.end(waits[at]), true);
  await allTold;
  assertEquals([told, waits.map((wait) => deadlines.end(wait))], [["d", "f"], waits.map(() => false)]);
  deadlines.close();
});

Deno.test("a wait that has ended refers to no other one", () => {
  const deadlines = new Deadlines<string>(far, () => {});
  const waits = [..."abc"].map((what) => deadlines.begin(what, performance.now()));
  for (const wait of waits) deadlines.end(wait);
  // Else what is dead and old would keep all that came later.
  const referred = waits.flatMap((wait) => Object.values(wait)).filter((value) => waits.includes(value as never));
  assertEquals(referred, []);
  deadlines.close();
});
