/** Sealed history on a real disk. */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { joined } from "../../src/snapshot.ts";
import { readDisk } from "../../src/storage/history_errors.ts";
import { HistoryFolder, stepping } from "../../src/storage/history_folder.ts";
import { HistoryStore } from "../../src/storage/history_store.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { testNeeding } from "../net/needing.ts";
import { filesOf, inFolder } from "./folder.ts";
import { documents, isRedacted, one, oneRedacted, readAll, type Sealed, sealing, two } from "./history_world.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder((folder) => fn(`${folder}/replica-0.history`)));
}

function open(folder: HistoryFolder, named: readonly Sealed[]): Promise<HistoryStore> {
  return stepping(folder, HistoryStore.open(folder, zstdPacking, named.map(({ ref }) => ref)));
}

test("what is sealed is read again by the next process, and a redaction replaces the file", async (path) => {
  {
    using folder = new HistoryFolder(path);
    const store = await open(folder, []);
    for (const sealed of [one, two, documents]) {
      store.name(await stepping(folder, sealing(store, sealed)));
      readAll(store, sealed);
    }
    assertEquals(store.bytes, one.bytes.length + two.bytes.length + documents.bytes.length);
    // For nobody but the user that it runs as.
    const modes = [path, ...[...Deno.readDirSync(path)].map(({ name }) => `${path}/${name}`)]
      .map((it) => (Deno.statSync(it).mode! & 0o777).toString(8));
    assertEquals(modes, ["700", "600", "600", "600"]);
  }
  assertEquals(
    [...filesOf(path)].sort(),
    [one, two, documents].map(({ name, bytes }) => [name, bytes] as const).sort(),
  );
  {
    using folder = new HistoryFolder(path);
    const store = await open(folder, [one, two, documents]);
    for (const sealed of [one, two, documents]) readAll(store, sealed);
    store.name(await stepping(folder, store.redact(1, isRedacted)));
    readAll(store, oneRedacted);
    assertEquals([store.unnamed, store.replaced], [[], [one.ref]]);
    store.viewInstalled();
    assertEquals(await stepping(folder, store.deleteUnnamed()), 0);
    store.checkpointBegins();
    store.checkpointed();
    assertEquals([store.unnamed, store.replaced], [[one.ref], []]);
    assertEquals(await stepping(folder, store.deleteUnnamed()), 1);
  }
  assertEquals([...filesOf(path).keys()], [oneRedacted, two, documents].map(({ name }) => name).sort());
});

test("damaged, cut and missing files are found and healed", async (path) => {
  Deno.mkdirSync(path);
  const flipped = one.bytes.slice();
  flipped[40] ^= 1;
  Deno.writeFileSync(`${path}/${one.name}`, flipped);
  Deno.writeFileSync(`${path}/${two.name}`, two.bytes.subarray(0, 1000));
  Deno.mkdirSync(`${path}/a folder`);
  using folder = new HistoryFolder(path);
  const store = await open(folder, [one, two, documents]);
  assertEquals(store.unnamed, []);
  assertThrows(() => store.entries(1, 0), Error, "Block 0 of segment 1 is damaged");
  const found = store.damages.map(({ kind, number, part }) => [kind, number, part]);
  assertEquals(found, [[1, 1, 0], [1, 2, "file"], [2, 1, "file"]]);
  await stepping(folder, store.heal(one.ref, 0, one.blocks[0]));
  for (const { ref, bytes } of [two, documents]) await stepping(folder, store.heal(ref, "file", bytes));
  for (const sealed of [one, two, documents]) readAll(store, sealed);
  assertEquals(store.damages, []);
});

test("work that is discarded, and a process that ends, leave nothing under a name", async (path) => {
  {
    using folder = new HistoryFolder(path);
    const store = await open(folder, []);
    const discarded = store.begin(one.ref);
    await stepping(folder, discarded.add(one.blocks[0]));
    discarded.discard();
    assertEquals([...filesOf(path).keys()], []);
    await stepping(folder, store.begin(two.ref).add(two.blocks[0]));
  }
  assertEquals([...filesOf(path).keys()], ["2.partial"]);
  using folder = new HistoryFolder(path);
  const store = await open(folder, []);
  assertEquals([store.unnamed, await stepping(folder, store.adopt(two.ref))], [[], false]);
  store.viewInstalled();
  assertEquals(await stepping(folder, store.deleteUnnamed()), 1);
  assertEquals([...filesOf(path).keys()], []);
});

