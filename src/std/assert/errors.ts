/**
 * Assertions about what is thrown.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { AssertionError, ending } from "./assertion_error.ts";

/** Any class, abstract or not. */
type ClassOf<T> = abstract new (...args: never[]) => T;

/** The error that a caller expects: undefined as long as it does not say a class. */
type Expected<E> = [ErrorClass?: ClassOf<E>, msgIncludes?: string, msg?: string];

function assertExpected<E>(error: unknown, verb: string, [of, text, msg]: Expected<E>): E {
  if (of === undefined) return error as E;
  if (!(error instanceof Error)) throw new AssertionError(`A non-Error object was ${verb}${ending(msg)}`);
  if (!(error instanceof of)) {
    throw new AssertionError(
      `Expected error to be instance of "${of.name}", but was "${error.constructor.name}"${ending(msg)}`,
    );
  }
  if (text && !stripVTControlCharacters(error.message).includes(stripVTControlCharacters(text))) {
    throw new AssertionError(
      `Expected error message to include ${JSON.stringify(text)}, but got ${JSON.stringify(error.message)}${
        ending(msg)
      }`,
    );
  }
  return error;
}

/**
 * Asserts that a function throws: an error of a class, with a text in its message, if these are given.
 *
 * @returns What it threw.
 */
export function assertThrows<E = unknown>(fn: () => unknown, ...expected: Expected<E>): E {
  try {
    fn();
  } catch (error) {
    return assertExpected(error, "thrown", expected);
  }
  throw new AssertionError(`Expected function to throw${ending(expected[2])}`);
}

/**
 * Asserts that a function returns a promise that rejects: with an error of a class, with a text in its message, if
 * these are given.
 *
 * @returns What it rejects with.
 */
export async function assertRejects<E = unknown>(fn: () => PromiseLike<unknown>, ...expected: Expected<E>): Promise<E> {
  const promise = promiseOf(fn);
  if (promise === undefined) {
    throw new AssertionError(`Function throws when expected to reject${ending(expected[2])}`);
  }
  try {
    await promise;
  } catch (error) {
    return assertExpected(error, "rejected", expected);
  }
  throw new AssertionError(`Expected function to reject${ending(expected[2])}`);
}

/** The promise that a function returns, if it does return one. */
function promiseOf(fn: () => PromiseLike<unknown>): PromiseLike<unknown> | undefined {
  try {
    const returned: PromiseLike<unknown> | undefined | null = fn();
    return typeof returned === "object" && typeof returned?.then === "function" ? returned : undefined;
  } catch {
    return undefined;
  }
}
