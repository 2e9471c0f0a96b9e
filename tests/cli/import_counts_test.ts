/** Reports that an import takes, and does not take, and how it counts them. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { imported, sitesOf, stageOn } from "./import_stage.ts";

Deno.test("import adds a site whose report is from the future, without the report", async () => {
  const text = '{"name":"A","zip":"02139","availability":5,"observedAt":"2026-11-24T12:05:00Z"}\n' +
    '{"name":"B","zip":"02139","availability":5,"observedAt":"2026-11-24T18:43:00Z","county":"X"}\n';
  const stage = await imported(text, "sites.ndjson");
  assertMatch(stage.stdout, /^2 sites added, .*\n2 records read, 0 repairs made, 1 refused\n/);
  assertStringIncludes(stage.stdout, 'line 2: "B": the report is of 2026-11-24T18:43:00.000Z, 6 h 43 min ahead');
  assertEquals((await sitesOf(stage)).map(({ name, observedAt }) => [name, observedAt]), [
    ["A", "2026-11-24T12:05:00Z"],
    ["B", undefined],
    ["Harvard University", undefined],
  ]);
});

Deno.test("A report of 0 is a report, also the first of a site", async () => {
  const text = "Availability,ZIP Code,Site Name\n0,02139,A\n,02139,B\n";
  const stage = await imported(text);
  const [a, b] = await sitesOf(stage);
  assertEquals([a.observedAt, b.observedAt], ["2026-11-24T12:00:00Z", undefined]);
  const again = stageOn(stage, "sites.csv", text);
  again.now += 60_000;
  assertEquals(await again.run("8892", "import", "sites.csv"), 0);
  assertMatch(again.stdout, /^0 sites added, 0 changed, 2 the same as before/);
});

Deno.test("import says how many sites it has retired", async () => {
  const text = "Availability,ZIP Code,Site Name,Retired\n5,02139,A,closed\n5,02139,B,FALSE\n";
  const stage = await imported(text);
  assertMatch(stage.stdout, /^2 sites added, 0 changed, 0 the same as before, 0 out of date, 1 retired\n/);
  const again = stageOn(stage, "sites.csv", text);
  await again.run("8892", "import", "sites.csv", "--json");
  assertEquals(JSON.parse(again.stdout).retired, 0);
});
