/**
 * The one parser of command lines: it tells options from what is not one. `node:util` takes the words apart; the rules
 * here say which words may be options at all, and what to do about those that are wrong.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { quotedShort } from "../quoted.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage_error.ts";

/** A command line, taken apart but not read yet. */
export interface CommandLine {
  /** The words that are not options, in order. */
  readonly operands: readonly string[];
  /** The options by name, as they are typed, with their values; "" for those that take none. */
  readonly options: ReadonlyMap<string, string>;
  /** Whether help was asked for. */
  readonly help: boolean;
  /** Whether the version was asked for. */
  readonly version: boolean;
  /** Sentences about options that have another name now. */
  readonly notices: readonly string[];
}

/** An option, as the parser knows it. */
export interface KnownOption {
  /** As it is typed: `--observed-at`. */
  readonly name: string;
  /** What its value is called; absent if it takes none. */
  readonly value?: string;
  /** The value if none follows it; absent: there must be one. */
  readonly usual?: string;
  /** What it was called before, which still works; absent: it always had this name. */
  readonly formerName?: string;
}

/** The options of every program. */
export const commonOptions = [
  { name: "--help", help: "print this text" },
  { name: "--version", help: "print the version of Vaxlog" },
] as const;

/**
 * What looks like an option. A number with a sign does not: `set NAME -1` and `--http -1` are bad values rather than
 * unknown options, and `- Site` is a name.
 */
const optionPattern = /^--?[A-Za-z]/;

/**
 * Takes a command line apart. Options may stand anywhere before `--`; every word after that is an operand.
 *
 * @param known the options of all commands: one name takes a value in all of them, or in none.
 * @param hint what else to do about an unknown option, in words that can follow "or".
 * @throws {UsageError} if there is no such option, or its value is missing.
 */
export function parseCommandLine(typed: readonly string[], known: readonly KnownOption[], hint = ""): CommandLine {
  const all: readonly KnownOption[] = [...known, ...commonOptions];
  const args = typed.map((arg, at) => {
    const usual = isValue(typed[at + 1]) ? undefined : all.find(({ name }) => name === arg)?.usual;
    return usual === undefined ? arg : `${arg}=${usual}`;
  });
  const types = all.flatMap(({ name, formerName = name, value }) => {
    const type = value === undefined ? "boolean" : "string";
    return [name, formerName].map((it) => [it.slice(2), { type }]);
  });
  const { tokens } = parseArgs({
    // The parser sees no dash where a word is an operand; the word itself is found again by its index.
    args: args.map((arg) => arg === "--" || optionPattern.test(arg) ? arg : ""),
    options: { ...Object.fromEntries(types), help: { type: "boolean", short: "h" } },
    strict: false,
    tokens: true,
  });
  const operands: string[] = [];
  const options = new Map<string, string>();
  const notices: string[] = [];
  for (const { kind, index, ...token } of tokens) {
    const arg = args[index];
    if (kind === "positional") operands.push(arg);
    if (kind !== "option" || !("name" in token)) continue;
    const option = all.find(({ name, formerName }) => [name, formerName].includes(`--${token.name}`));
    if (option === undefined) throw unknownOption(arg, all.map(({ name }) => name), hint);
    const { name } = option;
    if (name !== `--${token.name}`) notices.push(`--${token.name} is called ${name} now; please type that`);
    if (option.value !== undefined) {
      if (options.has(name)) throw new UsageError(`${quotedShort(name)} is given twice; leave one of them out`);
      options.set(name, token.inlineValue ? token.value : valueAfter(name, args[index + 1]));
    } else if (token.inlineValue) {
      throw new UsageError(`${quotedShort(name)} takes no value, and ${quotedShort(arg)} gives one`);
    } else {
      options.set(name, "");
    }
  }
  return { operands, help: options.delete("--help"), version: options.delete("--version"), options, notices };
}

function isValue(word: string | undefined): word is string {
  return word !== undefined && word !== "--" && !optionPattern.test(word);
}

/** The word after an option, which is its value unless it looks like an option itself. */
function valueAfter(name: string, value: string | undefined): string {
  if (isValue(value)) return value;
  const meant = value === undefined ? "" : `; if you mean ${quotedShort(value)}, write ${name}=${value}`;
  throw new UsageError(`${quotedShort(name)} has no value: give one after it${meant}`);
}

function unknownOption(arg: string, known: readonly string[], hint: string): UsageError {
  const near = nearest(arg.replace(/=.*/s, ""), known);
  const meant = near === undefined ? "--help shows all" : `did you mean ${near}?`;
  const or = hint === "" ? "" : near === undefined ? `; or ${hint}` : ` Or ${hint}`;
  return new UsageError(`There is no option ${quotedShort(arg)}: ${meant}${or}`);
}
