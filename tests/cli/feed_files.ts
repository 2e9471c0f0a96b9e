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
