import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes.ts";
import { SortedNames } from "../../../src/database/store/sorted_names.ts";

/** What {@link SortedNames} does, the slow way. */
class NaiveNames {
  readonly items: number[] = [];

  insert(item: number): void {
    this.items.push(item);
    this.items.sort((a, b) => a - b);
  }

  from(first: number): number[] {
    return this.items.filter((item) => item >= first);
  }
}

function from(names: SortedNames, first: number, count = Infinity): number[] {
  const visited: number[] = [];
  names.scan((item) => item < first, (item) => visited.push(item) < count);
  return visited;
}

Deno.test("SortedNames holds the same as a naive version, from anywhere, after any insertions", () => {
  const items = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 3_000, size: "max" });
  fc.assert(
    fc.property(items, fc.array(fc.integer({ min: -1, max: 5_001 }), { maxLength: 10 }), (items, firsts) => {
      const names = new SortedNames((a, b) => a - b);
      const naive = new NaiveNames();
      naive.items.push(...items.toSorted((a, b) => a - b));
      for (const item of items) names.insert(item);
      assertEquals(names.size, items.length);
      for (const first of [-1, ...firsts]) assertEquals(from(names, first), naive.from(first));
    }),
    { numRuns: 30 },
  );
});

Deno.test("SortedNames agrees with the naive version after each of many insertions at the ends of chunks", () => {
  const names = new SortedNames((a, b) => a - b);
  const naive = new NaiveNames();
  // Upwards, downwards, and then in between: each way splits chunks elsewhere.
  const items = [
    ...Array.from({ length: 700 }, (_, at) => 10_000 + 2 * at),
    ...Array.from({ length: 700 }, (_, at) => 10_000 - 2 - 2 * at),
    ...Array.from({ length: 700 }, (_, at) => 9_001 + 2 * at),
  ];
  for (const [at, item] of items.entries()) {
    names.insert(item);
    naive.insert(item);
    if (at % 50 === 0 || at > items.length - 5) {
      assertEquals(from(names, 0), naive.items);
      assertEquals(from(names, item), naive.from(item));
      assertEquals(from(names, item + 1, 3), naive.from(item + 1).slice(0, 3));
    }
  }
});

Deno.test("SortedNames.scan() visits nothing in an empty list and behind the last item", () => {
  const names = new SortedNames((a, b) => a - b);
  assertEquals(from(names, 0), []);
  names.insert(3);
  assertEquals(from(names, 3), [3]);
  assertEquals(from(names, 4), []);
});

Deno.test("SortedNames.append() builds what insertions build, and what it built takes more of them", () => {
  const items = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 2_000, size: "max" });
  fc.assert(
    fc.property(items, items, fc.nat(), (items, more, cut) => {
      const sorted = items.toSorted((a, b) => a - b);
      const names = new SortedNames((a, b) => a - b);
      // In two parts.
      for (const item of sorted.slice(0, cut % (sorted.length + 1))) names.append(item);
      for (const item of sorted.slice(cut % (sorted.length + 1))) names.append(item);
      assertEquals([names.size, names.freeze().flat()], [sorted.length, sorted]);
      const naive = new NaiveNames();
      naive.items.push(...new Set([...sorted, ...more]));
      naive.items.sort((a, b) => a - b);
      const present = new Set(sorted);
      for (const item of more) if (!present.has(item)) names.insert(item);
      assertEquals([names.size, names.freeze().flat()], [naive.items.length, naive.items]);
      for (const first of more.slice(0, 10)) assertEquals(from(names, first), naive.from(first));
    }),
    { numRuns: 30 },
  );
});

Deno.test("SortedNames.append() throws DecodeError where items are not in order, or twice", () => {
  for (const items of [[2, 1], [1, 1], [1, 3, 2]]) {
    const names = new SortedNames((a, b) => a - b);
    assertThrows(
      () => items.forEach((item) => names.append(item)),
      DecodeError,
      "the sites are not in the order of their names",
    );
  }
  const names = new SortedNames((a, b) => a - b);
  names.append(5);
  assertThrows(() => names.append(4), DecodeError);
});
