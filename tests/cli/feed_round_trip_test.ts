/** A database that goes out as SMART Scheduling Links, and in again, is the same. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { VaxlogClient } from "../../src/library/client.ts";
import { realFeed, realTest } from "../formats/real_feed.ts";
import { gatewayTo } from "../http/checked_gateway.ts";
import { feed } from "./feed_files.ts";
import { Stage } from "./stage.ts";

const hourMs = 3_600_000;

/** What a site shows of a value: not who has reported it. */
interface Shown {
  readonly name: string;
  readonly zip: string;
  readonly availability: unknown;
  readonly unit?: string;
  readonly observedAt: number;
}

/** What the sites of a stage show that are not retired. */
async function shownBy(stage: Stage): Promise<Shown[]> {
  const sites = (await Array.fromAsync(new VaxlogClient(stage.cluster).list())).flat();
  return sites.map(({ name, zip, availability, unit, observedAt }) => ({ name, zip, availability, unit, observedAt }));
}

async function lastEntry(stage: Stage): Promise<number> {
  return (await new VaxlogClient(stage.cluster).summary()).lastEntry;
}

/** Another run of the client on the same database. */
function again(stage: Stage): Stage {
  const next = new Stage();
  next.cluster.sites.restore(stage.cluster.sites.snapshot());
  next.now = stage.now;
  return next;
}

/** Exports all sites, as files of a feed. */
async function exported(stage: Stage, ...options: string[]): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
  const run = again(stage);
  assertEquals(await run.run("8892", "export", "feed/", ...options), 0, run.stderr);
  return new Map([...run.outputs].map(([name, { bytes }]) => [`/${name}`, new Uint8Array(bytes)]));
}

/** Imports a feed. @returns the stage, and what the import said. */
async function imported(
  stage: Stage,
  files: Iterable<readonly [string, string | Uint8Array<ArrayBuffer>]>,
  manifest = "/feed/$bulk-publish",
): Promise<Stage> {
  for (const [place, content] of files) {
    stage.inputs.set(place, typeof content === "string" ? content : ReadableStream.from([content]));
  }
  assertEquals(await stage.run("8892", "import", manifest), 0, stage.stdout + stage.stderr);
  return stage;
}

/** A stage with an empty database, at the time of another. */
function fresh({ now }: Stage): Stage {
  const stage = new Stage();
  stage.now = now;
  return stage;
}

Deno.test("a database shows the same after an export as a feed and an import, and gives equal bytes", async () => {
  const site = fc.record({
    name: fc.constantFrom("A", "a b", "A-b", "Clinic, No. 1", "薬局", "x".repeat(70), "Harvard University 2"),
    value: fc.oneof(
      fc.constantFrom(0, 30, true, false, "unknown" as const, "never" as const, 2 ** 31 - 1, 2 ** 31),
      fc.maxSafeNat(),
    ),
    unit: fc.constantFrom("doses" as const, "appointments" as const, undefined),
    ageHours: fc.integer({ min: 0, max: 30 }),
    source: fc.constantFrom(undefined, "phone", "https://publisher.example/feed"),
    isRetired: fc.boolean(),
    pin: fc.constantFrom(undefined, "NJA1"),
    hasFeed: fc.boolean(),
  });
  const sites = fc.uniqueArray(site, { selector: ({ name }) => name.toLowerCase(), maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sites, fc.boolean(), async (sites, keepsOld) => {
      const first = new Stage();
      if (sites.some(({ hasFeed }) => hasFeed)) {
        await imported(
          first,
          Object.entries(feed).map(([name, text]) => [`/feeds/${name}`, text]),
          "/feeds/bulk-publish.json",
        );
      }
      const client = new VaxlogClient(first.cluster);
      const recordedAt = first.now;
      for (const { name, value, unit, ageHours, source, isRetired, pin } of sites) {
        await client.add(name, "08332", { recordedAt });
        const observedAt = recordedAt - ageHours * hourMs;
        if (value !== "never") await client.set(name, value, { recordedAt, observedAt, unit, source });
        const identifiers = pin === undefined
          ? []
          : [{ system: "https://cdc.gov/vaccines/programs/vtrcks", value: pin }];
        if (identifiers.length > 0) await client.edit(name, { recordedAt, identifiers });
        if (isRetired) await client.retire(name, "closed", { recordedAt });
      }
      const options = keepsOld ? ["--stale-after", "30d"] : [];
      const files = await exported(first, ...options);
      const second = await imported(fresh(first), files);
      // Also of a stale site, of which others learn nothing from the feed.
      const expected = await shownBy(first);
      assertEquals(await shownBy(second), expected);
      assertEquals(await shownBy(await imported(again(first), files)), expected);
      assertEquals(await exported(second, ...options), files);
      // Where it is already, nothing is logged.
      const entries = await lastEntry(second);
      const third = await imported(again(second), files);
      assertEquals(await lastEntry(third), entries);
    }),
    { numRuns: 60 },
  );
});

