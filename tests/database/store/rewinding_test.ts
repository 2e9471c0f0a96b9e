/** A log up to one of its entries is the log that was there after it. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { entriesAfter, Sites } from "./machine.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { readEntries } from "../../../src/database/wire/entries.ts";
import type { LogEnd, Until } from "../../../src/database/store/rewinding.ts";
import { commands } from "../arbitraries.ts";
import { applyOne, restored } from "./memory.ts";
import { SealingWorld } from "./sealing_world.ts";

const site = "Harvard University";

/** Runs steps to their end. */
function allOf<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A copy that has gone back to an entry. */
function rewound(sites: Sites, last: number): Sites {
  const copy = new Sites();
  copy.restore(sites.snapshot());
  allOf(copy.rewinding(last));
  return copy;
}

function endOf(sites: Sites, until: Until): LogEnd {
  return allOf(sites.findEnd(until));
}

/** All entries as anybody reads them. */
function entriesOf(sites: Sites) {
  const entries = entriesAfter(sites, 0, Infinity);
  return entries === undefined ? [] : readEntries(entries.bytes);
}

/** What the sites say of themselves, in the order of their names. */
function shownBy(sites: Sites) {
  return applyOne(sites, { kind: "list-page", detail: "full", limit: 1000 } as Command);
}

function sitesAfter(...all: Command[]): Sites {
  const sites = new Sites();
  for (const command of all) applyOne(sites, command);
  return sites;
}

Deno.test("a log that goes back to an entry is, byte by byte, what it was after it", () => {
  fc.assert(fc.property(fc.array(commands, { maxLength: 60 }), (all) => {
    const sites = new Sites();
    const states = new Map([[sites.lastEntry, sites.snapshot()]]);
    for (const command of all) {
      if (command.kind === "redact") continue;
      applyOne(sites, command);
      states.set(sites.lastEntry, sites.snapshot());
    }
    for (const [last, snapshot] of states) assertEquals(rewound(sites, last).snapshot(), snapshot);
  }));
});

Deno.test("a log that goes back takes along what was redacted later, as if that had been done then", () => {
  fc.assert(fc.property(fc.array(commands, { minLength: 20, maxLength: 60 }), fc.nat(), (given, some) => {
    // Whether a redaction has a key that was given away depends on what comes between.
    const all = given.map((command) => ({ ...command, key: undefined }));
    const sites = new Sites();
    for (const command of all) applyOne(sites, command);
    const last = 1 + some % sites.lastEntry;
    const then = new Sites();
    let at = 0;
    for (; then.lastEntry < last; at++) applyOne(then, all[at]);
    const isThere = (entry: number) => entry > 0 && entry <= last;
    for (const command of all.slice(at)) {
      if (command.kind === "redact" && isThere(command.entry)) applyOne(then, command);
    }
    const redactions = entriesOf(then).slice(last).map((entry) => entry.kind === "redacted" && entry.of);
    const back = rewound(sites, last);
    // The second way knows nothing of redactions of redactions: it has only the first entries.
    const others = entriesOf(back).slice(last).filter((entry) => entry.kind === "redacted" && isThere(entry.of));
    assertEquals(others.map((entry) => entry.kind === "redacted" && entry.of), redactions);
    const isEqual = entriesOf(back).length === entriesOf(then).length;
    if (isEqual) assertEquals([entriesOf(back), shownBy(back)], [entriesOf(then), shownBy(then)]);
    // Replicas and backups can have it.
    restored(back);
  }));
});

Deno.test("a log goes back to the same state whether its old entries were sealed or not", () => {
  let sealed = 0;
  // Few commands of an arbitrary log make an entry.
  const logs = fc.array(commands, { minLength: 120, maxLength: 160 });
  fc.assert(
    fc.property(logs, fc.nat(), (all, some) => {
      const parts = { segmentEntries: 4, documentBytes: 200 };
      const [sealing, open] = [new SealingWorld(parts), new SealingWorld(parts)];
      for (const command of all) for (const { sites } of [sealing, open]) applyOne(sites, command);
      sealing.settle();
      sealed += sealing.sealed;
      const last = 1 + some % open.sites.lastEntry;
      const [a, b] = [sealing, open].map(({ sites }) => {
        allOf(sites.rewinding(last));
        return sites;
      });
      assertEquals(entriesOf(a), entriesOf(b));
      assertEquals(a.snapshot(), b.snapshot());
    }),
    { numRuns: 40 },
  );
  assert(sealed > 0);
});

