/**
 * Shapes of JSON values. One declaration both reads a value and describes it in the OpenAPI document.
 *
 * Packages with the same purpose were tried: docs/reference/http.md says why this one is our own.
 *
 * A shape checks the form alone. The database's own rules decide what may be a name, a ZIP code or a text.
 *
 * @module
 */

import { ValueError } from "../library/client.ts";
import { isObject, type JsonObject } from "../formats/json_text.ts";
import { quotedShort } from "../quoted.ts";

/** A schema of JSON Schema 2020-12. */
export type Schema = Readonly<Record<string, unknown>>;

/** How to read a value, and how to describe it. */
export interface Shape<T> {
  /** The description. */
  readonly schema: Schema;
  /** Whether the value may be absent. */
  readonly isOptional?: boolean;
  /**
   * Reads a value.
   *
   * @param value the value as JSON gives it.
   * @param where what messages call it, such as `"zip"`.
   * @throws {ValueError} if it has another form.
   */
  read(value: unknown, where: string): T;
}

/** Shapes by name. */
export type Shapes = Readonly<Record<string, Shape<unknown>>>;

/** The values that such shapes read. */
export type Values<S extends Shapes> = { readonly [K in keyof S]: S[K] extends Shape<infer T> ? T : never };

/**
 * A shape.
 *
 * @param wanted says in a message what to give.
 * @param parse reads a value; undefined: it has another form.
 */
export function shape<T>(
  schema: Schema,
  wanted: string,
  parse: (value: unknown, where: string) => T | undefined,
): Shape<T> {
  return {
    schema,
    read: (value, where) => {
      const parsed = parse(value, where);
      if (parsed !== undefined) return parsed;
      throw new ValueError(`Cannot take ${shown(value)} as ${where}: give ${wanted}`);
    },
  };
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  return isObject(value) ? "an object" : quotedShort(String(value));
}

/** A shape whose values are those that `fits` accepts. */
function plain<T>(schema: Schema, wanted: string, fits: (value: unknown) => boolean): Shape<T> {
  return shape(schema, wanted, (value) => fits(value) ? value as T : undefined);
}

/** A text. The constraints only describe it: the database checks them, in bytes. */
export function text(description?: string, constraints?: Schema): Shape<string> {
  return plain({ type: "string", description, ...constraints }, "a string", (value) => typeof value === "string");
}

/** One of several words. */
export function word<const W extends string>(words: readonly W[], description?: string): Shape<W> {
  const schema = { type: "string", description, enum: words };
  return plain(schema, words.join(" or "), (value) => (words as readonly unknown[]).includes(value));
}

/** An integer; `maximum` may be absent in a response. */
export function integer(minimum: number, maximum?: number, description?: string): Shape<number> {
  const schema = { type: "integer", description, minimum, maximum };
  const isInside = (value: number) => value >= minimum && value <= (maximum ?? Infinity);
  const wanted = `an integer from ${minimum} to ${maximum}`;
  return plain(schema, wanted, (value) => Number.isSafeInteger(value) && isInside(value as number));
}

/** An integer of 0 or more in a response. */
export function count(description?: string): Shape<number> {
  return integer(0, undefined, description);
}

/** Any number. */
export function number(description?: string): Shape<number> {
  return plain({ type: "number", description }, "a number", (value) => typeof value === "number");
}

/** A yes or no. */
export function flag(description?: string): Shape<boolean> {
  return plain({ type: "boolean", description }, "true or false", (value) => typeof value === "boolean");
}

/** This value and no other. */
export function constant<const T extends string | boolean>(wanted: T): Shape<T> {
  return plain({ const: wanted }, JSON.stringify(wanted), (value) => value === wanted);
}

/** An array. */
export function list<T>(items: Shape<T>, description?: string, constraints?: Schema): Shape<readonly T[]> {
  const schema = { type: "array", description, items: items.schema, ...constraints };
  const itemsOf = (values: unknown[], where: string) => values.map((item, at) => items.read(item, `${where}[${at}]`));
  return shape(schema, "an array", (value, where) => Array.isArray(value) ? itemsOf(value, where) : undefined);
}

/** An object with these members and no others. */
export function object<S extends Shapes>(members: S): Shape<Values<S>> {
  return openObject(members, undefined, false);
}

/** The same in a response, where a later version may add members. */
export function openObject<S extends Shapes>(
  members: S,
  description?: string,
  additionalProperties?: false,
): Shape<Values<S>> {
  const properties = Object.fromEntries(Object.entries(members).map(([name, { schema }]) => [name, schema]));
  const required = Object.keys(members).filter((name) => !members[name].isOptional);
  const schema = { type: "object", description, properties, required, additionalProperties };
  const reader = memberReader(members);
  return shape(
    schema,
    "an object",
    (value) => isObject(value) ? readMembers(members, reader, value, "member") : undefined,
  );
}

