/**
 * The rules of sealed history in files, beside those of crashes: damage, caches, full disks, files that nobody names.
 * The checks take the modules, so that a mutant can be given to them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { SegmentEntry } from "../../src/database/segments/segment_entry.ts";
import type { DamagedPart } from "../../src/database/segments/damage.ts";
import type { FileSteps } from "../../src/file_steps.ts";
import { perform } from "../../src/storage/history_files.ts";
import type { HistoryStore } from "../../src/storage/history_store.ts";
import {
  chance,
  checkCrashes,
  documents,
  type HistoryModules,
  HistoryWorld,
  isRedacted,
  one,
  oneRedacted,
  readAll,
  type Sealed,
  sealing,
  three,
  two,
  works,
} from "./history_world.ts";

/** The error that a work throws; fails if it throws none. */
export function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    assert(error instanceof Error);
    return error;
  }
  throw new Error("nothing was thrown");
}

/** A work fails with an error of this name, whose message has these words. */
export function mustFail(work: () => unknown, name: string, words: string): void {
  const error = thrownBy(work);
  assertEquals(error.name, name, error.message);
  assert(error.message.includes(words), `"${error.message}" has not "${words}"`);
}

/** Where a byte of a part of a file is. */
function placeOf({ blocks, start, bytes }: Sealed, part: DamagedPart): number {
  switch (part) {
    case "footer":
      return start + 5;
    case "directory":
      return bytes.length - 48 - 3;
    case "end":
      return bytes.length - 48;
    case "file":
      return bytes.length - 1;
    default:
      return blocks.slice(0, part).reduce((sum, { length }) => sum + length, 0) + 30;
  }
}

/** Damage is refused, named, listed, and healed by the right bytes alone; what is sound is read meanwhile. */
export function checkDamage(modules: HistoryModules): void {
  for (const sealed of [two, documents]) {
    for (const part of [0, 1, "footer", "directory", "end", "file"] as const) {
      const world = new HistoryWorld(modules, [one, two, documents]);
      world.files.flip(sealed.name, placeOf(sealed, part));
      const store = world.open();
      const { kind, number } = sealed.ref;
      const wanted = typeof part === "number" ? `Block ${part} of` : `The ${part} of`;
      const reads = [
        () => store.packed(sealed.ref, typeof part === "number" ? part : 0),
        () => kind === 1 ? store.entries(number, Number(part) || 0) : store.documents(number, Number(part) || 0),
      ];
      // The error is the same each time, also after the first one.
      for (const read of [...reads, ...reads]) mustFail(read, "DamageError", wanted);
      assertEquals(store.damages.map(({ kind, number, part }) => ({ kind, number, part })), [{ kind, number, part }]);
      if (typeof part === "number") store.packed(sealed.ref, 1 - part);
      world.checkNamed(sealed);
      checkHealing(world, store, sealed, part);
    }
  }
}

function checkHealing(world: HistoryWorld, store: HistoryStore, sealed: Sealed, part: DamagedPart): void {
  const good = typeof part === "number"
    ? sealed.blocks[part]
    : part === "file"
    ? sealed.bytes
    : sealed.bytes.subarray(sealed.start);
  const before = world.files.all().get(sealed.name);
  for (const wrong of [good.map((byte, at) => at === 40 ? byte ^ 1 : byte), good.subarray(1), one.blocks[0]]) {
    mustFail(
      () => world.run(store.heal(sealed.ref, part, wrong)),
      "RefusedBytesError",
      "are not those that were sealed",
    );
    assertEquals(world.files.all().get(sealed.name), before);
    assertEquals(store.damages.length, 1);
  }
  world.run(store.heal(sealed.ref, part, good));
  world.checkNamed();
  readAll(store, sealed);
}

/** Two damaged blocks are healed one after the other, also where the footer was damaged as well. */
export function checkManyDamages(modules: HistoryModules): void {
  const world = new HistoryWorld(modules, [two]);
  for (const part of [0, 2, "footer"] as const) world.files.flip(two.name, placeOf(two, part));
  const store = world.open();
  mustFail(() => store.entries(2, 0), "DamageError", "The footer of segment 2");
  mustFail(() => world.run(store.heal(two.ref, 0, two.blocks[0])), "DamageError", "The footer");
  world.run(store.heal(two.ref, "footer", two.bytes.subarray(two.start)));
  assertEquals(store.damages.map(({ part }) => part), [0, 2]);
  store.entries(2, 1);
  mustFail(() => world.run(store.redact(2, () => true)), "DamageError", "Block 0");
  world.run(store.heal(two.ref, 2, two.blocks[2]));
  assertEquals(store.damages.map(({ part }) => part), [0]);
  world.run(store.heal(two.ref, 0, two.blocks[0]));
  world.checkNamed();
  // A disk that cannot read a block has lost it; another refusal says nothing of the block.
  world.files.fault = (call) => {
    if (call === "read") throw new Error("Too many open files (os error 24)");
  };
  mustFail(() => store.packed(two.ref, 1), "StorageError", "Too many open files");
  assertEquals(store.damages, []);
  world.files.fault = (call) => {
    if (call === "read") throw new Error("Input/output error (os error 5)");
  };
  mustFail(() => store.packed(two.ref, 1), "DamageError", "Block 1 of segment 2 is damaged: Input/output error");
  assertEquals(store.damages.map(({ part }) => part), [1]);
}

