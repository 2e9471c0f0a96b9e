/**
 * Which entries are old, and how commands find them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Command } from "../../../src/database/wire/commands.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import type { Sites } from "../../../src/database/store/sites.ts";
import { machineParts } from "./machine.ts";
import type { MachineParts } from "../../../src/database/store/machine_parts.ts";
import { applyOne } from "./memory.ts";

const name = "Harvard University";
const recordedAt = 1_000;

/** The class of the machine, as it is or as a mutant has it. */
export type MachineClass = new (parts: MachineParts) => Sites;

/** A log of segments of 4 entries, with this many. */
function logOf(Machine: MachineClass, entries: number): Sites {
  const sites = new Machine({ ...machineParts, segmentEntries: 4 });
  applyOne(sites, { kind: "add", name: "MIT", zip: "1", recordedAt });
  while (sites.lastEntry < entries) {
    applyOne(sites, { kind: "set", name, value: sites.lastEntry, who: "Ann", recordedAt });
  }
  return sites;
}

/** The last two segments are the tail, however full the last one is. */
export function checkTail(lastOldEntry: (last: number, segmentEntries: number) => number): void {
  const lasts = Array.from({ length: 18 }, (_, last) => lastOldEntry(last, 4));
  assertEquals(lasts, [0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12]);
}

/** A page of changes is of the tail, and says where older entries end. */
export function checkChanges(Machine: MachineClass): void {
  const changes = (after: number): Output => applyOne(logOf(Machine, 9), { kind: "changes-page", after });
  for (const after of [0, 3]) assertEquals(changes(after), { status: "older", upTo: 4 });
  const page = changes(4);
  assert(page.status === "entries" && !page.more);
  assertEquals(page.entries.map(({ index }) => index), [5, 6, 7, 8, 9]);
}

/** An old entry is found by its site alone, and one of the tail also without it. */
export function checkMarks(Machine: MachineClass, kind: "retract" | "redact"): void {
  const mark = (entry: number, entrySite?: number): Output => {
    const sites = logOf(Machine, 9);
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
}
