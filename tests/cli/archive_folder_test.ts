/** An archive on a disk, and one whose process ends at any step. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArchiveFolder } from "../../src/cli/archive_folder.ts";
import { ArchiveError, indexName } from "../../src/cli/archive_index.ts";
import { ArchiveWriter, beginArchive } from "../../src/cli/archive_writer.ts";
import { checkArchive } from "../../src/cli/archive_check.ts";
import { indexIn } from "../../src/cli/archive_writer.ts";
import type { ArchiveFiles } from "../../src/cli/surroundings.ts";
import type { Entry } from "../../src/library/client.ts";
import { testNeeding } from "../net/needing.ts";

const cluster = "c0".repeat(16);

/** Reports, one every eight hours. */
const entries: readonly Entry[] = Array.from({ length: 14 }, (_, at) => {
  const recordedAt = Date.UTC(2026, 10, 24) + at * 8 * 3_600_000;
  const report = { availability: at, observedAt: recordedAt, outOfDate: false };
  return { kind: "report", index: at + 1, site: "a", siteId: 1, recordedAt, ...report };
});

/** Archives all entries that follow those that are archived. */
async function archive(files: ArchiveFiles): Promise<void> {
  const writer = new ArchiveWriter(files, await beginArchive(files, "dir", cluster));
  const after = writer.index.files.at(-1)?.last ?? 0;
  for (const entry of entries.slice(after)) writer.take(entry);
  // Else nobody would say that the open day is not archived.
  assertEquals(writer.openDay, "2026-11-28");
  writer.discard();
}

/** The process ends here, as by `kill -9`. */
class Crash extends Error {}

/** Files in memory; the process ends when `stepsLeft` steps were done. */
class CrashingFiles implements ArchiveFiles {
  readonly files: Map<string, Uint8Array>;
  stepsLeft: number;

  constructor(files: Map<string, Uint8Array>, stepsLeft: number) {
    this.files = files;
    this.stepsLeft = stepsLeft;
  }

  #step(): void {
    if (this.stepsLeft-- <= 0) throw new Crash();
  }

  names(): readonly string[] {
    return [...this.files.keys()];
  }

  size(name: string): number | undefined {
    return this.files.get(name)?.length;
  }

  read(name: string): Promise<string | undefined> {
    const bytes = this.files.get(name);
    return Promise.resolve(bytes && new TextDecoder().decode(bytes));
  }

  async *bytes(name: string): AsyncIterable<Uint8Array> {
    yield await Promise.resolve(this.files.get(name)!);
  }

  create(name: string) {
    this.#step();
    const pieces: number[] = [];
    return {
      write: (bytes: Uint8Array) => {
        this.#step();
        pieces.push(...bytes);
      },
      complete: () => {
        this.#step();
        this.files.set(name, Uint8Array.from(pieces));
        // The file has its name, and the process ends before it does anything else.
        this.#step();
      },
      discard: () => {},
    };
  }

  close(): void {}
}

Deno.test("an archive whose process ends at any step is the same in the end, and sound at every moment", async () => {
  const whole = new CrashingFiles(new Map(), Infinity);
  await archive(whole);
  assertEquals([...whole.files.keys()].sort(), [
    "2026-11-24.ndjson.gz",
    "2026-11-25.ndjson.gz",
    "2026-11-26.ndjson.gz",
    "2026-11-27.ndjson.gz",
    indexName,
  ]);
  let crashes = 0;
  for (let steps = 0;; steps++) {
    const crashing = new CrashingFiles(new Map(), steps);
    try {
      await archive(crashing);
      break;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      crashes++;
    }
    const text = await crashing.read(indexName);
    if (text !== undefined) {
      const index = indexIn(text, (why) => new ArchiveError(why));
      assertEquals(await checkArchive(crashing, index, () => {}), [], `after ${steps} steps`);
    }
    const again = new CrashingFiles(crashing.files, Infinity);
    // A directory that got no index yet has nothing in it.
    await archive(again);
    assertEquals(again.files, whole.files, `after ${steps} steps`);
  }
  assert(crashes > 30, `${crashes}`);
});

testNeeding(
  ["read", "write"],
  "an archive on a disk has one process that writes, and loses what a killed one left",
  async () => {
    const parent = await Deno.makeTempDir({ prefix: "vaxlog-test-" });
    const directory = `${parent}/archive`;
    try {
      const empty = ArchiveFolder.open(directory, true);
      empty.close();
      await Deno.mkdir(directory);
      await Deno.writeTextFile(`${directory}/2026-11-24.ndjson.gz.partial-0123abcd`, "x");
      await Deno.writeTextFile(`${directory}/${indexName}.partial-0123abcd`, "x");
      const files = ArchiveFolder.open(directory, true);
      assertEquals(files.names(), []);
      assertThrows(() => ArchiveFolder.open(directory, true), ArchiveError, "another process archives into it");
      await archive(files);
      assertEquals(files.names().length, 5);
      // Readers need no claim.
      const reader = ArchiveFolder.open(directory, false);
      const index = indexIn((await reader.read(indexName))!, (why) => new ArchiveError(why));
      assertEquals(await checkArchive(reader, index, () => {}), []);
      assertEquals([await reader.read("none"), reader.size("none")], [undefined, undefined]);
      reader.close();
      files.close();
      ArchiveFolder.open(directory, true).close();
      const file = `${directory}/${indexName}`;
      assertThrows(
        () => ArchiveFolder.open(file, true),
        ArchiveError,
        "it is not a directory; choose another directory",
      );
      assertThrows(() => ArchiveFolder.open(`${parent}/none`, false), ArchiveError, "Cannot read the archive");
    } finally {
      await Deno.remove(parent, { recursive: true });
    }
  },
);
