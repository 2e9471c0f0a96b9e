/** Where a log is full, and what it overwrites. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { PackedLog } from "../../../src/database/store/entry_log.ts";
import { entryKinds } from "../../../src/database/wire/entries.ts";
import { LogEntry } from "../../../src/database/store/log_entry.ts";
import { DecodeError } from "../../../src/bytes.ts";
import { textMarks } from "../../../src/database/wire/entry_fields.ts";
import { documentBytesMax, entriesMax, logChunkBytes, segmentEntries } from "../../../src/limits.ts";

/** Adds documents of one length until there is no room for another. */
function fill(log: PackedLog, length: number): void {
  const entry = new LogEntry();
  entry.kind = entryKinds.documented;
  entry.document.set(new Uint8Array(length), 0, length);
  entry.documentLength = length;
  while (log.hasRoom(entry.bytesMax)) log.append(entry);
}

/** Adds documents of one length until the log has that many bytes, and one at least. */
function fillUpTo(log: PackedLog, bytes: number, length: number): void {
  do {
    const entry = new LogEntry();
    entry.kind = entryKinds.documented;
    entry.document.set(new Uint8Array(length), 0, length);
    entry.documentLength = length;
    log.append(entry);
  } while (log.size.bytes < bytes);
}

const sizes = [1, 1000, documentBytesMax];

Deno.test("EntryLog.hasRoom() is the same for entries of all sizes, and as its size says", () => {
  for (const chunks of [1, 3]) {
    const log = new PackedLog(chunks * logChunkBytes);
    const { bytesMax } = log.size;
    assertEquals(log.size.bytes, 0);
    assert(bytesMax > chunks * logChunkBytes - documentBytesMax - 4096 && bytesMax < chunks * logChunkBytes);
    for (const length of [documentBytesMax, 10_000, 1]) {
      while (log.size.bytes <= bytesMax) {
        assert(sizes.every((size) => log.hasRoom(size)));
        const entry = new LogEntry();
        entry.kind = entryKinds.documented;
        entry.document.set(new Uint8Array(length), 0, length);
        entry.documentLength = length;
        log.append(entry);
        if (length === 10_000) break;
      }
    }
    assert(sizes.every((size) => !log.hasRoom(size)));
    assert(log.size.bytes <= chunks * logChunkBytes);
  }
});

Deno.test("PackedLog takes any number of bytes without a bound, and says so", () => {
  const log = new PackedLog(Infinity);
  fillUpTo(log, 3 * logChunkBytes, 10_000);
  assertEquals([log.isAmple, log.size.bytesMax], [true, 0]);
});

Deno.test("PackedLog counts a third of what is old, whether it was dropped or not", () => {
  // A segment has several chunks, and a part of one.
  const make = () => new PackedLog(8 * logChunkBytes, undefined, 150, 3);
  const [kept, dropped] = [make(), make()];
  const plain = new PackedLog(Infinity, undefined, 150);
  while (kept.hasRoom(documentBytesMax)) {
    for (const log of [kept, dropped, plain]) fillUpTo(log, 0, 10_000);
    while (dropped.firstOpen <= dropped.lastOld) dropped.drop();
    assertEquals([dropped.size, dropped.isAmple], [kept.size, kept.isAmple]);
  }
  assert(!dropped.hasRoom(1) && kept.lastOld > 4);
  const old = logChunkBytes * 2 * kept.lastOld;
  assertEquals(kept.size.bytes, plain.size.bytes - old + Math.ceil(old / 3));
  assert(plain.size.bytes > 8 * logChunkBytes);
  // Documents count in the same way.
  const { bytes } = kept.size;
  kept.hasDocuments(900, 600);
  assertEquals(kept.size.bytes, bytes - Math.ceil(old / 3) + Math.ceil((old + 600) / 3) + 300);
});

Deno.test("EntryLog.hasRoom() lets small entries into the rest of a log that an earlier version began", () => {
  const log = new PackedLog(logChunkBytes);
  log.keepsRoom = false;
  fill(log, documentBytesMax);
  assertEquals([log.hasRoom(documentBytesMax), log.hasRoom(1000)], [false, true]);
  const { bytes, bytesMax } = log.size;
  fill(log, 1000);
  assertEquals(log.hasRoom(1000), false);
  assert(bytes > bytesMax - documentBytesMax && log.size.bytes > bytesMax);
});

