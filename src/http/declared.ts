/**
 * Declarations of what a request may hold: one of them both reads it and describes it in the OpenAPI document, so that
 * neither can say what the other does not.
 *
 * Only the form is checked here; what may be a name, a ZIP code or a text, the database's own rules say.
 *
 * @module
 */

import { isAvailability, isTime } from "../database/values.ts";
import { type Availability, type Unit, ValueError } from "../client.ts";
import { quotedShort } from "../quoted.ts";
import { parseInstant } from "../formats/instants.ts";
import { timeMsMax } from "../limits.ts";

/** A schema, as JSON Schema 2020-12 has it. */
export type Schema = Readonly<Record<string, unknown>>;

/** How a value is read, and described. */
export interface Declared<T> {
  /** What it looks like. */
  readonly schema: Schema;
  /** Whether it may be absent. */
  readonly isOptional: boolean;
  /**
   * Reads it.
   *
   * @param value as JSON has it.
   * @param where what it is called, such as `"zip"`.
   * @throws {ValueError} if it has another form.
   */
  read(value: unknown, where: string): T;
}

/** Declarations by name. */
export type Declarations = Readonly<Record<string, Declared<unknown>>>;

/** The values that such declarations read. */
export type Values<D extends Declarations> = { readonly [K in keyof D]: D[K] extends Declared<infer T> ? T : never };

function declared<T>(schema: Schema, wanted: string, accepts: (value: unknown) => value is T): Declared<T> {
  return {
    schema,
    isOptional: false,
    read(value, where) {
      if (accepts(value)) return value;
      throw new ValueError(`Cannot take ${shown(value)} as ${where}: give ${wanted}`);
    },
  };
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return quotedShort(String(value));
}

/** A text. */
export function text(description: string, constraints: Schema = {}): Declared<string> {
  const isText = (value: unknown): value is string => typeof value === "string";
  return declared({ type: "string", description, ...constraints }, "a string", isText);
}

/** One of several words. */
export function word<const W extends string>(description: string, words: readonly W[]): Declared<W> {
  const isWord = (value: unknown): value is W => (words as readonly unknown[]).includes(value);
  return declared({ type: "string", enum: words, description }, words.join(" or "), isWord);
}

/** An integer. */
export function integer(description: string, minimum: number, maximum: number): Declared<number> {
  const isInteger = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
  const schema = { type: "integer", minimum, maximum, description };
  return declared(schema, `an integer from ${minimum} to ${maximum}`, isInteger);
}

/** A yes or no. */
export function flag(description: string): Declared<boolean> {
  const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
  return declared({ type: "boolean", description }, "true or false", isFlag);
}

/** A time: in milliseconds since 1970, or in ISO 8601 with an offset. It is read as the former. */
export function time(description: string): Declared<number> {
  const oneOf = [
    { type: "integer", minimum: 0, maximum: timeMsMax, description: "Milliseconds since 1970" },
    { type: "string", format: "date-time", description: "ISO 8601 with an offset, such as 2026-11-24T10:00:00Z" },
  ];
  return {
    schema: { description, oneOf },
    isOptional: false,
    read(value, where) {
      const ms = typeof value === "string" ? parseInstant(value)?.ms : value;
      if (isTime(ms)) return ms;
      const wanted = "milliseconds since 1970, or a time with its offset, such as 2026-11-24T10:00:00Z";
      throw new ValueError(`Cannot take ${shown(value)} as ${where}: give ${wanted}`);
    },
  };
}

/** What an availability looks like. */
export const availabilitySchema: Schema = {
  description: "A count; or only whether there is any; or that nobody knows, which is not 0",
  oneOf: [
    { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    { type: "boolean" },
    { type: "string", const: "unknown" },
  ],
};

/** An availability. */
export const availability: Declared<Availability> = declared(
  availabilitySchema,
  'an integer from 0 to 2^53 - 1, true, false or "unknown"',
  isAvailability,
);

/** What a count counts. */
export const unit: Declared<Unit> = word("What a count counts", ["doses", "appointments"]);

/** Something that may be absent. */
export function optional<T>(inner: Declared<T>): Declared<T | undefined> {
  const read = (value: unknown, where: string) => value === undefined ? undefined : inner.read(value, where);
  return { schema: inner.schema, isOptional: true, read };
}

/** An object with these members and no others. */
export function object<D extends Declarations>(members: D, description?: string): Declared<Values<D>> {
  const names = Object.keys(members);
  const schema = {
    type: "object",
    ...(description === undefined ? {} : { description }),
    properties: Object.fromEntries(names.map((name) => [name, members[name].schema])),
    required: names.filter((name) => !members[name].isOptional),
    additionalProperties: false,
  };
  return {
    schema,
    isOptional: false,
    read(value, where) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new ValueError(`Cannot take ${shown(value)} as ${where}: give an object`);
      }
      return readMembers(members, value as Readonly<Record<string, unknown>>, "member");
    },
  };
}

/**
 * Reads what was declared, and refuses what was not.
 *
 * @param called what a value is called in a message.
 */
export function readMembers<D extends Declarations>(
  members: D,
  given: Readonly<Record<string, unknown>>,
  called: string,
): Values<D> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(members, name)) continue;
    const known = Object.keys(members);
    const hint = known.length === 0 ? "there are none" : `there are ${known.join(", ")}`;
    throw new ValueError(`There is no ${called} ${quotedShort(name)}: ${hint}`);
  }
  const values: Record<string, unknown> = {};
  for (const name in members) {
    if (!Object.hasOwn(members, name)) continue;
    const value = members[name].read(Object.hasOwn(given, name) ? given[name] : undefined, `"${name}"`);
    if (value !== undefined) values[name] = value;
  }
  return values as Values<D>;
}

/** Reads the parameters of a URL, each as JSON would have it: digits are a number where one is wanted. */
export function readQuery<D extends Declarations>(parameters: D, query: URLSearchParams): Values<D> {
  const given: Record<string, unknown> = Object.create(null);
  for (const [name, value] of query) {
    if (Object.hasOwn(given, name)) throw new ValueError(`The parameter ${quotedShort(name)} is there twice: give one`);
    // An empty one is as good as none: forms send those too.
    if (value === "") continue;
    given[name] = Object.hasOwn(parameters, name) ? fromText(value, parameters[name].schema.type) : value;
  }
  return readMembers(parameters, given, "parameter");
}

function fromText(value: string, type: unknown): unknown {
  if (type === "integer" && /^(0|[1-9]\d{0,15})$/.test(value)) return Number(value);
  if (type === "boolean" && (value === "true" || value === "1")) return true;
  if (type === "boolean" && (value === "false" || value === "0")) return false;
  return value;
}
