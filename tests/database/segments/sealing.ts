/**
 * Seals logs and reads what was sealed, with the modules as they are or as a mutant has them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ByteReader, ByteWriter } from "../../../src/bytes.ts";
import { digestBytes, type Packing } from "../../../src/packing.ts";
import * as columns from "../../../src/database/segments/columns.ts";
import * as container from "../../../src/database/segments/container.ts";
import * as documentSegments from "../../../src/database/segments/document_segments.ts";
import * as indexOrder from "../../../src/database/segments/index_order.ts";
import * as sealedSegment from "../../../src/database/segments/sealed_segment.ts";
import { SegmentEntry } from "../../../src/database/segments/segment_entry.ts";
import * as segmentWriter from "../../../src/database/segments/segment_writer.ts";
import * as siteWalk from "../../../src/database/segments/site_walk.ts";
import type { SealedSegment } from "../../../src/database/segments/sealed_segment.ts";
import { zstdPacking } from "../../../src/storage/zstd_packing.ts";
import { copyEntry, said } from "./entries.ts";

/** The modules of `src/database/segments`. */
export type SegmentModules =
  & Pick<typeof container, "endBytes" | "footerStart">
  & Pick<typeof columns, "entryColumns">
  & Pick<typeof documentSegments, "DocumentSegment" | "DocumentWriter">
  & Pick<typeof indexOrder, "IndexOrder">
  & Pick<typeof sealedSegment, "SealedSegment">
  & Pick<typeof segmentWriter, "firstIndexOf" | "segmentOf" | "SegmentWriter">
  & Pick<typeof siteWalk, "SiteWalk">;

/** The modules as they are. */
export const soundModules: SegmentModules = {
  ...container,
  ...columns,
  ...documentSegments,
  ...indexOrder,
  ...sealedSegment,
  ...segmentWriter,
  ...siteWalk,
};

/** Packs by leaving the last byte out if it is 0: other packed bytes than {@link zstdPacking} makes, of the same. */
export const plainPacking: Packing = {
  pack: (bytes) => bytes.at(-1) === 0 ? bytes.slice(0, -1) : bytes.slice(),
  unpack(packed, length) {
    const bytes = new Uint8Array(length);
    bytes.set(packed.subarray(0, length));
    return bytes;
  },
  digest: zstdPacking.digest,
};

