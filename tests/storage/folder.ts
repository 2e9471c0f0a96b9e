/**
 * Folders and files for tests of what is kept on disk.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { allOf, Parts } from "../../src/snapshot.ts";
import { Store } from "../../src/storage/store.ts";

/** Runs `work` with a new folder, which is removed afterwards. */
export async function inFolder(work: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All files of a folder, by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** Reads all files of a folder. */
export function filesOf(folder: string): Files {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return new Map(names.map((name) => [name, Deno.readFileSync(`${folder}/${name}`)]));
}

/** Makes the files of a folder these. */
export function putFiles(folder: string, files: Files): void {
  for (const { name } of Deno.readDirSync(folder)) if (!files.has(name)) Deno.removeSync(`${folder}/${name}`);
  for (const [name, bytes] of files) Deno.writeFileSync(`${folder}/${name}`, bytes);
}

/** Whether both are the same files with the same bytes. */
export function areSame(a: Files, b: Files): boolean {
  return a.size === b.size && [...a].every(([name, bytes]) => {
    const other = b.get(name);
    return other !== undefined && other.length === bytes.length && compare(bytes, other);
  });
}

function compare(a: Uint8Array, b: Uint8Array): boolean {
  // Eight bytes at a time: the files are compared thousands of times.
  const words = Math.floor(a.length / 8);
  const first = new BigUint64Array(a.buffer, a.byteOffset, words);
  const second = new BigUint64Array(b.buffer, b.byteOffset, words);
  for (let at = 0; at < words; at++) if (first[at] !== second[at]) return false;
  for (let at = words * 8; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Bytes that tell where they come from and look like noise. */
export function bytesOf(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (Math.imul(seed, 0x9e3779b1) ^ length) | 1;
  for (let at = 0; at < length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

/** What a store holds. */
export interface Content {
  readonly isEmpty: boolean;
  readonly checkpoint: Uint8Array;
  readonly rows: readonly Uint8Array[];
}

/** Reads a store. */
export function contentOf(store: Store): Content {
  const checkpoint = allOf(new Parts([...store.checkpoint()]));
  return { isEmpty: store.isEmpty, checkpoint, rows: [...store.rows()] };
}

/** Opens a file, reads it, closes it. */
export async function contentOfFile(file: string): Promise<Content> {
  const store = await Store.open(file);
  try {
    return contentOf(store);
  } finally {
    store.close();
  }
}

/** Asserts that a file holds this. */
export async function assertContent(file: string, expected: Content): Promise<void> {
  assertEquals(await contentOfFile(file), expected);
}

/** Commits until nothing waits. */
export function settle(store: Store): void {
  while (store.isBusy) store.commit();
}
