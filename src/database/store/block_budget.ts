/**
 * How many blocks of old segments the outputs of a request may need.
 *
 * What counts is whether a segment is old, not whether it was sealed already, nor what is kept in memory. So all
 * replicas count the same.
 *
 * @module
 */

import { blocksPerPageMax, blocksPerRequestMax } from "../../limits.ts";

/** What is left of them. */
export class BlockBudget {
  #request = 0;
  #page = 0;

  /** A request begins. */
  begin(): void {
    this.#request = blocksPerRequestMax;
    this.#page = blocksPerRequestMax;
  }

  /** A page begins. */
  beginPage(): void {
    this.#page = blocksPerPageMax;
  }

  /** What comes next is for a reader outside of the order, who bounds it by its bytes. */
  beginUnbounded(): void {
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
}
