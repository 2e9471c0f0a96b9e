/** A redacted note is in no file, once a checkpoint has replaced the journal. */

import { assert, assertEquals } from "@std/assert";
import type { Command } from "../../src/database/wire/commands.ts";
import { Sites } from "../database/store/machine.ts";
import { Store } from "../../src/storage/store.ts";
import { applyOne, batchOf } from "../database/store/memory.ts";
import { testNeeding } from "../net/needing.ts";
import { filesOf, inFolder, settle } from "./folder.ts";

const note = "call Ann Smith at home";

/** The names of the files in a folder in which a text is. */
function filesWith(folder: string, text: string): string[] {
  const decoder = new TextDecoder("latin1");
  return [...filesOf(folder)].filter(([, bytes]) => decoder.decode(bytes).includes(text)).map(([name]) => name);
}

testNeeding(
  ["read", "write"],
  "a note that was redacted is in no file after the next checkpoint",
  () =>
    inFolder(async (folder) => {
      const file = `${folder}/replica-0.db`;
      const sites = new Sites();
      let store = await Store.open(file);
      const run = (command: Command) => {
        store.append(batchOf(command));
        assertEquals(applyOne(sites, command).status, "done");
      };
      const report = { kind: "set", name: "Harvard University", recordedAt: 1 } as const;
      for (let value = 0; value < 200; value++) run({ ...report, value, note, who: "Ann Smith" });
      // A checkpoint of many pages, with notes that have no page of their own.
      store.replace(sites.freeze());
      settle(store);
      store.close();
      assertEquals(filesWith(folder, note), ["replica-0.db"]);
      store = await Store.open(file);
      for (let entry = 2; entry <= 201; entry++) run({ kind: "redact", entry, recordedAt: 2 });
      store.commit();
      assert(filesWith(folder, note).includes("replica-0.db"));
      store.replace(sites.freeze());
      settle(store);
      store.close();
      assertEquals([filesWith(folder, note), filesWith(folder, "Ann Smith")], [[], []]);
      store = await Store.open(file);
      const restored = new Sites();
      const restoring = restored.restoring();
      for (const part of store.checkpoint()) restoring.push(part);
      restoring.finish();
      assertEquals(restored.snapshot(), sites.snapshot());
      store.close();
    }),
);
