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

testNeeding(["read"], "every file of tests stands in one of the lists that deno test runs", async () => {
  const lists = ["fast.ts", "simulated.ts", "rest.ts", "processes.ts"].map((list) =>
    Deno.readTextFile(new URL(list, import.meta.url))
  );
  const listed = Array.from((await Promise.all(lists)).join("").matchAll(/^import "(.*)";$/gm), ([, file]) => file);
  assertEquals(
    listed.toSorted(),
    (await filesIn("./")).sort(),
    'Import it in "tests/fast.ts", "tests/simulated.ts", "tests/rest.ts" or "tests/processes.ts"',
  );
});
