/**
 * A replica's history on a simulated disk, and what must be true of it after a crash at any step.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { segmentKinds, type SegmentRef } from "../../src/history.ts";
import { SegmentEntry } from "../../src/database/segments/segment_entry.ts";
import { textMarks } from "../../src/database/wire/entry_fields.ts";
import { finished } from "../../src/storage/history_files.ts";
import type { FileSteps } from "../../src/file_steps.ts";
import * as historyStore from "../../src/storage/history_store.ts";
import type { HistoryStore } from "../../src/storage/history_store.ts";
import type { DamagedPart } from "../../src/database/segments/damage.ts";
import { wholeName } from "../../src/storage/segment_names.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { setText } from "../database/segments/entries.ts";
import { sealAll, type SealedFile, soundModules } from "../database/segments/sealing.ts";
import type { Packing } from "../../src/packing.ts";
import { DocumentWriter } from "../../src/database/segments/document_segments.ts";
import { ByteWriter } from "../../src/bytes.ts";
import { SimFiles } from "../simulator/files.ts";

/** The module that is looked at, and what packs for it. */
export type HistoryModules = Pick<typeof historyStore, "HistoryStore"> & { readonly packing: Packing };

/** As it is. */
export const soundHistory: HistoryModules = { ...historyStore, packing: zstdPacking };

/** Entries of a segment: three blocks. */
const segmentEntries = 2100;

/** The note of an entry. */
function noteOf(index: number): Uint8Array {
  return new Uint8Array(10).fill(97 + index % 20);
}

/** Reports of the same sites in turn, each with a note. */
function logOf(count: number, isRedacted: (index: number) => boolean): SegmentEntry[] {
  return Array.from({ length: count }, (_, at) => {
    const entry = new SegmentEntry();
    const time = 1_790_000_000_000 + 100 * at;
    Object.assign(entry, { kind: 1, site: 1 + at % 3, index: at + 1, recordedAt: time, observedAt: time, reach: time });
    entry.marked = textMarks.note;
    setText(entry.note, isRedacted(at + 1) ? new Uint8Array(10) : noteOf(at + 1));
    return entry;
  });
}

function sealedDocuments(): SealedFile {
  const writer = new DocumentWriter(1, 1, zstdPacking);
  const bytes = new ByteWriter();
  for (let at = 0; at < 40; at++) bytes.raw(writer.add(new Uint8Array(300).fill(at)));
  bytes.raw(writer.end());
  return { number: 1, bytes: bytes.copy(), digest: writer.digest };
}

/** Which entries the tests redact: some in the first and some in the last block of segment 1. */
export const isRedacted = (index: number): boolean => index === 1 || index === segmentEntries;

/** A sealed segment, and what names it. */
export interface Sealed {
  readonly ref: SegmentRef;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** How many bytes of the file are blocks. */
  readonly start: number;
  /** The packed blocks. */
  readonly blocks: readonly Uint8Array[];
}

function sealedOf(kind: number, { number, bytes, digest }: SealedFile): Sealed {
  const ref = { kind, number, digest };
  const files = new SimFiles();
  files.put(wholeName(ref), bytes);
  const store = finished(files, historyStore.HistoryStore.open(files, zstdPacking, [ref]));
  const segment = kind === segmentKinds.entries ? store.segment(number) : store.documentSegment(number);
  const ranges = Array.from({ length: segment.blocks }, (_, block) => segment.rangeOf(block));
  const blocks = ranges.map(({ start, end }) => bytes.subarray(start, end));
  return { ref, name: wholeName(ref), bytes, start: ranges.at(-1)!.end, blocks };
}

/** Three segments of the log as another replica may have packed them. */
export function sealedLog(packing: Packing): Sealed[] {
  const files = sealAll(soundModules, logOf(3 * segmentEntries, () => false), segmentEntries, packing);
  return files.map((file) => sealedOf(segmentKinds.entries, file));
}

const redactedLog = sealAll(soundModules, logOf(segmentEntries, isRedacted), segmentEntries);

/** Three segments of the log, segment 1 as the redaction leaves it, and one of documents. */
export const [one, two, three]: readonly Sealed[] = sealedLog(zstdPacking);
export const oneRedacted: Sealed = sealedOf(segmentKinds.entries, redactedLog[0]);
export const documents: Sealed = sealedOf(segmentKinds.documents, sealedDocuments());
assertEquals(one.blocks.length, 3);

/** All that may be on the disk under its name. */
const known = new Map([one, two, three, oneRedacted, documents].map(({ name, bytes }) => [name, bytes]));

/** Seals a segment: its blocks and then the rest, as a writer gives them. */
export function* sealing(store: HistoryStore, { ref, blocks, bytes, start }: Sealed): FileSteps<SegmentRef> {
  const file = store.begin(ref);
  for (const block of blocks) yield* file.add(block);
  yield* file.add(bytes.subarray(start));
  return yield* file.end(ref.digest);
}

