import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { Availability } from "../../src/database/values.ts";
import { nameLocations } from "../../src/formats/links_names.ts";
import { KnownSites, readSchedulingLinks } from "../../src/formats/scheduling_links.ts";
import { bytesOf, feed, location, manifest, schedule, slot, withCapacity } from "./reading.ts";

const registry = "http://fhir-registry.smarthealthit.org/StructureDefinition";
const syncedAt = (valueDateTime: string) => ({
  extension: [{ url: "http://hl7.org/fhir/StructureDefinition/lastSourceSync", valueDateTime }],
});

Deno.test("readSchedulingLinks() makes a site of a Location", async () => {
  const { records, problems } = await feed({ "slots.ndjson": [withCapacity("t1", 33)] });
  assertEquals(problems, []);
  const document = JSON.stringify({
    location,
    schedules: [schedule],
    slots: [withCapacity("t1", 33)],
    source: "https://publisher.example/$bulk-publish",
  });
  assertEquals(records, [{
    line: 1,
    file: "locations.ndjson",
    name: "Rite Aid",
    zip: "08332",
    availability: 33,
    unit: "appointments",
    observedAt: 1679689632613,
    source: "https://publisher.example/$bulk-publish",
    document,
    address: "907 North High Street, Millville",
    location: {
      feed: "https://publisher.example/$bulk-publish",
      id: "116",
      identifiers: [],
      madeAt: 1679689632613,
      isKnown: false,
    },
  }]);
});

Deno.test("readSchedulingLinks() derives availability from Slots", async () => {
  const busy = { status: "busy" };
  const cases: [readonly object[], Availability][] = [
    [[], "unknown"],
    [[slot], true],
    [[{ ...slot, ...busy }], false],
    [[withCapacity("a", 3), withCapacity("b", 4), withCapacity("c", 100, busy)], 7],
    [[withCapacity("a", 0)], 0],
    [[withCapacity("c", 100, busy), { ...slot, ...busy }], 0],
    [[withCapacity("a", 3), slot], true],
    [[withCapacity("a", Number.MAX_SAFE_INTEGER), withCapacity("b", 1)], true],
    [[withCapacity("a", 3), { ...slot, status: "no" }], 3],
    [[withCapacity("c", 100, busy), { ...slot, status: "no" }], "unknown"],
  ];
  for (const [slots, availability] of cases) {
    const { records } = await feed({ "slots.ndjson": slots });
    assertEquals(records[0]?.availability, availability, JSON.stringify(slots));
  }
});

Deno.test("readSchedulingLinks() takes an aggregator's word where there are no Slots", async () => {
  const says = (id: string, valueCode: string) => ({
    ...schedule,
    id,
    extension: [{ url: `${registry}/has-availability`, valueCode }],
  });
  const cases: [readonly object[], Availability][] = [
    [[says("a", "some"), says("b", "none")], true],
    [[says("a", "none"), says("b", "none")], false],
    [[says("a", "none"), schedule], "unknown"],
    [[says("a", "unknown")], "unknown"],
  ];
  for (const [schedules, availability] of cases) {
    const { records } = await feed({ "schedules.ndjson": schedules, "slots.ndjson": [] });
    assertEquals(records[0]?.availability, availability);
  }
});

Deno.test("readSchedulingLinks() is as of when an aggregator last saw it, and never later than the feed", async () => {
  const of = async (where: "location" | "schedule" | "slot", time: string) => {
    const meta = syncedAt(time);
    const { records } = await feed({
      "locations.ndjson": [where === "location" ? { ...location, meta } : location],
      "schedules.ndjson": [where === "schedule" ? { ...schedule, meta } : schedule],
      "slots.ndjson": [where === "slot" ? { ...slot, meta } : slot, { ...slot, id: "t2", meta: syncedAt("nonsense") }],
    });
    return records[0];
  };
  for (const where of ["location", "schedule", "slot"] as const) {
    assertEquals((await of(where, "2023-03-20T00:00:00Z"))?.observedAt, Date.UTC(2023, 2, 20));
    assertEquals((await of(where, "2023-03-25T00:00:00Z"))?.observedAt, 1679689632613);
  }
  // The time is not in the document, which would otherwise change with each poll.
  const [a, b] = [await of("location", "2023-03-20T00:00:00Z"), await of("location", "2023-03-21T00:00:00Z")];
  assertEquals(a?.document, b?.document);
});

Deno.test("readSchedulingLinks() gives the same names and documents in whatever order a feed is", async () => {
  const ids = ["116", "117", "118", "119"];
  const locations = ids.map((id, at) => ({ ...location, id, name: at < 3 ? "Rite Aid" : "CVS" }));
  const schedules = ids.map((id) => ({ ...schedule, id, actor: [{ reference: `Location/${id}` }] }));
  const slots = ids.flatMap((id) =>
    [1, 2, 3].map((capacity) => withCapacity(id, capacity, { schedule: { reference: `Schedule/${id}` } }))
  );
  const essence = async (...lists: (readonly object[])[]) => {
    const [a = [], b = [], c = []] = lists;
    const { records } = await feed({ "locations.ndjson": a, "schedules.ndjson": b, "slots.ndjson": c });
    return records.map(({ line: _, ...rest }) => rest).sort((x, y) => x.name < y.name ? -1 : 1);
  };
  const expected = await essence(locations, schedules, slots);
  assertEquals(expected.map(({ name }) => name), [
    "CVS",
    "Rite Aid, Millville (116)",
    "Rite Aid, Millville (117)",
    "Rite Aid, Millville (118)",
  ]);
  const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
  await fc.assert(
    fc.asyncProperty(shuffled(locations), shuffled(schedules), shuffled(slots), async (a, b, c) => {
      assertEquals(await essence(a, b, c), expected);
    }),
    { numRuns: 30 },
  );
});

