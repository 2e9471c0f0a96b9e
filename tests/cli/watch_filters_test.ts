/** `watch` with filters: the changes of sites that fit, and arrivals. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { ShownSites } from "../../src/cli/shown_sites.ts";
import { Mirror } from "../../src/http/mirror.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { change } from "../database/changes.ts";
import { MemoryCluster } from "../database/store/memory.ts";
import { Stage } from "./stage.ts";

const at = { recordedAt: Date.UTC(2026, 10, 24, 12) };
const harvard = "Harvard University";

/** A stage, and a client that changes its sites. */
function staged(): { stage: Stage; client: VaxlogClient } {
  const stage = new Stage();
  return { stage, client: new VaxlogClient(stage.cluster) };
}

/** Watches until all is printed that there is. @returns the index of each entry, with what was there before. */
async function watched(stage: Stage, ...args: string[]): Promise<[index: number, was?: string][]> {
  const code = stage.run("8892", "watch", "--json", ...args);
  await stage.watched.promise;
  stage.interrupt();
  assertEquals([await code, stage.stderr], [0, ""]);
  const lines = stage.stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return lines.map(({ index, was }) => was === undefined ? [index] : [index, was]);
}

/** A document that says where its site is. */
function documentAt(latitude: number, longitude: number): string {
  return JSON.stringify({ location: { resourceType: "Location", id: "1", position: { latitude, longitude } } });
}

Deno.test("watch --zip prints the changes of sites there, from the first entry or from a later one", async () => {
  for (const from of ["1", "3"]) {
    const { stage, client } = staged();
    await client.add("Fenway", "02215", at);
    await client.add("Manhattan", "10001", at);
    await client.set("Manhattan", 1, at);
    await client.set("Fenway", 2, at);
    await client.set(harvard, 3, at);
    const found = await watched(stage, "--zip", "02", "--from", from);
    assertEquals(found, [[1], [2], [5], [6]].filter(([index]) => index >= Number(from)) as [number][]);
  }
});

Deno.test("watch --zip goes by the ZIP code that a site has now, also where it was changed", async () => {
  const { stage, client } = staged();
  await client.set(harvard, 1, at);
  await client.edit(harvard, { zip: "10001", ...at });
  await client.set(harvard, 2, at);
  assertEquals(await watched(stage, "--zip", "1", "--from", "2"), [[2], [3], [4]]);
  const other = staged();
  await other.client.add("New", "02215", at);
  await other.client.edit("New", { zip: "10001", ...at });
  await other.client.set("New", 2, at);
  assertEquals(await watched(other.stage, "--zip", "1", "--from", "2"), [[3], [4]]);
});

Deno.test("watch --available prints arrivals alone, and what there was before", async () => {
  const reports = [0, 5, 6, 0, true, true, false, "unknown", 1, "unknown", "unknown", true, 0] as const;
  const expected = [[3, "none"], [6, "none"], [10, "unknown"], [13, "unknown"]];
  for (const from of [1, 2, 3, 4, 6, 7, 10, 14]) {
    const { stage, client } = staged();
    for (const value of reports) await client.set(harvard, value, at);
    const found = await watched(stage, "--available", "--from", String(from));
    assertEquals(found, expected.filter(([index]) => Number(index) >= from) as [number, string][], `from ${from}`);
  }
});

Deno.test("watch --available tells a first report, and a site that is open again", async () => {
  for (const from of ["1", "2"]) {
    const { stage, client } = staged();
    await client.set(harvard, 5, at);
    await client.retire(harvard, "closed", at);
    await client.reopen(harvard, at);
    await client.set(harvard, 6, at);
    await client.set(harvard, 0, at);
    await client.retire(harvard, "closed", at);
    await client.reopen(harvard, at);
    assertEquals(await watched(stage, "--available", "--from", from), [[2, "never"], [4, "retired"]]);
  }
  // What it shows is asked for where the watch begins after it.
  const { stage, client } = staged();
  await client.set(harvard, 5, at);
  await client.retire(harvard, "closed", at);
  await client.reopen(harvard, at);
  assertEquals(await watched(stage, "--available", "--from", "4"), [[4, "retired"]]);
});

Deno.test("watch --available takes a report that came late for none", async () => {
  const { stage, client } = staged();
  await client.set(harvard, 0, { ...at, observedAt: at.recordedAt });
  await client.set(harvard, 5, { ...at, observedAt: at.recordedAt - 1_000 });
  await client.set(harvard, 6, { ...at, observedAt: at.recordedAt + 1 });
  assertEquals(await watched(stage, "--available", "--from", "2"), [[4, "none"]]);
});

