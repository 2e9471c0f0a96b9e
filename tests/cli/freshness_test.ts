import { assertEquals } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const hour = 3_600_000;

async function stageOfAges(): Promise<Stage> {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  for (const [at, age] of [1, 24, 25, 50].entries()) {
    await client.add(`age ${at}`, "02139");
    await client.set(`age ${at}`, at, { observedAt: stage.now - age * hour, recordedAt: stage.now });
  }
  return stage;
}

async function names(...options: string[]): Promise<string[]> {
  const stage = await stageOfAges();
  assertEquals(await stage.run("8892", "list", "--json", ...options), 0, stage.stderr);
  return JSON.parse(stage.stdout).map(({ name }: { name: string }) => name);
}

Deno.test("list --fresh and --stale share the sites by age, and one without a report is not fresh", async () => {
  assertEquals(await names("--fresh", "24h"), ["age 0", "age 1"]);
  assertEquals(await names("--stale", "24h"), ["Harvard University", "age 2", "age 3"]);
  assertEquals(await names("--fresh", "30m"), []);
  assertEquals(await names("--stale", "2d"), ["Harvard University", "age 3"]);
});

Deno.test("list of an age takes the other options, and counts its limit in sites of that age", async () => {
  assertEquals(await names("--stale", "24h", "--limit", "2"), ["Harvard University", "age 2"]);
  assertEquals(await names("--fresh", "48h", "--available"), ["age 1", "age 2"]);
  assertEquals(await names("--stale", "24h", "--zip", "021", "--after", "age 2"), ["age 3"]);
  const stage = await stageOfAges();
  assertEquals(await stage.run("8892", "list", "--fresh", "2h"), 0);
  assertEquals(stage.stdout, "Availability,ZIP Code,Site Name\n0,02139,age 0\n");
});

Deno.test("list refuses both ages, and an age that is not a span of time", async () => {
  const wrong = [["--fresh", "24h", "--stale", "24h"], ["--fresh", "yesterday"], ["--stale", "0h"]];
  for (const options of wrong) assertEquals(await new Stage().run("8892", "list", ...options), 2, options.join(" "));
});

Deno.test("a report of the first moment of 1970 is a report, and comes once", async () => {
  const stage = new Stage();
  const line = ["8892", "set", "Harvard University", "17", "--observed-at", "1970-01-01"];
  assertEquals([await stage.run(...line), await stage.run(...line)], [0, 0]);
  assertEquals(stage.stderr, "Nothing was changed: it was so already\n");
  const listed = stageOn(stage, "", "");
  assertEquals(await listed.run("8892", "list", "--json"), 0);
  const { availability, observedAt, neverReported } = JSON.parse(listed.stdout)[0];
  assertEquals([availability, observedAt, neverReported], [17, "1970-01-01T00:00:00.001Z", undefined]);
});
