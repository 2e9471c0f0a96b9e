/**
 * Command lines as minimist reads them: `--name value`, `--name=value`, `-n value`, `-abc`, and `--`, after which
 * nothing is a flag.
 *
 * Left out, because nothing here uses it: `negatable`, `boolean: true`, the types of names with a dot, and the type
 * `any` for results when no flag is declared.
 *
 * @module
 */

/** One name or several. */
type Names<TName extends string> = TName | readonly TName[];

type Aliases = Readonly<Record<string, string | readonly string[]>>;

/** What is declared of a command line. */
interface ParseOptions<
  TBoolean extends string,
  TString extends string,
  TCollect extends string,
  TDefault extends Record<string, unknown>,
  TAlias extends Aliases,
  TDoubleDash extends boolean,
> {
  /** Whether what follows `--` is returned apart from the arguments, under that name. */
  "--"?: TDoubleDash;
  /** Other names for a flag: each name gives its value to all. */
  alias?: TAlias;
  /** Flags that take no value; false where they are not given. */
  boolean?: Names<TBoolean>;
  /** Flags that may be given many times, each adding to a list. */
  collect?: Names<TCollect>;
  /** Values of flags that are not given. */
  default?: TDefault;
  /** Whether everything after the first argument is an argument. */
  stopEarly?: boolean;
  /** Flags whose values stay text, also where they look like numbers; `_` stands for the arguments. */
  string?: Names<TString>;
  /** Called with each argument, and with each flag that is not declared; what it returns false for is left out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The type of each declared flag, before defaults. */
type Declared<TBoolean extends string, TString extends string, TCollect extends string> =
  & { [Name in Exclude<TString, TCollect | TBoolean | "_">]?: string }
  & { [Name in Exclude<TBoolean, TCollect>]: boolean }
  & { [Name in TString & TCollect]: string[] }
  & { [Name in TBoolean & TCollect]: boolean[] }
  & { [Name in Exclude<TCollect, TString | TBoolean>]: unknown[] };

/** A flag with a default always has a value. */
type WithDefaults<TFlags, TDefault> =
  & Omit<TFlags, keyof TDefault>
  & { [Name in keyof TDefault]: Name extends keyof TFlags ? TDefault[Name] | NonNullable<TFlags[Name]> : unknown };

type NamesIn<TNames> = TNames extends string ? TNames : TNames extends readonly (infer TName)[] ? TName : never;

/** The aliases of a flag, where the compiler knows them by name. */
type OtherNames<Name, TAlias> = Name extends keyof TAlias
  ? string extends NamesIn<TAlias[Name]> ? never : NamesIn<TAlias[Name]>
  : never;

type WithAliases<TFlags, TAlias> = {
  [Name in keyof TFlags as Name | (OtherNames<Name, TAlias> & string)]: TFlags[Name];
};

/** What a command line says: the flags by name, and the arguments under `_`. */
type Args<
  TBoolean extends string,
  TString extends string,
  TCollect extends string,
  TDefault extends Record<string, unknown>,
  TAlias extends Aliases,
  TDoubleDash extends boolean,
> =
  & Record<string, unknown>
  & WithAliases<WithDefaults<Declared<TBoolean, TString, TCollect>, TDefault>, TAlias>
  & { _: (string | number)[] }
  & (TDoubleDash extends true ? { "--": string[] } : unknown);

/** An object that grows as flags come. */
type Fields = Record<string, unknown>;

function setOf(names: string | readonly string[], aliases: Map<string, Set<string>>): Set<string> {
  const all = new Set<string>();
  for (const name of (typeof names === "string" ? [names] : names).filter(Boolean)) {
    all.add(name);
    for (const other of aliases.get(name) ?? []) all.add(other);
  }
  return all;
}

function aliasMap(alias: Aliases): Map<string, Set<string>> {
  const map = new Map<string, Set<string>>();
  for (const [name, given] of Object.entries(alias)) {
    if (given === undefined) throw new TypeError("Alias value must be defined");
    const others = typeof given === "string" ? [given] : given;
    map.set(name, new Set(others));
    for (const other of others) map.set(other, new Set([name, ...others.filter((it) => it !== other)]));
  }
  return map;
}

function isNumeric(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

function isTrueOrFalse(text: string): boolean {
  return text === "true" || text === "false";
}

/** Whether setting the field would reach beyond the object itself. */
function isUnsafe(fields: Fields, name: string): boolean {
  return name === "__proto__" || (name === "constructor" && typeof fields[name] === "function");
}

/** Sets `a.b.c` in objects inside one another. */
function put(fields: Fields, path: string, value: unknown, collect: boolean): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  for (const name of names) {
    if (isUnsafe(fields, name)) return;
    fields = (fields[name] ??= {}) as Fields;
  }
  if (isUnsafe(fields, last)) return;
  const before = fields[last];
  if (!collect) fields[last] = value;
  else if (Array.isArray(before)) before.push(value);
  else fields[last] = before ? [before, value] : [value];
}

function has(fields: Fields, path: string): boolean {
  for (const name of path.split(".")) {
    if (!Object.hasOwn(fields, name)) return false;
    fields = fields[name] as Fields;
  }
  return true;
}

/** `--no-x=v` is the flag `x` with a value, though `--no-x` is the flag `no-x`. */
function splitLong(arg: string): { key: string; value: string | undefined } {
  const body = arg.slice(2);
  const bare = body.startsWith("no-") && body.length > 3 ? body.slice(3) : body;
  const equals = bare.indexOf("=", 1);
  return equals < 0 ? { key: body, value: undefined } : { key: bare.slice(0, equals), value: bare.slice(equals + 1) };
}

/** The value that is written into `-nVALUE` behind the letter, or undefined if `rest` is more letters. */
function attachedValue(letter: string, rest: string): string | undefined {
  if (rest === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const assigned = /=(.+)/.exec(rest);
    if (assigned !== null) return assigned[1];
    if (/-?\d+(\.\d*)?(e-?\d+)?$/.test(rest)) return rest;
  }
  return rest.length > 1 && /\W/.test(rest[0]) ? rest : undefined;
}

/**
 * Reads a command line.
 *
 * A value that looks like a number becomes one, unless its flag is declared as text.
 *
 * @param args The words of it, as in `Deno.args`.
 * @param options What is declared of it.
 * @returns Each flag under its name and its aliases, the arguments under `_`.
 */
export function parseArgs<
  TBoolean extends string = never,
  TString extends string = never,
  TCollect extends string = never,
  TDefault extends Record<string, unknown> = Record<never, never>,
  const TAlias extends Aliases = Record<never, never>,
  TDoubleDash extends boolean = false,
>(
  args: readonly string[],
  options: ParseOptions<TBoolean, TString, TCollect, TDefault, TAlias, TDoubleDash> = {},
): Args<TBoolean, TString, TCollect, TDefault, TAlias, TDoubleDash> {
  const aliases = aliasMap(options.alias ?? {});
  const booleans = setOf(options.boolean ?? [], aliases);
  const strings = setOf(options.string ?? [], aliases);
  const collected = setOf(options.collect ?? [], aliases);
  const positional: (string | number)[] = [];
  const result: Fields & { _: (string | number)[] } = { _: positional };

  function setAll(key: string, value: unknown, collect: boolean): void {
    put(result, key, value, collect);
    for (const other of aliases.get(key) ?? []) put(result, other, value, collect);
  }

  function give(key: string, value: string | boolean, arg: string): void {
    const known = booleans.has(key) || strings.has(key) || aliases.has(key) || collected.has(key);
    if (!known && options.unknown?.(arg, key, value) === false) return;
    const isNumber = typeof value === "string" && !strings.has(key) && isNumeric(value);
    setAll(key, isNumber ? Number(value) : value, collected.has(key));
  }

  function takesValue(key: string): boolean {
    return !booleans.has(key) && ![...aliases.get(key) ?? []].some((other) => booleans.has(other));
  }

  /** Gives the flag its value, which may be the next word; returns how many words that took. */
  function giveNext(key: string, next: string | undefined, isValue: (next: string) => boolean, arg: string): number {
    if (next && takesValue(key) && isValue(next)) {
      give(key, next, arg);
      return 1;
    }
    if (next && isTrueOrFalse(next)) {
      give(key, next === "true", arg);
      return 1;
    }
    give(key, strings.has(key) ? "" : true, arg);
    return 0;
  }

  function readLong(arg: string, next: string | undefined): number {
    const { key, value } = splitLong(arg);
    if (value === undefined) return giveNext(key, next, (word) => !word.startsWith("-"), arg);
    give(key, booleans.has(key) ? value !== "false" : value, arg);
    return 0;
  }

  function readShort(arg: string, next: string | undefined): number {
    for (let at = 1; at < arg.length - 1; at++) {
      const letter = arg[at];
      const rest = arg.slice(at + 1);
      if (rest === "-") {
        give(letter, rest, arg);
        continue;
      }
      const value = attachedValue(letter, rest);
      if (value !== undefined) {
        give(letter, value, arg);
        return 0;
      }
      give(letter, strings.has(letter) ? "" : true, arg);
    }
    const last = arg.slice(-1);
    return last === "-" ? 0 : giveNext(last, next, (word) => !/^--?[^-]/.test(word), arg);
  }

  const dashes = args.indexOf("--");
  const words = dashes < 0 ? args : args.slice(0, dashes);
  const afterDashes = dashes < 0 ? [] : args.slice(dashes + 1);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word.length > 2 && word.startsWith("--")) {
      i += readLong(word, words[i + 1]);
    } else if (word.length > 1 && word.startsWith("-")) {
      i += readShort(word, words[i + 1]);
    } else {
      if (options.unknown?.(word) !== false) {
        result._.push(strings.has("_") || !isNumeric(word) ? word : Number(word));
      }
      if (options.stopEarly) {
        result._.push(...words.slice(i + 1));
        break;
      }
    }
  }

  for (const [key, value] of Object.entries(options.default ?? {})) {
    if (!has(result, key)) setAll(key, value, false);
  }
  for (const key of booleans) {
    if (!has(result, key)) put(result, key, collected.has(key) ? [] : false, false);
  }
  for (const key of strings) {
    if (!has(result, key) && collected.has(key)) put(result, key, [], false);
  }
  if (options["--"]) result["--"] = afterDashes;
  else result._.push(...afterDashes);
  return result as unknown as Args<TBoolean, TString, TCollect, TDefault, TAlias, TDoubleDash>;
}
