/**
 * Broken feeds of SMART Scheduling Links, one fault a test: what is told, in which file and line, and what is made of
 * the site all the same.
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { documentBytesMax } from "../../src/limits.ts";
import { inputLineBytesMax } from "../../src/formats/lines.ts";
import type { ProblemKind } from "../../src/formats/problem_kinds.ts";
import type { Availability } from "../../src/database/values.ts";
import { FeedError, parseManifest } from "../../src/formats/scheduling_links.ts";
import { bytesOf, feed, type Files, location, manifest, schedule, slot, withCapacity } from "./reading.ts";

/** Where something is told: L, S or T for the file of Locations, Schedules or Slots, and the line. */
type Told = readonly [place: string, kind: ProblemKind];

const letters = new Map([["locations.ndjson", "L"], ["schedules.ndjson", "S"], ["slots.ndjson", "T"]]);

function broken(
  name: string,
  files: Files,
  told: readonly Told[],
  word: string,
  availabilities: readonly Availability[],
): void {
  Deno.test(`readSchedulingLinks() ${name}`, async () => {
    const { records, problems } = await feed(files);
    assertEquals(
      problems.map(({ file, line, kind }) => [`${letters.get(file ?? "")}${line}`, kind]),
      told.map((each) => [...each]),
    );
    assertStringIncludes(problems.map(({ what }) => what).join("\n"), word);
    assertEquals(records.map(({ availability }) => availability), [...availabilities]);
  });
}

function at(change: object): object {
  return { ...location, address: { ...location.address, ...change } };
}

const plain = JSON.stringify;
const dose = "http://fhir-registry.smarthealthit.org/StructureDefinition/vaccine-dose";
const vtrcks = "https://cdc.gov/vaccines/programs/vtrcks";

broken("takes a feed that nothing is wrong with", {}, [], "", [true]);

// ZIP codes.
broken(
  "puts a lost zero back",
  { "locations.ndjson": [at({ postalCode: "8332" })] },
  [["L1", "zip-lost-zero"]],
  "08332",
  [
    true,
  ],
);
broken(
  "does so where four more digits follow",
  { "locations.ndjson": [at({ postalCode: "8332-3762" })] },
  [
    ["L1", "zip-lost-zero"],
    ["L1", "zip-plus-four"],
  ],
  '"8332-3762"',
  [true],
);
broken(
  "does so where the four have lost theirs",
  { "locations.ndjson": [at({ postalCode: "8015-385" })] },
  [
    ["L1", "zip-lost-zero"],
    ["L1", "zip-extension"],
  ],
  "3 digits",
  [true],
);
broken(
  "does so where the ZIP code is a number",
  { "locations.ndjson": [at({ postalCode: 8332 })] },
  [
    ["L1", "zip-as-number"],
    ["L1", "zip-lost-zero"],
  ],
  "JSON number",
  [true],
);
broken(
  "puts two lost zeros back in Puerto Rico",
  { "locations.ndjson": [at({ postalCode: "601", state: "PR" })] },
  [["L1", "zip-lost-zero"]],
  "00601",
  [true],
);
broken(
  "takes five of nine digits",
  { "locations.ndjson": [at({ postalCode: "08332-3762" })] },
  [
    ["L1", "zip-plus-four"],
  ],
  "08332",
  [true],
);
broken(
  "puts no zero back where the state's ZIP codes may begin otherwise",
  { "locations.ndjson": [at({ postalCode: "6390", state: "NY" })] },
  [["L1", "zip-invalid"], ["S1", "of-refused"], ["T1", "of-refused"]],
  '"6390" in "NY"',
  [],
);
broken(
  "puts no zero back where the ZIP code would be another state's",
  { "locations.ndjson": [at({ postalCode: "2138", state: "NJ" })] },
  [["L1", "zip-invalid"], ["S1", "of-refused"], ["T1", "of-refused"]],
  '"2138"',
  [],
);
broken(
  "refuses a Location without a ZIP code, and what belongs to it",
  { "locations.ndjson": [at({ postalCode: undefined })] },
  [["L1", "zip-missing"], ["S1", "of-refused"], ["T1", "of-refused"]],
  "no postalCode",
  [],
);

