/** Locations that a feed has listed before, and does not list any more. */

import { assertEquals } from "@std/assert";
import { KnownSites } from "../../src/formats/scheduling_links.ts";
import { feed, type Files, location, manifest } from "./reading.ts";

Deno.test("readSchedulingLinks() says of a Location that is not listed any more that nothing is known", async () => {
  const files = { "locations.ndjson": [location, { ...location, id: "117", name: "CVS" }] };
  const { records } = await feed(files);
  const known = () => {
    const known = new KnownSites();
    for (const { source, ...site } of records) known.add({ ...site, report: { source } });
    return known;
  };
  const now = { transactionTime: "2023-03-25T00:00:00Z" };
  const gone = async (files: Files, change: object = now, sites = known()) => {
    const { records, problems } = await feed(files, sites, change);
    const told = problems.filter(({ kind }) => kind === "location-gone");
    const found = records.filter(({ note }) => note === "no longer listed");
    assertEquals(told.length, found.length);
    return found.map(({ name, zip, availability, observedAt }) => [name, zip, availability, observedAt]);
  };
  const cvs = ["CVS", "08332", "unknown", Date.parse("2023-03-25T00:00:00Z")];
  assertEquals(await gone({}), [cvs]);
  assertEquals(await gone(files), []);
  // Parts of a feed, feeds without anything, and another source say nothing of it.
  assertEquals(await gone({}, { ...now, request: `${manifest.request}?_since=2023-03-24T00:00:00Z` }), []);
  assertEquals(await gone({}, { ...now, request: `${manifest.request}?state=NJ` }), []);
  assertEquals(await gone({}, { ...now, error: [{}] }), []);
  assertEquals(await gone({ "locations.ndjson": "" }), []);
  assertEquals(await gone({ "locations.ndjson": `${JSON.stringify(location)}\n{\n` }), []);
  assertEquals(await gone({ "locations.ndjson": [location, { resourceType: "Bundle" }] }), []);
  // A Location that is refused is listed all the same, and hides no other.
  const refused = { ...location, address: { postalCode: "x" } };
  assertEquals(await gone({ "locations.ndjson": [location, { ...refused, id: "117" }] }), []);
  assertEquals(await gone({ "locations.ndjson": [location, { ...refused, id: "118" }] }), [cvs]);
  assertEquals(await gone({}, { ...now, request: "https://other.example/$bulk-publish" }), []);
  // Sites that show another report, are retired, or were told before stay as they are.
  for (const change of [{ source: "phone" }, { source: manifest.request, note: "no longer listed" }]) {
    const other = new KnownSites();
    for (const site of records) other.add({ ...site, report: change });
    assertEquals(await gone({}, now, other), []);
  }
  const retired = new KnownSites();
  for (const { source, ...site } of records) {
    retired.add({ ...site, retired: "closed", report: { source } });
  }
  assertEquals(await gone({}, now, retired), []);
});

Deno.test("readSchedulingLinks() reads what a feed of changes says was deleted", async () => {
  const { records } = await feed({ "locations.ndjson": [location, { ...location, id: "117", name: "CVS" }] });
  const known = new KnownSites();
  for (const { source, ...site } of records) known.add({ ...site, report: { source } });
  const change = {
    transactionTime: "2023-03-25T00:00:00Z",
    request: `${manifest.request}?_since=2023-03-24T00:00:00Z`,
    deleted: [{ type: "Bundle", url: "deleted.ndjson" }, { type: "Bundle", url: "ftp://publisher.example/x" }],
  };
  const request = (url: string, method = "DELETE") => ({ request: { method, url } });
  const deleted = [{ resourceType: "Bundle", entry: [request("Location/117"), request("Location/116", "PUT")] }];
  const { records: after, problems } = await feed({ "deleted.ndjson": deleted }, known, change);
  assertEquals(after.map(({ name, note }) => [name, note]), [["Rite Aid", undefined], ["CVS", "no longer listed"]]);
  assertEquals(problems.map(({ kind }) => kind), ["output-unknown", "location-gone"]);
});