Deno.test("a note that was redacted later is nowhere in a log that goes back before that, and stays redacted", () => {
  const sites = sitesAfter(
    { kind: "set", name: site, value: 1, who: "Ann Miller", note: "call 555-0100", recordedAt: 10 },
    { kind: "set", name: site, value: 2, who: "Ann Miller", recordedAt: 20 },
    { kind: "redact", entry: 2, who: "Ben Hill", note: "she asked", recordedAt: 30 },
    { kind: "redact", entry: 4, recordedAt: 40 },
  );
  const back = rewound(sites, 2);
  const entries = entriesOf(back);
  assertEquals(entries.map(({ kind, redacted }) => [kind, redacted]), [
    ["added", undefined],
    ["report", true],
    // With the name of the one who redacted, which was redacted, too.
    ["redacted", true],
    ["redacted", undefined],
  ]);
  assertEquals([entries[2], entries[3]].map((entry) => entry.kind === "redacted" && entry.of), [2, 3]);
  const bytes = new TextDecoder("latin1").decode(back.snapshot());
  for (const text of ["555-0100", "Ann Miller", "Ben Hill", "she asked"]) assert(!bytes.includes(text), text);
  restored(back);
  assertEquals(applyOne(back, { kind: "redact", entry: 2, recordedAt: 50 }).status, "done");
});

Deno.test("nothing is left of what came after: a report that was taken back is there, a name, a document", () => {
  const before: Command[] = [
    { kind: "set", name: site, value: 7, recordedAt: 10 },
    { kind: "document", name: site, document: '{"v":1}', recordedAt: 11 },
    { kind: "add", name: "MIT", zip: "02139", recordedAt: 12 },
  ];
  const sites = sitesAfter(
    ...before,
    { kind: "retract", entry: 2, recordedAt: 20 },
    { kind: "document", name: site, document: '{"v":2}', recordedAt: 21 },
    { kind: "edit", name: "MIT", edits: { name: "M.I.T." }, recordedAt: 22 },
    { kind: "merge", name: "M.I.T.", into: site, recordedAt: 23 },
  );
  const back = rewound(sites, 4);
  assertEquals(back.snapshot(), sitesAfter(...before).snapshot());
  // It continues like any other.
  for (const one of [back, sitesAfter(...before)]) {
    applyOne(one, { kind: "set", name: "MIT", value: 3, recordedAt: 24 });
    assertEquals(entriesOf(one).at(-1)?.index, 5);
  }
});

Deno.test("a time means the last entry before the first that was recorded later", () => {
  const at = (recordedAt: number): Command => ({ kind: "set", name: site, value: recordedAt, recordedAt });
  const sites = sitesAfter(at(10), at(30), at(20), at(40), at(25), at(50));
  // What a fresh database has was recorded at 0.
  const entry = (index: number, recordedAt: number) => ({ index, recordedAt });
  assertEquals(endOf(sites, { kind: "time", time: 9 }), {
    last: entry(1, 0),
    next: entry(2, 10),
    earlierAfter: 0,
  });
  assertEquals(endOf(sites, { kind: "time", time: 30 }), { last: entry(4, 20), next: entry(5, 40), earlierAfter: 1 });
  assertEquals(endOf(sites, { kind: "time", time: 29 }), { last: entry(2, 10), next: entry(3, 30), earlierAfter: 2 });
  assertEquals(endOf(sites, { kind: "time", time: 50 }), { last: entry(7, 50), earlierAfter: 0 });
  assertEquals(endOf(sites, { kind: "index", index: 4 }), { last: entry(4, 20), next: entry(5, 40), earlierAfter: 0 });
  assertEquals(endOf(sites, { kind: "index", index: 7 }), { last: entry(7, 50), earlierAfter: 0 });
});
