/**
 * What of a value is not as its schema says: as much of JSON Schema as the OpenAPI document has. A member that the
 * schema does not name is wrong, too: whoever makes a program of the document would never see it.
 *
 * @module
 */

/** A schema, of which nothing is known. */
type Schema = Readonly<Record<string, ReturnType<typeof JSON.parse>>>;

/** The words of a schema that this check knows. */
const known = new Set([
  ...["$ref", "type", "description", "const", "enum", "oneOf", "properties", "required", "additionalProperties"],
  ...["items", "maxItems", "minimum", "maximum", "pattern", "maxLength"],
]);

/**
 * Compares a value with its schema.
 *
 * @param schemas those that have names.
 * @param where what the value is called.
 * @returns a sentence for each difference.
 */
export function differences(value: unknown, schema: Schema, schemas: Schema, where = "it"): string[] {
  const unknown = Object.keys(schema).filter((word) => !known.has(word));
  if (unknown.length > 0) return [`${where}: the schema has ${unknown}, which this test does not know`];
  const { $ref, oneOf, type, minimum = -Infinity, maximum = Infinity, pattern } = schema;
  if ($ref !== undefined) return differences(value, schemas[$ref.slice($ref.lastIndexOf("/") + 1)], schemas, where);
  if (oneOf !== undefined) {
    const each: string[][] = oneOf.map((one: Schema) => differences(value, one, schemas, where));
    const fitting = each.filter((found) => found.length === 0).length;
    return fitting === 1 ? [] : [`${where}: ${fitting} of ${each.length} fit: ${each.flat().join("; ")}`];
  }
  const is = JSON.stringify(value);
  if ("const" in schema && value !== schema.const) return [`${where} is ${is}, not ${schema.const}`];
  if ("enum" in schema && !schema.enum.includes(value)) return [`${where} is ${is}, none of ${schema.enum}`];
  if (type !== undefined && !hasType(value, type)) return [`${where} is ${is}, no ${type}`];
  if (typeof value === "number" && (value < minimum || value > maximum)) return [`${where} is ${is}, out of its range`];
  if (typeof value === "string" && pattern !== undefined && !new RegExp(pattern, "u").test(value)) {
    return [`${where} is ${is}, not as ${pattern}`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, at) => differences(item, schema.items ?? {}, schemas, `${where}[${at}]`));
  }
  return type === "object" ? membersOf(value as Schema, schema, schemas, where) : [];
}

function membersOf(value: Schema, schema: Schema, schemas: Schema, where: string): string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name: string) => !(name in value)).map((name: string) =>
    `${where}.${name} is missing`
  );
  // An object of which nothing is said may be any.
  if (!("properties" in schema) && additionalProperties === undefined) return missing;
  return missing.concat(
    Object.entries(value).flatMap(([name, inner]) => {
      const of = Object.hasOwn(properties, name) ? properties[name] : additionalProperties || undefined;
      if (of === undefined) return [`${where}.${name} is not described`];
      return differences(inner, of, schemas, `${where}.${name}`);
    }),
  );
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    default:
      return type === "string" && typeof value === "string";
  }
}
