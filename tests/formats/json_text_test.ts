import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { documentBytesMax } from "../../src/limits.ts";
import {
  documentJson,
  jsonDepthMax,
  parseJson,
  parseObject,
  writeDocument,
  writeJson,
} from "../../src/formats/json_text.ts";
import { InputRefusal } from "../../src/formats/problems.ts";

Deno.test("writeJson() writes what parseJson() has read", () => {
  const texts = ["12345678901234567890", "-1e400", "0.12345678901234567890", "1e-400", "9007199254740993", '"1e400"'];
  for (const text of [...texts, '{"a":[9007199254740993]}', '{"__proto__":{"a":1}}', '"\\ud800"', "[]", "-0.5"]) {
    assertEquals(writeJson(parseJson(text)), text);
  }
  fc.assert(fc.property(fc.json(), (text) => {
    assertEquals(writeJson(parseJson(text)), JSON.stringify(JSON.parse(text)));
  }));
});

Deno.test("parseJson() leaves numbers that a double holds as they are", () => {
  assertEquals(parseJson("[1e3, 40.10, 0.30000000000000004, 9007199254740991, 0e99]"), [
    1000,
    40.1,
    0.30000000000000004,
    9007199254740991,
    0,
  ]);
});

Deno.test("parseJson() takes depth up to its bound, and brackets in strings for what they are", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assertEquals(writeJson(parseJson(nested(jsonDepthMax))), nested(jsonDepthMax));
  assertThrows(() => parseJson(nested(jsonDepthMax + 1)), InputRefusal, "nested");
  const text = writeJson(["[".repeat(1000), '\\"[', "{"]);
  assertEquals(writeJson(parseJson(text)), text);
});

Deno.test("parseObject() and writeDocument() say why not", () => {
  assertThrows(() => parseObject("[1]"), InputRefusal, '"[1]" is not a JSON object');
  assertThrows(() => parseObject("{'a':1}"), InputRefusal, "is not JSON");
  const most = { a: "x".repeat(documentBytesMax - '{"a":""}'.length) };
  assertEquals(writeDocument(most).length, documentBytesMax);
  assertThrows(() => writeDocument({ ...most, b: 1 }), InputRefusal, `at most ${documentBytesMax}`);
});

Deno.test("documentJson() makes an object on one line of any document", () => {
  assertEquals(documentJson('{\n "a": 12345678901234567890\n}'), '{"a":12345678901234567890}');
  assertEquals(documentJson('two\nlines "x"'), '{"text":"two\\nlines \\"x\\""}');
  assertEquals(documentJson("[1]"), '{"text":"[1]"}');
  fc.assert(fc.property(fc.string(), (text) => assertEquals(documentJson(documentJson(text)), documentJson(text))));
});
