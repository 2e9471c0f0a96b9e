/** The shared rules are those of the replica's store, which has them in a form of its own. */

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Entry, type FullSite, type Site, VaxlogClient } from "../../src/library/client.ts";
import { compareNames } from "../../src/database/name_order.ts";
import {
  dependsOnSources,
  finderOf,
  fullSiteAfter,
  isOutOfDate,
  observedByDefault,
  siteAfter,
} from "../../src/database/site_rules.ts";
import { type SourcedSite, sourcedSiteAfter } from "../../src/database/source_rules.ts";
import { change } from "./changes.ts";
import { MemoryCluster } from "./store/memory.ts";

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

/** The sites that the rules make of a log in which none is merged, in the order of their names. */
function sitesOf<S extends Site>(entries: readonly Entry[], rule: (site: S | undefined, entry: Entry) => S): S[] {
  const sites = new Map<number, S>();
  for (const entry of entries) sites.set(entry.siteId, rule(sites.get(entry.siteId), entry));
  return [...sites.values()].sort((a, b) => compareNames(a.name, b.name));
}

Deno.test("the rules make of any log the sites, lists and order that the store makes of it", async () => {
  const filter = fc.record({
    zip: fc.constantFrom(undefined, "0", "0213", "02139", "1", "9"),
    available: fc.boolean(),
    retired: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 40 }), filter, async (changes, filter) => {
      const client = new VaxlogClient(new MemoryCluster());
      for (const change of changes) await change(client);
      const entries = await all(client.changes());
      fc.pre(entries.every(({ kind }) => kind !== "merged"));
      const known = new Map<number, SourcedSite>();
      for (const entry of entries) known.set(entry.siteId, sourcedSiteAfter(known.get(entry.siteId), entry));
      const sites = [...known.values()].map(({ site }) => site).sort((a, b) => compareNames(a.name, b.name));
      assertEquals(sites, await all(client.listFull({ retired: true })));
      if (!entries.some((entry) => dependsOnSources(entry) || (entry.kind === "documented" && entry.extra))) {
        assertEquals(sitesOf<FullSite>(entries, fullSiteAfter), sites);
        // What lists show is the same without the report and the document.
        const shown = sites.map(({ report: _, document: __, identifiers: ___, locationId: ____, ...site }) => site);
        assertEquals(sitesOf<Site>(entries, siteAfter), shown);
      }
      const isFound = finderOf(filter);
      assertEquals(sites.filter((site) => isFound(site)), await all(client.listFull(filter)));
    }),
    { numRuns: 300 },
  );
});

const site: Site = { id: 3, name: "Cafe\u0301 Central".normalize("NFC"), zip: "02138", availability: 0, observedAt: 0 };
const base = { index: 7, site: site.name, siteId: 3, recordedAt: 50 };

Deno.test("a search finds a name however it is typed: composed or not, in any case", () => {
  for (const part of ["cafe\u0301", "caf\u00e9", "CAF\u00c9 c", "", "central"]) {
    assertEquals(finderOf({ part })(site), true, part);
  }
  assertEquals(finderOf({ part: "cafe " })(site), false);
});

Deno.test("siteAfter() changes nothing where nothing changes, and refuses a site that is not there", () => {
  const late: Entry = { kind: "report", ...base, availability: 5, observedAt: 40, outOfDate: true };
  const shown = { ...site, observedAt: 45 };
  assertStrictEquals(siteAfter(shown, late), shown);
  assertStrictEquals(siteAfter(site, { kind: "documented", ...base, document: "{}" }), site);
  assertThrows(() => siteAfter(undefined, late), Error, "Entry 7 is of a site that was not added");
});

Deno.test("a report without a time is never out of date, whoever's clock is slow", () => {
  fc.assert(fc.property(fc.nat(), fc.nat(), (recordedAt, newest) => {
    const observedAt = observedByDefault(recordedAt, newest);
    assertEquals([observedAt, isOutOfDate(observedAt, newest)], [Math.max(recordedAt, newest), false]);
  }));
  assertEquals([isOutOfDate(4, 5), isOutOfDate(5, 5)], [true, false]);
});
