/** A segment that is not as it was sealed is refused, and it is said where it is damaged. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../../src/bytes.ts";
import type { Packing } from "../../../src/packing.ts";
import { blockBytesMax, endBytes, footerStart } from "../../../src/database/segments/container.ts";
import { type DamagedPart, DamageError } from "../../../src/database/segments/damage.ts";
import { DocumentSegment, DocumentWriter } from "../../../src/database/segments/document_segments.ts";
import { IndexOrder } from "../../../src/database/segments/index_order.ts";
import { SegmentEntry } from "../../../src/database/segments/segment_entry.ts";
import type { SealedSegment } from "../../../src/database/segments/sealed_segment.ts";
import { SiteWalk } from "../../../src/database/segments/site_walk.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { anyEntries } from "./entries.ts";
import {
  forged,
  forgedPacked,
  inOnePiece,
  lackingAnEntry,
  openFile,
  packedIn,
  partsOf,
  sealAll,
  type SealedFile,
  soundModules,
  withBlock,
} from "./sealing.ts";

/** Some entries of all kinds: always the same. */
function someEntries(count: number): SegmentEntry[] {
  const [log] = fc.sample(anyEntries.filter(({ length }) => length >= count), { seed: 3, numRuns: 1 });
  return log.slice(0, count);
}

/** Opens all that a segment has. */
function openAll(segment: SealedSegment, file: SealedFile): void {
  const order = new IndexOrder(segment);
  while (order.needs !== undefined) order.take(packedIn(segment, file, order.needs));
  const entry = new SegmentEntry();
  for (let offset = 0; offset < segment.count; offset++) order.entry(segment.first + offset, entry);
}

/** Where a file is damaged, as far as it can be seen; undefined: nowhere. */
function damageOf(file: SealedFile, packing: Packing = zstdPacking): DamagedPart | undefined {
  try {
    openAll(openFile(soundModules, file, packing), file);
    return undefined;
  } catch (error) {
    // Nothing else is ever thrown.
    assert(error instanceof DamageError, `${error}`);
    assert(
      /^(Block \d+|The (file|end|directory|footer)) of segment \d+ is damaged: \S/.test(error.message),
      error.message,
    );
    return error.part;
  }
}

Deno.test("every bit that is flipped is found, and named by the part that it is in", () => {
  const [file] = sealAll(soundModules, someEntries(24), 24);
  const segment = openFile(soundModules, file);
  const { end } = segment.rangeOf(0);
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset + file.bytes.length - endBytes);
  const [footerEnd, directoryEnd] = [end + view.getUint32(0), file.bytes.length - endBytes];
  let unpacked = 0;
  const packing: Packing = { ...zstdPacking, unpack: (...some) => (unpacked++, zstdPacking.unpack(...some)) };
  for (let at = 0; at < file.bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = file.bytes.slice();
      bytes[at] ^= 1 << bit;
      const part = damageOf({ ...file, bytes }, packing);
      if (at < end) assertEquals(part, 0, `byte ${at}`);
      else if (at < footerEnd) assertEquals(part, "footer", `byte ${at}`);
      else if (at < directoryEnd) assertEquals(part, "directory", `byte ${at}`);
      else assert(part !== undefined && typeof part !== "number", `byte ${at}: ${part}`);
    }
  }
  // The library that unpacks sees nothing that a disk has damaged.
  assertEquals(unpacked, 0);
});

Deno.test("a block among many is named by its number", () => {
  const documents = new DocumentWriter(4, 1, zstdPacking);
  const written = new ByteWriter();
  for (let at = 0; at < 40; at++) written.raw(documents.add(new Uint8Array(300).fill(at)));
  written.raw(documents.end());
  const whole = written.copy();
  const start = footerStart(whole.subarray(-endBytes), whole.length, "document segment 4");
  const open = () => new DocumentSegment(whole.subarray(start), whole.length, 4, documents.digest, zstdPacking);
  const segment = open();
  assertEquals(segment.blocks, 3);
  for (let block = 0; block < 3; block++) {
    const { start, end } = segment.rangeOf(block);
    const bytes = whole.slice(start, end);
    segment.open(block, bytes);
    bytes[bytes.length - 1] ^= 1;
    const error = assertThrows(() => segment.open(block, bytes), DamageError);
    assertEquals([error.part, error.message], [
      block,
      `Block ${block} of document segment 4 is damaged: the digest of its packed bytes is another one`,
    ]);
    assertThrows(() => segment.unpack(block, bytes), DamageError);
    assertThrows(() => segment.open(block, bytes.subarray(1)), DamageError, `Block ${block} of document segment 4`);
  }
  whole[start] ^= 1;
  assertThrows(open, DamageError, "The footer of document segment 4 is damaged: its digest is another one");
});

