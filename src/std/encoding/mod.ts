/**
 * The part of `@std/encoding` in use.
 *
 * @module
 */

export * from "./hex.ts";
