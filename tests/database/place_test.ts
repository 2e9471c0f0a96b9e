/** What the page makes of a site's document: its address, and how to reach it and book there. */

import { assertEquals } from "@std/assert";
import { placeOf } from "../../src/database/place.ts";

const link = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link";

Deno.test("placeOf() reads the Location and the Slots of a feed", () => {
  const document = {
    location: {
      resourceType: "Location",
      address: { line: ["77 Massachusetts Ave", "Floor 2"], city: "Cambridge", state: "MA", postalCode: "02139" },
      telecom: [{ system: "fax", value: "1" }, { system: "phone", value: "+1 (617) 555-0123 ext. 4" }, {
        system: "url",
        value: "https://clinic.example/a?b=1",
      }],
    },
    slots: [{ id: "1" }, { extension: [{ url: link, valueUrl: "https://clinic.example/book" }] }],
  };
  assertEquals(placeOf(JSON.stringify(document)), {
    address: "77 Massachusetts Ave, Floor 2, Cambridge, MA",
    phone: { text: "+1 (617) 555-0123 ext. 4", href: "tel:+16175550123" },
    booking: "https://clinic.example/book",
    website: "https://clinic.example/a?b=1",
  });
});

Deno.test("placeOf() reads columns of CSV and fields of NDJSON by their usual names", () => {
  const fields = { "Street Address": "1 Main St", City: "Salem", PHONE: 6175550123, booking_url: "www.book.example" };
  const place = {
    address: "1 Main St, Salem",
    phone: { text: "6175550123", href: "tel:6175550123" },
    booking: "https://www.book.example/",
    website: undefined,
  };
  for (const key of ["csv", "ndjson"]) assertEquals(placeOf(JSON.stringify({ [key]: fields })), place);
});

Deno.test("placeOf() makes a link of nothing that is not of the web, and no fault of anything", () => {
  const nothing = { address: undefined, phone: undefined, booking: undefined, website: undefined };
  const links = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ask at the desk", ""];
  for (const url of links) {
    const telecom = [{ system: "url", value: url }, { system: "phone", value: url }];
    const slots = [{ extension: [{ url: link, valueUrl: url }] }];
    assertEquals(placeOf(JSON.stringify({ location: { telecom }, slots, csv: { website: url } })), nothing, url);
  }
  const odd = [
    undefined,
    "",
    "{",
    "[]",
    "null",
    '"x"',
    '{"location":[],"slots":{},"csv":7}',
    '{"location":{"address":1}}',
  ];
  for (const document of odd) assertEquals(placeOf(document), nothing, document);
});