function noteAt(store: HistoryStore, number: number, block: number): number {
  const entry = new SegmentEntry();
  store.entries(number, block).all().read(0, entry);
  return entry.note.view()[0];
}

/** Caches are bounded, are not used by watchers and scrubs, and have nothing of what was redacted. */
export function checkCaches(modules: HistoryModules): void {
  const world = new HistoryWorld(modules, [one, two, documents]);
  const store = world.open();
  for (const { ref, blocks } of world.named) {
    store.tail(ref);
    store.check(ref, "file");
    for (const block of blocks.keys()) {
      store.packed(ref, block);
      store.check(ref, block);
    }
  }
  assertEquals(store.cachedBytes, 0, "a watcher or a scrub keeps blocks");
  const cold = world.files.readBytes;
  store.entries(1, 0);
  const warm = world.files.readBytes;
  assert(warm > cold);
  store.entries(1, 0);
  assertEquals(world.files.readBytes, warm, "a block is read twice");
  assertEquals(noteAt(store, 1, 0), 98);
  const ref = world.run(store.redact(1, isRedacted));
  assertEquals(ref, oneRedacted.ref);
  assertEquals(noteAt(store, 1, 0), 98, "the state does not name the new segment yet");
  world.commit(oneRedacted);
  assertEquals(noteAt(store, 1, 0), 0, "a block is read as it was before its redaction");
  readAll(store, oneRedacted);
  assertEquals(world.run(store.redact(1, isRedacted)), oneRedacted.ref, "there is nothing more to redact");
  const each = store.cachedBytes / (oneRedacted.blocks.length);
  const small = world.open({ blockBytes: 2.5 * each, footerBytes: 0 });
  for (const block of [0, 1, 2, 0]) small.entries(1, block);
  assert(small.cachedBytes > each && small.cachedBytes <= 2.5 * each, `${small.cachedBytes} bytes are kept`);
  world.checkNamed();
}

/** A disk that is full or fails leaves nothing half done under a name, and the work can be done later. */
export function checkRefusals(modules: HistoryModules): void {
  for (const work of works.filter(({ damage }) => damage === undefined)) {
    const clean = new HistoryWorld(modules, work.named);
    clean.files.changes = 0;
    work.work(clean);
    for (let change = 0; change < clean.files.changes; change++) checkRefusal(modules, work, change);
  }
  const world = new HistoryWorld(modules, [one]);
  const used = one.bytes.length;
  world.files.roomBytes = used + two.bytes.length - 1;
  assertEquals(world.store.room(), { freeBytes: two.bytes.length - 1, diskBytes: world.files.roomBytes });
  mustFail(() => world.run(sealing(world.store, two)), "StorageError", "Make room on the disk");
  assertEquals([...world.files.all().keys()], [one.name], "a partial file takes the last room");
  world.files.roomBytes++;
  world.run(sealing(world.store, two));
  world.commit(two);
  world.checkNamed();
}

function checkRefusal(modules: HistoryModules, work: (typeof works)[number], change: number): void {
  const world = new HistoryWorld(modules, work.named);
  let seen = 0;
  world.files.fault = (call, name) => {
    if (call === "read" || call === "size" || call === "names") return;
    if (seen++ === change) throw new Error(`Input/output error (os error 5): ${call} ${name}`);
  };
  const error = thrownBy(() => work.work(world));
  assertEquals(error.name, "StorageError", error.message);
  world.files.fault = () => {};
  world.checkNamed();
  // The machine crashes: what was named is there. And the same work can be done again.
  world.files.restartMachine(() => 0);
  world.open();
  world.checkNamed();
  world.checkUnnamed();
  world.open();
  work.work(world);
  world.checkNamed();
}

