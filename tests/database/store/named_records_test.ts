/** Sites are found by their names, and by names that people take for these, whatever sites were called before. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { folded } from "../../../src/database/look_alikes.ts";
import { noSite } from "../../../src/database/store/site_record.ts";
import { SiteTable } from "../../../src/database/store/site_table.ts";
import {
  actAsMaps,
  crowding,
  hashOfText,
  Names,
  nameSteps,
  oneHash,
  rangeOf,
  somewhatAlike,
  stretched,
} from "./names.ts";

for (
  const [what, name] of [["that are somewhat alike", somewhatAlike], ["of one hash", crowding], [
    "on one stretch",
    stretched,
  ]] as const
) {
  Deno.test(`SiteTable finds names ${what}, and those like them, as maps would`, () => {
    fc.assert(fc.property(nameSteps(name), (steps) => actAsMaps(new SiteTable(), steps)));
  });
}

Deno.test("The names of the tests are of one hash where they should be", () => {
  const same = new Set([...oneHash, ...oneHash.map((name) => name.toUpperCase())].map(hashOfText));
  assertEquals(same.size, 1);
  assertEquals(new Set(oneHash.map((name) => hashOfText(`${name}É`))).size, 1);
});

Deno.test("hashOfName() is the same for plain names that are alike, from 0 on, and below 0 for odd ones", () => {
  assertEquals(hashOfText("RITE Aid 7"), hashOfText("rite aid 7"));
  const differing = ["Rite Aid 7", "Rite Aid 8", "Rite Aid  7", "Rite\u00a0Aid 7", "Rité Aid 7", "RITÉ Aid 7"];
  assertEquals(new Set(differing.map(hashOfText)).size, differing.length);
  assertEquals(differing.map((name) => hashOfText(name) < 0), [false, false, true, true, true, true]);
  const plain = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
  fc.assert(fc.property(plain, (name) => {
    assert(hashOfText(name) >= 0);
    assertEquals(hashOfText(name), hashOfText(folded(name)));
  }));
});

Deno.test("SiteTable finds no name that is too long for one, whatever it is like", () => {
  const table = new SiteTable();
  const names = new Names();
  names.add("a");
  for (const long of ["É".repeat(5_000), "a".repeat(5_000)]) {
    const range = rangeOf(long);
    assertEquals([names.table.findAlike(range), table.findAlike(range)], [noSite, noSite]);
    assertEquals(names.table.find(range.bytes, range.start, range.end), noSite);
  }
});

Deno.test("SiteTable.touch() finds odd names, too", () => {
  const names = new Names();
  for (const name of ["École", "École".toLowerCase(), "plain", "薬局"]) names.add(name);
  const wanted = ["École", "école", "plain", "薬局", "other", "Être"];
  const places = new Int32Array(wanted.length);
  names.table.touch(Int32Array.from(wanted, hashOfText), places, wanted.length);
  const found = wanted.map((name) => {
    const { bytes, start, end } = rangeOf(name);
    return names.table.find(bytes, start, end);
  });
  // The first name that is like an odd one may be fetched in its place.
  assertEquals([...places].map((place) => place === noSite), found.map((site) => site === noSite));
  assertEquals([places[2], places[3]], [found[2], found[3]]);
});
