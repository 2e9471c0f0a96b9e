/**
 * The writes at the end of a turn, shared by all links of this process.
 *
 * A program with many sessions has a link of each to every replica. A write wakes the process that reads it, and a
 * replica that gets one request at a time pays for a turn of its own with each. So what goes to one destination is
 * written together, one link right after the other. Then that replica finds many requests in a turn, and tells the
 * answerer of them at once.
 *
 * @module
 */

/** Begins to write what a link was given; it throws nothing. */
type Write = () => void;

/** The writes that are due at the end of this turn. */
export class Writes {
  // By destination, in the order in which these were first sent to.
  readonly #due = new Map<string | undefined, Write[]>();

  /**
   * Has a link write after everything that runs now.
   *
   * @param destination where its bytes go; undefined: it goes with all others of which that is not known.
   */
  add(write: Write, destination: string | undefined): void {
    const together = this.#due.get(destination);
    if (together !== undefined) {
      together.push(write);
      return;
    }
    if (this.#due.size === 0) queueMicrotask(() => this.#write());
    this.#due.set(destination, [write]);
  }

  #write(): void {
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const together of due) for (const write of together) write();
  }
}

/** The writes of this process. */
export const writes: Writes = new Writes();