/** The objects of {@link variants}. */
export type Variant<T extends string, V extends Readonly<Record<string, Shapes>>> = {
  [K in keyof V]: { readonly [tag in T]: K } & Values<V[K]>;
}[keyof V];

/** An object whose member `tag` decides which other members it has; `called` begins a message, as in `A command`. */
export function variants<const T extends string, V extends Readonly<Record<string, Shapes>>>(
  called: string,
  tag: T,
  kinds: V,
): Shape<Variant<T, V>> {
  const shapes = new Map<unknown, Shape<unknown>>(
    Object.entries(kinds).map(([kind, members]) => [kind, object({ [tag]: word([kind], "What to do"), ...members })]),
  );
  return {
    schema: { oneOf: [...shapes.values()].map(({ schema }) => schema) },
    read: (value, where) => {
      const known = isObject(value) ? shapes.get(value[tag]) : undefined;
      if (known !== undefined) return known.read(value, where) as Variant<T, V>;
      throw new ValueError(`${called} is an object whose "${tag}" is ${[...shapes.keys()].join(", ")}`);
    },
  };
}

/** One of several shapes; `wanted` says in a message what to give. */
export function either<T>(shapes: readonly Shape<T>[], wanted: string, description?: string): Shape<T> {
  return shape({ description, oneOf: shapes.map(({ schema }) => schema) }, wanted, (value, where) => {
    for (const shape of shapes) {
      try {
        return shape.read(value, where);
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
      }
    }
  });
}

/** A value that may be absent. */
export function optional<T>(inner: Shape<T>): Shape<T | undefined> {
  const read = (value: unknown, where: string) => value === undefined ? undefined : inner.read(value, where);
  return { schema: inner.schema, isOptional: true, read };
}

const components: Record<string, Schema> = {};

/** The schemas that have a name in the document. */
export const namedSchemas: Readonly<Record<string, Schema>> = components;

/** The same shape with a name in the document, which then refers to it by that. */
export function named<T>(name: string, inner: Shape<T>): Shape<T> {
  components[name] = inner.schema;
  return { ...inner, schema: { $ref: `#/components/schemas/${name}` } };
}

/** An {@link openObject} with a name. */
export function namedObject<S extends Shapes>(name: string, members: S, description?: string): Shape<Values<S>> {
  return named(name, openObject(members, description));
}

/** How to read the members of an object. */
type MemberReader = readonly (readonly [name: string, where: string, shape: Shape<unknown>])[];

function memberReader(members: Shapes): MemberReader {
  return Object.entries(members).map(([name, shape]) => [name, `"${name}"`, shape]);
}

/** Reads what was declared, and refuses anything else; `called` is what a message calls a value. */
function readMembers<S extends Shapes>(members: S, reader: MemberReader, given: JsonObject, called: string): Values<S> {
  for (const name of Object.keys(given)) if (!Object.hasOwn(members, name)) throw stray(members, name, called);
  const values: Record<string, unknown> = {};
  for (const [name, where, shape] of reader) {
    const value = given[name];
    if (value !== undefined || !shape.isOptional) values[name] = shape.read(value, where);
  }
  return values as Values<S>;
}

function stray(members: Shapes, name: string, called: string): ValueError {
  const known = Object.keys(members);
  const hint = known.length === 0 ? "there are none" : `there are ${known.join(", ")}`;
  return new ValueError(`There is no ${called} ${quotedShort(name)}: ${hint}`);
}

/**
 * Reads the query of a URL as JSON would give its parameters: digits are a number where an integer is wanted.
 *
 * @param query without the question mark, with its escapes.
 * @throws {ValueError} if a parameter is not declared, is there twice, or has another form.
 */
export function readQuery<S extends Shapes>(parameters: S, query: string): Values<S> {
  const given: Record<string, unknown> = Object.create(null);
  // A name alone, such as `available`, is a flag.
  const flags = new Set(query.split("&").filter((piece) => !piece.includes("=")));
  for (const [name, value] of new URLSearchParams(query)) {
    if (Object.hasOwn(given, name)) throw new ValueError(`The parameter ${quotedShort(name)} is there twice: give one`);
    if (value === "" && flags.has(name) && parameters[name]?.schema.type === "boolean") {
      given[name] = true;
      continue;
    }
    // Forms send empty parameters too: one means the same as none.
    if (value === "") continue;
    given[name] = Object.hasOwn(parameters, name) ? fromText(value, parameters[name].schema.type) : value;
  }
  return readMembers(parameters, memberReader(parameters), given, "parameter");
}

function fromText(value: string, type: unknown): unknown {
  if (type === "integer" && /^(0|[1-9]\d{0,15})$/.test(value)) return Number(value);
  if (type === "boolean" && (value === "true" || value === "1")) return true;
  if (type === "boolean" && (value === "false" || value === "0")) return false;
  return value;
}