Deno.test("30 doses, and a site that nobody has reported, come back from a feed as they were", async () => {
  const stage = new Stage();
  assertEquals(await stage.run("8892", "set", "Harvard University", "30", "--unit", "doses"), 0);
  const never = again(stage);
  assertEquals(await never.run("8892", "add", "Never", "02139"), 0);
  const copy = await imported(fresh(never), await exported(never));
  assertEquals(await shownBy(copy), [
    { name: "Harvard University", zip: "02138", availability: 30, unit: "doses", observedAt: stage.now },
    { name: "Never", zip: "02139", availability: 0, unit: undefined, observedAt: 0 },
  ]);
});

Deno.test("a count keeps its unit in a feed beside a product of which nothing is known", async () => {
  const stage = new Stage();
  const set = (...words: string[]) => stage.run("8892", "set", "Harvard University", ...words, "--source", "county");
  const observed = ["--observed-at", "1h"];
  for (const unit of ["appointments", "doses"]) {
    assertEquals(await set("5", "--product", "flu", "--unit", unit, ...observed), 0);
    assertEquals(await set("Unknown", "--product", "207", ...observed), 0);
    const shown = await shownBy(stage);
    assertEquals(await shownBy(await imported(fresh(stage), await exported(again(stage)))), shown);
    assertEquals(await shownBy(stage), shown);
  }
});

Deno.test("products keep their own units in a feed, elsewhere and where they are already", async () => {
  const stage = new Stage();
  const reports = [["30", "doses", "208"], ["12", "appointments", "207"], ["True", undefined, "313"], [
    "0",
    "doses",
    "x",
  ]];
  for (const [value = "", unit, product = ""] of reports) {
    const words = ["--product", product, "--source", "https://county.example/", "--observed-at", "1h"];
    const units = unit === undefined ? [] : ["--unit", unit];
    assertEquals(await stage.run("8892", "set", "Harvard University", value, ...words, ...units), 0);
  }
  const productsOf = async ({ cluster }: Stage) => {
    const said = (await Array.fromAsync(new VaxlogClient(cluster).sources("Harvard University"))).flat();
    return said.flatMap(({ product, availability, unit }) =>
      product === undefined ? [] : [[product, availability, unit]]
    )
      .toSorted();
  };
  const files = await exported(stage);
  const known = await productsOf(stage);
  assertEquals(known.length, 4);
  const elsewhere = await imported(fresh(stage), files);
  assertEquals(await productsOf(elsewhere), known);
  assertEquals(await exported(elsewhere), files);
  for (const there of [stage, elsewhere]) {
    const back = await imported(again(there), files);
    assertStringIncludes(back.stdout, "0 sites added, 0 changed");
    assertEquals(await productsOf(back), known);
  }
});

Deno.test("export --gzip packs the files of a feed, and an import reads them", async () => {
  const stage = new Stage();
  assertEquals(await stage.run("8892", "set", "Harvard University", "30"), 0);
  const packed = await exported(stage, "--gzip");
  assertEquals([...packed.keys()].toSorted(), [
    "/feed/$bulk-publish",
    "/feed/locations.ndjson.gz",
    "/feed/schedules.ndjson.gz",
    "/feed/slots.ndjson.gz",
  ]);
  assertEquals([...packed.get("/feed/slots.ndjson.gz")?.slice(0, 2) ?? []], [0x1f, 0x8b]);
  assertEquals(await shownBy(await imported(fresh(stage), packed)), await shownBy(stage));
  for (const [place, option, hint] of [["x.csv", "--gzip", "end in .gz"], ["x.csv", "--stale-after=1h", "only"]]) {
    const refused = again(stage);
    assertEquals(await refused.run("8892", "export", place, option), 2);
    assertStringIncludes(refused.stderr, "goes with SMART Scheduling Links only");
    assertStringIncludes(refused.stderr, hint);
    assertEquals(refused.outputs.size, 0);
  }
});