Deno.test("a file that is cut anywhere is refused", () => {
  const [file] = sealAll(soundModules, someEntries(24), 24);
  const { length } = file.bytes;
  for (let cut = 0; cut < length; cut++) {
    assert(damageOf({ ...file, bytes: file.bytes.slice(0, cut) }) !== undefined, `the first ${cut} bytes`);
    assert(damageOf({ ...file, bytes: file.bytes.slice(length - cut) }) !== undefined, `the last ${cut} bytes`);
  }
  for (const [from, to] of [[0, 1], [3, 9], [length - 60, length - 59]]) {
    const bytes = new Uint8Array([...file.bytes.slice(0, from), ...file.bytes.slice(to)]);
    assert(damageOf({ ...file, bytes }) !== undefined, `without ${from} to ${to}`);
  }
});

Deno.test("another segment is not taken for the one that is wanted", () => {
  const files = sealAll(soundModules, someEntries(24), 12);
  assertThrows(
    () => openFile(soundModules, { ...files[0], number: 2 }),
    DamageError,
    "The footer of segment 2 is damaged: it is that of segment 1",
  );
  assertEquals(damageOf({ ...files[0], digest: files[1].digest }), "footer");
  const { bytes } = files[0];
  const start = footerStart(bytes.subarray(-endBytes), bytes.length, "segment 1");
  assertThrows(
    () => new DocumentSegment(bytes.subarray(start), bytes.length, 1, files[0].digest, zstdPacking),
    DamageError,
    "The footer of document segment 1 is damaged: it is that of segment 1",
  );
});

Deno.test("a block that somebody made up is refused, although all else fits", () => {
  const [file, other] = sealAll(soundModules, someEntries(24), 12);
  const { blocks, footer } = partsOf(soundModules, file);
  assertEquals(damageOf(forged(blocks, footer)), undefined);
  const changed = blocks[0].slice();
  changed[changed.length - 1] ^= 1;
  assertEquals(damageOf(forged([changed], footer)), 0);
  assertEquals(damageOf(forged(partsOf(soundModules, other).blocks, footer)), 0);
  for (const told of [0, blocks[0].length - 1, blocks[0].length + 1, 2 ** 40]) {
    assertEquals(damageOf(forgedPacked([inOnePiece(blocks[0], zstdPacking, told)], footer, zstdPacking)), 0);
  }
  // What becomes very large is refused before it does.
  const bomb = zstdPacking.pack(new Uint8Array(2 ** 26));
  const piece = new ByteWriter();
  for (const value of [1, blocks[0].length, 2 * bomb.length]) piece.varint(value);
  piece.raw(bomb);
  assertEquals(damageOf(forgedPacked([piece.copy()], footer, zstdPacking)), 0);
  for (const head of [[0], [9], [2 ** 50], [2, 5, 11]]) {
    const writer = new ByteWriter();
    for (const value of head) writer.varint(value);
    assertEquals(damageOf(forgedPacked([writer.copy()], footer, zstdPacking)), 0);
  }
});

/** What an unpacker was asked for. */
function watched(): { readonly packing: Packing; most: number } {
  const seen = {
    most: 0,
    packing: {
      ...zstdPacking,
      unpack(bytes: Uint8Array, length: number) {
        seen.most = Math.max(seen.most, length);
        return zstdPacking.unpack(bytes, length);
      },
    },
  };
  return seen;
}

