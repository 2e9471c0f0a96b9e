/** Sealed segments say what was sealed; and what is sealed is a function of the log alone. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader } from "../../../src/bytes.ts";
import { beforeStates, entryColumns, entryMarks, readColumns } from "../../../src/database/segments/columns.ts";
import { DocumentWriter } from "../../../src/database/segments/document_segments.ts";
import { blockTextBytes } from "../../../src/database/segments/block_writer.ts";
import { IndexOrder } from "../../../src/database/segments/index_order.ts";
import { firstIndexOf, segmentOf, SegmentWriter } from "../../../src/database/segments/segment_writer.ts";
import { inlineDocumentBytes, SegmentEntry } from "../../../src/database/segments/segment_entry.ts";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { Sites } from "../store/machine.ts";
import { entryKinds } from "../../../src/database/wire/entries.ts";
import { textMarks } from "../../../src/database/wire/entry_fields.ts";
import type { Command } from "../../../src/database/wire/commands.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { commands } from "../arbitraries.ts";
import { applyAll } from "../store/memory.ts";
import { anyEntries, entriesOf, setText } from "./entries.ts";
import {
  checkAside,
  checkDocuments,
  checkErasing,
  checkReaches,
  checkRoundTrip,
  checkWalks,
  openFile,
  packedIn,
  partsOf,
  saidIn,
  sealAll,
  soundModules,
  sourceOf,
} from "./sealing.ts";

const sizes = fc.constantFrom(1, 2, 8, 13, 40);

const documents: fc.Arbitrary<Command> = fc.integer({ min: 0, max: 3 }).map((seed) => ({
  kind: "document",
  name: "Harvard University",
  document: JSON.stringify({ seed, text: "d".repeat(inlineDocumentBytes * (seed % 2)) }),
  recordedAt: 1_790_000_000_000,
}));

const logs = fc.array(fc.oneof({ arbitrary: commands, weight: 9 }, { arbitrary: documents, weight: 1 }), {
  minLength: 10,
  maxLength: 80,
  size: "max",
});

/** A log that commands have made, in which three texts have numbers. */
function logOf(list: readonly Command[]): SegmentEntry[] {
  const sites = new Sites();
  for (const command of list) applyAll(sites, command);
  return entriesOf(sites, 3);
}

Deno.test("what commands have made of a log is sealed and read as it is, in segments of any size", () => {
  fc.assert(fc.property(logs, sizes, (list, entries) => checkRoundTrip(soundModules, logOf(list), entries)), {
    numRuns: 60,
  });
});

Deno.test("any entries are sealed and read as they are, in segments of any size", () => {
  fc.assert(fc.property(anyEntries, sizes, (log, entries) => checkRoundTrip(soundModules, log, entries)), {
    numRuns: 150,
  });
});

Deno.test("a walk finds the entries of a site from any index on, across blocks and segments", () => {
  fc.assert(fc.property(anyEntries, sizes, (log, entries) => checkWalks(soundModules, log, entries)), { numRuns: 40 });
  checkWalks(soundModules, manyEntries(2 * 2600, 3), 2600);
});

Deno.test("a filter has each explicit report that brought no newer observation", () => {
  let aside = 0;
  fc.assert(
    fc.property(anyEntries, sizes, (log, entries) => {
      aside += checkAside(soundModules, log, entries);
    }),
    { numRuns: 60 },
  );
  assert(aside > 20, `${aside} such reports were made`);
});

Deno.test("a filter finds one of a hundred other reports, about", () => {
  const log = manyEntries(4096, 8, (entry, at) => {
    entry.isExplicit = true;
    entry.observedAt = at % 2 === 0 ? 1_790_000_000_000 + at : 1_780_000_000_000 - at;
  });
  const segment = openFile(soundModules, sealAll(soundModules, log, 4096)[0]);
  let found = 0;
  for (let at = 0; at < 20_000; at++) {
    if (segment.mayHaveAside({ site: at % 8, observedAt: 1_700_000_000_000 + at, availability: 3, unit: 0 })) found++;
  }
  assert(found > 20 && found < 600, `${found} of 20,000 others were found`);
});

