import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { awaitUnused, SavedFiles } from "../../src/storage/saved_files.ts";
import { Store } from "../../src/storage/store.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { testNeeding } from "../net/needing.ts";
import { inFolder } from "./folder.ts";

function test(name: string, work: (folder: string) => void | Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder(work));
}

/** The text of each file, by name; a folder has its names. */
function contentsOf(folder: string): Record<string, string | string[]> {
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  return Object.fromEntries(entries.map(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return [
      name,
      isDirectory ? [...Deno.readDirSync(path)].map(({ name }) => name).sort() : Deno.readTextFileSync(path),
    ];
  }));
}

const before = { "a.db": "a", "a.db-wal": "log of a", "b.db": "b", "other": "o" };

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(`${folder}/${name}`, text);
}

/** A folder with copies of three files, which have changed since. */
function changed(folder: string): SavedFiles {
  write(folder, before);
  const saved = SavedFiles.save(folder, "kept", ["a.db", "a.db-wal", "b.db"]);
  Deno.removeSync(`${folder}/a.db-wal`);
  write(folder, { "a.db": "A", "b.db": "B", "b.db-wal": "new log of b", "other": "O" });
  return saved;
}

test("SavedFiles puts back what was there, and removes what came beside it", (folder) => {
  changed(folder).putBack();
  assertEquals(contentsOf(folder), { ...before, "other": "O" });
});

test("SavedFiles puts back only the files that are wanted", (folder) => {
  changed(folder).putBack((name) => name.startsWith("a"));
  assertEquals(contentsOf(folder), { ...before, "b.db": "B", "b.db-wal": "new log of b", "other": "O" });
});

test("SavedFiles leaves what has changed, and no copies, when the trial has succeeded", (folder) => {
  changed(folder).discard();
  const now = { "a.db": "A", "b.db": "B", "b.db-wal": "new log of b", "other": "O" };
  assertEquals(contentsOf(folder), now);
  assertEquals(SavedFiles.find(folder, "kept"), undefined);
});

test("SavedFiles finds the copies of a process that was killed", (folder) => {
  changed(folder);
  SavedFiles.find(folder, "kept")!.putBack();
  assertEquals(contentsOf(folder), { ...before, "other": "O" });
});

test("SavedFiles ends what a process began that was killed while it put files back", (folder) => {
  for (const moved of [[], ["a.db"], ["a.db", "a.db-wal"], ["a.db", "a.db-wal", "b.db"]]) {
    changed(folder);
    Deno.renameSync(`${folder}/kept`, `${folder}/kept-returning`);
    for (const name of moved) {
      if (name === "b.db") Deno.removeSync(`${folder}/b.db-wal`);
      Deno.renameSync(`${folder}/kept-returning/${name}`, `${folder}/${name}`);
    }
    assertEquals(SavedFiles.find(folder, "kept"), undefined);
    assertEquals(contentsOf(folder), { ...before, "other": "O" }, `${moved} were back`);
  }
});

test("SavedFiles counts no copies that are not complete", (folder) => {
  write(folder, before);
  Deno.mkdirSync(`${folder}/kept-unfinished`);
  write(`${folder}/kept-unfinished`, { "a.db": "half of" });
  assertEquals(SavedFiles.find(folder, "kept"), undefined);
  assertEquals(contentsOf(folder), before);
});

test("SavedFiles leaves nothing where a file cannot be copied", (folder) => {
  write(folder, before);
  assertThrows(() => SavedFiles.save(folder, "kept", ["a.db", "missing.db"]), Deno.errors.NotFound);
  assertEquals(contentsOf(folder), before);
});

test("awaitUnused() refuses a file that is in use", async (folder) => {
  const file = `${folder}/a.db`;
  const store = await Store.open(file);
  try {
    await assertRejects(() => awaitUnused([file]), StorageError, "another process has it open");
  } finally {
    store.close();
  }
  await awaitUnused([file]);
});
