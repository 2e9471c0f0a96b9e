/**
 * The client's arguments: addresses, then at most one command.
 *
 * @module
 */

import { quotedShort } from "../database/quoted.ts";
import { parseAddresses, UsageError } from "./addresses.ts";
import { type ScriptedCommand, verbs } from "./commands.ts";

/** What the arguments ask for. */
export type Invocation =
  /** To explain the program. */
  | { readonly kind: "help" }
  /** The menu. */
  | { readonly kind: "menu"; readonly addresses: readonly string[] }
  /** One command. */
  | {
    readonly kind: "command";
    readonly addresses: readonly string[];
    readonly command: ScriptedCommand;
    /** Whether the output is JSON. */
    readonly json: boolean;
  };

/**
 * What looks like an option. A number with a sign does not: `set NAME -1` is a bad value and no unknown option, and
 * neither is `- Site`.
 */
const optionPattern = /^--?[A-Za-z]/;

/**
 * Reads the arguments.
 *
 * @throws {UsageError} if they make no sense.
 * @throws {ValueError} if the command has a value that breaks the rules.
 */
export function parseArguments(args: readonly string[]): Invocation {
  const { operands, json, help } = splitOptions(args);
  const verbAt = operands.findIndex((operand) => Object.hasOwn(verbs, operand));
  const typedAddresses = verbAt < 0 ? operands : operands.slice(0, verbAt);
  if (help || typedAddresses.includes("help")) return { kind: "help" };
  for (const text of typedAddresses) {
    // A word without a digit or colon is a command that is misspelt rather than an address.
    if (/[0-9:]/.test(text)) continue;
    throw new UsageError(
      `${quotedShort(text)} is neither an address nor a command: the commands are ${Object.keys(verbs).join(", ")}`,
    );
  }
  const addresses = parseAddresses(typedAddresses);
  if (addresses.length === 0) {
    throw new UsageError("No address is given: begin with the port of at least one replica, such as 8892");
  }
  if (verbAt < 0) {
    if (json) throw new UsageError(`"--json" goes with a command: ${Object.keys(verbs).join(", ")}`);
    return { kind: "menu", addresses };
  }
  const verb = operands[verbAt] as keyof typeof verbs;
  return { kind: "command", addresses, command: parseCommand(verb, operands.slice(verbAt + 1)), json };
}

function parseCommand(verb: keyof typeof verbs, values: readonly string[]): ScriptedCommand {
  const { operands, parse } = verbs[verb];
  if (values.length !== operands.length) {
    const usage = [verb, ...operands].join(" ");
    const given = values.length === 0 ? "nothing is given" : `${values.map(quotedShort).join(", ")} is given`;
    const hint = values.length > operands.length && operands.length > 0
      ? "; put a name that has spaces into quotes"
      : "";
    throw new UsageError(`The command is ${usage}, and after ${verb} ${given}${hint}`);
  }
  return parse(values);
}

function splitOptions(args: readonly string[]): { operands: string[]; json: boolean; help: boolean } {
  const operands: string[] = [];
  let json = false;
  let help = false;
  for (const [at, arg] of args.entries()) {
    if (arg === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (arg === "--json") json = true;
    else if (arg === "--help" || arg === "-h") help = true;
    else if (optionPattern.test(arg)) {
      throw new UsageError(
        `There is no option ${quotedShort(arg)}: there are --json and --help; put -- before a name that begins so`,
      );
    } else operands.push(arg);
  }
  return { operands, json, help };
}

/** What `--help` prints. */
export const helpText = `Vaxlog client: views and changes the availability of vaccines at sites.

Usage:
  deno task client ADDRESS...                       opens a menu
  deno task client ADDRESS... COMMAND [--json]      does one thing

An ADDRESS is the port of a replica on this machine, such as 8892, or host:port. One that lives is enough: the client
learns the others from it.

Commands:
${
  Object.entries(verbs).map(([verb, { operands, summary }]) =>
    `  ${[verb, ...operands].join(" ").padEnd(18)}${summary}\n`
  ).join("")
}
NAME   1 to 200 characters, without control characters; in quotes if it has spaces
VALUE  a count in digits, or True, or False
ZIP    1 to 10 digits; leading zeros count
FILE   a file that is not there yet; deno task servers T --restore FILE --data DIR starts from it

Options:
  --json     prints JSON: of a list an array with one site per line, else one object
  --help     prints this
  --         what follows is no option, even if it begins with -

A list is CSV (quoted as in RFC 4180; each line ends with a line feed alone, as terminals and pipes expect), sorted by
name. The input of the menu may come from a pipe.

Exit codes: 0 done, 1 not done, 2 the command line makes no sense, 3 the outcome is unknown
`;
