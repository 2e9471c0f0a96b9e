/** Backups with sealed history: what is written is read, checked, and put into the history of replicas. */

import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { BytesInMemory } from "../../src/bytes_source.ts";
import { bytesOfFiles, decodeSegments, encodeSegments, listedBytes } from "../../src/copy_layout.ts";
import { DamageError } from "../../src/database/segments/damage.ts";
import { restoreInto } from "../../src/cluster/restoring.ts";
import { segmentKinds, type SegmentRef } from "../../src/history.ts";
import { readEntries } from "../../src/database/wire/entries.ts";
import { atOnce } from "../../src/steps.ts";
import { BackupFileError, NewBackupFile } from "../../src/storage/backup_file.ts";
import { readBackup } from "../../src/storage/read_backup.ts";
import { type BackupContents, decodeBackup, encodeHeader, FormatError } from "../../src/storage/backup_format.ts";
import { checkingHistory, historyIn, whyNotNamed } from "../../src/storage/copied_history.ts";
import { finished } from "../../src/storage/history_files.ts";
import { stepping } from "../../src/storage/history_folder.ts";
import { ReplicaHistory } from "../../src/storage/replica_history.ts";
import { wholeName } from "../../src/storage/segment_names.ts";
import { Sealer } from "../../src/net/replica/sealer.ts";
import { createHash } from "node:crypto";
import { entriesAfter, Sites } from "../database/store/machine.ts";
import { applyOne } from "../database/store/memory.ts";
import { testNeeding } from "../net/needing.ts";
import { allBytes } from "./backups.ts";
import { filesOf, inFolder } from "./folder.ts";
import { fewParts } from "./few_parts.ts";
import { backUp, copyOf, fewCommands, piecesIn, sealedWorld } from "./sealed_copies.ts";

/** The names of the files of segments, in one order. */
function namesOf(segments: readonly SegmentRef[]): string[] {
  return segments.map(wholeName).sort();
}

/** Declares a test with a folder of its own. */
function test(name: string, fn: (folder: string) => void | Promise<void>): void {
  testNeeding(["read", "write"], name, () => inFolder(fn));
}

/** A machine with the state of a backup, which reads its history there. */
function machineOf(backup: BackupContents): Sites {
  const sites = new Sites({ ...fewParts, reader: historyIn(backup) });
  sites.restore(allBytes(backup.database));
  return sites;
}

/** All entries as anybody reads them. */
function entriesOf(sites: Sites) {
  const all = [];
  for (let after = 0;;) {
    const entries = entriesAfter(sites, after, Infinity);
    if (entries === undefined) return all;
    all.push(...readEntries(entries.bytes));
    after = entries.last;
  }
}

/** The database without sealed history. */
function plainSites(): Sites {
  return plainUntil(Infinity);
}

/** The bytes of a backup, and what they hold. */
function backupIn(folder: string, world = sealedWorld()): Uint8Array {
  backUp(world, new NewBackupFile(`${folder}/b`));
  return Deno.readFileSync(`${folder}/b`);
}

const decoded = (bytes: Uint8Array) => atOnce(decodeBackup(new BytesInMemory(bytes)));

/** The same backup with other bytes behind its first line, and with the digests that these have. */
function forged(whole: Uint8Array, change: (body: Uint8Array) => void, segments?: number): Uint8Array {
  const { header } = decoded(whole);
  const body = whole.slice(whole.length - header.bytes);
  change(body);
  const sha256 = createHash("sha256").update(body).digest("hex");
  const all = { ...header, sha256, segments: segments ?? header.segments };
  return new Uint8Array([...encodeHeader(all), ...body]);
}

test("A backup of a database with sealed history has all of it, in one file", async (folder) => {
  const world = sealedWorld();
  const kinds = world.sites.named.map(({ kind }) => kind);
  assert(kinds.includes(segmentKinds.entries) && kinds.includes(segmentKinds.documents));
  backUp(world, new NewBackupFile(`${folder}/b`));
  assertEquals([...filesOf(folder).keys()], ["b"]);
  const backup = await readBackup(`${folder}/b`);
  assertEquals(backup.segments.map(({ bytes: _, start: __, ...ref }) => ref), [...world.sites.named]);
  assertEquals(backup.header.segments, kinds.length);
  const sites = machineOf(backup);
  assertEquals(allBytes(backup.database), world.sites.snapshot());
  assertEquals([sites.snapshot(), entriesOf(sites)], [world.sites.snapshot(), entriesOf(plainSites())]);
  assertEquals(whyNotNamed(backup, sites.named), undefined);
  let read = 0;
  assertEquals(atOnce(checkingHistory(historyIn(backup), (bytes) => read += bytes)), undefined);
  assertEquals(read, bytesOfFiles(backup.segments), "each byte of the files is compared");
});

