/**
 * Sums that need no simulation: how soon bounds are met, and how much memory and disk there must be.
 *
 * @module
 */

import { figures } from "./constants.ts";
import { sites } from "./loads.ts";
import type { Answer } from "./questions.ts";

/** A duration for people. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** What a partition has of some reports a second, and how long it lasts. */
export function sumsOf(perSecond: number, partitions: number) {
  const { reportBytes, documentBytes, documentShare, openEntryBytes, sealedEntryBytes, sealedDocumentBytes } = figures;
  const each = perSecond / partitions;
  const documents = documentShare * documentBytes;
  return {
    fullAfterSeconds: figures.entriesMax / each,
    unsealedFullAfterSeconds: figures.historyBytes / (each * (openEntryBytes + documents)),
    keysKeptSeconds: figures.keysMax / each,
    etcdBytesPerSecond: each * (reportBytes + documents),
    sitesBytes: sites / partitions * figures.siteBytes,
    sealedBytesPerDay: 86_400 * each * (sealedEntryBytes + documentShare * sealedDocumentBytes),
  };
}

/** The bounds that 10,000 reports a second meet. */
export function sums(perSecond = 10_000): Answer {
  const counts = [1, 4, 8, 16];
  const all = counts.map((partitions) => sumsOf(perSecond, partitions));
  const row = (name: string, show: (sum: ReturnType<typeof sumsOf>) => string) => [name, ...all.map(show)];
  const rows = [
    row("all entries that a log may have (entriesMax) are there after", (sum) => duration(sum.fullAfterSeconds)),
    row("history in memory, not sealed, is full after", (sum) => duration(sum.unsealedFullAfterSeconds)),
    row("a key of each report is kept for", (sum) => duration(sum.keysKeptSeconds)),
    row("records that go into etcd", (sum) => `${(sum.etcdBytesPerSecond / 1e6).toFixed(1)} MB/s`),
    row("sites in the memory of a node", (sum) => `${Math.round(sum.sitesBytes / 2 ** 20)} MiB`),
    row("sealed history, each copy", (sum) => `${(sum.sealedBytesPerDay / 1e9).toFixed(1)} GB a day`),
    row("the same", (sum) => `${(sum.sealedBytesPerDay * 365 / 1e12).toFixed(1)} TB a year`),
  ];
  const head = ["in each partition, of", ...counts.map(String)];
  const title = `Bounds, ${perSecond.toLocaleString("en")} reports/s, a tenth with a document`;
  return { name: "sums", title, table: { head, rows, wordColumns: 1 } };
}
