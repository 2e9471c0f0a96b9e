import { parseArgs } from "@std/cli/parse-args";
import { unicodeWidth } from "@std/cli/unicode-width";
import { parseArgs as parseArgsOfAll, unicodeWidth as unicodeWidthOfAll } from "@std/cli";
import { assertEquals, assertStrictEquals } from "@std/assert";

/** True if two types are the same, checked when the test is compiled. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

Deno.test("parseArgs() is the same from both entries", () => {
  assertStrictEquals(parseArgsOfAll, parseArgs);
});

Deno.test("parseArgs() guesses where nothing is declared", () => {
  assertEquals<unknown>(parseArgs(["--foo", "--bar=baz", "quux", "--n", "5", "7"]), {
    foo: true,
    bar: "baz",
    n: 5,
    _: ["quux", 7],
  });
  assertEquals<unknown>(parseArgs([]), { _: [] });
  assertEquals<unknown>(parseArgs(["-", "", "0x10", "1e3", "08"]), { _: ["-", "", 16, 1000, 8] });
});

Deno.test("parseArgs() keeps the text of string flags", () => {
  const options = { string: ["dir", "zip", "_"] as const };
  assertEquals<unknown>(parseArgs(["--dir", "007", "--zip=02138", "02138"], options), {
    dir: "007",
    zip: "02138",
    _: ["02138"],
  });
  assertEquals<unknown>(parseArgs(["--dir"], options), { dir: "", _: [] });
  assertEquals<unknown>(parseArgs(["--dir", "--zip", "-1"], options), { dir: "", zip: "", 1: true, _: [] });
  assertEquals<unknown>(parseArgs(["--dir", ""], options), { dir: "", _: [""] });
  assertEquals<unknown>(parseArgs(["--dir=a=b\nc"], options), { dir: "a=b\nc", _: [] });
  assertEquals<unknown>(parseArgs(["--dir", "a", "--dir", "b"], options), { dir: "b", _: [] });
});

Deno.test("parseArgs() gives boolean flags no value but true and false", () => {
  const options = { boolean: ["json"] as const };
  assertEquals<unknown>(parseArgs([], options), { json: false, _: [] });
  assertEquals<unknown>(parseArgs(["--json", "list"], options), { json: true, _: ["list"] });
  assertEquals<unknown>(parseArgs(["--json", "false", "list"], options), { json: false, _: ["list"] });
  assertEquals<unknown>(parseArgs(["--json=false"], options), { json: false, _: [] });
  assertEquals<unknown>(parseArgs(["--json=no"], options), { json: true, _: [] });
  assertEquals<unknown>(parseArgs(["--no-json"], options), { json: false, "no-json": true, _: [] });
  assertEquals<unknown>(parseArgs(["--no-json=x"], options), { json: true, _: [] });
});

Deno.test("parseArgs() reads short flags", () => {
  assertEquals<unknown>(parseArgs(["-abc", "x"]), { a: true, b: true, c: "x", _: [] });
  assertEquals<unknown>(parseArgs(["-v", "5", "-w"]), { v: 5, w: true, _: [] });
  assertEquals<unknown>(parseArgs(["-n", "-1"]), { n: true, 1: true, _: [] });
  assertEquals<unknown>(parseArgs(["-n", "--"]), { n: true, _: [] });
});

Deno.test("parseArgs() asks about everything that is not declared", () => {
  const asked: unknown[][] = [];
  const options = {
    string: ["dir"] as const,
    boolean: ["json"] as const,
    unknown: (...args: unknown[]) => {
      asked.push(args);
      return !String(args[0]).startsWith("-");
    },
  };
  const args = ["--dir", "d", "--json", "list", "--jsno", "x", "--absent=2", "-qv"];
  assertEquals<unknown>(parseArgs(args, options), { dir: "d", json: true, _: ["list"] });
  assertEquals(asked, [
    ["list"],
    ["--jsno", "jsno", "x"],
    ["--absent=2", "absent", "2"],
    ["-qv", "q", true],
    ["-qv", "v", true],
  ]);
});

Deno.test("parseArgs() reads nothing after --", () => {
  assertEquals<unknown>(parseArgs(["a", "--", "--b", "3"]), { _: ["a", "--b", "3"] });
  assertEquals<unknown>(parseArgs(["a", "--", "--b", "3", "--"]), { _: ["a", "--b", "3", "--"] });
  assertEquals<unknown>(parseArgs(["--b", "--", "x"], { string: ["b"] }), { b: "", _: ["x"] });
});

Deno.test("parseArgs() knows the types of what is declared", () => {
  const parsed = parseArgs(["--detach"], { string: ["log-dir", "_"], boolean: ["detach"] });
  const types: [
    Same<typeof parsed["log-dir"], string | undefined>,
    Same<typeof parsed.detach, boolean>,
    Same<typeof parsed.other, unknown>,
    Same<typeof parsed._, (string | number)[]>,
  ] = [true, true, true, true];
  assertEquals([types.length, parsed.detach], [4, true]);
});

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
