/** Directories of backups on a real disk: who may use which, and what is left of what ends early. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { BackupsInto, openedToRead } from "../../src/storage/backup_directory.ts";
import { BackupFileError } from "../../src/storage/backup_file.ts";
import { FormatError } from "../../src/storage/backup_format.ts";
import { backupAt, neededFor, readBackup } from "../../src/storage/read_backup.ts";
import { refOf } from "../../src/storage/segment_names.ts";
import { testNeeding } from "../net/needing.ts";
import { copyAt, stateAt } from "./backup_checks.ts";
import { filesOf, inFolder, putFiles } from "./folder.ts";
import { info, sendTo } from "./sealed_copies.ts";

/** Declares a test with a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder(fn));
}

const madeAt = Date.UTC(2026, 10, 24, 15, 48, 16);

/** Gives a copy of a moment to a backup. */
async function send(target: BackupsInto, moment: number): Promise<void> {
  const { begin, write, leaveOut, whyNot } = BackupsInto.prototype;
  await sendTo({
    begin: begin.bind(target),
    write: write.bind(target),
    leaveOut: leaveOut.bind(target),
    end: whyNot.bind(target),
  }, copyAt(moment));
}

/** Makes a backup; returns its path. */
async function backUp(directory: string, moment: number, more = {}): Promise<string> {
  const target = await BackupsInto.open(directory, 0.5);
  await send(target, moment);
  const { name } = await target.complete({ ...info, index: moment, ...more }, madeAt + 1_000 * moment);
  target.discard();
  return `${directory}/${name}`;
}

test("A directory of backups is for its owner alone, and holds each part of the history once", async (folder) => {
  const directory = `${folder}/new/backups`;
  await backUp(directory, 0);
  const before = filesOf(directory);
  const second = await backUp(directory, 1);
  assertEquals(second, `${directory}/20261124T154817Z-1.head`);
  const after = filesOf(directory);
  for (const [name, bytes] of before) assertEquals(after.get(name), bytes, name);
  const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
  if (Deno.build.os !== "windows") {
    assertEquals(modeOf(directory), 0o700);
    for (const name of after.keys()) assertEquals(modeOf(`${directory}/${name}`), 0o600, name);
  }
  assertEquals([...after.keys()].filter((name) => name.includes("partial")), []);
  const { database, header } = await readBackup(directory);
  assertEquals([header.index, database.read(0, database.length)], [1, stateAt(1)]);
  // One of them by its name.
  assertEquals((await readBackup(`${directory}/20261124T154816Z-0.head`)).header.index, 0);
  assertEquals([backupAt(directory), backupAt(second), neededFor(second)], [second, second, directory]);
});

test("One process writes into a directory at a time, and not while others read it for long", async (folder) => {
  await backUp(folder + "/d", 0);
  const refused = () =>
    assertRejects(() => BackupsInto.open(`${folder}/d`, 0), BackupFileError, "another process writes");
  const first = await BackupsInto.open(`${folder}/d`, 0);
  await refused();
  first.discard();
  {
    using _reader = openedToRead(`${folder}/d`);
    using _other = openedToRead(backupAt(`${folder}/d`));
    await refused();
  }
  (await BackupsInto.open(`${folder}/d`, 0)).discard();
});

test("A directory with other things is refused, and other things beside backups are left alone", async (folder) => {
  Deno.writeTextFileSync(`${folder}/letter.txt`, "x");
  await assertRejects(
    () => BackupsInto.open(folder, 0),
    BackupFileError,
    `it has other things, such as "letter.txt"; choose an empty or a new directory`,
  );
  assertEquals([...filesOf(folder).keys()], ["letter.txt"]);
  await assertRejects(() => BackupsInto.open(`${folder}/letter.txt`, 0), BackupFileError, "it is not a directory");
  // The root of a disk has this.
  Deno.mkdirSync(`${folder}/disk/lost+found`, { recursive: true });
  await backUp(`${folder}/disk`, 0);
  Deno.writeTextFileSync(`${folder}/disk/letter.txt`, "x");
  await backUp(`${folder}/disk`, 1);
  const target = await BackupsInto.open(`${folder}/disk`, 0);
  await target.prune(1);
  target.discard();
  assertEquals(Deno.readTextFileSync(`${folder}/disk/letter.txt`), "x");
  assert(Deno.statSync(`${folder}/disk/lost+found`).isDirectory);
});

