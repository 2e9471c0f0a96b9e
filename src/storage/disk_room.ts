/**
 * How much room a disk has.
 *
 * @module
 */

import { statfsSync } from "node:fs";

/** How much room the disk of a folder has. */
export interface DiskRoom {
  /** Bytes that this process may still write. */
  readonly freeBytes: number;
  /** Bytes of the disk. */
  readonly diskBytes: number;
}

/** The room of the disk that a folder is on; undefined: the process lacks `--allow-sys=statfs`. */
export function roomOf(folder: string): DiskRoom | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { freeBytes: bavail * bsize, diskBytes: blocks * bsize };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
