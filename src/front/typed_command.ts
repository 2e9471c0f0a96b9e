/**
 * The one way to declare what a person types: a command of the client, a choice of its menu, the command line of the
 * launcher, a line that is typed while it runs. A declaration says what the command is called, its operands and
 * options, and what it makes of them. The parser and the help both follow it, so neither knows of anything that the
 * other does not.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { type CommandLine, commonOptions, type KnownOption } from "./command_line.ts";
import { rows } from "./layout.ts";
import { UsageError, wrongValue } from "./usage_error.ts";

/** Reads a value. */
interface ValueReader<T> {
  /**
   * Reads what was typed.
   *
   * @param now milliseconds since 1970, for a time that is typed as `2h`.
   * @param name what the value belongs to, as the help writes it: `--http`, `NAME`.
   * @throws {ValueError | UsageError} if it breaks the rules.
   */
  read(typed: string, now: number, name: string): T;
  /** What it is or does: a noun or an imperative, in lower case. */
  readonly help: string;
}

/** How often an operand comes: once, at most once, or as often as you like. */
type Times = "once" | "optional" | "many";

/** A value that is known by its place: the name of a site, a ZIP code. */
export interface Operand<T> extends ValueReader<T> {
  /** What the help calls it, in capitals. */
  readonly name: string;
  /** How often it comes: once, unless this says otherwise. */
  readonly times?: Times;
}

/** A value that is known by a name: `--zip 021`, or without a value `--available`. */
export interface Option<T> extends ValueReader<T> {
  /** What the help calls its value; absent if it takes none. */
  readonly value?: string;
  /** The value if none follows it; absent: there must be one. */
  readonly usual?: string;
  /** As it was typed before, such as `--host`, which still works; absent: it always had this name. */
  readonly formerName?: string;
  /** The variable of the environment that counts where it is not typed; absent: it has none. See `settings.ts`. */
  readonly variable?: string;
}

/** An option as the help shows it. */
export type NamedOption = KnownOption & { readonly help: string; readonly variable?: string };

/** Reads a variable of the environment; undefined: it is not set. */
export type Environment = (variable: string) => string | undefined;

/** An option without a value. */
export function flag(help: string): Option<true> {
  return { help, read: () => true };
}

/** An option with a value, called `value` in the help. */
export function option<T>(value: string, help: string, read: Option<T>["read"]): Option<T> {
  return { value, help, read };
}

/** Options by name, in camel case: `observedAt` is typed `--observed-at`. */
type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of options; those that were not given are absent. */
type OptionValues<P extends Options> = {
  readonly [Name in keyof P]?: P[Name] extends Option<infer T> ? T : never;
};

type OperandValue<O> = O extends { readonly times: "many"; read(...args: never): infer T } ? readonly T[]
  : O extends { readonly times: "optional"; read(...args: never): infer T } ? T | undefined
  : O extends Operand<infer T> ? T
  : never;

/** The values of a command, read and checked. */
interface TypedValues<O extends readonly Operand<unknown>[], P extends Options> {
  /** The operands, in order. */
  readonly operands: { readonly [At in keyof O]: OperandValue<O[At]> };
  /** The options. */
  readonly options: OptionValues<P>;
  /** When it was typed, in milliseconds since 1970. */
  readonly now: number;
  /** What an option is called by the person who gave it: `--http`, or `VAXLOG_HTTP` if the environment has it. */
  readonly label: (option: keyof P & string) => string;
  /** The variables that options were taken from. */
  readonly variables: readonly string[];
}

/** The words about a command in the help. */
interface Explained {
  /**
   * The word that is typed for it, or two with a space between them; "" if there is none, as for a program that does
   * one thing.
   */
  readonly name: string;
  /** What it does: an imperative, in lower case. */
  readonly summary: string;
  /** What else there is to know, a paragraph each. */
  readonly details?: readonly string[];
  /** What you may type. */
  readonly examples?: readonly string[];
  /** Whether it asks no cluster, so that it needs no address. */
  readonly isLocal?: boolean;
}

/** How a command is typed and explained, and what comes of it. */
export interface Declaration<O extends readonly Operand<unknown>[], P extends Options, R> extends Explained {
  /** Its operands, in order. */
  readonly operands: O;
  /** Its options. */
  readonly options: P;
  /** Options of which at most one may be given. */
  readonly exclusive?: readonly (keyof P & string)[];
  /**
   * Makes of the values what the program does next.
   *
   * @throws {UsageError} if the values do not go together.
   */
  make(typed: TypedValues<O, P>): R;
}

/** A declared command, whatever the types of its values. */
export interface TypedCommand<R> extends Required<Explained> {
  /** Its operands. */
  readonly operands: readonly Operand<unknown>[];
  /** Its options. */
  readonly options: readonly NamedOption[];
  /**
   * Reads what was typed for it.
   *
   * @param now milliseconds since 1970; by default, it is now.
   * @param environment gives what is not typed; by default, nothing.
   * @throws {UsageError | ValueError} if something makes no sense.
   */
  read(line: Pick<CommandLine, "operands" | "options">, now?: number, environment?: Environment): R;
}