Deno.test("a footer says which observations a block has", () => {
  fc.assert(fc.property(anyEntries, sizes, (log, entries) => checkReaches(soundModules, log, entries)), {
    numRuns: 40,
  });
  checkReaches(soundModules, manyEntries(3000, 50), 3000);
});

Deno.test("to redact what was sealed leaves the same as to seal what was redacted", () => {
  const some = fc.func(fc.boolean());
  fc.assert(
    fc.property(anyEntries, sizes, some, (log, entries, isRedacted) => {
      checkErasing(soundModules, log, entries, (index) => isRedacted(index));
    }),
    { numRuns: 40 },
  );
});

Deno.test("documents are sealed and read as they are", () => {
  const document = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.tuple(fc.constantFrom(10, 500, 3_000, 49_152), fc.nat(255)).map(([length, byte]) =>
      new Uint8Array(length).fill(byte)
    ),
  );
  fc.assert(
    fc.property(
      fc.array(document, { minLength: 1, maxLength: 40, size: "max" }),
      fc.constantFrom(1, 20_000),
      (list, bytesMax) => {
        checkDocuments(soundModules, list, bytesMax);
      },
    ),
    { numRuns: 30 },
  );
  // A block ends with 16 documents or 256 KiB, and a segment with 16 MiB.
  const writer = new DocumentWriter(1, 1, zstdPacking);
  const blocks: number[] = [];
  for (let at = 0; !writer.isFull; at++) {
    if (writer.add(new Uint8Array(48_000).fill(at)).length > 0) blocks.push(at + 1);
  }
  assertEquals([blocks.length, blocks.slice(0, 2)], [58, [6, 12]]);
  assertThrows(() => writer.add(new Uint8Array(1)), Error, "document segment 1 is full");
});

Deno.test("every column, and every way to tell it, is reached", () => {
  const reached = new Set<string>();
  const note = (name: string) => reached.add(name);
  const look = (log: readonly SegmentEntry[], entries: number) => {
    for (const file of sealAll(soundModules, log, entries)) {
      const { blocks, footer } = partsOf(soundModules, file);
      if (footer.length > 60) note("footer");
      for (const block of blocks) {
        const named = readColumns(block, entryColumns);
        for (const name of entryColumns) if (named[name].remaining > 0) note(name);
        for (const name of ["reach", "first", "step", "observedAt", "value"] as const) {
          if (named[name].remaining > 0) note(`${name} in mode ${named[name].byte()}`);
        }
        for (const name of ["who", "source", "product", "by"] as const) {
          for (const reader = named[name]; reader.remaining > 0;) note(`${name} ${Math.min(reader.varint(), 2)}`);
        }
        for (const reader = named.before; reader.remaining > 0;) {
          const told = reader.varint();
          note(`state ${told & beforeStates.mask}`);
          note(`link ${Math.min(told >>> beforeStates.bits, 3)}`);
        }
        for (const reader = named.document; reader.remaining > 0;) note(`document ${Math.min(reader.varint(), 1)}`);
        for (const reader = named.edits; reader.remaining > 0;) note(`edits ${reader.byte()}`);
        for (const reader = named.kind; reader.remaining > 0;) {
          const [kind, marks] = [reader.byte(), named.marks.byte()];
          note(`kind ${kind & 15}`);
          if ((kind & 15) === entryKinds.report) note(`report ${kind >>> 4}`);
          for (const [name, bit] of Object.entries(entryMarks)) {
            if ((marks & bit) !== 0) note(`${name} of ${kind & 15}`);
          }
        }
      }
    }
  };
  fc.assert(fc.property(anyEntries, sizes, (log, entries) => look(log, entries)), { numRuns: 120, seed: 1 });
  fc.assert(fc.property(logs, sizes, (list, entries) => look(logOf(list), entries)), { numRuns: 60, seed: 1 });
  look(manyEntries(2 * 2600, 3), 2600);
  look(polls(200, 12), 800);
  look(
    manyEntries(60_000, 7, (entry, at) => {
      const mixed = Math.imul(at ^ at >>> 3, 0x9e3779b1);
      entry.site = (Math.imul(mixed ^ mixed >>> 13, 0x85ebca6b) >>> 5) % 20_000;
    }),
    60_000,
  );
  const wanted = [
    ...entryColumns,
    ...["reach in mode 0", "reach in mode 1", "reach in mode 2", "reach in mode 3"],
    ...["first in mode 0", "step in mode 0", "step in mode 1", "step in mode 2"],
    ...[0, 1, 2, 3, 4, 5].map((mode) => `observedAt in mode ${mode}`),
    ...[0, 2].map((mode) => `value in mode ${mode}`),
    ...["who", "source", "product", "by"].flatMap((name) => [0, 1, 2].map((told) => `${name} ${told}`)),
    ...[0, 1, 2].map((state) => `state ${state}`),
    ...[0, 1, 2, 3].map((link) => `link ${link}`),
    ...["document 0", "document 1"],
    ...[1, 2, 3, 4, 5, 6, 7].map((edits) => `edits ${edits}`),
    ...Object.values(entryKinds).map((kind) => `kind ${kind}`),
    ...[0, 1, 2, 3].flatMap((tag) => [0, 1, 2].map((unit) => `report ${tag + 4 * unit}`)),
    ...["who", "source", "note", "by"].flatMap((name) => Object.values(entryKinds).map((kind) => `${name} of ${kind}`)),
    ...["product of 1", "product of 8", "told of 1", "outOfDate of 1", "explicit of 1", "explicit of 4", "extra of 4"],
  ];
  assertEquals(wanted.filter((name) => !reached.has(name)), []);
});

