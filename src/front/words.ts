/**
 * The words of a command line, taken apart into what is an option and what is not.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { nearest } from "./nearest.ts";
import { UsageError } from "./usage_error.ts";

/** An option, as the parser and the help know it. */
export interface DeclaredOption {
  /** As it is typed: `--observed-at`. */
  readonly name: string;
  /** What its value is called; absent if it takes none. */
  readonly value: string | undefined;
  /** What it does. */
  readonly help: string;
}

/** What was typed, taken apart. */
export interface Words {
  /** What is no option, in order. */
  readonly operands: readonly string[];
  /** The options by name, with their values. */
  readonly options: ReadonlyMap<string, string>;
  /** Whether help was asked for. */
  readonly help: boolean;
  /** Whether the version was asked for. */
  readonly version: boolean;
}

/**
 * What looks like an option. A number with a sign does not: `set NAME -1` and `--http -1` are bad values and no unknown
 * options, and neither is `- Site`.
 */
const optionPattern = /^--?[A-Za-z]/;

/**
 * Takes apart what was typed: options may stand anywhere before `--`, behind which nothing is one.
 *
 * @param known options of all commands: one name takes a value in all of them, or in none.
 * @param hint what else there is to do about an option that is unknown, in words that can follow "or".
 * @throws {UsageError} if there is no such option, or its value is missing.
 */
export function splitWords(args: readonly string[], known: readonly DeclaredOption[], hint = ""): Words {
  const takesValue = new Map(known.map(({ name, value }) => [name, value !== undefined]));
  const operands: string[] = [];
  const options = new Map<string, string>();
  let help = false;
  let version = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at];
    if (arg === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (!optionPattern.test(arg)) {
      operands.push(arg);
      continue;
    }
    if (arg === "--help" || arg === "-h") {
      help = true;
      continue;
    }
    if (arg === "--version") {
      version = true;
      continue;
    }
    const equals = arg.indexOf("=");
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (!takesValue.has(name)) throw unknownOption(arg, name, [...takesValue.keys(), "--help", "--version"], hint);
    if (!takesValue.get(name)) {
      if (equals >= 0) throw new UsageError(`${quotedShort(name)} takes no value, and ${quotedShort(arg)} gives one`);
      options.set(name, "");
      continue;
    }
    if (options.has(name)) throw new UsageError(`${quotedShort(name)} is given twice; leave one of them out`);
    const value = equals < 0 ? args[++at] : arg.slice(equals + 1);
    if (value === undefined || (equals < 0 && (value === "--" || optionPattern.test(value)))) {
      const meant = value === undefined ? "" : `; if it is to be ${quotedShort(value)}, write ${name}=${value}`;
      throw new UsageError(`${quotedShort(name)} has no value: give one behind it${meant}`);
    }
    options.set(name, value);
  }
  return { operands, options, help, version };
}

function unknownOption(arg: string, name: string, known: readonly string[], hint: string): UsageError {
  const near = nearest(name, known);
  const meant = near === undefined ? "--help shows all" : `did you mean ${near}?`;
  const or = hint === "" ? "" : near === undefined ? `; or ${hint}` : ` Or ${hint}`;
  return new UsageError(`There is no option ${quotedShort(arg)}: ${meant}${or}`);
}
