import { assertEquals } from "@std/assert";
import { testNeeding } from "./net/needing.ts";

/** The files of tests below a folder of `tests`. */
async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, import.meta.url))) {
    if (isDirectory) files.push(...await filesIn(`${folder}${name}/`));
    else if (name.endsWith("_test.ts")) files.push(folder + name);
  }
  return files;
}

testNeeding(["read"], "every file of tests stands in one of the lists that tasks run", async () => {
  const lists = [
    "./fast.ts",
    "./simulated.ts",
    "./rest.ts",
    "./durable.ts",
    "./processes.ts",
    "./sealing.ts",
    "./etcd.ts",
  ];
  const listed: string[] = [];
  // A list may have others in it.
  for (const list of lists) {
    const text = await Deno.readTextFile(new URL(list, import.meta.url));
    const folder = list.slice(0, list.lastIndexOf("/"));
    for (const [, name] of text.matchAll(/^import "\.(.*)";$/gm)) {
      (name.endsWith("_test.ts") ? listed : lists).push(folder + name);
    }
  }
  assertEquals(
    listed.toSorted(),
    (await filesIn("./")).sort(),
    'Import it in one of the lists, such as "tests/fast.ts"; docs/design/tests.md says which there are',
  );
});
