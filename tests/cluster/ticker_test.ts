import { assert, assertEquals } from "@std/assert";
import { tickEvery } from "../../src/cluster/ticker.ts";

const granted = Deno.permissions.querySync({ name: "run" }).state === "granted";

/** Stops this thread, and with it timers and reads, as a laptop that sleeps does. */
function sleepDeeply(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A ticker that counts. */
class Counter {
  count = 0;
  /** Whether the last tick was. */
  isInTime: boolean | undefined;
  #next = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();

  constructor(tickMs: number) {
    tickEvery(tickMs, this.#stopping.signal, (isInTime) => {
      this.count++;
      this.isInTime = isInTime;
      this.#next.resolve();
      this.#next = Promise.withResolvers();
    });
  }

  next(): Promise<void> {
    return this.#next.promise;
  }

  stop(): void {
    this.#stopping.abort();
  }
}

Deno.test("tickEvery() ticks until it is stopped", async () => {
  const stopped = new Counter(1);
  const other = new Counter(1);
  for (let tick = 0; tick < 3; tick++) await stopped.next();
  const { count } = stopped;
  stopped.stop();
  for (let tick = 0; tick < 5; tick++) await other.next();
  other.stop();
  assertEquals(stopped.count, count);
});

Deno.test("tickEvery() ticks once for a time in which the process did not run", async () => {
  const counter = new Counter(100);
  await counter.next();
  sleepDeeply(450);
  await counter.next();
  // An interval would have its other ticks in the turns that follow.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals([counter.count, counter.isInTime], [2, false]);
  counter.stop();
});

Deno.test({
  name: "tickEvery() ticks after what waited in the pipes was read (needs --allow-run, and /proc)",
  ignore: !granted || Deno.build.os !== "linux",
  fn: async () => {
    const child = new Deno.Command("cat", { stdin: "piped", stdout: "piped" }).spawn();
    const reader = child.stdout.getReader();
    let read = 0;
    const reading = (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        read += value.length;
      }
    })();
    // Another process writes into the pipe while this one does not run.
    const write = () => {
      const { success } = new Deno.Command("sh", { args: ["-c", `printf x > /proc/${child.pid}/fd/1`] }).outputSync();
      assert(success);
    };
    // From the first byte on, the event loop looks at the pipe.
    write();
    while (read === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    for (let round = 2; round <= 10; round++) {
      const counter = new Counter(1);
      const tick = counter.next().then(() => read);
      write();
      // Both the timer and the data are due.
      sleepDeeply(5);
      const readAtTick = await tick;
      counter.stop();
      assertEquals(readAtTick, round);
    }
    await child.stdin.close();
    await reading;
    await child.status;
  },
});
