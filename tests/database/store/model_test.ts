import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Command } from "../../../src/database/wire/commands.ts";
import { readEntries } from "../../../src/database/wire/entries.ts";
import { entriesAfter, Sites } from "./machine.ts";
import { segmentEntries } from "../../../src/limits.ts";
import { commands } from "../arbitraries.ts";
import { applyOne } from "./memory.ts";
import { Model } from "./model.ts";

function compare(sites: Sites, model: Model, commands: readonly Command[]): void {
  for (const command of commands) model.check(command, applyOne(sites, command));
}

/** Everything that can be asked about both. */
function compareAll(sites: Sites, model: Model): void {
  const names = [...new Set(model.entries.map(({ site }) => site))];
  compare(sites, model, [
    { kind: "list-page", detail: "full", retired: true },
    { kind: "changes-page", after: 0 },
    { kind: "summary" },
    ...names.flatMap((name): Command[] => [
      { kind: "view", name },
      { kind: "details", name },
      { kind: "sources", name, site: 0, skip: 0 },
      { kind: "history-page", name, newestFirst: false, bound: 0 },
      { kind: "history-page", name, newestFirst: true, bound: 0 },
    ]),
  ]);
  assertEquals(sites.lastEntry, model.entries.length);
}

Deno.test("Sites does what a model of arrays does, also after it was restored in the middle of it", () => {
  fc.assert(
    fc.property(
      fc.array(commands, { maxLength: 120, size: "max" }),
      fc.array(commands, { maxLength: 40, size: "max" }),
      fc.constantFrom(4, 8, segmentEntries),
      (before, after, segmentEntries) => {
        // A few keys, so that the oldest of them go.
        const keysMax = segmentEntries === 4 ? 2 : undefined;
        const newSites = () => new Sites({ segmentEntries, keys: { keysMax } });
        const [sites, model] = [newSites(), new Model(segmentEntries, keysMax)];
        compare(sites, model, before);
        const restored = newSites();
        restored.restore(sites.snapshot());
        assertEquals(restored.snapshot(), sites.snapshot());
        const outputs = after.map((command) => applyOne(sites, command));
        compare(restored, model, after);
        compareAll(restored, model);
        // Both have come to the same.
        assertEquals(restored.snapshot(), sites.snapshot());
        const twin = newSites();
        // In requests of their own: one request may ask for a few pages only, and take back a few reports.
        for (const command of before) applyOne(twin, command);
        assertEquals(after.map((command) => applyOne(twin, command)), outputs);
        assertEquals(twin.snapshot(), sites.snapshot());
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("A history of hundreds of reports is read, searched and restored as a model does it", () => {
  const name = "Harvard University";
  const time = fc.integer({ min: 1, max: 400 });
  const set = fc.record({ kind: fc.constant("set" as const), name: fc.constant(name), value: fc.constantFrom(1, 2) });
  const explicit = fc.tuple(set, time).map(([set, at]): Command => ({ ...set, recordedAt: 400, observedAt: at }));
  const plain = fc.tuple(set, time).map(([set, at]): Command => ({ ...set, recordedAt: at }));
  const page = fc.record({
    kind: fc.constant("history-page" as const),
    name: fc.constant(name),
    newestFirst: fc.boolean(),
    bound: fc.integer({ min: 0, max: 700 }),
    limit: fc.integer({ min: 1, max: 50 }),
  });
  const command = fc.oneof(
    { arbitrary: explicit, weight: 8 },
    // The observations go forward, but not at once.
    { arbitrary: plain, weight: 1 },
    { arbitrary: page, weight: 1 },
  );
  fc.assert(
    fc.property(fc.array(command, { minLength: 300, maxLength: 700, size: "max" }), (commands) => {
      const [sites, model] = [new Sites(), new Model()];
      compare(sites, model, commands);
      // All of it again: a report that says the same as a plain one that is not searched for any more is logged once.
      const again = commands.filter((command) => command.kind === "set" && command.observedAt !== undefined);
      compare(sites, model, again);
      const entries = sites.lastEntry;
      for (const command of again) applyOne(sites, command);
      assertEquals(sites.lastEntry, entries);
      const restored = new Sites();
      restored.restore(sites.snapshot());
      compareAll(restored, model);
    }),
    // To look for a shorter counterexample takes minutes.
    { numRuns: 6, endOnFailure: true },
  );
});

Deno.test("entriesAfter() gives the entries of changes-page, as many as fit, and at least one", () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 60 }), fc.integer({ min: 1, max: 400 }), (commands, bytesMax) => {
      const [sites, model] = [new Sites(), new Model()];
      compare(sites, model, commands);
      const read = [];
      for (let after = 0;;) {
        const batch = entriesAfter(sites, after, bytesMax);
        if (batch === undefined) break;
        const entries = readEntries(batch.bytes);
        assert(entries.length === 1 || batch.bytes.length <= bytesMax);
        assertEquals(entries.at(-1)?.index, batch.last);
        read.push(...entries);
        after = batch.last;
      }
      assertEquals(read, model.entries);
      assertEquals(entriesAfter(sites, sites.lastEntry + 5, 1000), undefined);
    }),
    { numRuns: 40 },
  );
});
