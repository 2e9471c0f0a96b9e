import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { EntryMarks } from "../../../src/database/store/entry_marks.ts";

Deno.test("EntryMarks finds the entry that marks another one, as a Map would", () => {
  const indices = fc.uniqueArray(fc.integer({ min: 1, max: 200_000 }), { maxLength: 300, size: "max" });
  fc.assert(fc.property(indices, fc.array(fc.integer({ min: 1, max: 200_000 })), (indices, others) => {
    const [marks, model] = [new EntryMarks(), new Map<number, number>()];
    for (const [at, of] of indices.entries()) {
      assertEquals([marks.has(of), marks.find(of)], [false, 0]);
      marks.add(of, 300_000 + at);
      model.set(of, 300_000 + at);
    }
    for (const of of [...indices, ...others]) {
      assertEquals([marks.has(of), marks.find(of)], [model.has(of), model.get(of) ?? 0]);
    }
    assertEquals(marks.size, model.size);
    assertEquals(indices.map((_, at) => marks.at(at + 1)), [...model].map(([of, by]) => ({ of, by })));
  }));
});
