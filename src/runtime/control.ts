/**
 * What a parent and its child process tell each other: one JSON object per line, over the child's standard streams.
 *
 * The child's standard output carries what it *says*, its standard input what it is *told*; its standard error is free
 * text for people. Secrets travel only here: others on the machine can read a command line and an environment.
 *
 * @module
 */

/** Bytes in a line; a longer one is not a message. */
export const controlLineBytesMax = 64 * 1024;

/** A line that is not a message; the text says what is wrong with it. */
export class ControlError extends Error {
  override name = "ControlError";
}

/** Whether a value is what a field may hold. */
export type Check<T> = (value: unknown) => value is T;

/** What the fields of a record may hold. */
type Checks = Readonly<Record<string, Check<unknown>>>;

type Checked<C> = C extends Check<infer T> ? T : never;

type RecordOf<F extends Checks> = { readonly [Field in keyof F]: Checked<F[Field]> };

/** The messages of a table that has the fields of each kind; `Verb` is the field that names the kind. */
export type Messages<K extends Readonly<Record<string, Checks>>, Verb extends string> = {
  [Kind in keyof K]: { readonly [V in Verb]: Kind } & RecordOf<K[Kind]>;
}[keyof K];

export const isCount: Check<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isText: Check<string> = (value): value is string => typeof value === "string";
export const isPort: Check<number> = (value): value is number => isCount(value) && value >= 1 && value <= 65535;
export const isHex = (bytes: number): Check<string> => (value): value is string =>
  isText(value) && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);
export const isList = <T>(of: Check<T>): Check<readonly T[]> => (value): value is readonly T[] =>
  Array.isArray(value) && value.every(of);
export const isOneOf = <T extends string>(...words: readonly T[]): Check<T> => (value): value is T =>
  words.includes(value as T);
export const isRecord: Check<Readonly<Record<string, unknown>>> = (
  value,
): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

export const isOptional = <T>(of: Check<T>): Check<T | undefined> => (value): value is T | undefined =>
  value === undefined || of(value);
export const isRecordOf = <F extends Checks>(fields: F): Check<RecordOf<F>> => (value): value is RecordOf<F> =>
  isRecord(value) && Object.entries(fields).every(([field, check]) => check(value[field]));

/** The line for a message, with its line break. */
export function encodeControl(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

/**
 * Makes what reads messages from lines without their line breaks; it leaves out the fields that it does not know.
 *
 * @returns it; it throws a {@link ControlError} if a line is not such a message.
 */
export function parserOf<K extends Readonly<Record<string, Checks>>, Verb extends string>(
  verb: Verb,
  kinds: K,
): (line: string) => Messages<K, Verb> {
  return (line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw refusal(line, "it is not JSON");
    }
    if (!isRecord(value)) throw refusal(line, "it is not an object");
    const kind = value[verb];
    if (!isText(kind) || !Object.hasOwn(kinds, kind)) throw refusal(line, `"${verb}" names no known message`);
    const message: Record<string, unknown> = { [verb]: kind };
    for (const [field, check] of Object.entries(kinds[kind])) {
      if (!check(value[field])) throw refusal(line, `"${field}" is missing or malformed`);
      message[field] = value[field];
    }
    return message as Messages<K, Verb>;
  };
}

function refusal(line: string, why: string): ControlError {
  // The line may hold a secret, and errors end in terminals and logs: so the text tells only where it fails.
  return new ControlError(`Cannot read a control line of ${line.length} characters: ${why}`);
}
