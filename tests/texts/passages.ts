/**
 * The passages of a file that a person reads: comments, and texts in code; prose in Markdown and on pages.
 *
 * A passage keeps its line ends, so that a finding has a line. It leaves out, or replaces by a blank, everything that
 * nobody reads as a sentence: marks of comments and lists, code in Markdown, values in template strings.
 *
 * @module
 */

/** A text that belongs together. */
export interface Passage {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly text: string;
}

/** The passages of a file, by how its name ends; none where nothing in it is prose. */
export function passagesOf(path: string, text: string): Passage[] {
  if (path.endsWith(".md")) return passagesOfMarkdown(text);
  if (/\.(?:ts|js)$/.test(path)) return passagesOfCode(text);
  if (path.endsWith(".css")) {
    return [...text.matchAll(/\/\*[^]*?\*\//g)].map((match) => comment(text, match.index, match[0]));
  }
  if (path.endsWith(".html")) return [{ line: 1, text: blank(text, /<[^>]*>/g) }];
  return [];
}

/** The text with every match a blank, with the line ends kept. */
function blank(text: string, pattern: RegExp): string {
  return text.replace(pattern, (match) => match.replace(/[^\n]+/g, " "));
}

function lineAt(text: string, at: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < at; i = text.indexOf("\n", i + 1)) line++;
  return line;
}

/** Each paragraph, item and row; a heading is no sentence, and code is the program's. */
function passagesOfMarkdown(text: string): Passage[] {
  const prose = blank(blank(text, /^ *```[^]*?^ *```$/gm), /<!--[^]*?-->|`[^`\n]*(?:\n[^`\n]+)?`|\]\([^)]*\)|^#.*$/gm);
  const passages: Passage[] = [];
  let [line, lines]: [number, string[]] = [1, []];
  const end = (next: number) => {
    if (lines.some((it) => it.trim() !== "")) passages.push({ line, text: lines.join("\n") });
    [line, lines] = [next, []];
  };
  prose.split("\n").forEach((it, at) => {
    if (/^\s*$/.test(it) || /^\s*(?:[-*] |\d+\. |\|)/.test(it)) end(at + 1);
    lines.push(it.replace(/^\s*(?:[-*] |\d+\. |> )?/, ""));
  });
  end(0);
  // A row has its cells, each a passage.
  return passages.flatMap((passage) =>
    passage.text.startsWith("|")
      ? passage.text.split("|").map((cell) => ({ line: passage.line, text: cell }))
      : [passage]
  );
}

function comment(text: string, at: number, match: string): Passage {
  const bare = match.replace(/^\/\*\*?|\*\/$|^\/\//g, "").replace(/\n[ \t]*(?:\* ?|\/\/ ?)?/g, "\n");
  return {
    line: lineAt(text, at),
    // What a tag tells of is a sentence of its own.
    text: blank(bare, /`[^`\n]*`|\{@link [^}]*\}/g)
      .replace(
        /@(?:param|throws|returns|module|example)(?: +\{[^}]*\})?(?: +\w+)?/g,
        (tag) => `. ${tag.replace(/./g, " ")}`,
      ),
  };
}

const tokens = new RegExp(
  [
    /\/\*[^]*?\*\//, // a comment
    /\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/, // one of whole lines
    /"(?:[^"\\\n]|\\.)*"(?:\s*\+\s*"(?:[^"\\\n]|\\.)*")*/, // a string, or a sum of strings
    /`(?:[^`\\]|\\[^])*`/, // a template
    /(?<=[(,=:[!&|?{};\s])\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/, // a regular expression
  ].map(({ source }) => `(${source})`).join("|"),
  "g",
);

/** Comments, strings and templates: what a program says, and what is said about it. */
function passagesOfCode(code: string): Passage[] {
  const passages: Passage[] = [];
  for (const match of code.matchAll(tokens)) {
    const [whole, block, line, string, template] = match;
    if (block !== undefined || line !== undefined) {
      passages.push(comment(code, match.index, whole));
    } else if (string !== undefined) {
      passages.push({
        line: lineAt(code, match.index),
        text: string.replace(/"(\s*)\+(\s*)"/g, "$1$2").replace(/^"|"$/g, ""),
      });
    } else if (template !== undefined) {
      const text = blank(template.slice(1, -1), /\$\{(?:[^{}]|\{[^{}]*\})*\}/g);
      // A template of a page has elements, which end a sentence.
      const bare = text.replace(/<[^>]*>/g, (it) => `. ${it.replace(/[^\n]/g, "")}`);
      passages.push({ line: lineAt(code, match.index), text: bare });
    }
  }
  return passages;
}
