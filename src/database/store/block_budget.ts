/**
 * How much of the old history one request may read.
 *
 * It is counted by the log, and never by what is in memory, or was sealed already. These count as a block each: a
 * document of an old segment; an old segment that is looked into for a site, whether it has the site or not; and every
 * 16 entries of a site that a page takes from an old segment. So all replicas stop at the same place. The entries that
 * a page takes are in no more blocks of a sealed segment.
 *
 * @module
 */

import { batchBytesMax, blocksPerPageMax, blocksPerRequestMax } from "../../limits.ts";
import { outputBytesMax } from "../wire/commands.ts";

/** Commands of one request whose outputs may need blocks, if their client leaves room for all outputs. */
const longCommandsMax = Math.ceil(batchBytesMax / outputBytesMax("details"));

/** Blocks that are kept for each of them: so none is refused that clients send together, and pages become shorter. */
const blocksKept = Math.floor(blocksPerRequestMax / longCommandsMax);

/** Entries of a site that count as a block. */
export const entriesPerBlock = 16;

/** Is thrown where a request would read more than it may: its command is refused, and has changed nothing. */
export const crowdedHistory: Error = new Error("a request reads too much of the old history");

/** Is thrown where a page would: it ends there. */
export const endOfPage: Error = new Error("a page reads too much of the old history");

/** The blocks that are left. */
export class BlockBudget {
  #request = Infinity;
  #page = Infinity;
  /** Blocks that are kept for commands that follow. */
  #kept = 0;

  /** A request begins. */
  begin(): void {
    this.#request = blocksPerRequestMax;
    this.#page = Infinity;
  }

  /** A command begins. @param following how many follow in its request. */
  beginCommand(following: number): void {
    this.#kept = blocksKept * Math.min(following, longCommandsMax - 1);
    this.#page = Infinity;
  }

  /** A page begins. */
  beginPage(): void {
    this.#page = Math.min(Math.max(this.#request - this.#kept, 1), blocksPerPageMax);
  }

  /** It ends. */
  endPage(): void {
    this.#page = Infinity;
  }

  /** The request ends: a reader outside of the order, who comes next, is bounded by its bytes. */
  end(): void {
    this.#request = Infinity;
    this.#page = Infinity;
  }

  /** Takes one block. Returns whether there was one left. */
  take(): boolean {
    if (this.#request === 0 || this.#page === 0) return false;
    this.#request--;
    this.#page--;
    return true;
  }

  /** The same where more must be left. @throws {endOfPage} @throws {crowdedHistory} if there is none. */
  spend(): void {
    if (!this.take()) this.refuse();
  }

  /** Ends what would need one more. @throws {endOfPage} @throws {crowdedHistory} */
  refuse(): never {
    throw this.#request === 0 ? crowdedHistory : endOfPage;
  }
}
