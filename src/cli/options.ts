/**
 * How a command is declared: what it is called, its operands and options, and what it makes of them. The parser and the
 * help both follow the declarations, so neither can know of something that the other does not.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { UsageError } from "../front/usage_error.ts";
import type { DeclaredOption } from "../front/words.ts";
import type { Task } from "./task.ts";

/** A value that stands in its place: a name, a ZIP code. */
export interface Operand<T> {
  /** What the help calls it, in capitals. */
  readonly name: string;
  /** What it may be, for the help. */
  readonly help: string;
  /**
   * Reads it.
   *
   * @param now milliseconds since 1970, for what is typed as so long ago.
   * @throws {ValueError | UsageError} if it breaks the rules.
   */
  read(typed: string, now: number): T;
}

/** What is given by name: `--zip 021`, or without a value `--available`. */
export interface Option<T> {
  /** What the help calls its value; absent if it takes none. */
  readonly value?: string;
  /** What it does, for the help. */
  readonly help: string;
  /** Reads its value, as {@link Operand.read}; without a value it is called with an empty text. */
  read(typed: string, now: number): T;
}

/** An option without a value. */
export function flag(help: string): Option<true> {
  return { help, read: () => true };
}

/** An option with a value, called `value` in the help. */
export function option<T>(value: string, help: string, read: (typed: string, now: number) => T): Option<T> {
  return { value, help, read };
}

/** Options by name, in camel case: `observedAt` is typed `--observed-at`. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of options; those that were not given are absent. */
export type OptionValues<P extends Options> = {
  readonly [Name in keyof P]?: P[Name] extends Option<infer T> ? T : never;
};

type OperandValues<O extends readonly Operand<unknown>[]> = {
  readonly [At in keyof O]: O[At] extends Operand<infer T> ? T : never;
};

/** What was typed for a command, read and checked. */
export interface Typed<O extends readonly Operand<unknown>[], R, P extends Options> {
  /** The operands, in order. */
  readonly operands: OperandValues<O>;
  /** The operands behind those that have names of their own. */
  readonly rest: readonly R[];
  /** The options. */
  readonly options: OptionValues<P>;
  /** Milliseconds since 1970, when it was typed. */
  readonly now: number;
}

/** How a command is typed, explained and made. */
export interface Declaration<O extends readonly Operand<unknown>[], R, P extends Options> {
  /** The word that is typed for it. */
  readonly verb: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** What else there is to know, a paragraph each. */
  readonly details?: readonly string[];
  /** What one may type behind the addresses. */
  readonly examples?: readonly string[];
  /** Whether it is typed without addresses. */
  readonly needsNoAddress?: boolean;
  /** The operands that must be there. */
  readonly operands: readonly [...O];
  /** What may follow them: as often as one likes, or at most once. */
  readonly rest?: Operand<R> & { readonly isOnce?: boolean };
  /** Its options. */
  readonly options: P;
  /** Options of which at most one may be given. */
  readonly exclusive?: readonly (keyof P & string)[];
  /**
   * Makes the task of what was typed.
   *
   * @throws {UsageError} if the values do not go together.
   */
  make(typed: Typed<O, R, P>): Task;
}

/** How often an operand comes: once, once or not at all, or as often as one likes. */
type Times = "once" | "optional" | "many";

/** An operand, as the parser and the help know it. */
export interface DeclaredOperand {
  /** What it is called. */
  readonly name: string;
  /** What it may be. */
  readonly help: string;
  /** How often it comes. */
  readonly times: Times;
}

