/**
 * What the schemas of answers are made of.
 *
 * @module
 */

import type { Schema } from "./declared.ts";

/** Any text. */
export const string: Schema = { type: "string" };

/** An integer of 0 or more. */
export const count: Schema = { type: "integer", minimum: 0 };

/** Yes or no. */
export const boolean: Schema = { type: "boolean" };

/** An object that has these members, and may have the others. */
export function object(properties: Record<string, Schema>, optional: Record<string, Schema> = {}): Schema {
  return { type: "object", properties: { ...properties, ...optional }, required: Object.keys(properties) };
}

/** An array. */
export function list(items: Schema): Schema {
  return { type: "array", items };
}

/** One of several words. */
export function words(...all: readonly string[]): Schema {
  return { type: "string", enum: all };
}
