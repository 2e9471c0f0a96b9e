/**
 * What a disk does to files of sealed history: it flips bits, loses ends of files, and whole files. And what each file
 * must have, so that the checkers know what is damaged, and what was healed.
 *
 * @module
 */

import type { Random } from "../../src/simulator/random.ts";
import type { StateMachine } from "../../src/state_machine.ts";
import { wholeName } from "../../src/storage/segment_names.ts";
import type { SimFiles } from "./files.ts";
import { Violation } from "./history.ts";

/** How often each of it has happened. */
export interface DamageCounts {
  flipped: number;
  cut: number;
  lost: number;
  /** Files that were damaged and are whole again. */
  mended: number;
}

/** A machine, and the files of what it names. */
export interface Named {
  readonly machine: StateMachine;
  readonly files: SimFiles;
}

/** The damage of all disks of a world. */
export class Damages {
  /** Draws what is damaged, and when. */
  readonly random: Random;
  /** What each file must have, by its name, which has the digest. */
  readonly #whole = new Map<string, Uint8Array>();
  /** The files that were damaged, and are not known to be whole again. */
  readonly #struck = new WeakMap<SimFiles, Set<string>>();
  readonly counts: DamageCounts = { flipped: 0, cut: 0, lost: 0, mended: 0 };

  constructor(random: Random) {
    this.random = random;
  }

  /** A file is on a disk: as all others of its name, unless it was damaged. Returns what it must have. */
  see(files: SimFiles, name: string, bytes: Uint8Array | undefined): Uint8Array | undefined {
    if (bytes === undefined || this.isStruck(files, name)) return this.#whole.get(name);
    return this.#whole.getOrInsert(name, bytes);
  }

  /** Whether a file was damaged, and is not whole again. */
  isStruck(files: SimFiles, name: string): boolean {
    const struck = this.#struck.get(files);
    if (struck === undefined || !struck.has(name)) return false;
    const [bytes, whole] = [files.survivor(name), this.#whole.get(name)];
    if (bytes === undefined || whole === undefined || !areSame(bytes, whole)) return true;
    struck.delete(name);
    this.counts.mended++;
    return false;
  }

  /** Whether nothing was ever damaged. */
  get isNever(): boolean {
    return this.counts.flipped + this.counts.cut + this.counts.lost === 0;
  }

  /** Whether any file of a folder was. */
  isDamaged(files: SimFiles): boolean {
    return this.isAnyStruck(files, [...this.#struck.get(files) ?? []]);
  }

  /** Whether any of these files was. */
  isAnyStruck(files: SimFiles, names: readonly string[]): boolean {
    // Each of them is looked at, so that none is forgotten that was healed.
    return names.filter((name) => this.isStruck(files, name)).length > 0;
  }

  /**
   * The disk damages a file that a machine names. Seldom one that none of the others has whole.
   *
   * @returns what it has done; undefined: nothing.
   */
  strikeOne({ machine, files }: Named, others: readonly Named[]): string | undefined {
    const named = machine.named!;
    if (named.length === 0) return undefined;
    const name = wholeName(this.random.pick(named));
    if (files.survivor(name) === undefined) return undefined;
    if (!this.#isAtAny(others, files, name) && !this.random.chance(0.02)) return undefined;
    return this.strike(files, name);
  }

  /** Whether any of these has a file whole that is on another disk, too. */
  #isAtAny(others: readonly Named[], files: SimFiles, name: string): boolean {
    return others.some((other) =>
      other.files !== files && other.files.survivor(name) !== undefined && !this.isStruck(other.files, name)
    );
  }

  /** All that is damaged was healed, if another one names it and has it whole. */
  checkMended(all: readonly Named[]): void {
    for (const one of all) {
      for (const segment of one.machine.named!) {
        const name = wholeName(segment);
        if (!this.isStruck(one.files, name)) continue;
        const others = all.filter(({ machine }) => machine.named!.some((other) => wholeName(other) === name));
        if (this.#isAtAny(others, one.files, name)) throw new Violation(`${name} was not healed, and others have it`);
      }
    }
  }

  /** The disk damages a file that is on it. Returns what it has done. */
  strike(files: SimFiles, name: string): string {
    const bytes = files.survivor(name)!;
    const struck = this.#struck.get(files) ?? new Set();
    this.#struck.set(files, struck);
    this.see(files, name, bytes);
    struck.add(name);
    switch (this.random.weighted([6, 2, 2])) {
      case 0: {
        const at = this.random.below(bytes.length);
        files.flip(name, at);
        this.counts.flipped++;
        return `flips a bit of byte ${at} of ${name}`;
      }
      case 1: {
        const length = this.random.below(bytes.length);
        files.cut(name, length);
        this.counts.cut++;
        return `loses all of ${name} but ${length} bytes`;
      }
      default:
        files.lose(name);
        this.counts.lost++;
        return `loses ${name}`;
    }
  }
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
