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
  deno task client ADDRESS...                      open the menu
  deno task client ADDRESS... COMMAND [OPTION]...  run one command
  deno task client help COMMAND                    explain a command and its options

An ADDRESS is the port of a replica on this machine, such as 8892, or host:port. One living replica is enough: the \
client learns the others from it. deno task works in the directory of this project: a file without a path is one there.

Commands:
${rows(commands.map((command) => [synopsis(command), command.summary]))}
Options of most commands:
${
    rows([
      ["--json, --csv, --table", "form of the output; a table fits the window"],
      ["--help", "explain the command"],
      ["--version", "print the version of Vaxlog"],
      ["--", "take what follows as names, even if it begins with -"],
    ])
  }
CSV is quoted as in RFC 4180; each line ends with a line feed alone, as terminals and pipes expect. A pipe can drive the \
menu.

Exit codes: 0 done, 1 not done, 2 wrong usage, 3 the outcome is unknown
`;
}

/** One command with all that it takes. */
export function explainCommand(command: Command): string {
  const { summary, details, operands, options, examples, needsNoAddress } = command;
  const [addresses, address] = needsNoAddress ? ["", ""] : ["ADDRESS... ", "8892 "];
  const all: DeclaredOption[] = [...options, { name: "--help", value: undefined, help: "print this text" }];
  const parts = [
    `deno task client ${addresses}${synopsis(command)} [OPTION]...\n`,
    ...[`${summary[0].toUpperCase()}${summary.slice(1)}.`, ...details].map((text) => `${text}\n`),
    ...(operands.length === 0 ? [] : [rows(operands.map(({ name, help }) => [name, help]))]),
    `Options:\n${optionRows(all)}`,
    ...(examples.length === 0
      ? []
      : [`Examples:\n${examples.map((it) => `  deno task client ${address}${it}\n`).join("")}`]),
  ];
  return parts.join("\n");
}
