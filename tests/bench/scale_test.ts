import { assert, assertEquals, assertThrows } from "@std/assert";
import page from "../../docs/design/scale.md" with { type: "text" };
import { UsageError } from "../../bench/options.ts";
import { constants, figures, loops } from "../../bench/scale/constants.ts";
import { opens, polls, steady } from "../../bench/scale/loads.ts";
import { busiest, capacity, carries, compared, usual } from "../../bench/scale/questions.ts";
import { parseScaleOptions, tableNames } from "../../bench/scale/scale_options.ts";
import type { Fault, Setting } from "../../bench/scale/setting.ts";
import { Chance, Station } from "../../bench/scale/stations.ts";
import { sumsOf } from "../../bench/scale/sums.ts";
import { run } from "../../bench/scale/world.ts";
import { entriesTogetherMax, laneCount } from "../../src/engine/core/lanes.ts";
import { answeredKeysMax, commandsPerRequestMax, entriesMax } from "../../src/limits.ts";

/** A small system, of which a second is enough. */
const small: Setting = {
  ...usual,
  seed: 7,
  load: steady(1_000),
  lastsMs: 2_000,
  partitions: 2,
  followers: 6,
  watchers: 600,
  sites: 1_000,
};

const longest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, value), 0);
const longestOf = (setting: Setting) => longest(run(setting).reports.map(({ ms }) => ms));

Deno.test("scale: one seed gives one result, and another seed another one", () => {
  assertEquals(run(small), run(small));
  assert(run(small).reports[0].atMs !== run({ ...small, seed: 8 }).reports[0].atMs);
});

Deno.test("scale: a station serves in order, and as fast as its machine is", () => {
  const station = new Station(2);
  assertEquals([station.serve(0, 1), station.serve(1, 1), station.serve(10, 1)], [2, 4, 12]);
  assertEquals(station.share(12), 0.5);
});

Deno.test("scale: numbers by chance are spread as they should be", () => {
  const chance = new Chance(1);
  const gaps = Array.from({ length: 20_000 }, () => chance.gap(5));
  assert(Math.abs(Math.sumPrecise(gaps) / gaps.length - 5) < 0.1);
  const factors = Array.from({ length: 20_001 }, () => chance.factor(0.5)).sort((a, b) => a - b);
  assert(Math.abs(factors[10_000] - 1) < 0.02);
});

const faults: readonly Fault[] = [
  { kind: "node", atMs: 700, partition: 0, isSilent: false },
  { kind: "node", atMs: 700, partition: 0, isSilent: true },
  { kind: "leader", atMs: 700, partition: 0 },
  { kind: "cluster", atMs: 700, partition: 0, lastsMs: 1_500 },
  { kind: "gateway", atMs: 700 },
  { kind: "follower", atMs: 700 },
];

Deno.test("scale: each report has one outcome, whatever fails", () => {
  const all = run(small).reports.length;
  assert(all > 1_800);
  for (const fault of faults) {
    const { reports, left } = run({ ...small, fault });
    assertEquals(left, 0, fault.kind);
    // Chance is drawn in another order after a fault, so there are about as many.
    assert(Math.abs(reports.length - all) < 200, fault.kind);
    // Times of arrival are the names of reports.
    assertEquals(new Set(reports.map(({ atMs }) => atMs)).size, reports.length, fault.kind);
  }
});

Deno.test("scale: reports wait for as long as what fails is away, and only where it fails", () => {
  const [killed, silent, leader, cluster] = faults;
  const usually = longestOf(small);
  assert(usually < 100);
  assert(longestOf({ ...small, fault: killed }) < 200);
  for (const [fault, ms] of [[silent, figures.silentGapMs], [leader, figures.leaderGapMs], [cluster, 1_500]] as const) {
    const { reports } = run({ ...small, fault });
    const there = longest(reports.filter(({ partition }) => partition === 0).map((report) => report.ms));
    const elsewhere = longest(reports.filter(({ partition }) => partition !== 0).map((report) => report.ms));
    assert(there > 0.9 * ms && there < ms + 300, `${fault.kind}: ${there}`);
    assert(elsewhere < 150, `${fault.kind}: ${elsewhere}`);
  }
});

Deno.test("scale: a watcher sees later what its gateway gathers for longer", () => {
  const median = (watchersPerMs: number) => {
    const { visible } = run({ ...small, watchers: 6_000, figures: { watchersPerMs } });
    return Float64Array.from(visible).sort()[Math.floor(visible.length / 2)];
  };
  // A thousand watchers each: 200 ms, and 50.
  const [slow, quick] = [median(5), median(20)];
  assert(slow > 100 && slow < 200 && quick > 25 && quick < 75, `${slow} ${quick}`);
});

Deno.test("scale: watchers of a lost gateway see again what they have missed", () => {
  const { visible } = run({ ...small, fault: { kind: "follower", atMs: 700 } });
  const most = longest(visible);
  assert(most > 2_500 && most < figures.reconnectMs + 300, String(most));
});

