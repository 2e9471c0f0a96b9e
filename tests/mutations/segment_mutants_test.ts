/**
 * Each rule of sealed segments is needed: if it is broken, a check that the sound modules pass fails.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SegmentEntry } from "../../src/database/segments/segment_entry.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { anyEntries, setText } from "../database/segments/entries.ts";
import {
  checkAside,
  checkDocuments,
  checkErasing,
  checkReaches,
  checkRoundTrip,
  checkWalks,
  forged,
  forgedPacked,
  inOnePiece,
  lackingAnEntry,
  openFile,
  packedIn,
  partsOf,
  sealAll,
  type SealedFile,
  type SegmentModules,
} from "../database/segments/sealing.ts";
import { changedModules } from "./changed_modules.ts";
import type { Mutant } from "./mutant.ts";
import { mutated } from "./mutate.ts";

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

const [container, blocks, writer, walk] = ["container", "block_writer", "segment_writer", "site_walk"].map(fileOf);

function fileOf(name: string): string {
  return `database/segments/${name}.ts`;
}

const mutants: readonly Mutant[] = [
  {
    name: "a digest is that of packed bytes",
    file: container,
    from: "heads.raw(this.#packing.digest(bytes));",
    to: "heads.raw(this.#packing.digest(packPieces(bytes, borders, this.#packing)));",
    also: [[
      "if (!isSame(this.#packing.digest(unpacked), digest))",
      "if (!isSame(this.#packing.digest(packed), digest))",
    ]],
  },
  {
    name: "a digest is that of the whole tail",
    file: container,
    from: "this.#digest = this.#packing.digest(footer.view());\n    return",
    to: "this.#digest = this.#packing.digest(ended(footer.view(), this.#directory.view(), this.#packing));\n    return",
  },
  {
    name: "entry kN is in segment k + 1",
    file: writer,
    from: "return Math.floor((index - 1) / entries) + 1;",
    to: "return Math.floor(index / entries) + 1;",
  },
  {
    name: "a segment begins with the last entry of the one before",
    file: writer,
    from: "return (number - 1) * entries + 1;",
    to: "return Math.max(1, (number - 1) * entries);",
  },
  {
    name: "the digest of a block is not compared",
    file: container,
    from: "if (!isSame(this.#packing.digest(unpacked), digest)) {",
    to: "if (digest.length === 0) {",
  },
  {
    name: "packed bytes are not compared before they are unpacked",
    file: container,
    from: "if (!isSame(this.#packing.digest(packed).subarray(0, checkBytes), this.#checkOf(block))) {",
    to: "if (packed.length === 0) {",
  },
  {
    name: "the digest of a footer is not compared",
    file: container,
    from: "if (!isSame(packing.digest(this.#footer), digest)) {",
    to: "if (digest.length === 0) {",
  },
  {
    name: "the directory is not compared",
    file: container,
    from: "if (!isSame(packing.digest(tail.subarray(directoryStart, directoryEnd)), told)) {",
    to: "if (told.length === 0) {",
  },
  {
    name: "a piece is unpacked to any length",
    file: fileOf("pieces"),
    from: "if (pieceBytes > length - at) throw",
    to: "if (pieceBytes < 0) throw",
  },
  {
    name: "texts are numbered block by block",
    file: blocks,
    from: "this.#named[column].varint(number === last[column] ? 0 : number + 1);",
    to: "this.#named[column].varint(number === last[column] ? 0 : last[column] + 2);",
  },
  {
    name: "the number of a text stays that of another block",
    file: blocks,
    from: "    this.#lastNumbers = { ...noNumbers };\n",
    to: "",
  },
  {
    name: "a run that continues one of the block before is a first one",
    file: writer,
    from: "entry.site === this.#site ? links.blockBefore :",
    to: "entry.site === this.#site ? links.none :",
  },
  {
    name: "a link leads one segment too far",
    file: writer,
    from: "return before === 0 ? links.none : this.#number - before + 1;",
    to: "return before === 0 ? links.none : this.#number - before + (before > 1 ? 2 : 1);",
  },
  {
    name: "a walk ends where the site has no entry in the first segment",
    file: walk,
    from: "      this.#segment--;\n",
    to: "      this.#segment = 0;\n",
  },
  {
    name: "a walk has the entry that it is to begin before",
    file: walk,
    from: "if (entries.indexAt(at) >= this.#before) continue;",
    to: "if (entries.indexAt(at) > this.#before) continue;",
  },
  {
    name: "the first entry of a run is always the newest observation",
    file: blocks,
    from: "kind === entryKinds.report && observedAt === reach;",
    to: "kind === entryKinds.report;",
  },
  {
    name: "a reach is not checked when it is sealed",
    file: writer,
    from: "if (reach !== expected) {",
    to: "if (reach < 0) {",
  },
  {
    name: "a filter has no report of the moment of the newest observation",
    file: writer,
    from: "entry.isExplicit && observedAt <= this.#reach",
    to: "entry.isExplicit && observedAt < this.#reach",
  },
  {
    name: "a filter knows nothing of segments before",
    file: writer,
    from: "this.#reach = this.#source.reachBefore(site);",
    to: "this.#reach = -1;",
    also: [["if (reach !== expected) {", "if (reach < 0) {"]],
  },
  {
    name: "the least observation of a block is that of its last entry",
    file: writer,
    from: "if (entry.reach < reachMin) reachMin",
    to: "reachMin",
  },
  {
    name: "entries of a site are sorted backwards",
    file: fileOf("site_order"),
    from: "_, offset) => offset)",
    to: "_, offset) => count - 1 - offset)",
  },
  {
    name: "only the lower digits of a site are sorted by",
    file: fileOf("site_order"),
    from: "while (this.#passes < 3 &&",
    to: "while (this.#passes < 1 &&",
  },
  {
    name: "a block ends by its entries alone",
    file: blocks,
    from: "this.#count === blockEntriesMax || this.#named.text.length >= blockTextBytes",
    to: "this.#count === blockEntriesMax",
  },
  {
    name: "seconds are told although there are parts of them",
    file: fileOf("columns"),
    from: "if (values[at] % scale !== 0) return false;",
    to: "if (values[at] % 100 !== 0) return false;",
  },
  {
    name: "a note that was redacted stays",
    file: fileOf("erasing"),
    from: "? [entry.who, entry.note] : [entry.note]",
    to: "? [entry.who] : []",
  },
  {
    name: "a reporter that stands in the entry stays",
    file: fileOf("erasing"),
    from: "? [entry.who, entry.note] : [entry.note]",
    to: "? [entry.note] : [entry.note]",
  },
  {
    name: "a segment whose entry was redacted has the digest of before",
    file: container,
    from: "footer.set(this.#packing.digest(bytes), this.#digestsAt[block]);",
    to: "",
  },
  {
    name: "the entries of a run are the first ones of its block",
    file: fileOf("entry_block"),
    from: "array.slice(start, end)",
    to: "array.slice(0, end - start)",
  },
  {
    name: "the run that was read last is taken for every run",
    file: fileOf("sealed_block"),
    from: "if (this.#last?.start !== run.start) this.#last =",
    to: "this.#last ??=",
  },
  {
    name: "blocks that miss an entry are read in order",
    file: fileOf("index_order"),
    from: "if (this.#places.includes(nowhere)) {",
    to: "if (this.#places.length === 0) {",
  },
  {
    name: "a document segment ends one document early",
    file: fileOf("document_segments"),
    from: "return isWholeDocumentSegment(this.#count, this.#bytes, this.#bytesMax);",
    to: "return isWholeDocumentSegment(this.#count, this.#bytes + 1, this.#bytesMax);",
  },
  {
    name: "a block of documents ends by their count alone",
    file: fileOf("document_segments"),
    from: "this.#inBlock === blockDocumentsMax || this.#documents.length >= blockDocumentBytes;",
    to: "this.#inBlock === blockDocumentsMax;",
  },
];

/** The modules as a mutant has them; without one, as they are, but made in the same way. */
function modulesOf(mutant?: Mutant): SegmentModules {
  const exportsOf = changedModules((text, file) =>
    mutant === undefined || file !== `src/${mutant.file}` ? text : mutated(text, mutant, mutant.file)
  );
  const names = [
    "columns",
    "container",
    "document_segments",
    "index_order",
    "sealed_segment",
    "segment_writer",
    "site_walk",
  ];
  return Object.assign({}, ...names.map((name) => exportsOf(`src/${fileOf(name)}`))) as SegmentModules;
}

