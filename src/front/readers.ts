/**
 * Readers of values that several options share.
 *
 * @module
 */

import type { Option } from "./typed_command.ts";
import { UsageError, wrongValue } from "./usage_error.ts";

/** Makes what reads the name of a file or a directory: `what` it is. */
export function readName(what: string): Option<string>["read"] {
  return (typed, _now, option) => {
    if (typed !== "") return typed;
    throw new UsageError(`${option} needs the name of ${what}`);
  };
}

/** Makes what reads one of some words. */
export function readWord<W extends string>(words: readonly W[]): Option<W>["read"] {
  return (typed, _now, option) => {
    const word = words.find((word) => word === typed);
    if (word !== undefined) return word;
    throw wrongValue(option, typed, `it must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
  };
}
