/**
 * Command lines as minimist reads them: `--name value`, `--name=value`, `-n value`, `-abc`, and `--`, after which
 * nothing is a flag.
 *
 * Left out, because nothing here uses it: `alias`, `collect`, `default`, `negatable`, `stopEarly`, `--`, one name where
 * a list of names is usual, names with a dot, and values within a group of letters.
 *
 * @module
 */

/** The declarations of a command line. */
interface ParseOptions<TBoolean extends string, TString extends string> {
  /** Flags that take no value; false where they are not given. */
  boolean?: readonly TBoolean[];
  /** Flags whose values stay text, also where they look like numbers; `_` stands for the arguments. */
  string?: readonly TString[];
  /** Called with each argument, and with each flag that is not declared; what it returns false for is left out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The content of a command line: the flags by name, and the arguments under `_`. */
type Args<TBoolean extends string, TString extends string> =
  & Record<string, unknown>
  & { [Name in Exclude<TString, TBoolean | "_">]?: string }
  & { [Name in TBoolean]: boolean }
  & { _: (string | number)[] };

function isNumeric(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

/** `--no-x=v` is the flag `x` with a value, though `--no-x` is the flag `no-x`. */
function splitLong(arg: string): { key: string; value: string | undefined } {
  const body = arg.slice(2);
  const bare = body.startsWith("no-") && body.length > 3 ? body.slice(3) : body;
  const equals = bare.indexOf("=", 1);
  return equals < 0 ? { key: body, value: undefined } : { key: bare.slice(0, equals), value: bare.slice(equals + 1) };
}

/**
 * Reads a command line.
 *
 * A value that looks like a number becomes one, unless its flag is declared as text.
 *
 * @param args The words of it, as in `Deno.args`.
 * @param options The declarations.
 * @returns Each flag under its name, the arguments under `_`.
 */
export function parseArgs<TBoolean extends string = never, TString extends string = never>(
  args: readonly string[],
  options: ParseOptions<TBoolean, TString> = {},
): Args<TBoolean, TString> {
  const booleans = new Set<string>(options.boolean);
  const strings = new Set<string>(options.string);
  const positional: (string | number)[] = [];
  const flags = new Map<string, unknown>([...booleans].map((key) => [key, false]));

  function give(key: string, value: string | boolean, arg: string): void {
    const known = booleans.has(key) || strings.has(key);
    if (!known && options.unknown?.(arg, key, value) === false) return;
    flags.set(key, typeof value === "string" && !strings.has(key) && isNumeric(value) ? Number(value) : value);
  }

  /** Gives the flag its value, which may be the next word; returns how many words that took. */
  function giveNext(key: string, next: string | undefined, isValue: boolean, arg: string): number {
    if (next && !booleans.has(key) && isValue) give(key, next, arg);
    else if (next === "true" || next === "false") give(key, next === "true", arg);
    else {
      give(key, strings.has(key) ? "" : true, arg);
      return 0;
    }
    return 1;
  }

  function readLong(arg: string, next: string | undefined): number {
    const { key, value } = splitLong(arg);
    if (value === undefined) return giveNext(key, next, !next?.startsWith("-"), arg);
    give(key, booleans.has(key) ? value !== "false" : value, arg);
    return 0;
  }

  function readShort(arg: string, next: string | undefined): number {
    for (const letter of arg.slice(1, -1)) give(letter, strings.has(letter) ? "" : true, arg);
    return giveNext(arg.slice(-1), next, !/^--?[^-]/.test(next ?? ""), arg);
  }

  const dashes = args.indexOf("--");
  const words = dashes < 0 ? args : args.slice(0, dashes);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word.length > 2 && word.startsWith("--")) {
      i += readLong(word, words[i + 1]);
    } else if (word.length > 1 && word.startsWith("-")) {
      i += readShort(word, words[i + 1]);
    } else if (options.unknown?.(word) !== false) {
      positional.push(strings.has("_") || !isNumeric(word) ? word : Number(word));
    }
  }
  positional.push(...args.slice(words.length + 1));
  return { ...Object.fromEntries(flags), _: positional } as Args<TBoolean, TString>;
}
