/**
 * What a long history may cost, and what it does.
 *
 * @module
 */

import type { Table } from "../table.ts";
import { type Disturbed, type Figures, medianStart, type Times } from "./figures.ts";

/** A goal, and how a history is measured by it. */
interface Row {
  readonly name: string;
  /** In words; empty: it is only told. */
  readonly goal: string;
  readonly say: (figures: Figures) => string | undefined;
}

const ms = (value: number) => value < 100 ? `${value.toFixed(1)} ms` : `${(value / 1000).toFixed(2)} s`;
const mib = (value?: number) => value === undefined ? undefined : `${Math.round(value)} MiB`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const said = ({ p50, max, count }: Times) => `${p50.toFixed(1)}, ${max.toFixed(1)} ms of ${count}`;
const gaps = (some: Disturbed | undefined) => some && `${said(some.during)}; ${said(some.before)}`;

/** All rows. */
const rows: readonly Row[] = [
  {
    name: "bytes a report, sealed",
    goal: "5",
    say: ({ made }) => made.sealedEntries === 0 ? undefined : (made.entryFileBytes / made.sealedEntries).toFixed(2),
  },
  { name: "sealed history", goal: "", say: ({ made }) => megabytes(made.entryFileBytes + made.documentFileBytes) },
  { name: "database file, with its log", goal: "150 MB", say: ({ made }) => megabytes(made.databaseBytes) },
  { name: "memory of a replica, steady", goal: "200 MiB", say: ({ steadyMiB }) => mib(steadyMiB) },
  { name: "memory of a replica, peak", goal: "300 MiB", say: ({ peakMiB }) => mib(peakMiB) },
  { name: "start to the first output, cold", goal: "2 s", say: ({ starts }) => starts && startOf(starts.cold) },
  { name: "the same, warm", goal: "", say: ({ starts }) => starts && startOf(starts.warm) },
  { name: "longest command while segments are sealed and checkpoints written", goal: "20 ms above", say: workingGaps },
  { name: "the same, the scrub", goal: "20 ms above", say: ({ scrub }) => gaps(scrub) },
  { name: "the same, a backup", goal: "20 ms above", say: ({ backup }) => gaps(backup) },
  { name: "the same, a restart", goal: "30 ms above", say: ({ restart }) => gaps(restart) },
  { name: "the same, an added replica", goal: "30 ms above", say: ({ add }) => gaps(add) },
  { name: "restart with its own folder", goal: "3 s", say: ({ restart }) => restart && joinOf(restart) },
  { name: "an added replica, to its membership", goal: "30 s", say: ({ add }) => add && joinOf(add) },
  { name: "backup to a file", goal: "", say: ({ backup }) => backup && `${ms(backup.ms)}, ${megabytes(backup.bytes)}` },
  { name: "start from it", goal: "", say: ({ restoreMs }) => restoreMs === undefined ? undefined : ms(restoreMs) },
  { name: "page of 100, p50 and p99, warm", goal: "5 ms", say: ({ pages }) => pages && pageOf(pages.warm) },
  { name: "page of 100, p50 and p99, cold", goal: "15 ms", say: ({ pages }) => pages && pageOf(pages.cold) },
  { name: "entries and requests of it", goal: "", say: ({ pages }) => pages && `${pages.entries}, ${pages.requests}` },
  { name: "entries a second to a watcher", goal: "500,000", say: ({ watch }) => watch && perSecond(watch.perSecond) },
  {
    name: "the same, of processor time",
    goal: "",
    say: ({ watch }) => watch && perSecond(watch.perProcessorSecond),
  },
];

function workingGaps({ gaps }: Figures): string | undefined {
  return gaps && `${said(gaps.working)}; ${said(gaps.quiet)}`;
}

function startOf(starts: Parameters<typeof medianStart>[0]): string {
  const { ms, processorSeconds } = medianStart(starts);
  return `${(ms / 1000).toFixed(2)} s, ${processorSeconds.toFixed(2)} s of processors`;
}

function pageOf({ p50, p99 }: Times): string {
  return `${p50.toFixed(1)}, ${p99.toFixed(1)} ms`;
}

function joinOf({ ms: took, processorSeconds }: Disturbed): string {
  return `${ms(took)}, ${processorSeconds.toFixed(1)} s of processors`;
}

function perSecond(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** The table: a goal in each row, a history in each column. */
export function historyTable(all: readonly Figures[]): Table {
  const lines = rows.map(({ name, goal, say }) => [name, goal, ...all.map((figures) => say(figures) || "")]);
  return {
    head: ["", "goal", ...all.map(({ made }) => made.entries.toLocaleString("en"))],
    rows: lines.filter(([, , ...cells]) => cells.some((cell) => cell !== "")),
    wordColumns: 2,
  };
}
