import { assertEquals, assertRejects } from "@std/assert";
import { unlessAborted, unlessRung } from "../../src/cli/waiting.ts";

const never = new Promise<never>(() => {});

Deno.test("unlessAborted() gives the result, or undefined when it is aborted first, before or meanwhile", async () => {
  const stopping = new AbortController();
  assertEquals(await unlessAborted(Promise.resolve(7), stopping.signal), 7);
  await assertRejects(() => unlessAborted(Promise.reject(new Error("no")), stopping.signal), Error, "no");
  const waiting = unlessAborted(never, stopping.signal);
  stopping.abort();
  assertEquals(await waiting, undefined);
  assertEquals(await unlessAborted(never, stopping.signal), undefined);
});

Deno.test("unlessRung() gives the result and stops the alarm, or undefined when it rings", async () => {
  let stopped = 0;
  const silent = { rings: never, stop: () => void stopped++ };
  assertEquals([await unlessRung(Promise.resolve(7), silent), stopped], [7, 1]);
  const ringing = { rings: Promise.resolve(), stop: () => void stopped++ };
  assertEquals([await unlessRung(never, ringing), stopped], [undefined, 2]);
});

Deno.test("What fails when nobody waits for it any more disturbs nobody", async () => {
  const { promise, reject } = Promise.withResolvers<number>();
  assertEquals(await unlessAborted(promise, AbortSignal.abort()), undefined);
  reject(new Error("too late"));
  await Promise.resolve();
});
