/**
 * What the bench prints: tables of rows, facts, costs and goals.
 *
 * @module
 */

import { checkGoals } from "./goals.ts";
import type { Results, Unit } from "./results.ts";
import type { Spread } from "./statistics.ts";
import type { Table } from "./table.ts";

/** When, on what and under which load the figures were measured. */
export interface Circumstances {
  /** In ISO 8601, to the minute. */
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  readonly deno: string;
  /** Processes that wanted to run, on average over a minute, before the bench began. */
  readonly loadBefore: number;
  readonly isQuick: boolean;
  readonly seconds: number;
}

/** A table with a title. */
export interface Section {
  /** The documentation asks for the section with this word. */
  readonly name: "goals" | "loads" | "facts" | "costs";
  readonly title: string;
  readonly table: Table;
}

/** All that is to be said about the results; what was not measured has no section. */
export function sectionsOf(results: Results): Section[] {
  const sections: Section[] = [
    { name: "loads", title: "Loads: median (lowest to highest)", table: loadsTable(results) },
    { name: "facts", title: "Other figures: median (lowest to highest)", table: factsTable(results) },
    { name: "costs", title: "Messages and bytes per request, counted and by the formula", table: costsTable(results) },
    { name: "goals", title: "Goals", table: goalsTable(results) },
  ];
  return sections.filter(({ table }) => table.rows.length > 0);
}

/** Processes that want to run, on average: with more, the figures say as much about the others as about Vaxlog. */
const quietLoadMax = 1.5;

/** Whether nobody else used the machine when the bench began. */
export function isQuiet({ loadBefore }: Pick<Circumstances, "loadBefore">): boolean {
  return loadBefore <= quietLoadMax;
}

/** One sentence about the circumstances, and a warning if other processes used the machine. */
export function describe({ date, cores, processor, deno, loadBefore, isQuick, seconds }: Circumstances): string {
  const kind = isQuick ? "a quick run" : "a full run";
  return `${date}, ${kind} of ${Math.round(seconds)} s; ${cores} cores (${processor}), Deno ${deno}, ` +
    `load average before it ${loadBefore.toFixed(1)}` +
    (isQuiet({ loadBefore }) ? "" : ". Others used the machine: neither figures nor ratios are to be relied on");
}

function loadsTable({ rows }: Results): Table {
  const lines: string[][] = [];
  for (const { label, vaxlog, limit, ratio } of rows.values()) {
    for (const [name, figures] of [["vaxlog", vaxlog], ["limit", limit]] as const) {
      lines.push([
        name === "vaxlog" ? label : "",
        name,
        spread(figures.perSecond, thousands),
        spread(figures.p50Ms, micros),
        spread(figures.p99Ms, micros),
        spread(figures.processorMicros, short),
        short(figures.bytesPerCommand.median),
        short(figures.messagesPerCommand.median),
      ]);
    }
    lines.push([
      "",
      "ratio",
      spread(ratio.perSecond, short),
      spread(ratio.p50Ms, short),
      spread(ratio.p99Ms, short),
      spread(ratio.processorMicros, short),
      short(ratio.bytesPerCommand.median),
      short(ratio.messagesPerCommand.median),
    ]);
  }
  const head = ["sessions × under way", "", "commands/s", "p50 µs", "p99 µs", "CPU µs", "bytes", "messages"];
  return { head, rows: lines, wordColumns: 2 };
}

function factsTable({ facts }: Results): Table {
  const rows = [...facts.values()].map(({ label, unit, vaxlog, limit }) => [
    label,
    spread(vaxlog, inUnit(unit)),
    limit === undefined ? "" : spread(limit, inUnit(unit)),
  ]);
  return { head: ["", "vaxlog", "limit"], rows, wordColumns: 1 };
}

function costsTable({ costs }: Results): Table {
  const rows = costs.map((cost) => {
    const [min, max] = cost.messagesExpected;
    return [
      `t = ${cost.replicas}, ${cost.label}`,
      short(cost.commandsPerRequest),
      short(cost.messages),
      min === max ? String(min) : `${min} to ${max}`,
      short(cost.bytes),
      cost.bytesExpected === undefined ? "" : short(cost.bytesExpected),
    ];
  });
  const head = ["", "commands per request", "messages", "by the formula", "bytes", "by the formula"];
  return { head, rows, wordColumns: 1 };
}

function goalsTable(results: Results): Table {
  const rows: string[][] = [];
  for (const { name, wanted, found, isReached } of checkGoals(results)) {
    if (isReached !== undefined) rows.push([name, wanted, isReached ? "reached" : "missed", found]);
  }
  return { head: ["goal (t = 3 unless said)", "", "", "measured"], rows, wordColumns: 3 };
}

/** A median, and how far the values spread; one value alone has no spread. */
function spread({ median, min, max, count }: Spread, say: (value: number) => string): string {
  return count === 1 ? say(median) : `${say(median)} (${say(min)} to ${say(max)})`;
}

/** Three digits are all that such measurements are good for. */
function short(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
}

function thousands(value: number): string {
  return value < 10_000 ? short(value) : (Math.round(value / 100) * 100).toLocaleString("en");
}

function micros(ms: number): string {
  return short(ms * 1000);
}

function inUnit(unit: Unit): (value: number) => string {
  return (value) => unit === "times" ? short(value) : `${short(value)} ${unit}`;
}