/** A declared command, whatever its types. */
export interface Command {
  /** The word that is typed for it. */
  readonly verb: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** What else there is to know. */
  readonly details: readonly string[];
  /** What one may type. */
  readonly examples: readonly string[];
  /** Whether it is typed without addresses. */
  readonly needsNoAddress: boolean;
  /** Its operands. */
  readonly operands: readonly DeclaredOperand[];
  /** Its options. */
  readonly options: readonly DeclaredOption[];
  /**
   * Makes its task.
   *
   * @param words the operands as they were typed.
   * @param given the options as they were typed, by name; those without a value have an empty one.
   * @param now milliseconds since 1970.
   * @throws {UsageError | ValueError} if something makes no sense.
   */
  make(words: readonly string[], given: ReadonlyMap<string, string>, now: number): Task;
}

/** Declares a command. */
export function defineCommand<O extends readonly Operand<unknown>[], R, P extends Options>(
  declaration: Declaration<O, R, P>,
): Command {
  const { verb, summary, details = [], examples = [], needsNoAddress = false, operands, rest, options } = declaration;
  const command: Command = {
    verb,
    summary,
    details,
    examples,
    needsNoAddress,
    operands: [
      ...operands.map(({ name, help }) => ({ name, help, times: "once" as const })),
      ...(rest === undefined ? [] : [{ name: rest.name, help: rest.help, times: timesOf(rest) }]),
    ],
    options: Object.entries(options).map(([name, { value, help }]) => ({ name: typedName(name), value, help })),
    make: (words, given, now) => {
      checkCount(command, words);
      checkExclusive(declaration.exclusive ?? [], given);
      const values: Record<string, unknown> = {};
      for (const [name, { read }] of Object.entries(options)) {
        const typed = given.get(typedName(name));
        if (typed !== undefined) values[name] = read(typed, now);
      }
      return declaration.make({
        operands: operands.map(({ read }, at) => read(words[at], now)) as OperandValues<O>,
        rest: rest === undefined ? [] : words.slice(operands.length).map((word) => rest.read(word, now)),
        options: values as OptionValues<P>,
        now,
      });
    },
  };
  return command;
}

function timesOf(rest: { readonly isOnce?: boolean }): Times {
  return rest.isOnce ? "optional" : "many";
}

/** `observedAt` as it is typed: `--observed-at`. */
function typedName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A command with its operands: `set NAME VALUE`, `watch [NAME]...`, `help [COMMAND]`. */
export function synopsis({ verb, operands }: Command): string {
  const forms = {
    once: (name: string) => name,
    optional: (name: string) => `[${name}]`,
    many: (name: string) => `[${name}]...`,
  };
  return [verb, ...operands.map(({ name, times }) => forms[times](name))].join(" ");
}

/**
 * Refuses operands of which there are too few or too many.
 *
 * @throws {UsageError} if that is so.
 */
export function checkCount(command: Command, words: readonly string[]): void {
  const least = command.operands.filter(({ times }) => times === "once").length;
  const most = command.operands.some(({ times }) => times === "many") ? Infinity : command.operands.length;
  if (words.length >= least && words.length <= most) return;
  const given = words.length === 0 ? "nothing is given" : `${words.map(quotedShort).join(", ")} is given`;
  const hint = words.length > least && least > 0 ? "; put a name that has spaces into quotes" : "";
  throw new UsageError(`The command is ${synopsis(command)}, and after ${command.verb} ${given}${hint}`);
}

function checkExclusive(names: readonly string[], given: ReadonlyMap<string, string>): void {
  const both = names.map(typedName).filter((name) => given.has(name));
  if (both.length > 1) {
    throw new UsageError(`${both.map((name) => `"${name}"`).join(" and ")} exclude each other: give one of them`);
  }
}

/**
 * Refuses options that other commands have, and this one has not.
 *
 * @throws {UsageError} if one of them is given.
 */
export function checkBelongs(command: Command, given: ReadonlyMap<string, string>): void {
  const own = command.options.map(({ name }) => name);
  for (const name of given.keys()) {
    if (own.includes(name)) continue;
    const has = own.length === 0 ? "it has none" : `it has ${own.join(", ")}`;
    throw new UsageError(`${quotedShort(name)} is no option of ${command.verb}: ${has}`);
  }
}