/** A sealed file. */
export interface SealedFile {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

/** Reads the entries of a list, as a log would, with the links of its sites. */
export function sourceOf(
  list: readonly SegmentEntry[],
  links: { segments: Map<number, number>; reaches: Map<number, number> },
): segmentWriter.SegmentSource {
  return {
    read: (offset, entry) => copyEntry(list[offset], entry),
    segmentBefore: (site) => links.segments.get(site) ?? 0,
    reachBefore: (site) => links.reaches.get(site) ?? 0,
  };
}

/**
 * Seals all whole segments of a log.
 *
 * @param entries how many a segment has.
 */
export function sealAll(
  { SegmentWriter, segmentOf, firstIndexOf }: SegmentModules,
  log: readonly SegmentEntry[],
  entries: number,
  packing: Packing = zstdPacking,
): SealedFile[] {
  const links = { segments: new Map<number, number>(), reaches: new Map<number, number>() };
  const files: SealedFile[] = [];
  for (let number = 1; number < segmentOf(log.length + 1, entries); number++) {
    const first = firstIndexOf(number, entries);
    const some = log.slice(first - 1, first - 1 + entries);
    const writer = new SegmentWriter(number, first, entries, sourceOf(some, links), packing);
    const file = new ByteWriter();
    for (let step = writer.step(); step !== undefined; step = writer.step()) file.raw(step);
    files.push({ number, bytes: file.copy(), digest: writer.digest });
    for (const { site, reach } of some) {
      links.segments.set(site, number);
      links.reaches.set(site, reach);
    }
  }
  return files;
}

/** Opens a file that is at hand. */
export function openFile(
  { SealedSegment, footerStart, endBytes }: SegmentModules,
  { number, bytes, digest }: SealedFile,
  packing: Packing = zstdPacking,
): SealedSegment {
  const start = footerStart(bytes.subarray(-endBytes), bytes.length, `segment ${number}`);
  return new SealedSegment(bytes.subarray(start), bytes.length, number, digest, packing);
}

/** The packed bytes of a block of a file. */
export function packedIn(segment: SealedSegment, { bytes }: SealedFile, block: number): Uint8Array {
  const { start, end } = segment.rangeOf(block);
  return bytes.subarray(start, end);
}

/** What the entries of a file say, in the order of the log. */
export function saidIn(modules: SegmentModules, file: SealedFile, packing: Packing = zstdPacking): unknown[] {
  const segment = openFile(modules, file, packing);
  const order = new modules.IndexOrder(segment);
  while (order.needs !== undefined) order.take(packedIn(segment, file, order.needs));
  const entry = new SegmentEntry();
  return Array.from({ length: segment.count }, (_, offset) => {
    order.entry(segment.first + offset, entry);
    return said(entry);
  });
}

/** Sealed and read, a log is what it was; and how it was packed makes no difference. */
export function checkRoundTrip(modules: SegmentModules, log: readonly SegmentEntry[], entries: number): void {
  const files = sealAll(modules, log, entries);
  assertEquals(files.length, Math.floor(log.length / entries));
  for (const [at, file] of files.entries()) {
    const some = log.slice(at * entries, (at + 1) * entries);
    assertEquals(openFile(modules, file).first, some[0].index);
    assertEquals(saidIn(modules, file), some.map(said));
  }
  const others = sealAll(modules, log, entries, plainPacking);
  assertEquals(others.map(({ digest }) => [...digest]), files.map(({ digest }) => [...digest]));
  for (const file of others) saidIn(modules, file, plainPacking);
}

/** A walk along a site finds its entries, from any index on. */
export function checkWalks(modules: SegmentModules, log: readonly SegmentEntry[], entries: number): void {
  const files = sealAll(modules, log, entries);
  const sealed = log.slice(0, files.length * entries);
  const segments = files.map((file) => openFile(modules, file));
  // Blocks are read for one site after the other.
  const blocks = segments.map((segment, at) =>
    Array.from({ length: segment.blocks }, (_, block) => segment.block(block, packedIn(segment, files[at], block)))
  );
  for (const site of new Set(sealed.map(({ site }) => site))) {
    const own = sealed.filter((entry) => entry.site === site);
    for (const before of [Infinity, own.at(-1)!.index, own[0].index + 1, Math.ceil(sealed.length / 2) + 1]) {
      const isBound = Number.isFinite(before) && before > 1;
      const last = isBound ? modules.segmentOf(Math.min(before - 1, sealed.length), entries) : files.length;
      const walk = new modules.SiteWalk(site, last, before);
      const found: unknown[] = [];
      for (let left = 1000; walk.segment > 0; left--) {
        assert(left > 0, "the walk has no end");
        const at = walk.segment - 1;
        walk.visit(blocks[at][walk.blockIn(segments[at])], (entry) => found.push(said(entry)) > 0);
      }
      assertEquals(found, own.filter(({ index }) => index < before).map(said).reverse());
    }
  }
}

/** A filter has every explicit report that brought no newer observation, and few others. */
export function checkAside(modules: SegmentModules, log: readonly SegmentEntry[], entries: number): number {
  const reaches = new Map<number, number>();
  let aside = 0;
  for (const file of sealAll(modules, log, entries)) {
    const segment = openFile(modules, file);
    let inFilter = 0;
    for (const entry of log.slice(segment.first - 1, segment.first - 1 + entries)) {
      const isAside = entry.kind === 1 && entry.isExplicit && entry.observedAt <= (reaches.get(entry.site) ?? 0);
      if (isAside) {
        assert(segment.mayHaveAside(entry), "a report is not in the filter");
        inFilter++;
      }
      reaches.set(entry.site, entry.reach);
    }
    const strange = { site: 77, observedAt: 12, availability: 5, unit: 1 };
    if (inFilter === 0) assertEquals(segment.mayHaveAside(strange), false);
    aside += inFilter;
  }
  return aside;
}

/** What the footer says of the newest observations of each block is so. */
export function checkReaches(modules: SegmentModules, log: readonly SegmentEntry[], entries: number): void {
  const entry = new SegmentEntry();
  for (const file of sealAll(modules, log, entries)) {
    const segment = openFile(modules, file);
    for (let block = 0; block < segment.blocks; block++) {
      const read = segment.open(block, packedIn(segment, file, block));
      const reaches = Array.from({ length: read.count }, (_, at) => {
        read.read(at, entry);
        return entry.reach;
      });
      const { reachMin, reachMax } = segment.describe(block);
      assertEquals([reachMin, reachMax], [Math.min(...reaches), Math.max(...reaches)]);
    }
  }
}

/** To redact entries of a sealed segment leaves what sealing the redacted entries makes. */
export function checkErasing(
  modules: SegmentModules,
  log: readonly SegmentEntry[],
  entries: number,
  isRedacted: (index: number) => boolean,
): void {
  const redacted = log.map((entry) => {
    const copy = new SegmentEntry();
    copyEntry(entry, copy);
    if (!isRedacted(entry.index)) return copy;
    for (const text of entry.whoNumber === 0 ? [copy.who, copy.note] : [copy.note]) {
      text.set(new Uint8Array(text.length), 0, text.length);
    }
    return copy;
  });
  const wanted = sealAll(modules, redacted, entries);
  for (const [at, file] of sealAll(modules, log, entries).entries()) {
    let now = file;
    for (let block = 0; block < openFile(modules, now).blocks; block++) {
      const segment = openFile(modules, now);
      const { start, end } = segment.rangeOf(block);
      const erased = segment.erased(block, packedIn(segment, now, block), isRedacted);
      if (erased === undefined) continue;
      const blocksEnd = segment.rangeOf(segment.blocks - 1).end;
      const bytes = new ByteWriter();
      for (const part of [now.bytes.slice(0, start), erased.packed, now.bytes.slice(end, blocksEnd), erased.tail]) {
        bytes.raw(part);
      }
      now = { number: now.number, bytes: bytes.copy(), digest: erased.digest };
    }
    assertEquals([...now.digest], [...wanted[at].digest]);
    assertEquals(saidIn(modules, now), saidIn(modules, wanted[at]));
    assertEquals(now.bytes, wanted[at].bytes);
  }
}

/** Documents, sealed and read, are what they were. */
export function checkDocuments(modules: SegmentModules, documents: readonly Uint8Array[], bytesMax: number): number {
  let [number, first, left] = [0, 1, documents];
  while (left.length > 0) {
    number++;
    const sealed: Uint8Array[] = [];
    const writers = [zstdPacking, plainPacking].map((packing) =>
      new modules.DocumentWriter(number, first, packing, bytesMax)
    );
    const files = writers.map(() => new ByteWriter());
    for (const document of left) {
      if (writers[0].isFull) break;
      for (const [at, writer] of writers.entries()) files[at].raw(writer.add(document));
      sealed.push(document);
    }
    left = left.slice(sealed.length);
    for (const [at, writer] of writers.entries()) files[at].raw(writer.end());
    assertEquals([...writers[1].digest], [...writers[0].digest]);
    const bytes = files[0].copy();
    const start = modules.footerStart(bytes.subarray(-modules.endBytes), bytes.length, "document segment 1");
    const segment = new modules.DocumentSegment(
      bytes.subarray(start),
      bytes.length,
      number,
      writers[0].digest,
      zstdPacking,
    );
    assertEquals([segment.first, segment.count], [first, sealed.length]);
    for (const [at, document] of sealed.entries()) {
      const block = segment.blockOf(first + at);
      const range = segment.rangeOf(block);
      const read = segment.open(block, bytes.subarray(range.start, range.end));
      const found = segment.documentIn(read, first + at);
      assert(found.length === document.length && found.every((byte, k) => byte === document[k]), `document ${at}`);
    }
    first += sealed.length;
  }
  return number;
}

/** A file with other parts than it was sealed with, whose digests are right: as somebody would make it who lies. */
export function forged(blocks: readonly Uint8Array[], footer: Uint8Array, packing: Packing = zstdPacking): SealedFile {
  return forgedPacked(blocks.map((block) => inOnePiece(block, packing)), footer, packing);
}

/** A block as it is in a file, packed in one piece, which says that it has `told` bytes. */
export function inOnePiece(block: Uint8Array, packing: Packing, told = block.length): Uint8Array {
  const packed = packing.pack(block);
  const writer = new ByteWriter();
  for (const value of [1, told, 2 * packed.length]) writer.varint(value);
  writer.raw(packed);
  return writer.copy();
}

/** Undoes {@link inOnePiece}, for any number of pieces. */
function unpacked(packed: Uint8Array): Uint8Array {
  const reader = new ByteReader(packed);
  const pieces = Array.from({ length: reader.varint() }, () => [reader.varint(), reader.varint()]);
  const block = new ByteWriter();
  for (const [length, told] of pieces) {
    const bytes = reader.view(Math.floor(told / 2));
    block.raw(told % 2 === 1 ? bytes : zstdPacking.unpack(bytes, length));
  }
  return block.copy();
}

/** The same, of packed blocks. Written from the description of the format, and not with its code. */
export function forgedPacked(packed: readonly Uint8Array[], footer: Uint8Array, packing: Packing): SealedFile {
  const directory = new ByteWriter();
  for (const block of packed) {
    directory.varint(block.length);
    directory.raw(packing.digest(block).subarray(0, 4));
  }
  const lengths = directory.length;
  directory.uint32(footer.length);
  directory.uint32(lengths);
  const file = new ByteWriter();
  for (const block of packed) file.raw(block);
  file.raw(footer);
  file.raw(directory.view());
  file.raw(packing.digest(directory.view()));
  file.raw(new TextEncoder().encode("Vaxlog1\n"));
  return { number: 1, bytes: file.copy(), digest: packing.digest(footer) };
}

/** The parts of a file. */
export function partsOf(modules: SegmentModules, file: SealedFile): { blocks: Uint8Array[]; footer: Uint8Array } {
  const segment = openFile(modules, file);
  const blocks: Uint8Array[] = [];
  for (let block = 0; block < segment.blocks; block++) {
    blocks.push(unpacked(packedIn(segment, file, block)));
  }
  const { bytes } = file;
  const start = segment.rangeOf(segment.blocks - 1).end;
  const end = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 16 - digestBytes);
  return { blocks, footer: bytes.slice(start, start + end.getUint32(0)) };
}