test("Whatever was changed in a backup is found, in each of its parts", (folder) => {
  const whole = backupIn(folder);
  for (let at = 0; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at] ^= 1 << at % 8;
    assertThrows(() => decoded(changed), FormatError, "it is ", `byte ${at}`);
  }
  for (let length = 0; length < whole.length; length += 13) {
    assertThrows(() => decoded(whole.subarray(0, length)), FormatError, "it is ", `${length} bytes`);
  }
});

test("A file of a segment with other bytes is found by its digests, also where those of the file fit", (folder) => {
  const whole = backupIn(folder);
  const { header, segments } = decoded(whole);
  const fileBytes = bytesOfFiles(segments);
  const filesAt = header.bytes - fileBytes;
  for (let at = 0; at < fileBytes; at += 3) {
    const backup = decoded(forged(whole, (body) => body[filesAt + at] ^= 1));
    assertStringIncludes(atOnce(checkingHistory(historyIn(backup)))!, "damaged", `byte ${at}`);
  }
});

test("A list of other segments than the state names is found", async (folder) => {
  const whole = backupIn(folder);
  const { header, segments } = decoded(whole);
  const { named } = machineOf(decoded(whole));
  const listAt = header.state;
  // One fewer, with its file.
  const [last] = segments.slice(-1);
  const body = whole.slice(whole.length - header.bytes);
  const fewer = new Uint8Array([
    ...body.subarray(0, listAt),
    ...encodeSegments(segments.slice(0, -1)),
    ...body.subarray(header.bytes - bytesOfFiles(segments), header.bytes - last.bytes),
  ]);
  const sha256 = createHash("sha256").update(fewer).digest("hex");
  const cut = new Uint8Array([
    ...encodeHeader({ ...header, bytes: fewer.length, segments: segments.length - 1, sha256 }),
    ...fewer,
  ]);
  assertStringIncludes(whyNotNamed(decoded(cut), named)!, "which is not there");
  Deno.writeFileSync(`${folder}/cut`, cut);
  const history = ReplicaHistory.inMemory();
  const machine = new Sites({ ...fewParts, reader: history.history });
  await assertRejects(() => restoreInto(machine, history, `${folder}/cut`), BackupFileError, "which is not there");
  // Another digest.
  const renamed = decoded(forged(whole, (body) => body[listAt + 8] ^= 1));
  assertStringIncludes(whyNotNamed(renamed, named)!, "which is not there");
  assertStringIncludes(whyNotNamed(decoded(whole), named.slice(1))!, "which its state does not name");
  // Lists that cannot be.
  const wrongs: [number, string][] = [[listAt, "cannot have"], [listAt + 47, "bytes, not"], [listAt + 7, "there"]];
  for (const [at, words] of wrongs) {
    const error = assertThrows(() => decoded(forged(whole, (body) => body[at] ^= 3)), FormatError);
    assertEquals([error.fault, error.message.includes(words)], ["not a database", true], error.message);
  }
  const more = assertThrows(() => decoded(forged(whole, () => {}, 10_000)), FormatError);
  assertStringIncludes(more.message, "cannot have 10000 segments");
});

Deno.test("A list of segments is read as it was written, and never has a segment twice", () => {
  const digest = new Uint8Array(32).fill(7);
  const [one, two] = [{ kind: 1, number: 1, digest, bytes: 2 ** 40 }, { kind: 2, number: 1, digest, bytes: 3 }];
  assertEquals(decodeSegments(encodeSegments([one, two])), [{ ...one, start: 0 }, { ...two, start: 2 ** 40 }]);
  assertThrows(() => decodeSegments(encodeSegments([one, one])), Error, "cannot have segment 1");
  assertThrows(() => decodeSegments(new Uint8Array(listedBytes + 1)), Error, "49 bytes");
});

