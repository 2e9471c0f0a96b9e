/** Compare and set, raced: whatever fails meanwhile, one of many who want the same change gets it. */

import { assert, assertEquals } from "@std/assert";
import { harvard } from "./busy.ts";
import { clusterTest } from "./real_cluster.ts";

const racers = 16;
const rounds = 1_000;

clusterTest(
  "One of 16 clients that race wins each of 1,000 changes, while three of four replicas are killed",
  4,
  async (cluster) => {
    const clients = await Promise.all(Array.from({ length: racers }, () => cluster.connect()));
    // Round by round, who gets killed, or comes back.
    const happenings = new Map<number, () => Promise<void>>([
      [150, () => cluster.kill(1)],
      [350, () => cluster.kill(0)],
      [500, () => cluster.restart(1)],
      [700, () => cluster.kill(2)],
    ]);
    const pending: Promise<void>[] = [];
    const wins = new Array<number>(racers).fill(0);
    let [shown, entry] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const happening = happenings.get(round);
      if (round === 700) await cluster.joined(1);
      // It happens while they race.
      if (happening !== undefined) pending.push(happening());
      // In every other round nobody changes the availability: only the entry tells whether somebody was faster.
      const isSame = round % 2 === 1;
      const condition = isSame ? { ifEntry: entry } : { if: shown };
      const before = shown;
      const outcomes = await Promise.all(clients.map(({ client }, at) => {
        return client.set(harvard, isSame ? before : 1 + round * racers + at, condition);
      }));
      const winners = outcomes.flatMap(({ kind }, at) => kind === "site" ? [at] : []);
      assertEquals(winners.length, 1, `round ${round}: ${winners.length} have won`);
      const [winner] = winners;
      wins[winner]++;
      if (!isSame) shown = 1 + round * racers + winner;
      // The first entry says that the site was added.
      entry = 2 + round;
      for (const outcome of outcomes) {
        assert(outcome.kind === "site" || outcome.kind === "conflict", outcome.kind);
        assertEquals([outcome.site.availability, outcome.entry], [shown, entry]);
      }
    }
    await Promise.all(pending);
    assertEquals(wins.reduce((sum, each) => sum + each, 0), rounds);
    const reports = [];
    for await (const page of clients[0].client.history(harvard)) reports.push(...page.slice());
    assertEquals(reports.length, 1 + rounds);
    await Promise.all(clients.map(({ close }) => close()));
  },
);
