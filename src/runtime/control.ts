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

/** Takes a test for a check. */
export function check<T>(test: (value: unknown) => boolean): Check<T> {
  return test as Check<T>;
}

export const isCount = check<number>((value) => Number.isSafeInteger(value) && Number(value) >= 0);
export const isText = check<string>((value) => typeof value === "string");
export const isPort = check<number>((value) => isCount(value) && value >= 1 && value <= 65535);
export const isMatch = (pattern: RegExp) => check<string>((value) => isText(value) && pattern.test(value));
export const isHex = (bytes: number) => isMatch(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
export const isList = <T>(of: Check<T>) => check<readonly T[]>((value) => Array.isArray(value) && value.every(of));
export const isOneOf = <T extends string>(...words: readonly T[]) => check<T>((value) => words.includes(value as T));
export const isOptional = <T>(of: Check<T>) => check<T | undefined>((value) => value === undefined || of(value));
export const isRecord = check<Readonly<Record<string, unknown>>>((value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
);
export const isRecordOf = <F extends Checks>(fields: F) =>
  check<RecordOf<F>>((value) => isRecord(value) && Object.entries(fields).every(([name, is]) => is(value[name])));

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
    for (const [field, is] of Object.entries(kinds[kind])) {
      if (!is(value[field])) throw refusal(line, `"${field}" is missing or malformed`);
      message[field] = value[field];
    }
    return message as Messages<K, Verb>;
  };
}

function refusal(line: string, why: string): ControlError {
  // The line may hold a secret, and errors end in terminals and logs: so the text tells only where it fails.
  return new ControlError(`Cannot read a control line of ${line.length} characters: ${why}`);
}
