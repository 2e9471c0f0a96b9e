/**
 * Sites as NDJSON: one JSON object per line, for each site or report.
 *
 * Fields that are not ours go into the site's document, under `ndjson`. A site's document is written as the object that
 * it is; the instant of a report as ISO 8601, and read as that or as milliseconds since 1970.
 *
 * @module
 */

import { isPlaceColumn } from "../database/place.ts";
import { printable, quotedShort } from "../quoted.ts";
import {
  hasIdentityShape,
  type IdentityField,
  identityFields,
  identityShapes,
  isIdentityField,
} from "./identity_fields.ts";
import { type JsonObject, parseObject, withoutRawTabs } from "./json_text.ts";
import { type InputLine, type LineOptions, readLines } from "./lines.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import { type ImportProblem, type InputPlace, madeOf, type OnProblem } from "./problems.ts";
import {
  type Beside,
  fieldCalled,
  type FieldName,
  fieldNames,
  isReported,
  plainName,
  productsKey,
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
    const problems: ImportProblem[] = [];
    const record = readRecord(line.line, ...keys.sorted(line, object), (problem) => problems.push(problem));
    keys.tell(record !== undefined, problems);
    if (record !== undefined) yield record;
  }
}

/**
 * What the keys of objects mean. Each that is not ours is told once, so that a file of them says so in one line; not of
 * a line that is refused, since no document keeps anything of that.
 */
class Keys {
  readonly #onProblem: OnProblem;
  /** Problems of the keys of the last object, to be told if that is taken; none of them was told before. */
  readonly #held: { readonly problem: ImportProblem; readonly key: string; readonly hint?: string }[] = [];
  /** What each key means that is not ours. */
  readonly #meanings = new Map<string, Field | undefined>();
  /** Fields of which a value of another shape was told. */
  readonly #misshapen = new Set<string>();

  constructor(onProblem: OnProblem) {
    this.#onProblem = onProblem;
  }

  /** Sorts the members of an object: our fields, also under other names, and what is beside them. */
  sorted(place: InputPlace, object: JsonObject): [RawFields, Beside] {
    const raw: Partial<Record<Field, unknown>> = {};
    let beside: Record<string, unknown> | undefined;
    let zipName = "zip";
    const names = Object.keys(object);
    const keptUnder = names.some((key) => productNames.has(key)) ? productsKey : "ndjson";
    for (const key of names) {
      const value = object[key];
      const meant = productNames.has(key) ? "product" : isField(key) ? key : this.#meaning(place, key, keptUnder);
      const field = this.#hasShape(place, meant, value) ? meant : undefined;
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

  /** Whether a value can be one of a field. Others may call something else so. */
  #hasShape(place: InputPlace, field: Field | undefined, value: unknown): boolean {
    // A product is a code or a few words.
    if (field === "product") return typeof value !== "object";
    if (field === undefined || !isIdentityField(field) || value === null) return true;
    if (hasIdentityShape(field, value)) return true;
    if (!this.#misshapen.has(field)) {
      this.#misshapen.add(field);
      const what = `The field "${field}" is not ${identityShapes[field]}; the sites' documents keep it under "ndjson"`;
      this.#hold(place, field, "field-unknown", what);
    }
    return false;
  }

  /** Tells the problems of the last object, and what its keys are unless it was refused. */
  tell(isTaken: boolean, problems: readonly ImportProblem[]): void {
    for (const { problem, key } of this.#held) {
      if (isTaken) this.#onProblem(problem);
      else {
        this.#meanings.delete(key);
        this.#misshapen.delete(key);
      }
    }
    const hints = isTaken ? [] : this.#held.flatMap(({ hint = [] }) => hint);
    this.#held.length = 0;
    for (const problem of problems) {
      const isHinted = hints.length > 0 && problem.kind !== "record-foreign";
      this.#onProblem(isHinted ? { ...problem, what: [problem.what, ...hints].join("; ") } : problem);
    }
  }

  #hold({ line }: InputPlace, key: string, kind: ProblemKind, what: string, hint?: string): void {
    this.#held.push({ problem: { line, kind, what }, key, ...hint !== undefined && { hint } });
  }

  #meaning(place: InputPlace, key: string, keptUnder: string): Field | undefined {
    if (this.#meanings.has(key)) return this.#meanings.get(key);
    const field = meaningOf(key);
    // More keys are data rather than names; they are not told.
    if (this.#meanings.size >= keysMax) return field;
    this.#meanings.set(key, field);
    const shown = quotedShort(key);
    if (field === undefined) {
      // Where a site is and how to reach it is known, and shown.
      if (isPlaceColumn(plainName(key))) return field;
      const meant = nearMiss(key);
      const unknown = `the field ${shown} is unknown`;
      const what = `T${unknown.slice(1)}; the sites' documents keep it under "${keptUnder}"`;
      if (meant === undefined) this.#hold(place, key, "field-unknown", what);
      else {
        const hint = `did you mean ${meant}?`;
        this.#hold(place, key, "field-unknown", `${what}; ${hint}`, `${unknown}: ${hint}`);
      }
    } else this.#hold(place, key, "field-renamed", `The field ${shown} was taken as "${field}"`);
    return field;
  }
}

const none: JsonObject = {};

/** Keys that are remembered. */
const keysMax = 1_000;

/** What names the product: words, or a code of CVX or NDC. */
const productNames: ReadonlySet<string> = new Set(["product", "cvx", "ndc"]);

/** A field of a line. */
type Field = FieldName | IdentityField;

/** All of them, in the order in which they are written. */
const fields: readonly Field[] = [...fieldNames, ...identityFields];

function isField(key: string): key is Field {
  return Object.hasOwn(recordFields, key) || isIdentityField(key);
}

/** Fields that are taken under the other names of their columns, too. For the others, nobody should guess. */
const renamed: ReadonlySet<Field | undefined> = new Set(["name", "zip", "availability", "product"] as const);

/** The field that a key is: in another case, or under another name. */
function meaningOf(key: string): Field | undefined {
  const lower = key.toLowerCase();
  const called = fieldCalled(key)?.field;
  return fields.find((field) => field.toLowerCase() === lower) ?? (renamed.has(called) ? called : undefined);
}

/** The field that somebody may have meant by a key. */
function nearMiss(key: string): Field | undefined {
  const plain = plainName(key);
  // A "location" is mostly something else than the id of one.
  const begins = (field: Field) => plainName(field).startsWith(plain) && (field !== "locationId" || plain.length > 8);
  return fieldCalled(key)?.field ?? fields.find((field) => plain.length > 3 && begins(field));
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
  const said = isReported(record) ? { availability, ...others } : others;
  const members = fields.flatMap((name) => {
    const value = name in said ? said[name as keyof typeof said] : undefined;
    // A document may have numbers that a double does not hold.
    return value === undefined ? [] : [`"${name}":${name === "document" ? value : JSON.stringify(value)}`];
  });
  return `${printable(`{${members.join(",")}}`)}\n`;
}
