import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { effectOf } from "../../src/formats/problem_kinds.ts";
import type { ExportRecord } from "../../src/formats/records.ts";
import { LinksWriter } from "../../src/formats/links_writer.ts";
import { KnownSites } from "../../src/formats/scheduling_links.ts";
import { record } from "./arbitrary.ts";
import { feed, location, readAgain, schedule, slot, withCapacity, written, type WrittenFeed } from "./reading.ts";
import { assertValidFeed } from "./feed_checks.ts";

const base = "https://aggregator.example/feed/";
const observedAt = 1679689632613;
const services = {
  serviceType: [{
    coding: [
      { system: "http://terminology.hl7.org/CodeSystem/service-type", code: "57" },
      {
        system: "http://fhir-registry.smarthealthit.org/CodeSystem/service-type",
        code: "covid19-immunization",
      },
    ],
  }],
};

function slotsOf({ files }: WrittenFeed): Record<string, unknown>[] {
  return (files["slots.ndjson"] ?? "").split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

function site(availability: ExportRecord["availability"], more: Partial<ExportRecord> = {}): ExportRecord {
  return { name: "Clinic", zip: "08332", availability, observedAt, ...more };
}

Deno.test("LinksWriter writes a day of its place where no feed has said more", () => {
  const day = { start: "2023-03-24T00:00:00.000-04:00", end: "2023-03-25T00:00:00.000-04:00" };
  const whole = { resourceType: "Slot", id: "Clinic", schedule: { reference: "Schedule/Clinic" } };
  const url = "http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity";
  const capacity = (valueInteger: number) => ({ url, valueInteger });
  const count = (valueString: string) => ({ url: "urn:vaxlog:count", valueString });
  const counts = (valueCode: string) => ({ url: "urn:vaxlog:unit", valueCode });
  const unit = "appointments";
  const cases: [ExportRecord, object[]][] = [
    [site(40, { unit }), [{ ...whole, status: "free", ...day, extension: [capacity(40)] }]],
    [site(0, { unit }), [{ ...whole, status: "busy", ...day, extension: [capacity(0)] }]],
    [site(true, { unit }), [{ ...whole, status: "free", ...day }]],
    [site(false, { unit }), [{ ...whole, status: "busy", ...day }]],
    [site(40), [{ ...whole, status: "free", ...day, extension: [capacity(40), counts("unknown")] }]],
    [site(40, { unit: "doses" }), [{ ...whole, status: "free", ...day, extension: [count("40"), counts("doses")] }]],
    [site(0, { unit: "doses" }), [{ ...whole, status: "busy", ...day, extension: [count("0"), counts("doses")] }]],
    [site(2 ** 31 - 1, { unit }), [{ ...whole, status: "free", ...day, extension: [capacity(2 ** 31 - 1)] }]],
    [site(2 ** 31, { unit }), [{ ...whole, status: "free", ...day, extension: [count("2147483648")] }]],
    [site("unknown"), []],
    [site(0, { observedAt: 0 }), []],
  ];
  for (const [record, slots] of cases) {
    const feed = written([record], base);
    assertValidFeed(feed);
    assertEquals(slotsOf(feed), slots as Record<string, unknown>[]);
  }
});

Deno.test("LinksWriter says of a stale site that nothing is known now, and for an import what was last", async () => {
  const { records: [came] } = await feed({ "slots.ndjson": [withCapacity("t", 3)] });
  assert(came !== undefined);
  const cases: [ExportRecord, string | undefined][] = [
    [{ availability: 0, ...came }, "appointments"],
    [site(40, { unit: "doses" }), "doses"],
    [site(4), undefined],
  ];
  for (const [record, unit] of cases) {
    const writer = new LinksWriter(observedAt + 1);
    const lines = writer.add(record);
    assertEquals([lines.Slot, writer.stale], ["", 1]);
    assertStringIncludes(lines.Schedule, '"valueCode":"unknown"');
    const files = { "locations.ndjson": lines.Location, "schedules.ndjson": lines.Schedule, "slots.ndjson": "" };
    const { records: [again] } = await readAgain({ manifest: writer.manifest(), files });
    assertEquals([again?.availability, again?.unit, again?.observedAt], [record.availability, unit, observedAt]);
    assertEquals(again?.isStale, true);
    // Others learn nothing from it.
    const { isStale, availability } = (await readAgain({
      manifest: writer.manifest(),
      files: { ...files, "locations.ndjson": lines.Location.replace("urn:vaxlog:last-known", "urn:other") },
    })).records[0] ?? {};
    assertEquals([isStale, availability], [undefined, "unknown"]);
    assertEquals(new LinksWriter(observedAt).add(record).Slot === "", false);
  }
});

Deno.test("LinksWriter writes a free Slot in which there is no room as busy", async () => {
  const { records: [record] } = await feed({ "slots.ndjson": [withCapacity("t", 0), withCapacity("u", 4)] });
  assert(record?.availability === 4);
  const first = written([record]);
  assertEquals(slotsOf(first).map(({ status }) => status), ["busy", "free"]);
  assertEquals((await readAgain(first)).records[0]?.availability, 4);
});

Deno.test("LinksWriter leaves retired sites out and says how many", () => {
  const writer = new LinksWriter();
  const { Bundle: _, ...lines } = writer.add(site(1, { retired: "closed" }));
  assertEquals(lines, { Location: "", Schedule: "", Slot: "" });
  assertEquals(writer.retired, 1);
  assertStringIncludes(writer.manifest(), '"transactionTime": "1970-01-01T00:00:00.000Z"');
});

Deno.test("LinksWriter writes what came of a feed as it came, repaired where that is certain", async () => {
  const { records } = await feed({
    "locations.ndjson": [{
      ...location,
      id: "a_b",
      custom: { x: [1] },
      meta: { tag: "t" },
      address: { ...location.address, postalCode: "8332-3762" },
    }],
    "schedules.ndjson": [{ ...schedule, ...services, extra: 5, actor: [{ reference: "Location/a_b", display: "A" }] }],
    "slots.ndjson": [
      withCapacity("t", "3", { start: "2023-03-25T09:00:00-04", comment: "x" }),
      withCapacity("t", 4, { start: "2023-03-25T10:00:00-04:00" }),
    ],
  });
  const feedAgain = written(records, base);
  assertValidFeed(feedAgain);
  const writtenLocation = JSON.parse(feedAgain.files["locations.ndjson"] ?? "");
  assertEquals(writtenLocation, {
    ...location,
    id: "a-b",
    custom: { x: [1] },
    identifier: [
      { system: "urn:vaxlog:original-id", value: "a_b" },
      { system: "urn:vaxlog:site-name", value: "Rite Aid" },
    ],
    address: { ...location.address, postalCode: "08332-3762" },
    meta: {
      tag: "t",
      source: "https://publisher.example/$bulk-publish",
      extension: [{
        url: "http://hl7.org/fhir/StructureDefinition/lastSourceSync",
        valueDateTime: "2023-03-24T20:27:12.613Z",
      }],
    },
  });
  const writtenSchedule = JSON.parse(feedAgain.files["schedules.ndjson"] ?? "");
  assertEquals(writtenSchedule, {
    ...schedule,
    ...services,
    extra: 5,
    actor: [{ reference: "Location/a-b", display: "A" }],
  });
  assertEquals(slotsOf(feedAgain), [
    withCapacity("t", 3, { start: "2023-03-25T09:00:00-04:00", comment: "x" }),
    withCapacity("t-2", 4, { start: "2023-03-25T10:00:00-04:00" }),
  ] as Record<string, unknown>[]);
});

Deno.test("LinksWriter writes that each Schedule is for immunization, beside what its publisher said", async () => {
  const [general, covid] = services.serviceType[0]?.coding ?? [];
  const codesOf = ({ files }: WrittenFeed) =>
    JSON.parse(files["schedules.ndjson"] ?? "").serviceType.map(({ coding, text }: Record<string, unknown>) => {
      return [text, ...(coding as { code: string }[]).map(({ code }) => code)];
    });
  const cases: [unknown, unknown][] = [
    [undefined, [[undefined, "57", "covid19-immunization"]]],
    [{ coding: [general] }, [[undefined, "57", "covid19-immunization"]]],
    [[{ text: "vaccine" }], [["vaccine", "57", "covid19-immunization"]]],
    [[{ coding: [{ code: "124" }] }, { coding: [covid] }], [[undefined, "124"], [
      undefined,
      "covid19-immunization",
      "57",
    ]]],
    [[{ coding: [{ code: "57" }] }], [[undefined, "57", "57", "covid19-immunization"]]],
    [[{ coding: [covid] }, { coding: [general] }], [[undefined, "covid19-immunization"], [undefined, "57"]]],
  ];
  for (const [serviceType, codes] of cases) {
    const { records } = await feed({ "schedules.ndjson": [{ ...schedule, serviceType }] });
    const first = written(records, base);
    assertValidFeed(first);
    assertEquals(codesOf(first), codes);
    assertEquals(written((await readAgain(first)).records, base), first);
    // A site that shows something else, and one that tells products apart, have the same.
    const [record] = records;
    assert(record !== undefined);
    const shownProducts = [{ product: "207", availability: 3, asOf: observedAt }];
    for (const more of [{ availability: 8 }, { shownProducts }]) {
      assertValidFeed(written([{ ...record, ...more }], base));
    }
  }
});

Deno.test("LinksWriter marks what a publisher left out, and names its products", async () => {
  const url = "http://fhir-registry.smarthealthit.org/StructureDefinition/vaccine-product";
  const product = (code: string) => ({ url, valueCoding: { system: "http://hl7.org/fhir/sid/cvx", code } });
  const { address: { line, state, postalCode } } = location;
  const locations = [
    { ...location, telecom: undefined },
    { ...location, telecom: [{ system: "url" }], address: { postalCode } },
    { ...location, telecom: [], address: { line: [], city: "", state, postalCode } },
    { ...location, telecom: [{ system: "fax", value: "1" }, ...location.telecom], address: { line, postalCode } },
  ];
  for (const bare of locations) {
    const { records } = await feed({
      "locations.ndjson": [bare],
      "schedules.ndjson": [{ ...schedule, extension: [product("207"), product("999")] }],
    });
    const first = written(records, base);
    assertValidFeed(first);
    assertEquals(written((await readAgain(first)).records, base), first);
    assertStringIncludes(first.files["schedules.ndjson"] ?? "", '"display":"CVX 999"');
  }
});

Deno.test("LinksWriter writes the Slots of a feed only while the site shows what they say", async () => {
  const { records: [record] } = await feed({ "slots.ndjson": [withCapacity("t", 3), withCapacity("u", 4)] });
  assert(record !== undefined);
  const ids = (change: Partial<ExportRecord>) =>
    slotsOf(written([{ ...record, availability: 7, ...change }])).map(({ id }) => id);
  assertEquals(ids({}), ["t", "u"]);
  assertEquals(ids({ unit: undefined }), ["t", "u"]);
  assertEquals(ids({ availability: 8 }), ["s1"]);
  assertEquals(ids({ availability: true }), ["s1"]);
  assertEquals(ids({ unit: "doses" }), ["s1"]);
  assertEquals(ids({ availability: "unknown" }), []);
});

Deno.test("LinksWriter leaves out what an aggregator said, where the site does not show it", async () => {
  const url = "http://fhir-registry.smarthealthit.org/StructureDefinition/has-availability";
  const { records: [record] } = await feed({
    "schedules.ndjson": [{ ...schedule, extension: [{ url, valueCode: "some" }] }],
    "slots.ndjson": [],
  });
  assert(record?.availability === true);
  for (const availability of [true, false, "unknown"] as const) {
    const again = await readAgain(written([{ ...record, availability }]));
    assertEquals(again.records[0]?.availability, availability);
  }
});

Deno.test("LinksWriter writes many Slots on their days, though a document has no room for them", async () => {
  const many = Array.from({ length: 448 }, (_, at) => {
    const start = new Date(Date.UTC(2023, 3, 1 + Math.floor(at / 32), 13, 15 * (at % 32)));
    return withCapacity(`t${at}`, 1, { start: start.toISOString(), end: new Date(+start + 900_000).toISOString() });
  });
  const { records } = await feed({ "schedules.ndjson": [{ ...schedule, ...services }], "slots.ndjson": many });
  const first = written(records, base);
  assertValidFeed(first);
  const days = slotsOf(first);
  assertEquals(days.map(({ start }) => start), [
    ...Array.from({ length: 14 }, (_, at) => `2023-04-${String(at + 1).padStart(2, "0")}T00:00:00.000-04:00`),
  ]);
  const again = await readAgain(first);
  assertEquals([again.records[0]?.availability, again.problems], [448, []]);
  assertEquals(written(again.records, base), first);
});

Deno.test("LinksWriter writes no list, no object and no value in which nothing is", async () => {
  const { records } = await feed({
    "locations.ndjson": [{ ...location, telecom: [], position: {}, note: null, x: [{}, { y: [[], null, 0] }] }],
    "slots.ndjson": [withCapacity("t", "none")],
  });
  const { files } = written(records);
  for (const text of Object.values(files)) assertEquals(/\[\]|\{\}|null/.test(text), false, text);
  assertEquals(JSON.parse(files["locations.ndjson"] ?? "").x, [{ y: [0] }]);
});

Deno.test("LinksWriter writes what an import reads as it was, whatever is counted", async () => {
  const values = [30, 0, 3_000_000_000, true, false, "unknown"] as const;
  const units = ["doses", "appointments", undefined] as const;
  const sites = values.flatMap((value) => units.map((unit) => site(value, { name: `${value} ${unit}`, unit })));
  const first = written(sites, base);
  assertValidFeed(first);
  const again = await readAgain(first);
  const shown = new Map(again.records.map(({ name, availability, unit }) => [name, [availability, unit]]));
  for (const { name, availability, unit } of sites) {
    // Where nothing is known, the unit is not known either.
    if (availability !== "unknown") assertEquals(shown.get(name), [availability, unit], name);
    else assertEquals(shown.get(name)?.[0], availability);
  }
  assertEquals(written(again.records, base), first);
});

Deno.test("LinksWriter writes that a place is closed, or unknown, only while its site shows that", async () => {
  const { records: [closed] } = await feed({ "locations.ndjson": [{ ...location, status: "inactive" }] });
  assert(closed?.availability === false);
  for (const availability of [false, 5, "unknown"] as const) {
    const again = await readAgain(written([{ ...closed, availability }]));
    assertEquals(again.records[0]?.availability, availability);
  }
  const [unknown] = written([site("unknown")]).files["schedules.ndjson"]?.split("\n") ?? [];
  assertStringIncludes(unknown ?? "", '"valueCode":"unknown"');
});

Deno.test("LinksWriter writes the states of Locations in two letters, and other words for busy as busy", async () => {
  const { records } = await feed({
    "locations.ndjson": [{ ...location, address: { ...location.address, state: "New Jersey" } }],
    "slots.ndjson": [withCapacity("t", 3, { status: "busy-tentative", start: "2023-03-25 09:00:00-04:00" })],
  });
  const { files } = written(records);
  assertEquals(JSON.parse(files["locations.ndjson"] ?? "").address.state, "NJ");
  const { status, start } = JSON.parse(files["slots.ndjson"] ?? "");
  assertEquals([status, start], ["busy", "2023-03-25T09:00:00-04:00"]);
});

Deno.test("LinksWriter writes a day where a document had no room for all Slots", async () => {
  const many = Array.from({ length: 500 }, (_, at) => withCapacity(`t${at}`, 1));
  const { records } = await feed({ "slots.ndjson": many });
  const first = written(records);
  assertEquals(slotsOf(first).length, 1);
  const again = await readAgain(first);
  assertEquals(again.records[0]?.availability, 500);
  assertEquals(written(again.records), first);
});

Deno.test("LinksWriter makes no report of a site that nobody has reported", async () => {
  const never = site(0, { observedAt: undefined });
  const first = written([never, site("unknown", { name: "Other" })], base);
  assertValidFeed(first);
  const again = await readAgain(first);
  assertEquals(again.records.map(({ name, availability, observedAt }) => [name, availability, observedAt]), [
    ["Clinic", undefined, undefined],
    ["Other", "unknown", observedAt],
  ]);
  assertEquals(written(again.records.map((record) => ({ availability: 0, ...record })), base), first);
});

Deno.test("LinksWriter tells ids of two feeds apart", async () => {
  const one = await feed({ "schedules.ndjson": [{ ...schedule, ...services }] });
  const other = await feed(
    {
      "locations.ndjson": [{ ...location, name: "CVS" }],
      "schedules.ndjson": [{ ...schedule, ...services }],
    },
    undefined,
    { request: "https://other.example/$bulk-publish" },
  );
  const both = written([...one.records, ...other.records], base);
  assertValidFeed(both);
  const again = await readAgain(both);
  assertEquals(again.problems, []);
  assertEquals(again.records.map(({ name, source }) => [name, source]), [
    ["CVS", "https://other.example/$bulk-publish"],
    ["Rite Aid", "https://publisher.example/$bulk-publish"],
  ]);
  assertEquals(written(again.records, base), both);
});

Deno.test("LinksWriter writes what is read as the same sites, also where they are already", async () => {
  const { records } = await feed({ "slots.ndjson": [withCapacity("t", 3)] });
  const sites = [...records, site(5, { name: "Rite Aid 2", source: "by phone", unit: "appointments" })];
  const known = new KnownSites();
  for (const each of sites) known.add(each);
  const again = await readAgain(written(sites), known);
  assertEquals(again.problems, []);
  const essence = ({ name, zip, availability, unit, observedAt }: Partial<ExportRecord>) => {
    return { name, zip, availability, unit, observedAt };
  };
  assertEquals(again.records.map(essence), sites.map(essence));
  // The report of the feed is the same in all that counts, so that nothing is logged.
  assertEquals(again.records[0]?.source, records[0]?.source);
});

Deno.test("what is exported, imported and exported again has equal bytes", async () => {
  await fc.assert(fc.asyncProperty(fc.uniqueArray(record, { selector: ({ name }) => name }), async (sites) => {
    const first = written(sites, base);
    assertValidFeed(first);
    const { records, problems } = await readAgain(first);
    assertEquals(problems.filter(({ kind }) => effectOf(kind) === "refused"), []);
    const open = sites.filter(({ retired }) => retired === undefined);
    assertEquals(new Set(records.map(({ name }) => name)), new Set(open.map(({ name }) => name)));
    assertEquals(written(records, base), first);
  }));
});

Deno.test("what is exported, imported and exported again has equal bytes, with the Slots of a feed", async () => {
  const anySlot = fc.record({
    id: fc.constantFrom("1", "2", "10", "t"),
    schedule: fc.constantFrom("1", "2", "10").map((id) => ({ reference: `Schedule/${id}` })),
    status: fc.constantFrom("free", "busy", "busy-tentative", "entered-in-error"),
    start: fc.constantFrom("2023-03-25T09:00:00-04:00", "2023-03-25 09:00-04", "2023-03-25T10:00:00Z"),
    end: fc.constantFrom(slot.end, slot.end, "2023-03-25T10:00:60Z"),
    capacity: fc.constantFrom(undefined, 0, 3, "4", -1, 2 ** 31),
  }).map(({ capacity, ...more }) => capacity === undefined ? { ...slot, ...more } : withCapacity("", capacity, more));
  const scheduleOf = (id: string, location: string, more: object = {}) => {
    return { ...schedule, ...more, id, actor: [{ reference: `Location/${location}` }] };
  };
  const registry = "http://fhir-registry.smarthealthit.org/StructureDefinition";
  const cvx = "http://hl7.org/fhir/sid/cvx";
  const more = fc.record({
    active: fc.constantFrom(undefined, true, false),
    serviceType: fc.constantFrom(undefined, services.serviceType, [{
      coding: services.serviceType[0]?.coding.slice(1),
    }]),
    extension: fc.subarray([
      { url: `${registry}/vaccine-product`, valueCoding: { system: cvx, code: "207", display: "207" } },
      { url: `${registry}/vaccine-product`, valueCoding: { system: cvx, code: "208", display: "208" } },
      { url: `${registry}/has-availability`, valueCode: "none" },
      { url: `${registry}/has-availability`, valueCode: "some" },
    ]),
  });
  const anySchedules = fc.tuple(more, more, more, more).map((mores) => {
    const places = [["1", "1"], ["2", "2"], ["10", "2"], ["2-2", "1"]];
    return places.map(([id, location], at) => scheduleOf(id, location, mores[at]));
  });
  const anyStatus = fc.constantFrom(undefined, "active", "inactive");
  // Another feed, whose ids are the same, comes before it.
  const other = await feed({ "schedules.ndjson": [scheduleOf("2", "116")], "slots.ndjson": [] });
  const anySlots = fc.array(anySlot, { maxLength: 30 });
  await fc.assert(fc.asyncProperty(anySlots, anySchedules, anyStatus, async (slots, schedules, status) => {
    const read = await feed({
      "locations.ndjson": [{ ...location, id: "1", status }, { ...location, id: "2" }],
      "schedules.ndjson": schedules,
      "slots.ndjson": slots,
    });
    const records = [...other.records.map((record) => ({ ...record, name: "A" })), ...read.records];
    const first = written(records, base);
    assertValidFeed(first);
    const again = await readAgain(first);
    assertEquals(
      again.records.map(({ availability }) => availability),
      records.map(({ availability }) => availability),
    );
    assertEquals(written(again.records, base), first);
  }));
});

Deno.test("LinksWriter writes whatever a document says, since anybody may have written it", () => {
  const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(undefined));
  const resource = (...fields: string[]) => fc.record(Object.fromEntries(fields.map((field) => [field, anything])));
  const document = fc.record({
    location: resource("id", "identifier", "address", "meta", "name").map((fields) => {
      return { ...fields, resourceType: "Location" };
    }),
    schedules: fc.array(resource("id", "actor", "extension")),
    slots: fc.array(resource("id", "schedule", "start", "end", "status", "extension")),
  });
  fc.assert(fc.property(document, fc.boolean(), (document, availability) => {
    // A number that no double holds, where a text is expected.
    const text = JSON.stringify(document).replaceAll("null", "12345678901234567890");
    for (const shown of [availability, "unknown" as const, 0]) {
      const { files } = written([site(shown, { document: text })]);
      for (const file of Object.values(files)) {
        for (const line of file.split("\n").slice(0, -1)) assert(typeof JSON.parse(line).id === "string");
      }
    }
  }));
});
