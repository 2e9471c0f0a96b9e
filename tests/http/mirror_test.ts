import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Absence, arrivalBetween } from "../../src/alerts/arrivals.ts";
import { type FullSite, VaxlogClient } from "../../src/library/client.ts";
import { logName } from "../../src/http/log_name.ts";
import { httpNamesAtOnce, searchSites } from "../../src/http/found_sites.ts";
import { Mirror } from "../../src/http/mirror.ts";
import type { Services } from "../../src/http/services.ts";
import { strandsPerSiteMax } from "../../src/limits.ts";
import { compareNames } from "../../src/database/name_order.ts";
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
      const sites = mirror.all().map(({ lastEntry: _, lastTime: __, change: ___, arrival: ____, ...site }) => site);
      assertEquals(sites, await fullList(client));
      assertEquals(mirror.position, (await client.summary()).lastEntry);
    }),
    { numRuns: 200 },
  );
});

Deno.test("the mirror says where a report is from, also if its site has too many sources", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  const name = "Harvard University";
  const shown = async (source: string, observedAt: number) => {
    await client.set(name, 1, { source, observedAt, recordedAt: 10_000 });
    const sites = (await mirrorOf(client)).all().map(({ report }) => report);
    assertEquals(sites, (await fullList(client)).map(({ report }) => report));
    return sites[0]?.source;
  };
  for (let at = 0; at < strandsPerSiteMax; at++) {
    await client.set(name, at, { source: `source ${at}`, observedAt: 1_000 + at, recordedAt: 10_000 });
  }
  assertEquals(await shown("one too many", 5_000), "one too many");
  assertEquals(await shown("another", 6_000), "another");
  // What takes the place of a report that is taken back is from elsewhere, too.
  await client.retract((await client.summary()).lastEntry);
  assertEquals((await mirrorOf(client)).site(name)?.report?.source, "one too many");
  assertEquals((await fullList(client))[0].report?.source, "one too many");
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

Deno.test("the mirror knows of each entry whether it brought an arrival, as a watch of the log finds it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
      const client = new VaxlogClient(new MemoryCluster());
      const mirror = new Mirror("c0".repeat(16));
      let wanted: Absence | undefined;
      for (const change of [() => {}, ...changes]) {
        const before = new Map((await fullList(client)).map((site) => [site.id, site]));
        await change(client);
        const after = new Map((await fullList(client)).map((site) => [site.id, site]));
        for await (const [entry] of client.changes({ after: mirror.position, limit: 1 })) {
          mirror.take(entry);
          const sites = [before.get(entry.siteId), after.get(entry.siteId)];
          const mayArrive = entry.kind === "report" || entry.kind === "reopened";
          wanted = mayArrive && sites[0] && sites[1] ? arrivalBetween(sites[0], sites[1]) : undefined;
          assertEquals(mirror.arrivalAt(entry.index), wanted);
          if (wanted === undefined) continue;
          assertEquals(mirror.siteWithId(entry.siteId)?.arrival, { entry, was: wanted });
        }
      }
      assertEquals(mirror.arrivalAt(mirror.position + 1), undefined);
    }),
    { numRuns: 100 },
  );
});

Deno.test("the mirror remembers arrivals, however many entries there are", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  for (let at = 0; at < 1_500; at++) await client.set("Harvard University", at % 2, { recordedAt: at + 1 });
  const mirror = await mirrorOf(client);
  const found = Array.from({ length: 1_503 }, (_, index) => mirror.arrivalAt(index) === undefined ? 0 : 1);
  assertEquals(found.slice(2, 8), [0, 1, 0, 1, 0, 1]);
  assertEquals(Math.sumPrecise(found), 750);
});

