/**
 * The part of `@std/cli` in use.
 *
 * @module
 */

export * from "./parse_args.ts";
export * from "./unicode_width.ts";
