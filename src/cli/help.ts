/**
 * What the program explains of itself, made of the declarations of its commands; a paragraph is one line, and is broken
 * where it is printed.
 *
 * @module
 */

import { optionRows, rows } from "../front/layout.ts";
import type { DeclaredOption } from "../front/words.ts";
import { type Command, synopsis } from "./options.ts";

/** The whole program on one page. */
export function overview(commands: readonly Command[]): string {
  return `Vaxlog client: logs and shows the availability of vaccines at sites.

Usage:
  deno task client ADDRESS...                      opens a menu
  deno task client ADDRESS... COMMAND [OPTION]...  does one thing
  deno task client help COMMAND                    explains a command and its options

An ADDRESS is the port of a replica on this machine, such as 8892, or host:port. One that lives is enough: the client \
learns the others from it.

Commands:
${rows(commands.map((command) => [synopsis(command), command.summary]))}
Options of most commands:
${
    rows([
      ["--json, --csv, --table", "the form of the output; --table fits the window"],
      ["--help", "explains the command"],
      ["--version", "prints the version of Vaxlog, and does nothing else"],
      ["--", "what follows is no option, even if it begins with -"],
    ])
  }
A list is CSV (quoted as in RFC 4180; each line ends with a line feed alone, as terminals and pipes expect), sorted by \
name. The input of the menu may come from a pipe.

Exit codes: 0 done, 1 not done, 2 the command line makes no sense, 3 the outcome is unknown
`;
}

/** One command with all that it takes. */
export function explainCommand(command: Command): string {
  const { summary, details, operands, options, examples } = command;
  const all: DeclaredOption[] = [...options, { name: "--help", value: undefined, help: "prints this" }];
  const parts = [
    `deno task client ADDRESS... ${synopsis(command)} [OPTION]...\n`,
    ...[`${summary[0].toUpperCase()}${summary.slice(1)}.`, ...details].map((text) => `${text}\n`),
    ...(operands.length === 0 ? [] : [rows(operands.map(({ name, help }) => [name, help]))]),
    `Options:\n${optionRows(all)}`,
    ...(examples.length === 0
      ? []
      : [`Examples:\n${examples.map((it) => `  deno task client 8892 ${it}\n`).join("")}`]),
  ];
  return parts.join("\n");
}