Deno.test("watch --available tells no arrival where sites are merged, and one that follows", async () => {
  for (const from of ["1", "4"]) {
    const { stage, client } = staged();
    await client.add("Other", "02138", at);
    await client.set("Other", 5, at);
    await client.merge("Other", harvard, at);
    await client.set(harvard, 6, at);
    await client.set(harvard, 0, at);
    await client.set("Other", 7, at);
    const found = await watched(stage, "--available", "--from", from);
    assertEquals(found.filter(([index]) => index >= 4), [[7, "none"]]);
  }
});

Deno.test("watch --near prints what is within a distance, and goes by the place that a feed states", async () => {
  const changes = async (client: VaxlogClient) => {
    await client.add("Fenway", "02215", at);
    await client.add("Manhattan", "10001", at);
    await client.set("Fenway", 1, at);
    await client.set("Manhattan", 1, at);
    await client.add("Moved", "01970", at);
    await client.set("Moved", 0, at);
    await client.document("Moved", documentAt(42.3773, -71.1167), at);
    await client.set("Moved", 1, at);
  };
  for (
    const [options, expected] of [[[], [4, 8, 9]], [["--within", "1mi"], [8, 9]], [["--available"], [4, 9]]] as const
  ) {
    const { stage, client } = staged();
    await changes(client);
    const found = await watched(stage, "--near", "02138", "--from", "2", ...options);
    assertEquals(found.map(([index]) => index).filter((index) => index > 3), expected as unknown as number[]);
  }
});

Deno.test("watch takes names and filters together", async () => {
  const { stage, client } = staged();
  await client.set(harvard, 1, at);
  await client.add("Fenway", "02215", at);
  await client.set("Fenway", 2, at);
  await client.set("Fenway", 3, at);
  assertEquals(await watched(stage, "Fenway", "--available", "--from", "1"), [[4, "never"]]);
});

Deno.test("a line of watch --available says in words what there was before", async () => {
  const { stage, client } = staged();
  await client.set(harvard, "unknown", at);
  await client.set(harvard, 40, { ...at, unit: "doses", who: "Ann" });
  const code = stage.run("8892", "watch", "--available", "--from", "1");
  await stage.watched.promise;
  stage.interrupt();
  assertEquals(await code, 0);
  assertMatch(stage.stdout, /^ {6}3 .* 40 doses +Harvard University {2}\(was unknown, by Ann\)\n$/);
});

Deno.test("watch refuses a filter that makes no sense, with exit code 2", async () => {
  for (
    const [options, message] of [
      [["--within", "5mi"], '"--within" goes with "--near"'],
      [["--near", "00001"], 'Nobody knows where the ZIP code "00001" is'],
      [["--zip", "MA"], 'Cannot take "MA" as'],
    ] as const
  ) {
    const { stage } = staged();
    assertEquals(await stage.run("8892", "watch", ...options), 2);
    assertStringIncludes(stage.stderr, message);
  }
});

/** Changes after which the past of a site is that of several. */
const joins: ReadonlySet<string> = new Set(["merged", "unmerged"]);