/** Declares a command. */
export function defineCommand<const O extends readonly Operand<unknown>[], P extends Options, R>(
  { details = [], examples = [], isLocal = false, options, exclusive = [], make, ...declared }: Declaration<O, P, R>,
): TypedCommand<R> {
  const { operands } = declared;
  const named = Object.entries(options).map(([key, it]) => ({ ...it, key, name: nameOf(key) }));
  const command: TypedCommand<R> = {
    ...declared,
    details,
    examples,
    isLocal,
    options: named,
    read: ({ operands: words, options: typed }, now = Date.now(), environment = () => undefined) => {
      checkBelongs(command, typed);
      checkCount(command, words);
      checkExclusive(exclusive.map(nameOf), typed);
      const given = named.flatMap(({ key, read, ...option }) => {
        const { label, text } = givenFor(option, typed, environment);
        return text === undefined ? [] : [{ key, label, value: read(text, now, label) }];
      });
      const labels = new Map(given.map(({ key, label }) => [key, label]));
      return make({
        operands: operands.map((it, at) => readOperand(it, words.slice(at), now)) as TypedValues<O, P>["operands"],
        options: Object.fromEntries(given.map(({ key, value }) => [key, value])) as OptionValues<P>,
        now,
        label: (key) => labels.get(key) ?? nameOf(key),
        variables: [...labels.values()].filter((label) => !label.startsWith("-")),
      });
    },
  };
  return command;
}

function readOperand({ read, times, name }: Operand<unknown>, words: readonly string[], now: number): unknown {
  if (times === "many") return words.map((word) => read(word, now, name));
  return words.length === 0 ? undefined : read(words[0], now, name);
}

/** Finds what was given for an option, and how that is called: it was typed, or else its variable has it. */
function givenFor(
  { name, value, variable }: NamedOption,
  typed: ReadonlyMap<string, string>,
  environment: Environment,
): { readonly label: string; readonly text?: string } {
  const word = typed.get(name);
  if (word !== undefined || variable === undefined) return { label: name, text: word };
  const text = environment(variable);
  // A container, or a line of an environment file, can only empty a variable that is set for it.
  if (text === undefined || text === "") return { label: name };
  if (value !== undefined || text === "true") return { label: variable, text };
  if (text === "false") return { label: variable };
  throw wrongValue(variable, text, "it must be true or false");
}

/** `observedAt` as it is typed: `--observed-at`. */
export function nameOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A command with its operands: `set NAME VALUE`, `watch [NAME]...`, `help [COMMAND]`. */
export function synopsis({ name, operands }: TypedCommand<unknown>): string {
  const forms = { once: (it: string) => it, optional: (it: string) => `[${it}]`, many: (it: string) => `[${it}]...` };
  const words = [name, ...operands.map(({ name, times = "once" }) => forms[times](name))];
  return words.filter((word) => word !== "").join(" ");
}

function checkBelongs({ name, options }: TypedCommand<unknown>, given: ReadonlyMap<string, string>): void {
  const own = options.map(({ name }) => name);
  const foreign = [...given.keys()].find((it) => !own.includes(it));
  if (foreign === undefined) return;
  const has = own.length === 0 ? "it has none" : `it has ${own.join(", ")}`;
  throw new UsageError(`${quotedShort(foreign)} is not an option of ${name}: ${has}`);
}

function checkCount(command: TypedCommand<unknown>, words: readonly string[]): void {
  const { name, operands } = command;
  const least = operands.filter(({ times = "once" }) => times === "once").length;
  const most = operands.some(({ times }) => times === "many") ? Infinity : operands.length;
  if (words.length >= least && words.length <= most) return;
  const given = words.length === 0 ? "nothing is given" : `${words.map(quotedShort).join(", ")} is given`;
  const hint = words.length > least && least > 0 ? "; put a name that has spaces into quotes" : "";
  throw new UsageError(`The command is ${synopsis(command)}, and after ${name} ${given}${hint}`);
}

function checkExclusive(names: readonly string[], given: ReadonlyMap<string, string>): void {
  const both = names.filter((name) => given.has(name));
  if (both.length > 1) {
    throw new UsageError(`${both.map((name) => `"${name}"`).join(" and ")} exclude each other: give one of them`);
  }
}

/** One line for each command: how it is typed, and what it does. */
export function commandRows(commands: readonly TypedCommand<unknown>[]): string {
  return rows(commands.map((command) => [synopsis(command), command.summary]));
}

/** A paragraph about the environment, if it counts. */
function variablesText(options: readonly NamedOption[]): string[] {
  const variables = options.flatMap(({ variable }) => variable ?? []);
  if (variables.length === 0) return [];
  const name = options.find(({ variable }) => variable !== undefined)!.name;
  const how = `An option that is not typed comes from the environment, ${name} from ${variables[0]}`;
  const all = variables.length === 1 ? "" : `; the variables are ${variables.join(", ")}`;
  return [`${how}${all}.\n`];
}

/**
 * Explains a command with all that it takes.
 *
 * @param before what is typed before it: `deno task client ADDRESS...`.
 * @param example the same in an example: `deno task client 8892`.
 * @param others options beside its own.
 */
export function explain(
  command: TypedCommand<unknown>,
  before: string,
  example: string,
  others: readonly NamedOption[] = commonOptions,
): string {
  const { summary, details, operands, options, examples } = command;
  const optionRows = [...options, ...others].map(
    ({ name, value, help }) => [value === undefined ? name : `${name} ${value}`, help] as const,
  );
  return [
    `${before} ${synopsis(command)} [OPTION]...\n`,
    ...[`${summary[0].toUpperCase()}${summary.slice(1)}.`, ...details].map((text) => `${text}\n`),
    ...(operands.length === 0 ? [] : [rows(operands.map(({ name, help }) => [name, help]))]),
    `Options:\n${rows(optionRows)}`,
    ...variablesText(options),
    ...(examples.length === 0 ? [] : [`Examples:\n${examples.map((it) => `  ${example} ${it}\n`).join("")}`]),
  ].join("\n");
}
