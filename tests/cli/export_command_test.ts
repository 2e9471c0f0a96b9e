import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { OutputError } from "../../src/cli/surroundings.ts";
import { VaxlogClient } from "../../src/library/client.ts";
import { OutcomeUnknownError } from "../../src/net/client/session.ts";
import { Stage } from "./stage.ts";

const recordedAt = Date.UTC(2026, 10, 24, 12);

/** A database with one of everything. */
async function stageWithSites(): Promise<Stage> {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  const at = { recordedAt };
  await client.add('The "Best", Inc. 薬局', "08332", at);
  await client.set('The "Best", Inc. 薬局', 40, {
    ...at,
    unit: "appointments",
    who: "Ann",
    source: "phone",
    note: "a, b",
  });
  await client.add("MIT", "02139", at);
  await client.set("MIT", "unknown", { ...at, observedAt: recordedAt - 12_345 });
  await client.document("MIT", '{"csv":{"Colour":"blue"}}', at);
  await client.add("BU", "02215", at);
  await client.set("BU", true, at);
  await client.retire("BU", "closed", at);
  return stage;
}

/** A stage on the database of another one. */
function stageOn(database: Stage): Stage {
  const stage = new Stage();
  stage.cluster.sites.restore(database.cluster.sites.snapshot());
  return stage;
}

/** The complete files of a stage, with their content. */
function filesOf(stage: Stage): Record<string, string> {
  for (const [name, { state }] of stage.outputs) assertEquals(state, "complete", name);
  return Object.fromEntries([...stage.outputs].map(([name, { text }]) => [name, text]));
}

Deno.test("export of CSV has the columns of list first, and all that the sites show", async () => {
  const stage = await stageWithSites();
  assertEquals(await stage.run("8892", "export", "sites.csv"), 0);
  assertEquals([stage.stdout, stage.stderr], ['Exported 4 sites to "sites.csv"\n', ""]);
  assertEquals(
    filesOf(stage)["sites.csv"],
    `Availability,ZIP Code,Site Name,Unit,Observed At,Who,Source,Note,Retired,Document
True,02215,BU,,2026-11-24T12:00:00.000Z,,,,closed,
0,02138,Harvard University,,,,,,,
Unknown,02139,MIT,,2026-11-24T11:59:47.655Z,,,,,"{""csv"":{""Colour"":""blue""}}"
40,08332,"The ""Best"", Inc. 薬局",appointments,2026-11-24T12:00:00.000Z,Ann,phone,"a, b",,
`,
  );
});

Deno.test("An exported database is imported as the same, and exported again as the same bytes", async () => {
  for (const [place, format] of [["sites.csv", "csv"], ["sites.ndjson", "ndjson"], ["feed", "smart"]]) {
    const first = await stageWithSites();
    assertEquals(await first.run("8892", "export", place, "--format", format), 0, first.stderr);
    const files = filesOf(first);
    const copy = new Stage();
    for (const [name, text] of Object.entries(files)) copy.inputs.set(format === "smart" ? `/${name}` : name, text);
    const from = format === "smart" ? "/feed/$bulk-publish" : place;
    assertEquals(await copy.run("8892", "import", from, "--format", format), 0, copy.stdout + copy.stderr);
    const again = stageOn(copy);
    assertEquals(await again.run("8892", "export", place, "--format", format), 0);
    assertEquals(filesOf(again), files, format);
  }
});

Deno.test("export of a feed is a directory with a manifest, begun last, and says what was left out", async () => {
  const stage = await stageWithSites();
  assertEquals(await stage.run("8892", "export", "feed", "--format", "smart"), 0);
  assertEquals(stage.stdout, 'Exported 3 sites to "feed", without 1 that is retired\n');
  const files = filesOf(stage);
  assertEquals(Object.keys(files).toSorted(), [
    "feed/$bulk-publish",
    "feed/locations.ndjson",
    "feed/schedules.ndjson",
    "feed/slots.ndjson",
  ]);
  assertEquals(JSON.parse(files["feed/$bulk-publish"]).output.length, 3);
});

Deno.test("export - prints on standard output, with a header also if there are no sites", async () => {
  const stage = await stageWithSites();
  assertEquals(await stage.run("8892", "export", "-", "--format", "ndjson", "--zip", "021", "--available"), 0);
  assertEquals(stage.stdout, "");
  const csv = stageOn(stage);
  assertEquals(await csv.run("8892", "export", "-", "--format", "csv", "--zip", "9"), 0);
  assertMatch(csv.stdout, /^Availability,ZIP Code,Site Name,.*\n$/);
  const some = stageOn(stage);
  assertEquals(await some.run("8892", "export", "-", "--format", "ndjson", "--zip", "02139"), 0);
  assertMatch(some.stdout, /^\{"name":"MIT",.*\}\n$/);
  assertEquals([csv.outputs.size, some.outputs.size], [0, 0]);
});

Deno.test("export --json tells what was written", async () => {
  const stage = await stageWithSites();
  assertEquals(await stage.run("8892", "export", "x.ndjson", "--json"), 0);
  assertEquals(JSON.parse(stage.stdout), {
    place: "x.ndjson",
    format: "ndjson",
    sites: 4,
    retiredLeftOut: 0,
    stale: 0,
  });
});

