/**
 * The part of `@std/assert` in use: functions that throw an {@link AssertionError} unless something holds.
 *
 * The messages say the same as those of the real package; only the choice of lines in a diff may be another.
 *
 * @module
 */

export { AssertionError } from "./assertion_error.ts";
export * from "./equal.ts";
export * from "./equals.ts";
export * from "./errors.ts";
export * from "./holds.ts";
