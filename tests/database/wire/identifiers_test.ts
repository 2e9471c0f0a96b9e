import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareNames } from "../../../src/database/name_order.ts";
import { changedIdentifiers, encodeIdentifiers, readIdentifiers } from "../../../src/database/wire/identifiers.ts";

const pairs = fc.uniqueArray(
  fc.record({ system: fc.constantFrom("a", "ab", "b", "\uffee", "💉"), value: fc.constantFrom("", "1", "22") }),
  { selector: ({ system }) => system },
);

Deno.test("changedIdentifiers() does what a map does: a value replaces another, and an empty one removes it", () => {
  fc.assert(fc.property(pairs, pairs, (had, changes) => {
    const before = had.filter(({ value }) => value !== "");
    const all = new Map([...before, ...changes].map(({ system, value }) => [system, value]));
    const expected = [...all].filter(([, value]) => value !== "").map(([system, value]) => ({ system, value }));
    assertEquals(
      readIdentifiers(changedIdentifiers(encodeIdentifiers(before), encodeIdentifiers(changes))),
      expected.toSorted((a, b) => compareNames(a.system, b.system)),
    );
  }));
});
