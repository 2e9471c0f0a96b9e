/**
 * The keys of the commands of one request: each has its own, by its place among them, so that the same request with the
 * same key makes the same commands with the same keys.
 *
 * The first command goes alone. If another request has used the key, it has the first place, and so nothing else of
 * this one is sent.
 *
 * @module
 */

import type { CommandKey } from "../database/wire/commands.ts";
import { isAgain, statuses } from "../database/wire/outputs.ts";
import type { CommandOutput } from "../net/client/calls.ts";
import { KeyReusedError } from "./errors.ts";

/** Gives commands their keys. */
export class RequestKeys {
  readonly #keyOf: (place: number) => CommandKey;
  #given = 0;
  #again = 0;
  /** Resolves when the first command has its output, or none any more; true: the key is that of another request. */
  #first: Promise<boolean> = Promise.resolve(false);

  /** No command has its key yet. @param keyOf the key of the command at a place, from 0. */
  constructor(keyOf: (place: number) => CommandKey) {
    this.#keyOf = keyOf;
  }

  /** Whether all commands, and there is one, were executed before: none was executed now. */
  get areAllAgain(): boolean {
    return this.#given > 0 && this.#again === this.#given;
  }

  /**
   * Sends a command with its key. The place of each follows from the order of the calls.
   *
   * @throws {KeyReusedError} if another request came with the key; nothing was done.
   */
  async send(submit: (key: CommandKey) => Promise<CommandOutput>): Promise<CommandOutput> {
    const place = this.#given++;
    if (place > 0 && await this.#first) throw new KeyReusedError();
    const sent = submit(this.#keyOf(place));
    if (place === 0) this.#first = sent.then(({ output }) => output[0] === statuses.otherKey, () => false);
    const { output } = await sent;
    if (output[0] === statuses.otherKey) throw new KeyReusedError();
    if (isAgain(output)) this.#again++;
    return await sent;
  }
}
