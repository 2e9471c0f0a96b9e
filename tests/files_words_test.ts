import { assertEquals } from "@std/assert";
import { type FilesFigures, filesWarnings, slowDiskText } from "../src/files_words.ts";

const sound: FilesFigures = { isLogFailing: false, logMissing: 0, isShort: false, commitMicros: 900 };

Deno.test("filesWarnings() tells of a disk without room, and of a log that cannot be written or lacks lines", () => {
  assertEquals(filesWarnings(sound), []);
  assertEquals(filesWarnings({ ...sound, isLogFailing: true, logMissing: 2 }), [
    "Its log cannot be written, and 2 lines are missing in it: make room",
  ]);
  assertEquals(filesWarnings({ ...sound, isShort: true }), [
    "Its disk has too little room: it takes no changes, and answers reads; make room",
  ]);
  assertEquals(filesWarnings({ ...sound, logMissing: 1 }), ["Its log could not be written: 1 line is missing in it"]);
});

Deno.test("slowDiskText() names a replica whose disk is much slower than those of the others", () => {
  const disks = (...micros: number[]) =>
    micros.map((commitMicros, slot) => ({ slot, files: { ...sound, commitMicros } }));
  assertEquals(
    slowDiskText(disks(2_100, 85_000, 1_900)),
    "The disk of replica 1 is slow: a commit takes 85 ms, and 2.1 ms on those of others",
  );
  assertEquals(slowDiskText(disks(85_000, 80_000, 79_000)), undefined, "all are as slow");
  assertEquals(slowDiskText(disks(100, 19_000, 100)), undefined, "nobody waits for that");
  assertEquals(slowDiskText(disks(0, 85_000)), undefined, "nothing to compare it with");
  assertEquals(slowDiskText([{ slot: 0 }, { slot: 1 }]), undefined, "none has a disk");
});