/** A footer of one block, which tells of another one. */
export function withBlock(footer: Uint8Array, block: Uint8Array): Uint8Array {
  const reader = new ByteReader(footer);
  const writer = new ByteWriter();
  for (let left = 5; left > 0; left--) writer.varint(reader.varint());
  const columns = reader.varint();
  writer.varint(columns);
  for (let left = columns; left > 0; left--) writer.text(reader.text());
  writer.varint(reader.varint());
  writer.varint(reader.varint());
  reader.varint();
  reader.skip(digestBytes);
  writer.varint(block.length);
  writer.raw(zstdPacking.digest(block));
  writer.raw(reader.view(reader.remaining));
  return writer.copy();
}

/** A file whose entries are those of a segment, except one that is missing and one that is there twice. */
export function lackingAnEntry(modules: SegmentModules): SealedFile {
  const log = Array.from({ length: 12 }, (_, at) => {
    return Object.assign(new SegmentEntry(), { kind: 3, site: at, index: at + 1, recordedAt: 1000 + at });
  });
  const { blocks: [block], footer } = partsOf(modules, sealAll(modules, log, log.length)[0]);
  // The second site has the index of the first one: all that follow are one earlier, and the last one is missing.
  block[firstColumnAt(block) + 2] = 0;
  return forged([block], withBlock(footer, block));
}

/** Where the column of first indices begins in a block. */
function firstColumnAt(block: Uint8Array): number {
  const reader = new ByteReader(block);
  const lengths = Array.from({ length: 24 }, () => reader.varint());
  return reader.position + lengths.slice(0, 19).reduce((sum, length) => sum + length, 0);
}