Deno.test("readSchedulingLinks() finds the site that a Location became before, whatever its name is now", async () => {
  const known = new KnownSites();
  const first = await feed({ "locations.ndjson": [location, { ...location, id: "117" }] });
  for (const record of first.records) known.add(record);
  const alone = await feed({ "locations.ndjson": [location] }, known);
  assertEquals(alone.records.map(({ name }) => name), ["Rite Aid, Millville (116)"]);
  const renamed = await feed({ "locations.ndjson": [{ ...location, name: "Walgreens" }] }, known);
  assertEquals(renamed.records.map(({ name }) => name), ["Rite Aid, Millville (116)"]);
  const fresh = await feed({ "locations.ndjson": [location] });
  assertEquals(fresh.records.map(({ name }) => name), ["Rite Aid"]);
});

Deno.test("readSchedulingLinks() takes no site of another feed, nor one of the same name elsewhere", async () => {
  const named = async (known: KnownSites) => {
    const { records, problems } = await feed({}, known);
    return [...records.map(({ name }) => name), ...problems.map(({ kind }) => kind)];
  };
  const of = (...sites: Parameters<KnownSites["add"]>[0][]) => {
    const known = new KnownSites();
    for (const site of sites) known.add(site);
    return known;
  };
  const elsewhere = { ...location.address, line: ["1 Other Street"] };
  const other = JSON.stringify({ location: { ...location, address: elsewhere }, source: "https://other.example/" });
  assertEquals(await named(of({ name: "Rite Aid", zip: "08332" })), ["Rite Aid"]);
  assertEquals(await named(of({ name: "Rite Aid", zip: "02138" })), ["Rite Aid, Millville (116)", "name-shared"]);
  assertEquals(await named(of({ name: "Rite Aid", zip: "08332", document: other })), [
    "Rite Aid, Millville (116)",
    "name-shared",
  ]);
  // At the same address it is the same; both feeds report it.
  const same = JSON.stringify({ location: { ...location, id: "7" }, source: "https://other.example/" });
  assertEquals(await named(of({ name: "Rite Aid", zip: "08332", document: same })), ["Rite Aid"]);
  const last = "Rite Aid, Millville 08332 (116, https://publisher.example/$bulk-publish)";
  const both = ["Rite Aid", "Rite Aid, Millville (116)"].map((name) => ({ name, zip: "02138" }));
  assertEquals(await named(of(...both)), [last, "name-shared"]);
  assertEquals(await named(of(...both, { name: last, zip: "02138" })), ["name-taken"]);
});

Deno.test("readSchedulingLinks() gives long and odd names that a site may have", async () => {
  const names = ["x".repeat(200), "💉".repeat(200), "é".repeat(199) + "a"];
  for (const name of names) {
    const { records } = await feed({ "locations.ndjson": [{ ...location, name }, { ...location, name, id: "117" }] });
    assertEquals(records.length, 2);
    assert(records.every((record) => [...record.name].length === 200), name);
    assert(records[1]?.name.endsWith(", Millville (117)"));
  }
});

Deno.test("nameLocations() names more Locations of one name than a call has arguments", () => {
  const one = { name: "Rite Aid", siteName: undefined, zip: "02138", state: "MA", city: "Boston", source: "a feed" };
  const others = {
    reportSource: "a feed",
    resource: {},
    address: undefined,
    identifiers: [],
    isOpen: true,
    lastKnown: [],
  };
  const locations = Array.from({ length: 130_000 }, (_, line) => ({ ...one, ...others, line, id: String(line) }));
  const names = nameLocations(locations, "a feed", new KnownSites(), () => {});
  assertEquals([names.size, names.get(locations[7])?.name], [locations.length, "Rite Aid, Boston (7)"]);
});

Deno.test("readSchedulingLinks() tells two apart although a third is called like one of them", async () => {
  const third = { ...location, id: "9", name: "Rite Aid, Millville (116)" };
  const { records } = await feed({ "locations.ndjson": [third, location, { ...location, id: "117" }] });
  assertEquals(new Set(records.map(({ name }) => name)).size, 3);
  assertEquals(records[1]?.name, "Rite Aid, Millville (116)");
  assertEquals(records[0]?.name, "Rite Aid, Millville (116), Millville (9)");
});

Deno.test("readSchedulingLinks() fails with the file that cannot be read", async () => {
  class Unreachable extends Error {}
  const records = readSchedulingLinks({
    manifest,
    url: "https://publisher.example/$bulk-publish",
    fetchBytes: (url) => {
      if (url === "https://publisher.example/slots.ndjson") throw new Unreachable(url);
      return bytesOf(JSON.stringify(url.includes("loc") ? location : schedule));
    },
    known: new KnownSites(),
    onProblem: (problem) => assertEquals(problem, undefined),
  });
  await assertRejects(() => Array.fromAsync(records), Unreachable);
});
