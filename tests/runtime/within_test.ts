import { assertEquals, assertRejects } from "@std/assert";
import { alarm, pause, within } from "../../src/runtime/within.ts";

const never = new Promise<never>(() => {});

Deno.test("within() gives the result, and leaves no timer behind", async () => {
  assertEquals(await within(2 ** 30, Promise.resolve(7)), 7);
  await assertRejects(() => within(2 ** 30, Promise.reject(new Error("no"))), Error, "no");
});

Deno.test("within() gives undefined after that many milliseconds", async () => {
  assertEquals(await within(1, never), undefined);
});

Deno.test("within() gives the result, or undefined when the signal is aborted first, before or meanwhile", async () => {
  const stopping = new AbortController();
  assertEquals(await within(stopping.signal, Promise.resolve(7)), 7);
  await assertRejects(() => within(stopping.signal, Promise.reject(new Error("no"))), Error, "no");
  const waiting = within(stopping.signal, never);
  stopping.abort();
  assertEquals(await waiting, undefined);
  assertEquals(await within(stopping.signal, never), undefined);
});

Deno.test("within() stops the alarm, whether it rings or not", async () => {
  let stopped = 0;
  const silent = { rings: never, stop: () => void stopped++ };
  assertEquals([await within(silent, Promise.resolve(7)), stopped], [7, 1]);
  const ringing = { rings: Promise.resolve(), stop: () => void stopped++ };
  assertEquals([await within(ringing, never), stopped], [undefined, 2]);
});

Deno.test("What fails when nobody waits for it any more disturbs nobody", async () => {
  const { promise, reject } = Promise.withResolvers<number>();
  assertEquals(await within(AbortSignal.abort(), promise), undefined);
  reject(new Error("too late"));
  await Promise.resolve();
});

Deno.test("pause() ends after its time, or when it is aborted, and leaves no timer behind", async () => {
  await pause(1);
  await pause(2 ** 30, AbortSignal.abort());
  const stopping = new AbortController();
  const pausing = pause(2 ** 30, stopping.signal);
  stopping.abort();
  await pausing;
});

Deno.test("alarm() rings once its time is over", async () => {
  await alarm(1).rings;
  alarm(2 ** 30).stop();
});
