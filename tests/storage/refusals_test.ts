import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { DatabaseFile } from "../../src/storage/database_file.ts";
import { userVersionOf } from "../../src/storage/file_header.ts";
import { Store } from "../../src/storage/store.ts";
import { StorageError, type StorageErrorKind } from "../../src/storage/storage_error.ts";
import { replicaFile } from "../../src/storage/store_tables.ts";
import { testNeeding } from "../net/needing.ts";
import { areSame, assertContent, bytesOf, contentOfFile, filesOf, inFolder, putFiles } from "./folder.ts";
import { Holder } from "./holding.ts";
import { Parts } from "../../src/snapshot.ts";

function test(name: string, work: (folder: string, file: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder((folder) => work(folder, `${folder}/replica-0.db`)));
}

/** Asserts that a file is refused with these words, and that nothing in its folder changes. */
async function assertRefused(folder: string, file: string, kind: StorageErrorKind, words: string): Promise<void> {
  const before = filesOf(folder);
  const error = await assertRejects(() => Store.open(file), StorageError);
  assertEquals(error.kind, kind, error.message);
  assertStringIncludes(error.message, `Cannot open "${file}": `);
  assertStringIncludes(error.message, words);
  assert(areSame(filesOf(folder), before), "the files have changed");
}

async function makeStore(file: string): Promise<void> {
  const store = await Store.open(file);
  store.replace(new Parts([bytesOf(1000, 1)]));
  store.commit();
  store.close();
}

/** Whether files that are made read-only cannot be written: for root they can. */
function isBoundByModes(): boolean {
  if (Deno.permissions.querySync({ name: "write" }).state !== "granted") return true;
  const file = Deno.makeTempFileSync();
  try {
    Deno.chmodSync(file, 0o400);
    Deno.openSync(file, { write: true }).close();
    return false;
  } catch {
    return true;
  } finally {
    Deno.removeSync(file);
  }
}

function testModes(name: string, work: (folder: string, file: string) => Promise<void>): void {
  if (isBoundByModes()) test(name, work);
  else Deno.test({ name: `${name} (needs a user who is not root)`, ignore: true, fn: () => {} });
}

testNeeding(
  ["read", "write", "run"],
  "Store.open() refuses a file that another process has open",
  () =>
    inFolder(async (folder) => {
      const file = `${folder}/replica-0.db`;
      const holder = await Holder.of(file);
      const error = await assertRejects(() => Store.open(file), StorageError);
      assertEquals(error.kind, "in use");
      assertStringIncludes(error.message, `Cannot open "${file}": another process has it open`);
      await holder.commit(7);
      await holder.end();
      await assertContent(file, { isEmpty: false, checkpoint: bytesOf(1000, 1), rows: [bytesOf(2000, 7)] });
    }),
);

testNeeding(
  ["read", "write", "run"],
  "Store.open() finds what a killed process has committed",
  () =>
    inFolder(async (folder) => {
      const file = `${folder}/replica-0.db`;
      const holder = await Holder.of(file);
      for (let seed = 1; seed <= 5; seed++) await holder.commit(seed);
      await holder.kill();
      const rows = [1, 2, 3, 4, 5].map((seed) => bytesOf(2000, seed));
      await assertContent(file, { isEmpty: false, checkpoint: bytesOf(1000, 1), rows });
    }),
);

testNeeding(
  ["read", "write", "run"],
  "Store.open() takes a file that a process did not close before it ended",
  () =>
    inFolder(async (folder) => {
      const file = `${folder}/replica-0.db`;
      const holder = await Holder.of(file, "leave");
      await holder.commit(7);
      await holder.end();
      await assertContent(file, { isEmpty: false, checkpoint: bytesOf(1000, 1), rows: [bytesOf(2000, 7)] });
    }),
);

test("Store.open() waits for another one to close the file", async (_, file) => {
  const first = await Store.open(file);
  const second = Store.open(file);
  first.close();
  (await second).close();
});

test("Store.open() refuses a file that an SQLite tool is writing to", async (_, file) => {
  await makeStore(file);
  const tool = new DatabaseSync(file);
  tool.exec("BEGIN IMMEDIATE");
  tool.exec("CREATE TABLE other(id)");
  const error = await assertRejects(() => Store.open(file), StorageError);
  assertEquals(error.kind, "in use", error.message);
  tool.exec("ROLLBACK");
  tool.close();
});

test("Store.open() refuses a file of a later version", async (folder, file) => {
  const later = await DatabaseFile.open(file, { ...replicaFile, version: replicaFile.version + 1 });
  later.close();
  await assertRefused(folder, file, "newer", "its version is 10, and this program knows 9");
});

test("Store.open() refuses a file of an earlier version", async (folder, file) => {
  const earlier = await DatabaseFile.open(file, { ...replicaFile, version: 2, oldestVersion: undefined });
  earlier.close();
  await assertRefused(folder, file, "older", "its version is 2, and this program knows 9");
});

