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
  for (const what of ["first", "ended", "second"]) deadlines.begin(what, performance.now());
  assertEquals([deadlines.end("ended"), deadlines.end("ended")], [true, false]);
  await allTold;
  assertEquals([told, deadlines.end("first")], [["first", "second"], false]);
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
  deadlines.begin("later", performance.now() + far);
  await firstTold;
  assertEquals([told, deadlines.end("later")], [["now"], true]);
  deadlines.close();
});

Deno.test("nothing is late after close(), and what waits still ends", () => {
  const deadlines = new Deadlines<string>(far, () => {
    throw new Error("nothing is late");
  });
  deadlines.begin("before", performance.now());
  deadlines.close();
  // The sanitizer would find a timer.
  deadlines.begin("after", performance.now());
  assertEquals([deadlines.end("before"), deadlines.end("after")], [true, true]);
});
