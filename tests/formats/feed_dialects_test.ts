/**
 * How publishers say things in feeds, and what follows for a site: one way a test, with what is told of it.
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Availability } from "../../src/database/values.ts";
import type { ProblemKind } from "../../src/formats/problem_kinds.ts";
import { FeedError } from "../../src/formats/scheduling_links.ts";
import { feed, type Files, location, manifest, schedule, slot, withCapacity } from "./reading.ts";

const registry = "http://fhir-registry.smarthealthit.org/StructureDefinition";
const busy = { status: "busy" };
const past = { start: "2023-03-24T09:00:00-04:00", end: "2023-03-24T16:27:12-04:00" };

/** A way of saying something: the files, what is told of them, and the availability of each site. */
function says(
  name: string,
  files: Files,
  told: readonly ProblemKind[],
  availabilities: readonly (Availability | undefined)[],
  change: object = {},
): void {
  Deno.test(`readSchedulingLinks() ${name}`, async () => {
    const { records, problems } = await feed(files, undefined, change);
    assertEquals(problems.map(({ kind }) => kind), [...told]);
    assertEquals(records.map(({ availability }) => availability), [...availabilities]);
  });
}

function slots(...lines: readonly object[]): Files {
  return { "slots.ndjson": lines };
}

function services(...codes: readonly string[]): object {
  return { serviceType: [{ coding: codes.map((code) => ({ code })) }] };
}

// Which Slots count.
says("counts no Slot that had ended", slots(withCapacity("a", 3, past), withCapacity("b", 4)), ["slot-past"], [4]);
says("knows nothing if all had ended", slots(withCapacity("a", 3, past)), ["slot-past"], ["unknown"]);
says("counts a Slot that has begun", slots(withCapacity("a", 3, { ...past, end: slot.end })), [], [3]);
says(
  "takes the other words for busy",
  slots(withCapacity("a", 3, { status: "busy-unavailable" }), { ...slot, status: "busy-tentative" }),
  [],
  [0],
);
says(
  "counts no Slot that was entered in error",
  slots(withCapacity("a", 3, { status: "entered-in-error" }), withCapacity("b", 0, busy)),
  ["slot-in-error"],
  [0],
);
says(
  "leaves out Schedules of other services, and is not certain of nothing then",
  {
    "schedules.ndjson": [schedule, { ...schedule, id: "s2", ...services("124") }],
    ...slots(withCapacity("a", 0, busy), withCapacity("b", 40, { schedule: { reference: "Schedule/s2" } })),
  },
  ["schedule-other"],
  ["unknown"],
);
for (const given of [services("57"), services("covid19-immunization", "9"), services(), { serviceType: null }]) {
  says(
    `counts Schedules that say ${JSON.stringify(given)}`,
    { "schedules.ndjson": [{ ...schedule, ...given }] },
    [],
    [true],
  );
}
says(
  "counts no Schedule that is not active",
  { "schedules.ndjson": [{ ...schedule, active: false }] },
  ["schedule-inactive"],
  [false],
);
says(
  "has nothing where the Location is not active",
  { "locations.ndjson": [{ ...location, status: "suspended" }] },
  ["location-inactive"],
  [false],
);

// Lines that cannot be read.
for (const [what, line] of Object.entries({ id: { ...slot, id: undefined }, type: { ...slot, resourceType: "X" } })) {
  says(
    `is not certain of nothing where a Slot has a wrong ${what}`,
    slots(withCapacity("a", 0, busy), line),
    [what === "id" ? "id-missing" : "resource-type"],
    ["unknown"],
  );
}
says(
  "is not certain of nothing at any site where a line is not JSON",
  {
    "locations.ndjson": [location, { ...location, id: "117", name: "CVS" }, { ...location, id: "118", name: "Kroger" }],
    "schedules.ndjson": [1, 2, 3].map((at) => {
      return { ...schedule, id: `s${at}`, actor: [{ reference: `Location/${115 + at}` }] };
    }),
    "slots.ndjson": [
      withCapacity("a", 0, busy),
      withCapacity("b", 2, { schedule: { reference: "Schedule/s2" } }),
      { ...slot, ...busy, id: "c", schedule: { reference: "Schedule/s3" } },
    ].map((line) => `${JSON.stringify(line)}\n`).join("") + "{\n",
  },
  ["not-json"],
  ["unknown", 2, "unknown"],
);
says(
  "is not certain of nothing where a Schedule has no id",
  { "schedules.ndjson": [schedule, { ...schedule, id: "" }], ...slots({ ...slot, ...busy }) },
  ["id-missing"],
  ["unknown"],
);
says(
  "takes a tab inside a text as a space",
  { "slots.ndjson": `\t${JSON.stringify(withCapacity("a", 5, { comment: "A B" })).replace("A B", "A\tB")}\n` },
  ["raw-tab"],
  [5],
);

