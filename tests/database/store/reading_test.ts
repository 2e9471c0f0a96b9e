/** Entries for those who watch, from sealed segments: the same bytes as from a log in memory. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { UnreadableError } from "../../../src/history.ts";
import { nothingSealed, type SegmentReader } from "../../../src/database/segments/segment_reader.ts";
import { Pages } from "../../../src/database/store/pages.ts";
import type { SiteLog } from "../../../src/database/store/site_log.ts";
import { readingSites } from "../../../src/database/store/snapshot.ts";
import { Sites as Machine } from "../../../src/database/store/sites.ts";
import { lastOldEntry } from "../../../src/database/store/tail.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { readEntries } from "../../../src/database/wire/entries.ts";
import { restoreAll } from "../../../src/snapshot.ts";
import { commands } from "../arbitraries.ts";
import { entriesOf } from "../segments/entries.ts";
import { openFile, packedIn, sealAll, type SealedFile, soundModules } from "../segments/sealing.ts";
import { machineParts, Sites } from "./machine.ts";
import { applyOne } from "./memory.ts";
import { allAfter, checkRewritten, recordedAt, reports, segmentEntries } from "./reading_checks.ts";
import { strandCommands } from "./strand_commands.ts";

/** Reads sealed files, and counts blocks. */
class FileReader implements SegmentReader {
  readonly #files: readonly SealedFile[];
  readonly documents = nothingSealed.documents;
  readonly documentSegment = nothingSealed.documentSegment;
  isDamaged = false;
  blocks = 0;

  constructor(files: readonly SealedFile[]) {
    this.#files = files;
  }

  segment(number: number) {
    return openFile(soundModules, this.#files[number - 1]);
  }

  packed({ number }: { readonly number: number }, block: number) {
    this.blocks++;
    if (this.isDamaged) throw new Error(`segment ${number} is damaged`);
    return packedIn(this.segment(number), this.#files[number - 1], block);
  }

  entries(number: number, block: number) {
    return this.segment(number).block(block, this.packed({ number }, block));
  }
}

/** What a machine has of which all old segments were sealed, as they were before the last commands. */
interface Sealed {
  readonly pages: Pages;
  readonly reader: FileReader;
  /** The index of the last sealed entry. */
  readonly upTo: number;
}

/** Applies commands, seals, and applies more. */
function sealedBetween(sites: Sites, before: readonly Command[], after: readonly Command[]): Sealed {
  for (const command of before) applyOne(sites, command);
  const upTo = lastOldEntry(sites.lastEntry, segmentEntries);
  const reader = new FileReader(
    sealAll(soundModules, entriesOf(sites, undefined, { segmentEntries }).slice(0, upTo), segmentEntries),
  );
  for (const command of after) applyOne(sites, command);
  let log: SiteLog | undefined;
  restoreAll(readingSites({ ...machineParts, segmentEntries, reader }, (read) => log = read), sites.snapshot());
  for (let left = upTo / segmentEntries; left > 0; left--) log!.log.drop();
  return { pages: new Pages(log!), reader, upTo };
}

Deno.test("entries of sealed segments are those of the log in memory, byte by byte, whatever came later", () => {
  let sealedEntries = 0;
  const any = fc.array(commands, { minLength: 60, maxLength: 120, size: "max" });
  // The former lead to many entries, and the latter to all kinds of them.
  const list = fc.tuple(strandCommands, any).map((lists) => lists.flat());
  const property = fc.property(list, list, fc.constantFrom(1, 200, 10_000), (before, after, bytesMax) => {
    const sites = new Sites({ segmentEntries });
    const { pages, upTo } = sealedBetween(sites, before, after);
    sealedEntries += upTo;
    for (const from of [0, 1, segmentEntries, upTo - 1, upTo, sites.lastEntry - 1]) {
      if (from < 0) continue;
      const [bytes, expected] = [pages, sites].map((log) => allAfter(log, from, bytesMax));
      // Entries are easier to compare for people.
      assertEquals(readEntries(bytes), readEntries(expected));
      assertEquals(bytes, expected);
    }
  });
  fc.assert(property, { numRuns: 100 });
  assert(sealedEntries > 100, `${sealedEntries} entries were sealed`);
});

Deno.test("a batch looks into few blocks for reports that sites show when others are taken back", () => {
  const sites = new Sites({ segmentEntries });
  // From the newest one on: each shows the one before.
  const taken = Array.from({ length: 60 }, (_, at): Command => {
    return { kind: "retract", entry: 101 - at, entrySite: 1, recordedAt };
  });
  const { pages, reader, upTo } = sealedBetween(sites, [...reports(100), ...taken], reports(1));
  assert(upTo > 140);
  let most = 0;
  for (let after = 101, nowMs = 0; after < upTo;) {
    const before = reader.blocks;
    const entries = pages.entriesAfter(after, 10_000)!;
    most = Math.max(most, reader.blocks - before);
    if (entries === "notYet") pages.readHistory(nowMs += 10);
    else after = entries.last;
  }
  assert(most > 1 && most <= 8, `${most} blocks`);
  assertEquals(allAfter(pages, 0, 10_000), allAfter(sites, 0, 10_000));
});

Deno.test("history that cannot be read is an error for its readers, and nobody else", () => {
  const sites = new Sites({ segmentEntries });
  const { pages, reader, upTo } = sealedBetween(sites, reports(20), []);
  reader.isDamaged = true;
  assertEquals(pages.entriesAfter(0, 100), "notYet");
  pages.readHistory(1);
  try {
    pages.entriesAfter(0, 100);
    assert(false, "no error");
  } catch (error) {
    assert(error instanceof UnreadableError, String(error));
    assertEquals(error.message, "segment 1 is damaged");
  }
  assertEquals(allAfter(pages, upTo, 100), allAfter(sites, upTo, 100));
  // Read again later, such as after a disk was healed.
  reader.isDamaged = false;
  assertEquals(allAfter(pages, 0, 100), allAfter(sites, 0, 100));
});

Deno.test("a machine in which nothing is sealed gives old entries at once", () => {
  const sites = new Sites({ segmentEntries });
  for (const command of reports(20)) applyOne(sites, command);
  const entries = sites.entriesAfter(0, 100_000);
  assert(entries !== undefined && entries !== "notYet");
  assertEquals(entries.last, sites.lastEntry);
  assertEquals(sites.readHistory(1), false);
});

Deno.test("a segment that was written again after a redaction is read again, and gives the same", () => {
  checkRewritten(Machine);
});
