/**
 * The real feed of Rite Aid in New Jersey, from where it lies beside the repository.
 */

import { assert, assertEquals } from "@std/assert";
import { ImportReport } from "../../src/cli/import_report.ts";
import { effectOf } from "../../src/formats/problem_kinds.ts";
import type { ImportRecord } from "../../src/formats/records.ts";
import { KnownSites, parseManifest, readSchedulingLinks } from "../../src/formats/scheduling_links.ts";
import { readAgain, written } from "./reading.ts";
import { realFeed, realTest } from "./real_feed.ts";
import { assertValidFeed } from "./feed_checks.ts";

async function* fetchBytes(url: string): AsyncGenerator<Uint8Array> {
  yield* (await Deno.open(new URL(url))).readable;
}

async function readFeed(
  known = new KnownSites(),
): Promise<{ records: ImportRecord[]; summary: ImportReport }> {
  const { url: { href } } = await realFeed();
  const summary = new ImportReport();
  const manifest = await parseManifest(fetchBytes(href), href);
  const records = readSchedulingLinks({ manifest, url: href, fetchBytes, known, onProblem: summary.onProblem });
  return { records: await Array.fromAsync(summary.counted(records)), summary };
}

realTest("becomes 112 sites with ZIP codes of five digits and distinct names", async () => {
  const { records } = await readFeed();
  assertEquals(records.length, 112);
  assertEquals(new Set(records.map(({ name }) => name)).size, 112);
  assert(records.every(({ zip }) => /^0[78]\d{3}$/.test(zip)));
  assertEquals(records[0]?.name, "Rite Aid, Millville (116)");
  assertEquals(records[0]?.zip, "08332");
  assertEquals(records[0]?.availability, 427);
  assertEquals(records[0]?.unit, "appointments");
  assertEquals(records[0]?.observedAt, Date.UTC(2023, 2, 24, 20, 27, 12, 613));
  assertEquals(records[0]?.source, "https://api.riteaid.com/digital/vaccine-provider/$bulk-publish/");
});

realTest("has each of its faults counted", async () => {
  const { summary } = await readFeed();
  assertEquals(summary.kinds().map(({ kind, count }) => [kind, count]), [
    ["zip-lost-zero", 112],
    ["zip-plus-four", 111],
    ["zip-extension", 1],
    ["slot-id-shared", 1542],
    ["name-shared", 112],
    ["offset-impossible", 1542],
    ["dose-out-of-range", 112],
  ]);
  assertEquals([summary.read, summary.refused], [112, 0]);
});

realTest("keeps every resource in the documents, word for word", async () => {
  const { records } = await readFeed();
  const kept = { location: new Set<string>(), schedules: new Set<string>(), slots: new Set<string>() };
  for (const { document = "" } of records) {
    const { location, schedules, slots } = JSON.parse(document);
    kept.location.add(JSON.stringify(location));
    for (const each of schedules) kept.schedules.add(JSON.stringify(each));
    for (const each of slots) kept.slots.add(JSON.stringify(each));
  }
  const files = { location: "locations.ndjson", schedules: "schedules.ndjson", slots: "slots.ndjson" };
  for (const key of ["location", "schedules", "slots"] as const) {
    const lines = (await Deno.readTextFile(new URL(files[key], (await realFeed()).url))).trim().split("\n");
    assertEquals(kept[key], new Set(lines.map((line) => JSON.stringify(JSON.parse(line)))));
  }
});

realTest("is the same the second time", async () => {
  const first = await readFeed();
  const known = new KnownSites();
  for (const record of first.records) known.add(record);
  const second = await readFeed(known);
  assertEquals(second.records.map(({ site: _, ...record }) => record), first.records);
  assertEquals(second.records.map(({ site }) => site?.name), first.records.map(({ name }) => name));
  assertEquals(second.summary.kinds(), first.summary.kinds());
});

realTest("is exported as a valid feed, imported and exported again with equal bytes", async () => {
  const { records } = await readFeed();
  const first = written(records, "https://aggregator.example/");
  assertValidFeed(first);
  const again = await readAgain(first);
  assertEquals(again.records.length, 112);
  assertEquals(again.problems.filter(({ kind }) => effectOf(kind) === "refused"), []);
  assertEquals(
    new Set(again.problems.map(({ kind }) => kind)),
    new Set(["zip-plus-four", "offset-impossible", "dose-out-of-range"] as const),
  );
  assertEquals(written(again.records, "https://aggregator.example/"), first);
});
