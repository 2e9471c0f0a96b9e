/** Feeds in any order: every site keeps its id, its published id and its Locations. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type FullSite, VaxlogClient } from "../../src/library/client.ts";
import { type Store, storeFeed } from "./feed_files.ts";
import { stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const first = Date.parse("2026-11-24T00:00:00Z");
const feeds = ["a", "b", "c"].map((name) => `https://${name}.example/$bulk-publish`);

/** What stores may be like: names, PINs and ZIP codes that several have, and streets that others have left. */
const store = fc.record({
  id: fc.constantFrom("1", "2", "3", "4"),
  name: fc.constantFrom("Rite Aid", "rite  aid", "CVS", "CVS, Avenel (1)", "Walgreens"),
  zip: fc.constantFrom("07001", "07095"),
  pin: fc.constantFrom("AB11", "AB12", "AB13", ""),
  street: fc.constantFrom("1 Elm St", "2 Oak Ave", "3 Main St"),
  slots: fc.constantFrom<Store["slots"][]>({ "": 5 }, { 207: 1 }, { 207: 2, 208: 3 }, {}),
});
const feed = fc.record({
  request: fc.constantFrom(...feeds),
  stores: fc.uniqueArray(store, { selector: ({ id }) => id, minLength: 1, maxLength: 4 }),
  hours: fc.integer({ min: 0, max: 9 }),
});

/** Publishes all sites, as a gateway does: each gets an id once. */
async function publishAll(client: VaxlogClient, recordedAt: number): Promise<FullSite[]> {
  const sites = (await Array.fromAsync(client.listFull({ retired: true }))).flat();
  for (const { id, locationId } of sites) {
    for (let at = 0; locationId === undefined; at++) {
      const outcome = await client.publish(`id:${id}`, `store-${at}`, { recordedAt });
      if (outcome.kind === "site") break;
      assertEquals(outcome.kind, "taken");
    }
  }
  return (await Array.fromAsync(client.listFull({ retired: true }))).flat();
}

Deno.test("no site takes the Location or the published id of another one, in whatever order feeds come", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(feed, { minLength: 2, maxLength: 7 }), async (all) => {
      let stage = new Stage();
      const siteOf = new Map<string, number>();
      const publishedOf = new Map<number, string>();
      for (const { request, stores, hours } of all) {
        const files = storeFeed(stores, first + hours * 3_600_000, request);
        const next = stageOn(stage, "", "");
        for (const [name, text] of Object.entries(files)) next.inputs.set(name, text);
        next.now = first + 24 * 3_600_000;
        await next.run("8892", "import", "/stores/bulk-publish.json", "--json");
        assertEquals(JSON.parse(next.stdout).refused, 0, next.stdout);
        stage = next;
        const client = new VaxlogClient(stage.cluster);
        const sites = await publishAll(client, next.now);
        for (const { id, locationId } of sites) {
          assertEquals(publishedOf.getOrInsert(id, locationId ?? ""), locationId, "the published id stays");
        }
        assertEquals(new Set(publishedOf.values()).size, sites.length, "a published id names one site");
        for (const { id } of stores) {
          const found = await client.find({ system: request, value: id });
          assertEquals(found.length, 1, `${request} ${id}`);
          assertEquals(
            siteOf.getOrInsert(`${request} ${id}`, found[0].id),
            found[0].id,
            "a Location stays with its site",
          );
        }
        // Each Location that was ever imported is at a site of its own among those of its feed.
        for (const feed of feeds) {
          const ids = [...siteOf].flatMap(([key, site]) => key.startsWith(`${feed} `) ? [site] : []);
          assertEquals(new Set(ids).size, ids.length, feed);
        }
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("the same feeds in the same order change nothing the second time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(feed, { minLength: 1, maxLength: 3 }), async (all) => {
      let stage = new Stage();
      const importing = async ({ request, stores, hours }: typeof all[number]) => {
        const next = stageOn(stage, "", "");
        const files = storeFeed(stores, first + hours * 3_600_000, request);
        for (const [name, text] of Object.entries(files)) next.inputs.set(name, text);
        next.now = first + 24 * 3_600_000;
        await next.run("8892", "import", "/stores/bulk-publish.json", "--json");
        stage = next;
      };
      for (const feed of all) await importing(feed);
      const last = all.at(-1)!;
      const entries = stage.cluster.sites.lastEntry;
      await importing(last);
      assertEquals(stage.cluster.sites.lastEntry, entries, stage.stdout);
    }),
    { numRuns: 100 },
  );
});
