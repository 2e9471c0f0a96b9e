import { assert } from "@std/assert";
import { walBytesMin } from "../../src/storage/file_check.ts";
import { Store } from "../../src/storage/store.ts";
import { walFrameBytes, walHeaderBytes } from "../../src/storage/wal_check.ts";
import { testNeeding } from "../net/needing.ts";
import {
  assertGoesOn,
  cut,
  fileName,
  flipped,
  isSameContent,
  largeSampleOf,
  outcomeOf,
  sampleOf,
  walName,
  without,
} from "./damage.ts";
import { bytesOf, type Files, inFolder } from "./folder.ts";
import { Parts } from "../../src/snapshot.ts";

function test(name: string, work: (folder: string) => Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder(work));
}

/** Places in a file: all of the first ones, and then some with a distance that hits every part of pages and frames. */
function places(length: number, dense: number, step: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < length; at += at < dense ? 1 : step) found.push(at);
  return found;
}

/** A change of a byte: at some places one bit, at others many. */
const maskAt = (at: number) => at % 3 === 0 ? 1 << (at % 8) : 1 + (at * 7919) % 255;

test("Store.open() finds a flipped byte anywhere in a file that was closed, or it does no harm", async (folder) => {
  const { files, content } = await sampleOf(folder, "closed");
  let refused = 0;
  for (const at of places(files.get(fileName)!.length, 100, 397)) {
    const what = `byte ${at}`;
    const found = await outcomeOf(folder, flipped(files, fileName, at, maskAt(at)), what);
    if (!found) refused++;
    else assert(isSameContent(found, content), `${what}: other data`);
    if (found && at % 20 === 0) await assertGoesOn(folder, content, what);
  }
  assert(refused > 80, `${refused} refused`);
});

test("Store.open() finds a flipped byte anywhere in a large file, or it does no harm", async (folder) => {
  const { files, content } = await largeSampleOf(folder);
  let refused = 0;
  for (const at of places(files.get(fileName)!.length, 0, 60_013)) {
    const found = await outcomeOf(folder, flipped(files, fileName, at, maskAt(at)), `byte ${at}`);
    if (!found) refused++;
    else assert(isSameContent(found, content), `byte ${at}: other data`);
  }
  assert(refused > 5, `${refused} refused`);
});

test("Store.open() finds a flipped byte anywhere in the files after a crash, or it does no harm", async (folder) => {
  const { files, content, walBytes } = await sampleOf(folder, "killed, sealed");
  const refused = new Map([[fileName, 0], [walName, 0]]);
  const all = [
    ...places(files.get(fileName)!.length, 80, 809).map((at) => [fileName, at] as const),
    ...places(walBytes + walFrameBytes, walHeaderBytes + 24, 1511).map((at) => [walName, at] as const),
  ];
  for (const [name, at] of all) {
    const what = `byte ${at} of ${name}`;
    const found = await outcomeOf(folder, flipped(files, name, at, maskAt(at)), what);
    if (!found) refused.set(name, refused.get(name)! + 1);
    else assert(isSameContent(found, content), `${what}: other data`);
    if (found && at % 20 === 0) await assertGoesOn(folder, content, what);
  }
  assert(refused.get(fileName)! > 20 && refused.get(walName)! > 100, JSON.stringify([...refused]));
});

test("Store.open() takes damage of the last commit for a torn write only without a seal after it", async (folder) => {
  const { files, content, before, walBytes } = await sampleOf(folder, "killed");
  let dropped = 0;
  let first = Infinity;
  for (const at of places(walBytes, 0, 1511)) {
    const found = await outcomeOf(folder, flipped(files, walName, at, maskAt(at)), `byte ${at}`);
    if (!found || isSameContent(found, content)) continue;
    assert(isSameContent(found, before), `byte ${at}: other data`);
    dropped++;
    first = Math.min(first, at);
  }
  assert(dropped > 5, `${dropped} dropped`);
  assert(first > walBytes - 8 * walFrameBytes, `byte ${first} of ${walBytes} is not in the last commit`);
});

test("Store.open() finds a file that was cut short", async (folder) => {
  const { files } = await sampleOf(folder, "closed");
  const { length } = files.get(fileName)!;
  const lengths = [0, 1, 99, 100, 511, 4095, 4096, 8191, 8192, 8193, length - 4096, length - 1];
  for (const bytes of lengths) {
    await assertRefused(folder, cut(files, fileName, bytes), `${bytes} bytes`);
  }
});

test("Store.open() finds a log that was cut short at any length, or that is gone", async (folder) => {
  for (const end of ["killed", "killed, sealed"] as const) {
    const { files } = await sampleOf(folder, end);
    const { length } = files.get(walName)!;
    for (const bytes of [0, 1, 31, 32, 33, 32 + walFrameBytes, ...places(length, 0, 300_007), length - 1]) {
      await assertRefused(folder, cut(files, walName, bytes), `${bytes} bytes`);
    }
    await assertRefused(folder, without(files, walName), "no log");
    await assertRefused(folder, without(files, fileName), "no database");
  }
});

test("Store.open() finds a cut of a database file whose log is there, or it does no harm", async (folder) => {
  const { files, content } = await sampleOf(folder, "killed, sealed");
  const { length } = files.get(fileName)!;
  for (const bytes of [0, 1, 99, 4096, 8191, 8192, 12_288, length - 4096, length - 1]) {
    const found = await outcomeOf(folder, cut(files, fileName, bytes), `${bytes} bytes`);
    if (found) assert(isSameContent(found, content), `${bytes} bytes: other data`);
    else assert(bytes < length);
  }
});

test("Store.open() finds a log that is older than its database file, or of another one", async (folder) => {
  const store = await Store.open(`${folder}/${fileName}`);
  const filesNow = (): Files =>
    new Map([fileName, walName].map((name) => [name, Deno.readFileSync(`${folder}/${name}`)]));
  store.replace(new Parts([bytesOf(10, 1)]));
  store.commit();
  const early = filesNow();
  // More than the log takes before it is moved.
  store.append(bytesOf(6_000_000, 2));
  store.commit();
  const late = filesNow();
  store.close();
  const mixed = new Map(late).set(walName, early.get(walName)!);
  await assertRefused(folder, mixed, "an older log");
  await assertRefused(folder, cut(late, walName, walBytesMin - 1), "a log that was cut short");
});

/** Asserts that files are refused as corrupt and left as they were. */
async function assertRefused(folder: string, files: Files, what: string): Promise<void> {
  assert(await outcomeOf(folder, files, what) === undefined, `${what}: it was not refused`);
}
