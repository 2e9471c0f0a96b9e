/**
 * Assertions that compare two values.
 *
 * @module
 */

import { AssertionError, ending } from "./assertion_error.ts";
import { differences, format, red } from "./diff.ts";
import { equal } from "./equal.ts";

/** Asserts that two values are the same by what they hold, see {@link equal}. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(`Values are not equal${ending(msg)}\n${differences(actual, expected)}`);
}

/** Asserts that two values differ in what they hold, see {@link equal}. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${format(actual)} not to be: ${format(expected)}${ending(msg)}`,
  );
}

/** Asserts that two values are one, by `Object.is`. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const shown = format(actual);
  if (shown !== format(expected)) {
    throw new AssertionError(`Values are not strictly equal${ending(msg)}\n${differences(actual, expected)}`);
  }
  const indented = shown.split("\n").map((line) => `    ${line}`).join("\n");
  throw new AssertionError(
    `Values have the same structure but are not reference-equal${ending(msg)}\n\n${red(indented)}\n`,
  );
}
