import { parseArgs } from "@std/cli/parse-args";
import { unicodeWidth } from "@std/cli/unicode-width";
import { parseArgs as parseArgsOfAll, unicodeWidth as unicodeWidthOfAll } from "@std/cli";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";

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

Deno.test("parseArgs() takes one name as well as a list", () => {
  assertEquals<unknown>(parseArgs(["--n", "1", "--b", "2"], { string: "n", boolean: "b" }), {
    n: "1",
    b: true,
    _: [2],
  });
});

Deno.test("parseArgs() reads short flags", () => {
  assertEquals<unknown>(parseArgs(["-abc", "x"]), { a: true, b: true, c: "x", _: [] });
  assertEquals<unknown>(parseArgs(["-n5", "-k=v", "-x/y", "-e="]), { n: 5, k: "v", x: "/y", e: "", _: [] });
  assertEquals<unknown>(parseArgs(["-ab-"]), { a: true, b: "-", _: [] });
  assertEquals<unknown>(parseArgs(["-n", "-1"]), { n: true, 1: true, _: [] });
  assertEquals<unknown>(parseArgs(["-n", "--"]), { n: true, _: [] });
});

Deno.test("parseArgs() gives each alias the value", () => {
  const options = { boolean: ["help"] as const, string: ["port"] as const, alias: { help: "h", port: ["p", "P"] } };
  assertEquals<unknown>(parseArgs(["-h", "-p", "1"], options), {
    help: true,
    h: true,
    port: "1",
    p: "1",
    P: "1",
    _: [],
  });
  assertEquals<unknown>(parseArgs(["-P2"], options), { help: false, h: false, port: "2", p: "2", P: "2", _: [] });
});

Deno.test("parseArgs() gives defaults to flags that are absent, and to their aliases", () => {
  const options = { string: ["port"] as const, default: { port: "8892", n: 1 }, alias: { port: "p" } };
  assertEquals<unknown>(parseArgs([], options), { port: "8892", p: "8892", n: 1, _: [] });
  assertEquals<unknown>(parseArgs(["-p", "1", "--n", "2"], options), { port: "1", p: "1", n: 2, _: [] });
});

Deno.test("parseArgs() collects what may be given many times", () => {
  const options = { string: ["at"] as const, boolean: ["v"] as const, collect: ["at", "v", "other"] as const };
  assertEquals<unknown>(parseArgs([], options), { at: [], v: [], _: [] });
  assertEquals<unknown>(parseArgs(["--at", "1", "--at=2", "-vv", "--other", "3"], options), {
    at: ["1", "2"],
    v: [true, true],
    other: [3],
    _: [],
  });
});

Deno.test("parseArgs() asks about everything that is not declared", () => {
  const asked: unknown[][] = [];
  const options = {
    string: ["dir"] as const,
    boolean: ["json"] as const,
    alias: { json: "j" },
    default: { absent: 1 },
    unknown: (...args: unknown[]) => {
      asked.push(args);
      return !String(args[0]).startsWith("-");
    },
  };
  const args = ["--dir", "d", "-j", "list", "--jsno", "x", "--absent=2", "-qv"];
  assertEquals<unknown>(parseArgs(args, options), { dir: "d", json: true, j: true, absent: 1, _: ["list"] });
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
  assertEquals<unknown>(parseArgs(["a", "--", "--b", "3", "--"], { "--": true }), {
    _: ["a"],
    "--": ["--b", "3", "--"],
  });
  assertEquals<unknown>(parseArgs(["--b", "--", "x"], { string: "b" }), { b: "", _: ["x"] });
});

Deno.test("parseArgs() stops early where told", () => {
  assertEquals<unknown>(parseArgs(["--a", "1", "set", "--b", "2"], { stopEarly: true }), {
    a: 1,
    _: ["set", "--b", "2"],
  });
});

Deno.test("parseArgs() puts names with dots into one another, and never reaches a prototype", () => {
  assertEquals<unknown>(parseArgs(["--a.b=1", "--a.c"]), { a: { b: 1, c: true }, _: [] });
  const parsed = parseArgs(["--__proto__.x=1", "--constructor.prototype.y=2"]);
  assertEquals(Object.keys(parsed), ["_"]);
  assertEquals(Reflect.get({}, "y"), undefined);
});

Deno.test("parseArgs() refuses an alias that is undefined", () => {
  const alias = { a: undefined } as unknown as Record<string, string>;
  assertThrows(() => parseArgs([], { alias }), TypeError, "Alias value must be defined");
});

Deno.test("parseArgs() knows the types of what is declared", () => {
  const parsed = parseArgs(["--detach"], {
    string: ["log-dir", "base-port"],
    boolean: ["detach", "help"],
    default: { "base-port": "8892" },
    alias: { help: "h" },
  });
  const types: [
    Same<typeof parsed["log-dir"], string | undefined>,
    Same<typeof parsed["base-port"], string>,
    Same<typeof parsed.detach, boolean>,
    Same<typeof parsed.h, boolean>,
    Same<typeof parsed.other, unknown>,
    Same<typeof parsed._, (string | number)[]>,
  ] = [true, true, true, true, true, true];
  const apart = parseArgs([], { string: ["at", "_"], collect: ["at"], boolean: ["json"], "--": true });
  const typesApart: [
    Same<typeof apart.at, string[]>,
    Same<typeof apart.json, boolean>,
    Same<(typeof apart)["--"], string[]>,
  ] = [true, true, true];
  const words: (string | number)[] = apart._;
  assertEquals([types.length, typesApart.length, words.length], [6, 3, 0]);
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
