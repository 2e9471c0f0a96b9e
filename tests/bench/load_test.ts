import { assert, assertEquals, assertRejects } from "@std/assert";
import { runLoad } from "../../bench/load.ts";
import type { Workload } from "../../bench/workload.ts";
import type { Submitter } from "../../src/library/client.ts";

const reply = { output: new Uint8Array([0]), index: 1 };

const workload: Workload = {
  send: (to) => to.submit(new Uint8Array(1), 1),
  isDone: () => true,
};

/** Answers in the next turn of the microtasks, and counts. */
class Counting implements Submitter {
  sent = 0;
  underWay = 0;
  mostUnderWay = 0;

  async submit(): Promise<typeof reply> {
    this.sent++;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    await Promise.resolve();
    this.underWay--;
    return reply;
  }
}

/** A clock that goes one millisecond further with each look at it. */
function steppingClock(): () => number {
  let now = 0;
  return () => now++;
}

Deno.test("runLoad() keeps as many commands under way as it was told, and ends when the time is up", async () => {
  const submitters = [new Counting(), new Counting()];
  const result = await runLoad({ submitters, outstanding: 4, workload, durationMs: 100, now: steppingClock() });
  for (const submitter of submitters) {
    assertEquals(submitter.mostUnderWay, 4);
    assertEquals(submitter.underWay, 0);
  }
  // Every command is timed, so each takes a step of the clock.
  assertEquals(result.answers, submitters[0].sent + submitters[1].sent);
  assert(result.answers >= 100 && result.answers <= 100 + 2 * 4, `${result.answers} answers`);
  assert(result.perSecond > 900 && result.perSecond < 1000 + 10 * 2 * 4, `${result.perSecond} per second`);
  assert(result.p50Ms > 0 && result.p99Ms >= result.p50Ms);
  assertEquals(result.gapMs, 0);
});

Deno.test("runLoad() sends no more commands than it may, however long it may take", async () => {
  const submitter = new Counting();
  const options = { submitters: [submitter], outstanding: 64, workload, durationMs: Infinity, now: steppingClock() };
  assertEquals((await runLoad({ ...options, commandsMax: 1000 })).answers, 1000);
  assertEquals(submitter.sent, 1000);
  assertEquals((await runLoad({ ...options, commandsMax: 3 })).answers, 3);
  assertEquals((await runLoad({ ...options, commandsMax: 0 })).answers, 0);
});

Deno.test("runLoad() times a few of many commands", async () => {
  let looks = 0;
  const clock = steppingClock();
  const now = () => {
    looks++;
    return clock();
  };
  const options = { submitters: [new Counting()], outstanding: 1024, workload, durationMs: Infinity, now };
  const { answers } = await runLoad({ ...options, commandsMax: 10_240 });
  assertEquals(answers, 10_240);
  assert(looks < answers / 50, `${looks} looks at the clock`);
});

Deno.test("runLoad() finds the longest gap of any submitter", async () => {
  let now = 0;
  let count = 0;
  const submitter: Submitter = {
    submit: () => {
      now += ++count === 5 ? 40 : 1;
      return Promise.resolve(reply);
    },
  };
  const options = { submitters: [submitter], outstanding: 1, workload, durationMs: 100, gaps: true };
  assertEquals((await runLoad({ ...options, now: () => now })).gapMs, 40);
});

Deno.test("runLoad() rejects when a command is not executed, or has no answer", async () => {
  const options = { submitters: [new Counting()], outstanding: 2, durationMs: 100, now: steppingClock() };
  const refused = { ...workload, isDone: () => false };
  await assertRejects(() => runLoad({ ...options, workload: refused }), Error, "was not executed");
  const lost: Submitter = { submit: () => Promise.reject(new Error("all replicas were lost")) };
  await assertRejects(() => runLoad({ ...options, submitters: [lost], workload }), Error, "all replicas were lost");
});

Deno.test("runLoad() lets a place think between an answer and the next command", async () => {
  const submitter = new Counting();
  const options = { submitters: [submitter], outstanding: 3, workload, durationMs: Infinity, now: steppingClock() };
  const { answers } = await runLoad({ ...options, commandsMax: 10, thinkMs: 0 });
  assertEquals([answers, submitter.sent, submitter.underWay], [10, 10, 0]);
  // All but the first three were sent by timers, each at a time of its own.
  assertEquals(submitter.mostUnderWay, 3);
});

Deno.test("runLoad() counts all answers that come in one message when the time is up", async () => {
  let now = 0;
  const waiting: (() => void)[] = [];
  const submitter: Submitter = {
    submit: () =>
      new Promise((resolve) => {
        if (waiting.push(() => resolve(reply)) < 64) return;
        now += 60;
        for (const answer of waiting.splice(0)) answer();
      }),
  };
  const options = { submitters: [submitter], outstanding: 64, workload, durationMs: 100, now: () => now };
  const { answers, perSecond } = await runLoad(options);
  assertEquals([answers, perSecond], [2 * 64, 2 * 64 / 120 * 1000]);
});
