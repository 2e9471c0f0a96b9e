/**
 * The client's arguments: addresses, then at most one command with its operands; options anywhere.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { UsageError } from "../front/usage_error.ts";
import { splitWords } from "../front/words.ts";
import { parseAddresses } from "./addresses.ts";
import { explainCommand, overview } from "./help.ts";
import { nearest } from "../front/nearest.ts";
import { checkBelongs, checkCount, type Command, defineCommand } from "./options.ts";
import type { Task } from "./task.ts";

/** What the arguments ask for. */
export type Invocation =
  /** To explain the program, or one command. */
  | { readonly kind: "help"; readonly text: string }
  /** To say which version this is. */
  | { readonly kind: "version" }
  /** The menu. */
  | { readonly kind: "menu"; readonly addresses: readonly string[] }
  /** One command. */
  | { readonly kind: "command"; readonly addresses: readonly string[]; readonly task: Task };

/** What explains the others; it needs no cluster, so it is no task. */
const helpCommand = defineCommand({
  verb: "help",
  summary: "explain a command and its options",
  operands: [],
  rest: {
    name: "COMMAND",
    help: "one of the commands; without it, all are listed",
    read: (typed) => typed,
    isOnce: true,
  },
  options: {},
  examples: ["help", "help set"],
  needsNoAddress: true,
  make: () => ({
    run: () => Promise.reject(new Error("help is explained, and not run")),
  }),
});

/**
 * Reads the arguments.
 *
 * @param commands the commands that there are.
 * @param now milliseconds since 1970.
 * @throws {UsageError} if they make no sense.
 * @throws {ValueError} if the command has a value that breaks the rules.
 */
export function parseArguments(args: readonly string[], commands: readonly Command[], now: number): Invocation {
  const all = [...commands, helpCommand];
  const { operands, options, help, version } = splitWords(
    args,
    all.flatMap((command) => command.options),
    "put -- before a name that begins with -",
  );
  if (version) return { kind: "version" };
  const verbAt = operands.findIndex((operand) => all.some(({ verb }) => verb === operand));
  const typedAddresses = verbAt < 0 ? operands : operands.slice(0, verbAt);
  const command = all.find(({ verb }) => verb === operands[verbAt]);
  const words = operands.slice(verbAt + 1);
  if (command === helpCommand) return explained(words, all);
  if (help) return { kind: "help", text: command === undefined ? overview(all) : explainCommand(command) };
  // A word without a digit or colon is a command that is misspelt rather than an address.
  const misspelt = typedAddresses.find((text) => !/[0-9:]/.test(text));
  if (misspelt !== undefined) {
    throw new UsageError(`${quotedShort(misspelt)} is neither an address nor a command: ${meant(misspelt, all)}`);
  }
  const addresses = parseAddresses(typedAddresses);
  if (addresses.length === 0) {
    throw new UsageError("No address is given: begin with the port of at least one replica, such as 8892");
  }
  if (command === undefined) {
    const [option] = options.keys();
    if (option !== undefined) throw new UsageError(`${quotedShort(option)} goes with a command: ${verbsOf(all)}`);
    return { kind: "menu", addresses };
  }
  checkBelongs(command, options);
  return { kind: "command", addresses, task: command.make(words, options, now) };
}

function explained(words: readonly string[], all: readonly Command[]): Invocation {
  checkCount(helpCommand, words);
  const [word] = words;
  if (word === undefined) return { kind: "help", text: overview(all) };
  const command = all.find(({ verb }) => verb === word);
  if (command === undefined) throw new UsageError(`There is no command ${quotedShort(word)}: ${meant(word, all)}`);
  return { kind: "help", text: explainCommand(command) };
}

/** What somebody may have meant by a word that is no command. */
function meant(word: string, all: readonly Command[]): string {
  const near = nearest(word, all.map(({ verb }) => verb));
  return near === undefined ? `the commands are ${verbsOf(all)}` : `did you mean ${near}?`;
}

function verbsOf(all: readonly Command[]): string {
  return all.map(({ verb }) => verb).join(", ");
}
