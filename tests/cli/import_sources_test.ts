/** Imports by source: what each keeps of a site, and what it leaves alone. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../src/library/client.ts";
import { type Store, storeFeed } from "./feed_files.ts";
import { stageOn } from "./import_stage.ts";
import { Stage } from "./stage.ts";

const feedUrl = "https://a.example/$bulk-publish";
const first = Date.parse("2026-11-24T10:00:00Z");
const hourMs = 3_600_000;

const store: Store = { id: "1", name: "Walgreens", zip: "07001", pin: "AB11", street: "1 Elm St", slots: { "": 5 } };

/** Imports files on the database of a stage; their manifest, or the only one, is the first. */
async function importing(before: Stage, files: Record<string, string>, ...options: string[]): Promise<Stage> {
  const [place] = Object.keys(files);
  const stage = stageOn(before, place, files[place]);
  for (const [name, text] of Object.entries(files)) stage.inputs.set(name, text);
  stage.now = first + 10 * hourMs;
  stage.changedAt = stage.now;
  await stage.run("8892", "import", place, "--json", ...options);
  return stage;
}

const feed = (stores: readonly Store[], madeAt = first, request = feedUrl) => storeFeed(stores, madeAt, request);

async function strandsOf(stage: Stage, name: string): Promise<unknown[]> {
  const all = (await Array.fromAsync(new VaxlogClient(stage.cluster).sources(name))).flat();
  return all.map(({ source = "-", product = "-", availability, checkedAt, note }) => {
    const checked = checkedAt === undefined ? "" : ` ${(checkedAt - first) / hourMs} h`;
    return `${source} ${product} ${availability}${checked}${note === undefined ? "" : ` (${note})`}`;
  });
}

async function documentOf(stage: Stage, name: string, from?: string): Promise<string | undefined> {
  const all = (await Array.fromAsync(new VaxlogClient(stage.cluster).sources(name))).flat();
  return all.find(({ source, product }) => source === from && product === undefined)?.document;
}

async function detailsOf(stage: Stage, name: string) {
  const outcome = await new VaxlogClient(stage.cluster).details(name);
  return outcome.kind === "site" ? outcome.site : undefined;
}

function toldBy(stage: Stage): unknown[] {
  return JSON.parse(stage.stdout).problems.map(({ kind }: { kind: unknown }) => kind);
}

Deno.test("a CSV with one more column, or with a ZIP+4, leaves the document of a feed as it is", async () => {
  const rows = ["9,07001,Walgreens,Anchorage", "9,07001-1234,Walgreens,"];
  for (const row of rows) {
    const before = await importing(new Stage(), feed([store]));
    const document = (await detailsOf(before, "Walgreens"))?.document;
    const stage = await importing(before, { "s.csv": `Availability,ZIP Code,Site Name,County\n${row}\n` });
    assertEquals((await detailsOf(stage, "Walgreens"))?.document, document);
    assertEquals(await documentOf(stage, "Walgreens", feedUrl), document);
    assertEquals((await detailsOf(stage, "Walgreens"))?.availability, 9);
    assertStringIncludes(await documentOf(stage, "Walgreens") ?? "", row.includes("-") ? "07001-1234" : "Anchorage");
  }
});

Deno.test("columns of several files of one source are kept side by side", async () => {
  const one = await importing(new Stage(), { "a.csv": "Availability,ZIP Code,Site Name,County\n1,07001,A,Essex\n" });
  const two = await importing(one, { "b.csv": "Availability,ZIP Code,Site Name,Phone\n1,07001,A,555-0100\n" });
  assertEquals(await documentOf(two, "A"), '{"csv":{"County":"Essex","Phone":"555-0100"}}');
  const other = await importing(
    two,
    { "c.csv": "Availability,ZIP Code,Site Name,County\n1,07001,A,X\n" },
    "--source",
    "B",
  );
  assertEquals(await documentOf(other, "A"), '{"csv":{"County":"Essex","Phone":"555-0100"}}');
  assertEquals(await documentOf(other, "A", "B"), '{"csv":{"County":"X"}}');
});

