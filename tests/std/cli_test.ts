import { unicodeWidth } from "@std/cli/unicode-width";
import { unicodeWidth as unicodeWidthOfAll } from "@std/cli";
import { assertEquals, assertStrictEquals } from "@std/assert";

Deno.test("unicodeWidth() counts the columns of a terminal", () => {
  assertStrictEquals(unicodeWidthOfAll, unicodeWidth);
  const widths: [string, number][] = [
    ["", 0],
    ["Harvard University", 18],
    ["é", 1],
    ["e\u0301", 1],
    ["東京大学", 8],
    ["ｆｕｌｌ", 8],
    ["한국", 4],
    ["\u1112\u1161\u11ab", 2],
    ["עברית", 5],
    ["नमस्ते", 4],
    ["👩", 2],
    ["👩‍🔬", 4],
    ["🇩🇪", 2],
    ["\0\n\t\x1b\x7f\x80\x9f", 0],
    ["\u00a0\u00ad", 2],
    ["\u200b\ufeff", 0],
    ["\u3000", 2],
    ["\ud800", 1],
    ["𠀀", 2],
  ];
  for (const [text, width] of widths) assertEquals(unicodeWidth(text), width, JSON.stringify(text));
});
