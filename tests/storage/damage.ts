/**
 * Files that are damaged, and what must become of them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { checkpointPieceBytes, Store } from "../../src/storage/store.ts";
import { StorageError } from "../../src/storage/storage_error.ts";
import { areSame, bytesOf, type Content, contentOf, type Files, filesOf, putFiles, settle } from "./folder.ts";
import { Parts } from "../../src/snapshot.ts";

/** The name of the database file in {@link Sample.files}. */
export const fileName = "replica-0.db";

/** The name of its log. */
export const walName = `${fileName}-wal`;

/** Files, and what they hold. */
export interface Sample {
  readonly files: Files;
  readonly content: Content;
  /** What they held one commit earlier. */
  readonly before: Content;
  /** Bytes of the log that were written since the file was opened: behind them it has only zeros. */
  readonly walBytes: number;
}

/** Makes a store with some of everything, and ends as `end` says. */
export async function sampleOf(folder: string, end: "closed" | "killed" | "killed, sealed"): Promise<Sample> {
  putFiles(folder, new Map());
  const store = await Store.open(`${folder}/${fileName}`);
  store.replace(new Parts([bytesOf(5000, 1)]));
  store.commit();
  for (let k = 0; k < 12; k++) {
    store.append(bytesOf(k % 4 === 0 ? 6000 : 90, k));
    if (k === 5) store.replace(new Parts([bytesOf(3000, 2)]));
    store.commit();
  }
  settle(store);
  const before = contentOf(store);
  store.append(bytesOf(4500, 20));
  store.append(bytesOf(45, 21));
  store.commit();
  const content = contentOf(store);
  if (end !== "killed") store.seal();
  const killed = filesOf(folder);
  store.close();
  const files = end === "closed" ? filesOf(folder) : killed;
  putFiles(folder, new Map());
  const wal = files.get(walName);
  return { files, content, before, walBytes: wal ? wal.findLastIndex((byte) => byte !== 0) + 1 : 0 };
}

/** A larger store that was closed: free pages, several pieces, rows in several levels of the tree. */
export async function largeSampleOf(folder: string): Promise<Sample> {
  const store = await Store.open(`${folder}/${fileName}`);
  for (let round = 0; round < 3; round++) {
    store.replace(new Parts([bytesOf(2 * checkpointPieceBytes + 17, round)]));
    settle(store);
    for (let k = 0; k < 1500; k++) store.append(bytesOf(k % 100 === 0 ? 10_000 : 150, k));
    store.commit();
  }
  const content = contentOf(store);
  store.close();
  const files = filesOf(folder);
  putFiles(folder, new Map());
  return { files, content, before: content, walBytes: 0 };
}

/** The files with the byte at `at` of one of them changed. */
export function flipped(files: Files, name: string, at: number, mask: number): Files {
  const bytes = files.get(name)!.slice();
  bytes[at] ^= mask;
  return new Map(files).set(name, bytes);
}

/** The files with only the first `length` bytes of one of them. */
export function cut(files: Files, name: string, length: number): Files {
  return new Map(files).set(name, files.get(name)!.slice(0, length));
}

/** The files without one of them. */
export function without(files: Files, name: string): Files {
  return new Map([...files].filter(([other]) => other !== name));
}

/** Opens damaged files: they are refused as corrupt and left as they were (undefined), or hold something. */
export async function outcomeOf(folder: string, files: Files, what: string): Promise<Content | undefined> {
  putFiles(folder, files);
  let store: Store;
  try {
    store = await Store.open(`${folder}/${fileName}`);
  } catch (error) {
    assert(error instanceof StorageError, `${what}: ${error}`);
    assertEquals(error.kind, "corrupt", `${what}: ${error.message}`);
    assert(areSame(filesOf(folder), files), `${what}: the files have changed`);
    return undefined;
  }
  try {
    return contentOf(store);
  } finally {
    store.close();
  }
}

/** Whether both are the same content; much faster than `assertEquals`. */
export function isSameContent(a: Content, b: Content): boolean {
  const asFiles = ({ checkpoint, rows }: Content): Files =>
    new Map([checkpoint, ...rows].map((bytes, k) => [`${k}`, bytes]));
  return a.isEmpty === b.isEmpty && areSame(asFiles(a), asFiles(b));
}

/** Asserts that a store that was opened in spite of damage can be written and read as any other. */
export async function assertGoesOn(folder: string, expected: Content, what: string): Promise<void> {
  const file = `${folder}/${fileName}`;
  try {
    let store = await Store.open(file);
    store.append(bytesOf(5000, 30));
    store.commit();
    store.replace(new Parts([bytesOf(checkpointPieceBytes + 1, 31)]));
    store.append(bytesOf(300, 32));
    settle(store);
    store.append(bytesOf(3000, 33));
    store.commit();
    store.close();
    store = await Store.open(file);
    const content = contentOf(store);
    store.close();
    const rows = [bytesOf(300, 32), bytesOf(3000, 33)];
    assert(isSameContent(content, { isEmpty: false, checkpoint: bytesOf(checkpointPieceBytes + 1, 31), rows }));
  } catch (error) {
    throw new Error(`${what}: it does not continue: ${error}`, { cause: error });
  }
  assert(!expected.isEmpty, what);
}
