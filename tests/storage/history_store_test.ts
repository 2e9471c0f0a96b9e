/** Sealed history in files: what a crash, a damaged disk and a full one leave. On a simulated disk. */

import { constants, zstdCompressSync } from "node:zlib";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { DamageError } from "../../src/database/segments/damage.ts";
import { atOnce } from "../../src/steps.ts";
import { ByteLru } from "../../src/storage/byte_lru.ts";
import { RefusedBytesError } from "../../src/storage/history_errors.ts";
import { synced } from "../../src/file_steps.ts";
import { HistoryStore } from "../../src/storage/history_store.ts";
import { isPartialName, partialName, placeNameOf, refOf, wholeName } from "../../src/storage/segment_names.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import {
  checkCaches,
  checkDamage,
  checkHolds,
  checkManyDamages,
  checkReceiving,
  checkRefusals,
  checkReplaced,
  checkTogether,
  checkUnnamed,
} from "./history_checks.ts";
import { checkCrashes, documents, HistoryWorld, one, sealedLog, soundHistory, two, works } from "./history_world.ts";

for (const work of works) {
  Deno.test(`a crash at any step of ${work.name} leaves the old or the new, whole`, () => {
    const process = checkCrashes(soundHistory, work, 0);
    assert(process > 5 && checkCrashes(soundHistory, work, 3) === 3 * process, `${process} steps`);
  });
}

Deno.test("a damaged part is refused, named, listed, and healed by the right bytes alone", () =>
  checkDamage(soundHistory));

Deno.test("many damaged parts of a file are healed one after the other", () => checkManyDamages(soundHistory));

Deno.test("blocks that were read last are kept, up to a bound, and none of before a redaction", () => {
  checkCaches(soundHistory);
});

Deno.test("a disk that is full or fails leaves nothing half done under a name", () => checkRefusals(soundHistory));

Deno.test("files that nobody names stay until the view is installed", () => checkUnnamed(soundHistory));

Deno.test("a file that a recovery may read stays, also if it was taken for a state that never came", () => {
  checkReplaced(soundHistory);
});

Deno.test("works on several segments, step by step in any order, do not disturb each other", () => {
  for (let seed = 0; seed < 100; seed++) checkTogether(soundHistory, seed);
});

Deno.test("files of a copy stay until it ends, or end it", () => checkHolds(soundHistory));

Deno.test("blocks of another replica are compared before they are written", () => checkReceiving(soundHistory));

Deno.test("a scrub of a block continues where the footer is damaged, too", () => {
  const world = new HistoryWorld(soundHistory, [two]);
  world.files.flip(two.name, two.start + 40);
  const store = world.open();
  assertEquals(store.check(two.ref, 0), { bytes: 0, blocks: 0 });
  assertEquals(store.isDamaged, true);
});

Deno.test("a block heals also if another replica has packed it in another way", () => {
  const level = { params: { [constants.ZSTD_c_compressionLevel]: 12 } };
  const pack = (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes, level));
  const other = sealedLog({ ...zstdPacking, pack })[1];
  assertEquals(other.ref, two.ref);
  assert(other.blocks[1].length !== two.blocks[1].length);
  const world = new HistoryWorld(soundHistory, [two]);
  world.files.flip(two.name, two.blocks[0].length + 30);
  assertThrows(() => world.store.packed(two.ref, 1), DamageError);
  world.run(world.store.heal(two.ref, 1, other.blocks[1]));
  assertEquals(world.store.damages, []);
  for (const store of [world.store, world.open()]) {
    const sizes = [0, 1, 2].map((block) => store.check(two.ref, block).bytes);
    assertEquals(sizes, [two.blocks[0].length, other.blocks[1].length, two.blocks[2].length]);
  }
  // A footer comes with the places of packed blocks, so it fits only files that are packed in the same way.
  const tailBytes = two.bytes.length - two.start;
  world.files.flip(two.name, world.files.size(two.name)! - tailBytes + 40);
  world.open();
  assertThrows(() => world.store.packed(two.ref, 0), DamageError);
  const heal = (part: "footer" | "file", bytes: Uint8Array) => world.run(world.store.heal(two.ref, part, bytes));
  assertThrows(() => heal("footer", other.bytes.subarray(other.start)), RefusedBytesError);
  heal("file", other.bytes);
  assertEquals(world.store.damages, []);
  assertEquals(world.files.all().get(two.name), other.bytes);
});

Deno.test("work that waits for the disk does not pass over it under a driver that knows nothing of that", () => {
  assertThrows(() => atOnce(synced("7.partial")), Error, '"7.partial" was not made lasting');
  assertThrows(() => atOnce(synced()), Error, "the folder was not made lasting");
});

Deno.test("names of files say which segment they are, and nothing else is taken for one", () => {
  for (const { ref, name } of [one, two, documents]) {
    assertEquals([refOf(name), wholeName(refOf(name)!)], [ref, name]);
    assertEquals([isPartialName(partialName(ref)), refOf(partialName(ref))], [true, undefined]);
    assertEquals(placeNameOf(name), placeNameOf(partialName(ref)));
  }
  const digits = "ab".repeat(32);
  const strange = [
    `0-${digits}`,
    `7-${digits}0`,
    `7-${digits.toUpperCase()}`,
    `7-${digits}.partial`,
    "7",
    `-${digits}`,
  ];
  for (const name of strange) assertEquals([name, refOf(name), isPartialName(name)], [name, undefined, false]);
});

Deno.test("a state that names a segment twice is a fault of the program", () => {
  const world = new HistoryWorld(soundHistory, [one]);
  assertThrows(() => world.run(HistoryStore.open(world.files, zstdPacking, [one.ref, one.ref])), Error, "twice");
  assertThrows(() => world.store.segment(9), Error, "The history has no segment 9");
});

Deno.test("ByteLru keeps what was used last", () => {
  const lru = new ByteLru<string>(10);
  for (const key of ["a/1", "a/2", "b/1"]) lru.put(key, key, 3);
  lru.get("a/1");
  lru.put("b/2", "b/2", 4);
  assertEquals(["a/1", "a/2", "b/1", "b/2"].map((key) => lru.get(key)), ["a/1", undefined, "b/1", "b/2"]);
  assertEquals(lru.bytes, 10);
  lru.put("c", "c", 11);
  assertEquals([lru.get("c"), lru.bytes], [undefined, 10]);
  lru.deleteAll("b/");
  assertEquals([lru.get("b/1"), lru.get("a/1"), lru.bytes], [undefined, "a/1", 3]);
});