test("The folder of a replica's history is refused, also behind a link, and nothing in it changes", async (folder) => {
  await backUp(`${folder}/d`, 0);
  const segments = [...filesOf(`${folder}/d`)].filter(([name]) => refOf(name) !== undefined);
  const history = `${folder}/replica-0.history`;
  Deno.mkdirSync(history);
  putFiles(history, new Map([...segments, ["7.partial", new Uint8Array(1)]]));
  const before = filesOf(history);
  Deno.symlinkSync(history, `${folder}/link`);
  for (const place of [history, `${folder}/link`, `${history}/`]) {
    await assertRejects(
      () => BackupsInto.open(place, 0),
      BackupFileError,
      "it is the folder of a replica's sealed history; choose another directory",
    );
  }
  assertEquals(filesOf(history), before);
});

test("A directory with a backup that is a link is refused, since nobody knows what that needs", async (folder) => {
  const head = await backUp(`${folder}/d`, 0);
  Deno.renameSync(head, `${folder}/elsewhere`);
  Deno.symlinkSync(`${folder}/elsewhere`, head);
  await assertRejects(
    () => BackupsInto.open(`${folder}/d`, 0),
    BackupFileError,
    '"20261124T154816Z-0.head" is a link; replace it by the file that it leads to',
  );
  assertEquals((await readBackup(head)).header.index, 0);
});

test("A directory says of which cluster its backups are, unless none can be read", async (folder) => {
  const head = await backUp(`${folder}/d`, 0);
  const target = await BackupsInto.open(`${folder}/d`, 0);
  assertEquals(target.cluster, info.cluster);
  target.discard();
  Deno.writeTextFileSync(head, "x");
  await assertRejects(() => BackupsInto.open(`${folder}/d`, 0), BackupFileError, "none of its backups can be read");
  await assertRejects(() => readBackup(`${folder}/d`), FormatError, "it is not a backup of Vaxlog");
});

test("What a killed backup has left is used or removed by the next one", async (folder) => {
  const target = await BackupsInto.open(`${folder}/d`, 0);
  const copy = copyAt(1);
  target.begin();
  for (let files = 0; files < 3 && !copy.isDone;) {
    const { part, bytes } = copy.take(1000);
    await target.write(part, bytes);
    if (part === 3) files++;
  }
  copy.release();
  // A killed process leaves what is on the disk.
  const left = filesOf(`${folder}/d`);
  target.discard();
  Deno.mkdirSync(`${folder}/killed`);
  putFiles(`${folder}/killed`, left);
  const whole = [...left.keys()].filter((name) => refOf(name) !== undefined);
  assert(left.has("state.partial") && whole.length > 0);
  for (const name of ["7.partial", "head.partial"]) Deno.writeTextFileSync(`${folder}/killed/${name}`, "x");
  const next = await BackupsInto.open(`${folder}/killed`, 0);
  assertEquals([...filesOf(`${folder}/killed`).keys()], whole.sort());
  await send(next, 1);
  const { newSegments, segments } = await next.complete({ ...info, index: 1 }, madeAt);
  assertEquals(newSegments, segments - whole.length);
  next.discard();
});

test("A link is never written through, and a file takes its place", async (folder) => {
  const directory = `${folder}/d`;
  const head = await backUp(directory, 0);
  const [name] = [...filesOf(directory).keys()].filter((name) => name.startsWith("1-"));
  Deno.renameSync(`${directory}/${name}`, `${folder}/elsewhere`);
  Deno.symlinkSync(`${folder}/elsewhere`, `${directory}/${name}`);
  Deno.writeTextFileSync(`${folder}/precious`, "x");
  for (const partial of ["state.partial", "head.partial", "1.partial"]) {
    Deno.symlinkSync(`${folder}/precious`, `${directory}/${partial}`);
  }
  const elsewhere = Deno.readFileSync(`${folder}/elsewhere`);
  await backUp(directory, 1);
  assertEquals(Deno.readTextFileSync(`${folder}/precious`), "x");
  assertEquals(Deno.readFileSync(`${folder}/elsewhere`), elsewhere);
  assert(Deno.lstatSync(`${directory}/${name}`).isFile);
  // The directory itself may be behind a link.
  Deno.symlinkSync(directory, `${folder}/link`);
  await backUp(`${folder}/link`, 2);
  assertEquals((await readBackup(directory)).header.index, 2);
  assertEquals((await readBackup(head)).header.index, 0);
});

test("A directory that was made for a backup that did not come is removed", async (folder) => {
  const target = await BackupsInto.open(`${folder}/d`, 0);
  target.begin();
  target.discard();
  assertEquals([...filesOf(folder).keys()], []);
  await assertRejects(() => readBackup(folder), FormatError, "it is a directory without a backup of Vaxlog");
});
