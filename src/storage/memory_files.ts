/**
 * The sealed history of a replica without a disk: a folder of files in its memory, where everything lasts as long as
 * the process.
 *
 * @module
 */

import type { SyncOrder } from "../file_steps.ts";
import type { DiskRoom } from "./disk_room.ts";
import type { HistoryFiles } from "./history_files.ts";

/** A file: the pieces that were written, until the first of them is read. */
interface MemoryFile {
  pieces: Uint8Array[];
  length: number;
}

/** A folder of files. */
export class MemoryFiles implements HistoryFiles {
  readonly #files = new Map<string, MemoryFile>();

  names(): string[] {
    return [...this.#files.keys()];
  }

  size(name: string): number | undefined {
    return this.#files.get(name)?.length;
  }

  create(name: string): void {
    this.#files.set(name, { pieces: [], length: 0 });
  }

  append(name: string, bytes: Uint8Array): void {
    const file = this.#get(name);
    file.pieces.push(bytes.slice());
    file.length += bytes.length;
  }

  #get(name: string): MemoryFile {
    const file = this.#files.get(name);
    if (file === undefined) throw new Deno.errors.NotFound(`There is no file "${name}"`);
    return file;
  }

  sync(): void {}

  syncFolder(): void {}

  /** Nothing has to be made lasting. */
  perform(order: SyncOrder): void {
    order.done();
  }

  rename(from: string, to: string): void {
    const file = this.#get(from);
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  read(name: string, start: number, length: number): Uint8Array {
    const file = this.#get(name);
    if (file.pieces.length > 1) file.pieces = [joined(file)];
    return file.pieces[0]?.slice(start, start + length) ?? new Uint8Array(0);
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  pathOf(name: string): string {
    return `memory/${name}`;
  }

  room(): DiskRoom | undefined {
    return undefined;
  }
}

function joined({ pieces, length }: MemoryFile): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
