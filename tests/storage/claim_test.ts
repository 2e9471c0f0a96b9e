/**
 * Which process may have a file, and what becomes of a file that another process makes, has or has lost.
 */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Parts } from "../../src/snapshot.ts";
import { DatabaseFile } from "../../src/storage/database_file.ts";
import { walFramesMax } from "../../src/storage/file_check.ts";
import { claim } from "../../src/storage/file_claim.ts";
import { Store } from "../../src/storage/store.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { replicaFile } from "../../src/storage/store_tables.ts";
import { testNeeding } from "../net/needing.ts";
import { areSame, bytesOf, contentOfFile, filesOf, inFolder, putFiles } from "./folder.ts";
import { Holder } from "./holding.ts";

testNeeding(["read", "write", "run"], "Store.open() refuses a log whose file is missing, and makes no new one", () => {
  return inFolder(async (folder) => {
    const file = `${folder}/replica-0.db`;
    const holder = await Holder.of(file);
    await holder.commit(1);
    await holder.kill();
    Deno.removeSync(file);
    const before = filesOf(folder);
    assertEquals([...before.keys()], ["replica-0.db-wal"]);
    const error = await assertRejects(() => Store.open(file), StorageError, "it is missing");
    assertEquals(error.kind, "corrupt");
    assert(areSame(filesOf(folder), before), "the files have changed");
  });
});

testNeeding(["read", "write"], "claim() does not overwrite a file that another process has made meanwhile", () => {
  return inFolder((folder) => {
    const file = `${folder}/replica-0.db`;
    const open = Deno.openSync;
    // The other one is done just when this one has seen that there is no file.
    Deno.openSync = (path, options) => {
      if (String(path).endsWith("-new")) Deno.writeFileSync(file, bytesOf(100, 1));
      return open(path, options);
    };
    try {
      const make = () => assert(false, "a file was made");
      const error = assertThrows(() => claim(file, make), StorageError, "another process has it open");
      assertEquals(error.kind, "in use");
    } finally {
      Deno.openSync = open;
    }
    assertEquals(Deno.readFileSync(file), bytesOf(100, 1));
  });
});

testNeeding(["read", "write", "run"], "No SQLite tool can write to a file that a store has open", () => {
  return inFolder(async (folder) => {
    const file = `${folder}/replica-0.db`;
    const holder = await Holder.of(file);
    await holder.commit(1);
    const tool = new DatabaseSync(file);
    assertThrows(() => tool.exec("DELETE FROM row"), Error, "locked");
    tool.close();
    await holder.commit(2);
    await holder.end();
    assertEquals((await contentOfFile(file)).rows, [bytesOf(2000, 1), bytesOf(2000, 2)]);
  });
});

testNeeding(["read", "write"], "DatabaseFile moves its log itself, and lets nothing of a transaction out early", () => {
  return inFolder(async (folder) => {
    const file = await DatabaseFile.open(`${folder}/replica-0.db`, replicaFile);
    const valueOf = (pragma: string) => Object.values(file.database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
    assertEquals(
      ["journal_mode", "synchronous", "locking_mode", "wal_autocheckpoint", "cache_spill"].map(valueOf),
      ["wal", 2, "exclusive", 0, 0],
    );
    file.close();
  });
});

testNeeding(["read", "write"], "Store.open() refuses a log that is older than its file", () => {
  return inFolder(async (folder) => {
    const file = `${folder}/replica-0.db`;
    const store = await Store.open(file);
    store.replace(new Parts([bytesOf(1000, 1)]));
    store.commit();
    store.append(bytesOf(100, 1));
    store.commit();
    const log = Deno.readFileSync(`${file}-wal`);
    // A log of that size is moved into the file, and begins again.
    store.append(bytesOf(walFramesMax * 4096, 2));
    store.commit();
    store.append(bytesOf(100, 3));
    store.commit();
    const newer = Deno.readFileSync(file);
    store.close();
    putFiles(folder, new Map([["replica-0.db", newer], ["replica-0.db-wal", log]]));
    const error = await assertRejects(() => Store.open(file), StorageError, "has lost its end");
    assertEquals(error.kind, "corrupt");
  });
});
