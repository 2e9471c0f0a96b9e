/** What an import may be given: directories, packed files, URLs with a password or that lead elsewhere. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { feed } from "./feed_files.ts";
import { sitesOf, stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const csv = "Availability,ZIP Code,Site Name\n5,02139,MIT\n";

/** Bytes that come in two pieces, of which the first is a single one. */
async function* dripped(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 1);
  await Promise.resolve();
  yield bytes.subarray(1);
}

/** A stage with a feed at a place, its manifest under a name. */
function stageWith(base: string, manifest = "bulk-publish.json"): Stage {
  const stage = new Stage();
  for (const [name, text] of Object.entries(feed)) {
    stage.inputs.set(`${base}${name === "bulk-publish.json" ? manifest : name}`, text);
  }
  return stage;
}

Deno.test("import takes a directory as the manifest in it", async () => {
  for (const manifest of ["$bulk-publish", "bulk-publish.json"]) {
    for (const place of ["/feed", "/feed/"]) {
      const stage = stageWith("/feed/", manifest);
      assertEquals(await stage.run("8892", "import", place), 0, stage.stderr);
      assertEquals((await sitesOf(stage))[1].name, "Pharmacy");
    }
  }
  const stage = stageOn(new Stage(), "/feed/sites.csv", csv);
  assertEquals(await stage.run("8892", "import", "/feed"), 2);
  assertStringIncludes(stage.stderr, 'There is neither $bulk-publish nor bulk-publish.json in "/feed"');
  assertEquals(stage.addresses, undefined);
});

Deno.test("import takes a manifest whose URL has its $ escaped", async () => {
  const stage = stageWith("https://a.example/", "%24bulk-publish");
  assertEquals(await stage.run("8892", "import", "https://a.example/%24bulk-publish"), 0, stage.stderr);
});

Deno.test("import unpacks gzip, whatever the file is called", async () => {
  for (const place of ["sites.csv.gz", "sites.csv", "https://a.example/sites.csv.gz?x"]) {
    const stage = stageOn(new Stage(), place, dripped(gzipSync(csv)));
    assertEquals(await stage.run("8892", "import", place), 0, stage.stderr);
    assertEquals((await sitesOf(stage))[1].name, "MIT");
  }
  // Two packed files, one behind the other, are one.
  const both = new Uint8Array([...gzipSync(csv), ...gzipSync("6,02139,BU\n")]);
  const stage = stageOn(new Stage(), "sites.csv", dripped(both));
  assertEquals(await stage.run("8892", "import", "sites.csv"), 0, stage.stderr);
  assertEquals(stage.cluster.sites.size, 3);
});

Deno.test("import says of a file called .gz that is not packed that it was read as it is", async () => {
  const stage = stageOn(new Stage(), "sites.csv.gz", dripped(new TextEncoder().encode("not gzip")));
  assertEquals(await stage.run("8892", "import", "sites.csv.gz"), 1);
  assertStringIncludes(stage.stdout, 'The name "sites.csv.gz" ends in .gz, and the file is not packed with gzip');
  // What a server has packed for the way alone is unpacked already.
  const url = "https://a.example/sites.csv.gz";
  const fetched = stageOn(new Stage(), url, dripped(new TextEncoder().encode(csv)));
  assertEquals(await fetched.run("8892", "import", url), 0, fetched.stderr);
  assertEquals(fetched.stdout.includes("gzip"), false);
});

Deno.test("import unpacks the files of a feed", async () => {
  const stage = stageWith("/feed/");
  stage.inputs.set("/feed/slots.ndjson", dripped(gzipSync(feed["slots.ndjson"])));
  assertEquals(await stage.run("8892", "import", "/feed"), 0, stage.stderr);
  assertEquals((await sitesOf(stage))[1].availability, 7);
});

Deno.test("import says of gzip that is cut or damaged what it is", async () => {
  const packed = gzipSync(csv.repeat(100));
  const damaged = packed.slice();
  damaged.fill(255, 20, 30);
  for (const bytes of [packed.subarray(0, -9), damaged]) {
    const stage = stageOn(new Stage(), "sites.csv.gz", dripped(bytes));
    assertEquals(await stage.run("8892", "import", "sites.csv.gz"), 1);
    assertMatch(stage.stderr, /^Cannot read "sites\.csv\.gz": its gzip is cut, or damaged; pack it again/);
  }
  const stage = stageOn(new Stage(), "sites.csv", dripped(new Uint8Array([0x1f])));
  assertEquals(await stage.run("8892", "import", "sites.csv"), 1);
  assertStringIncludes(stage.stdout, "There is no column");
});

