/** Backup files: what is written is read again, whatever is damaged is found, and nothing is overwritten. */

import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { BackupFileError, NewBackupFile } from "../../src/storage/backup_file.ts";
import { readBackupFile } from "../../src/storage/read_backup.ts";
import { BytesInMemory } from "../../src/bytes_source.ts";
import { copyParts } from "../../src/copy_layout.ts";
import { decodeBackup as decoding, encodeHeader, FormatError, headerBytes } from "../../src/storage/backup_format.ts";
import { atOnce } from "../../src/steps.ts";
import { testNeeding } from "../net/needing.ts";
import { allBytes, headerOf } from "./backups.ts";
import { bytesOf, filesOf, inFolder } from "./folder.ts";

const info = { cluster: "c0".repeat(16), index: 1234, sites: 99 };
const database = bytesOf(500, 1);

/** Decodes a file in memory. */
function decodeBackup(bytes: Uint8Array) {
  return decoding(new BytesInMemory(bytes));
}

/** Writes a whole backup. */
function complete(target: NewBackupFile, of = info) {
  target.begin();
  target.write(copyParts.state, database);
  return target.complete(of);
}

/** A whole backup, with another first line if `edit` makes one. */
function backupOf(edit: (line: string) => string = (line) => line): Uint8Array {
  const line = new TextDecoder().decode(encodeHeader(headerOf(info, database)));
  return new Uint8Array([...new TextEncoder().encode(edit(line)), ...database]);
}

/** The first line with other fields, and with the check that belongs to them. */
function lineWith(fields: Record<string, unknown>): string {
  const { check: _, ...rest } = JSON.parse(new TextDecoder().decode(encodeHeader(headerOf(info, database))));
  const checked = JSON.stringify({ ...rest, ...fields }).slice(0, -1);
  const check = createHash("sha256").update(checked).digest("hex").slice(0, 16);
  return `${checked},"check":"${check}"}\n`;
}

Deno.test("decodeBackup() gives back what was encoded", () => {
  const { header, database: read } = atOnce(decodeBackup(backupOf()));
  assertEquals([header.cluster, header.index, header.sites, header.bytes], [info.cluster, 1234, 99, 500]);
  assertEquals(header.sha256, createHash("sha256").update(database).digest("hex"));
  assertEquals(allBytes(read), database);
  const none = atOnce(decodeBackup(encodeHeader(headerOf(info, new Uint8Array()))));
  assertEquals([none.header.bytes, none.database.length], [0, 0]);
  assertEquals(atOnce(decodeBackup(backupOf(() => lineWith({})))).header, header, "the lines of this test are right");
});

Deno.test("A backup begins with one line of JSON for people and programs", () => {
  const [line] = new TextDecoder().decode(backupOf()).split("\n");
  assertEquals(Object.keys(JSON.parse(line)), [
    "vaxlog",
    "version",
    "cluster",
    "index",
    "sites",
    "bytes",
    "state",
    "segments",
    "sha256",
    "check",
  ]);
  assertMatch(line, /^\{"vaxlog":"backup","version":8,"cluster":"(c0)+","index":1234,"sites":99,"bytes":500,/);
});

Deno.test("decodeBackup() finds every bit that is flipped", () => {
  const whole = backupOf();
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const flipped = whole.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    assertThrows(() => atOnce(decodeBackup(flipped)), FormatError, "it is ", `bit ${bit}`);
  }
});

Deno.test("decodeBackup() finds whatever was cut off or added", () => {
  const whole = backupOf();
  for (let length = 0; length < whole.length; length++) {
    assertThrows(() => atOnce(decodeBackup(whole.subarray(0, length))), FormatError, "it is ", `${length} bytes`);
  }
  const cut = assertThrows(() => atOnce(decodeBackup(whole.subarray(0, whole.length - 1))), FormatError);
  assertEquals(cut.message, "it is cut short: of 500 bytes after its first line, 499 are there");
  const inLine = assertThrows(() => atOnce(decodeBackup(whole.subarray(0, 100))), FormatError);
  assertEquals(inLine.message, "it is cut short, in its first line");
  const longer = assertThrows(() => atOnce(decodeBackup(new Uint8Array([...whole, 0]))), FormatError);
  assertEquals(longer.message, "it is damaged: 1 bytes follow its end");
});

