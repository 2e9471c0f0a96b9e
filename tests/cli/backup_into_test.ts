/** `backup --into DIR` and `backup verify DIR`, as they are typed. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { testNeeding } from "../net/needing.ts";
import { copyAt } from "../storage/backup_checks.ts";
import { fewParts } from "../storage/few_parts.ts";
import { filesOf, inFolder } from "../storage/folder.ts";
import { HistoryFolder } from "../../src/storage/history_folder.ts";
import { refOf } from "../../src/storage/segment_names.ts";
import { Stage } from "./stage.ts";

/** Declares a test with a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder(fn));
}

/** Runs the client where the database has come to a moment. */
async function run(moment: number, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const stage = new Stage();
  Object.assign(stage, { parts: fewParts, hasDisk: true, wholeCopy: () => copyAt(moment) });
  stage.now += 1_000 * moment;
  const code = await stage.run("8892", ...args);
  return { code, stdout: stage.stdout, stderr: stage.stderr };
}

test("backup --into takes what is new, and says how much that was", async (folder) => {
  const directory = `${folder}/d`;
  const first = await run(0, "backup", "--into", directory, "--json");
  assertEquals([first.code, first.stderr], [0, ""]);
  const { file, newBytes, newSegments, segments, heads } = JSON.parse(first.stdout);
  assertEquals([file, newSegments, heads], ["20261124T120000Z-1.head", segments, 1]);
  assert(newBytes > 0 && segments > 0);
  const second = await run(1, "backup", "--into", directory);
  assertEquals([second.code, second.stderr], [0, ""]);
  assertMatch(
    second.stdout,
    /^Backup ".*\/d\/20261124T120001Z-1\.head": 1 commands, 4 sites\n\d+ bytes are new, with \d of \d files of sealed/,
  );
  assertStringIncludes(second.stdout, "2 backups in all\n");
  const third = await run(2, "backup", "--into", directory, "--keep", "1");
  assertStringIncludes(third.stdout, "1 backup in all\n2 earlier backups were deleted\n");
  assertEquals([...filesOf(directory).keys()].filter((name) => name.endsWith(".head")), ["20261124T120002Z-1.head"]);
});

test("backup verify checks each backup of a directory, and names what is damaged by file and part", async (folder) => {
  const directory = `${folder}/d`;
  for (const moment of [0, 1]) assertEquals((await run(moment, "backup", "--into", directory)).code, 0);
  const sound = await run(0, "backup", "verify", directory);
  assertEquals([sound.code, sound.stderr], [0, ""]);
  assertStringIncludes(sound.stdout, `The directory "${directory}" is sound: 2 backups, `);
  const name = [...filesOf(directory).keys()].find((name) => refOf(name)?.number === 1)!;
  const bytes = Deno.readFileSync(`${directory}/${name}`);
  Deno.writeFileSync(`${directory}/${name}`, bytes.with(20, bytes[20] ^ 1));
  const bad = await run(0, "backup", "verify", directory);
  assertEquals([bad.code, bad.stdout], [1, ""]);
  assertStringIncludes(bad.stderr, `"${directory}/${name}": Block 0 of `);
  assertStringIncludes(bad.stderr, `/20261124T120000Z-1.head" is not sound: its checksums are right, but it needs "`);
  const json = JSON.parse((await run(0, "backup", "verify", directory, "--json")).stdout);
  assertEquals([json.sound, json.damaged.length, json.backups.length], [false, 1, 2]);
  // One backup alone is as good as its parts.
  assertEquals((await run(0, "backup", "verify", `${directory}/20261124T120000Z-1.head`)).code, 1);
  // The next one brings it back.
  const next = await run(1, "backup", "--into", directory);
  assertEquals(next.code, 0);
  assertStringIncludes(next.stderr, `${name}" is damaged (Block 0 of `);
  assertEquals((await run(0, "backup", "verify", directory)).code, 0);
});

test("backup --into names the backups that need a damaged file which the cluster has no more", async (folder) => {
  const directory = `${folder}/d`;
  // In the last one, a redaction has changed a segment.
  for (const moment of [1, 2]) await run(moment, "backup", "--into", directory);
  const twice = [...filesOf(directory).keys()].filter((name) => name.startsWith("1-"));
  assertEquals(twice.length, 2);
  for (const name of twice) Deno.truncateSync(`${directory}/${name}`, 50);
  const { code, stderr } = await run(2, "backup", "--into", directory);
  assertEquals(code, 0);
  assertMatch(stderr, /The cluster does not have 1 damaged file any more, .*:\n {2}20261124T120001Z-1\.head\n$/);
});