/** Reports of few sites in turn. */
function manyEntries(
  count: number,
  sites: number,
  change: (entry: SegmentEntry, at: number) => void = () => {},
): SegmentEntry[] {
  const reaches = new Map<number, number>();
  return Array.from({ length: count }, (_, at) => {
    const entry = new SegmentEntry();
    const site = 1 + at * at % sites;
    const recordedAt = 1_790_000_000_000 + at * 37;
    Object.assign(entry, { kind: entryKinds.report, site, index: at + 1, recordedAt, observedAt: recordedAt });
    entry.availability = at % 90;
    change(entry, at);
    entry.reach = Math.max(reaches.get(entry.site) ?? 0, entry.kind === entryKinds.report ? entry.observedAt : 0);
    reaches.set(entry.site, entry.reach);
    return entry;
  });
}

/** A feed of all sites, again and again: most of it is confirmed. */
function polls(sites: number, count: number): SegmentEntry[] {
  return manyEntries(sites * count, sites, (entry, at) => {
    const poll = Math.floor(at / sites);
    entry.site = 1 + at % sites;
    entry.observedAt = 1_790_000_000_000 + 300_000 * poll;
    entry.isExplicit = true;
    if (poll > 0 && (at * 7 + poll) % 10 > 0) entry.kind = entryKinds.confirmed;
  });
}

Deno.test("segments of a real size have blocks of 1,024 entries, and are read in order", () => {
  const log = polls(3000, 6);
  checkRoundTrip(soundModules, log.slice(0, 3000), 1500);
  const file = sealAll(soundModules, log, 18_000)[0];
  const segment = openFile(soundModules, file);
  assertEquals([segment.blocks, segment.count], [Math.ceil(18_000 / 1024), 18_000]);
  assert(file.bytes.length < 3 * 18_000, `${file.bytes.length} bytes for 18,000 entries`);
});

Deno.test("a segment of 2^18 entries is sealed and read as it is", () => {
  const log = polls(2 ** 15, 8);
  const [file] = sealAll(soundModules, log, 2 ** 18);
  const segment = openFile(soundModules, file);
  const order = new IndexOrder(segment);
  while (order.needs !== undefined) order.take(packedIn(segment, file, order.needs));
  const entry = new SegmentEntry();
  let different = 0;
  for (const wanted of log) {
    order.entry(wanted.index, entry);
    const isSame = entry.index === wanted.index && entry.site === wanted.site && entry.kind === wanted.kind &&
      entry.recordedAt === wanted.recordedAt && entry.observedAt === wanted.observedAt &&
      entry.reach === wanted.reach &&
      (entry.kind !== entryKinds.report || entry.availability === wanted.availability);
    if (!isSame) different++;
  }
  assertEquals([segment.blocks, different], [256, 0]);
  for (const site of [1, 2 ** 14, 2 ** 15]) {
    const block = segment.lastBlockOf(site)!;
    const run = segment.block(block, packedIn(segment, file, block)).runs.runOf(site)!;
    assert(run.end - run.start <= 8 && run.end > run.start);
  }
});

