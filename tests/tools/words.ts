/**
 * The words that follow `deno task` and the name of a tool of the tests.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";

/** An option with a text, and one without. */
export const [text, flag] = [{ type: "string" }, { type: "boolean" }] as const;

/**
 * The options that were given, and the other words.
 *
 * @param fail is told what makes no sense, and ends the tool.
 * @param allowPositionals whether there may be other words.
 */
export function wordsOf<O extends NonNullable<ParseArgsConfig["options"]>>(
  options: O,
  fail: (message: string) => never,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: Deno.args, options, allowPositionals });
  } catch (error) {
    return fail(`${(error as Error).message}; try --help`);
  }
}
