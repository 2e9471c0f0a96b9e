import { assert, assertEquals } from "@std/assert";
import { machineSeconds } from "../../bench/processes.ts";
import { isSettled, Run, scatters } from "../../bench/run.ts";
import { Pair } from "../../bench/systems.ts";
import { sample } from "./samples.ts";
import { testNeeding } from "../net/needing.ts";

const needs = ["net", "run", "read", "write"] as const;

function newRun(signal: AbortSignal, only: readonly string[] = [], budgetMs = Infinity): Run {
  return new Run({ isQuick: true, only, budgetMs, signal, onProgress: () => {} });
}

Deno.test("Run.wants() takes what is asked for by its group, or by how its name begins", () => {
  const { signal } = new AbortController();
  assert(newRun(signal).wants("kill", "kill-0"));
  assert(newRun(signal, ["kill"]).wants("kill", "kill-0"));
  assert(newRun(signal, ["t3"]).wants("replicas", "t5-1x256", "t3-1x256"));
  assert(newRun(signal, ["t3-1x256"]).wants("data", "t3-1x256-data"));
  assert(!newRun(signal, ["t3-1x1"]).wants("replicas", "t3-1x16", "t5-1x1"));
});

Deno.test("Run.wants() notes what there is no time for, and Run.turns() repeats nothing then", () => {
  const run = newRun(new AbortController().signal, [], 0);
  assert(!run.wants("kill", "kill-0", "kill-1"));
  assert(!run.wants("kill", "kill-1"));
  assertEquals(run.results.skipped, ["kill-0", "kill-1"]);
  assertEquals([...run.turns(5)], [0]);
  assertEquals([...newRun(new AbortController().signal).turns(3)], [0, 1, 2]);
});

Deno.test("Run.turns() repeats what scatters, within a bound, and not where there is no time", () => {
  const run = newRun(new AbortController().signal);
  let left = 2;
  assertEquals([...run.turns(3, () => left-- > 0)], [0, 1, 2, 3, 4]);
  assertEquals([...run.turns(2, () => true)], [0, 1, 2, 3, 4, 5]);
  assertEquals([...newRun(new AbortController().signal, [], 0).turns(2, () => true)], [0]);
});

Deno.test("Run.turns() leaves most of the time to the rows that come later, however the ratios scatter", () => {
  let now = 0;
  const { signal } = new AbortController();
  const run = new Run({ isQuick: true, only: [], budgetMs: 1_000, signal, onProgress: () => {}, now: () => now });
  const turns = () => {
    let count = 0;
    for (const _ of run.turns(2, () => true)) {
      count++;
      now += 100;
    }
    return count;
  };
  assertEquals([turns(), turns()], [5, 2]);
});

Deno.test("isSettled() waits until two rounds in a row were not cheaper than those before them", () => {
  assert(!isSettled([]));
  assert(!isSettled([100]));
  assert(!isSettled([100, 100]));
  assert(isSettled([100, 100, 100]));
  assert(!isSettled([100, 90, 80]));
  assert(!isSettled([100, 80, 120]));
  assert(isSettled([100, 80, 120, 79]));
});

Deno.test("scatters() compares each run with the one beside it", () => {
  const limit = [100, 200, 300, 400].map(sample);
  assert(!scatters([50, 100, 150, 200].map(sample), limit));
  assert(scatters([50, 60, 90, 280].map(sample), limit));
  // The same ratio of processor time in each run, however much the throughput differs.
  assert(!scatters([50, 60, 90, 280].map(sample), limit, ["processorMicros"]));
});

testNeeding(["run"], "machineSeconds() counts this process as a part of the machine", async () => {
  const before = await machineSeconds();
  assert(before.own > 0 && before.all > before.own);
  const after = await machineSeconds();
  assert(after.own >= before.own && after.all >= before.all);
});

testNeeding(needs, "Run.measure() measures a row of both systems, and no process is left", async () => {
  const interrupt = new AbortController();
  const run = newRun(interrupt.signal);
  const pids: number[] = [];
  {
    await using pair = await Pair.start({ replicas: 2, signal: interrupt.signal });
    const job = { kind: "load", sessions: 2, outstanding: 4, mix: "mixed", sites: 1, durationMs: 20 } as const;
    await run.measure(pair, { id: "t2-2x4", label: "smoke", job, repeats: 1 });
    pids.push(...pair.vaxlog.pids, ...pair.limit.pids);
  }
  const { vaxlog, limit, ratio } = run.results.rows.get("t2-2x4")!;
  assert(vaxlog.perSecond.median > 0 && limit.perSecond.median > 0);
  // One of the two servers sends the output; the other one acknowledges what was broadcast to both.
  assert(limit.messagesPerCommand.median <= 4);
  // Seven messages to the limit's eight, and more where a session has suspended in between.
  assert(vaxlog.messagesPerCommand.median > limit.messagesPerCommand.median * 0.75);
  assert(Number.isFinite(ratio.perSecond.median));
  assert(Number.isFinite(vaxlog.loadProcessors.median));
  assertEquals(pids.length, 6);
  for (const pid of pids) assert(!isRunning(pid), `process ${pid} is left`);
});

testNeeding(needs, "Pair gives a job up when it is interrupted, and no process is left", async () => {
  const interrupt = new AbortController();
  const pair = await Pair.start({ replicas: 1, signal: interrupt.signal });
  const pids = [...pair.vaxlog.pids, ...pair.limit.pids];
  const job = { kind: "load", sessions: 1, outstanding: 1, mix: "writes", sites: 1, durationMs: 60_000 } as const;
  const running = pair.vaxlog.run(job).catch((error) => error);
  interrupt.abort();
  assertEquals((await running).name, "AbortError");
  await pair[Symbol.asyncDispose]();
  for (const pid of pids) assert(!isRunning(pid), `process ${pid} is left`);
});

/** Whether signal 0, which only asks, reaches it. */
function isRunning(pid: number): boolean {
  const { success } = new Deno.Command("kill", { args: ["-0", String(pid)], stderr: "null" }).outputSync();
  return success;
}
