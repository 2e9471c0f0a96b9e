import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type FullSite, VaxlogClient } from "../../src/library/client.ts";
import { logName } from "../../src/http/log_name.ts";
import { Mirror } from "../../src/http/mirror.ts";
import { change } from "../database/changes.ts";
import { MemoryCluster } from "../database/store/memory.ts";

/** All that the log of a cluster says. */
async function mirrorOf(client: VaxlogClient): Promise<Mirror> {
  const mirror = new Mirror("c0".repeat(16));
  for await (const page of client.changes()) for (const entry of page) mirror.take(entry);
  return mirror;
}

async function fullList(client: VaxlogClient): Promise<FullSite[]> {
  const sites: FullSite[] = [];
  for await (const page of client.listFull({ retired: true })) sites.push(...page);
  return sites;
}

Deno.test("the mirror has what the database has, in the same order, whatever was done", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
      const client = new VaxlogClient(new MemoryCluster());
      for (const change of changes) await change(client);
      const mirror = await mirrorOf(client);
      const sites = mirror.all().map(({ lastEntry: _, lastTime: __, ...site }) => site);
      assertEquals(sites, await fullList(client));
      assertEquals(mirror.position, (await client.summary()).lastEntry);
    }),
    { numRuns: 200 },
  );
});

Deno.test("a site knows its last entry, and the latest time up to there", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  await client.add("a", "1", { recordedAt: 50 });
  await client.add("b", "1", { recordedAt: 20 });
  await client.set("a", 1, { recordedAt: 30 });
  const mirror = await mirrorOf(client);
  assertEquals(mirror.all().map(({ name, lastEntry, lastTime }) => [name, lastEntry, lastTime]), [
    ["Harvard University", 1, 0],
    ["a", 4, 50],
    ["b", 3, 50],
  ]);
  assertEquals(mirror.recordedAt, 30);
});

Deno.test("an entry comes once, and none may be missing", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  const mirror = await mirrorOf(client);
  mirror.take({ kind: "reopened", index: 1, site: "Nobody", siteId: 9, recordedAt: 7 });
  assertEquals([mirror.position, mirror.recordedAt], [1, 0]);
  assertThrows(
    () => mirror.take({ kind: "reopened", index: 3, site: "Nobody", siteId: 9, recordedAt: 7 }),
    Error,
    "not follow 1",
  );
  const other = new Mirror("other");
  assertEquals([other.log, other.position, other.size, other.all()], [logName("other"), 0, 0, []]);
});
