/**
 * The client's arguments: addresses, then at most one command, of one or two words, with its operands; and options,
 * anywhere.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { parseCommandLine } from "../front/command_line.ts";
import { nearest } from "../front/nearest.ts";
import type { Environment, TypedCommand } from "../front/typed_command.ts";
import { UsageError } from "../front/usage_error.ts";
import { parseAddresses } from "./addresses.ts";
import { explainCommand, helpCommand, overview, tlsCaOption, tokenFileOption } from "./help.ts";
import type { Task } from "./task.ts";

/** What the arguments ask for. */
export type Invocation =
  /** To explain the program, or one command. */
  | { readonly kind: "help"; readonly text: string }
  /** To say which version this is. */
  | { readonly kind: "version" }
  /** To run one command, or, if there is none, the menu. */
  | {
    readonly kind: "run";
    readonly addresses: readonly string[];
    readonly task: Task | undefined;
    /** The file with the token to show; undefined: nobody has named one. */
    readonly tokenFile: string | undefined;
    /** The file with the authorities of nodes on other machines; absent: links have no TLS. */
    readonly tlsCa?: string;
    /** Sentences about what was typed, for people. */
    readonly notices: readonly string[];
  };

/**
 * Reads the arguments.
 *
 * @param commands the commands that there are.
 * @param now milliseconds since 1970.
 * @param environment gives settings that are not typed; by default, nothing.
 * @throws {UsageError} if they make no sense.
 * @throws {ValueError} if the command has a value that breaks the rules.
 */
export function parseArguments(
  args: readonly string[],
  commands: readonly TypedCommand<Task>[],
  now: number,
  environment: Environment = () => undefined,
): Invocation {
  const all = [...commands, helpCommand];
  const known = [tokenFileOption, tlsCaOption, ...commands.flatMap((command) => command.options)];
  const line = parseCommandLine(args, known, "put -- before a name that begins with -");
  if (line.version) return { kind: "version" };
  const { operands } = line;
  const { [tokenFileOption.name]: tokenFile, [tlsCaOption.name]: typedCa, ...others } = Object.fromEntries(
    line.options,
  );
  if (tokenFile === "") throw new UsageError(`${tokenFileOption.name} needs the name of a file`);
  if (typedCa === "") throw new UsageError(`${tlsCaOption.name} needs the name of a file`);
  const tlsCa = typedCa ?? environment(tlsCaOption.variable!);
  const options = new Map(Object.entries<string>(others));
  const nameAt = operands.findIndex((operand) => all.some(({ name }) => name === operand));
  const typedAddresses = nameAt < 0 ? operands : operands.slice(0, nameAt);
  if (operands[nameAt] === helpCommand.name) return explained(operands.slice(nameAt + 1), all);
  const both = operands.slice(nameAt, nameAt + 2).join(" ");
  const command = commands.find(({ name }) => name === both) ?? commands.find(({ name }) => name === operands[nameAt]);
  const words = operands.slice(nameAt + (command?.name === both ? 2 : 1));
  if (line.help) return { kind: "help", text: command === undefined ? overview(all) : explainCommand(command) };
  // A word without a digit or a colon is a misspelt command rather than an address.
  const misspelt = typedAddresses.find((text) => !/[0-9:]/.test(text));
  if (misspelt !== undefined) {
    throw new UsageError(`${quotedShort(misspelt)} is neither an address nor a command: ${meant(misspelt, all)}`);
  }
  const addresses = parseAddresses(typedAddresses);
  if (addresses.length === 0 && !command?.isLocal) {
    throw new UsageError("No address is given: begin with the port of at least one replica, such as 8892");
  }
  const [option] = options.keys();
  if (command === undefined && option !== undefined) {
    throw new UsageError(`${quotedShort(option)} goes with a command: ${namesOf(all)}`);
  }
  const { notices } = line;
  const task = command?.read({ operands: words, options }, now, environment);
  return { kind: "run", addresses, tokenFile, ...(tlsCa !== undefined && { tlsCa }), notices, task };
}

function explained(words: readonly string[], all: readonly TypedCommand<unknown>[]): Invocation {
  const word = helpCommand.read({ operands: words, options: new Map() });
  if (word === "") return { kind: "help", text: overview(all) };
  const command = all.find(({ name }) => name === word);
  if (command === undefined) throw new UsageError(`There is no command ${quotedShort(word)}: ${meant(word, all)}`);
  return { kind: "help", text: explainCommand(command) };
}

/** What somebody may have meant by a word that is not a command. */
function meant(word: string, all: readonly TypedCommand<unknown>[]): string {
  const near = nearest(word, all.map(({ name }) => name));
  return near === undefined ? `the commands are ${namesOf(all)}` : `did you mean ${near}?`;
}

function namesOf(all: readonly TypedCommand<unknown>[]): string {
  return all.map(({ name }) => name).join(", ");
}