Deno.test("export replaces nothing unless it is forced to, and then nobody is asked", async () => {
  for (const [place, format] of [["sites.csv", "csv"], ["feed", "smart"]]) {
    const stage = new Stage();
    stage.files = [place];
    assertEquals(await stage.run("8892", "export", place, "--format", format), 1);
    assertEquals([stage.addresses, stage.outputs.size], [undefined, 0]);
    assertMatch(stage.stderr, /^Cannot write ".*": it is there\n$/);
    const forced = new Stage();
    forced.files = [place];
    assertEquals(await forced.run("8892", "export", place, "--format", format, "--force"), 0);
    assert(forced.outputs.size > 0);
  }
});

Deno.test("export leaves no file if the sites cannot be read, or Ctrl-C stops it", async () => {
  const lost = await stageWithSites();
  lost.cluster.insteads.push(() => Promise.reject(new OutcomeUnknownError("all replicas were lost")));
  assertEquals(await lost.run("8892", "export", "sites.csv"), 3);
  assertEquals(lost.outputs.get("sites.csv")?.state, "discarded");

  const stopped = await stageWithSites();
  const asked = Promise.withResolvers<void>();
  stopped.cluster.insteads.push(() => {
    asked.resolve();
    return new Promise(() => {});
  });
  const code = stopped.run("8892", "export", "feed", "--format", "smart");
  await asked.promise;
  stopped.interrupt();
  assertEquals(await code, 1);
  for (const { state } of stopped.outputs.values()) assertEquals(state, "discarded");
  assertEquals([stopped.stdout, stopped.stderr], ["", ""]);
});

Deno.test("export asks for the format if the name does not tell it, and refuses what does not fit", async () => {
  for (
    const [args, message] of [
      [["export", "sites"], "does not tell the format"],
      [["export", ""], "The name of the file is empty"],
      [["export", "-", "--format", "smart"], "give a directory"],
      [["export", "-", "--format", "csv", "--json"], "on standard output there are the sites"],
    ] as const
  ) {
    const stage = new Stage();
    assertEquals(await stage.run("8892", ...args), 2);
    assertStringIncludes(stage.stderr, message);
  }
});

Deno.test("export of many sites shows how far it is", async () => {
  const stage = new Stage();
  const client = new VaxlogClient(stage.cluster);
  for (let at = 0; at < 3_000; at++) await client.add(`Site with a name ${at}`, "02139");
  stage.tickMs = 2_000;
  assertEquals(await stage.run("8892", "export", "sites.csv"), 0);
  assertMatch(stage.stderr, /^Exported [\d,]+ of 3,001 sites \(\d+ %\), .*\n/);
});

Deno.test("export packs a file whose name ends in .gz, and import reads it as the same", async () => {
  const first = await stageWithSites();
  const plain = stageOn(first);
  assertEquals(await plain.run("8892", "export", "sites.csv"), 0);
  for (const place of ["sites.csv.gz", "sites.ndjson.GZ"]) {
    const packed = stageOn(first);
    assertEquals(await packed.run("8892", "export", place), 0, packed.stderr);
    const bytes = packed.outputs.get(place)?.bytes ?? new Uint8Array();
    if (place === "sites.csv.gz") {
      assertEquals(gunzipSync(bytes).toString(), filesOf(plain)["sites.csv"]);
    }
    const again = new Stage();
    again.inputs.set(place, ReadableStream.from([bytes]));
    assertEquals(await again.run("8892", "import", place), 0, again.stderr);
    const export2 = stageOn(again);
    assertEquals(await export2.run("8892", "export", "sites.csv"), 0);
    assertEquals(filesOf(export2)["sites.csv"], filesOf(plain)["sites.csv"]);
  }
});

Deno.test("export says why a packed file cannot be written", async () => {
  const stage = await stageWithSites();
  const run = stage.run("8892", "export", "sites.csv.gz");
  const output = stage.outputs.get("sites.csv.gz");
  assert(output !== undefined);
  output.write = () => {
    throw new OutputError('Cannot write "sites.csv.gz": the disk is full');
  };
  assertEquals(await run, 1);
  assertEquals([stage.stderr, output.state], ['Cannot write "sites.csv.gz": the disk is full\n', "discarded"]);
});

Deno.test("export takes a directory as the place of a feed", async () => {
  const stage = await stageWithSites();
  assertEquals(await stage.run("8892", "export", "feed/"), 0, stage.stderr);
  assertEquals([...stage.outputs.keys()].map((name) => name.replace("feed/", "")).toSorted(), [
    "$bulk-publish",
    "locations.ndjson",
    "schedules.ndjson",
    "slots.ndjson",
  ]);
  const there = stageOn(stage);
  there.files = ["feed"];
  there.inputs.set("feed/$bulk-publish", "");
  assertEquals(await there.run("8892", "export", "feed"), 1);
  assertEquals(there.stderr, 'Cannot write "feed": it is there\n');
  assertEquals(await there.run("8892", "export", "feed", "--force"), 0);
});

Deno.test("export writes no formula, and list prints names as they are", async () => {
  const stage = new Stage();
  await new VaxlogClient(stage.cluster).add("=SUM(1)", "02139", { recordedAt });
  const exported = stageOn(stage);
  assertEquals(await exported.run("8892", "export", "sites.csv"), 0);
  assertStringIncludes(filesOf(exported)["sites.csv"], "\n0,02139,'=SUM(1),,");
  const listed = stageOn(stage);
  assertEquals(await listed.run("8892", "list"), 0);
  assertStringIncludes(listed.stdout, "\n0,02139,=SUM(1)\n");
});