Deno.test("scale: after a split, the new partitions have half of the reports, and none was lost", () => {
  const { reports, left } = run({ ...small, lastsMs: 4_000, splitAtMs: 500 });
  assertEquals(left, 0);
  const before = reports.filter(({ atMs }) => atMs < 500);
  assert(before.every(({ partition }) => partition < 2));
  const late = reports.filter(({ atMs }) => atMs > 2_000);
  const moved = late.filter(({ partition }) => partition >= 2).length / late.length;
  assert(moved > 0.45 && moved < 0.55, String(moved));
  assert(longest(reports.map(({ ms }) => ms)) < 150);
});

Deno.test("scale: a lane has one append under way", () => {
  const seen = (sessions: number) =>
    run({
      ...small,
      partitions: 1,
      nodes: 1,
      gateways: sessions,
      followers: 0,
      watchers: 0,
      isClosed: true,
      figures: { hopMs: 0, memberMs: 0, appendSpread: 0, documentShare: 0, lanes: 1, reportUs: 0 },
    });
  const [one, many] = [seen(1), seen(100)];
  // As many records a second, each with the reports of all sessions that came during the one before it.
  assert(Math.abs(many.records / one.records - 1) < 0.5, `${one.records} ${many.records}`);
  assert(many.reports.length > 40 * one.reports.length);
});

Deno.test("scale: what a site has that all report about is in one partition", () => {
  const { reports } = run({ ...small, load: opens(1_000), lastsMs: 6_000, partitions: 4 });
  const late = reports.filter(({ atMs }) => atMs > 4_500);
  const hot = late.filter(({ partition }) => partition === 0).length / late.length;
  // A sixth of all for the site, and a fourth of the rest.
  assert(hot > 0.34 && hot < 0.41, String(hot));
});

Deno.test("scale: feeds that are polled together make as many reports as others", () => {
  const reports = run({ ...small, load: polls(1_000), lastsMs: 10_000 }).reports;
  assert(Math.abs(reports.length / 10_000 - 1) < 0.05);
  assert(reports.every(({ atMs }) => atMs % 10_000 < 2_000));
});

Deno.test("scale: a system carries what it has time for, and says what it has no time for", () => {
  assert(carries(run(small)));
  const tooMany = run({ ...small, load: steady(5_000), figures: { appendKbMs: 2 } });
  assert(!carries(tooMany));
  assertEquals(busiest(tooMany.busy), "etcd");
});

Deno.test("scale: the model comes near to what was measured with single commands", () => {
  for (const row of compared(1, 2_000).table.rows.slice(0, 5)) {
    assert(Math.abs(parseInt(row[3].replace(/[+ %]/g, ""))) <= 35, row.join());
  }
  assertEquals(loops.filter(({ commands }) => commands === 1).length, 5);
});

Deno.test("scale: figures that the code has are those of the code, and each has a source", () => {
  assertEquals(figures.lanes, laneCount);
  assertEquals(figures.entriesTogether, entriesTogetherMax);
  assertEquals(figures.roundCommands, commandsPerRequestMax);
  assertEquals(figures.keysMax, answeredKeysMax);
  assertEquals(figures.entriesMax, entriesMax);
  for (const [name, { source }] of Object.entries(constants)) {
    assert(/^(?:`deno task|assumed|design\/|operations\/|reference\/|src\/)/.test(source), `${name}: ${source}`);
  }
});

Deno.test("scale: twice as many partitions last twice as long", () => {
  const [one, two] = [sumsOf(10_000, 1), sumsOf(10_000, 2)];
  assertEquals(Math.round(one.fullAfterSeconds), 214_748);
  assertEquals(two.keysKeptSeconds, 2 * one.keysKeptSeconds);
  assertEquals(two.etcdBytesPerSecond, one.etcdBytesPerSecond / 2);
});

Deno.test("scale: bad command lines are refused with the word in quotes", () => {
  assertEquals(parseScaleOptions(["--only", "loads,sums", "--seed", "3"]), {
    only: ["sums", "loads"],
    seed: 3,
    isJson: false,
    writesDocs: false,
  });
  assertEquals(parseScaleOptions(["--help"]), "help");
  for (
    const [args, word] of [[["--only", "load"], '"load"'], [["--seed", "-1"], '"--seed'], [["--seeds"], "--seeds"]]
  ) {
    const error = assertThrows(() => parseScaleOptions(args as string[]), UsageError);
    assert(error.message.includes(word as string) || args.length === 2, error.message);
  }
});

Deno.test("scale: docs/design/scale.md has marks for each table", () => {
  for (const name of tableNames) assert(page.includes(`<!-- bench ${name} -->\n`), name);
});

Deno.test("scale: capacity() stops at the first rate that is too much", () => {
  const { rows } = capacity(1, [5_000]).table;
  assertEquals(rows.length, 12);
  assert(rows.every((row) => /^(?:less|5,000 or more)$/.test(row[3])));
  assert(rows.every((row) => (row[3] === "less") === (row[4] !== "-")));
});
