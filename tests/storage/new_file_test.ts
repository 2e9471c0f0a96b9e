import { assertEquals, assertThrows } from "@std/assert";
import { FileThereError, NewFile } from "../../src/storage/new_file.ts";
import { testNeeding } from "../net/needing.ts";
import { inFolder } from "./folder.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function test(name: string, fn: (folder: string) => void): void {
  testNeeding(["read", "write"], name, () => inFolder(fn));
}

/** The files in a folder, with their content. */
function contentOf(folder: string): Record<string, string> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
  return Object.fromEntries(names.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]));
}

test("NewFile is there when it is complete, with all that was written, and nothing beside it", (folder) => {
  const file = new NewFile(`${folder}/a`);
  file.write(bytesOf("one "));
  file.write(bytesOf("two"));
  assertEquals(Object.keys(contentOf(folder)).map((name) => name.slice(0, 10)), ["a.partial-"]);
  assertEquals(file.isComplete, false);
  file.complete();
  assertEquals([file.isComplete, contentOf(folder)], [true, { a: "one two" }]);
  file.discard();
  assertEquals(contentOf(folder), { a: "one two" }, "what is complete is not discarded");
  assertThrows(() => file.write(bytesOf("three")), Error, "is complete");
});

test("NewFile leaves nothing when it is discarded", (folder) => {
  const file = new NewFile(`${folder}/a`);
  file.write(bytesOf("one"));
  file.discard();
  file.discard();
  assertEquals(contentOf(folder), {});
});

test("NewFile replaces a file only where that is wanted, and then at once", (folder) => {
  Deno.writeTextFileSync(`${folder}/a`, "old");
  assertThrows(() => new NewFile(`${folder}/a`), FileThereError, "something of that name");
  const file = new NewFile(`${folder}/a`, true);
  file.write(bytesOf("new"));
  assertEquals(contentOf(folder).a, "old");
  file.complete();
  assertEquals(contentOf(folder), { a: "new" });
});

test("NewFile does not take the place of a file that has come meanwhile, nor of a directory", (folder) => {
  const file = new NewFile(`${folder}/a`);
  Deno.writeTextFileSync(`${folder}/a`, "another's");
  assertThrows(() => file.complete(), FileThereError);
  file.discard();
  assertEquals(contentOf(folder), { a: "another's" });
  Deno.mkdirSync(`${folder}/b`);
  assertThrows(() => new NewFile(`${folder}/b`, true), FileThereError);
  assertThrows(() => new NewFile(`${folder}/none/c`), Deno.errors.NotFound);
  Deno.removeSync(`${folder}/b`);
});