Deno.test("export of a feed says how many sites are stale, and --stale-after says when they are", async () => {
  const stage = new Stage();
  assertEquals(await stage.run("8892", "set", "Harvard University", "30", "--observed-at", "25h"), 0);
  const day = again(stage);
  assertEquals(await day.run("8892", "export", "feed/"), 0);
  assertEquals(day.stdout, 'Exported 1 site to "feed/"; 1 is stale, and so published as unknown\n');
  assertEquals(day.outputs.get("feed/slots.ndjson")?.text, "");
  const longer = again(stage);
  assertEquals(await longer.run("8892", "export", "feed/", "--stale-after", "26h", "--json"), 0);
  assertEquals(JSON.parse(longer.stdout).stale, 0);
  assertStringIncludes(longer.outputs.get("feed/slots.ndjson")?.text ?? "", '"valueInteger":30');
});

realTest("changes nothing when it comes in again from where it went out, at its time", async () => {
  const { inputs, transactionTime } = await realFeed();
  const stage = new Stage();
  stage.now = transactionTime;
  await imported(stage, inputs, "/feed/bulk-publish.json");
  assertStringIncludes(stage.stdout, "112 sites added, 0 changed");
  const entries = await lastEntry(stage);
  const shown = await shownBy(stage);
  const files = await exported(stage);
  const same = "0 sites added, 0 changed, 113 the same as before, 0 out of date";
  const back = await imported(again(stage), files);
  assertStringIncludes(back.stdout, same);
  assertEquals([await lastEntry(back), await shownBy(back)], [entries, shown]);
  const twice = await imported(again(back), inputs, "/feed/bulk-publish.json");
  assertStringIncludes(twice.stdout, "0 sites added, 0 changed, 112 the same as before, 0 out of date");
  assertEquals(await lastEntry(twice), entries);

  const elsewhere = await imported(fresh(stage), files);
  assertEquals(await shownBy(elsewhere), shown);
  assertEquals(await exported(elsewhere), files);
});

realTest("is all stale today, and says so", async () => {
  const { inputs, transactionTime } = await realFeed();
  const stage = new Stage();
  await imported(stage, inputs, "/feed/bulk-publish.json");
  const shown = await shownBy(stage);
  assert(shown.filter(({ observedAt }) => observedAt === transactionTime).length === 112);
  const list = again(stage);
  assertEquals(await list.run("8892", "list", "--stale", "24h"), 0);
  assertEquals(list.stdout.trim().split("\n").length, 1 + 113);
  const none = again(stage);
  assertEquals(await none.run("8892", "list", "--fresh", "24h"), 0);
  assertEquals(none.stdout.trim().split("\n").length, 1);
  const out = again(stage);
  assertEquals(await out.run("8892", "export", "feed/"), 0);
  assertEquals(out.stdout, 'Exported 113 sites to "feed/"; 112 are stale, and so published as unknown\n');
  assertEquals(out.outputs.get("feed/slots.ndjson")?.text, "");
  const schedules = (out.outputs.get("feed/schedules.ndjson")?.text ?? "").split("\n").slice(0, -1);
  const word =
    '"url":"http://fhir-registry.smarthealthit.org/StructureDefinition/has-availability","valueCode":"unknown"';
  assertEquals(schedules.filter((line) => line.includes(word)).length, 113);

  await using gateway = await gatewayTo(stage, stage.now);
  const { json } = await gateway.ask("GET", "/api/sites?limit=200");
  assertEquals(json.sites.filter(({ isStale }: { isStale?: boolean }) => isStale).length, 112);
  const manifest = (await gateway.ask("GET", "/$bulk-publish")).json;
  const slots = new URL(manifest.output[2].url).pathname;
  assertEquals((await gateway.ask("GET", slots)).text, "");
});