/** Files that nobody names stay until the view is installed; then all go but those that are just being made. */
export function checkUnnamed(modules: HistoryModules): void {
  const world = new HistoryWorld(modules, [one]);
  world.files.put(two.name, two.bytes);
  world.files.put(three.name, three.bytes.subarray(0, three.bytes.length - 1));
  world.files.put("4.partial", new Uint8Array(3));
  world.files.put("notes of the owner", new Uint8Array(3));
  const all = [...world.files.all().keys()];
  const store = world.open();
  assertEquals([...world.files.all().keys()], all, "a start deletes files");
  assertEquals(store.unnamed.map(({ number }) => number), [2, 3]);
  mustFail(() => world.run(store.deleteUnnamed()), "Error", "before the view is installed");
  mustFail(() => store.name(two.ref), "Error", "is not on the disk");
  assertEquals([two, three].map(({ ref }) => world.run(store.adopt(ref))), [true, false], "what is cut was adopted");
  const writing = store.begin(three.ref);
  mustFail(() => store.begin(three.ref), "Error", "Another file of segment 3");
  store.viewInstalled();
  world.run(writing.add(three.blocks[0]));
  assertEquals(world.run(store.deleteUnnamed()), 1, "the partial file of an earlier process");
  for (const bytes of [three.blocks[1], three.blocks[2], three.bytes.subarray(three.start)]) {
    world.run(writing.add(bytes));
  }
  world.run(writing.end(three.ref.digest));
  assertEquals(world.run(store.deleteUnnamed()), 0, "what is ready is deleted");
  for (const sealed of [two, three]) world.commit(sealed);
  world.checkNamed();
  assertEquals([...world.files.all().keys()].sort(), ["notes of the owner", one.name, two.name, three.name].sort());
  // A file whose digest is another one gets no name.
  const wrong = store.begin(documents.ref);
  world.run(wrong.add(documents.bytes));
  mustFail(() => world.run(wrong.end(two.ref.digest)), "DamageError", "The footer of document segment 1");
  mustFail(() => world.run(wrong.add(documents.bytes)), "Error", "not being written any more");
  assert(!world.files.all().has("documents-1.partial"));
}

/** Blocks that come from another replica are compared before they are written. */
export function checkReceiving(modules: HistoryModules): void {
  const world = new HistoryWorld(modules, [one]);
  const tail = two.bytes.subarray(two.start);
  mustFail(
    () => world.store.receive(two.ref, three.bytes.subarray(three.start), three.bytes.length),
    "RefusedBytesError",
    "the footer of segment 2",
  );
  assertEquals(world.files.all().size, 1);
  const file = world.store.receive(two.ref, tail, two.bytes.length);
  mustFail(() => world.run(file.end()), "Error", "block 0 of segment 2 has not come yet");
  for (const [block, bytes] of two.blocks.entries()) {
    const wrong = bytes.map((byte, at) => at === 50 ? byte ^ 1 : byte);
    mustFail(() => world.run(file.take(wrong)), "RefusedBytesError", `block ${block} of segment 2`);
    world.run(file.take(bytes));
  }
  assertEquals(file.needs, undefined);
  world.run(file.end());
  world.commit(two);
  world.checkNamed();
  // A segment that is named and damaged is received in the same way, in place of its file.
  world.files.flip(two.name, placeOf(two, 0));
  mustFail(() => world.store.packed(two.ref, 0), "DamageError", "Block 0");
  world.run(world.receiving(two));
  world.checkNamed();
}

/**
 * Several works at a time, step by step in any order, and in the end perhaps a crash: a segment is sealed, one is
 * redacted, one healed, one received, one adopted, and what nobody names is deleted meanwhile.
 */
export function checkTogether(modules: HistoryModules, seed: number): void {
  const any = chance(seed);
  const world = new HistoryWorld(modules, [one, two]);
  world.files.flip(two.name, placeOf(two, 1));
  world.files.put(three.name, three.bytes);
  world.files.put(oneRedacted.name, oneRedacted.bytes.subarray(0, 900));
  world.files.put("2.partial", new Uint8Array(9));
  const store = world.open();
  mustFail(() => store.entries(2, 1), "DamageError", "Block 1");
  store.viewInstalled();
  let isHealed = false;
  const works: FileSteps<void>[] = [
    (function* () {
      world.commit((yield* store.adopt(three.ref)) || (yield* sealing(store, three)) ? three : one);
    })(),
    (function* () {
      yield* store.redact(1, isRedacted);
      world.commit(oneRedacted);
    })(),
    (function* () {
      yield* store.heal(two.ref, 1, two.blocks[1]);
      isHealed = true;
    })(),
    (function* () {
      yield* world.receiving(documents);
      world.commit(documents);
    })(),
    (function* () {
      for (let round = 0; round < 4; round++) yield* store.deleteUnnamed();
    })(),
  ];
  world.files.changes = 0;
  world.files.crashAt = any(2) === 0 ? Infinity : any(40);
  try {
    while (works.length > 0) {
      const at = any(works.length);
      const { done, value } = works[at].next();
      if (done) works.splice(at, 1);
      else if (value !== undefined) perform(world.files, value);
      if (any(8) === 0) world.checkNamed(isHealed ? undefined : two);
    }
  } catch (error) {
    if (!world.files.isDown) throw error;
  }
  if (!world.files.isDown) world.checkNamed();
  const wasDamaged = !isHealed;
  world.files.restartMachine(any);
  world.open();
  world.checkNamed(wasDamaged ? two : undefined);
  world.checkUnnamed();
}

