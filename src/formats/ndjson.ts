/**
 * Sites as NDJSON: one JSON object per line, for each site or report.
 *
 * Fields that are not ours go into the site's document, under `ndjson`. A site's document is written as the object that
 * it is; the instant of a report as ISO 8601, and read as that or as milliseconds since 1970.
 *
 * @module
 */

import { printable, quotedShort } from "../quoted.ts";
import { type JsonObject, parseObject, withoutRawTabs } from "./json_text.ts";
import { type InputLine, type LineOptions, readLines } from "./lines.ts";
import { type InputPlace, madeOf, type OnProblem, tellAt } from "./problems.ts";
import {
  type Beside,
  fieldCalled,
  type FieldName,
  fieldNames,
  isReported,
  plainName,
  type RawFields,
  readRecord,
  recordFields,
  writtenFields,
} from "./record_fields.ts";
import type { Bytes, ExportRecord, ImportRecord } from "./records.ts";

/**
 * Reads NDJSON in UTF-8. It holds a bounded piece of the input at a time, and skips empty lines.
 *
 * @param onProblem is called soon after each line that was repaired or refused.
 */
export async function* readNdjson(bytes: Bytes, onProblem: OnProblem): AsyncGenerator<ImportRecord> {
  const keys = new Keys(onProblem);
  for await (const [line, object] of readObjects(bytes, { onProblem })) {
    if (object === undefined) continue;
    const record = readRecord(line.line, ...keys.sorted(line, object), onProblem);
    if (record !== undefined) yield record;
  }
}

/** What the keys of objects mean. Each that is not ours is told once, so that a file of them says so in one line. */
class Keys {
  readonly #onProblem: OnProblem;
  /** What each key means that is not ours. */
  readonly #meanings = new Map<string, FieldName | undefined>();

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  /** Sorts the members of an object: our fields, also under other names, and what is beside them. */
  sorted(place: InputPlace, object: JsonObject): [RawFields, Beside] {
    const raw: Partial<Record<FieldName, unknown>> = {};
    let beside: Record<string, unknown> | undefined;
    let zipName = "zip";
    for (const key of Object.keys(object)) {
      const value = object[key];
      const meant = productNames.has(key) ? "product" : isFieldName(key) ? key : this.#meaning(place, key);
      // A product is a code or a few words, and not what else may be called so.
      const field = meant === "product" && typeof value === "object" ? undefined : meant;
      // Where the object has a field of ours twice, the first is it, or the one that has its very name.
      if (field === undefined || (field !== key && (field in object || field in raw))) {
        beside ??= {};
        beside[key] = value;
      } else {
        raw[field] = value;
        if (field === "zip") zipName = key;
      }
    }
    return [raw, { key: "ndjson", fields: beside ?? none, zipName, isSheet: false }];
  }

  #meaning(place: InputPlace, key: string): FieldName | undefined {
    if (this.#meanings.has(key)) return this.#meanings.get(key);
    const field = meaningOf(key);
    // More keys are data rather than names; they are not told.
    if (this.#meanings.size >= keysMax) return field;
    this.#meanings.set(key, field);
    const shown = quotedShort(key);
    if (field === undefined) {
      const meant = nearMiss(key);
      const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
      const what = `The field ${shown} is unknown; the sites' documents keep it under "ndjson"${hint}`;
      tellAt(this.#onProblem, place, "field-unknown", what);
    } else tellAt(this.#onProblem, place, "field-renamed", `The field ${shown} was taken as "${field}"`);
    return field;
  }
}

const none: JsonObject = {};

/** Keys that are remembered. */
const keysMax = 1_000;

/** What names the product: words, or a code of CVX or NDC. */
const productNames: ReadonlySet<string> = new Set(["product", "cvx", "ndc"]);

function isFieldName(key: string): key is FieldName {
  return Object.hasOwn(recordFields, key);
}

/** Fields that are taken under the other names of their columns, too. For the others, nobody should guess. */
const renamed: ReadonlySet<FieldName | undefined> = new Set(["name", "zip", "availability", "product"] as const);

/** The field that a key is: in another case, or under another name. */
function meaningOf(key: string): FieldName | undefined {
  const lower = key.toLowerCase();
  const called = fieldCalled(key)?.field;
  return fieldNames.find((field) => field.toLowerCase() === lower) ?? (renamed.has(called) ? called : undefined);
}

/** The field that somebody may have meant by a key. */
function nearMiss(key: string): FieldName | undefined {
  const plain = plainName(key);
  return fieldCalled(key)?.field ?? fieldNames.find((field) => plain.length > 3 && plainName(field).startsWith(plain));
}

/**
 * The objects in the lines of NDJSON, whatever they are of; undefined for a line that has none, which was told. Empty
 * lines are left out.
 */
export async function* readObjects(
  bytes: Bytes,
  options: LineOptions,
): AsyncGenerator<[InputLine, JsonObject | undefined]> {
  for await (const lines of readLines(bytes, options)) {
    for (const line of lines) {
      if (line.text.trim() === "") continue;
      yield [
        line,
        madeOf(line, options.onProblem, (tell) => {
          const text = withoutRawTabs(line.text);
          if (text !== line.text) tell("raw-tab", "A tab stands inside a text; a space was taken instead");
          return parseObject(text);
        }),
      ];
    }
  }
}

/**
 * One line of NDJSON for a site; without an availability if nobody has reported any. The same site has the same line,
 * always.
 */
export function ndjsonLine(record: ExportRecord): string {
  const { availability, ...others } = writtenFields(record);
  const fields = isReported(record) ? { availability, ...others } : others;
  const members = fieldNames.flatMap((name) => {
    const value = name in fields ? fields[name as keyof typeof fields] : undefined;
    // A document may have numbers that a double does not hold.
    return value === undefined ? [] : [`"${name}":${name === "document" ? value : JSON.stringify(value)}`];
  });
  return `${printable(`{${members.join(",")}}`)}\n`;
}
