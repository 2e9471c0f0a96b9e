/**
 * Rules of a directory of backups, whatever crashes: checked on a simulated disk, and also where they are broken.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type * as backupFolder from "../../src/storage/backup_folder.ts";
import type { Command } from "../../src/database/wire/commands.ts";
import { atOnce } from "../../src/steps.ts";
import type { WholeCopy } from "../../src/net/server/whole_copy.ts";
import { headName } from "../../src/storage/backup_names.ts";
import { finished } from "../../src/storage/history_files.ts";
import type { NewHead } from "../../src/storage/new_head.ts";
import { zstdPacking } from "../../src/storage/zstd_packing.ts";
import { SimCrash, SimFiles } from "../simulator/files.ts";
import { outputOf } from "../database/store/sealing_world.ts";
import { copyOf, fewCommands, info, sealedWorld } from "./sealed_copies.ts";

/** The modules that are checked. */
export interface BackupModules {
  readonly BackupFolder: typeof backupFolder.BackupFolder;
}

/** Moments of one database, each with more entries: copies of it can be taken as often as wanted. */
const worlds = [sealedWorld(fewCommands(24)), sealedWorld(fewCommands(40)), redactedWorld()];

/** One in which an old entry was redacted, so that its segment is another one. */
function redactedWorld() {
  const world = sealedWorld(fewCommands(40));
  const redact: Command = { kind: "redact", entry: 5, entrySite: 2, recordedAt: 1_790_000_900_000 };
  assertEquals(outputOf(world.sites, redact).status, "done");
  world.settle();
  return world;
}

/** The copy of a moment. */
export function copyAt(moment: number): WholeCopy {
  return copyOf(worlds[moment]);
}

/** The state of a moment. */
export function stateAt(moment: number): Uint8Array {
  return worlds[moment].sites.snapshot();
}

/** A directory on a simulated disk. */
export class BackupWorld {
  readonly files: SimFiles = new SimFiles();
  readonly folder: backupFolder.BackupFolder;
  #time = Date.UTC(2026, 10, 24);

  /** An empty one. */
  constructor({ BackupFolder }: BackupModules) {
    this.folder = new BackupFolder(this.files, zstdPacking);
  }

  /** Begins a backup. */
  begin(rereadBytes?: number): { head: NewHead; damaged: backupFolder.DamagedFile[] } {
    return atOnce(this.folder.beginning(0, rereadBytes));
  }

  /** Gives a copy to a backup, and leaves out what it leaves out; returns how many bytes of files were given. */
  send(head: NewHead, copy: WholeCopy, change = (bytes: Uint8Array) => bytes): number {
    let sent = 0;
    head.begin();
    while (true) {
      const { part, bytes } = copy.take(1000);
      if (part === 3) sent += bytes.length;
      finished(this.files, head.write(part, part === 3 ? change(bytes) : bytes));
      if (copy.isDone) break;
      const left = head.leaveOut();
      if (left > 0) assert(copy.skipTo(copy.next + left));
    }
    copy.release();
    return sent;
  }

