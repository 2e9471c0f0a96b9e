/** Exports of the version before, which are read as the sites that they were. */

import { assertEquals } from "@std/assert";
import manifest from "./exports/0.10/bulk-publish.json" with { type: "text" };
import locations from "./exports/0.10/locations.ndjson" with { type: "text" };
import schedules from "./exports/0.10/schedules.ndjson" with { type: "text" };
import sitesCsv from "./exports/0.10/sites.csv" with { type: "text" };
import sitesNdjson from "./exports/0.10/sites.ndjson" with { type: "text" };
import slots from "./exports/0.10/slots.ndjson" with { type: "text" };
import { effectOf } from "../../src/formats/problem_kinds.ts";
import type { ImportRecord } from "../../src/formats/records.ts";
import { csv, ndjson, readAgain } from "./reading.ts";

const at = "2026-11-24T12:00:00.000Z";
const appointments = "appointments";

/** What the sites showed: the ZIP code, the availability, the unit, and when. */
const sites: Readonly<Record<string, readonly unknown[]>> = {
  "=SUM(1)": ["02139", 5, appointments, at],
  "Counted": ["02139", 40, undefined, at],
  "Doses": ["02139", 30, "doses", at],
  "Formula": ["02139", undefined, undefined, undefined],
  "Gone": ["02215", true, undefined, at],
  "Harvard University": ["02138", undefined, undefined, undefined],
  "Nine": ["021380001", false, undefined, at],
  "Nobody knows": ["02139", "unknown", undefined, at],
  "None": ["2138", 0, undefined, at],
  "Rite Aid": ["08332", 33, appointments, "2026-11-24T10:00:00.000Z"],
};

function shown(records: readonly ImportRecord[]) {
  return Object.fromEntries(records.map(({ name, zip, availability, unit, observedAt }) => {
    const time = observedAt === undefined ? undefined : new Date(observedAt).toISOString();
    return [name, [zip, availability, unit, time]];
  }));
}

Deno.test("readCsv() reads the export of the version before", async () => {
  const { records, problems } = await csv(sitesCsv);
  assertEquals(problems.map(({ kind }) => kind), ["zip-length", "zip-length"]);
  assertEquals(shown(records), sites);
  assertEquals(records.map(({ note, retired }) => note ?? retired).filter((text) => text !== undefined), [
    "=2+3",
    "FALSE",
  ]);
});

Deno.test("readNdjson() reads the export of the version before", async () => {
  const { records, problems } = await ndjson(sitesNdjson);
  assertEquals(problems.map(({ kind }) => kind), ["zip-length", "zip-length"]);
  // It did not tell a 0 that was reported from one that was not.
  const zeros = {
    "Formula": ["02139", 0, undefined, undefined],
    "Harvard University": ["02138", 0, undefined, undefined],
  };
  assertEquals(shown(records), { ...sites, ...zeros });
});

Deno.test("readSchedulingLinks() reads the export of the version before", async () => {
  const files = { "locations.ndjson": locations, "schedules.ndjson": schedules, "slots.ndjson": slots };
  const { records, problems } = await readAgain({ manifest, files });
  assertEquals(problems.filter(({ kind }) => effectOf(kind) === "refused"), []);
  const { Gone: _, ...open } = sites;
  // It had no word for doses, and took all counts for appointments.
  const others = { "Counted": 40, "Doses": true, "Nine": false, "None": 0, "Nobody knows": "unknown" };
  const asRead = Object.entries(others).map(([name, value]) => [name, [sites[name][0], value, appointments, at]]);
  assertEquals(shown(records), { ...open, ...Object.fromEntries(asRead) });
  assertEquals(records.find(({ name }) => name === "Rite Aid")?.location?.id, "116");
});
