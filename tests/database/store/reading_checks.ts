/**
 * What watchers get of sealed history.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Command } from "../../../src/database/wire/commands.ts";
import type { EntryLog } from "../../../src/state_machine.ts";
import { Sites } from "./machine.ts";
import { applyOne } from "./memory.ts";
import { SealingWorld, type SitesClass } from "./sealing_world.ts";

/** Entries of a segment: few. */
export const segmentEntries = 2;

/** All entries after an index, in batches of at most that many bytes each; the segments are read step by step. */
export function allAfter(log: Omit<EntryLog, "lastEntry">, after: number, bytesMax: number): Uint8Array {
  const bytes: number[] = [];
  let nowMs = 0;
  for (;;) {
    const entries = log.entriesAfter(after, bytesMax);
    if (entries === undefined) return Uint8Array.from(bytes);
    if (entries === "notYet") {
      log.readHistory?.(nowMs += 10);
      continue;
    }
    assert(entries.last > after);
    bytes.push(...entries.bytes);
    after = entries.last;
  }
}

const name = "Harvard University";

/** When commands are recorded. */
export const recordedAt = 1_000;

/** As many reports, each newer than the one before. */
export function reports(count: number): Command[] {
  return Array.from({ length: count }, (_, at): Command => {
    return { kind: "set", name, value: at, observedAt: 1 + at, recordedAt };
  });
}

/** A segment that was written again after a redaction is read again, and gives the same. */
export function checkRewritten(Machine: SitesClass): void {
  const world = new SealingWorld({ segmentEntries }, Machine);
  const open = new Sites({ segmentEntries });
  const { sites, reader } = world;
  const both = (command: Command) => assertEquals(applyOne(sites, command), applyOne(open, command));
  for (const command of reports(10)) both({ ...command, who: "Ann" } as Command);
  world.settle();
  const isSame = () => assertEquals(allAfter(sites, 0, 100), allAfter(open, 0, 100));
  // The first segment alone is held.
  const readFirst = () => {
    for (let nowMs = 0; sites.entriesAfter(0, 1) === "notYet"; nowMs++) sites.readHistory(nowMs);
  };
  let blocks = 0;
  const packed = reader.packed.bind(reader);
  reader.packed = (place, block) => {
    blocks++;
    return packed(place, block);
  };
  readFirst();
  assert(blocks > 0);
  blocks = 0;
  readFirst();
  assertEquals(blocks, 0);
  both({ kind: "redact", entry: 2, entrySite: 1, recordedAt });
  world.settle();
  assertEquals(world.rewritten, 1);
  blocks = 0;
  readFirst();
  assert(blocks > 0);
  isSame();
}
