/** A CSV that is looked at first comes to what an import of it comes to: both go by the same rules. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RecordPipeline } from "../../src/cli/record_pipeline.ts";
import { readCsv } from "../../src/formats/csv.ts";
import { effectOf } from "../../src/formats/problem_kinds.ts";
import type { ImportProblem } from "../../src/formats/problems.ts";
import { type FullSite, VaxlogClient } from "../../src/library/client.ts";
import { MemoryCluster } from "../database/store/memory.ts";
import { GatewayStage } from "./stage.ts";

const nowMs = 1_764_000_000_000;
const head = "Site Name,ZIP Code,Availability,Observed At,Retired,Note\n";
const encoder = new TextEncoder();

/** Sites of which people take some names for others; one is merged, and one is retired. */
async function prepare(client: VaxlogClient): Promise<void> {
  const at = { recordedAt: nowMs - 5_000 };
  await client.add("Rite Aid", "08332", at);
  await client.set("Rite Aid", 5, { ...at, observedAt: nowMs - 60_000 });
  await client.add("Old", "02139", at);
  await client.merge("Old", "Harvard University", at);
  await client.add("Gone", "02139", at);
  await client.retire("Gone", "closed", at);
}

async function sitesOf(client: VaxlogClient): Promise<Partial<FullSite>[]> {
  const sites = (await Array.fromAsync(client.listFull({ retired: true }))).flat();
  return sites.map(({ name, zip, availability, observedAt, retired, report }) => (
    { name, zip, availability, observedAt, retired, note: report?.note }
  ));
}

/** Refusals, without the line: those of an import come in the order of the answers. */
function refusals(problems: readonly ImportProblem[]): string[] {
  return problems.filter(({ kind }) => effectOf(kind) === "refused").map(({ line, kind, what }) =>
    `${line} ${kind} ${what}`
  )
    .sort();
}

/** Imports a file, a line at a time, as one does who waits for each. */
async function imported(csv: string) {
  const client = new VaxlogClient(new MemoryCluster());
  await prepare(client);
  const problems: ImportProblem[] = [];
  const pipeline = new RecordPipeline(client, { recordedAt: nowMs }, (problem) => problems.push(problem));
  pipeline.changedAt = nowMs;
  for await (const record of readCsv(ReadableStream.from([encoder.encode(csv)]), (problem) => problems.push(problem))) {
    pipeline.take(record);
    await pipeline.drained();
  }
  return { sites: await sitesOf(client), refused: refusals(problems), counts: pipeline.counts };
}

/** Has the gateway read it, and sends the commands. */
async function planned(csv: string) {
  await using stage = new GatewayStage();
  const client = new VaxlogClient(stage.cluster);
  await prepare(client);
  stage.nowMs = nowMs;
  await stage.gateway.services.reached(7);
  const { json } = await stage.ask("POST", "/api/csv", csv, { "content-type": "text/csv" });
  const commands = json.records.flatMap(({ commands }: { commands: object[] }) => commands);
  const results = await stage.ask("POST", "/api/batch", commands);
  const failed = results.json.filter(({ status }: { status: number }) => status >= 300);
  const count = (effect: string) =>
    json.records.filter((record: { effect: string }) => record.effect === effect).length;
  return {
    sites: await sitesOf(client),
    refused: refusals(json.problems),
    failed,
    counts: { added: count("added"), changed: count("changed"), same: count("same"), outOfDate: count("outOfDate") },
  };
}

const names = ["Rite Aid", "RITE  AID", "Old", "old", "Gone", "gone", "New", "NEW", "Harvard University", "id:2"];
const row = fc.tuple(
  fc.constantFrom(...names),
  fc.constantFrom("02138", "02139", "08332"),
  fc.constantFrom("0", "5", "True", "Unknown"),
  fc.constantFrom(-120_000, -60_000, -1_000, 86_400_000),
  fc.constantFrom("", "", "", "closed", "sold"),
  fc.constantFrom("", "n"),
).map(([name, zip, value, ms, retired, note]) =>
  `${name},${zip},${value},${new Date(nowMs + ms).toISOString()},${retired},${note}\n`
);

Deno.test("a file that was looked at refuses and changes what an import refuses and changes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
      const csv = head + rows.join("");
      const [wanted, found] = [await imported(csv), await planned(csv)];
      assertEquals(found.failed, [], csv);
      assertEquals(found.refused, wanted.refused, csv);
      assertEquals(found.sites, wanted.sites, csv);
    }),
    { numRuns: 100 },
  );
});

Deno.test("a file that was looked at names the site that a name is like, and refuses another ZIP code", async () => {
  const csv =
    "Site Name,ZIP Code,Availability\nRITE  aid,08332,7\nrite aid,99999,7\nNew,02139,1\nNEW,02139,2\nNEW,1,3\n";
  const found = await planned(csv);
  assertEquals(found.failed, []);
  assertEquals(found.refused.map((text) => text.split(" ").slice(0, 2)), [["3", "zip-differs"], ["6", "zip-differs"]]);
  assertEquals(found.sites.map(({ name, availability }) => [name, availability]), [
    ["Gone", 0],
    ["Harvard University", 0],
    ["New", 2],
    ["Rite Aid", 7],
  ]);
});

Deno.test("a file that is looked at after it was imported has nothing to change", async () => {
  await using stage = new GatewayStage();
  const client = new VaxlogClient(stage.cluster);
  const report = { value: 5, observedAt: nowMs, note: "n", source: "a call" };
  await client.set("Harvard University", 5, { ...report, recordedAt: nowMs });
  await stage.gateway.services.reached(2);
  stage.nowMs = nowMs;
  const lines = ["n,a call", "n,", "other,a call"].map((rest) =>
    `Harvard University,02138,5,${new Date(nowMs).toISOString()},${rest}\n`
  );
  const csv = `Site Name,ZIP Code,Availability,Observed At,Note,Source\n${lines[0]}`;
  const effects = async (csv: string) => {
    const { json } = await stage.ask("POST", "/api/csv", csv, { "content-type": "text/csv" });
    return json.records.map(({ effect }: { effect: string }) => effect);
  };
  assertEquals(await effects(csv), ["same"]);
  // Another note, or another source, is another report for the database.
  assertEquals(await effects(csv.replace(lines[0], lines[1])), ["changed"]);
  assertEquals(await effects(csv.replace(lines[0], lines[2])), ["changed"]);
});
