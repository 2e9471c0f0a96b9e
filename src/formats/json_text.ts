/**
 * JSON of others, from which nothing may get lost on the way through.
 *
 * @module
 */

import { documentBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import { orElse, refuse } from "./problems.ts";

/** Arrays and objects of JSON inside one another: feeds have about eight. */
export const jsonDepthMax = 64;

/** An object of JSON. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** What V8 has of the proposal "JSON.parse source text access", which the types do not know yet. */
const exact: {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
} = JSON as never;

/** Whether there may be a number in the text that a double cannot hold. */
const longNumber = /[\d.]{16}|\d[eE]/;

const encoder = new TextEncoder();

/** Whether a value is a number that a double cannot hold, as {@link parseJson} gives it. */
export function isRawNumber(value: unknown): boolean {
  return exact.isRawJSON(value);
}

/** Whether a value is an object of JSON: no array, and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads JSON. A number that a double cannot hold becomes an object that {@link writeJson} writes as it was.
 *
 * @throws {InputRefusal} if it is not JSON, or nested too deep.
 */
export function parseJson(text: string): unknown {
  if (mayBeDeep(text) && depthOf(text) > jsonDepthMax) {
    refuse("not-json", `${quotedShort(text)} is nested over ${jsonDepthMax} deep and was left out`);
  }
  try {
    if (!longNumber.test(text)) return JSON.parse(text);
    return exact.parse(text, (_key, value, { source }) => {
      if (typeof value !== "number" || source === undefined || isHeld(value, source)) return value;
      return exact.rawJSON(source);
    });
  } catch {
    refuse("not-json", `${quotedShort(text)} is not JSON and was left out; write one object on each line`);
  }
}

/**
 * JSON in which no tab stands inside a text, where JSON has none: a space is there instead. Between values, it is as
 * good as a space.
 */
export function withoutRawTabs(text: string): string {
  if (!text.includes("\t")) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"/g, (inQuotes) => inQuotes.replaceAll("\t", " "));
}

/** Text of JSON that is the same for the same value, in whatever order its keys were. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isObject(value) || isRawNumber(value)) return writeJson(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}

/**
 * Reads an object of JSON.
 *
 * @throws {InputRefusal} if it is none.
 */
export function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (isObject(value)) return value;
  refuse("not-object", `${quotedShort(text)} is not a JSON object and was left out; write one object on each line`);
}

/** The one compact text of a value that was read, its keys in their order. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value);
}

/**
 * The text of a site's document.
 *
 * @throws {InputRefusal} if it is too large.
 */
export function writeDocument(document: JsonObject): string {
  const text = writeJson(document);
  const bytes = bytesOf(text);
  if (bytes <= documentBytesMax) return text;
  refuse(
    "document-too-large",
    `The document ${quotedShort(text)} has ${bytes} bytes; give at most ${documentBytesMax}`,
  );
}

/**
 * A site's document as the JSON of an object, on one line. One that is none, which only a program can have given,
 * becomes the `text` of one.
 */
export function documentJson(document: string): string {
  return writeJson(orElse(() => parseObject(document), () => ({ text: document })));
}

/** A value as a message shows it, in quotes. */
export function shown(value: unknown): string {
  return value === undefined ? "missing" : quotedShort(textOfValue(value));
}

/** A value as a message shows it, in quotes, where a text is told from what it may stand for: as JSON. */
export function shownJson(value: unknown): string {
  return value === undefined ? "missing" : quotedShort(writeJson(value));
}

/** A value that is to be a text: itself if it is one, and its JSON if not. */
export function textOfValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/** A text, "" if there is none; a refusal if it is something else. @param called what it is to be. */
export function textOf(value: unknown, kind: ProblemKind, called: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  refuse(kind, `Cannot take ${quotedShort(JSON.stringify(value))} as a ${called}: give a text in quotes`);
}

/** The bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** Whether a text has enough brackets to be nested too deep, which few have; to find brackets is fast. */
function mayBeDeep(text: string): boolean {
  let count = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++count > jsonDepthMax) return true;
    }
  }
  return false;
}

/** How many arrays and objects stand inside one another; of what is not JSON, some number. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return deepest;
}

/** Whether a double stands for the number that is written, to the last digit. */
function isHeld(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  const digits = source.replace(/[eE].*$/, "").replace(/[-.]/g, "").replace(/^0+/, "");
  if (value === 0) return digits === "";
  return digits.length <= 15 || String(value) === source;
}
