/**
 * The files of the sealed history in a copy, where they stand one after the other.
 *
 * @module
 */

import type { BytesSource } from "../bytes_source.ts";
import type { PlacedSegment } from "../copy_layout.ts";
import type { HistoryFiles } from "./history_files.ts";
import { wholeName } from "./segment_names.ts";

/** The files of a copy, which are only read. */
export class CopiedFiles implements HistoryFiles {
  readonly #files: BytesSource;
  readonly #segments: ReadonlyMap<string, PlacedSegment>;

  /** @param files those of `segments`, one after the other. */
  constructor(segments: readonly PlacedSegment[], files: BytesSource) {
    this.#files = files;
    this.#segments = new Map(segments.map((segment) => [wholeName(segment), segment]));
  }

  names(): string[] {
    return [...this.#segments.keys()];
  }

  size(name: string): number | undefined {
    return this.#segments.get(name)?.bytes;
  }

  read(name: string, start: number, length: number): Uint8Array {
    const segment = this.#segments.get(name);
    if (segment === undefined) throw new Deno.errors.NotFound(`There is no file "${name}"`);
    return this.#files.read(segment.start + start, Math.max(0, Math.min(length, segment.bytes - start)));
  }

  pathOf(name: string): string {
    return `the copy, ${name}`;
  }

  room(): undefined {}

  create = refuse;
  append = refuse;
  sync = refuse;
  rename = refuse;
  syncFolder = refuse;
  remove = refuse;
}

function refuse(): never {
  throw new Error("A copy of the history is only read");
}
