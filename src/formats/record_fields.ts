/**
 * The fields of a record, from what our own formats, CSV and NDJSON, have of them.
 *
 * @module
 */

import { noteBytesMax, productBytesMax, sourceBytesMax, timeMsMax, whoBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { addressColumns, isPlaceColumn } from "../database/place.ts";
import { isAvailability, parseAvailability, parseName, parseText, type Unit, units } from "../database/values.ts";
import { type IdentityField, readIdentity } from "./identity_fields.ts";
import { formatInstant, parseOwnInstant, tellInstant } from "./instants.ts";
import {
  documentJson,
  isObject,
  type JsonObject,
  parseJson,
  shown,
  textOf,
  textOfValue,
  writeDocument,
} from "./json_text.ts";
import { checkedBy, madeOf, type OnProblem, orElse, refuse, type TellProblem } from "./problems.ts";
import type { ExportRecord, ImportRecord } from "./records.ts";
import { stateOf } from "./states.ts";
import { readRecordZip } from "./zips.ts";

/** Bytes of UTF-8 in an address that tells sites of one name apart: a street, a number, a city. */
export const addressBytesMax = 280;

/**
 * The fields of a record in the order in which JSON has them: the title of its column in CSV, and what else such a
 * column may be called, without spaces, `_` and `-`.
 */
export const recordFields = {
  name: ["Site Name", "name", "site", "locationname"],
  zip: ["ZIP Code", "zip", "postalcode", "postcode"],
  availability: ["Availability", "available", "count", "availablecount"],
  unit: ["Unit", "units"],
  product: ["Product", "cvx", "ndc"],
  observedAt: ["Observed At", "observed", "validat"],
  checkedAt: ["Checked At", "checked"],
  who: ["Who", "reporter", "reportedby", "by"],
  source: ["Source"],
  note: ["Note", "notes", "comment"],
  retired: ["Retired", "retiredreason"],
  document: ["Document"],
} as const;

/** A field of a record. */
export type FieldName = keyof typeof recordFields;

/** The names of all fields, in the order in which JSON has them. */
export const fieldNames = Object.keys(recordFields) as FieldName[];

/** The fields as an input has them: absent, or a value that nobody has checked yet. */
export type RawFields = { readonly [Name in FieldName | IdentityField]?: unknown };

/** A record as every format of ours writes it: the instant as text, the document as an object of JSON on one line. */
export function writtenFields({ observedAt, checkedAt, document, ...others }: ExportRecord) {
  return {
    ...others,
    observedAt: observedAt === undefined ? undefined : formatInstant(observedAt),
    checkedAt: checkedAt === undefined ? undefined : formatInstant(checkedAt),
    document: document === undefined ? undefined : documentJson(document),
  };
}

/** Names that were made plain: those of an input come again with each of its lines. */
const plainNames = new Map<string, string>();
const plainNamesMax = 1_000;

/** A name without what people write differently. */
export function plainName(name: string): string {
  const known = plainNames.get(name);
  if (known !== undefined) return known;
  const plain = name.replace(/[\s_-]+/g, "").toLowerCase();
  if (plainNames.size < plainNamesMax) plainNames.set(name, plain);
  return plain;
}

const byTitle = new Map<string, FieldName>(fieldNames.map((field) => [plainName(recordFields[field][0]), field]));
const byAlias = new Map<string, FieldName>(
  fieldNames.flatMap((field) => recordFields[field].slice(1).map((alias): [string, FieldName] => [alias, field])),
);

/** The field that a column or a key of this name is, and whether the name is the title of its column. */
export function fieldCalled(name: string): { readonly field: FieldName; readonly isTitle: boolean } | undefined {
  const plain = plainName(name);
  const titled = byTitle.get(plain);
  const field = titled ?? byAlias.get(plain);
  return field && { field, isTitle: titled !== undefined };
}

/** Whether a site shows a report, which always has its time; else it shows the 0 of a site that is new. */
export function isReported({ availability, observedAt }: ExportRecord): boolean {
  return availability !== 0 || observedAt !== undefined;
}

/** What an input has beside them, which the document is to keep. */
export interface Beside {
  /** The key of the document under which it is kept. */
  readonly key: "csv" | "ndjson";
  /** By the names that the input gives them. */
  readonly fields: JsonObject;
  /** What the input calls the ZIP code, for the four digits that the site has no place for. */
  readonly zipName: string;
  /** Whether it may have come from a spreadsheet, which writes TRUE for a reason and a ZIP code in nine digits. */
  readonly isSheet: boolean;
}

/**
 * Reads a record, and tells what is wrong with it.
 *
 * @returns undefined if it was refused.
 */
export function readRecord(line: number, raw: RawFields, beside: Beside, onProblem: OnProblem) {
  return madeOf<ImportRecord>({ line }, onProblem, (tell) => {
    refuseForeign(raw.availability);
    const name = nameOf(raw.name);
    const besides = new Map<string, unknown>();
    for (const name of Object.keys(beside.fields)) besides.set(plainName(name), beside.fields[name]);
    const state = besides.size === 0 ? undefined : stateOf(besides.get("state"));
    const { zip, whole } = readRecordZip(raw.zip, { state, isNineWhole: beside.isSheet }, tell);
    const availability = availabilityOf(raw.availability);
    const report = {
      unit: unitOf(raw.unit),
      observedAt: observedAtOf(raw.observedAt, tell),
      checkedAt: observedAtOf(raw.checkedAt, tell),
      who: readText(raw.who, "reporter", whoBytesMax),
      source: readText(raw.source, "source", sourceBytesMax),
      note: readText(raw.note, "note", noteBytesMax),
    };
    const product = productOf(raw.product);
    // A source may have given a document alone.
    const { source: _, ...ownReport } = report;
    const hasDocument = hasText(raw.document);
    const said = availability === undefined ? Object.keys(defined(hasDocument ? ownReport : report))[0] : undefined;
    if (said !== undefined) {
      refuse("report-missing", `There is a value for "${said}", and no availability; give both, or neither`);
    }
    const reason = besides.get("retiredreason") ?? besides.get("reason");
    const retired = retiredOf(raw.retired, reason, beside.isSheet);
    const fields = whole === undefined ? beside.fields : { ...beside.fields, [beside.zipName]: whole };
    const document = documentOf(raw.document, beside, fields, product);
    const isPart = document === undefined || hasText(raw.document) ? undefined : true;
    const address = besides.size === 0 ? undefined : shortText(firstOf(besides, ...addressColumns), addressBytesMax);
    const known = { product, retired, document, isPart, address, ...readIdentity(raw) };
    return defined({ line, name, zip, availability, ...report, ...known });
  });
}

/** The first of these that there is. */
function firstOf(besides: ReadonlyMap<string, unknown>, ...names: readonly string[]): unknown {
  return names.map((name) => besides.get(name)).find((value) => value !== undefined);
}

/** What a report is about: codes may be numbers. */
function productOf(value: unknown): string | undefined {
  return readText(typeof value === "number" ? String(value) : value, "product", productBytesMax);
}

/** A text, or a number as one; undefined if it is something else, or longer than it may be. */
function shortText(value: unknown, bytesMax: number): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return orElse(() => readText(text, "text", bytesMax), () => undefined);
}