// Ids and references.
broken(
  "refuses a resource without an id",
  { "locations.ndjson": [{ ...location, id: undefined }, location] },
  [["L1", "id-missing"]],
  "The Location has no id; it was left out",
  [true],
);
broken(
  "refuses a resource with an id of another type",
  { "locations.ndjson": [{ ...location, id: true }, location] },
  [["L1", "id-missing"]],
  'Its id is "true"; it was left out',
  [true],
);
broken(
  "shows the words of a resource in one pair of quotes",
  { "slots.ndjson": [{ ...slot, resourceType: "Bundle" }, { ...slot, status: "closed" }] },
  [["T1", "resource-type"], ["T2", "status-unknown"]],
  'The resourceType is "Bundle" in a file of Slots; it was left out\nThe status "closed" is neither',
  ["unknown"],
);
broken(
  "names the service of a Schedule that is not counted",
  {
    "schedules.ndjson": [schedule, {
      ...schedule,
      id: "2",
      serviceType: [{ coding: [{ code: "124", display: "General Practice" }, { code: "125" }] }],
    }],
  },
  [["S2", "schedule-other"]],
  'The Schedule "2" is for "General Practice, 125", not for immunization',
  [true],
);
broken(
  "takes an id that is a number",
  { "locations.ndjson": [{ ...location, id: 116 }] },
  [["L1", "id-as-number"]],
  "116",
  [
    true,
  ],
);
broken(
  "keeps an id that no id may be",
  {
    "locations.ndjson": [{ ...location, id: "a_b" }],
    "schedules.ndjson": [{ ...schedule, actor: [{ reference: "Location/a_b" }] }],
  },
  [["L1", "id-invalid"]],
  '"a_b"',
  [true],
);
broken(
  "counts Slots that share an id, each of them",
  { "slots.ndjson": [withCapacity("t", 2), withCapacity("t", 3), withCapacity("u", 5)] },
  [["T1", "slot-id-shared"], ["T2", "slot-id-shared"]],
  "2 Slots",
  [10],
);
broken(
  "counts a Slot once that is there twice, word for word",
  { "slots.ndjson": [withCapacity("t", 2), withCapacity("t", 2)] },
  [["T2", "slot-repeated"]],
  "counts once",
  [2],
);
broken(
  "takes a Location and a Schedule once that are there twice, the same in all",
  { "locations.ndjson": [location, location], "schedules.ndjson": [schedule, schedule] },
  [["L2", "location-repeated"], ["S2", "schedule-repeated"]],
  "the same in all",
  [true],
);
broken(
  "refuses Locations that share an id and differ, in whatever order",
  { "locations.ndjson": [location, { ...location, name: "CVS" }] },
  [["L1", "location-ambiguous"], ["L2", "location-ambiguous"], ["S1", "of-refused"], ["T1", "of-refused"]],
  "2 Locations",
  [],
);
broken(
  "refuses Schedules that share an id and differ",
  { "schedules.ndjson": [schedule, { ...schedule, comment: "x" }] },
  [["S1", "schedule-ambiguous"], ["S2", "schedule-ambiguous"], ["T1", "of-refused"]],
  "2 Schedules",
  ["unknown"],
);
broken(
  "refuses a Schedule of a Location that is not there, and its Slots",
  { "schedules.ndjson": [{ ...schedule, actor: [{ reference: "Location/9" }] }] },
  [["S1", "schedule-unresolved"], ["T1", "of-refused"]],
  '"Location/9"',
  ["unknown"],
);
broken(
  "refuses a Schedule without a Location, or of two",
  {
    "schedules.ndjson": [
      { ...schedule, id: "a", actor: undefined },
      { ...schedule, id: "b", actor: [...schedule.actor, { reference: "Location/2" }] },
      { ...schedule, actor: [...schedule.actor, { reference: "Practitioner/2" }] },
    ],
  },
  [["S1", "schedule-unresolved"], ["S2", "schedule-unresolved"]],
  "not one Location",
  [true],
);
broken(
  "refuses a Slot of a Schedule that is not there, or of none",
  { "slots.ndjson": [{ ...slot, schedule: { reference: "Schedule/9" } }, { ...slot, schedule: "s1" }] },
  [["T1", "slot-unresolved"], ["T2", "slot-unresolved"]],
  '"Schedule/9"',
  ["unknown"],
);

