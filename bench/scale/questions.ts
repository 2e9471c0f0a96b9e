/**
 * The questions to the model, each with a table.
 *
 * @module
 */

import { quantile } from "../statistics.ts";
import type { Table } from "../table.ts";
import { type Figures, figures, loops } from "./constants.ts";
import { type Load, opens, polls, sites, steady } from "./loads.ts";
import type { Busy, Fault, Seen, Setting } from "./setting.ts";
import { run } from "./world.ts";

/** A table with the name of its marks in docs/design/scale.md. */
export interface Answer {
  readonly name: string;
  readonly title: string;
  readonly table: Table;
}

/** The system that the questions vary. */
export const usual: Omit<Setting, "seed" | "load"> = {
  lastsMs: 10_000,
  partitions: 4,
  nodes: 3,
  gateways: 4,
  followers: 100,
  watchers: 100_000,
  sites,
};

/** Reports in a second that the paper is about. */
const wanted = 10_000;

/** Milliseconds of a report at the 99th percentile up to which a system is said to carry a load. */
export const carriedMs = 250;

/** A time for people: milliseconds up to a second, then seconds. */
export function shown(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}

function quantiles(values: Iterable<number>): (q: number) => string {
  const sorted = Float64Array.from(values).sort();
  return (q) => sorted.length === 0 ? "-" : shown(quantile(sorted, q));
}

function times({ reports, visible }: Seen): string[] {
  const [report, seen] = [quantiles(reports.map(({ ms }) => ms)), quantiles(visible)];
  return [report(0.5), report(0.99), seen(0.5), seen(0.99)];
}

/** The one that is busiest, which saturates first. */
export function busiest(busy: Busy): string {
  const names = { gateway: "gateway", node: "node", etcd: "etcd", follower: "follower" } as const;
  const [name] = Object.entries(busy).sort(([, a], [, b]) => b - a)[0];
  return names[name as keyof Busy];
}

/** Whether a system carries its load: each report has an outcome, and 99 of 100 in time. */
export function carries({ reports, left }: Seen): boolean {
  if (left > 0 || reports.length === 0) return false;
  return quantile(Float64Array.from(reports.map(({ ms }) => ms)).sort(), 0.99) <= carriedMs;
}

/** Rates that are tried, one after the other until one is too many. */
const rates = [5_000, 10_000, 20_000, 30_000, 40_000, 60_000, 80_000];

/** Kinds of reports whose capacity is of interest, and how many gateways nodes feed. */
const kinds = [
  { name: "a tenth has a document; nodes feed 100", documentShare: figures.documentShare, followers: 100 },
  { name: "no documents; nodes feed 100", documentShare: 0, followers: 100 },
  { name: "no documents; nodes feed 12 relays", documentShare: 0, followers: 12 },
];

/** How much each number of partitions carries. */
export function capacity(seed: number, tried: readonly number[] = rates): Answer {
  const rows: string[][] = [];
  for (const { name, documentShare, followers } of kinds) {
    // More partitions carry no less.
    let least = 0;
    for (const partitions of [1, 2, 4, 8]) {
      let first: Seen | undefined;
      for (const perSecond of tried.filter((rate) => rate > least)) {
        const setting = { ...usual, seed, load: steady(perSecond), lastsMs: 3_000, partitions, followers };
        const seen = run({ ...setting, figures: { documentShare } });
        if (!carries(seen)) {
          first = seen;
          break;
        }
        least = perSecond;
      }
      const rate = least === 0 ? "less" : least === tried.at(-1) ? `${count(least)} or more` : count(least);
      rows.push([
        name,
        String(partitions),
        String(3 * partitions),
        rate,
        first === undefined ? "-" : busiest(first.busy),
      ]);
    }
  }
  const head = ["reports", "partitions", "nodes", "carried, reports/s", "saturates first"];
  const title = `The most that is carried (p99 of a report up to ${shown(carriedMs)})`;
  return { name: "capacity", title, table: table(head, rows, 1) };
}