Deno.test("fields and columns are kept for each product, and a repeated import changes nothing", async () => {
  const line = (product: string, level: string, more: object = {}) =>
    JSON.stringify({
      name: "A",
      zip: "07001",
      availability: level !== "0",
      ndc: product,
      supply_level: level,
      ...more,
    });
  const at = { observedAt: "2026-11-24T09:00:00Z" };
  const ndjson = `${line("80777-0273-15", "0", { ...at, phone: "555-0100" })}\n${line("59267-1000-01", "3", at)}\n`;
  const one = await importing(new Stage(), { "a.ndjson": ndjson });
  const known = '{"ndjson":{"phone":"555-0100"},"products":{"80777-0273-15":{"supply_level":"0"},' +
    '"59267-1000-01":{"supply_level":"3"}}}';
  assertEquals(await documentOf(one, "A"), known);
  assertStringIncludes(one.stdout, 'keep it under \\"products\\"');
  const two = await importing(one, { "a.ndjson": ndjson });
  const { changed, same } = JSON.parse(two.stdout);
  assertEquals([changed, same, two.cluster.sites.lastEntry], [0, 2, one.cluster.sites.lastEntry]);
  // A later line has the last word on its own product, and a line about all says nothing of products.
  const csv =
    "Availability,ZIP Code,Site Name,NDC,Supply Level,County\n5,07001,A,80777-0273-15,4,\n5,07001,A,,,Essex\n";
  const three = await importing(two, { "b.csv": csv });
  assertEquals(JSON.parse(await documentOf(three, "A") ?? ""), {
    csv: { County: "Essex" },
    ndjson: { phone: "555-0100" },
    products: {
      "80777-0273-15": { supply_level: "0", "Supply Level": "4" },
      "59267-1000-01": { supply_level: "3" },
    },
  });
});

Deno.test("the same value in a later feed confirms it, and an older feed changes nothing", async () => {
  const one = await importing(new Stage(), feed([store]));
  const two = await importing(one, feed([store], first + 2 * hourMs));
  assertEquals(await strandsOf(two, "Walgreens"), [`${feedUrl} - 5 2 h`]);
  const { confirmed, same, changed } = JSON.parse(two.stdout);
  assertEquals([confirmed, same, changed], [1, 0, 0]);
  const entries = two.cluster.sites.lastEntry;
  const again = await importing(two, feed([store], first + 2 * hourMs));
  assertEquals([JSON.parse(again.stdout).same, again.cluster.sites.lastEntry], [1, entries]);

  const late = await importing(two, feed([{ ...store, zip: "07095", slots: { "": 3 } }], first + hourMs));
  assertEquals(JSON.parse(late.stdout).outOfDate, 1);
  assertEquals(await strandsOf(late, "Walgreens"), [`${feedUrl} - 5 2 h`]);
  assertEquals(await documentOf(late, "Walgreens", feedUrl), await documentOf(two, "Walgreens", feedUrl));
  assertEquals((await detailsOf(late, "Walgreens"))?.zip, "07001");
});

Deno.test("a CSV that is imported with a later time confirms what it says", async () => {
  const csv = "Availability,ZIP Code,Site Name\n0,07001,Zero\n5,07001,Five\n";
  const one = stageOn(new Stage(), "s.csv", csv);
  [one.now, one.changedAt] = [first, first];
  await one.run("8892", "import", "s.csv");
  const two = await importing(one, { "s.csv": csv });
  assertEquals(JSON.parse(two.stdout).confirmed, 2);
  assertEquals(await strandsOf(two, "Zero"), ["- - 0 10 h"]);
  assertStringIncludes(
    await importing(two, { "s.csv": csv }).then(({ stdout }) => stdout),
    '"confirmed":0,"same":2',
  );
});

Deno.test("a product that a feed lists no more for a site is reported unknown, and a total says so", async () => {
  const both = { ...store, slots: { 207: 10, 208: 20 } };
  const one = await importing(new Stage(), feed([both]));
  assertEquals(await strandsOf(one, "Walgreens"), [
    `${feedUrl} - unknown`,
    `${feedUrl} 207 10`,
    `${feedUrl} 208 20`,
  ]);
  assertEquals((await detailsOf(one, "Walgreens"))?.availability, 20);
  const two = await importing(one, feed([{ ...store, slots: { 207: 10 } }], first + hourMs));
  assertEquals((await strandsOf(two, "Walgreens")).slice(1), [`${feedUrl} 207 10 1 h`, `${feedUrl} 208 unknown`]);
  assertEquals((await detailsOf(two, "Walgreens"))?.availability, 10);
  const three = await importing(two, feed([{ ...store, slots: { "": 4 } }], first + 2 * hourMs));
  assertEquals((await detailsOf(three, "Walgreens"))?.availability, 4);
});

