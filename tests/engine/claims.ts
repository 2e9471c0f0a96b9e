/**
 * The claims of docs/design/engine.md, checked from outside: only by what nodes execute, and what clients are told.
 *
 * @module
 */

/** A claim does not hold. */
export class ClaimError extends Error {
  override name = "ClaimError";
}

/** Fails unless a claim holds. */
export function claim(holds: boolean, text: string): void {
  if (!holds) throw new ClaimError(text);
}

/** The fate of the commands of a schedule. */
export class Claims {
  // By index: the command that was executed there.
  readonly #order: number[] = [];
  readonly #indexes = new Map<number, number>();
  readonly #refused = new Set<number>();
  /** The last index that anybody has seen: whatever begins later comes after it. */
  seen = 0;

  /** How many commands the order has. */
  get length(): number {
    return this.#order.length;
  }

  /** A node executes a command. */
  executed(index: number, command: number): void {
    const known = this.#order[index - 1];
    if (known === undefined) {
      claim(index === this.#order.length + 1, `command ${command} is executed at ${index}, and nothing before it`);
      const former = this.#indexes.get(command);
      claim(former === undefined, `command ${command} is executed twice, at ${former} and ${index}`);
      claim(
        !this.#refused.has(command),
        `command ${command} is executed, and a client was told that it never would be`,
      );
      this.#order.push(command);
      this.#indexes.set(command, index);
    } else claim(known === command, `two nodes differ at ${index}: commands ${known} and ${command}`);
  }

  /** A client has the output of a command that it sent when {@link seen} was `since`. */
  done(command: number, index: number, since: number): void {
    claim(this.#order[index - 1] === command, `command ${command} has an output, and is not at ${index}`);
    claim(index > since, `command ${command} is at ${index}, before what was seen when it began (${since})`);
    this.seen = Math.max(this.seen, index);
  }

  /** A client was told that a command was not and never will be executed. */
  refused(command: number): void {
    claim(!this.#indexes.has(command), `command ${command} was executed, and a client is told that it was not`);
    this.#refused.add(command);
  }

  /** A client has read the state after `index` commands, when {@link seen} was `since` as it began. */
  read(index: number, last: number, since: number): void {
    claim(index >= since, `a read is stale: it sees ${index} commands, and ${since} were seen before it began`);
    claim((this.#order[index - 1] ?? 0) === last, `a read sees command ${last} as the last of ${index}`);
    this.seen = Math.max(this.seen, index);
  }
}