function table(head: readonly string[], rows: readonly (readonly string[])[], wordColumns: number): Table {
  return { head, rows, wordColumns };
}

/** The loads of the field, with two to eight partitions. */
export function loads(seed: number, lastsMs = usual.lastsMs): Answer {
  const rows: string[][] = [];
  for (const load of [steady(wanted), polls(wanted), opens(wanted)] satisfies Load[]) {
    for (const partitions of [2, 4, 8]) {
      const seen = run({ ...usual, seed, load, lastsMs, partitions });
      const { gateway, node, etcd, follower } = seen.busy;
      rows.push([load.name, String(partitions), ...times(seen), ...[gateway, node, etcd, follower].map(percent)]);
    }
  }
  const head = ["load", "partitions", "report p50", "p99", "visible p50", "p99", "gateway", "node", "etcd", "follower"];
  return {
    name: "loads",
    title: "Loads: time until the outcome, and until a watcher has it; how busy the busiest is",
    table: table(head, rows, 1),
  };
}

/** Where the members and nodes of each partition are. */
export function placement(seed: number, lastsMs = 4_000): Answer {
  const rows: string[][] = [];
  for (const [name, memberMs] of [["zones of a region", 0.5], ["regions nearby", 10], ["continents", 40]] as const) {
    const seen = run({ ...usual, seed, load: steady(wanted), lastsMs, figures: { memberMs } });
    rows.push([name, `${memberMs} ms`, ...times(seen), percent(seen.busy.etcd)]);
  }
  const head = ["members in", "one way", "report p50", "p99", "visible p50", "p99", "etcd"];
  return {
    name: "placement",
    title: `Members of etcd apart, ${count(wanted)} reports/s, 4 partitions`,
    table: table(head, rows, 1),
  };
}

/** Figures that matter, or that nobody measured. */
const doubted = [
  "appendBusyMs",
  "appendKbMs",
  "recordUs",
  "followedUs",
  "requestUs",
  "commandUs",
  "fedUs",
  "reportUs",
  "hopMs",
  "encodeUs",
  "writeUs",
  "wantedShare",
  "reportBytes",
  "documentShare",
] as const satisfies (keyof Figures)[];

/** How much it matters if a figure is twice as large. */
export function doubles(seed: number, lastsMs = 3_000): Answer {
  const rows = ["nothing", ...doubted].map((name) => {
    const doubled = name === "nothing" ? {} : { [name]: 2 * figures[name as keyof Figures] };
    const seen = run({ ...usual, seed, load: steady(wanted), lastsMs, figures: doubled });
    const { gateway, node, etcd, follower } = seen.busy;
    return [name, ...times(seen), ...[gateway, node, etcd, follower].map(percent)];
  });
  const head = ["doubled", "report p50", "p99", "visible p50", "p99", "gateway", "node", "etcd", "follower"];
  return { name: "doubles", title: "One figure doubled, 10,000 reports/s, 4 partitions", table: table(head, rows, 1) };
}

/** What gateways that follow cost, and what they gain. */
export function fanOut(seed: number, lastsMs = 4_000): Answer {
  const rows: string[][] = [];
  for (const [followers, watchersPerMs] of [[25, 5], [50, 5], [100, 5], [200, 5], [100, 20], [100, 100]]) {
    const seen = run({ ...usual, seed, load: steady(wanted), lastsMs, followers, figures: { watchersPerMs } });
    const each = usual.watchers / followers;
    const [, , p50, p99] = times(seen);
    const gathers = shown(Math.max(10, each / watchersPerMs));
    rows.push([
      String(followers),
      count(each),
      gathers,
      p50,
      p99,
      percent(seen.busy.follower),
      percent(seen.busy.node),
    ]);
  }
  const head = ["gateways", "watchers of each", "gathers for", "visible p50", "p99", "follower", "node"];
  return {
    name: "followers",
    title: `${count(usual.watchers)} watchers, ${count(wanted)} reports/s`,
    table: table(head, rows, 0),
  };
}

