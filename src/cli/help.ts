/**
 * The help of the program, made of the declarations of its commands; a paragraph is one line, and is broken
 * where it is printed.
 *
 * @module
 */

import { rows } from "../front/layout.ts";
import { readName } from "../front/readers.ts";
import { setting } from "../front/settings.ts";
import { commandRows, defineCommand, explain, type NamedOption, type TypedCommand } from "../front/typed_command.ts";

/** Explains the others. It needs no cluster, so it is read and never run. */
export const helpCommand = defineCommand({
  name: "help",
  summary: "explain a command and its options",
  examples: ["help", "help set", "help backup verify"],
  operands: [{
    name: "COMMAND",
    help: "one of the commands; without it, all are listed",
    times: "many",
    read: (typed) => typed,
  }],
  options: {},
  make: ({ operands: [words] }): string => words.join(" "),
});

/** The option that every command takes, and the menu. */
export const tokenFileOption: NamedOption & { readonly value: string } = {
  ...setting("tokenFile", readName("a file")),
  name: "--token-file",
  value: "FILE",
};

/** The same: whom to believe on other machines. */
export const tlsCaOption: NamedOption & { readonly value: string } = {
  ...setting("tlsCa", readName("a file")),
  name: "--tls-ca",
  value: "FILE",
};

/** The whole program on one page. */
export function overview(commands: readonly TypedCommand<unknown>[]): string {
  return `Vaxlog client: logs and shows the availability of vaccines at sites.

Usage:
  deno task client ADDRESS...                      open the menu
  deno task client ADDRESS... COMMAND [OPTION]...  run one command
  deno task client help COMMAND                    explain a command and its options

An ADDRESS is the port of a replica on this machine, such as 8892, or host:port. One living replica is enough: the \
client learns the others from it. deno task works in the directory of this project: a file without a path is one there.

Commands:
${commandRows(commands)}
Options of most commands:
${
    rows([
      ["--json, --csv, --table", "form of the output; a table fits the window"],
      [
        `${tokenFileOption.name} ${tokenFileOption.value}`,
        `${tokenFileOption.help}; so does ${tokenFileOption.variable}`,
      ],
      [`${tlsCaOption.name} ${tlsCaOption.value}`, `${tlsCaOption.help}; so does ${tlsCaOption.variable}`],
      ["--help", "explain the command"],
      ["--version", "print the version of Vaxlog"],
      ["--", "take what follows as names, even if it begins with -"],
    ])
  }
CSV is quoted as in RFC 4180; each line ends with a line feed alone, as terminals and pipes expect. A pipe can drive \
the menu.

Exit codes: 0 done, 1 not done, 2 wrong usage, 3 the outcome is unknown
`;
}

/** One command with all that it takes. */
export function explainCommand(command: TypedCommand<unknown>): string {
  const others = [{ name: "--help", help: "print this text" }];
  return command === helpCommand || command.isLocal
    ? explain(command, "deno task client", "deno task client", others)
    : explain(command, "deno task client ADDRESS...", "deno task client 8892", others);
}
