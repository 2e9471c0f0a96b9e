/**
 * A feed of one Location, as files beside a manifest.
 *
 * @module
 */

/** Its files by name. */
export const feed: Readonly<Record<string, string>> = {
  "bulk-publish.json": JSON.stringify({
    transactionTime: "2026-11-24T10:00:00Z",
    request: "https://example.org/$bulk-publish",
    output: [
      { type: "Location", url: "locations.ndjson" },
      { type: "Schedule", url: "schedules.ndjson" },
      { type: "Slot", url: "slots.ndjson" },
    ],
  }),
  "locations.ndjson":
    '{"resourceType":"Location","id":"1","name":"Pharmacy","address":{"state":"MA","postalCode":"02139"}}\n',
  "schedules.ndjson": '{"resourceType":"Schedule","id":"s","actor":[{"reference":"Location/1"}]}\n',
  "slots.ndjson": '{"resourceType":"Slot","id":"t","schedule":{"reference":"Schedule/s"},"status":"free",' +
    '"start":"2026-11-25T09:00:00-05:00","end":"2026-11-25T17:00:00-05:00","extension":[{' +
    '"url":"http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity","valueInteger":7}]}\n',
};

/** A store of a publisher. */
export interface Store {
  readonly id: string;
  readonly name: string;
  readonly zip: string;
  /** Its VTrckS PIN. */
  readonly pin: string;
  readonly street: string;
  /** How many appointments there are, by product; "": of no product. */
  readonly slots: Readonly<Record<string, number>>;
}

const registry = "http://fhir-registry.smarthealthit.org/StructureDefinition";

/** The files of a feed of stores; the first one is its manifest. */
export function storeFeed(stores: readonly Store[], madeAt: number, request: string): Record<string, string> {
  const lines = (objects: readonly object[]) => objects.map((object) => `${JSON.stringify(object)}\n`).join("");
  const schedules = stores.flatMap(({ id, slots }) =>
    Object.entries(slots).map(([product, count]) => ({ id, product, count }))
  );
  const types = ["Location", "Schedule", "Slot"];
  return {
    "/stores/bulk-publish.json": JSON.stringify({
      transactionTime: new Date(madeAt).toISOString(),
      request,
      output: types.map((type) => ({ type, url: `${type}.ndjson` })),
      error: [],
    }),
    "/stores/Location.ndjson": lines(stores.map(({ id, name, zip, pin, street }) => ({
      resourceType: "Location",
      id,
      name,
      identifier: [{ system: "https://cdc.gov/vaccines/programs/vtrcks", value: pin }],
      address: { line: [street], city: "Avenel", state: "NJ", postalCode: zip },
    }))),
    "/stores/Schedule.ndjson": lines(schedules.map(({ id, product }) => ({
      resourceType: "Schedule",
      id: `${id}-${product}`,
      actor: [{ reference: `Location/${id}` }],
      ...product !== "" && {
        extension: [{
          url: `${registry}/vaccine-product`,
          valueCoding: { system: "http://hl7.org/fhir/sid/cvx", code: product },
        }],
      },
    }))),
    "/stores/Slot.ndjson": lines(schedules.map(({ id, product, count }) => ({
      resourceType: "Slot",
      id: `${id}-${product}`,
      schedule: { reference: `Schedule/${id}-${product}` },
      status: "free",
      start: "2027-01-29T09:00:00-05:00",
      end: "2027-01-29T10:00:00-05:00",
      extension: [{ url: `${registry}/slot-capacity`, valueInteger: count }],
    }))),
  };
}
