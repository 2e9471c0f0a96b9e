/** A campaign shares seeds out, and says what failed and where to continue. */

import { assertEquals } from "@std/assert";
import { type Block, blockSeeds, Campaign, failuresMax, type Report, type Worker } from "./campaign.ts";
import { kindOf, kindText, repeatText } from "./kinds.ts";
import { count, linesOf, sumOf, type Tallies } from "./tally.ts";

/** A worker that does what a test tells it to. */
class Scripted implements Worker {
  readonly blocks: Block[] = [];
  isStopped = false;
  #report: (report: Report) => void = () => {};

  begin(block: Block, report: (report: Report) => void): void {
    this.blocks.push(block);
    this.#report = report;
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Its block is done. */
  finish(): void {
    const tallies: Tallies = new Map();
    const { from, to } = this.blocks.at(-1)!;
    for (let seed = from; seed <= to; seed++) count(tallies, "slow", result);
    this.#report({ kind: "done", tallies });
  }

  fail(seed: number): void {
    this.#report({ kind: "failed", of: "slow", line: `seed ${seed}` });
  }
}

const result = { replicas: 1, newcomers: 0, clients: 1, steps: 7, views: 3, requests: 2, answered: 1, lies: new Map() };

Deno.test("Campaign.run() gives each seed to one worker, in order, and ends when all are done", async () => {
  const workers = [new Scripted(), new Scripted()];
  const campaign = new Campaign({ from: 11, to: 10 + 2 * blockSeeds + 5 }, workers, () => {});
  const running = campaign.run();
  workers[1].finish();
  assertEquals(campaign.rest, 11);
  workers[1].finish();
  assertEquals([campaign.rest, workers[0].isStopped], [11, false]);
  workers[0].finish();
  await running;
  assertEquals(workers.map(({ blocks }) => blocks), [
    [{ from: 11, to: 10 + blockSeeds }],
    [{ from: 11 + blockSeeds, to: 10 + 2 * blockSeeds }, { from: 11 + 2 * blockSeeds, to: 15 + 2 * blockSeeds }],
  ]);
  assertEquals([campaign.rest, campaign.done, campaign.failures], [undefined, 2 * blockSeeds + 5, 0]);
  const { schedules, failed, steps, views } = sumOf(campaign.tallies);
  assertEquals([schedules, failed, steps, views], [campaign.done, 0, 7 * campaign.done, 2 * campaign.done]);
});

Deno.test("Campaign.run() tells each failure, and ends after some", async () => {
  const worker = new Scripted();
  const lines: string[] = [];
  const campaign = new Campaign({ from: 1, to: 10 * blockSeeds }, [worker], (line) => lines.push(line));
  const running = campaign.run();
  worker.finish();
  for (let seed = 0; seed < failuresMax; seed++) {
    assertEquals(worker.isStopped, false);
    worker.fail(blockSeeds + 1 + seed);
  }
  await running;
  assertEquals([lines.length, lines[0], worker.isStopped], [failuresMax, `seed ${blockSeeds + 1}`, true]);
  // What failed counts, though its block was never done; another campaign begins with that block.
  assertEquals([sumOf(campaign.tallies).failed, campaign.rest], [failuresMax, blockSeeds + 1]);
  assertEquals(linesOf(campaign.tallies).length, 1);
});

Deno.test("Campaign.stop() ends a campaign, which can continue with the first seed that is not done", async () => {
  const workers = [new Scripted(), new Scripted()];
  const campaign = new Campaign({ from: 1, to: 10 * blockSeeds }, workers, () => {});
  const running = campaign.run();
  workers[0].finish();
  campaign.stop();
  await running;
  // What still comes from a worker that was stopped counts no more.
  workers[0].finish();
  assertEquals([campaign.rest, campaign.done], [blockSeeds + 1, blockSeeds]);
});

Deno.test("kindOf() gives each kind its turn, and repeatText() names it", () => {
  const kinds = new Set(Array.from({ length: 16 }, (_, seed) => kindText(kindOf(seed))));
  assertEquals(kinds.size, 14);
  assertEquals(kindOf(5, { profile: "lone" }), { profile: "lone" });
  assertEquals(repeatText(3, { profile: "slow" }, false), "deno task sim --profile slow --seed 3 --trace");
  assertEquals(
    repeatText(9, { profile: "liars", small: true }, true),
    "deno task sim --monitor --profile liars --small --seed 9 --trace",
  );
});
