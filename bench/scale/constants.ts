/**
 * What the model takes for granted: each figure with its unit and where it comes from. Where a figure was not measured,
 * its source begins with "assumed".
 *
 * @module
 */

/** A figure of the model. */
export interface Constant {
  readonly value: number;
  readonly unit:
    | "ms"
    | "us"
    | "ms/KB"
    | "us/KB"
    | "bytes"
    | "commands"
    | "entries"
    | "lanes"
    | "watchers"
    | "share"
    | "/s"
    | "";
  /** A page and what was measured there, or why it is assumed. */
  readonly source: string;
}

const measured = "`deno task bench:scale`";

/** All figures. */
export const constants = {
  // etcd, as the nodes of one order use it: three nodes with four lanes have twelve appends under way.
  appendMs: { value: 3.08, unit: "ms", source: `${measured}: p50 of one bare append` },
  appendBusyMs: { value: 1.33, unit: "ms", source: `${measured}: 751 bare appends a second, 12 under way` },
  appendKbMs: { value: 0.095, unit: "ms/KB", source: `${measured}: 12.58 ms for 100,000 bytes, less 3.08 ms` },
  appendSpread: { value: 0.54, unit: "", source: `${measured}: ln(p99 / p50) of one bare append / 2.33` },
  snapshotShare: {
    value: 0.5,
    unit: "share",
    source: "design/engine.md, E10: an epoch has twice the bytes of its snapshot, at least",
  },
  memberMs: {
    value: 0.5,
    unit: "ms",
    source: "assumed: one way between members, and from nodes, in zones of a region",
  },
  leaderGapMs: {
    value: 2_300,
    unit: "ms",
    source: "operations/nodes.md: 2 to 3 s at most; the middle of 2.0 to 2.6 s",
  },
  // Nodes.
  recordUs: { value: 400, unit: "us", source: `${measured}: fitted to the processor time of 1 to 256 sessions` },
  followedUs: { value: 200, unit: "us", source: "assumed: half of recordUs, for a record of another node" },
  requestUs: { value: 16, unit: "us", source: `${measured}: fitted to the processor time of 1 to 256 sessions` },
  nodeKbUs: {
    value: 4.2,
    unit: "us/KB",
    source: `${measured}: 1,041 us for an append of 100,000 bytes, less 621 us; assumed for reading it, too`,
  },
  commandUs: {
    value: 15.2,
    unit: "us",
    source: "design/log.md, A national feed: 73 s for 4.8 million entries, with the making of the commands: at most",
  },
  plainUs: {
    value: 0.76,
    unit: "us",
    source: "operations/performance.md, Where the time goes: a plain set at one of three replicas, 1 × 256",
  },
  fedUs: { value: 1, unit: "us", source: "design/log.md: processor time of a replica for an entry to a watcher" },
  lanes: { value: 4, unit: "lanes", source: "src/engine/core/lanes.ts" },
  entriesTogether: { value: 512, unit: "commands", source: "src/engine/core/lanes.ts: requests of a record" },
  bytesTogether: { value: 524_288, unit: "bytes", source: "src/engine/core/lanes.ts: bytes of a record" },
  killedGapMs: { value: 44, unit: "ms", source: "`deno task bench:engine`: a node is killed, median of 5" },
  silentGapMs: { value: 4_000, unit: "ms", source: "design/engine.md, N6: a request has an outcome within 4 s" },
  // Gateways that take reports.
  reportUs: { value: 27.9, unit: "us", source: "operations/performance.md, The gateway: report" },
  roundCommands: { value: 4_096, unit: "commands", source: "reference/limits.md: commands in a request" },
  retryMs: { value: 1_000, unit: "ms", source: "assumed: a client of a lost gateway asks another one" },
  // Gateways that follow.
  followUs: { value: 2.5, unit: "us", source: "reference/http.md: a log of 200,000 entries in half a second" },
  encodeUs: { value: 5, unit: "us", source: "assumed: JSON of an event and a look-up of those that want it" },
  writeUs: { value: 14, unit: "us", source: `${measured}: a chunk of 300 to 3,000 bytes to one watcher` },
  gatherMs: { value: 10, unit: "ms", source: "reference/http.md, Events; with over 50 watchers, 1 ms for each five" },
  watchersPerMs: { value: 5, unit: "watchers", source: "reference/http.md, Events" },
  reconnectMs: { value: 3_000, unit: "ms", source: "assumed: a browser waits for that long before it reconnects" },
  wantedShare: { value: 1 / 900, unit: "share", source: "assumed: a watcher follows one of about 900 ZIP areas" },
  // What travels.
  hopMs: { value: 0.5, unit: "ms", source: "assumed: one way between gateway and node" },
  reportBytes: { value: 100, unit: "bytes", source: "assumed: a report with a source and two times" },
  documentBytes: { value: 8_190, unit: "bytes", source: "design/log.md, A national feed: mean of a document" },
  documentShare: { value: 0.1, unit: "share", source: "design/log.md, A national feed: documents that change" },
  // What the paper counts with, and the model does not.
  entriesMax: { value: 2 ** 31 - 1, unit: "entries", source: "reference/limits.md" },
  keysMax: { value: 200_000, unit: "commands", source: "reference/limits.md: commands whose keys are kept" },
  historyBytes: { value: 2 ** 30, unit: "bytes", source: "reference/limits.md: history in memory of a node" },
  siteBytes: { value: 384, unit: "bytes", source: "design/log.md: 420 MiB with a million sites, less 54 MiB" },
  openEntryBytes: { value: 21, unit: "bytes", source: "operations/archive.md: 17 to 25 bytes an entry in memory" },
  sealedEntryBytes: { value: 5.8, unit: "bytes", source: "design/log.md, A national feed: a sealed entry" },
  sealedDocumentBytes: { value: 206, unit: "bytes", source: "design/log.md, A national feed: a sealed document" },
  // Moving sites.
  copyUs: {
    value: 13,
    unit: "us",
    source: "design/log.md, Where a start takes its time: 1.30 s to read the state of 100,000 sites, tail included",
  },
} as const satisfies Record<string, Constant>;

