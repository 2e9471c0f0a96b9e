/**
 * Which site a record is of, beside its name: its identifiers, and the id under which it is published.
 *
 * Only NDJSON has them. Other programs use the same names for other things, so a value of another shape is not ours.
 *
 * @module
 */

import { identifierValueBytesMax, sourceBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { isLocationId } from "../database/options.ts";
import { type Identifier, parseText } from "../database/values.ts";
import { isObject } from "./json_text.ts";
import { checkedBy, refuse } from "./problems.ts";

/** The fields, in the order in which JSON has them. */
export const identityFields = ["identifiers", "locationId"] as const;

/** One of them. */
export type IdentityField = typeof identityFields[number];

/** What they say. */
export interface SiteIdentity {
  /** What others call the site, each system once; absent: nothing is known. */
  readonly identifiers?: readonly Identifier[];
  /** The id under which it is published, 1 to 64 letters, digits, points and hyphens; absent: it has none yet. */
  readonly locationId?: string;
}

/** The shape of each, for a message. */
export const identityShapes: Readonly<Record<IdentityField, string>> = {
  identifiers: 'a list of objects with "system" and "value"',
  locationId: "a text of 1 to 64 letters, digits, points and hyphens",
};

/** Whether a name is that of such a field. */
export function isIdentityField(name: string): name is IdentityField {
  return name === "identifiers" || name === "locationId";
}

/** Whether a value has the shape of such a field. */
export function hasIdentityShape(field: IdentityField, value: unknown): boolean {
  if (field === "locationId") return typeof value === "string" && isLocationId(value);
  return Array.isArray(value) &&
    value.every((each) => isObject(each) && typeof each.system === "string" && typeof each.value === "string");
}

/**
 * Reads values of the right shape.
 *
 * @throws {InputRefusal} if a site cannot have these identifiers.
 */
export function readIdentity({ identifiers, locationId }: { readonly [Name in IdentityField]?: unknown }) {
  const identity: { -readonly [Name in keyof SiteIdentity]: SiteIdentity[Name] } = {};
  if (Array.isArray(identifiers) && identifiers.length > 0) identity.identifiers = identifiersOf(identifiers);
  if (typeof locationId === "string") identity.locationId = locationId;
  return identity as SiteIdentity;
}

function identifiersOf(given: readonly Identifier[]): readonly Identifier[] {
  const systems = new Set<string>();
  return given.map((each) => {
    const read = (text: string, what: string, bytesMax: number) => {
      const parsed = checkedBy("identifier-invalid", () => parseText(text, what, bytesMax));
      return parsed ?? refuse("identifier-invalid", `Cannot take "" as ${what}: give one, or leave it out`);
    };
    const system = read(each.system, "the system of an identifier", sourceBytesMax);
    const value = read(each.value, "an identifier", identifierValueBytesMax);
    if (systems.has(system)) {
      refuse("identifier-invalid", `There are two identifiers of the system ${quotedShort(system)}; leave out one`);
    }
    systems.add(system);
    return { system, value };
  });
}