Deno.test("readSchedulingLinks() fails as a whole where a file is cut, or is a page", async () => {
  const line = JSON.stringify(slot);
  const cases: [Files, string][] = [
    [{ "slots.ndjson": `${line}\n${line.slice(0, -20)}` }, 'the file "slots.ndjson" ends in the middle of a line'],
    [{ "locations.ndjson": "\n<!DOCTYPE html>\n<html>\n" }, 'the file "locations.ndjson" is HTML'],
  ];
  for (const [files, why] of cases) await assertRejects(() => feed(files), FeedError, why);
  // A last line may lack its end.
  assertEquals((await feed({ "slots.ndjson": line })).problems, []);
});

// Capacities.
function capacity(value: object): Files {
  return slots({ ...slot, extension: [{ url: `${registry}/slot-capacity`, ...value }] });
}
says("takes a decimal capacity", capacity({ valueDecimal: 5.0 }), ["capacity-type"], [5]);
says("takes an unsigned capacity", capacity({ valueUnsignedInt: 5 }), ["capacity-type"], [5]);
says("takes a capacity in spaces", capacity({ valueInteger: " 5 " }), ["capacity-text"], [5]);
says("takes a capacity in a text", capacity({ valueString: "5" }), ["capacity-text"], [5]);
says("counts some where the capacity is negative", capacity({ valueInteger: -3 }), ["capacity-invalid"], [true]);
says("counts some where the capacity is a part", capacity({ valueDecimal: 2.5 }), ["capacity-invalid"], [true]);
says("tells a free Slot of no capacity", capacity({ valueInteger: 0 }), ["slot-free-empty"], [0]);

// The same again.
function reversed(resource: object): object {
  return Object.fromEntries(Object.entries(resource).reverse());
}
says(
  "counts a Slot once whose keys come in another order",
  slots(withCapacity("a", 5), reversed(withCapacity("a", 5)), withCapacity("a", 5, { comment: "x" })),
  ["slot-repeated", "slot-id-shared", "slot-id-shared"],
  [10],
);
says(
  "takes a Location once whose keys come in another order",
  { "locations.ndjson": [location, reversed(location)] },
  ["location-repeated"],
  [true],
);

Deno.test("readSchedulingLinks() adds up the appointments of one product, and not those of several", async () => {
  const url = `${registry}/vaccine-product`;
  const of = (id: string, ...codes: readonly string[]) => ({
    ...schedule,
    id,
    extension: codes.map((code) => ({ url, valueCoding: { system: "http://hl7.org/fhir/sid/cvx", code } })),
  });
  const at = (id: string, capacity: unknown, schedule: string, more: object = {}) => {
    return withCapacity(id, capacity, { schedule: { reference: `Schedule/${schedule}` }, ...more });
  };
  const schedules = [of("m", "207"), of("n", "207"), of("p", "208"), of("q")];
  const cases: [readonly object[], Availability, Record<string, Availability>][] = [
    [[at("a", 10, "m"), at("b", 10, "p")], 10, { 207: 10, 208: 10 }],
    [[at("a", 10, "m"), at("b", 3, "n"), at("c", 12, "p")], 13, { 207: 13, 208: 12 }],
    [[at("a", 1, "m"), at("b", 5, "q")], 5, { 207: 1, 208: "unknown", "not said": 5 }],
    [[at("a", 10, "m"), at("b", -1, "p")], true, { 207: 10, 208: true }],
    [[at("a", 0, "m", busy), at("b", 7, "p")], 7, { 207: 0, 208: 7 }],
    [[at("a", 9, "m", busy), at("b", 7, "p", { status: "?" })], "unknown", { 207: "unknown", 208: "unknown" }],
    [[], "unknown", { 207: "unknown", 208: "unknown" }],
  ];
  for (const [lines, availability, products] of cases) {
    const { records: [record] } = await feed({ "schedules.ndjson": schedules, "slots.ndjson": lines });
    assertEquals(record?.availability, availability, JSON.stringify(lines));
    assertEquals(
      Object.fromEntries(record?.products?.map((each) => [each.product, each.availability]) ?? []),
      products,
    );
  }
});