  /** Makes a backup of a moment; returns its name. */
  backUp(moment: number): string {
    const { head } = this.begin();
    this.send(head, copyAt(moment));
    assertEquals(head.whyNot(), undefined);
    const name = headName(moment, this.#time += 1_000);
    finished(this.files, head.complete({ ...info, index: moment }, name));
    return name;
  }

  /** Each backup that is there is whole, with all that it needs, and no other file is wrong under its name. */
  checkAll(): void {
    for (const { name, index } of this.folder.heads) {
      const { database, segments } = atOnce(this.folder.reading(name));
      assertEquals(database.read(0, database.length), stateAt(index), name);
      const named = this.folder.namesOf(name);
      assertEquals(named?.length, segments.length);
      for (const file of named ?? []) assert(this.folder.segments.includes(file), `${name} lacks ${file}`);
    }
    for (const file of this.folder.segments) {
      assertEquals(atOnce(this.folder.checking(file, true)).damages, [], file);
    }
  }
}

/** Backups, one after the other, of which each but the first is of what changed; and then only the last is kept. */
function works(world: BackupWorld): void {
  for (const moment of [0, 1, 2]) world.backUp(moment);
  finished(world.files, world.folder.pruning(1));
}

function checkCrashes(modules: BackupModules, variants: number): void {
  const whole = new BackupWorld(modules);
  works(whole);
  for (let crashAt = 0; crashAt < whole.files.changes; crashAt++) {
    for (let variant = 0; variant <= variants; variant++) {
      const world = new BackupWorld(modules);
      world.files.crashAt = crashAt;
      try {
        works(world);
      } catch (error) {
        if (!(error instanceof SimCrash)) throw error;
      }
      if (variant === 0) world.files.restart();
      else world.files.restartMachine(chance(97 * crashAt + variant));
      world.checkAll();
      // A backup that was begun does no harm to the next one.
      world.backUp(2);
      world.checkAll();
    }
  }
}

/** Numbers that look like chance, the same for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Bytes of files that a first backup takes. */
function bytesOfAll(modules: BackupModules, moment: number): number {
  const world = new BackupWorld(modules);
  return world.send(world.begin().head, copyAt(moment));
}

function checkDamageOnTheWay(modules: BackupModules): void {
  const world = new BackupWorld(modules);
  const { head } = world.begin();
  let isFirst = true;
  world.send(head, copyAt(1), (bytes) => {
    if (!isFirst) return bytes;
    isFirst = false;
    return bytes.with(7, bytes[7] ^ 1);
  });
  assert(head.whyNot()?.includes("damaged"), "what was changed on the way is not found");
  world.checkAll();
  // Another replica gives what is missing, and no more.
  assert(world.send(head, copyAt(1)) < bytesOfAll(modules, 1));
  assertEquals(head.whyNot(), undefined);
}

function checkOnce(modules: BackupModules): void {
  const world = new BackupWorld(modules);
  world.backUp(0);
  const before = world.files.all();
  const { head, damaged } = world.begin();
  assertEquals(damaged, []);
  const sent = world.send(head, copyAt(1));
  const { newSegments } = head.arrived;
  assertEquals(newSegments, worlds[1].sites.named.length - worlds[0].sites.named.length);
  const all = bytesOfAll(modules, 1);
  assert(sent < all, "what is there comes again");
  for (const [name, bytes] of before) if (!name.endsWith(".head")) assertEquals(world.files.all().get(name), bytes);
}

function checkRepair(modules: BackupModules): void {
  for (const rereadBytes of [undefined, 0]) {
    const world = new BackupWorld(modules);
    world.backUp(1);
    const names = world.folder.segments;
    world.files.flip(names[0], 20);
    world.files.cut(names[1], 60);
    world.files.lose(names[2]);
    const { head, damaged } = world.begin(rereadBytes);
    // Without a look at all of it, only its end is compared.
    const found = rereadBytes === undefined ? [names[0], names[1]] : [names[1]];
    assertEquals(damaged.map(({ name }) => name).sort(), found.sort());
    world.send(head, copyAt(1));
    assertEquals(head.arrived.newSegments, found.length + 1);
    if (rereadBytes === undefined) world.checkAll();
  }
}

function checkPruning(modules: BackupModules): void {
  const world = new BackupWorld(modules);
  const heads = [0, 1, 2].map((moment) => world.backUp(moment));
  const prune = (keep: number) => finished(world.files, world.folder.pruning(keep));
  assertEquals(prune(3), { heads: [], files: 0, unreadable: undefined });
  assertEquals(prune(2), { heads: [heads[0]], files: 0, unreadable: undefined });
  world.checkAll();
  // A backup that cannot be read is none of those that are kept; nobody knows what it needs.
  world.files.flip(heads[2], 10);
  assertEquals(prune(1), { heads: [], files: 0, unreadable: heads[2] });
  world.files.lose(heads[2]);
  const last = world.backUp(2);
  const pruned = prune(1);
  assertEquals([pruned.heads, pruned.unreadable], [[heads[1]], undefined]);
  assert(pruned.files > 0, "what only earlier backups need is kept");
  assertEquals(world.folder.heads.map(({ name }) => name), [last]);
  world.checkAll();
  assertEquals(world.folder.segments.length, worlds[2].sites.named.length);
}

/** A cluster that was put back has fewer commands than its backups. */
function checkMadeStays(modules: BackupModules): void {
  const world = new BackupWorld(modules);
  const [ahead, made] = [2, 0].map((moment) => world.backUp(moment));
  assertEquals(finished(world.files, world.folder.pruning(1, made)).heads, []);
  world.checkAll();
  assertEquals(world.folder.heads.map(({ name }) => name), [ahead, made]);
}

/** The machine stops: names of backups that were not lastingly removed come back, and those of files do not. */
function checkPrunedInOrder(modules: BackupModules): void {
  const whole = new BackupWorld(modules);
  works(whole);
  const world = new BackupWorld(modules);
  world.files.crashAt = whole.files.changes - 1;
  try {
    works(world);
  } catch (error) {
    if (!(error instanceof SimCrash)) throw error;
  }
  let asked = 0;
  world.files.restartMachine((below) => asked++ < 2 ? 0 : below - 1);
  world.checkAll();
}

/** All checks. @param variants how many ways of losing what was not lasting are tried for each crash. */
export function checkBackups(modules: BackupModules, variants: number): void {
  checkOnce(modules);
  checkDamageOnTheWay(modules);
  checkRepair(modules);
  checkPruning(modules);
  checkMadeStays(modules);
  checkPrunedInOrder(modules);
  checkCrashes(modules, variants);
}
