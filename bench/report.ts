/**
 * What the bench prints: tables of rows, facts, costs and goals.
 *
 * @module
 */

import { checkGoals } from "./goals.ts";
import { sumOf } from "./groups/cost.ts";
import type { Prediction } from "./model.ts";
import type { Results, Row, Unit } from "./results.ts";
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
  /** The same at its end: the bench's own processes are among them. */
  readonly loadAfter: number;
  /** Processors that others kept busy during the bench, on average. */
  readonly otherProcessors: number;
  readonly isQuick: boolean;
  readonly seconds: number;
}

/** A table with a title. */
export interface Section {
  /** The documentation asks for the section with this word. */
  readonly name: "goals" | "loads" | "facts" | "costs" | "model";
  readonly title: string;
  readonly table: Table;
}

/** All that is to be said about the results; what was not measured has no section. */
export function sectionsOf(results: Results): Section[] {
  const sections: Section[] = [
    { name: "loads", title: "Loads: median (lowest to highest)", table: loadsTable(results) },
    { name: "facts", title: "Other figures: median (lowest to highest)", table: factsTable(results) },
    { name: "model", title: "Messages and hops of a command at t = 3, and by the model", table: modelTable(results) },
    { name: "costs", title: "Messages and bytes of a request", table: costsTable(results) },
    { name: "goals", title: "Goals", table: goalsTable(results) },
  ];
  return sections.filter(({ table }) => table.rows.length > 0);
}

/** Processes that want to run, on average: with more, the figures say as much about the others as about Vaxlog. */
const quietLoadMax = 1.5;

/** Processors that others may keep busy meanwhile; the kernel's own work is among that. */
const quietProcessorsMax = 0.2;

/** What tells whether others used the machine. */
export type OtherLoad = Pick<Circumstances, "loadBefore" | "otherProcessors">;

/** Whether nobody else used the machine, before the bench and meanwhile. */
export function isQuiet({ loadBefore, otherProcessors }: OtherLoad): boolean {
  return loadBefore <= quietLoadMax && otherProcessors <= quietProcessorsMax;
}

/** Loads whose rows say something else than how fast the replicas are: the load process had no time left. */
export function loadBoundOf({ rows }: Results): string[] {
  const isBound = ({ vaxlog, limit }: Row) => {
    return Math.max(vaxlog.loadProcessors.median, limit.loadProcessors.median) > loadProcessorsMax;
  };
  return [...rows.values()].filter(isBound).map(({ id }) => id);
}

/** A load process that keeps a processor busy for longer than this part of the time may be what limits the load. */
const loadProcessorsMax = 0.9;

/** One sentence about the circumstances, and a warning if other processes used the machine. */
export function describe(circumstances: Circumstances): string {
  const { date, cores, processor, deno, loadBefore, loadAfter, otherProcessors, isQuick, seconds } = circumstances;
  const kind = isQuick ? "a quick run" : "a full run";
  return `${date}, ${kind} of ${Math.round(seconds)} s; ${cores} cores (${processor}), Deno ${deno}; ` +
    `load average ${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after; ` +
    `others used ${otherProcessors.toFixed(2)} cores meanwhile` +
    (isQuiet(circumstances) ? "" : ". Others used the machine: neither figures nor ratios are to be relied on");
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
  const rows = costs.map((cost) => [
    `t = ${cost.replicas}, ${cost.label}`,
    kindsText(cost.kinds),
    short(cost.commandsPerRequest),
    short(cost.messages),
    short(cost.messagesSimulated),
    short(cost.betweenReplicas),
    short(cost.bytes),
  ]);
  const head = ["", "at clients", "commands", "messages", "simulated", "between replicas", "bytes"];
  return { head, rows, wordColumns: 2 };
}

function modelTable({ modelCosts }: Results): Table {
  const rows = modelCosts.map(({ model, alone, inStep }) => [
    `${model.clients} ${model.clients === 1 ? "client" : "clients"}` +
    (model.thinkHops === 0 ? "" : `, ${model.thinkHops} hops between commands`),
    kindsText({ ...alone.atClients, ...alone.betweenReplicas }),
    short(sumOf(alone.atClients)),
    short(sumOf(alone.betweenReplicas)),
    short(alone.hops),
    predictionText(model.before),
    predictionText(model.after),
    `${short(sumOf(inStep.atClients) + sumOf(inStep.betweenReplicas))}, ${short(inStep.hops)}`,
  ]);
  const head = ["", "messages", "at clients", "between", "hops", "model before", "model now", "in step"];
  return { head, rows, wordColumns: 2 };
}

/** Messages by kind, the most frequent first. Less than half of a hundredth of a message is not worth a word. */
function kindsText(kinds: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(kinds).filter(([, count]) => count >= 0.005).sort(([a, m], [b, n]) =>
    n - m || (a < b ? -1 : 1)
  );
  return sorted.map(([kind, count]) => `${short(count)} ${kind}`).join(", ");
}

function predictionText({ messages, hops }: Prediction): string {
  return [messages, hops].map(([min, max]) => min === max ? String(min) : `${min} to ${max}`).join(", ");
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
