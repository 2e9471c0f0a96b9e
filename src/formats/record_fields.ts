/**
 * The fields of a record, from what our own formats, CSV and NDJSON, have of them.
 *
 * @module
 */

import { noteBytesMax, sourceBytesMax, whoBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { isAvailability, parseAvailability, parseName, parseText, units } from "../database/values.ts";
import { formatInstant, parseOwnInstant } from "./instants.ts";
import { documentJson, isObject, type JsonObject, parseJson, shown, textOfValue, writeDocument } from "./json_text.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import { checkedBy, madeOf, type OnProblem, orElse, refuse, type TellProblem } from "./problems.ts";
import type { ExportRecord, ImportRecord } from "./records.ts";
import { readRecordZip, stateOf } from "./zips.ts";

/**
 * The fields of a record in the order in which JSON has them: the title of its column in CSV, and what else such a
 * column may be called, without spaces, `_` and `-`.
 */
export const recordFields = {
  name: ["Site Name", "name", "site", "locationname"],
  zip: ["ZIP Code", "zip", "postalcode", "postcode"],
  availability: ["Availability", "available", "count"],
  unit: ["Unit", "units"],
  observedAt: ["Observed At", "observed", "validat"],
  who: ["Who", "reporter", "reportedby", "by"],
  source: ["Source"],
  note: ["Note", "notes", "comment"],
  retired: ["Retired", "retiredreason", "reason"],
  document: ["Document"],
} as const;

/** A field of a record. */
export type FieldName = keyof typeof recordFields;

/** The names of all fields, in the order in which JSON has them. */
export const fieldNames = Object.keys(recordFields) as FieldName[];

/** The fields as an input has them: absent, or a value that nobody has checked yet. */
type RawFields = { readonly [Name in FieldName]?: unknown };

/** A record as every format of ours writes it: the instant as text, the document as an object of JSON on one line. */
export function writtenFields({ observedAt, document, ...others }: ExportRecord) {
  return {
    ...others,
    observedAt: observedAt === undefined ? undefined : formatInstant(observedAt),
    document: document === undefined ? undefined : documentJson(document),
  };
}

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
export function readRecord(line: number, raw: RawFields, beside: Beside, onProblem: OnProblem) {
  return madeOf<ImportRecord>({ line }, onProblem, (tell) => {
    const name = nameOf(raw.name);
    const state = stateBeside(beside.fields);
    const { zip, whole } = readRecordZip(textOf(raw.zip, "zip-invalid", "ZIP code"), state, tell);
    const availability = availabilityOf(raw.availability);
    const report = {
      unit: unitOf(raw.unit),
      observedAt: observedAtOf(raw.observedAt, tell),
      who: readText(raw.who, "reporter", whoBytesMax),
      source: readText(raw.source, "source", sourceBytesMax),
      note: readText(raw.note, "note", noteBytesMax),
    };
    const [said] = Object.keys(defined({ ...report }));
    if (availability === undefined && said !== undefined) {
      refuse("report-missing", `There is a value for "${said}", and no availability; give both, or neither`);
    }
    const retired = readText(raw.retired, "reason", noteBytesMax);
    const fields = whole === undefined ? beside.fields : { ...beside.fields, [beside.zipName]: whole };
    const document = documentOf(raw.document, beside.key, fields);
    return defined({ line, name, zip, availability, ...report, retired, document });
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
  const text = textOf(value, "name-invalid", "site name");
  return checkedBy("name-invalid", () => parseName(text));
}

/**
 * Reads a text: trimmed, and in the Unicode normal form C.
 *
 * @param called what to call it in the reason why not.
 * @returns undefined if there is none.
 * @throws {InputRefusal} if it is too long or has characters that it may not have.
 */
export function readText(value: unknown, called: string, bytesMax: number): string | undefined {
  const text = textOf(value, "text-invalid", called);
  return checkedBy("text-invalid", () => parseText(text, `a ${called}`, bytesMax));
}

function availabilityOf(value: unknown) {
  if (isAvailability(value)) return value;
  const text = textOfValue(value ?? "").trim();
  return text === "" ? undefined : checkedBy("availability-invalid", () => parseAvailability(text));
}

function unitOf(value: unknown) {
  const text = textOf(value, "unit-invalid", "unit").trim();
  const unit = units.find((unit) => unit === text.toLowerCase());
  if (unit !== undefined || text === "") return unit;
  refuse("unit-invalid", `Cannot take ${quotedShort(text)} as a unit: give doses or appointments`);
}

function observedAtOf(value: unknown, tell: TellProblem): number | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  const text = typeof value === "number" ? String(value) : textOf(value, "instant-invalid", "instant").trim();
  if (text === "") return undefined;
  const instant = parseOwnInstant(text.toUpperCase());
  if (instant === undefined || instant.ms < 0) {
    refuse(
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
  const { [key]: before = {}, ...others } = given ?? {};
  if (!isObject(before)) {
    const advice = "give an object, or leave it out";
    refuse("document-invalid", `The document has "${key}", which is not an object; ${advice}`);
  }
  return writeDocument({ ...others, [key]: { ...before, ...fields } });
}

function objectOf(value: unknown): JsonObject {
  const parsed = typeof value === "string" ? orElse(() => parseJson(value), () => value) : value;
  if (isObject(parsed)) return parsed;
  refuse("document-invalid", `Cannot take ${shown(value)} as a document: give a JSON object`);
}

/** The state, where an input has one: two letters. */
function stateBeside(fields: JsonObject): string | undefined {
  return stateOf(Object.entries(fields).find(([name]) => /^state$/i.test(name.trim()))?.[1]);
}

/** A text, "" if there is none; a refusal if it is something else. */
function textOf(value: unknown, kind: ProblemKind, called: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  refuse(kind, `Cannot take ${quotedShort(JSON.stringify(value))} as a ${called}: give a text in quotes`);
}
