/**
 * What etcd writes when it ends, in words for people.
 *
 * @module
 */

import { printable } from "../../quoted.ts";

/** Characters of one of its sentences. */
const wordsMax = 200;

/** A line that is part of a stack: it says nothing to people. */
const stack = /^(?:\s|goroutine \d|created by |\S+\(.*\)$)/;

/** What a line of its standard error says; undefined: nothing to people. */
export function lastWordsOf(line: string): string | undefined {
  const said = /^\{/.test(line) ? ofJson(line) : stack.test(line) ? undefined : line;
  return said === undefined ? undefined : printable(said.trim()).slice(0, wordsMax);
}

function ofJson(line: string): string | undefined {
  try {
    const { msg, error } = JSON.parse(line);
    const words = [msg, error].filter((text) => typeof text === "string" && text !== "");
    return words.length === 0 ? undefined : words.join(": ");
  } catch {
    return line;
  }
}