/** Thrown by a check that does not hold because something was taken that must be refused. */
function mustRefuse(what: string, take: () => void): void {
  try {
    take();
  } catch {
    return;
  }
  throw new Error(`${what} was taken`);
}

/** Reports of the same sites in turn, with long notes. */
function withNotes(count: number): SegmentEntry[] {
  return Array.from({ length: count }, (_, at) => {
    const entry = new SegmentEntry();
    const time = 1_790_000_000_000 + 100 * at;
    Object.assign(entry, { kind: 1, site: 1 + at % 3, index: at + 1, recordedAt: time, observedAt: time, reach: time });
    entry.marked = 32 + 8;
    entry.whoNumber = 7;
    setText(entry.note, new Uint8Array(1500).fill(97 + at % 20));
    return entry;
  });
}

/** Throws if a rule is broken. */
function check(modules: SegmentModules): void {
  const run = (runs: number, holds: (log: SegmentEntry[], entries: number) => void) => {
    const sizes = fc.constantFrom(1, 2, 8, 13, 40);
    const options = { numRuns: runs, seed: 1, endOnFailure: true };
    fc.assert(fc.property(anyEntries, sizes, (log, entries) => void holds(log, entries)), options);
  };
  assertEquals([8, 9, 16, 17].map((index) => modules.segmentOf(index, 8)), [1, 2, 2, 3]);
  run(40, (log, entries) => checkRoundTrip(modules, log, entries));
  run(40, (log, entries) => checkWalks(modules, log, entries));
  run(40, (log, entries) => checkAside(modules, log, entries));
  run(20, (log, entries) => checkReaches(modules, log, entries));
  run(20, (log, entries) => checkErasing(modules, log, entries, (index) => index % 3 === 0));
  checkBlocks(modules);
  checkDocuments(modules, Array.from({ length: 20 }, (_, at) => new Uint8Array(40 + at)), 100);
  const documents = new modules.DocumentWriter(1, 1, zstdPacking, 100);
  documents.add(new Uint8Array(99));
  assert(!documents.isFull, "a segment is full too early");
  const large = new modules.DocumentWriter(1, 1, zstdPacking);
  const sizes = Array.from({ length: 6 }, (_, at) => large.add(new Uint8Array(48_000).fill(at)).length);
  assert(sizes[5] > 0, "a block of documents is too large");
  run(5, (log) => checkRefusals(modules, log));
  const wrong = new SegmentEntry();
  Object.assign(wrong, { kind: 3, site: 1, index: 1, reach: 5 });
  mustRefuse("a wrong reach", () => sealAll(modules, [wrong], 1));
}

