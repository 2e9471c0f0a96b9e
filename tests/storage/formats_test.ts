import { assert, assertEquals, assertThrows } from "@std/assert";
import { checksum } from "../../src/storage/checksum.ts";
import { checkHeader, headerBytes, userVersionOf, versionOfHeader } from "../../src/storage/file_header.ts";
import { decodeMark, encodeMark, markBytes, markOfPage, pageBytes } from "../../src/storage/mark.ts";
import { Damage, storageError, storageErrorOf } from "../../src/storage/storage_error.ts";
import { atOnce } from "../../src/steps.ts";
import { readWal, walFrameBytes, walHeaderBytes } from "../../src/storage/wal_check.ts";

Deno.test("checksum() covers the number and the bytes", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const all = [checksum(1, bytes), checksum(2, bytes), checksum(1, bytes.subarray(1)), checksum(1, new Uint8Array(3))];
  assertEquals(new Set(all).size, 4);
  assertEquals(checksum(1, new Uint8Array([1, 2, 3])), all[0]);
  assertEquals(checksum(2 ** 53 - 1, bytes) === checksum(2 ** 53 - 2, bytes), false);
});

Deno.test("decodeMark() gives back a mark, and nothing of one that has a flipped byte", () => {
  for (const mark of [{ count: 1, logFollows: true }, { count: 2 ** 53 - 1, logFollows: false }]) {
    const bytes = encodeMark(mark);
    assertEquals(decodeMark(bytes), mark);
    for (let at = 0; at < markBytes; at++) {
      for (const mask of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] ^= mask;
        assertEquals(decodeMark(changed), undefined);
      }
    }
    const page = new Uint8Array(pageBytes);
    page.set(bytes, pageBytes - markBytes);
    assertEquals(markOfPage(page), mark);
    assertEquals(markOfPage(page.subarray(1)), undefined);
  }
});

Deno.test("versionOfHeader() and checkHeader() refuse whatever is not constant as it should be", () => {
  const header = new Uint8Array(headerBytes);
  header.set(new TextEncoder().encode("SQLite format 3\0"));
  header.set([16, 0, 2, 2, 0, 64, 32, 32], 16);
  header.set([0, 0, 0, 4], 44);
  header.set([0, 0, 0, 1], 56);
  const view = new DataView(header.buffer);
  view.setUint32(60, userVersionOf(3));
  view.setUint32(68, 77);
  assertEquals(versionOfHeader(header, 77), 3);
  checkHeader(header);
  assertThrows(() => versionOfHeader(header, 78), Damage);
  assertThrows(() => versionOfHeader(header.subarray(1), 77), Damage);
  // What changes as the file does: its change counters, its size, its free pages, its schema's cookie.
  const changes = (at: number) => (at >= 24 && at < 44) || at >= 92;
  for (let at = 0; at < headerBytes; at++) {
    const changed = header.slice();
    changed[at] ^= 0x10;
    const check = () => {
      versionOfHeader(changed, 77);
      checkHeader(changed);
    };
    if (changes(at)) check();
    else assertThrows(check, Damage);
  }
});

Deno.test("readWal() takes any bytes", () => {
  const nothing = { hasHeader: false, last: undefined, highestCount: 0, pages: new Map() };
  for (const length of [0, 1, walHeaderBytes, walHeaderBytes + walFrameBytes - 1, walHeaderBytes + 3 * walFrameBytes]) {
    assertEquals(atOnce(readWal(new Uint8Array(length))), nothing);
    assertEquals(atOnce(readWal(new Uint8Array(length).fill(0x37))), nothing);
  }
  const bytes = new Uint8Array(walHeaderBytes + 2 * walFrameBytes);
  bytes.set(encodeMark({ count: 9, logFollows: false }), bytes.length - markBytes);
  assertEquals(atOnce(readWal(bytes)), { ...nothing, highestCount: 9 });
  assertEquals([...readWal(bytes)].length, 2, "a frame in each step");
});

Deno.test("storageErrorOf() knows what SQLite and the system say", () => {
  const kindOf = (message: string) => storageErrorOf(new Error(message), "open", "a.db").kind;
  assertEquals(kindOf("database or disk is full"), "full");
  assertEquals(kindOf("No space left on device (os error 28): write 'a.db-wal'"), "full");
  assertEquals(kindOf("attempt to write a readonly database"), "readonly");
  assertEquals(kindOf("Read-only file system (os error 30)"), "readonly");
  assertEquals(kindOf("database is locked"), "in use");
  assertEquals(kindOf("disk I/O error"), "io");
  assertEquals(kindOf("database disk image is malformed"), "corrupt");
  assertEquals(kindOf("file is not a database"), "corrupt");
  assertEquals(kindOf("what nobody has foreseen"), "io");
  assertEquals(storageErrorOf(new Deno.errors.PermissionDenied("no"), "open", "a.db").kind, "readonly");
  assertEquals(storageErrorOf(new Damage("row 7 is damaged"), "open", "a.db").kind, "corrupt");
});

Deno.test("storageErrorOf() leaves storage errors as they are, and throws mistakes of the program", () => {
  const known = storageError("full", "write to", "a.db", "no room");
  assertEquals(storageErrorOf(known, "open", "b.db"), known);
  assertEquals(known.message, 'Cannot write to "a.db": no room. Make room on the disk and start again');
  assertThrows(() => storageErrorOf(new TypeError("x is undefined"), "open", "a.db"), TypeError);
  assert(storageErrorOf(new Error("x"), "open", "a.db").cause instanceof Error);
});