for (const kind of ["memory", "folder"] as const) {
  test(`A restore puts all sealed history into the history of a replica: in ${kind}`, async (folder) => {
    const world = sealedWorld();
    backUp(world, new NewBackupFile(`${folder}/b`));
    const make = () => kind === "memory" ? ReplicaHistory.inMemory() : ReplicaHistory.beside(`${folder}/replica-0.db`);
    using history = make();
    const sites = new Sites({ ...fewParts, reader: history.history });
    const percents: number[] = [];
    const beginning = await restoreInto(sites, history, `${folder}/b`, undefined, (percent) => percents.push(percent));
    assertEquals(percents, [...new Set(percents)].sort((a, b) => a - b), "it never goes back");
    assert(percents.length > 2 && percents.at(-1) === 100);
    Deno.removeSync(`${folder}/b`);
    assertEquals([beginning.executed, sites.snapshot()], [99, world.sites.snapshot()]);
    assertEquals(namesOf(history.history.named), namesOf(world.sites.named));
    assertEquals(entriesOf(sites), entriesOf(plainSites()));
    assertEquals([history.history.damages, history.history.unnamed], [[], []]);
    if (kind === "memory") return;
    using again = make();
    const reader = again.history;
    await stepping(again, reader.restored(world.sites.named));
    assertEquals([reader.damages, reader.unnamed], [[], []], "all files are on the disk");
  });

  test(`A restore up to an entry leaves no segment of the log that it was: in ${kind}`, async (folder) => {
    backUp(sealedWorld(), new NewBackupFile(`${folder}/b`));
    using history = kind === "memory" ? ReplicaHistory.inMemory() : ReplicaHistory.beside(`${folder}/replica-0.db`);
    const sites = new Sites({ ...fewParts, reader: history.history });
    await restoreInto(sites, history, `${folder}/b`, 43);
    const expected = plainUntil(43);
    assertEquals([sites.snapshot(), sites.lastEntry], [expected.snapshot(), 43]);
    assertEquals([history.history.named, sites.named.length], [[], 0]);
    const left = history.history.unnamed.length;
    assert(left > 0, "until the view is installed, they may be needed");
    // It seals its own log, and what nobody names goes.
    const sealer: Sealer = new Sealer({
      machine: sites,
      hasJournal: false,
      history: history.history,
      perform: (order) => history.perform(order),
      isFault: (error) => history.isFault(error),
      isRefusal: () => false,
      isDamage: () => false,
      ask: () => {},
      sealed: (segment) => sealer.named(segment),
      say: (message) => assertEquals(message, ""),
      halt: (reason) => assertEquals(reason, ""),
    });
    sealer.viewInstalled();
    for (let idle = 0; idle < 50; idle++) {
      if (sealer.isReady) idle = 0;
      sealer.step();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assert(history.segments > 2);
    assertEquals([history.history.unnamed, namesOf(history.history.named)], [[], namesOf(sites.named)]);
    if (kind === "folder") assertEquals(filesOf(`${folder}/replica-0.history`).size, history.segments);
    assertEquals(entriesOf(sites), entriesOf(expected));
  });
}

/** The database up to an entry. */
function plainUntil(last: number): Sites {
  const sites = new Sites(fewParts);
  for (const command of fewCommands()) if (sites.lastEntry < last) applyOne(sites, command);
  return sites;
}

Deno.test("A copy keeps the files that it names until it is released, also if they were written again", () => {
  const world = sealedWorld();
  const { sites, store, files } = world;
  const first = copyOf(world);
  const whole = [...piecesIn(first)];
  first.release();
  const copy = copyOf(world);
  const before = files.names().length;
  const output = applyOne(sites, { kind: "redact", entry: 5, entrySite: 2, recordedAt: 1 });
  assertEquals(output.status, "done", JSON.stringify(output));
  world.settle();
  assertEquals(world.rewritten, 1);
  store.viewInstalled();
  store.checkpointBegins();
  store.checkpointed();
  assertEquals(finished(files, store.deleteUnnamed()), 0);
  assertEquals(files.names().length, before + 1);
  assertEquals([...piecesIn(copy)], whole);
  copy.release();
  assertEquals(finished(files, store.deleteUnnamed()), 1);
  assertEquals(files.names().length, before);
});

Deno.test("A copy ends when one of its files is written in its place", () => {
  const world = sealedWorld();
  const { sites, store, files } = world;
  const copy = copyOf(world);
  const [ref] = sites.named;
  const file = files.read(`1-${ref.digest.toHex()}`, 0, store.fileBytes(ref));
  finished(files, store.heal(ref, "file", file));
  assertThrows(() => [...piecesIn(copy)], DamageError, "it was written again while it was copied");
  copy.release();
  assertEquals([...piecesIn(copyOf(world))].length > 0, true);
});

Deno.test("A copy is taken in pieces of any size, and leaves out files that are not wanted", () => {
  const world = sealedWorld();
  const bytesOf = (max: number) => [...piecesIn(copyOf(world), max)].flatMap(({ bytes }) => [...bytes]);
  const all = bytesOf(1000);
  for (const max of [1, 7, 64 * 1024]) assertEquals(bytesOf(max), all);
  const copy = copyOf(world);
  assertEquals(copy.skipTo(5), false, "the state is never left out");
  let piece = copy.take(64 * 1024);
  for (; piece.part !== 2; piece = copy.take(64 * 1024));
  const [first, second] = decodeSegments(piece.bytes);
  const filesAt = copy.next;
  assertEquals(copy.skipTo(filesAt + first.bytes), true);
  const { bytes } = copy.take(64 * 1024);
  assertEquals([...bytes], all.slice(filesAt + first.bytes, filesAt + first.bytes + second.bytes));
  assertEquals(copy.skipTo(all.length + 1), false, "there is no more");
  assertEquals([copy.skipTo(all.length), copy.isDone], [true, true]);
});
