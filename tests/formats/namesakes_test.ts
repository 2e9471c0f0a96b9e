import { assertEquals } from "@std/assert";
import { addressedName, withNameOfSite } from "../../src/formats/namesakes.ts";
import type { ImportRecord } from "../../src/formats/records.ts";

const row: ImportRecord = { line: 2, name: "Walgreens", zip: "60614", address: "900 Oak Ave" };
const longer = "Walgreens, 900 Oak Ave";

/** The document of a site that is there. */
function at(address: string) {
  return { zip: "60614", document: JSON.stringify({ csv: { Address: address } }) };
}

/** The name that the record gets, and the kinds of problems that are told. */
function named(record: ImportRecord, sites: Record<string, { zip: string; document?: string }>) {
  const told: string[] = [];
  const { name } = withNameOfSite(record, (name) => sites[name], ({ kind, what }) => told.push(`${kind}: ${what}`));
  return [name, ...told];
}

const told =
  `address-differs: Another site is called "Walgreens", at "100 Elm St"; the site of this one is "${longer}"`;

Deno.test("withNameOfSite() tells sites of one name and ZIP code apart by their addresses", () => {
  const elm = at("100 Elm St");
  assertEquals(named(row, {}), ["Walgreens"]);
  assertEquals(named(row, { Walgreens: { zip: "60614" } }), ["Walgreens"], "nobody knows where that one is");
  assertEquals(named(row, { Walgreens: at("900 Oak Ave") }), ["Walgreens"]);
  assertEquals(named(row, { Walgreens: elm }), [longer, told]);
  assertEquals(named(row, { Walgreens: elm, [longer]: at("900 Oak Ave") }), [longer, told]);
  // The site with the address in its name may have come first, or the other may be called something else now.
  assertEquals(named(row, { [longer]: { zip: "60614" } }), [
    longer,
    `address-differs: Another site is called "Walgreens"; the site of this one is "${longer}"`,
  ]);
});

Deno.test("withNameOfSite() leaves sites of another ZIP code, Locations and records without address alone", () => {
  const other = { zip: "60615", document: at("100 Elm St").document };
  assertEquals(named(row, { Walgreens: other }), ["Walgreens"]);
  assertEquals(named(row, { [longer]: other }), ["Walgreens"]);
  const location = { feed: "https://x.test", id: "1", identifiers: [], madeAt: 0, isKnown: false };
  assertEquals(named({ ...row, location }, { Walgreens: at("100 Elm St") }), ["Walgreens"]);
  const { address: _, ...without } = row;
  assertEquals(named(without, { Walgreens: at("100 Elm St") }), ["Walgreens"]);
});

Deno.test("withNameOfSite() takes one address for the same, however it is written", () => {
  for (
    const address of [
      "900 OAK AVENUE",
      "900 Oak Av.",
      "900 Oak Ave, Chicago, IL 60614",
      "900  Oak Ave Suite 3",
      "900 oak",
      "-",
    ]
  ) {
    assertEquals(named(row, { Walgreens: at(address) }), ["Walgreens"], address);
  }
  for (const address of ["901 Oak Ave", "900 Oak St", "90 Oak Ave", "900 N Oak Ave"]) {
    assertEquals(named(row, { Walgreens: at(address) })[0], longer, address);
  }
  const location = { address: { line: ["900 Oak Avenue"], city: "Chicago", state: "IL" } };
  assertEquals(named(row, { Walgreens: { zip: "60614", document: JSON.stringify({ location }) } }), ["Walgreens"]);
});

Deno.test("addressedName() is a name that a site can have, of whole characters", () => {
  const nameOf = (name: string, address: string) => addressedName({ ...row, name, address }) ?? "";
  assertEquals(nameOf("x".repeat(200), "1 Elm St"), `${"x".repeat(190)}, 1 Elm St`);
  assertEquals(nameOf("😀".repeat(200), "1 Elm St"), `${"😀".repeat(190)}, 1 Elm St`);
  assertEquals(nameOf("A", "😀".repeat(200)), `A, ${"😀".repeat(150)}`);
  assertEquals(nameOf("A", `${"x".repeat(149)} Elm St`), `A, ${"x".repeat(149)}`);
  assertEquals([...nameOf("字".repeat(200), "x".repeat(280))].length, 200);
});