/** A record without the fields that are undefined. A new one: an object of which fields were deleted is slow. */
export function defined<T extends object>(record: T): T {
  const kept: Partial<T> = {};
  for (const key in record) if (record[key] !== undefined) kept[key] = record[key];
  return kept as T;
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
  if (/^(?:yes|no)$/i.test(text)) return /^y/i.test(text);
  return text === "" ? undefined : checkedBy("availability-invalid", () => parseAvailability(text));
}

/** Others who collect availability have records of their own, in which it is an object. */
const foreign = [
  { key: "available", called: "UNIVAF" },
  { key: "drop_in", called: "vaccine-feed-ingest" },
  { key: "appointments", called: "vaccine-feed-ingest" },
] as const;

function refuseForeign(availability: unknown): void {
  if (!isObject(availability)) return;
  const { called } = foreign.find(({ key }) => key in availability) ?? {};
  if (called === undefined) return;
  const what = `This is a record of ${called}, whose field "availability" is the object ${shown(availability)}`;
  refuse("record-foreign", `${what}; give a count, true, false or "unknown", and beside it unit and observedAt`);
}

/** What else a unit may be called. */
const unitNames: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ["dose", "doses"],
  ["appointment", "appointments"],
  ["slot", "appointments"],
  ["slots", "appointments"],
]);

function unitOf(value: unknown) {
  const text = textOf(value, "unit-invalid", "unit").trim();
  const typed = text.toLowerCase();
  const unit = units.find((unit) => unit === typed) ?? unitNames.get(typed);
  if (unit !== undefined || text === "") return unit;
  refuse("unit-invalid", `Cannot take ${quotedShort(text)} as a unit: give doses or appointments`);
}