// Names.
broken(
  "tells Locations of one name apart",
  { "locations.ndjson": [location, { ...location, id: "117" }] },
  [["L1", "name-shared"], ["L2", "name-shared"]],
  '"Rite Aid, Millville (117)"',
  [true, "unknown"],
);
broken(
  "refuses a name that a site cannot have",
  { "locations.ndjson": [{ ...location, name: "a\u0007" }] },
  [["L1", "name-invalid"], ["S1", "of-refused"], ["T1", "of-refused"]],
  "control",
  [],
);

// Slots.
broken(
  "refuses a Slot of unknown status, and is certain of nothing then",
  {
    "slots.ndjson": [{ ...slot, status: "maybe" }, { ...slot, id: "b", status: undefined }, {
      ...slot,
      status: "busy",
    }],
  },
  [["T1", "status-unknown"], ["T2", "status-unknown"]],
  '"maybe"',
  ["unknown"],
);
broken(
  "refuses a Slot that ends before it begins",
  { "slots.ndjson": [{ ...slot, end: "2023-03-25T08:59:59-04:00" }] },
  [["T1", "end-before-start"]],
  "08:59:59",
  ["unknown"],
);
broken(
  "refuses invalid instants, or have no offset",
  { "slots.ndjson": [{ ...slot, start: "2023-03-25T09:00:00" }, { ...slot, end: "x" }, { ...slot, end: undefined }] },
  [["T1", "instant-invalid"], ["T2", "instant-invalid"], ["T3", "instant-invalid"]],
  '"2023-03-25T09:00:00"',
  ["unknown"],
);
broken(
  "adds the minutes to an offset of hours, as in the specification's own example",
  { "slots.ndjson": [{ ...slot, start: "2023-03-25T09:00:00-04" }] },
  [["T1", "instant-short"]],
  '"2023-03-25T09:00:00-04:00"',
  [true],
);
broken(
  "keeps an offset that its place does not have then",
  { "slots.ndjson": [{ ...slot, start: "2023-03-25T09:00:00-05:00", end: "2023-03-25T18:00:00-05:00" }] },
  [["T1", "offset-impossible"]],
  "NJ",
  [true],
);
broken(
  "takes an offset that the place has in winter, and UTC at any time",
  {
    "slots.ndjson": [
      { ...slot, start: "2023-03-11T09:00:00-05:00", end: "2023-04-13T09:00:00-04:00" },
      { ...slot, id: "u", start: "2023-03-25T09:00:00Z", end: "2023-03-25T10:00:00Z" },
    ],
  },
  [],
  "",
  [true],
);
broken(
  "takes a capacity that is a text",
  { "slots.ndjson": [withCapacity("a", "0"), withCapacity("b", "1")] },
  [["T1", "capacity-text"], ["T1", "slot-free-empty"], ["T2", "capacity-text"]],
  '"1"',
  [1],
);
broken(
  "takes a Slot whose capacity is none as one without",
  { "slots.ndjson": [withCapacity("a", -1), withCapacity("b", 7)] },
  [["T1", "capacity-invalid"]],
  '"-1"',
  [true],
);
broken(
  "keeps the number of a dose that does not exist",
  { "schedules.ndjson": [{ ...schedule, extension: [{ url: dose, valueInteger: 9 }] }] },
  [["S1", "dose-out-of-range"]],
  '"9"',
  [true],
);
broken(
  "keeps a VTrckS PIN that is a text",
  { "locations.ndjson": [{ ...location, identifier: [{ system: vtrcks, value: "unknown VTrckS pin for 13656" }] }] },
  [["L1", "vtrcks-unknown"]],
  "unknown VTrckS pin for 13656",
  [true],
);

