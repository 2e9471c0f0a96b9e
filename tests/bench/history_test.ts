import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Figures } from "../../bench/history/figures.ts";
import { addedSites, Feed } from "../../bench/history/feed.ts";
import { historyTable } from "../../bench/history/history_goals.ts";
import { parseHistoryOptions, parts } from "../../bench/history/history_options.ts";
import { plotHistories } from "../../bench/history/history_plot.ts";
import { UsageError } from "../../bench/options.ts";

const made = {
  entries: 1_000_001,
  polls: 10,
  documents: 0,
  documentBytes: 0,
  segments: 2,
  entryFileBytes: 2_359_296,
  documentFileBytes: 0,
  sealedEntries: 524_288,
  databaseBytes: 20_000_000,
  seconds: 20,
};

const times = { p50: 2, p99: 4, max: 5, count: 6 };

function figuresOf(entries: number): Figures {
  const starts = [{ ms: 900, processorSeconds: 2 }, { ms: 1_100, processorSeconds: 2 }, {
    ms: 2_000,
    processorSeconds: 3,
  }];
  return {
    made: { ...made, entries },
    sites: 100,
    starts: { cold: starts, warm: starts },
    gaps: { quiet: times, working: { ...times, max: 9 }, seals: 3, checkpoints: 1 },
  };
}

Deno.test("parseHistoryOptions() reads lengths and parts, and refuses others", () => {
  const options = parseHistoryOptions([
    "--reports",
    "20000,40000",
    "--sites",
    "500",
    "--only",
    "start,page",
    "--small",
  ]);
  assert(options !== "help");
  assertEquals([options.reports, options.sites, options.only], [[20_000, 40_000], 500, ["start", "page"]]);
  assertEquals([options.isSmall, options.feed, options.dir], [true, 0, undefined]);
  const usual = parseHistoryOptions([]);
  assert(usual !== "help");
  assertEquals(usual.only, parts);
  assertEquals(parseHistoryOptions(["--help"]), "help");
  for (
    const args of [["--reports", "1e6"], ["--sites", "0"], ["--only", "all"], ["--feed", "x"], ["more"], ["--more"]]
  ) {
    assertThrows(() => parseHistoryOptions(args), UsageError);
  }
  assertThrows(() => parseHistoryOptions(["--only", "all"]), UsageError, '"all"');
});

Deno.test("a Feed gives the same commands in each run, and documents where they changed", () => {
  const options = { sites: 200, pollMs: 300_000, documents: true };
  const [one, other] = [new Feed(options), new Feed(options)];
  const first = [...one.poll()];
  assertEquals(first, [...other.poll()]);
  assertEquals([...addedSites(200)].length, 199);
  // All sites that feeds report have a document after the first poll, and about a tenth another one after each more.
  assertEquals(first.filter(({ kind }) => kind === "document").length, 180);
  const second = [...one.poll()];
  const documents = second.filter(({ kind }) => kind === "document").length;
  assert(documents > 5 && documents < 40, `${documents} documents`);
  assert(second.length - documents >= 180);
  assertEquals([one.polls, one.documents], [2, 180 + documents]);
  assert(one.documentBytes / one.documents > 6_000, `${one.documentBytes} bytes`);
});

Deno.test("the table of a history has a row for each figure that was measured, and none for others", () => {
  const { head, rows } = historyTable([figuresOf(1_000_001), figuresOf(10_000_001)]);
  assertEquals(head, ["", "goal", "1,000,001", "10,000,001"]);
  assertEquals(rows.map(([name]) => name), [
    "bytes a report, sealed",
    "sealed history",
    "database file, with its log",
    "start to the first output, cold",
    "the same, warm",
    "longest command while segments are sealed and checkpoints written",
  ]);
  assertEquals(rows[0], ["bytes a report, sealed", "5", "4.50", "4.50"]);
  assertEquals(rows[3][2], "1.10 s, 2.00 s of processors");
  assertEquals(rows[5][2], "2.0, 9.0 ms of 6; 2.0, 5.0 ms of 6");
});

Deno.test("the plot of histories shows starts and gaps against their lengths, with a legend for each panel", () => {
  const text = plotHistories([figuresOf(1_000_001), figuresOf(10_000_001), figuresOf(100_000_001)]);
  for (
    const label of ["entries of the log", "100 million", "no file in a cache", "seals and checkpoints", "1 s", "10 s"]
  ) {
    assertStringIncludes(text, `>${label}</text>`);
  }
});