/** A replica: its files, and the state on its disk, which names segments. */
export class HistoryWorld {
  readonly files: SimFiles = new SimFiles();
  readonly #modules: HistoryModules;
  /** What the state names. It is changed at once, as by a commit. */
  named: Sealed[];
  store: HistoryStore;

  /** One with these segments on its disk. */
  constructor(modules: HistoryModules, named: readonly Sealed[]) {
    this.#modules = modules;
    this.named = [...named];
    for (const { name, bytes } of named) this.files.put(name, bytes);
    this.store = this.open();
  }

  /** Opens the folder as a process does that starts. */
  open(caches: historyStore.HistoryCaches = {}): HistoryStore {
    const refs = this.named.map(({ ref }) => ref);
    return this.store = this.run(this.#modules.HistoryStore.open(this.files, this.#modules.packing, refs, caches));
  }

  /** Does all steps. */
  run<T>(steps: FileSteps<T>): T {
    return finished(this.files, steps);
  }

  /** The state names a segment now, and then the store does. */
  commit(sealed: Sealed): void {
    const { kind, number } = sealed.ref;
    this.named = [...this.named.filter(({ ref }) => ref.kind !== kind || ref.number !== number), sealed];
    this.store.name(sealed.ref);
  }

  /** Receives a segment. */
  *receiving({ ref, bytes, start }: Sealed): FileSteps<SegmentRef> {
    const file = this.store.receive(ref, bytes.subarray(start), bytes.length);
    for (let range = file.needs; range !== undefined; range = file.needs) {
      yield* file.take(bytes.subarray(range.start, range.end));
    }
    return yield* file.end();
  }

  /** Everything that the state names is there, byte for byte, and is read; except for what is told. */
  checkNamed(except?: Sealed): void {
    for (const sealed of this.named) {
      if (sealed === except) continue;
      assertSame(this.files.all().get(sealed.name), sealed.bytes, sealed.name);
      readAll(this.store, sealed);
    }
    const damaged = this.store.damages.filter(({ kind, number }) =>
      kind !== except?.ref.kind || number !== except.ref.number
    );
    assertEquals(damaged, []);
  }

  /** Each file of a whole segment's name has what was sealed, if the store takes it. */
  checkUnnamed(): void {
    for (const ref of this.store.unnamed) {
      assert(known.has(wholeName(ref)), `"${wholeName(ref)}" was never whole`);
      if (!this.run(this.store.adopt(ref))) continue;
      assertSame(this.files.all().get(wholeName(ref)), known.get(wholeName(ref)), wholeName(ref));
    }
  }
}

function assertSame(actual: Uint8Array | undefined, expected: Uint8Array | undefined, what: string): void {
  const isSame = actual !== undefined && expected !== undefined && Buffer.compare(actual, expected) === 0;
  assert(isSame, `${what} is not what was sealed`);
}

/** Reads all of a segment by all ways, and compares it with what was sealed. */
export function readAll(store: HistoryStore, { ref, bytes, start, blocks }: Sealed): void {
  assertSame(store.tail(ref), bytes.subarray(start), "the tail");
  assertEquals(store.fileBytes(ref), bytes.length);
  for (const [block, packed] of blocks.entries()) {
    assertSame(store.packed(ref, block), packed, `block ${block}`);
    assertEquals(store.check(ref, block), { bytes: packed.length, blocks: blocks.length });
    if (ref.kind === segmentKinds.entries) {
      const entry = new SegmentEntry();
      const read = store.entries(ref.number, block).all();
      // Some of them: the first and the last one are redacted.
      for (let at = 0; at < read.count; at = at < read.count - 1 ? Math.min(at + 101, read.count - 1) : read.count) {
        read.read(at, entry);
        const index = entry.index;
        const isErased = ref.digest === oneRedacted.ref.digest && isRedacted(index);
        assertSame(entry.note.view(), isErased ? new Uint8Array(10) : noteOf(index), `the note of entry ${index}`);
      }
    } else {
      for (const [at, document] of store.documents(ref.number, block).entries()) {
        assertSame(document, new Uint8Array(300).fill(16 * block + at), `document ${at} of block ${block}`);
      }
    }
  }
}

/** Work that a crash may end, and what it leads to. */
export interface Work {
  readonly name: string;
  /** What the state names before. */
  readonly named: readonly Sealed[];
  /** Damages the disk, before the store is opened. */
  readonly damage?: (files: SimFiles) => void;
  /** Which segment is damaged until the work is done. */
  readonly damaged?: Sealed;
  /** Does it, on a store as it was opened; also a second time after a crash. */
  readonly work: (world: HistoryWorld) => void;
  /** What the state names afterwards. */
  readonly after: readonly Sealed[];
}

const heal = (name: string, part: DamagedPart, bytes: Uint8Array, damage: (files: SimFiles) => void): Work => ({
  name,
  named: [one, two, documents],
  damage,
  damaged: two,
  work: (world) => world.run(world.store.heal(two.ref, part, bytes)),
  after: [one, two, documents],
});

/** All works that write. */
export const works: readonly Work[] = [
  {
    name: "sealing a segment",
    named: [one, documents],
    work: (world) => {
      world.run(sealing(world.store, two));
      world.commit(two);
    },
    after: [one, two, documents],
  },
  {
    name: "sealing a segment that may be there from an attempt before",
    named: [one, documents],
    work: (world) => {
      if (!world.run(world.store.adopt(two.ref))) world.run(sealing(world.store, two));
      world.commit(two);
    },
    after: [one, two, documents],
  },
  {
    name: "receiving documents and a segment",
    named: [one],
    work: (world) => {
      for (const sealed of [documents, three]) {
        if (world.named.includes(sealed)) continue;
        world.run(world.receiving(sealed));
        world.commit(sealed);
      }
    },
    after: [one, three, documents],
  },
  {
    name: "redacting",
    named: [one, two],
    work: (world) => {
      world.store.viewInstalled();
      const ref = world.run(world.store.redact(1, isRedacted));
      assertEquals(ref.digest.toHex(), oneRedacted.ref.digest.toHex());
      world.commit(oneRedacted);
      world.store.checkpointBegins();
      world.store.checkpointed();
      world.run(world.store.deleteUnnamed());
    },
    after: [oneRedacted, two],
  },
  heal("healing a block", 1, two.blocks[1], (files) => files.flip(two.name, two.blocks[0].length + 20)),
  heal("healing a footer", "footer", two.bytes.subarray(two.start), (files) => files.flip(two.name, two.start + 9)),
  heal("healing a file that is cut", "file", two.bytes, (files) => files.cut(two.name, two.start)),
  heal("healing a file that is missing", "file", two.bytes, (files) => files.lose(two.name)),
];

/** Numbers that look like chance, from a seed. @returns what gives one from 0 to below its argument. */
export function chance(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return (below) => {
    state = Math.imul(state ^ state >>> 15, 0x85ebca6b) + 0x6d2b79f5 | 0;
    return (state >>> 8) % below;
  };
}

/**
 * Crashes a work before each of its changes and after the last one, and checks what the next start finds.
 *
 * @param variants how many times each crash is looked at, each time with other survivors; 0: the process alone ends.
 * @returns how many crashes there were.
 */
export function checkCrashes(modules: HistoryModules, work: Work, variants: number): number {
  let crashes = 0;
  for (let crashAt = 0;; crashAt++) {
    let isOver = false;
    for (let variant = 0; variant < Math.max(1, variants); variant++) {
      const world = new HistoryWorld(modules, work.named);
      if (work.damage !== undefined) {
        work.damage(world.files);
        world.open();
      }
      world.files.changes = 0;
      world.files.crashAt = crashAt;
      try {
        work.work(world);
        isOver = true;
      } catch (error) {
        if (!world.files.isDown) throw error;
      }
      if (variants === 0) world.files.restart();
      else world.files.restartMachine(chance(97 * crashAt + variant));
      checkAfter(world, work, isOver);
      crashes++;
    }
    if (isOver) return crashes;
  }
}

function checkAfter(world: HistoryWorld, work: Work, isOver: boolean): void {
  const before = [...world.files.all().keys()].sort();
  const store = world.open();
  assertEquals([...world.files.all().keys()].sort(), before, "a start has changed the files");
  let deleted = true;
  try {
    world.run(store.deleteUnnamed());
  } catch {
    deleted = false;
  }
  assert(!deleted, "files were deleted before the view is installed");
  if (isOver) world.checkNamed();
  else world.checkNamed(work.damaged);
  const isHealed = work.damaged === undefined || checkDamaged(world, work.damaged);
  assert(isHealed || !isOver, "what was healed is damaged");
  world.checkUnnamed();
  if (!isOver) {
    world.open();
    work.work(world);
  }
  world.checkNamed();
  world.open();
  world.store.viewInstalled();
  world.run(world.store.deleteUnnamed());
  world.checkNamed();
  assertEquals([...world.files.all().keys()].sort(), work.after.map(({ name }) => name).sort());
  // Nothing that was named depends on what is not lasting.
  world.files.restartMachine(() => 0);
  world.open();
  world.checkNamed();
}

/** A damaged segment is as it was or as it must be: no reader gets other bytes. Returns whether it is as it must be. */
function checkDamaged(world: HistoryWorld, sealed: Sealed): boolean {
  try {
    readAll(world.store, sealed);
    return true;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "DamageError") throw error;
    assert(world.store.damages.some(({ message }) => message === error.message), "damage is not listed");
    return false;
  }
}
