/** `watch` with filters: the changes of sites that fit, and arrivals. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
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