/** The figures alone, which a test or a comparison may change. */
export type Figures = { readonly [name in keyof typeof constants]: number };

/** The figures as they are. */
export const figures: Figures = Object.fromEntries(
  Object.entries(constants).map(([name, { value }]) => [name, value]),
) as Figures;

/** A closed loop that was measured: sessions that send one request after the other to one node on a real etcd. */
export interface Loop {
  readonly sessions: number;
  /** Commands of a request, and bytes of one. */
  readonly commands: number;
  readonly commandBytes: number;
  /** Commands in a second. */
  readonly perSecond: number;
  /** Milliseconds of a request at the median; absent: not measured. */
  readonly p50Ms?: number;
}

/** Sessions of the loops that {@link loops} has from `deno task bench:scale`. */
export const comparedSessions = [1, 4, 16, 64, 256] as const;

/** Measured on 2026-12-01, load average 11 to 13; the last one by `deno task bench:engine`, load average 22. */
export const loops: readonly Loop[] = [
  { sessions: 1, commands: 1, commandBytes: 100, perSecond: 233, p50Ms: 3.69 },
  { sessions: 4, commands: 1, commandBytes: 100, perSecond: 544, p50Ms: 6.30 },
  { sessions: 16, commands: 1, commandBytes: 100, perSecond: 1_628, p50Ms: 8.71 },
  { sessions: 64, commands: 1, commandBytes: 100, perSecond: 4_429, p50Ms: 13.39 },
  { sessions: 256, commands: 1, commandBytes: 100, perSecond: 13_321, p50Ms: 15.56 },
  { sessions: 4, commands: 256, commandBytes: 30, perSecond: 53_625 },
];
