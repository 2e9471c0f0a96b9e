/**
 * What the database keeps of commands with a key: a list, which is searched from back to front.
 *
 * @module
 */

import type { AnyCommand, Command, CommandKey } from "../../../src/database/wire/commands.ts";
import type { Output } from "../../../src/database/wire/outputs.ts";
import { answeredKeysMax, keyTtlMs } from "../../../src/limits.ts";

/** A command with a key, and what it was answered. */
interface Kept {
  readonly key: CommandKey;
  readonly recordedAt: number;
  output: Output;
}

/** All of them, the oldest first. */
export class ModelKeys {
  readonly #keysMax: number;
  readonly #kept: Kept[] = [];

  /** @param keysMax how many it keeps. */
  constructor(keysMax: number = answeredKeysMax) {
    this.#keysMax = keysMax;
  }

  /** What a command is to be answered without being executed; undefined: it is to be executed. */
  find(command: Command): Output | undefined {
    const { key, recordedAt = 0 }: AnyCommand = command;
    if (key === undefined) return undefined;
    const known = this.#kept.findLast((each) => each.key.hash.toHex() === key.hash.toHex());
    if (known === undefined || recordedAt - known.recordedAt > keyTtlMs) return undefined;
    return known.key.request.toHex() === key.request.toHex() ? known.output : { status: "otherKey" };
  }

  /** A command was executed. */
  keep(command: Command, output: Output): void {
    const { key, recordedAt = 0 }: AnyCommand = command;
    if (key === undefined || output.status === "refused" || output.status === "older") return;
    this.#kept.push({ key, recordedAt, output });
    if (this.#kept.length > this.#keysMax) this.#kept.shift();
  }

  /** An entry was redacted. */
  forgetReasons(): void {
    for (const each of this.#kept) {
      const { output } = each;
      if (!("state" in output) || output.state.retired === undefined) continue;
      const { length } = new TextEncoder().encode(output.state.retired);
      each.output = { ...output, state: { ...output.state, retired: "*".repeat(length) } };
    }
  }
}

/** A key of a few, for requests of a few: those of one kind about one site are one. */
export function keyOf(number: number, { kind, name = "" }: AnyCommand): CommandKey {
  const text = kind + name;
  let hash = 7;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return { hash: new Uint8Array(16).fill(number), request: new Uint8Array(new Int32Array([hash, number]).buffer) };
}