/** The files of a copy stay as they are until they are released, or the copy ends. */
export function checkHolds(modules: HistoryModules): void {
  const world = new HistoryWorld(modules, [one, two]);
  const { store } = world;
  store.viewInstalled();
  const held = store.hold([one.ref, two.ref]);
  const other = store.hold([one.ref]);
  const [first, second] = held.segments;
  assertEquals([first.bytes, second.bytes], [one.bytes.length, two.bytes.length]);
  const all = () => held.read(first, 0, first.bytes);
  const redacted = world.run(store.redact(1, isRedacted));
  store.name(redacted);
  // No recovery needs the file that was replaced.
  store.checkpointBegins();
  store.checkpointed();
  assertEquals(world.run(store.deleteUnnamed()), 0, "a file that is copied is deleted");
  assertEquals(all(), one.bytes);
  other.release();
  assertEquals(world.run(store.deleteUnnamed()), 0, "a file that another copy needs is deleted");
  assertEquals(held.read(second, 5, 10), two.bytes.subarray(5, 15));
  world.files.flip(two.name, placeOf(two, 0));
  mustFail(() => store.packed(two.ref, 0), "DamageError", "Block 0");
  mustFail(() => store.hold([two.ref]), "DamageError", "Block 0");
  world.run(world.receiving(two));
  mustFail(() => held.read(second, 0, 5), "DamageError", "it was written again while it was copied");
  assertEquals(all(), one.bytes);
  held.release();
  assertEquals(world.run(store.deleteUnnamed()), 1, "what was released stays");
  store.hold([redacted, two.ref]).release();
}

/**
 * What a recovery may read of before a redaction stays, also if a newcomer takes it for a state that is not its own;
 * and what a newcomer has taken stays, also when no recovery reads it any more.
 */
export function checkReplaced(modules: HistoryModules): void {
  const world = new HistoryWorld(modules, [one]);
  const { store } = world;
  const names = () => [...world.files.all().keys()].sort();
  store.name(world.run(store.redact(1, isRedacted)));
  const both = names();
  assertEquals([store.unnamed, store.replaced], [[], [one.ref]]);
  assert(world.run(store.adopt(one.ref)), "what is there has to be fetched");
  store.giveBack();
  store.viewInstalled();
  assertEquals([world.run(store.deleteUnnamed()), names()], [0, both], "a recovery lacks a file");
  assert(world.run(store.adopt(one.ref)));
  store.checkpointBegins();
  store.checkpointed();
  assertEquals([world.run(store.deleteUnnamed()), names()], [0, both], "what a newcomer has taken is deleted");
  store.giveBack();
  assertEquals([world.run(store.deleteUnnamed()), names()], [1, [oneRedacted.name]], "what nobody needs stays");
  // A file that is missing comes from elsewhere.
  const other = new HistoryWorld(modules, [one]);
  other.store.name(other.run(other.store.redact(1, isRedacted)));
  other.files.remove(one.name);
  assert(!other.run(other.store.adopt(one.ref)), "a missing file is taken");
  other.run(other.receiving(one));
  other.store.giveBack();
  assertEquals([other.store.unnamed, other.store.replaced], [[], [one.ref]]);
  // A file that is given up before it is lasting is deleted as before.
  const third = new HistoryWorld(modules, [one]);
  third.files.put(two.name, two.bytes);
  third.open();
  const adopting = third.store.adopt(two.ref);
  assertEquals(adopting.next().done, false);
  adopting.return(false);
  assertEquals(third.store.unnamed, [two.ref]);
}

/** All checks. @param variants of each crash of the machine. */
export function checkHistory(modules: HistoryModules, variants: number): void {
  checkUnnamed(modules);
  checkReplaced(modules);
  checkReceiving(modules);
  checkHolds(modules);
  checkCaches(modules);
  checkManyDamages(modules);
  checkDamage(modules);
  checkRefusals(modules);
  for (let seed = 0; seed < 60; seed++) checkTogether(modules, seed);
  for (const work of works) {
    checkCrashes(modules, work, 0);
    checkCrashes(modules, work, variants);
  }
}