const changes = fc.array(
  fc.record({
    at: fc.nat(),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.constantFrom([0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], [0], [0x80, 0x80, 1])
        .map((bytes) => Uint8Array.from(bytes)),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

function changed(bytes: Uint8Array, list: readonly { at: number; remove: number; insert: Uint8Array }[]): Uint8Array {
  let result = [...bytes];
  for (const { at, remove, insert } of list) {
    const start = at % (result.length + 1);
    result = [...result.slice(0, start), ...insert, ...result.slice(start + remove)];
  }
  return Uint8Array.from(result);
}

Deno.test("a footer that lies is refused, or read with bounded work", () => {
  let refused = 0;
  fc.assert(
    fc.property(anyEntries, changes, (log, list) => {
      const [file] = sealAll(soundModules, log, log.length);
      const { blocks, footer } = partsOf(soundModules, file);
      const seen = watched();
      if (damageOf(forged(blocks, changed(footer, list)), seen.packing) !== undefined) refused++;
      assert(seen.most <= blockBytesMax);
    }),
    { numRuns: 300 },
  );
  assert(refused > 200, `${refused} were refused`);
});

Deno.test("a block that lies is refused, or read with bounded work", () => {
  let refused = 0;
  fc.assert(
    fc.property(anyEntries, changes, (log, list) => {
      const [file] = sealAll(soundModules, log, log.length);
      const { blocks, footer } = partsOf(soundModules, file);
      const block = changed(blocks[0], list);
      const liar = forged([block], withBlock(footer, block));
      const part = damageOf(liar);
      if (part !== undefined) refused++;
      else walkAll(liar);
    }),
    { numRuns: 300 },
  );
  assert(refused > 100, `${refused} were refused`);
});

/** Walks along each site: a walk ends, wherever the links lead. */
function walkAll(file: SealedFile): void {
  const segment = openFile(soundModules, file);
  const block = segment.block(0, packedIn(segment, file, 0));
  for (let run = 0; run < block.runs.count; run++) {
    const walk = new SiteWalk(block.runs.run(run).site, segment.number);
    walk.blockIn(segment);
    walk.visit(block, () => true);
    assert(walk.segment >= 0 && walk.segment < segment.number, `the walk leads to ${walk.segment}`);
  }
}

Deno.test("a footer says what is wrong with it", () => {
  const [file] = sealAll(soundModules, someEntries(12), 12);
  const { blocks, footer } = partsOf(soundModules, file);
  const refusal = (change: (footer: ByteWriter, reader: ByteReader) => void) => {
    const writer = new ByteWriter();
    const reader = new ByteReader(footer);
    change(writer, reader);
    writer.raw(reader.view(reader.remaining));
    return assertThrows(() => openFile(soundModules, forged(blocks, writer.copy())), DamageError).message;
  };
  const pass = (writer: ByteWriter, reader: ByteReader, count: number) => {
    for (let left = count; left > 0; left--) writer.varint(reader.varint());
  };
  const instead = (before: number, value: number) => (writer: ByteWriter, reader: ByteReader) => {
    pass(writer, reader, before);
    reader.varint();
    writer.varint(value);
  };
  assertEquals(refusal(instead(0, 2)), "The footer of segment 1 is damaged: it is of version 2, and not 1");
  assertEquals(refusal(instead(1, 2)), "The footer of segment 1 is damaged: it is that of document segment 1");
  assertEquals(refusal(instead(4, 2 ** 20 + 1)), "The footer of segment 1 is damaged: it tells of 1048577 from 1 on");
  assertEquals(refusal(instead(4, 13)), "The footer of segment 1 is damaged: the blocks have 12, and it tells of 13");
  assertEquals(refusal(instead(5, 2 ** 40)), `The footer of segment 1 is damaged: it has ${2 ** 40} columns`);
  const strange = refusal((writer, reader) => {
    pass(writer, reader, 6);
    reader.text();
    writer.text("later");
  });
  assertEquals(strange, 'The footer of segment 1 is damaged: it has a column "later", which a later version knows');
  const twice = refusal((writer, reader) => {
    pass(writer, reader, 6);
    reader.text();
    writer.text("text");
  });
  assertEquals(twice, "The footer of segment 1 is damaged: it has a column twice");
  const toBlocks = (writer: ByteWriter, reader: ByteReader) => {
    pass(writer, reader, 5);
    const columns = reader.varint();
    writer.varint(columns);
    for (let left = columns; left > 0; left--) writer.text(reader.text());
  };
  const many = refusal((writer, reader) => {
    toBlocks(writer, reader);
    reader.varint();
    writer.varint(2 ** 30);
  });
  assert(/: 1073741824 blocks are announced and \d+ bytes are left$/.test(many), many);
  const large = refusal((writer, reader) => {
    toBlocks(writer, reader);
    pass(writer, reader, 2);
    reader.varint();
    writer.varint(blockBytesMax + 1);
  });
  assertEquals(large, `The footer of segment 1 is damaged: block 0 has 12 in ${blockBytesMax + 1} bytes`);
});

Deno.test("blocks that do not have all entries are refused when they are read in order", () => {
  const liar = lackingAnEntry(soundModules);
  const segment = openFile(soundModules, liar);
  const order = new IndexOrder(segment);
  const error = assertThrows(() => order.take(packedIn(segment, liar, 0)), DamageError);
  assertEquals(error.message, "The footer of segment 1 is damaged: its blocks do not have all entries");
});
