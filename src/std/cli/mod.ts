/**
 * The part of `@std/cli` in use.
 *
 * @module
 */

export * from "./unicode_width.ts";
