/**
 * Which parts of the files were found to be damaged, for a process that begins after this one has ended: an empty file
 * for each part, whose name says which. That process compares the part again before it executes anything. So it can get
 * what is still damaged from another replica first.
 *
 * @module
 */

import type { DamagedPart } from "../database/segments/damage.ts";
import type { HistoryFiles } from "./history_files.ts";
import { markName, markOf } from "./segment_names.ts";

/** The marks of all files. */
export class DamageMarks {
  readonly #files: HistoryFiles;
  /** The parts of each file, by its name. */
  readonly #parts = new Map<string, Set<DamagedPart>>();

  /** Nothing was looked at yet. */
  constructor(files: HistoryFiles) {
    this.#files = files;
  }

  /** Takes over a mark that is in the folder; a file of another name is none. */
  found(name: string): void {
    const mark = markOf(name);
    if (mark !== undefined) this.#add(mark.file, mark.part);
  }

  #add(file: string, part: DamagedPart): boolean {
    const parts = this.#parts.get(file) ?? new Set();
    this.#parts.set(file, parts);
    if (parts.has(part)) return false;
    parts.add(part);
    return true;
  }

  /** The parts of a file that are damaged. */
  of(file: string): Iterable<DamagedPart> {
    return this.#parts.get(file) ?? [];
  }

  /** A part was found to be damaged. */
  set(file: string, part: DamagedPart): void {
    if (!this.#add(file, part)) return;
    const name = markName(file, part);
    attempt(() => {
      this.#files.create(name);
      // That ends the writing of it.
      this.#files.rename(name, name);
    });
  }

  /** Forgets the marks of files that are wanted by nobody. */
  keepOnly(isWanted: (file: string) => boolean): void {
    for (const file of [...this.#parts.keys()]) if (!isWanted(file)) this.clear(file);
  }

  /** A file is written again, or gone: nothing of it is damaged. */
  clear(file: string): void {
    for (const part of this.of(file)) attempt(() => this.#files.remove(markName(file, part)));
    this.#parts.delete(file);
  }
}

/** A disk that does not take a mark says nothing new: the next read finds the damage again. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof TypeError) throw error;
  }
}
