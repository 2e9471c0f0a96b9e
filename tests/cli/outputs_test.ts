import { assertEquals, assertThrows } from "@std/assert";
import { createDirectory, createFile } from "../../src/cli/outputs.ts";
import { OutputError } from "../../src/cli/surroundings.ts";
import { testNeeding } from "../net/needing.ts";
import { inFolder } from "../storage/folder.ts";

const bytes = new TextEncoder().encode("text");

testNeeding(
  ["read", "write"],
  "createFile() makes a file when it is complete, and none that was discarded",
  () =>
    inFolder((folder) => {
      const file = createFile(`${folder}/a`, false);
      file.write(bytes);
      file.complete();
      file.discard();
      assertEquals(Deno.readTextFileSync(`${folder}/a`), "text");
      createFile(`${folder}/b`, false).discard();
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
    }),
);

testNeeding(["read", "write"], "createFile() says why not, and what to do", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "old");
    const there = assertThrows(() => createFile(`${folder}/a`, false), OutputError);
    const name = JSON.stringify(`${folder}/a`);
    assertEquals(
      there.message,
      `Cannot write ${name}: there is something of that name already; ` +
        "choose another name, or replace files with --force",
    );
    const nowhere = assertThrows(() => createFile(`${folder}/none/a`, false), OutputError);
    assertEquals(/No such file.*; choose another place$/.test(nowhere.message), true, nowhere.message);
    const replaced = createFile(`${folder}/a`, true);
    replaced.write(bytes);
    replaced.complete();
    assertEquals(Deno.readTextFileSync(`${folder}/a`), "text");
  }));

testNeeding(
  ["read", "write"],
  "createDirectory() makes one, uses one that is there where it may, and no file",
  () =>
    inFolder((folder) => {
      const made = createDirectory(`${folder}/feed`, false);
      assertThrows(() => createDirectory(`${folder}/feed`, false), OutputError, "replace files with --force");
      createDirectory(`${folder}/feed`, true).discard();
      assertEquals(Deno.statSync(`${folder}/feed`).isDirectory, true, "it was there before");
      made.discard();
      assertThrows(() => Deno.statSync(`${folder}/feed`), Deno.errors.NotFound);
      made.discard();
      const kept = createDirectory(`${folder}/feed`, false);
      Deno.writeTextFileSync(`${folder}/feed/a`, "mine");
      kept.discard();
      assertEquals(Deno.readTextFileSync(`${folder}/feed/a`), "mine");
      assertThrows(() => createDirectory(`${folder}/feed/a`, true), OutputError);
      assertThrows(() => createDirectory(`${folder}/none/feed`, false), OutputError, "No such file");
    }),
);