Deno.test("a watch finds the arrivals that the gateway finds, from wherever it begins", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 25 }), fc.nat(), fc.boolean(), async (changes, begin, isOfSaid) => {
      const client = new VaxlogClient(new MemoryCluster());
      for (const change of changes) await change(client);
      const entries = (await Array.fromAsync(client.changes())).flat();
      const mirror = new Mirror("c0".repeat(16));
      for (const entry of entries) mirror.take(entry);
      const isJoined = entries.some(({ kind }) => joins.has(kind));
      const first = isJoined ? 0 : begin % entries.length;
      const shown = new ShownSites(client);
      for (const entry of entries.slice(first)) {
        const was = await shown.arrival(entry, true, isOfSaid);
        assertEquals(was, mirror.arrivalAt(entry.index, isOfSaid), `entry ${entry.index} from ${first + 1}`);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("watch --product and --source keep reports, confirmations, and that they were taken back", async () => {
  for (const from of ["1", "4"]) {
    const { stage, client } = staged();
    const store = { ...at, source: "store", unit: "doses", confirms: true } as const;
    await client.set(harvard, 5, { ...store, product: "207", observedAt: 1 });
    await client.set(harvard, 6, { ...store, product: "208", observedAt: 1 });
    await client.set(harvard, 5, { ...store, product: "207", observedAt: 2 });
    await client.set(harvard, true, { ...at, source: "visitor" });
    await client.set(harvard, 7, { ...store, product: "207", observedAt: 3 });
    await client.retract(6, at);
    await client.retract(2, at);
    await client.retract(3, at);
    await client.edit(harvard, { zip: "02139", source: "store", ...at });
    const found = async (...options: string[]) =>
      (await watched(again(stage), "--from", from, ...options)).map(([index]) => index);
    const later = (all: readonly number[]) => all.filter((index) => index >= Number(from));
    // The last report of a product is taken back; and the one before, which is the last one then.
    assertEquals(await found("--product", "207"), later([2, 4, 6, 7, 8]));
    assertEquals(await found("--product", "208"), later([3, 9]));
    assertEquals(await found("--source", "store"), later([2, 3, 4, 6, 7, 8, 9, 10]));
    assertEquals(await found("--source", "store", "--product", "208"), later([3, 9]));
    assertEquals(await found("--source", "visitor"), later([5]));
    assertEquals(await found("--product", "313"), []);
  }
});

/** Another run on the same database. */
function again(stage: Stage): Stage {
  const next = new Stage();
  next.cluster.sites.restore(stage.cluster.sites.snapshot());
  return next;
}

Deno.test("watch --product --available tells that there is some of the product, whatever else there is", async () => {
  const { stage, client } = staged();
  const store = { ...at, source: "store", unit: "doses", confirms: true } as const;
  await client.set(harvard, 5, { ...store, product: "207", observedAt: 1 });
  await client.set(harvard, 0, { ...store, product: "208", observedAt: 1 });
  await client.set(harvard, 4, { ...store, product: "208", observedAt: 2 });
  await client.set(harvard, 4, { ...store, product: "208", observedAt: 3 });
  await client.set(harvard, "unknown", { ...store, product: "207", observedAt: 3 });
  await client.set(harvard, 1, { ...store, product: "207", observedAt: 4 });
  for (const from of ["1", "4", "6"]) {
    const found = async (...options: string[]) =>
      await watched(again(stage), "--from", from, "--available", ...options);
    const later = (all: readonly (readonly [number, string])[]) => all.filter(([index]) => index >= Number(from));
    assertEquals(await found("--product", "208"), later([[4, "none"]]) as [number, string][]);
    assertEquals(await found("--product", "207"), later([[2, "never"], [7, "unknown"]]) as [number, string][]);
    assertEquals(
      await found("--source", "store"),
      later([[2, "never"], [4, "none"], [7, "unknown"]]) as [number, string][],
    );
    // The site had some all the time.
    assertEquals(await found(), later([[2, "never"]]) as [number, string][]);
  }
});

Deno.test("watch --available tells that a confirmation has brought what another source denied", async () => {
  for (const from of ["1", "3", "4"]) {
    const { stage, client } = staged();
    await client.set(harvard, 5, { ...at, source: "store", observedAt: 1 });
    await client.set(harvard, 0, { ...at, source: "visitor", observedAt: 2 });
    await client.set(harvard, 5, { ...at, source: "store", observedAt: 3, confirms: true });
    const expected = [[2, "never"], [4, "none"]].filter(([index]) => Number(index) >= Number(from));
    assertEquals(await watched(stage, "--available", "--from", from), expected as [number, string][]);
  }
});

Deno.test("watch --available goes by what a site shows after a report was taken back", async () => {
  for (const from of ["1", "4", "5"]) {
    const { stage, client } = staged();
    await client.set(harvard, 5, { ...at, source: "store", observedAt: 1 });
    await client.set(harvard, 0, { ...at, source: "visitor", observedAt: 2 });
    await client.retract(3, at);
    // It has shown 5 again.
    await client.set(harvard, 6, { ...at, source: "store", observedAt: 3 });
    await client.retract(5, at);
    await client.retract(2, at);
    await client.set(harvard, 7, { ...at, source: "store", observedAt: 4 });
    const expected = [[2, "never"], [8, "never"]].filter(([index]) => Number(index) >= Number(from));
    assertEquals(await watched(stage, "--available", "--from", from), expected as [number, string][]);
  }
});

Deno.test("watch prints a confirmation as a line of its own", async () => {
  const { stage, client } = staged();
  await client.set(harvard, 5, { ...at, source: "store", product: "208", observedAt: 1 });
  await client.set(harvard, 5, { ...at, source: "store", product: "208", confirms: true });
  const code = stage.run("8892", "watch", "--product", "208", "--from", "3");
  await stage.watched.promise;
  stage.interrupt();
  assertEquals(await code, 0);
  assertMatch(stage.stdout, /^ {6}3 .* still so: 208 \(Pfizer.*\) +Harvard University {2}\(from store\)\n$/);
});
