/**
 * A simulated disk: what `src/storage` promises, and all that may go wrong with it.
 *
 * A crash never loses what is committed. It may lose a row that is queued and not committed, or leave it torn, which is
 * recognised. A byte that has flipped in committed data is found when the disk is read.
 *
 * @module
 */

import type { Disk } from "../../src/net/replica/replica_server.ts";
import { joined, type Snapshot } from "../../src/snapshot.ts";
import { SimFiles } from "./files.ts";

/** The data on the disk cannot be trusted. */
export class DamagedDisk extends Error {
  override name = "DamagedDisk";
}

interface Row {
  bytes: Uint8Array;
  readonly sum: number;
}

/** A checkpoint that is being written: what is there of it, and how much each commit adds. */
interface NextCheckpoint {
  readonly snapshot: Snapshot;
  readonly pieces: Uint8Array[];
  readonly piece: number;
  readonly covers: number;
}

/** The disk of one slot: it outlives the replicas that use it. */
export class SimDisk implements Disk {
  #checkpoint: Row | undefined;
  #rows: Row[] = [];
  /** Rows that were on the disk at the last commit: a bad one among them was never torn. */
  #committed = 0;
  #queued: Row[] = [];
  #next: NextCheckpoint | undefined;
  readonly #pieces: () => number;
  /** The folder of the sealed history, beside the file. */
  readonly files: SimFiles = new SimFiles();

  /** @param pieces says in how many commits a checkpoint is written. */
  constructor(pieces: () => number) {
    this.#pieces = pieces;
  }

  get isEmpty(): boolean {
    return this.#checkpoint === undefined;
  }

  get isBusy(): boolean {
    return this.#next !== undefined && this.#next.snapshot.next !== "awaited";
  }

  append(row: Uint8Array): void {
    this.#queued.push({ bytes: row.slice(), sum: sumOf(row) });
  }

  replace(snapshot: Snapshot): void {
    const piece = Math.ceil(snapshot.estimate / Math.max(1, this.#pieces()));
    const covers = this.#rows.length + this.#queued.length;
    this.#next = { snapshot, pieces: [], piece, covers };
  }

  commit(): boolean {
    this.#rows.push(...this.#queued);
    this.#queued = [];
    const isWhole = this.#next !== undefined && this.#write(this.#next);
    this.#committed = this.#rows.length;
    return isWhole;
  }

  /**
   * The bytes of a checkpoint are taken when they are written: whatever was executed meanwhile must not show in them.
   */
  #write(next: NextCheckpoint): boolean {
    const { snapshot, pieces, piece, covers } = next;
    if (snapshot.next === "ready") pieces.push(snapshot.take(piece));
    if (snapshot.next !== "nothing") return false;
    const bytes = joined(pieces).slice();
    this.#checkpoint = { bytes, sum: sumOf(bytes) };
    this.#rows.splice(0, covers);
    this.#next = undefined;
    return true;
  }

  seal(): void {}

  /** The process or the machine is gone; `torn`: part of the row that was being written is there. */
  crash(torn: boolean): void {
    const [row] = this.#queued;
    if (torn && row !== undefined) {
      this.#rows.push({ bytes: row.bytes.slice(0, Math.floor(row.bytes.length / 2)), sum: row.sum });
    }
    this.#queued = [];
    this.#next = undefined;
  }

  /** All is lost. */
  wipe(): void {
    this.files.wipe();
    this.#checkpoint = this.#next = undefined;
    this.#rows = [];
    this.#queued = [];
    this.#committed = 0;
  }

  /** Copies all; what is returned puts the copy in its place. */
  copy(): () => void {
    const [checkpoint, rows] = [this.#checkpoint, this.#rows.slice(0, this.#committed)];
    const putBack = this.files.copy();
    return () => {
      this.wipe();
      putBack();
      this.#checkpoint = checkpoint;
      this.#rows = rows;
      this.#committed = rows.length;
    };
  }

  /** There is this checkpoint now, and nothing else. */
  overwrite(bytes: Uint8Array): void {
    this.wipe();
    this.#checkpoint = { bytes, sum: sumOf(bytes) };
  }

  /** Flips a byte of what is committed: the `at`-th of all, counted over the checkpoint and the rows. */
  flip(at: number): void {
    const all = [...(this.#checkpoint ? [this.#checkpoint] : []), ...this.#rows.slice(0, this.#committed)];
    const total = all.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (total === 0) return;
    let left = at % total;
    for (const { bytes } of all) {
      if (left < bytes.length) {
        bytes[left] ^= 1 << (at % 8);
        return;
      }
      left -= bytes.length;
    }
  }

  /**
   * The content, for a replica that starts; a torn row is dropped. Undefined if nothing was ever kept.
   *
   * @throws {DamagedDisk} if a byte has flipped.
   */
  read(): { readonly checkpoint: readonly Uint8Array[]; readonly rows: readonly Uint8Array[] } | undefined {
    if (this.#checkpoint === undefined) {
      this.#rows = [];
      this.#committed = 0;
      return undefined;
    }
    const good = [this.#checkpoint, ...this.#rows.slice(0, this.#committed)];
    if (good.some(({ bytes, sum }) => sumOf(bytes) !== sum)) throw new DamagedDisk("a byte has flipped");
    this.#rows.splice(this.#committed);
    return { checkpoint: [this.#checkpoint.bytes], rows: this.#rows.map(({ bytes }) => bytes) };
  }
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum;
}
