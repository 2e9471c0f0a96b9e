import { assertEquals } from "@std/assert";
import { filterIn, isFiltered, isNear, noFilter, partsOf, queryOf, searchOf } from "../../src/http/page/filters.ts";

Deno.test("a filter asks for what is given, and for a place only once its ZIP code is whole", () => {
  assertEquals([queryOf(noFilter), isFiltered(noFilter)], ["", false]);
  const typing = { ...noFilter, near: "0213", q: "a&b" };
  assertEquals([queryOf(typing), isNear(typing)], ["?q=a%26b", false]);
  const near = { ...noFilter, near: "02138", zip: "02", available: true };
  assertEquals(searchOf(near), { zip: "02", available: "true", near: "02138", within: "10mi" });
  assertEquals([isNear(near), isFiltered(near)], [true, true]);
});

Deno.test("an address keeps a filter, and what makes no sense in one asks for nothing", () => {
  for (
    const filter of [
      { ...noFilter, zip: "021" },
      { ...noFilter, q: "Rite Aid? #1 & more", available: true, retired: true },
      { ...noFilter, near: "02138", within: "8km" },
      { ...noFilter, product: "Moderna & co", source: "store", age: "fresh" as const },
      { ...noFilter, age: "stale" as const },
    ]
  ) assertEquals(filterIn(`#/sites/MIT${queryOf(filter)}`), filter);
  assertEquals(filterIn("#/sites"), undefined);
  assertEquals(filterIn("#/sites?"), noFilter);
  assertEquals(filterIn("#/sites?zip=MA0&near=x&within=far&available=no&page=2"), { ...noFilter, zip: "0" });
  // As people write it.
  assertEquals(filterIn("#/sites?available&zip=021"), { ...noFilter, zip: "021", available: true });
  assertEquals(partsOf("#/sites/What%3F?zip=1"), { path: "/sites/What%3F", query: "zip=1" });
  assertEquals(partsOf("#/latest"), { path: "/latest" });
});
