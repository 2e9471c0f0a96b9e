/**
 * Each check of a published feed finds the fault that it is for, and docs/reference/feed_checks.md lists them.
 *
 * `UPDATE=1 deno test --allow-env=UPDATE --allow-write=docs tests/formats/feed_checks_test.ts` makes its table again.
 */

import { assert, assertEquals } from "@std/assert";
import page from "../../docs/reference/feed_checks.md" with { type: "text" };
import { isUpdating } from "../tools/updating.ts";
import type { CheckedFeed } from "./checked_feed.ts";
import { faultsOf, feedChecks } from "./feed_checks.ts";

const registry = "http://fhir-registry.smarthealthit.org";
const base = "https://publisher.example/";

/** The parts of a feed that a test may break: what they look like, the test knows. */
interface Parts {
  url: string;
  status: number;
  contentType: string;
  cacheControl: string | null;
  plain: string | undefined;
  fileType: string;
  manifest: ReturnType<typeof JSON.parse>;
  location: ReturnType<typeof JSON.parse>;
  schedule: ReturnType<typeof JSON.parse>;
  slot: ReturnType<typeof JSON.parse>;
  slots: string | undefined;
}

/** A feed in which nothing is wrong. */
function sound(): Parts {
  const extension = { state: ["NJ"] };
  return {
    url: `${base}$bulk-publish`,
    status: 200,
    contentType: "application/json; charset=utf-8",
    cacheControl: "public, max-age=60",
    plain: undefined,
    fileType: "application/fhir+ndjson",
    manifest: {
      transactionTime: "2026-11-24T10:00:00.000-05:00",
      request: `${base}$bulk-publish`,
      output: ["Location", "Schedule", "Slot"].map((type) => ({ type, url: `${base}${type}.ndjson`, extension })),
      error: [],
    },
    location: {
      resourceType: "Location",
      id: "1",
      name: "Pharmacy",
      telecom: [{ system: "phone", value: "555-0101" }, { system: "url", value: "https://pharmacy.example" }],
      address: { line: ["1 Main Street"], city: "Millville", state: "NJ", postalCode: "08332-1234" },
      identifier: [{ system: "https://cdc.gov/vaccines/programs/vtrcks", value: "NJA001234" }],
    },
    schedule: {
      resourceType: "Schedule",
      id: "1",
      actor: [{ reference: "Location/1" }],
      serviceType: [{
        coding: [
          { system: "http://terminology.hl7.org/CodeSystem/service-type", code: "57" },
          { system: `${registry}/CodeSystem/service-type`, code: "covid19-immunization" },
        ],
      }],
      extension: [
        {
          url: `${registry}/StructureDefinition/vaccine-product`,
          valueCoding: { system: "http://hl7.org/fhir/sid/cvx", code: "207", display: "COVID-19" },
        },
        { url: `${registry}/StructureDefinition/vaccine-dose`, valueInteger: 1 },
      ],
    },
    slot: {
      resourceType: "Slot",
      id: "1",
      schedule: { reference: "Schedule/1" },
      status: "free",
      start: "2026-11-25T09:00:00-05:00",
      end: "2026-11-25T17:00:00-05:00",
      extension: [
        { url: `${registry}/StructureDefinition/slot-capacity`, valueInteger: 7 },
        { url: `${registry}/StructureDefinition/booking-deep-link`, valueUrl: "https://pharmacy.example/book" },
        { url: `${registry}/StructureDefinition/booking-phone`, valueString: "555-0102" },
      ],
    },
    slots: undefined,
  };
}

function feedOf(parts: Parts): CheckedFeed {
  const { status, contentType, cacheControl, fileType } = parts;
  const text = JSON.stringify(parts.manifest);
  const manifest = { status, contentType, cacheControl, text };
  const file = (text: string) => ({ status: 200, contentType: fileType, cacheControl: null, text });
  return {
    url: parts.url,
    manifest,
    plainManifest: { ...manifest, text: parts.plain ?? text },
    files: new Map([
      [`${base}Location.ndjson`, file(`${JSON.stringify(parts.location)}\n`)],
      [`${base}Schedule.ndjson`, file(`${JSON.stringify(parts.schedule)}\n`)],
      [`${base}Slot.ndjson`, file(parts.slots ?? `${JSON.stringify(parts.slot)}\n`)],
    ]),
  };
}

