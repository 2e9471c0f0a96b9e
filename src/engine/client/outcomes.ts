/**
 * What a caller wants done, gathered; above all, what it tells those who wait for commands: each is told once.
 *
 * @module
 */

import type { Item } from "./backlog.ts";
import type { CallerEffect } from "./caller_events.ts";

/** The effects of a turn. */
export class Outcomes<T> {
  #effects: CallerEffect<T>[] = [];

  /** Takes one that tells nobody of a command. */
  push(effect: CallerEffect<T>): void {
    this.#effects.push(effect);
  }

  /** Whether these commands were or will be executed cannot be known. */
  unknown(items: readonly Item<T>[], reason: string): void {
    const tickets = told(items);
    if (tickets.length > 0) this.#effects.push({ kind: "unknown", tickets, reason });
  }

  /** These commands were not executed, and never will be; or they are reads, and nobody has answered them. */
  notExecuted(items: readonly Item<T>[], reason: string): void {
    const tickets = told(items);
    if (tickets.length > 0) this.#effects.push({ kind: "notExecuted", tickets, reason });
  }

  /** The outputs of commands have come, or the values of reads. */
  executed(kind: "outputs" | "values", items: readonly Item<T>[], outputs: Uint8Array, index: number): void {
    const tickets = items.map((item) => {
      const ticket = item.isTold ? undefined : item.ticket;
      item.isTold = true;
      return ticket;
    });
    this.#effects.push({ kind, tickets, outputs, index });
  }

  /** Takes out all. */
  take(): readonly CallerEffect<T>[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}

/** The tickets of those that nobody was told of; now somebody is. */
function told<T>(items: readonly Item<T>[]): T[] {
  const waiting = items.filter(({ isTold }) => !isTold);
  for (const item of waiting) item.isTold = true;
  return waiting.map(({ ticket }) => ticket);
}