Deno.test("a block with long notes ends early, so that no step takes long", () => {
  const log = manyEntries(3000, 5, (entry) => {
    entry.marked = textMarks.note;
    setText(entry.note, new Uint8Array(1900).fill(97));
  });
  const file = sealAll(soundModules, log, 3000)[0];
  const segment = openFile(soundModules, file);
  for (let block = 0; block < segment.blocks; block++) {
    assert(segment.bytesOf(block) < blockTextBytes + 8_000, `block ${block}`);
  }
  assertEquals(saidIn(soundModules, file).length, 3000);
});

Deno.test("entry kN is the last one of segment k, and kN + 1 the first of the next one", () => {
  for (const entries of [1, 8, 2 ** 18]) {
    for (const number of [1, 2, 3, 1000, 2 ** 20]) {
      assertEquals(segmentOf(number * entries, entries), number);
      assertEquals(segmentOf(number * entries + 1, entries), number + 1);
      assertEquals(firstIndexOf(number, entries), (number - 1) * entries + 1);
      assertEquals(segmentOf(firstIndexOf(number, entries), entries), number);
    }
  }
});

Deno.test("a step of sealing reads no more entries than a block has, and packs no more than one block", () => {
  const log = polls(500, 40);
  let [reads, packs] = [0, 0];
  const source = sourceOf(log, { segments: new Map(), reaches: new Map() });
  const packing = { ...zstdPacking, pack: (bytes: Uint8Array) => (packs++, zstdPacking.pack(bytes)) };
  const read = source.read;
  const writer = new SegmentWriter(1, 1, log.length, {
    ...source,
    read: (offset, entry) => (reads++, read(offset, entry)),
  }, packing);
  for (;;) {
    reads = packs = 0;
    if (writer.step() === undefined) break;
    assert(reads <= 1024 && packs <= 3, `a step reads ${reads} entries and packs ${packs} pieces`);
  }
  assertEquals(writer.step(), undefined);
});

Deno.test("all that an entry of the log has is sealed, except where it is in memory", () => {
  const sealed = Object.keys(new SegmentEntry());
  const inMemory = ["nameHash", "previous", "isSkip", "skipNumber", "skip", "jump"];
  // A run says where the entries before it are, and a segment what comes before it.
  inMemory.push("segmentBefore", "placeBefore", "reachBefore", "end");
  assertEquals(Object.keys(new LogEntry()).filter((key) => !sealed.includes(key)), inMemory);
});

Deno.test("what cannot be read again is not sealed", () => {
  const source = (log: SegmentEntry[]) => sourceOf(log, { segments: new Map(), reaches: new Map() });
  const seal = (log: SegmentEntry[], count = log.length) => {
    const writer = new SegmentWriter(1, 1, count, source(log), zstdPacking);
    while (writer.step() !== undefined);
  };
  const log = manyEntries(3, 1);
  log[1].reach++;
  assertThrows(() => seal(log), Error, "Cannot seal entry 2: its reach is 1790000000038, and not 1790000000037");
  assertThrows(() => seal([]), RangeError, "Cannot seal 0 entries in a segment: it has 1 to 1048576");
  assertThrows(() => seal([], 2 ** 20 + 1), RangeError, "Cannot seal 1048577 entries");
  const writer = new SegmentWriter(1, 1, 3, source(log), zstdPacking);
  assertThrows(() => writer.digest, Error, "a segment that is not whole has no digest");
});

Deno.test("the format of today is that of tomorrow", () => {
  const [file] = sealAll(soundModules, polls(40, 10), 400);
  const { blocks, footer } = partsOf(soundModules, file);
  // Other numbers here mean that no segment of before can be compared with those of after: it is a new format.
  assertEquals([file.digest.toHex(), blocks[0].length, footer.length], [
    "e669d2686c9f4025e7a44f003689e8367ed74a8b757dc2d2fdadb4c8764fb64e",
    2252,
    220,
  ]);
  const reader = new ByteReader(footer);
  assertEquals([1, 1, 1, 1, 400, entryColumns.length].map(() => reader.varint()), [1, 1, 1, 1, 400, 24]);
});