/** What breaks a feed, each in a way that the check of that name must find. */
const breaks: Readonly<Record<string, readonly ((parts: Parts) => unknown)[]>> = {
  "manifest-url": [(it) => it.url = `${base}manifest.json`, (it) => it.url = "file:///$bulk-publish"],
  "manifest-json": [(it) => it.contentType = "text/html", (it) => it.status = 404, (it) => it.manifest = []],
  "manifest-accept": [(it) => it.plain = "<html>"],
  "manifest-max-age": [(it) => it.cacheControl = "no-store", (it) => it.cacheControl = null],
  "manifest-fields": [(it) => delete it.manifest.request, (it) => it.manifest.output = {}],
  "transaction-time": [
    (it) => it.manifest.transactionTime = "2026-11-24T10:00:00",
    (it) => it.manifest.transactionTime = "2026-11-24 10:00:00Z",
    (it) => it.manifest.transactionTime = "2026-11-24",
  ],
  "request-url": [(it) => it.manifest.request = "$bulk-publish"],
  "output-form": [(it) => it.manifest.output[0].url = "Location.ndjson", (it) => it.manifest.output.push("x")],
  "output-types": [(it) => it.manifest.output.pop()],
  "state-form": [
    (it) => it.manifest.output[0].extension = [],
    (it) => it.manifest.output[0].extension = { state: "NJ" },
    (it) => it.manifest.output[0].extension = { state: ["New Jersey"] },
  ],
  "state-hint": [(it) => delete it.manifest.output[1].extension, (it) => it.manifest.output[2].extension.state = []],
  "file-type": [(it) => it.fileType = "application/json"],
  "ndjson": [
    (it) => it.slots = JSON.stringify(it.slot),
    (it) => it.slots = `${JSON.stringify(it.slot)}\n\n`,
    (it) => it.slots = `${JSON.stringify(it.slot, null, 1)}\n`,
    (it) => it.slots = `[${JSON.stringify(it.slot)}]\n`,
  ],
  "resource-type": [(it) => it.slot.resourceType = "Schedule"],
  "id-form": [(it) => it.location.id = "a_b", (it) => it.slot.id = "x".repeat(65), (it) => delete it.slot.id],
  "id-distinct": [(it) => it.slots = `${JSON.stringify(it.slot)}\n`.repeat(2)],
  "nothing-empty": [
    (it) => it.location.description = "",
    (it) => it.location.alias = [],
    (it) => it.schedule.comment = null,
    (it) => it.slot.extension.push({ url: "x", valuePeriod: {} }),
  ],
  "location-name": [(it) => delete it.location.name],
  "location-telecom": [
    (it) => delete it.location.telecom,
    (it) => it.location.telecom[0].system = "fax",
    (it) => delete it.location.telecom[1].value,
  ],
  "location-telecom-both": [(it) => it.location.telecom.pop()],
  "location-address": [
    (it) => delete it.location.address,
    (it) => it.location.address.line = [],
    (it) => delete it.location.address.city,
    (it) => delete it.location.address.state,
    (it) => it.location.address = { ...it.location.address, city: undefined, _city: { extension: [{ url: "x" }] } },
  ],
  "location-state": [(it) => it.location.address.state = "New Jersey"],
  "location-zip": [(it) => it.location.address.postalCode = "8332-1234"],
  "identifier-form": [(it) => it.location.identifier.push({ system: "x" })],
  "vtrcks-there": [(it) => it.location.identifier[0].system = "store"],
  "vtrcks-form": [(it) => it.location.identifier[0].value = "unknown VTrckS pin"],
  "schedule-actor": [
    (it) => it.schedule.actor = [],
    (it) => it.schedule.actor.push({ reference: "Location/1" }),
    (it) => it.schedule.actor[0].reference = "Location/2",
  ],
  "schedule-service": [
    (it) => it.schedule.serviceType[0].coding.pop(),
    (it) => it.schedule.serviceType[0].coding.shift(),
    (it) => delete it.schedule.serviceType,
  ],
  "schedule-product": [
    (it) => delete it.schedule.extension[0].valueCoding.display,
    (it) => it.schedule.extension[0].valueCoding.system = "cvx",
    (it) => delete it.schedule.extension[0].valueCoding,
  ],
  "schedule-one-product": [(it) => it.schedule.extension.push(it.schedule.extension[0])],
  "schedule-dose": [(it) => it.schedule.extension[1].valueInteger = "1"],
  "slot-schedule": [(it) => it.slot.schedule.reference = "Schedule/2", (it) => delete it.slot.schedule],
  "slot-status": [(it) => it.slot.status = "busy-tentative"],
  "slot-times": [
    (it) => it.slot.start = "2026-11-25T09:00:00",
    (it) => it.slot.end = "2026-11-25T17:00:00-05",
    (it) => it.slot.end = "2026-11-25T08:00:00-05:00",
  ],
  "slot-capacity": [
    (it) => it.slot.extension[0] = { ...it.slot.extension[0], valueInteger: "7" },
    (it) => it.slot.extension[0].valueInteger = 0,
    (it) => it.slot.extension[0].valueInteger = -1,
    (it) => it.slot.extension[0].valueInteger = 2 ** 31,
    (it) => it.slot.extension.push(it.slot.extension[0]),
  ],
  "slot-booking": [
    (it) => it.slot.extension[1].valueUrl = "pharmacy.example",
    (it) => it.slot.extension[2].valueString = 5550102,
    (it) => it.slot.extension.push(it.slot.extension[1]),
  ],
  "slot-long": [(it) => it.slot.extension.shift()],
  "slot-reach": [(it) => it.slot.extension.pop()],
};