test("backup --keep deletes no file of history while a backup cannot be read, and says so", async (folder) => {
  const directory = `${folder}/d`;
  for (const moment of [0, 1]) await run(moment, "backup", "--into", directory);
  const head = `${directory}/20261124T120001Z-1.head`;
  Deno.truncateSync(head, 100);
  const count = filesOf(directory).size;
  const { code, stderr } = await run(0, "backup", "--into", directory, "--keep", "2");
  assertEquals(code, 0);
  assertStringIncludes(stderr, `No file of sealed history was deleted: nobody knows which ones "${head}" needs`);
  assertEquals(filesOf(directory).size, count);
});

test("backup --into keeps and names the new backup where earlier ones have more commands", async (folder) => {
  const directory = `${folder}/d`;
  await run(1, "backup", "--into", directory);
  const [made] = [...filesOf(directory).keys()].filter((name) => name.endsWith(".head"));
  const ahead = made.replace("-1.head", "-2.head");
  Deno.renameSync(`${directory}/${made}`, `${directory}/${ahead}`);
  const { code, stdout, stderr } = await run(2, "backup", "--into", directory, "--keep", "1");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "; 2 backups in all\n");
  assertStringIncludes(stderr, `"${directory}/${ahead}" has more commands than the cluster has now. A restore of the`);
  assertEquals(filesOf(directory).has("20261124T120002Z-1.head"), true);
});

test("backup --into says that the new backup is there if earlier ones cannot be deleted", async (folder) => {
  const directory = `${folder}/d`;
  const stage = new Stage();
  Object.assign(stage, { parts: fewParts, hasDisk: true, wholeCopy: () => copyAt(0) });
  const { remove } = HistoryFolder.prototype;
  await run(1, "backup", "--into", directory);
  try {
    HistoryFolder.prototype.remove = function (name) {
      if (name.endsWith(".head")) throw new Deno.errors.PermissionDenied("Operation not permitted (os error 1)");
      remove.call(this, name);
    };
    stage.now += 5_000;
    assertEquals(await stage.run("8892", "backup", "--into", directory, "--keep", "1"), 1);
  } finally {
    HistoryFolder.prototype.remove = remove;
  }
  assertMatch(stage.stdout, /^Backup ".*": 1 commands, 4 sites\n.*; 2 backups in all\n$/);
  assertMatch(stage.stderr, /Cannot delete earlier backups in ".*": .*; the new backup is complete, and the next one/);
  assertEquals((await run(0, "backup", "verify", directory)).code, 0);
});

test("backup --into refuses a directory of another cluster, and one with other things", async (folder) => {
  const directory = `${folder}/d`;
  await run(0, "backup", "--into", directory);
  const stage = new Stage();
  stage.wholeCopy = () => copyAt(0);
  Object.defineProperty(stage.cluster, "cluster", { value: "0f".repeat(16) });
  assertEquals(await stage.run("8892", "backup", "--into", directory), 1);
  assertStringIncludes(stage.stderr, `and this is ${"0f".repeat(16)}; choose another directory`);
  Deno.writeTextFileSync(`${folder}/letter`, "x");
  const other = await run(0, "backup", "--into", folder);
  assertEquals(other.code, 1);
  assertMatch(other.stderr, /^Cannot back up into ".*": it has other things, such as ".*"; choose an empty or a new/);
});

Deno.test("backup --into goes without FILE, and --keep with --into", async () => {
  for (
    const [words, line] of [
      [["f", "--into", "d"], "A backup goes to FILE or, with --into, to a directory: give one of them"],
      [["f", "--keep", "3"], '"--keep" goes with "--into": a file is one backup'],
      [["--into", "d", "--keep", "0"], 'Cannot take "0" as a number of backups: give a whole number from 1'],
      [["--into", ""], "The name of the file is empty: give that of a directory"],
    ] as const
  ) {
    const stage = new Stage();
    assertEquals(await stage.run("8892", "backup", ...words), 2);
    assertStringIncludes(stage.stderr, line);
    assertEquals(stage.addresses, undefined);
  }
});