/** Blocks that end by their texts are read as they were, and walks go from one to the other. */
function checkBlocks(modules: SegmentModules): void {
  const notes = withNotes(130);
  const [file] = sealAll(modules, notes, notes.length);
  assert(openFile(modules, file).blocks > 2, "a block with long notes does not end early");
  checkRoundTrip(modules, notes, notes.length);
  checkWalks(modules, notes, notes.length);
  checkErasing(modules, notes, notes.length, (index) => index === 77);
}

/** Files that are damaged or made up are refused. */
function checkRefusals(modules: SegmentModules, log: readonly SegmentEntry[]): void {
  const [file] = sealAll(modules, log, log.length);
  const { blocks, footer } = partsOf(modules, file);
  const read = (other = file, packing = zstdPacking) => {
    const segment = openFile(modules, other, packing);
    const order = new modules.IndexOrder(segment);
    while (order.needs !== undefined) order.take(packedIn(segment, other, order.needs));
  };
  const { end } = openFile(modules, file).rangeOf(0);
  const flipped = (at: number) => ({ ...file, bytes: file.bytes.map((byte, k) => k === at ? byte ^ 1 : byte) });
  mustRefuse("another footer", () => read(flipped(end + 3)));
  mustRefuse("another directory", () => openFile(modules, flipped(end + footer.length + 3)));
  let unpacked = 0;
  const packing = {
    ...zstdPacking,
    unpack: (...some: [Uint8Array, number]) => (unpacked++, zstdPacking.unpack(...some)),
  };
  mustRefuse("a damaged block", () => read(flipped(end - 1), packing));
  assert(unpacked === 0, "damaged bytes were unpacked");
  const other = blocks[0].slice();
  other[other.length - 1] ^= 1;
  const forgedFile = forged([other], footer);
  mustRefuse("another block", () => openFile(modules, forgedFile).unpack(0, packedInFirst(modules, forgedFile)));
  let most = 0;
  const watching = {
    ...zstdPacking,
    unpack(_: Uint8Array, length: number) {
      most = Math.max(most, length);
      return new Uint8Array(Math.min(length, 100));
    },
  };
  const large = forgedPacked([inOnePiece(blocks[0], zstdPacking, 2 ** 40)], footer, zstdPacking);
  mustRefuse("a piece that is too large", () => {
    openFile(modules, large, watching).unpack(0, packedInFirst(modules, large));
  });
  assert(most <= blocks[0].length, "a piece was unpacked to more than its block has");
  const lacking = lackingAnEntry(modules);
  mustRefuse("a segment that lacks an entry", () => read(lacking));
}

function packedInFirst(modules: SegmentModules, file: SealedFile): Uint8Array {
  return packedIn(openFile(modules, file), file, 0);
}

Deno.test({
  name: "each rule of sealed segments is needed (needs --allow-read)",
  ignore,
  fn() {
    const caught = (mutant?: Mutant): boolean => {
      // A mutant that cannot be made is not caught.
      const modules = modulesOf(mutant);
      try {
        check(modules);
        return false;
      } catch (error) {
        if (mutant === undefined) throw error;
        return true;
      }
    };
    assert(!caught(), "nothing is caught where no rule is broken");
    for (const mutant of mutants) assert(caught(mutant), mutant.name);
  },
});