Deno.test("the mirror finds the site whose name people take for another one, by the name that it has now", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  await client.add("Rite Aid", "1");
  const look = async (name: string) => (await mirrorOf(client)).siteLike(name)?.site.name;
  assertEquals(await look("RITE  aid"), "Rite Aid");
  await client.edit("Rite Aid", { name: "CVS" });
  assertEquals([await look("RITE  aid"), await look("cvs")], [undefined, "CVS"]);
  await client.merge("CVS", "Harvard University");
  assertEquals(await look("cvs"), "Harvard University");
});

Deno.test("the mirror looks at some sites at a time, and finds all", async () => {
  const client = new VaxlogClient(new MemoryCluster());
  for (const name of ["a", "b", "c", "d"]) await client.add(name, name === "b" ? "02138" : "1");
  const mirror = await mirrorOf(client);
  const found: string[][] = [];
  let after: string | undefined;
  do {
    const { sites, next } = mirror.look({ zip: "02" }, 2, after);
    found.push(sites.map(({ name }) => name));
    after = next;
  } while (after !== undefined);
  assertEquals(found, [["Harvard University"], ["b"], []]);
});

Deno.test("a search looks at some names in a turn, and finds the first sites or the last ones", async () => {
  const mirror = new Mirror("c0".repeat(16));
  const count = 3 * httpNamesAtOnce + 1;
  const nameOf = (at: number) => `Site ${String(at).padStart(6, "0")}${at % httpNamesAtOnce === 7 ? ", rare" : ""}`;
  for (let at = 0; at < count; at++) {
    const index = at + 1;
    mirror.take({ kind: "added", index, siteId: index, site: nameOf(at), zip: "02138", recordedAt: index });
  }
  let turns = 0;
  const services = { mirror, searchTurn: () => Promise.resolve(void turns++) } as unknown as Services;
  const find = async (part: string, limit: number, from: string | undefined, isBack: boolean) => {
    turns = 0;
    const found = await searchSites(services, { part }, limit, from, isBack);
    return { names: found.map(({ name }) => name), turns };
  };
  const rare = [7, httpNamesAtOnce + 7, 2 * httpNamesAtOnce + 7].map(nameOf);
  assertEquals(await find("rare", 2, undefined, false), { names: rare.slice(0, 2), turns: 1 });
  assertEquals(await find("rare", 9, undefined, false), { names: rare, turns: 3 });
  assertEquals(await find("rare", 9, undefined, true), { names: rare.toReversed(), turns: 3 });
  assertEquals(await find("rare", 9, rare[1], false), { names: rare.slice(2), turns: 1 });
  assertEquals(await find("rare", 9, rare[1], true), { names: rare.slice(0, 1), turns: 1 });
  assertEquals(await find("nowhere", 9, undefined, false), { names: [], turns: 3 });
  assertEquals(await find("0", 1, nameOf(count - 1), false), { names: [], turns: 0 });
});

Deno.test("the mirror has many names in their order, however they came, were changed and were merged", () => {
  const mirror = new Mirror("c0".repeat(16));
  const names = new Map<number, string>();
  let index = 0;
  const base = (siteId: number) => ({ index: ++index, siteId, site: names.get(siteId)!, recordedAt: index });
  const add = (name: string) => {
    names.set(index + 1, name);
    mirror.take({ kind: "added", zip: "02138", ...base(index + 1) });
  };
  const check = () => assertEquals(mirror.all().map(({ name }) => name), [...names.values()].sort(compareNames));
  for (let at = 0; at < 5_000; at++) add(`Site ${at * 7_919 % 5_003}`);
  check();
  add("Amber");
  add("Zinc");
  // The sites of the first pair are among the others already, and those of the second are new.
  for (const [renamed, merged] of [[10, 20], [5_001, 5_002]]) {
    mirror.take({ kind: "edited", ...base(renamed), name: `Middle ${renamed}` });
    names.set(renamed, `Middle ${renamed}`);
    mirror.take({ kind: "merged", ...base(merged), into: { id: 1, name: names.get(1)! } });
    names.delete(merged);
  }
  check();
  assertEquals(mirror.size, 5_000);
});
