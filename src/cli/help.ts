/**
 * What the program explains of itself, made of the declarations of its commands.
 *
 * @module
 */

import { type Command, type DeclaredOption, synopsis } from "./options.ts";

/** Columns of the help. */
const width = 100;

/** The whole program on one page. */
export function overview(commands: readonly Command[]): string {
  return `Vaxlog client: logs and shows the availability of vaccines at sites.

Usage:
  deno task client ADDRESS...                          opens a menu
  deno task client ADDRESS... COMMAND [OPTION]...      does one thing
  deno task client help COMMAND                        explains a command and its options

${
    paragraph(
      "An ADDRESS is the port of a replica on this machine, such as 8892, or host:port. One that lives is enough: the " +
        "client learns the others from it.",
    )
  }

Commands:
${rows(commands.map((command) => [synopsis(command), command.summary]))}
Options of most commands:
${
    rows([
      ["--json, --csv, --table", "the form of the output; --table fits the window"],
      ["--help", "explains the command"],
      ["--", "what follows is no option, even if it begins with -"],
    ])
  }
${
    paragraph(
      "A list is CSV (quoted as in RFC 4180; each line ends with a line feed alone, as terminals and pipes expect), " +
        "sorted by name. The input of the menu may come from a pipe.",
    )
  }

Exit codes: 0 done, 1 not done, 2 the command line makes no sense, 3 the outcome is unknown
`;
}

/** One command with all that it takes. */
export function explainCommand(command: Command): string {
  const { summary, details, operands, options, examples } = command;
  const all: DeclaredOption[] = [...options, { name: "--help", value: undefined, help: "prints this" }];
  const parts = [
    `deno task client ADDRESS... ${synopsis(command)} [OPTION]...\n`,
    ...[`${summary[0].toUpperCase()}${summary.slice(1)}.`, ...details].map((text) => `${paragraph(text)}\n`),
    ...(operands.length === 0 ? [] : [rows(operands.map(({ name, help }) => [name, help]))]),
    `Options:\n${rows(all.map(({ name, value, help }) => [value === undefined ? name : `${name} ${value}`, help]))}`,
    ...(examples.length === 0
      ? []
      : [`Examples:\n${examples.map((it) => `  deno task client 8892 ${it}\n`).join("")}`]),
  ];
  return parts.join("\n");
}

/** A text in lines that are not too long. */
function paragraph(text: string, indent = 0, room = width): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1];
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= room - indent) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** Terms to the left, what they mean to the right; a line each, or several. */
function rows(pairs: readonly (readonly [term: string, meaning: string])[]): string {
  const indent = Math.max(...pairs.map(([term]) => term.length)) + 4;
  return pairs.map(([term, meaning]) => `  ${term.padEnd(indent - 2)}${paragraph(meaning, indent)}\n`).join("");
}
