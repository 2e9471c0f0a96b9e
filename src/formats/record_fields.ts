/**
 * The fields of a record, from what our own formats, CSV and NDJSON, have of them.
 *
 * @module
 */

import { noteBytesMax, sourceBytesMax, whoBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import {
  type Availability,
  isAvailability,
  parseAvailability,
  parseName,
  parseText,
  type Unit,
  units,
  ValueError,
} from "../database/values.ts";
import { parseOwnInstant } from "./instants.ts";
import { isObject, type JsonObject, parseJson, shown, textOfValue, writeDocument } from "./json_text.ts";
import { type InputPlace, madeOf, type TellProblem } from "./places.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import type { ImportRecord, OnProblem } from "./records.ts";
import { InputRefusal, orElse } from "./refusal.ts";
import { readRecordZip, stateOf } from "./zips.ts";

/** The fields of a record, in the order in which JSON has them. */
export const fieldNames = [
  "name",
  "zip",
  "availability",
  "unit",
  "observedAt",
  "who",
  "source",
  "note",
  "retired",
  "document",
] as const;

/** A field of a record. */
export type FieldName = typeof fieldNames[number];

/** The fields as an input has them: absent, or a value that nobody has checked yet. */
export type RawFields = { readonly [Name in FieldName]?: unknown };

/** What an input has beside them, which the document is to keep. */
export interface Beside {
  /** The key of the document under which it is kept. */
  readonly key: "csv" | "ndjson";
  /** By the names that the input gives them. */
  readonly fields: JsonObject;
  /** What the input calls the ZIP code, for the four digits that the site has no place for. */
  readonly zipName: string;
}

/**
 * Reads a record, and tells what is wrong with it.
 *
 * @returns undefined if it was refused.
 */
export function readRecord(
  place: InputPlace,
  raw: RawFields,
  beside: Beside,
  onProblem: OnProblem,
): ImportRecord | undefined {
  return madeOf(place, onProblem, (tell) => recordOf(place, raw, beside, tell));
}

function recordOf(place: InputPlace, raw: RawFields, beside: Beside, tell: TellProblem): ImportRecord {
  const name = nameOf(raw.name);
  const state = stateBeside(beside.fields);
  const { zip, whole } = readRecordZip(textOf(raw.zip, "zip-invalid", "ZIP code") ?? "", state, tell);
  const availability = availabilityOf(raw.availability);
  const report = {
    unit: unitOf(raw.unit),
    observedAt: observedAtOf(raw.observedAt, tell),
    who: readText(raw.who, "reporter", whoBytesMax),
    source: readText(raw.source, "source", sourceBytesMax),
    note: readText(raw.note, "note", noteBytesMax),
  };
  if (availability === undefined) {
    const [said] = Object.entries(report).find(([, value]) => value !== undefined) ?? [];
    if (said !== undefined) {
      throw new InputRefusal(
        "report-missing",
        `There is a value for "${said}", and no availability; give both, or neither`,
      );
    }
  }
  const fields = whole === undefined ? beside.fields : { ...beside.fields, [beside.zipName]: whole };
  return defined({
    line: place.line,
    file: place.file,
    name,
    zip,
    availability,
    ...report,
    retired: readText(raw.retired, "reason", noteBytesMax),
    document: documentOf(raw.document, beside.key, fields),
  });
}

/** A record without the fields that are undefined. */
export function defined<T extends object>(record: T): T {
  for (const key of Object.keys(record) as (keyof T)[]) if (record[key] === undefined) delete record[key];
  return record;
}

/**
 * Reads a site's name.
 *
 * @throws {InputRefusal} if it may not be one.
 */
export function nameOf(value: unknown): string {
  const text = textOf(value, "name-invalid", "site name") ?? "";
  return checkedBy("name-invalid", () => parseName(text));
}

/** What the rules of the database make of a value; what they refuse is a refusal of that kind. */
function checkedBy<T>(kind: ProblemKind, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof ValueError ? new InputRefusal(kind, error.message) : error;
  }
}

/**
 * Reads a text: trimmed, and in the Unicode normal form C.
 *
 * @param called what to call it in the reason why not.
 * @returns undefined if there is none.
 * @throws {InputRefusal} if it is too long or has characters that it may not have.
 */
export function readText(value: unknown, called: string, bytesMax: number): string | undefined {
  return checkedBy("text-invalid", () => parseText(textOf(value, "text-invalid", called), `a ${called}`, bytesMax));
}

function availabilityOf(value: unknown): Availability | undefined {
  if (value === undefined || value === null) return undefined;
  if (isAvailability(value)) return value;
  const text = textOfValue(value).trim();
  return text === "" ? undefined : checkedBy("availability-invalid", () => parseAvailability(text));
}

function unitOf(value: unknown): Unit | undefined {
  const text = textOf(value, "unit-invalid", "unit")?.trim() ?? "";
  if (text === "") return undefined;
  const unit = units.find((unit) => unit === text.toLowerCase());
  if (unit !== undefined) return unit;
  throw new InputRefusal("unit-invalid", `Cannot take ${quotedShort(text)} as a unit: give doses or appointments`);
}

function observedAtOf(value: unknown, tell: TellProblem): number | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const text = typeof value === "number" ? String(value) : textOf(value, "instant-invalid", "instant")?.trim() ?? "";
  if (text === "") return undefined;
  const instant = parseOwnInstant(text.toUpperCase());
  if (instant === undefined || instant.ms < 0) {
    throw new InputRefusal(
      "instant-invalid",
      `Cannot take ${quotedShort(text)} as an instant: ` +
        "give one from 1970 on with its offset from UTC, such as 2026-11-24T10:00:00Z or 2026-11-24T10:00:00-05:00",
    );
  }
  const { ms, repaired } = instant;
  if (repaired !== undefined) tell("instant-short", `The instant ${quotedShort(text)} was taken as "${repaired}"`);
  return ms;
}

/** The document that an input gives, and in it what the input has beside. */
function documentOf(value: unknown, key: Beside["key"], fields: JsonObject): string | undefined {
  const given = value === "" || value === undefined || value === null ? undefined : objectOf(value);
  if (Object.keys(fields).length === 0) return given === undefined ? undefined : writeDocument(given);
  const before = given?.[key];
  if (before !== undefined && !isObject(before)) {
    throw new InputRefusal(
      "document-invalid",
      `The document has "${key}", which is not an object; give an object, or leave it out`,
    );
  }
  const { [key]: _, ...others } = given ?? {};
  return writeDocument({ ...others, [key]: { ...before, ...fields } });
}

function objectOf(value: unknown): JsonObject {
  const parsed = typeof value === "string" ? orElse(() => parseJson(value), () => value) : value;
  if (isObject(parsed)) return parsed;
  throw new InputRefusal("document-invalid", `Cannot take ${shown(value)} as a document: give a JSON object`);
}

/** The state, where an input has one: two letters. */
function stateBeside(fields: JsonObject): string | undefined {
  return stateOf(Object.entries(fields).find(([name]) => /^state$/i.test(name.trim()))?.[1]);
}

/** A text, or undefined if there is none; a Refusal if it is something else. */
function textOf(value: unknown, kind: ProblemKind, called: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new InputRefusal(
    kind,
    `Cannot take ${quotedShort(JSON.stringify(value))} as a ${called}: give a text in quotes`,
  );
}
