/** A site of which products are reported: its Schedules, and what a reader makes of them. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { exportRecordOf } from "../../src/formats/export_record.ts";
import { LinksWriter } from "../../src/formats/links_writer.ts";
import type { ExportProduct, ExportRecord } from "../../src/formats/records.ts";
import { assertValidFeed } from "./feed_checks.ts";
import { readAgain, written } from "./reading.ts";

const base = "https://vaxlog.example/";
const asOf = Date.UTC(2026, 10, 24, 10);

const product = fc.record({
  product: fc.oneof(
    fc.constantFrom("208", "207", "313", "150", "9", "207,208", "Novavax 2026", "Moderna, the new one", "薬"),
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => `x${text.replace(/[^ -~]/g, "")}x`),
  ),
  availability: fc.oneof(fc.constantFrom(0, 30, true, false, "unknown" as const, 2 ** 31), fc.maxSafeNat()),
  unit: fc.constantFrom("doses" as const, "appointments" as const, undefined),
});

const products = fc.uniqueArray(product, { selector: ({ product }) => product, minLength: 1, maxLength: 5 });

function siteOf(all: readonly Omit<ExportProduct, "asOf">[], more: Partial<ExportRecord> = {}): ExportRecord {
  const shownProducts = all.map((each) => ({ ...each, asOf })).sort((a, b) => a.product < b.product ? -1 : 1);
  return { name: "Clinic", zip: "08332", availability: "unknown", observedAt: asOf, shownProducts, ...more };
}

const essence = ({ product, availability, unit }: Omit<ExportProduct, "asOf">) => `${product}: ${availability} ${unit}`;

Deno.test("a site goes out with its products, comes in with the same, and goes out with equal bytes", async () => {
  await fc.assert(fc.asyncProperty(products, async (all) => {
    const site = siteOf(all);
    const first = written([site], base);
    assertValidFeed(first);
    const { records: [read], problems } = await readAgain(first);
    assertEquals(problems, []);
    assertEquals(read.products?.map(essence).toSorted(), all.map(essence).toSorted());
    assertEquals(read.observedAt, asOf);
    const again = siteOf(read.products!, { document: read.document });
    assertEquals(written([again], base), first);
    // A change of one of them goes out, though there is a document that says otherwise.
    const other = { ...all[0], availability: 7 };
    const { records: [reread] } = await readAgain(written([siteOf([other], { document: read.document })], base));
    assertEquals(reread.products?.map(essence), [essence(other)]);
  }));
});

Deno.test("a product that is stale is unknown in a feed, and the others are as of the oldest of them", async () => {
  const [hour, day] = [3_600_000, 86_400_000];
  const shownProducts: readonly ExportProduct[] = [
    { product: "207", availability: 5, unit: "doses", asOf: asOf - day - 1 },
    { product: "208", availability: 6, unit: "appointments", asOf: asOf - 2 * hour },
    { product: "313", availability: 7, asOf },
  ];
  const writer = new LinksWriter(asOf - day);
  const { Location, Schedule, Slot } = writer.add(siteOf([], { shownProducts }));
  assertEquals(Slot.trimEnd().split("\n").length, 2);
  const says = Schedule.trimEnd().split("\n").map((line) => [line.includes('"207"'), line.includes('"unknown"')]);
  assertEquals(says, [[true, true], [false, false], [false, false]]);
  const sync = /"lastSourceSync","valueDateTime":"([^"]*)"/.exec(Location.replaceAll(/http[^"]*\//g, ""));
  assertEquals(sync?.[1], new Date(asOf - 2 * hour).toISOString());
  assertEquals(writer.stale, 0);
  // An import reads what was last known, as old as it is.
  const files = { "locations.ndjson": Location, "schedules.ndjson": Schedule, "slots.ndjson": Slot };
  const { records: [read] } = await readAgain({ manifest: writer.manifest(), files });
  assertEquals(read.products?.toSorted((a, b) => a.product < b.product ? -1 : 1), [
    { product: "207", availability: 5, observedAt: asOf - day - 1, unit: "doses" },
    { product: "208", availability: 6, unit: "appointments" },
    { product: "313", availability: 7 },
  ]);
  assertEquals([read.observedAt, read.isStale], [asOf - 2 * hour, undefined]);
});

Deno.test("a site that was confirmed is as fresh as that, in a feed", () => {
  const site = { name: "Clinic", zip: "08332", availability: 5, observedAt: asOf - 1, checkedAt: asOf + 1 } as const;
  const writer = new LinksWriter(asOf);
  assertEquals(writer.add(site).Slot.includes('"free"'), true);
  assertEquals(new LinksWriter(asOf + 2).add(site).Slot, "");
});

Deno.test("exportRecordOf() has the products that a site shows together, or none", () => {
  const site = { id: 1, name: "a", zip: "1", availability: 5, observedAt: asOf, report: { index: 2, recordedAt: 1 } };
  const said = (product: string | undefined, observedAt: number, index: number) => {
    return { source: "s", product, availability: index, observedAt, changedAt: observedAt, index, recordedAt: 1 };
  };
  const old = said("207", asOf - 25 * 3_600_000, 1);
  const [pfizer, other] = [said("208", asOf - 1, 2), said("313", asOf, 3)];
  assertEquals(exportRecordOf(site, [old, other, pfizer]).shownProducts?.map(essence), [
    "208: 2 undefined",
    "313: 3 undefined",
  ]);
  assertEquals(exportRecordOf(site, [pfizer, said(undefined, asOf, 4)]).shownProducts, undefined);
  assertEquals(exportRecordOf(site).shownProducts, undefined);
});