says(
  "counts free Slots though an aggregator says none, and tells it",
  {
    "schedules.ndjson": [{ ...schedule, extension: [{ url: `${registry}/has-availability`, valueCode: "none" }] }],
    ...slots(withCapacity("a", 5)),
  },
  ["none-but-free"],
  [5],
);

// Manifests.
says("takes a space for the T of its time", {}, ["instant-space"], [true], {
  transactionTime: "2023-03-24 20:27:12.613Z",
});
says("takes the second 60 for the one before", {}, ["instant-leap"], [true], {
  transactionTime: "2023-03-24T20:27:60Z",
});
says(
  "tells an empty feed",
  { "locations.ndjson": "", "schedules.ndjson": "", "slots.ndjson": "" },
  ["feed-empty"],
  [],
);
says(
  "does not call a feed empty whose Locations cannot be read",
  { "locations.ndjson": [{ resourceType: "Bundle" }], "schedules.ndjson": "", "slots.ndjson": "" },
  ["resource-type"],
  [],
);

Deno.test("readSchedulingLinks() is as of when a file of Slots was made", async () => {
  const currentAsOf = "2023-03-24T01:31:57.102Z";
  const output = manifest.output.map((file) => {
    return { ...file, extension: file.type === "Slot" ? { state: ["NJ"], currentAsOf } : null };
  });
  const { records: [record] } = await feed({}, undefined, { output });
  assertEquals(record?.observedAt, Date.parse(currentAsOf));
  const sooner = output.map((file) => ({ ...file, extension: { currentAsOf: "nonsense" } }));
  const { records: [other] } = await feed({}, undefined, { output: sooner });
  assertEquals(other?.observedAt, Date.parse(manifest.transactionTime));
});

Deno.test("readSchedulingLinks() takes a feed that was asked for changes as the same source", async () => {
  const request = `${manifest.request}?_since=2023-03-24T00:00:00Z`;
  const { records: [record] } = await feed({}, undefined, { request });
  assertEquals([record?.source, record?.location?.feed], [manifest.request, manifest.request]);
});

Deno.test("readSchedulingLinks() reads one state, and tells nothing of the others", async () => {
  const elsewhere = { ...location, id: "9", name: "Elsewhere", address: { state: "New York", postalCode: "10001" } };
  const files = {
    "locations.ndjson": [location, elsewhere, { ...elsewhere, id: "8", address: { postalCode: "10001" } }],
    "schedules.ndjson": [schedule, { ...schedule, id: "s9", actor: [{ reference: "Location/9" }] }],
    "slots.ndjson": [slot, { ...slot, schedule: { reference: "Schedule/s9" } }, {
      ...slot,
      schedule: { reference: "Schedule/of another file" },
    }],
  };
  const output = [...manifest.output, { type: "Slot", url: "missing.ndjson", extension: { state: ["NY"] } }];
  const { records, problems } = await feed(files, undefined, { output }, { state: "NJ" });
  assertEquals([records.map(({ name }) => name), problems], [["Rite Aid"], []]);
  await assertRejects(
    () => feed({}, undefined, { output: output.slice(3) }, { state: "NJ" }),
    FeedError,
    "Locations in NJ",
  );
});

// Locations.
Deno.test("readSchedulingLinks() tells what looks like the store of a test, and keeps it", async () => {
  const { records, problems } = await feed({
    "locations.ndjson": [
      { ...location, id: "99999", name: "A" },
      { ...location, name: "The Test Store" },
      { ...location, id: "9999", name: "Testa Pharmacy" },
    ],
  });
  assertEquals(problems.map(({ line, kind }) => [line, kind]), [[1, "location-test"], [2, "location-test"]]);
  assertEquals(records.length, 3);
});

