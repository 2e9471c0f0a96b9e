/** `list --near`. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { Stage } from "./stage.ts";

async function stageOfPlaces(): Promise<Stage> {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  await client.add("Fenway", "02215");
  await client.add("Manhattan", "10001");
  await client.set("Fenway", 3, { observedAt: stage.now - 3_600_000, recordedAt: stage.now });
  return stage;
}

async function run(...options: string[]) {
  const stage = await stageOfPlaces();
  const code = await stage.run("8892", "list", ...options);
  return { code, stdout: stage.stdout, stderr: stage.stderr };
}

Deno.test("list --near prints the nearest site first, in each form", async () => {
  const csv = await run("--near", "02138");
  assertEquals(csv.stdout, "Availability,ZIP Code,Site Name\n0,02138,Harvard University\n3,02215,Fenway\n");
  const { stdout } = await run("--near", "02138", "--within", "300mi", "--json");
  const sites: { name: string; miles: number }[] = JSON.parse(stdout);
  assertEquals(sites.map(({ name, miles }) => [name, Math.round(miles)]), [
    ["Harvard University", 0],
    ["Fenway", 2],
    ["Manhattan", 186],
  ]);
  assertStringIncludes((await run("--near", "02138", "--table")).stdout, "  2.4             3        02215     Fenway");
});

Deno.test("list --near takes the other options", async () => {
  const names = async (...options: string[]) => {
    const { stdout } = await run("--near", "02138", "--within", "300mi", "--json", ...options);
    return JSON.parse(stdout).map(({ name }: { name: string }) => name);
  };
  assertEquals(await names("--available"), ["Fenway"]);
  assertEquals(await names("--fresh", "2h"), ["Fenway"]);
  assertEquals(await names("--stale", "30m", "--limit", "2"), ["Harvard University", "Fenway"]);
  assertEquals(await names("--zip", "1"), ["Manhattan"]);
});

Deno.test("list --near refuses what makes no sense, with exit code 2", async () => {
  for (
    const [options, message] of [
      [["--within", "5mi"], '"--within" goes with "--near"'],
      [["--near", "02138", "--after", "MIT"], '"--after" does not go with "--near"'],
      [["--near", "02138", "--within", "5"], 'Cannot take "5" as a distance'],
      [["--near", "00001"], 'Nobody knows where the ZIP code "00001" is: give another one near it'],
      [["--near", "0213"], 'Nobody knows where the ZIP code "0213" is: give all five digits'],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(...options);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  }
});