/** Milliseconds from 1973 to the year 5138: a smaller number may be seconds, a larger one microseconds. */
const epochMs = { least: 1e11, most: 1e14 };

/** What a number may be that is not milliseconds since 1970, and what to give; undefined if it may be those. */
function notMilliseconds(number: number): string | undefined {
  if (number === 0 || (number >= epochMs.least && number < epochMs.most)) return undefined;
  const [unit, ms] = number < epochMs.least ? ["seconds", number * 1_000] : ["microseconds", number / 1_000];
  const meant = Math.floor(ms) <= timeMsMax ? `, as ${Math.floor(ms)} for ${formatInstant(Math.floor(ms))}` : "";
  return `these may be ${unit} since 1970; give milliseconds${meant}`;
}

function observedAtOf(value: unknown, tell: TellProblem): number | undefined {
  if (typeof value === "number" && value >= 0) {
    const why = notMilliseconds(value);
    if (why !== undefined) refuse("instant-invalid", `Cannot take ${quotedShort(String(value))} as an instant: ${why}`);
    if (Number.isSafeInteger(value)) return value;
  }
  const text = typeof value === "number" ? String(value) : textOf(value, "instant-invalid", "instant").trim();
  if (text === "") return undefined;
  const instant = parseOwnInstant(text.toUpperCase());
  if (instant === undefined || instant.ms < 0) {
    const wanted = "give one from 1970 on with its offset from UTC, such as 2026-11-24T10:00:00Z or " +
      "2026-11-24T10:00:00-05:00";
    const why = /^[1-9]\d{8,16}$/.test(text) ? "it may be the time since 1970 in seconds or parts of them; " : "";
    refuse("instant-invalid", `Cannot take ${quotedShort(text)} as an instant: ${why}${wanted}`);
  }
  tellInstant("The instant", text, instant, tell);
  return instant.ms;
}

/** Why a site is retired. In a sheet, a column may say only whether it is, and another one why. */
function retiredOf(value: unknown, reason: unknown, isSheet: boolean): string | undefined {
  const said = readText(value, "reason", noteBytesMax);
  if (said === undefined || !isSheet || !/^(?:true|false|yes|no)$/i.test(said)) return said;
  if (/^(?:false|no)$/i.test(said)) return undefined;
  return readText(reason, "reason", noteBytesMax) ?? said;
}

function hasText(value: unknown): boolean {
  return value !== "" && value !== undefined && value !== null;
}

/**
 * The document that an input gives, and in it what the input has beside: by product where it names one, apart from what
 * it says of the site.
 */
function documentOf(value: unknown, { key, zipName }: Beside, fields: JsonObject, product: string | undefined) {
  const given = hasText(value) ? objectOf(value) : undefined;
  if (Object.keys(fields).length === 0) return given === undefined ? undefined : writeDocument(given);
  if (product === undefined) return writeDocument(withFields(given, key, fields));
  const [ofSite, ofProduct] = [true, false].map((isOfSite) => {
    const isKept = (name: string) => (name === zipName || isPlaceColumn(plainName(name))) === isOfSite;
    return Object.fromEntries(Object.entries(fields).filter(([name]) => isKept(name)));
  });
  const document = withFields(given, key, ofSite);
  if (Object.keys(ofProduct).length === 0) return writeDocument(document);
  const products = isObject(document[productsKey]) ? document[productsKey] : {};
  const known = withFields(products, product, ofProduct);
  return writeDocument(withFields(document, productsKey, known));
}

/** The member of a document that has, for each product, what lines about it have beside. */
export const productsKey = "products";

/** A document with more fields in one of its members. */
function withFields(document: JsonObject | undefined, key: string, fields: JsonObject): JsonObject {
  if (Object.keys(fields).length === 0) return document ?? {};
  const { [key]: before = {}, ...others } = document ?? {};
  if (!isObject(before)) {
    const advice = "give an object, or leave it out";
    refuse("document-invalid", `The document has "${key}", which is not an object; ${advice}`);
  }
  return { ...others, [key]: { ...before, ...fields } };
}

function objectOf(value: unknown): JsonObject {
  const parsed = typeof value === "string" ? orElse(() => parseJson(value), () => value) : value;
  if (isObject(parsed)) return parsed;
  refuse("document-invalid", `Cannot take ${shown(value)} as a document: give a JSON object`);
}