Deno.test("readSchedulingLinks() takes a Location with a slash in its id, and finds what refers to it", async () => {
  const references = ["Location/a/b", "https://publisher.example/fhir/Location/a/b", "Location/a/b/_history/2"];
  const { records } = await feed({
    "locations.ndjson": [{ ...location, id: "a/b" }],
    "schedules.ndjson": references.map((reference, at) => ({ ...schedule, id: `s${at}`, actor: [{ reference }] })),
    "slots.ndjson": references.map((_, at) => withCapacity(`${at}`, 1, { schedule: { reference: `Schedule/s${at}` } })),
  });
  assertEquals([records[0]?.availability, records[0]?.location?.id], [3, "a/b"]);
});

Deno.test("readSchedulingLinks() cuts a name that is too long at its end, and tells it", async () => {
  const { records, problems } = await feed({ "locations.ndjson": [{ ...location, name: `${"é💉".repeat(101)} x ` }] });
  assertEquals(records[0]?.name, "é💉".repeat(100));
  assertEquals(problems.map(({ kind }) => kind), ["name-shortened"]);
  assertStringIncludes(problems[0]?.what ?? "", "204 characters");
});

Deno.test("readSchedulingLinks() takes a state by its name, and a ZIP code with its state before it", async () => {
  const at = (address: object) => ({ "locations.ndjson": [{ ...location, address }] });
  const { records, problems } = await feed(at({ state: "new  jersey", postalCode: "8332" }));
  assertEquals([records[0]?.zip, problems.map(({ kind }) => kind)], ["08332", ["state-name", "zip-lost-zero"]]);
  const other = await feed(at({ state: "NJ", postalCode: "NJ 07001-1234" }));
  assertEquals([other.records[0]?.zip, other.problems.map(({ kind }) => kind)], ["07001", [
    "zip-state",
    "zip-plus-four",
  ]]);
  // Which of the two is wrong, nobody knows.
  assertEquals((await feed(at({ state: "NJ", postalCode: "NY 07001" }))).problems[0]?.kind, "zip-invalid");
});

Deno.test("readSchedulingLinks() carries what a Location is known by", async () => {
  const pin = { system: "https://cdc.gov/vaccines/programs/vtrcks", value: "AB1116" };
  const { records: [record] } = await feed({
    "locations.ndjson": [{
      ...location,
      identifier: [pin, { system: "urn:vaxlog:site-name", value: "Rite Aid" }, { value: "5" }],
    }],
  });
  const madeAt = Date.parse(manifest.transactionTime);
  const feedOf = { feed: manifest.request, madeAt, isKnown: false };
  assertEquals(record?.location, { ...feedOf, id: "116", identifiers: [pin] });
  assertEquals(record?.address, "907 North High Street, Millville");
});

Deno.test("readSchedulingLinks() adds up by day from which the same follows", async () => {
  const hours = Array.from({ length: 448 }, (_, at) => {
    const start = Date.parse("2023-03-28T13:00:00Z") + Math.floor(at / 32) * 86_400_000 + (at % 32) * 900_000;
    return {
      start: Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO("America/New_York").toString({
        timeZoneName: "never",
      }),
      end: new Date(start + 900_000).toISOString(),
    };
  });
  const cases: [unknown, string, Availability, unknown][] = [
    [1, "free", 448, 32],
    [undefined, "free", true, undefined],
    [1, "busy", 0, 0],
    [undefined, "busy", false, undefined],
  ];
  for (const [value, status, availability, ofDay] of cases) {
    const lines = hours.map((hour, at) => ({
      ...value === undefined ? slot : withCapacity("", value),
      id: `t${at}`,
      status,
      ...hour,
    }));
    const { records: [record], problems } = await feed({ "slots.ndjson": lines });
    assertEquals([record?.availability, problems.map(({ kind }) => kind)], [availability, ["slots-by-day"]]);
    const document = JSON.parse(record?.document ?? "");
    assertEquals([document.slots.length, document.slotsByDay], [14, 448]);
    const [first] = document.slots;
    assertEquals([first.start, first.end, first.status], [
      "2023-03-28T00:00:00.000-04:00",
      "2023-03-29T00:00:00.000-04:00",
      status,
    ]);
    assertEquals(first.extension?.[0].valueInteger, ofDay);
    assert((record?.document ?? "").length < 49_152);
  }
});
