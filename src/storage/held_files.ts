/**
 * Files of sealed history that somebody copies: they are not deleted meanwhile, and a copy of one that was written
 * again is given up.
 *
 * @module
 */

import type { CopiedSegment, HeldSegments } from "../copy_layout.ts";
import { DamageError } from "../database/segments/damage.ts";
import { segmentName } from "../history.ts";
import type { SegmentFile } from "./segment_file.ts";

/** A segment with its file. */
interface HeldFile {
  readonly segment: CopiedSegment;
  readonly file: SegmentFile;
}

/** Those of one copy. */
class HeldByCopy implements HeldSegments {
  readonly segments: readonly CopiedSegment[];
  /** Names of files that were written again. */
  readonly renewed = new Set<string>();
  readonly #files: ReadonlyMap<CopiedSegment, SegmentFile>;
  readonly #release: (held: HeldByCopy) => void;

  constructor(files: readonly HeldFile[], release: (held: HeldByCopy) => void) {
    this.segments = files.map(({ segment }) => segment);
    this.#files = new Map(files.map(({ segment, file }) => [segment, file]));
    this.#release = release;
  }

  *names(): Generator<string> {
    for (const { name } of this.#files.values()) yield name;
  }

  read(segment: CopiedSegment, start: number, length: number): Uint8Array {
    const file = this.#files.get(segment);
    if (file === undefined) throw new Error(`${segmentName(segment)} is not held`);
    if (this.renewed.has(file.name)) {
      throw new DamageError(segmentName(segment), "file", "it was written again while it was copied");
    }
    return file.range(start, length);
  }

  release(): void {
    this.#release(this);
  }
}

/** All files that are held. */
export class HeldFiles {
  /** The copies that hold a file, by its name. */
  readonly #holders = new Map<string, Set<HeldByCopy>>();

  /** Holds some. */
  hold(files: readonly HeldFile[]): HeldSegments {
    const held = new HeldByCopy(files, (held) => this.#release(held));
    for (const name of held.names()) {
      const holders = this.#holders.get(name);
      if (holders === undefined) this.#holders.set(name, new Set([held]));
      else holders.add(held);
    }
    return held;
  }

  #release(held: HeldByCopy): void {
    for (const name of held.names()) {
      const holders = this.#holders.get(name);
      holders?.delete(held);
      if (holders?.size === 0) this.#holders.delete(name);
    }
  }

  /** Whether somebody holds a file. */
  has(name: string): boolean {
    return this.#holders.has(name);
  }

  /** A file was written again, perhaps in other bytes. */
  renewed(name: string): void {
    for (const held of this.#holders.get(name) ?? []) held.renewed.add(name);
  }
}
