/**
 * A copy of the database in memory, for tests.
 *
 * @module
 */

import { BytesInMemory } from "../../src/bytes_source.ts";
import { joined } from "../../src/snapshot.ts";
import { contentsOf, type CopyContents, CopyLengths } from "../../src/storage/copy_contents.ts";

/** A copy that is gathered in memory. */
export class GatheredCopy {
  #pieces: Uint8Array[] = [];
  #lengths = new CopyLengths();

  /** Begins, from scratch. */
  begin(): void {
    this.#pieces = [];
    this.#lengths = new CopyLengths();
  }

  /** Takes a piece of one of `copyParts`, which may change afterwards. */
  write(part: number, bytes: Uint8Array): void {
    this.#lengths.add(part, bytes);
    this.#pieces.push(bytes.slice());
  }

  /** The whole copy. @throws {DecodeError} if it cannot be one. */
  contents(): CopyContents {
    this.#pieces = [joined(this.#pieces)];
    return contentsOf(new BytesInMemory(this.#pieces[0]), this.#lengths.state, this.#lengths.segments);
  }
}