// Lines.
broken(
  "refuses lines that are not JSON, no object, or of another type",
  { "slots.ndjson": `{\n[]\n${plain(location)}\n\n${plain({ ...slot, resourceType: undefined })}\n${plain(slot)}\n` },
  [["T1", "not-json"], ["T2", "not-object"], ["T3", "resource-type"], ["T5", "resource-type"]],
  "in a file of Slots",
  [true],
);
broken(
  "tells a byte order mark, and refuses a line of endless length",
  { "slots.ndjson": `\ufeff${plain(slot)}\n${"x".repeat(inputLineBytesMax + 1)}\n` },
  [["T1", "bom"], ["T2", "line-too-long"]],
  "over",
  [true],
);
broken(
  "adds Slots up by day where there is no room for all, and counts all",
  { "slots.ndjson": Array.from({ length: 500 }, (_, at) => withCapacity(`t${at}`, 1)) },
  [["L1", "slots-by-day"]],
  "the 500 Slots",
  [500],
);
broken(
  "keeps of the Slots of many days as many as there is room for, and counts all",
  {
    "slots.ndjson": Array.from({ length: 500 }, (_, at) => {
      const [start, end] = [9, 10].map((hour) => new Date(Date.UTC(2023, 3, 1 + at, hour)).toISOString());
      return withCapacity(`t${at}`, 1, { start, end });
    }),
  },
  [["L1", "slots-left-out"]],
  "of the 500 Slots",
  [500],
);
broken(
  "takes the report of a Location that is too large to be kept",
  { "locations.ndjson": [{ ...location, description: "x".repeat(documentBytesMax) }] },
  [["L1", "document-left-out"]],
  "no room",
  [true],
);

Deno.test("readSchedulingLinks() passes over files of other resources, and reads a list inside the list", async () => {
  const output = [
    { type: "Location", url: "locations.ndjson" },
    { type: "Practitioner", url: "ftp://publisher.example/practitioners.ndjson" },
    [{ type: "Schedule", url: "schedules.ndjson" }, { type: "Slot", url: "slots.ndjson" }],
  ];
  const { records, problems } = await feed({}, undefined, { output, error: [{ type: "OperationOutcome" }] });
  assertEquals(problems.map(({ kind }) => kind), ["output-nested", "output-other", "publisher-error"]);
  assertEquals(records.map(({ availability }) => availability), [true]);
});

Deno.test("readSchedulingLinks() leaves a source out that is too long", async () => {
  const { records, problems } = await feed({}, undefined, { request: `https://publisher.example/${"x".repeat(200)}` });
  assertEquals(problems.map(({ kind }) => kind), ["source-unusable"]);
  assertEquals(records[0]?.source, undefined);
});

Deno.test("readSchedulingLinks() fails as a whole where a part would be wrong", async () => {
  const cases: [object, string][] = [
    [{ transactionTime: undefined }, "transactionTime is missing"],
    [{ transactionTime: "2023-03-24" }, '"2023-03-24"'],
    [{ output: undefined }, "output is missing"],
    [{ output: [{ type: "Slot", url: "slots.ndjson" }] }, "no file of Locations"],
    ...[{ type: "Slot", url: "file:///etc/passwd" }, { type: "Slot", url: "ftp://publisher.example/slots.ndjson" }, {
      type: "Slot",
    }].map((file): [object, string] => [{ output: [...manifest.output, file] }, "cannot be read"]),
    [{ output: [...manifest.output, "slots.ndjson"] }, "nobody knows"],
  ];
  for (const [change, why] of cases) await assertRejects(() => feed({}, undefined, change), FeedError, why);
  for (
    const [text, why] of [["[]", "not a JSON object"], ["{", "not a JSON object"], [new Uint8Array([0xff]), "UTF-8"]]
  ) {
    const bytes = bytesOf(text as string | Uint8Array);
    await assertRejects(() => parseManifest(bytes, "https://x.example/m"), FeedError, why as string);
  }
});
