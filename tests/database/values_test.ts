import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { documentBytesMax, timeMsMax } from "../../src/limits.ts";
import {
  type Availability,
  checkDocument,
  formatAvailability,
  isAvailability,
  isAvailable,
  isTime,
  isZip,
  parseAvailability,
  parseName,
  parseText,
  parseZip,
  ValueError,
  whyNotName,
} from "../../src/database/values.ts";

Deno.test("parseAvailability() takes counts in digits, and True, False and Unknown in any case", () => {
  const cases: [string, Availability][] = [
    ["0", 0],
    ["7", 7],
    [" 12\t", 12],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["True", true],
    ["tRuE", true],
    ["false", false],
    [" FALSE ", false],
    ["unKnown ", "unknown"],
  ];
  for (const [typed, value] of cases) assertEquals(parseAvailability(typed), value, typed);
});

Deno.test("parseAvailability() refuses what may mean something else, and quotes it", () => {
  const refused = ["", " ", "-1", "+5", "-0", "5.0", "1e3", "1,000", "1_000", "007", "00", "0x10", "5 0", "ten", "yes"];
  for (const typed of [...refused, "9007199254740992", "٣", "５", "NaN", "Infinity", "null", "t", "truе"]) {
    const error = assertThrows(() => parseAvailability(typed), ValueError);
    assertStringIncludes(error.message, `"${typed}"`);
  }
});

Deno.test("formatAvailability() writes what parseAvailability() reads", () => {
  assertEquals(formatAvailability(true), "True");
  assertEquals(formatAvailability(false), "False");
  assertEquals(formatAvailability("unknown"), "Unknown");
  fc.assert(fc.property(fc.oneof(fc.maxSafeNat(), fc.boolean(), fc.constant("unknown" as const)), (value) => {
    assertEquals(parseAvailability(formatAvailability(value)), value);
  }));
});

Deno.test("isAvailability() takes booleans, unknown and safe integers from 0", () => {
  for (const value of [0, 5, Number.MAX_SAFE_INTEGER, true, false, "unknown"]) assert(isAvailability(value));
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53, "5", null, undefined, 5n]) assert(!isAvailability(value));
});

Deno.test("parseName() takes any script, quotes, backticks and commas as they are", () => {
  const names = [
    "Harvard University",
    `O'Brien's "Best", Inc.`,
    "`rm -rf`; $HOME * ? \\n",
    "Клиника № 5",
    "薬局",
    "بيت لحم",
    "ক্লিনিক",
    "💉 Vaccines 👩‍⚕️",
    "-1",
    "8892",
    "x",
    "=1+1",
    "non\u00a0breaking",
    "x".repeat(200),
    "💉".repeat(200),
  ];
  for (const name of names) assertEquals(parseName(name), name);
});

Deno.test("parseName() trims and normalises", () => {
  assertEquals(parseName("  Harvard University\t"), "Harvard University");
  assertEquals(parseName("\ufeffCafe\u0301\u3000"), "Café");
  assertEquals(parseName(" e\u0301".repeat(100)).length, 199);
});

Deno.test("parseName() refuses what cannot be a name, and says why without printing it raw", () => {
  const cases: [string, string][] = [
    ["", "empty"],
    [" \t ", "empty"],
    ["x".repeat(201), "over 200"],
    ["💉".repeat(201), "over 200"],
    ["x".repeat(1_000_000), "over 200"],
    ["bell\u0007", "control"],
    ["two\nlines", "control"],
    ["nul\0", "control"],
    ["tab\tinside", "control"],
    ["c1\u0085x", "control"],
    ["\x1b[31mred", "control"],
    ["lone \ud800 surrogate", "surrogate"],
    ["lone \udc00", "surrogate"],
    ["over\u202eride", "direction"],
    ["a\u202ab", "direction"],
    ["a\u2066b", "direction"],
    ["a\u2069b", "direction"],
    ["a\u200eb", "direction"],
    ["a\u200fb", "direction"],
    ["a\u061cb", "direction"],
    ["a\u2028b", "separator"],
    ["a\u2029b", "separator"],
  ];
  for (const [typed, why] of cases) {
    const error = assertThrows(() => parseName(typed), ValueError);
    assertStringIncludes(error.message, why);
    assert(error.message.length < 500, "a long value is cut");
    assert(/^[ -~…💉]*$/u.test(error.message), JSON.stringify(error.message));
  }
});

Deno.test("whyNotName() forgives nothing that parseName() would change", () => {
  for (const name of [" x", "x ", "Cafe\u0301", "\ufeffx", "x\u00a0"]) assert(whyNotName(name) !== undefined, name);
});

Deno.test("parseName() gives names that stay as they are, or throws ValueError", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 210 }), (typed) => {
    let name;
    try {
      name = parseName(typed);
    } catch (error) {
      assert(error instanceof ValueError);
      return;
    }
    assertEquals(whyNotName(name), undefined);
    assertEquals(parseName(name), name);
  }));
});

Deno.test("parseZip() keeps leading zeros and takes 1 to 10 ASCII digits", () => {
  for (const zip of ["02138", "0", "0000000000", "9999999999"]) {
    assertEquals(parseZip(` ${zip} `), zip);
    assert(isZip(zip));
  }
  for (const zip of ["", "02138-1234", "2138a", "-1", "12345678901", "０２１３８", "1 2", "1\n"]) {
    assert(!isZip(zip));
    if (zip !== "1\n") assertStringIncludes(assertThrows(() => parseZip(zip), ValueError).message, `"${zip}"`);
  }
});

Deno.test("isAvailable() is whether somebody who comes finds something", () => {
  const values: Availability[] = [0, 1, 7, true, false, "unknown"];
  assertEquals(values.map(isAvailable), [false, true, true, true, false, false]);
});

Deno.test("isTime() takes whole milliseconds from 1970 to the year 9999", () => {
  for (const value of [0, 1, timeMsMax]) assert(isTime(value));
  for (const value of [-1, 0.5, NaN, Infinity, timeMsMax + 1, "5", null, undefined]) assert(!isTime(value));
  assertEquals(new Date(timeMsMax).toISOString(), "9999-12-31T23:59:59.999Z");
});

Deno.test("parseText() trims and normalises, takes nothing for absent, and refuses texts that cannot be kept", () => {
  assertEquals(["  by phone ", "Cafe\u0301", " ", "", undefined].map((text) => parseText(text, "a note", 280)), [
    "by phone",
    "Café",
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(parseText("é".repeat(140), "a note", 280)?.length, 140);
  for (const text of ["é".repeat(141), "x".repeat(281), "a\nb", "a\u202eb", "\ud800"]) {
    const error = assertThrows(() => parseText(text, "a note", 280), ValueError);
    assertStringIncludes(error.message, "as a note: ");
  }
});

Deno.test("checkDocument() takes any text that is not empty, too long, or torn", () => {
  for (const text of ["{}", "\n\u0000", "薬".repeat(documentBytesMax / 3)]) checkDocument(text);
  for (const text of ["", "\ud800", "薬".repeat(documentBytesMax / 3) + "x", "x".repeat(documentBytesMax + 1)]) {
    assertThrows(() => checkDocument(text), ValueError);
  }
});
