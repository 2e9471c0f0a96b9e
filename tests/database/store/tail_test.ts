/** Which entries are old, and how commands find them. */

import { assert, assertEquals } from "@std/assert";
import type { Command } from "../../../src/database/wire/commands.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { Sites } from "./machine.ts";
import { lastOldEntry } from "../../../src/database/store/tail.ts";
import { applyOne } from "./memory.ts";

const name = "Harvard University";
const recordedAt = 1_000;

/** A log of segments of 4 entries, with this many. */
function logOf(entries: number): Sites {
  const sites = new Sites({ segmentEntries: 4 });
  applyOne(sites, { kind: "add", name: "MIT", zip: "1", recordedAt });
  while (sites.lastEntry < entries) {
    applyOne(sites, { kind: "set", name, value: sites.lastEntry, who: "Ann", recordedAt });
  }
  return sites;
}

Deno.test("the last two segments are the tail, however full the last one is", () => {
  const lasts = Array.from({ length: 18 }, (_, last) => lastOldEntry(last, 4));
  assertEquals(lasts, [0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12]);
});

Deno.test("a page of changes is of the tail, and says where older entries end", () => {
  const changes = (after: number): Output => applyOne(logOf(9), { kind: "changes-page", after });
  for (const after of [0, 3]) assertEquals(changes(after), { status: "older", upTo: 4 });
  const page = changes(4);
  assert(page.status === "entries" && !page.more);
  assertEquals(page.entries.map(({ index }) => index), [5, 6, 7, 8, 9]);
});

for (const kind of ["retract", "redact"] as const) {
  Deno.test(`${kind} finds an old entry by its site alone, and one of the tail also without it`, () => {
    const mark = (entry: number, entrySite?: number): Output => {
      const sites = logOf(9);
      const before = sites.snapshot();
      const command: Command = { kind, entry, entrySite, recordedAt };
      const output = applyOne(sites, command);
      const isDone = output.status === "done";
      assertEquals(sites.lastEntry, isDone ? 10 : 9);
      if (!isDone) assertEquals(sites.snapshot(), before);
      return output;
    };
    assertEquals(mark(4), { status: "older", upTo: 4 });
    assertEquals(mark(4, 2), { status: "noEntry" });
    assertEquals(mark(4, 77), { status: "noEntry" });
    assertEquals(mark(4, 1).status, "done");
    assertEquals(mark(5).status, "done");
    assertEquals(mark(5, 1).status, "done");
    assertEquals(mark(5, 2), { status: "noEntry" });
    for (const entry of [0, 10]) {
      assertEquals(mark(entry), { status: "noEntry" });
      assertEquals(mark(entry, 1), { status: "noEntry" });
    }
  });
}
