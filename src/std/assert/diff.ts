/**
 * How the message of a failed assertion shows two values.
 *
 * @module
 */

import { diff, stripVTControlCharacters, styleText } from "node:util";

/** Lines of both values together above which their differences are not looked for one by one. */
const diffLinesMax = 4000;

type TextStyle = Parameters<typeof styleText>[0];

function styled(style: TextStyle, text: string): string {
  const codes = styleText(style, text, { validateStream: false });
  return Deno.noColor ? stripVTControlCharacters(codes) : codes;
}

/** A value as text, always the same for the same value: fields sorted, nothing cut. */
export function format(value: unknown): string {
  return Deno.inspect(value, {
    depth: Infinity,
    sorted: true,
    trailingComma: true,
    compact: false,
    iterableLimit: Infinity,
    getters: true,
    strAbbreviateSize: Infinity,
  });
}

/** A text in red. */
export function red(text: string): string {
  return styled("red", text);
}

/** Lines of a text with their ends made visible. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/).map((line) =>
    line.replaceAll("\t", "\\t").replaceAll("\r", "\\r").replaceAll("\n", "\\n")
  );
}

/** The lines of `actual` only (1), of `expected` only (-1) and of both (0). */
function compareLines(actual: string[], expected: string[]): [number, string][] {
  if (actual.length + expected.length <= diffLinesMax) return diff(actual, expected) as [number, string][];
  return [
    ...actual.map((line): [number, string] => [1, line]),
    ...expected.map((line): [number, string] => [-1, line]),
  ];
}

/** Both values, line by line: `-` is in `actual` only, `+` in `expected` only. */
export function differences(actual: unknown, expected: unknown): string {
  const lines = typeof actual === "string" && typeof expected === "string"
    ? compareLines(linesOf(actual), linesOf(expected))
    : compareLines(format(actual).split("\n"), format(expected).split("\n"));
  return [
    "",
    "",
    `    ${styled(["gray", "bold"], "[Diff]")} ${styled(["red", "bold"], "Actual")} / ${
      styled(["green", "bold"], "Expected")
    }`,
    "",
    "",
    ...lines.map(([side, line]) =>
      side === 0
        ? styled("white", `    ${line}`)
        : side > 0
        ? styled(["red", "bold"], `-   ${line}`)
        : styled(["green", "bold"], `+   ${line}`)
    ),
    "",
  ].join("\n");
}
