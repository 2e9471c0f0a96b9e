/**
 * Assertions about what is thrown.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { AssertionError, ending } from "./assertion_error.ts";

/** Any class, abstract or not. */
type ClassOf<T> = abstract new (...args: never[]) => T;

/** What a caller may say of the error that it expects. */
type Expected<E extends Error> = { readonly of: ClassOf<E> | undefined; readonly text?: string; readonly msg?: string };

/** Tells the two forms of the arguments apart: (class, text, msg) and (msg). */
function readExpected<E extends Error>(classOrMsg?: ClassOf<E> | string, text?: string, msg?: string): Expected<E> {
  return typeof classOrMsg === "string" ? { of: undefined, msg: classOrMsg } : { of: classOrMsg, text, msg };
}

function assertExpected<E extends Error>(error: unknown, expected: Expected<E>, verb: string): void {
  const { of, text, msg } = expected;
  if (of === undefined) return;
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
}

/**
 * Asserts that a function throws.
 *
 * @returns What it threw.
 */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/**
 * Asserts that a function throws an error of a class, with a text in its message.
 *
 * @returns What it threw.
 */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error>(
  fn: () => unknown,
  classOrMsg?: ClassOf<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const expected = readExpected(classOrMsg, msgIncludes, msg);
  try {
    fn();
  } catch (error) {
    assertExpected(error, expected, "thrown");
    return error;
  }
  throw new AssertionError(`Expected function to throw${ending(expected.msg)}`);
}

/**
 * Asserts that a function returns a promise that rejects.
 *
 * @returns What it rejects with.
 */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/**
 * Asserts that a function returns a promise that rejects with an error of a class, with a text in its message.
 *
 * @returns What it rejects with.
 */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ClassOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ClassOf<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const expected = readExpected(classOrMsg, msgIncludes, msg);
  const promise = promiseOf(fn);
  if (promise === undefined) {
    throw new AssertionError(`Function throws when expected to reject${ending(expected.msg)}`);
  }
  try {
    await promise;
  } catch (error) {
    assertExpected(error, expected, "rejected");
    return error;
  }
  throw new AssertionError(`Expected function to reject${ending(expected.msg)}`);
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