/** Failures in the middle, and sites that move. */
export function failures(seed: number, lastsMs = 12_000): Answer {
  const atMs = lastsMs / 3;
  const faults: [string, Fault | undefined, number?][] = [
    ["nothing", undefined],
    ["a node is killed", { kind: "node", atMs, partition: 0, isSilent: false }],
    ["a node falls silent", { kind: "node", atMs, partition: 0, isSilent: true }],
    ["the member of etcd that leads is lost", { kind: "leader", atMs, partition: 0 }],
    ["a gateway that takes reports is lost", { kind: "gateway", atMs }],
    ["a gateway that follows is lost", { kind: "follower", atMs }],
    ["a partition is lost for 5 s", { kind: "cluster", atMs, partition: 0, lastsMs: 5_000 }],
    ["4 partitions become 8, one after the other", undefined, atMs],
  ];
  const rows = faults.map(([name, fault, splitAtMs]) => {
    // To copy the state beside the load takes a while.
    const longMs = splitAtMs === undefined ? lastsMs : 3 * lastsMs;
    const seen = run({ ...usual, seed, load: steady(wanted), lastsMs: longMs, fault, splitAtMs });
    const late = seen.reports.filter(({ ms }) => ms > 1_000).length / seen.reports.length;
    const elsewhere = seen.reports.filter(({ partition }) => partition !== 0).map(({ ms }) => ms);
    const [report, other, visible] = [seen.reports.map(({ ms }) => ms), elsewhere, seen.visible].map(quantiles);
    const lateShown = `${(100 * late).toFixed(2)} %`;
    return [
      name,
      report(0.5),
      report(0.99),
      report(1),
      lateShown,
      other(1),
      visible(0.99),
      visible(1),
      String(seen.left),
    ];
  });
  const head = [
    "what happens",
    "report p50",
    "p99",
    "longest",
    "over 1 s",
    "longest elsewhere",
    "visible p99",
    "longest",
    "lost",
  ];
  return { name: "failures", title: `Failures, ${count(wanted)} reports/s, 4 partitions`, table: table(head, rows, 1) };
}

/** What one node on one etcd was measured to do, and what the model says. */
export function compared(seed: number, lastsMs = 4_000): Answer {
  // The machine had other work: with this figure, all loops together come closest.
  const slowdown = 2;
  const rows = loops.map(({ sessions, commands, commandBytes, perSecond, p50Ms }) => {
    const seen = run({
      ...usual,
      seed,
      load: steady(1),
      lastsMs,
      partitions: 1,
      nodes: 1,
      gateways: sessions,
      followers: 0,
      watchers: 0,
      isClosed: true,
      together: commands,
      slowdown,
      figures: {
        commandUs: figures.plainUs,
        hopMs: 0,
        memberMs: 0,
        snapshotShare: 0,
        reportUs: 0,
        documentShare: 0,
        reportBytes: commands * commandBytes,
      },
    });
    const rate = commands * seen.reports.length / lastsMs * 1_000;
    const p50 = quantile(Float64Array.from(seen.reports.map(({ ms }) => ms)).sort(), 0.5);
    const off = (value: number, real: number) => `${value >= real ? "+" : "-"}${percent(Math.abs(value / real - 1))}`;
    const shownP50 = p50Ms === undefined
      ? ["-", p50.toFixed(1), "-"]
      : [p50Ms.toFixed(1), p50.toFixed(1), off(p50, p50Ms)];
    return [`${sessions} × ${commands}`, count(perSecond), count(rate), off(rate, perSecond), ...shownP50];
  });
  const head = ["sessions × commands", "measured/s", "model/s", "off by", "measured p50 ms", "model p50 ms", "off by"];
  return { name: "compared", title: "One node on one etcd: measured, and the model", table: table(head, rows, 1) };
}