Deno.test("import reads a feed from where the server has sent it", async () => {
  const stage = stageWith("https://b.example/new/");
  stage.inputs.set("https://a.example/$bulk-publish", () => ({
    bytes: ReadableStream.from([new TextEncoder().encode(feed["bulk-publish.json"])]),
    url: "https://b.example/new/$bulk-publish?x",
  }));
  assertEquals(await stage.run("8892", "import", "https://a.example/$bulk-publish"), 0, stage.stderr);
  assertEquals((await sitesOf(stage))[1].name, "Pharmacy");
});

Deno.test("import gives the password to the server of the manifest, and to nobody else", async () => {
  const stage = stageWith("https://a.example/");
  const manifest = feed["bulk-publish.json"].replace('"slots.ndjson"', '"https://b.example/slots.ndjson"');
  stage.inputs.set("https://a.example/bulk-publish.json", manifest);
  stage.inputs.set("https://b.example/slots.ndjson", feed["slots.ndjson"]);
  assertEquals(await stage.run("8892", "import", "https://Ann:p%40ss@a.example/bulk-publish.json"), 0, stage.stderr);
  assertEquals(stage.opened.map(({ place, credentials }) => [place, credentials]), [
    ["https://a.example/bulk-publish.json", "Ann:p@ss"],
    ["https://a.example/locations.ndjson", "Ann:p@ss"],
    ["https://a.example/schedules.ndjson", "Ann:p@ss"],
    ["https://b.example/slots.ndjson", undefined],
  ]);
  // Nor is it told.
  const missing = new Stage();
  assertEquals(await missing.run("8892", "import", "https://Ann:secret@a.example/x.json"), 1);
  assert(!missing.stderr.includes("secret"), missing.stderr);
});

Deno.test("import --state reads the sites of one state", async () => {
  for (const [state, names] of [["NJ", []], ["Massachusetts", ["Pharmacy"]], ["ma", ["Pharmacy"]]] as const) {
    const stage = stageWith("/feed/");
    assertEquals(await stage.run("8892", "import", "/feed", "--state", state), 0, stage.stderr);
    assertEquals((await sitesOf(stage)).slice(1).map(({ name }) => name), [...names]);
  }
  const stage = stageOn(new Stage(), "sites.csv", csv);
  assertEquals(await stage.run("8892", "import", "sites.csv", "--state", "NJ"), 2);
  assertEquals(await stage.run("8892", "import", "sites.csv", "--state", "Jersey"), 2);
  assertStringIncludes(stage.stderr, 'Cannot take "Jersey" as a state');
});

Deno.test("import --dry-run says what an import would change, and changes nothing", async () => {
  const database = stageOn(new Stage(), "sites.csv", csv);
  assertEquals(await database.run("8892", "import", "sites.csv"), 0);
  const text = `${csv}6,02139,MIT\n6,02139,BU\nx,02139,NEU\n7,02138,MIT\n`;
  const stage = stageOn(database, "sites.csv", text);
  const before = stage.cluster.sites.lastEntry;
  assertEquals(await stage.run("8892", "import", "sites.csv", "--dry-run"), 1);
  assertEquals(stage.cluster.sites.lastEntry, before);
  const [head, ...told] = stage.stdout.split("\n");
  assertEquals(head, "Nothing was changed; an import would come to this:");
  // The import itself says the same.
  const real = stageOn(database, "sites.csv", text);
  assertEquals(await real.run("8892", "import", "sites.csv"), 1);
  assertEquals(told.join("\n"), real.stdout.replace(/To take these reports back: retract \d+-\d+@\d+\n/, ""));
  assertMatch(real.stdout, /^1 site added, 1 changed, 1 the same as before/);
  const json = stageOn(database, "sites.csv", text);
  await json.run("8892", "import", "sites.csv", "--dry-run", "--json");
  assertEquals(json.scratch?.isDiscarded, true, "the copy is left");
  const { dryRun, added } = JSON.parse(json.stdout);
  assertEquals([dryRun, added], [true, 1]);
  const feeds = stageWith("/feed/");
  assertEquals(await feeds.run("8892", "import", "/feed", "--dry-run"), 0, feeds.stderr);
  assertEquals([feeds.cluster.sites.size, feeds.stdout.includes("1 site added")], [1, true]);
});
