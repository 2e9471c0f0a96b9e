/**
 * How much of the old history one request may read.
 *
 * It is counted in what the log says, and never in what is in memory, or was sealed already. These count as a block
 * each: a document of an old segment; an old segment that is looked into for a site, whether it has the site or not; and
 * each {@link entriesPerBlock} entries of it that a page has of the site. So all replicas stop at the same place. What a
 * page has of a site is in no more blocks of a sealed segment.
 *
 * @module
 */

import { blocksPerPageMax, blocksPerRequestMax } from "../../limits.ts";

/** Entries of a site that count as a block. */
export const entriesPerBlock = 16;

/** Is thrown where a request would read more than it may: its command is refused, and has changed nothing. */
export const crowdedHistory: Error = new Error("a request reads too much of the old history");

/** Is thrown where a page would: it ends there. */
export const endOfPage: Error = new Error("a page reads too much of the old history");

/** What is left of the blocks. */
export class BlockBudget {
  #request = Infinity;
  #page = Infinity;

  /** A request begins. */
  begin(): void {
    this.#request = blocksPerRequestMax;
    this.#page = Infinity;
  }

  /** A page begins. */
  beginPage(): void {
    this.#page = blocksPerPageMax;
  }

  /** It ends. */
  endPage(): void {
    this.#page = Infinity;
  }

  /** The request ends: a reader outside of the order, who comes next, is bounded by its bytes. */
  end(): void {
    this.#request = Infinity;
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