test("Store.open() refuses files that are none of its own", async (folder, file) => {
  Deno.writeTextFileSync(file, "site,zip\n".repeat(2000));
  await assertRefused(folder, file, "corrupt", "it is not an SQLite database");
  Deno.writeTextFileSync(file, "");
  await assertRefused(folder, file, "corrupt", "it is too short to be a database");
  Deno.removeSync(file);
  const other = new DatabaseSync(file);
  other.exec("CREATE TABLE site(name)");
  other.close();
  await assertRefused(folder, file, "corrupt", "it is a database of another program");
  Deno.removeSync(file);
  (await DatabaseFile.open(file, { ...replicaFile, applicationId: replicaFile.applicationId + 1 })).close();
  await assertRefused(folder, file, "corrupt", "of another kind");
});

test("Store.open() refuses a file with other tables", async (folder, file) => {
  for (const sql of ["CREATE TABLE other(id)", "CREATE INDEX other ON row(crc)", "DROP TABLE piece"]) {
    await makeStore(file);
    const tool = new DatabaseSync(file);
    tool.exec(sql);
    tool.close();
    await assertRefused(folder, file, "corrupt", "its tables are not as they were made");
    putFiles(folder, new Map());
  }
});

test("Store.open() refuses a file in which somebody has changed what is kept", async (folder, file) => {
  const changes: readonly [sql: string, words: string][] = [
    ["DELETE FROM row WHERE number = 2", "row 2 is missing"],
    ["UPDATE row SET bytes = x'00' WHERE number = 2", "row 2 is damaged"],
    ["UPDATE row SET crc = 9007199254740993 WHERE number = 2", "too large"],
    ["DELETE FROM piece", "its checkpoint has lost pieces"],
    ["UPDATE checkpoint SET bytes = x'00'", "its checkpoint is damaged"],
    ["UPDATE mark SET bytes = x'00'", "its second page is damaged"],
    ["DELETE FROM mark", "its second page is damaged"],
    [`PRAGMA user_version = ${userVersionOf(2) ^ 0x01000000}`, "the version in its header is damaged"],
  ];
  for (const [sql, words] of changes) {
    const store = await Store.open(file);
    store.replace(new Parts([bytesOf(1000, 1)]));
    store.commit();
    for (let k = 0; k < 3; k++) store.append(bytesOf(10, k));
    store.commit();
    store.close();
    const tool = new DatabaseSync(file);
    tool.exec(sql);
    tool.close();
    await assertRefused(folder, file, "corrupt", words);
    putFiles(folder, new Map());
  }
});

test("Store.open() refuses a directory in place of the file, and a folder that is not there", async (folder, file) => {
  Deno.mkdirSync(file);
  await assertRejects(() => Store.open(file), StorageError, `Cannot open "${file}": it is a directory`);
  const nowhere = `${folder}/none/replica-0.db`;
  const error = await assertRejects(() => Store.open(nowhere), StorageError, `Cannot open "${nowhere}": `);
  assertEquals(error.kind, "io");
});

test("Store.open() takes no notice of what a crash has left while it made a file", async (folder, file) => {
  Deno.writeTextFileSync(`${file}-new`, "half a database");
  Deno.writeTextFileSync(`${file}-new-wal`, "half a log");
  await makeStore(file);
  assertEquals([...filesOf(folder).keys()], ["replica-0.db"]);
  assertEquals((await contentOfFile(file)).checkpoint, bytesOf(1000, 1));
});

testModes("Store.open() refuses a file that cannot be written", async (folder, file) => {
  await makeStore(file);
  Deno.chmodSync(file, 0o400);
  await assertRefused(folder, file, "readonly", "Make the file and its folder writable");
  Deno.chmodSync(file, 0o600);
});

testModes("Store.open() refuses a folder that cannot be written", async (folder, file) => {
  Deno.chmodSync(folder, 0o500);
  await assertRefused(folder, file, "readonly", "Make the file and its folder writable");
  Deno.chmodSync(folder, 0o700);
  await makeStore(file);
  Deno.chmodSync(folder, 0o500);
  await assertRefused(folder, file, "readonly", "Make the file and its folder writable");
  Deno.chmodSync(folder, 0o700);
});

test(
  "DatabaseFile.transaction() fails when the disk is full, for good, and what was committed is there",
  async (_, file) => {
    const opened = await DatabaseFile.open(file, replicaFile);
    const insert = opened.database.prepare("INSERT INTO row VALUES (?, ?, ?)");
    opened.transaction(() => insert.run(1, 0, bytesOf(10, 1)));
    opened.database.exec("PRAGMA max_page_count = 20");
    const write = () => opened.transaction(() => insert.run(2, 0, bytesOf(100_000, 2)));
    const error = assertThrows(write, StorageError);
    assertEquals(error.kind, "full");
    assertStringIncludes(error.message, `Cannot write to "${file}": `);
    assertStringIncludes(error.message, "Make room on the disk");
    opened.database.exec("PRAGMA max_page_count = 2000");
    assertEquals(assertThrows(write, StorageError), error);
    assertEquals(assertThrows(() => opened.transaction(() => {}), StorageError), error);
    opened.close();
    const again = await DatabaseFile.open(file, replicaFile);
    assertEquals(again.database.prepare("SELECT number FROM row").all().map(({ number }) => number), [1]);
    again.close();
  },
);