Deno.test("a sound feed passes every check", () => {
  assertEquals(faultsOf(feedOf(sound())), {});
  const busy = sound();
  Object.assign(busy.slot, { status: "busy" }).extension[0].valueInteger = 0;
  assertEquals(faultsOf(feedOf(busy)), {});
  const unknown = sound();
  const extension = [{
    url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
    valueCode: "unknown",
  }];
  const { line: _, city: __, ...address } = unknown.location.address;
  unknown.location.address = { ...address, _line: [{ extension }], _city: { extension } };
  assertEquals(faultsOf(feedOf(unknown)), {});
});

Deno.test("each check finds each fault that it is for", () => {
  assertEquals(Object.keys(breaks), feedChecks.map(({ id }) => id));
  for (const [id, changes] of Object.entries(breaks)) {
    for (const [at, change] of changes.entries()) {
      const parts = sound();
      change(parts);
      assert(id in faultsOf(feedOf(parts)), `${id}, ${at}`);
    }
  }
});

Deno.test("docs/reference/feed_checks.md lists the checks as they are", () => {
  const begin = /<!-- checks: .* -->\n/.exec(page);
  const to = page.indexOf("<!-- end of checks -->\n");
  assert(begin !== null && to > begin.index, "the page has no place for the checks");
  const rows = feedChecks.map(({ id, what, isAdvice }) =>
    `| \`${id}\` | ${what} | ${isAdvice ? "advice" : "must"} |\n`
  );
  const table = `\n<!-- deno-fmt-ignore-start -->\n\n| check | what holds | |\n| --- | --- | --- |\n${rows.join("")}`;
  const whole = `${page.slice(0, begin.index)}${begin[0]}${table}\n<!-- deno-fmt-ignore-end -->\n\n${page.slice(to)}`;
  if (isUpdating() && whole !== page) {
    Deno.writeTextFileSync(new URL("../../docs/reference/feed_checks.md", import.meta.url), whole);
  } else assertEquals(page.split("\n"), whole.split("\n"));
});