Deno.test("a Location that a feed lists no more becomes unknown, once, and only for its source", async () => {
  const gone: Store = { ...store, id: "2", name: "CVS", pin: "AB12", slots: { 207: 3, 208: 4 } };
  const one = await importing(new Stage(), feed([store, gone]));
  const client = new VaxlogClient(one.cluster);
  await client.edit("CVS", { name: "CVS Pharmacy", recordedAt: first });
  await client.set("CVS Pharmacy", 9, { source: "phone", observedAt: first + hourMs, recordedAt: first + hourMs });
  const two = await importing(one, feed([store], first + 2 * hourMs));
  assertEquals(toldBy(two), ["location-gone"]);
  assertEquals((await strandsOf(two, "CVS Pharmacy")).filter((text) => !`${text}`.includes(" - unknown")), [
    `${feedUrl} 207 unknown (no longer listed)`,
    `${feedUrl} 208 unknown (no longer listed)`,
    "phone - 9",
  ]);
  const three = await importing(two, feed([store], first + 3 * hourMs));
  assertEquals(toldBy(three), []);
  const back = await importing(three, feed([store, gone], first + 4 * hourMs));
  assertEquals(toldBy(back), []);
  assertEquals((await detailsOf(back, "CVS Pharmacy"))?.availability, 4);
});

Deno.test("an identifier under another name makes a new site, and the import says how to join them", async () => {
  const one = await importing(new Stage(), feed([store]));
  const other = { ...store, id: "7", name: "Duane Reade's", street: "9 Oak Ave" };
  const two = await importing(one, feed([other], first, "https://b.example/$bulk-publish"));
  assertEquals(toldBy(two), ["possible-duplicate"]);
  assertStringIncludes(two.stdout, "merge 'Duane Reade'\\\\''s' --into Walgreens");
  const again = await importing(two, feed([other], first, "https://b.example/$bulk-publish"));
  assertEquals(toldBy(again), []);
});

Deno.test("a publisher that has moved finds its sites, also those with something behind their names", async () => {
  const stores = ["1", "2"].map((id): Store => ({ ...store, id, pin: `AB1${id}`, street: `${id} Elm St` }));
  const one = await importing(new Stage(), feed(stores));
  const entries = one.cluster.sites.size;
  const two = await importing(one, feed(stores, first + hourMs, "https://new.example/$bulk-publish"));
  assertEquals(toldBy(two), ["name-shared", "feed-moved"]);
  assertEquals(two.cluster.sites.size, entries);
  assertStringIncludes(two.stdout, `from \\"${feedUrl}\\" to \\"https://new.example/$bulk-publish\\": 2 of its 2`);
  const three = await importing(two, feed(stores, first + 2 * hourMs, "https://new.example/$bulk-publish"));
  assertEquals(toldBy(three), ["name-shared"]);
});

Deno.test("--source says what a feed or a CSV is called", async () => {
  const one = await importing(new Stage(), feed([store]), "--source", "walgreens");
  assertEquals(await strandsOf(one, "Walgreens"), ["walgreens - 5"]);
  assertEquals((await detailsOf(one, "Walgreens"))?.identifiers, [
    { system: "https://cdc.gov/vaccines/programs/vtrcks", value: "AB11" },
    { system: "walgreens", value: "1" },
  ]);
  const moved = await importing(one, feed([store], first + hourMs, "https://b.example/x"), "--source", "walgreens");
  assertEquals([toldBy(moved), await strandsOf(moved, "Walgreens")], [[], ["walgreens - 5 1 h"]]);
  const csv = "Availability,ZIP Code,Site Name,Source\n1,07001,A,\n2,07001,B,state\n";
  const two = await importing(moved, { "s.csv": csv }, "--source", "sheet");
  assertEquals([await strandsOf(two, "A"), await strandsOf(two, "B")], [["sheet - 1"], ["state - 2"]]);
});

Deno.test("a ZIP code is corrected by its own source alone, and not against a person", async () => {
  const one = await importing(new Stage(), feed([store]));
  await new VaxlogClient(one.cluster).edit("Walgreens", { zip: "07999", recordedAt: first });
  const two = await importing(one, feed([store], first + hourMs));
  assertEquals([toldBy(two), (await detailsOf(two, "Walgreens"))?.zip], [["zip-other"], "07999"]);
  const three = await importing(two, feed([{ ...store, zip: "07095" }], first + 2 * hourMs));
  assertEquals([toldBy(three), (await detailsOf(three, "Walgreens"))?.zip], [["zip-corrected"], "07095"]);
  const csv = await importing(three, { "s.csv": "Availability,ZIP Code,Site Name\n9,07001,Walgreens\n" });
  assertEquals([toldBy(csv), (await detailsOf(csv, "Walgreens"))?.zip], [["zip-differs"], "07095"]);
});
