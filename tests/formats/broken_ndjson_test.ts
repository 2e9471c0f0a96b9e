/**
 * Broken NDJSON, one fault a test: what is told, at which line, and what is read all the same.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { documentBytesMax } from "../../src/limits.ts";
import { inputLineBytesMax } from "../../src/formats/lines.ts";
import { jsonDepthMax } from "../../src/formats/json_text.ts";
import type { ProblemKind } from "../../src/formats/problem_kinds.ts";
import { ndjson } from "./reading.ts";

const good = '{"name":"Good","zip":"02138","availability":1}\n';

/** A fault: lines of which the last is good, what is told of them, and a word that the reason has. */
function broken(
  name: string,
  input: string | readonly (string | Uint8Array)[],
  told: readonly [line: number, kind: ProblemKind][],
  word: string,
  names: readonly string[] = [],
): void {
  Deno.test(`readNdjson() ${name}`, async () => {
    const { records, problems } = await ndjson(...typeof input === "string" ? [input] : input, good);
    assertEquals(problems.map(({ line, kind }) => [line, kind]), told.map((each) => [...each]));
    assertStringIncludes(problems.map(({ what }) => what).join("\n"), word);
    assertEquals(records.map((record) => record.name), [...names, "Good"]);
  });
}

/** A line with a site, and something more. */
function site(more: string): string {
  return `{"name":"A","zip":"02138",${more}}\n`;
}

broken("refuses what is not JSON", "name,zip\n{'name':1}\n", [[1, "not-json"], [2, "not-json"]], '"name,zip"');
broken(
  "refuses a line that is not an object",
  '[]\n5\nnull\n"x"\n',
  [[1, "not-object"], [2, "not-object"], [3, "not-object"], [4, "not-object"]],
  '"[]"',
);
broken("passes empty lines over", "\n  \n\r\n", [], "");
broken("tells a byte order mark", "\ufeff" + site('"availability":5'), [[1, "bom"]], "mark", ["A"]);
broken("refuses a byte order mark further on", `${good}\ufeff${good}`, [[2, "not-json"]], "is not JSON", [
  "Good",
]);
broken("refuses a line in Latin-1", ['{"name":"', new Uint8Array([0xe9]), '"}\n'], [[1, "not-utf-8"]], "UTF-8");
broken(
  "refuses a line of endless length",
  ['{"name":"', "x".repeat(inputLineBytesMax), "\n"],
  [[1, "line-too-long"]],
  "left out",
);
broken(
  "refuses what is nested too deep, without a stack that overflows",
  `${site(`"x":${"[".repeat(jsonDepthMax)}${"]".repeat(jsonDepthMax)}`)}${"[".repeat(100_000)}\n`,
  [[1, "not-json"], [2, "not-json"]],
  `over ${jsonDepthMax} deep`,
);
broken("refuses a name that is missing or no text", '{"zip":"1"}\n{"name":5,"zip":"1"}\n', [[1, "name-invalid"], [
  2,
  "name-invalid",
]], '"5"');
broken("refuses a ZIP code that is missing or no text", '{"name":"A"}\n{"name":"A","zip":2138}\n', [
  [1, "zip-missing"],
  [2, "zip-invalid"],
], '"2138"');
broken(
  "refuses invalid availabilities",
  ["-1", "1.5", "9007199254740993", "1e400", '"y"', "{}", "[1]"].map((value) => site(`"availability":${value}`)).join(
    "",
  ),
  [1, 2, 3, 4, 5, 6, 7].map((line) => [line, "availability-invalid"]),
  '"9007199254740993"',
);
broken("refuses a unit that is none", site('"availability":1,"unit":1'), [[1, "unit-invalid"]], '"1"');
broken(
  "refuses invalid instants",
  [-1, 1.5, '"yesterday"', "true"].map((value) => site(`"availability":1,"observedAt":${value}`)).join(""),
  [1, 2, 3, 4].map((line) => [line, "instant-invalid"]),
  '"yesterday"',
);
broken("refuses texts that are none", site('"availability":1,"who":{}'), [[1, "text-invalid"]], '"{}"');
broken("refuses half of a character", site('"availability":1,"note":"\\ud800"'), [[1, "text-invalid"]], "surrogate");
broken("refuses documents that are none", site('"document":"text"') + site('"document":[]'), [
  [1, "document-invalid"],
  [2, "document-invalid"],
], '"text"');
broken("refuses a document that has no room for what is beside it", site('"document":{"ndjson":5},"county":"X"'), [
  [1, "document-invalid"],
], '"ndjson"');
broken(
  "refuses unknown fields that are too large to be kept",
  site(`"x":"${"x".repeat(documentBytesMax)}"`),
  [[1, "document-too-large"]],
  "bytes",
);
broken(
  "tells fields that it does not know once, and what may have been meant",
  site('"availability":1,"observed_at":"2026-11-01T00:00:00Z","county":"X"') + site('"avail":1,"county":"Y"'),
  [[1, "field-unknown"], [1, "field-unknown"], [2, "field-unknown"]],
  "did you mean observedAt?",
  ["A", "A"],
);
broken(
  "tells no field of a line that it refuses, but what may have been meant, and tells it of a later line",
  site('"availability":"many","avail":1,"county":"X"') + site('"availability":1,"county":"X"'),
  [[1, "availability-invalid"], [2, "field-unknown"]],
  'or Unknown; the field "avail" is unknown: did you mean availability?',
  ["A"],
);
broken(
  "refuses times in seconds and in microseconds, and says what they may be",
  [1795000000, 1795000000.5, 1795000000000000].map((at) => site(`"availability":1,"observedAt":${at}`)).join(""),
  [1, 2, 3].map((line) => [line, "instant-invalid"]),
  "seconds since 1970; give milliseconds, as 1795000000000 for 2026-11-18T11:06:40.000Z",
);
broken(
  "refuses the records of other systems, and says what they are",
  `${site('"availability":{"available":"YES","available_count":12}')}{"availability":{"drop_in":true}}\n`,
  [[1, "record-foreign"], [2, "record-foreign"]],
  'UNIVAF, whose field "availability"',
);
broken(
  "takes a tab inside a text as a space",
  `{"name":"A",\t"zip":"02138","availability":5,"note":"two\tparts \\"\t"}\n`,
  [[1, "raw-tab"]],
  "a space was taken",
  ["A"],
);
