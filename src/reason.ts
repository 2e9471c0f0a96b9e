/**
 * Why something went wrong, in words for a person.
 *
 * @module
 */

/** What Deno puts behind an error of the operating system: which call it was, and with which paths. */
const callPattern = /(\(os error \d+\)): \w+ '[\s\S]*'$/;

/**
 * What an error says, without the call that failed: the sentence around it names the file already, as it was typed, and
 * the call may name another one, such as the one that is written before it gets its name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const error = new Error("No such file or directory (os error 2): open 'monday.partial-1f2800cd'");
 * assertEquals(reasonOf(error), "No such file or directory (os error 2)");
 * ```
 */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(callPattern, "$1");
}
