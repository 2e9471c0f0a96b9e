/**
 * What a source says of a site in several inputs, as one document.
 *
 * @module
 */

import { documentJson, isObject, type JsonObject, parseObject, writeDocument } from "./json_text.ts";
import { orElse } from "./problems.ts";
import { productsKey } from "./record_fields.ts";

/** The members under which columns of CSV and fields of NDJSON are kept. */
const besideKeys = ["csv", "ndjson"] as const;

/**
 * The members of both documents, and of both under `csv` and `ndjson`, and of each product; the later one has the last
 * word.
 *
 * @param before absent: there is none.
 * @returns `before` itself if nothing is new.
 */
export function mergedDocument(before: string | undefined, after: string): string {
  if (before === undefined) return after;
  const known = documentJson(before);
  const [old, young] = [parseObject(known), parseObject(after)];
  const beside: Record<string, JsonObject> = {};
  for (const key of besideKeys) {
    const [first, second] = [old[key], young[key]];
    if (isObject(first) && isObject(second)) beside[key] = { ...first, ...second };
  }
  const [first, second] = [old[productsKey], young[productsKey]];
  if (isObject(first) && isObject(second)) {
    const both = Object.entries(second).map(([product, fields]) => {
      const before = first[product];
      return [product, isObject(before) && isObject(fields) ? { ...before, ...fields } : fields];
    });
    beside[productsKey] = { ...first, ...Object.fromEntries(both) };
  }
  const merged = writeDocument({ ...old, ...young, ...beside });
  return merged === known ? before : merged;
}

/** Whether a document is no more than columns and fields: it takes the place of no document with a Location. */
export function isExtra(document: string): boolean {
  return !isObject(orElse(() => parseObject(documentJson(document)).location, () => undefined));
}
