/**
 * A directory of backups: heads, and the files of sealed history that they share.
 *
 * @module
 */

import type { BytesSource } from "../bytes_source.ts";
import { DamageError } from "../database/segments/damage.ts";
import { type FileSteps, synced } from "../file_steps.ts";
import type { Packing } from "../packing.ts";
import { type BackupContents, decodeHead, FormatError, type ReadHeader, readHeadList } from "./backup_format.ts";
import { type HeadName, headsAmong, isOfBackups } from "./backup_names.ts";
import type { HistoryFiles } from "./history_files.ts";
import { NewHead } from "./new_head.ts";
import { checkingSegment } from "./segment_check.ts";
import { SegmentFile } from "./segment_file.ts";
import { refOf, wholeName } from "./segment_names.ts";

/**
 * Bytes of files that were there before, which a backup reads: as many as take less than a second. A directory with
 * more is read in turn, from one backup to the next.
 */
export const rereadBytesMax: number = 128 * 1024 * 1024;

/** A file of sealed history that is damaged. */
export interface DamagedFile {
  readonly name: string;
  readonly damages: readonly DamageError[];
}

/** What a removal of earlier backups came to. */
export interface Pruned {
  /** The backups that were removed. */
  readonly heads: readonly string[];
  /** Files that no backup needs any more, and which were removed. */
  readonly files: number;
  /** A backup that is left and cannot be read: nobody knows which files it needs, so none was removed. */
  readonly unreadable: string | undefined;
}

/** A directory of backups. */
export class BackupFolder {
  readonly #files: HistoryFiles;
  readonly #packing: Packing;

  /** The one with these files. */
  constructor(files: HistoryFiles, packing: Packing) {
    this.#files = files;
    this.#packing = packing;
  }

  /** The backups, the newest first. */
  get heads(): HeadName[] {
    return headsAmong(this.#files.names());
  }

  /** Files of segments, whole by their names. */
  get segments(): string[] {
    return this.#files.names().filter((name) => refOf(name) !== undefined);
  }

  /** Files that are not those of a directory of backups. */
  get strangers(): string[] {
    return this.#files.names().filter((name) => !isOfBackups(name));
  }

  /** The bytes of a file. */
  bytesOf(name: string): BytesSource {
    const files = this.#files;
    const length = files.size(name) ?? 0;
    return { length, read: (start, count) => files.read(name, start, count) };
  }

  /** Reads a backup, and compares all but its segments with its checksums. @throws {FormatError} if it is not sound. */
  reading(head: string): Generator<void, BackupContents> {
    return decodeHead(this.bytesOf(head), this.#files);
  }

  /** What a backup says of itself; undefined if that is damaged. */
  headerOf(head: string): ReadHeader | undefined {
    return this.#listOf(head)?.header;
  }

  #listOf(head: string): ReturnType<typeof readHeadList> | undefined {
    try {
      return readHeadList(this.bytesOf(head));
    } catch (error) {
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  }

  /** The names of the files that a backup needs; undefined if that is damaged. */
  namesOf(head: string): string[] | undefined {
    return this.#listOf(head)?.segments.map(wholeName);
  }

  /**
   * Compares all of a file of sealed history.
   *
   * @returns what is damaged.
   */
  *checking(name: string, unpacks: boolean, onBytes?: (bytes: number) => void): Generator<void, DamagedFile> {
    const ref = refOf(name);
    if (ref === undefined) throw new Error(`"${name}" is not a file of sealed history`);
    const file = new SegmentFile(this.#files, ref);
    return { name, damages: yield* checkingSegment(file, this.#packing, { unpacks, onBytes }) };
  }

  /**
   * Looks which segments are there and whole, and begins a backup that leaves them out. Each file's end and footer is
   * compared, and all of some files.
   *
   * @param chance from 0, and below 1: with which file the reading begins.
   * @returns the backup, and what is damaged: that is fetched again.
   */
  *beginning(chance: number, rereadBytes = rereadBytesMax): Generator<void, { head: NewHead; damaged: DamagedFile[] }> {
    const names = this.segments;
    const first = Math.floor(chance * names.length);
    const there = new Set<string>();
    const damaged: DamagedFile[] = [];
    let left = rereadBytes;
    for (const at of names.keys()) {
      const name = names[(first + at) % names.length];
      const found = left > 0 ? yield* this.checking(name, false, (bytes) => left -= bytes) : this.#checkEnd(name);
      if (found.damages.length > 0) damaged.push(found);
      else there.add(name);
      yield;
    }
    return { head: new NewHead(this.#files, this.#packing, there), damaged };
  }

  /** Compares what follows the blocks of a file. */
  #checkEnd(name: string): DamagedFile {
    const ref = refOf(name);
    if (ref === undefined) throw new Error(`"${name}" is not a file of sealed history`);
    try {
      new SegmentFile(this.#files, ref).open(this.#packing);
      return { name, damages: [] };
    } catch (error) {
      if (error instanceof DamageError) return { name, damages: [error] };
      throw error;
    }
  }

  /**
   * Removes all but the newest backups that can be read, and then what no backup needs any more.
   *
   * @param keep how many are kept: 1 or more.
   * @param made one that stays, whatever others have: a cluster that was put back has fewer commands than before.
   * @throws what the system says if it does not remove a file.
   */
  *pruning(keep: number, made?: string): FileSteps<Pruned> {
    const heads = this.heads;
    const sound = heads.filter(({ name }) => this.#listOf(name) !== undefined);
    const last = sound.at(keep - 1);
    const earlier = last === undefined ? [] : heads.slice(heads.indexOf(last) + 1);
    const removed = earlier.filter(({ name }) => name !== made);
    for (const { name } of removed) {
      this.#files.remove(name);
      yield;
    }
    // No backup may be there without its files, whatever crashes.
    if (removed.length > 0) yield* synced();
    const names = removed.map(({ name }) => name);
    const needed = new Set<string>();
    for (const { name } of this.heads) {
      const needs = this.namesOf(name);
      if (needs === undefined) return { heads: names, files: 0, unreadable: name };
      for (const file of needs) needed.add(file);
      yield;
    }
    let files = 0;
    for (const name of this.segments) {
      if (needed.has(name)) continue;
      this.#files.remove(name);
      files++;
      yield;
    }
    if (files > 0) yield* synced();
    return { heads: names, files, unreadable: undefined };
  }
}
