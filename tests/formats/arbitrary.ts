/**
 * Arbitrary records, as a database may show them.
 *
 * @module
 */

import fc from "fast-check";
import { initialSites, parseName, ValueError } from "../../src/database/values.ts";
import { bytesOf, isObject, writeJson } from "../../src/formats/json_text.ts";
import type { ExportRecord } from "../../src/formats/records.ts";
import { defined } from "../../src/formats/record_fields.ts";

/** Text of all that may cost a format something, in the normal form of the database. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(..."\"',;:\\/{}[]=+-@#\u00a0é薬💉\u0301ب "),
    fc.string({
      unit: "binary",
      minLength: 1,
      maxLength: 1,
    }),
  ),
  maxLength: 40,
});

/** Names of sites. */
export const name: fc.Arbitrary<string> = text.map((typed) => {
  try {
    return parseName(typed);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return initialSites[0]?.name ?? "";
  }
});

/** A text of a report: like a name, and within its bytes. */
function note(bytesMax: number): fc.Arbitrary<string | undefined> {
  return fc.option(name.map((text) => bytesOf(text) > bytesMax ? text.slice(0, 10).trim() : text), { nil: undefined })
    .map((text) => text?.isWellFormed() && text === text.normalize("NFC").trim() ? text : undefined);
}

const document = fc.option(
  fc.jsonValue({ maxDepth: 3 }).map((value) => writeJson(isObject(value) ? value : { value })),
  {
    nil: undefined,
  },
);

/** Sites as they are exported. */
export const record: fc.Arbitrary<ExportRecord> = fc.record({
  name,
  zip: fc.stringMatching(/^[0-9]{1,10}$/),
  availability: fc.oneof(fc.maxSafeNat(), fc.boolean(), fc.constant("unknown" as const)),
  unit: fc.constantFrom("doses" as const, "appointments" as const, undefined),
  observedAt: fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 4e12 })),
  who: note(64),
  source: note(200),
  note: note(280),
  retired: note(280),
  document,
}).map(defined);