Deno.test("EntryLog.replay() compares each part of a chunk when it is read, and not all of it at the end", () => {
  const log = new PackedLog(logChunkBytes);
  fill(log, 1000);
  const [chunk] = log.chunks();
  const parts = [200_000, 400_000, chunk.length];
  const replayed = (change: (entry: LogEntry) => void, ends: readonly number[]) => {
    const again = new PackedLog();
    const replay = again.replay(chunk, (entry) => {
      change(entry);
      again.append(entry);
    });
    for (const end of ends) replay(end);
    return again;
  };
  assertEquals(replayed(() => {}, parts).chunks()[0], chunk);
  // Another entry than was read: that is seen in the part in which it is.
  const later = (entry: LogEntry) => void entry.recordedAt++;
  assertThrows(() => replayed(later, parts.slice(0, 1)), DecodeError, "not as its entries say");
});

Deno.test("PackedLog.redact() copies a chunk once for all snapshots that have a view of it, and else never", () => {
  const log = new PackedLog();
  const entry = new LogEntry();
  Object.assign(entry, { kind: entryKinds.reopened, marked: textMarks.note });
  const note = new TextEncoder().encode("call Ann");
  entry.note.set(note, 0, note.length);
  const places = Array.from({ length: 4 }, () => log.append(entry));
  const bufferOf = () => log.bytesAt(places[0], 1).buffer;
  const before = bufferOf();
  log.redact(places[0]);
  assertEquals(bufferOf() === before, true);
  const [snapshot] = log.chunks();
  const copy = snapshot.slice();
  log.redact(places[1]);
  const after = bufferOf();
  assertEquals([after === before, snapshot], [false, copy]);
  for (const place of places.slice(2)) log.redact(place);
  assertEquals([bufferOf() === after, snapshot], [true, copy]);
});

Deno.test("PackedLog that keeps the bound of an earlier version counts all that it has, and no more fits", () => {
  const make = (bytesMax: number, oldBytesPerByte = 1) => {
    const log = new PackedLog(bytesMax, undefined, 20, oldBytesPerByte, 3 * logChunkBytes);
    log.keepsBound = true;
    return log;
  };
  const plain = new PackedLog(3 * logChunkBytes, undefined, 20);
  const logs = [make(Infinity), make(64 * logChunkBytes, 3), plain];
  for (const log of logs) fill(log, 10_000);
  for (const log of logs) assertEquals([log.last, log.size], [plain.last, plain.size]);
  while (logs[0].firstOpen <= logs[0].lastOld) logs[0].drop();
  assertEquals([logs[0].size, logs[0].hasRoom(1)], [plain.size, false]);
  // Without that, the log has room.
  logs[0].keepsBound = false;
  assertEquals([logs[0].isAmple, logs[0].size.bytesMax], [true, 0]);
  // Documents that stand apart count, and less memory than that is the bound of today.
  const [apart, small] = [make(Infinity), make(logChunkBytes)];
  apart.hasDocuments(3 * logChunkBytes, 0);
  fill(small, 10_000);
  assertEquals([apart.hasRoom(1), small.size.bytes <= logChunkBytes], [false, true]);
});

Deno.test("EntryLog.open() counts all that was sealed as old, and the log continues, however much that was", () => {
  const log = new PackedLog(Infinity);
  // About 100 million entries.
  log.open({ segment: 381, chunks: 2_700, bytes: 2_700 * logChunkBytes, texts: 0 });
  assert(log.isAmple);
  assertEquals(log.size.bytes, 2_699 * logChunkBytes + logChunkBytes);
  fillUpTo(log, log.size.bytes + 2 * logChunkBytes, 1000);
  assert(log.isAmple);
});

Deno.test("PackedLog is full, and says so, with the last entry whose index records can keep", () => {
  const log = new PackedLog(Infinity);
  const segments = Math.floor(entriesMax / segmentEntries);
  log.open({ segment: segments + 1, chunks: 3 * segments, bytes: 3 * segments * logChunkBytes, texts: 0 });
  const entry = new LogEntry();
  entry.kind = entryKinds.report;
  for (let left = entriesMax - log.last; left > 0; left--) {
    if (!log.isAmple || !log.hasRoom(1)) throw new Error(`no room for ${left} entries`);
    log.append(entry);
  }
  assertEquals([log.last, log.isAmple, log.hasRoom(1)], [2 ** 31 - 1, false, false]);
  assert(log.size.bytesMax > 0 && log.size.bytes > log.size.bytesMax);
});
