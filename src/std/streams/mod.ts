/**
 * The part of `@std/streams` in use.
 *
 * @module
 */

export * from "./text_line_stream.ts";