Deno.test("decodeBackup() says what it is that it cannot read", () => {
  for (const text of ["", "\n", "SQLite format 3\0", "{}\n", '{"vaxlog":"journal"}\n', "x".repeat(10_000)]) {
    const error = assertThrows(() => atOnce(decodeBackup(new TextEncoder().encode(text))), FormatError);
    assertEquals(error.message, "it is not a backup of Vaxlog");
  }
  const newer = assertThrows(
    () => atOnce(decodeBackup(backupOf(() => lineWith({ version: 9, compressed: true })))),
    FormatError,
  );
  assertEquals(newer.message, "its format has the version 9, and this program knows 8");
  for (
    const fields of [{ index: -1 }, { state: -1 }, { segments: "0" }, { sites: "9" }, { bytes: 1.5 }, { sha256: 7 }, {
      cluster: null,
    }, {
      index: 2 ** 60,
    }]
  ) {
    const error = assertThrows(() => atOnce(decodeBackup(backupOf(() => lineWith(fields)))), FormatError);
    assertEquals(error.message, "it is damaged, in its first line");
  }
  const digits = assertThrows(
    () => atOnce(decodeBackup(backupOf((line) => line.replace("1234", "1235")))),
    FormatError,
  );
  assertEquals(digits.message, "it is damaged, in its first line");
});

/** Declares a test with a folder of its own. */
function test(name: string, fn: (folder: string) => void | Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder(fn));
}

test("NewBackupFile makes a file that is read again, and nothing else", async (folder) => {
  const target = new NewBackupFile(`${folder}/b`);
  assertEquals([target.isComplete, filesOf(folder).has("b")], [false, false]);
  const header = complete(target);
  assertEquals([target.isComplete, [...filesOf(folder).keys()]], [true, ["b"]]);
  const read = await readBackupFile(`${folder}/b`);
  assertEquals([read.header, read.segments, allBytes(read.database)], [{ version: 8, ...header }, [], database]);
  target.discard();
  assertEquals([...filesOf(folder).keys()], ["b"], "what is complete stays");
  assertThrows(() => target.complete(info), Error, "is complete");
});

test("NewBackupFile leaves nothing when it is discarded, at once or after a failure", (folder) => {
  const target = new NewBackupFile(`${folder}/b`);
  assertEquals(filesOf(folder).size, 1);
  target.discard();
  target.discard();
  assertEquals([target.isComplete, filesOf(folder).size], [false, 0]);
  assertThrows(() => target.complete(info), Error, "is discarded");

  const other = new NewBackupFile(`${folder}/b`);
  // Its name is taken meanwhile.
  Deno.writeTextFileSync(`${folder}/b`, "mine");
  const error = assertThrows(() => complete(other), BackupFileError);
  assertStringIncludes(error.message, `Cannot write the backup "${folder}/b": there is something of that name already`);
  assertEquals([...filesOf(folder)], [["b", new TextEncoder().encode("mine")]]);
});

test("NewBackupFile refuses a name that is taken, or cannot be", (folder) => {
  Deno.writeTextFileSync(`${folder}/file`, "mine");
  Deno.mkdirSync(`${folder}/folder`);
  Deno.symlinkSync("nowhere", `${folder}/link`);
  for (const name of ["file", "folder", "link", "."]) {
    const error = assertThrows(() => new NewBackupFile(`${folder}/${name}`), BackupFileError);
    assertMatch(
      error.message,
      /^Cannot write the backup ".*": there is something of that name already; choose another/,
    );
  }
  for (const name of ["none/file", "file/file", "x".repeat(300)]) {
    const error = assertThrows(() => new NewBackupFile(`${folder}/${name}`), BackupFileError);
    assertMatch(error.message, /^Cannot write the backup ".*": .+; choose another name or directory$/);
  }
  assertEquals(Deno.readTextFileSync(`${folder}/file`), "mine");
  assertEquals([...Deno.readDirSync(folder)].length, 3);
});

test("Two backups under one name: the first to be complete has it", async (folder) => {
  const [first, second] = [1, 2].map(() => new NewBackupFile(`${folder}/b`));
  complete(second, { ...info, index: 2 });
  assertThrows(() => complete(first, { ...info, index: 1 }), BackupFileError, "of that name already");
  assertEquals((await readBackupFile(`${folder}/b`)).header.index, 2);
  assertEquals(filesOf(folder).size, 1);
});

test("readBackupFile() names the file, what is wrong, and what to do", async (folder) => {
  const name = `${folder}/b`;
  const none = await assertRejects(() => readBackupFile(name), BackupFileError);
  assertMatch(none.message, /^Cannot restore from ".*\/b": No such file.*; use another backup$/);
  await assertRejects(() => readBackupFile(folder), BackupFileError, "Cannot restore from");
  Deno.writeFileSync(name, backupOf().subarray(0, headerBytes + 400));
  const cut = await assertRejects(() => readBackupFile(name), BackupFileError);
  assert(
    /^Cannot restore from ".*\/b": it is cut short: of 500 bytes .* are there; use another backup$/.test(cut.message),
  );
});