test("a refusal of the system names the file, and room is told only if that is allowed", async (path) => {
  const nowhere = `${path}/none/replica-0.history`;
  using none = new HistoryFolder(nowhere);
  const lost = await open(none, []);
  assertThrows(() => lost.begin(one.ref), StorageError, `Cannot make the folder "${nowhere}"`);
  assertEquals(filesOf(path.slice(0, path.lastIndexOf("/"))).size, 0, "looking makes nothing");
  using folder = new HistoryFolder(path);
  const store = await open(folder, []);
  Deno.mkdirSync(path);
  // Whatever is in the way of its file cannot be replaced.
  Deno.mkdirSync(`${path}/1.partial`);
  assertThrows(() => store.begin(one.ref), StorageError, `Cannot write "${path}/1.partial"`);
  Deno.removeSync(`${path}/1.partial`);
  store.name(await stepping(folder, sealing(store, one)));
  readAll(store, one);
  const isAllowed = Deno.permissions.querySync({ name: "sys", kind: "statfs" }).state === "granted";
  const room = store.room();
  assertEquals(room !== undefined, isAllowed);
  if (room !== undefined) assert(room.freeBytes > 0 && room.freeBytes <= room.diskBytes);
});

test("a file that is being written is read with all of its bytes, whether the system has them or not", (path) => {
  using folder = new HistoryFolder(path);
  folder.create("1.partial");
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
  let end = 0;
  for (const length of [1, 5_000, 60_000, 65_536, 100_000, 69_463]) {
    folder.append("1.partial", bytes.subarray(end, end += length));
    if (length % 2 === 0) assertEquals(folder.size("1.partial"), end);
    assertEquals(folder.read("1.partial", 0, end), bytes.subarray(0, end));
  }
  folder.append("1.partial", bytes.subarray(0, 9));
  folder.rename("1.partial", "1");
  assertEquals([...filesOf(path)], [["1", joined([bytes, bytes.subarray(0, 9)])]]);
  return Promise.resolve();
});

test("blocks are written together, and a sync writes all", (path) => {
  using folder = new HistoryFolder(path);
  folder.create("1.partial");
  const written = () => Deno.statSync(`${path}/1.partial`).size;
  for (let count = 0; count < 14; count++) folder.append("1.partial", new Uint8Array(5_000));
  assertEquals(written(), 65_000);
  folder.sync("1.partial");
  assertEquals(written(), 70_000);
  return Promise.resolve();
});

test("a file that is replaced within a turn is read as it is then", (path) => {
  using folder = new HistoryFolder(path);
  for (const byte of [1, 2]) {
    folder.create("1.partial");
    folder.append("1.partial", Uint8Array.of(byte));
    folder.rename("1.partial", "1");
    assertEquals(folder.read("1", 0, 1), Uint8Array.of(byte));
  }
  folder.remove("1");
  assertThrows(() => folder.read("1", 0, 1), Deno.errors.NotFound);
  return Promise.resolve();
});

test("files that stay open are read as they are now, also once others have taken their place", (path) => {
  using folder = new HistoryFolder(path, 2);
  const write = (name: string, text: string) => {
    folder.create(name);
    folder.append(name, new TextEncoder().encode(text));
  };
  const read = (name: string) => new TextDecoder().decode(folder.read(name, 1, 3));
  for (const name of ["a", "b", "c"]) write(name, `-${name}${name}${name}-`);
  for (const name of ["a", "b", "c", "a", "b", "c"]) assertEquals(read(name), name.repeat(3));
  write("d", "-ddd-");
  folder.rename("d", "c");
  assertEquals(read("c"), "ddd");
  folder.remove("c");
  assertThrows(() => read("c"), Deno.errors.NotFound);
  write("b", "-new-");
  assertEquals(read("b"), "new");
  const into = new Uint8Array(4);
  assertEquals(folder.read("b", 0, 4, into).buffer, into.buffer);
  assertEquals(folder.read("b", 0, 5, into).length, 5);
  return Promise.resolve();
});

test("bytes that the disk refuses are a failure to write, whoever notices", (path) => {
  using folder = new HistoryFolder(path);
  folder.create("full");
  folder.append("full", new Uint8Array(10));
  const { writeSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.writeSync = () => {
    throw new Error("No space left on device (os error 28)");
  };
  try {
    assertThrows(() => folder.sync("full"), Error, "No space left on device");
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
  // The bytes are lost, so the file stays of no use, although there may be room now.
  for (const notice of [() => folder.read("full", 0, 1), () => folder.size("full")]) {
    const error = assertThrows(() => readDisk<unknown>("segment 1", "file", "full", notice), StorageError);
    assertStringIncludes(error.message, `Cannot write "${path}/full": No space left on device`);
  }
  return Promise.resolve();
});
