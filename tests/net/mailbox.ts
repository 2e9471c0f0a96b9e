/**
 * Keeps items that have come, and lets tests wait for those that have not.
 *
 * @module
 */

import { within } from "./within.ts";

/** Keeps everything that comes. */
export class Mailbox<T> {
  /** All that has come and was not taken, in order. */
  readonly items: T[] = [];
  readonly #looks = new Set<() => void>();
  #end: string | undefined;

  /** Something has come. */
  push(item: T): void {
    this.items.push(item);
    for (const look of [...this.#looks]) look();
  }

  /** Nothing more will come, and why: whoever waits in vain is told. */
  end(why: string): void {
    this.#end ??= why;
    for (const look of [...this.#looks]) look();
  }

  /** The first item that fits, whether it has come or will; it stays. */
  first(what: string, fits: (item: T) => boolean): Promise<T> {
    return this.#wait(what, () => this.items.findIndex(fits), (at) => this.items[at]);
  }

  /** Takes the first item that fits out. */
  take<S extends T>(what: string, fits: (item: T) => item is S): Promise<S> {
    return this.#wait(what, () => this.items.findIndex(fits), (at) => this.items.splice(at, 1)[0] as S);
  }

  #wait<S>(what: string, find: () => number, get: (at: number) => S): Promise<S> {
    const found = Promise.withResolvers<S>();
    const look = () => {
      const at = find();
      if (at >= 0) found.resolve(get(at));
      else if (this.#end !== undefined) found.reject(new Error(`Waited in vain for ${what}: ${this.#end}`));
      else return;
      this.#looks.delete(look);
    };
    this.#looks.add(look);
    look();
    return within(what, found.promise).finally(() => this.#looks.delete(look));
  }
}
