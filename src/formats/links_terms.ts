/**
 * The words of SMART Scheduling Links, and how its resources say things.
 *
 * A resource may come from anyone, and hold anything: a wrong value counts as absent here. A caller that has to tell it
 * looks at the value itself.
 *
 * @module
 */

import { vtrcksSystem } from "../database/vtrcks.ts";
import { isObject, type JsonObject } from "./json_text.ts";

/** The types of resource that a feed has, in the order in which they refer to one another. */
export const resourceTypes = ["Location", "Schedule", "Slot"] as const;

/** One of them. */
export type ResourceType = typeof resourceTypes[number];

const registry = "http://fhir-registry.smarthealthit.org";

/** Where extensions are defined. */
export const extensionUrls = {
  capacity: `${registry}/StructureDefinition/slot-capacity`,
  dose: `${registry}/StructureDefinition/vaccine-dose`,
  product: `${registry}/StructureDefinition/vaccine-product`,
  hasAvailability: `${registry}/StructureDefinition/has-availability`,
  lastSourceSync: "http://hl7.org/fhir/StructureDefinition/lastSourceSync",
  dataAbsent: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
  /** Ours: a count that a capacity cannot say, because it is not of appointments or is too large. */
  count: "urn:vaxlog:count",
  /** Ours: a product that is not one code of CVX. */
  ownProduct: "urn:vaxlog:product",
  /** Ours: what was last known of a stale site, of which the feed says no more. */
  lastKnown: "urn:vaxlog:last-known",
  /** Ours: what a site counts, if not appointments: `doses`, or `unknown` if nobody said. */
  unit: "urn:vaxlog:unit",
} as const;

/** Whose identifiers a Location has. */
export const identifierSystems = {
  /** PINs of the provider's account for ordering vaccine. */
  vtrcks: vtrcksSystem,
  /** Ours: the name of the site that a Location was exported from. */
  siteName: "urn:vaxlog:site-name",
  /** Ours: the id of a resource before it was told apart from others. */
  originalId: "urn:vaxlog:original-id",
} as const;

/** Whose codes of vaccines a Schedule names. */
export const cvxSystem = "http://hl7.org/fhir/sid/cvx";

/** What the Schedules of COVID-19 immunizations say that they are for, word for word. */
export const immunization = [{
  coding: [
    { system: "http://terminology.hl7.org/CodeSystem/service-type", code: "57", display: "Immunization" },
    {
      system: `${registry}/CodeSystem/service-type`,
      code: "covid19-immunization",
      display: "COVID-19 Immunization Appointment",
    },
  ],
}] as const satisfies readonly JsonObject[];

/** A URL without its query: a publisher that is asked otherwise is the same. Other texts stay as they are. */
export function withoutQuery(url: string): string {
  return /^(?:https?|file):/i.test(url) ? url.replace(/[?#].*$/s, "") : url;
}

/** The objects in a list, or none if it is not a list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The extensions of an element that have this URL. */
export function extensionsOf(element: JsonObject, url: string): readonly JsonObject[] {
  return objectsIn(element.extension).filter((extension) => extension.url === url);
}

/** Whether the Slots of a Schedule are for immunization, as far as it says what they are for. */
export function isImmunization(schedule: JsonObject): boolean {
  const given = serviceCodings(schedule).filter(({ code }) => textOf(code) !== "");
  return given.length === 0 || given.some(isOfImmunization);
}

/** Whether a coding is one of immunization, whoever's system it names. */
export function isOfImmunization({ code }: JsonObject): boolean {
  return immunization[0].coding.some((each) => each.code === textOf(code));
}

/** The services of a Schedule in words, as far as it gives them: `General Practice`. */
export function servicesOf(schedule: JsonObject): string {
  const words = serviceCodings(schedule).map(({ display, code }) => textOf(display) || textOf(code));
  return words.filter((word) => word !== "").join(", ");
}

/** The codings of all of them. */
export function serviceCodings(schedule: JsonObject): readonly JsonObject[] {
  return conceptsOf(schedule).flatMap(({ coding }) => objectsIn(coding));
}

/** The concepts that a Schedule gives as its services. */
export function conceptsOf({ serviceType }: JsonObject): readonly JsonObject[] {
  return objectsIn(Array.isArray(serviceType) ? serviceType : [serviceType]);
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

const references: Readonly<Record<ResourceType, RegExp>> = {
  Location: /(?:^|\/)Location\/([^]*)$/,
  Schedule: /(?:^|\/)Schedule\/([^]*)$/,
  Slot: /(?:^|\/)Slot\/([^]*)$/,
};

/**
 * The id in a reference such as `Schedule/116`, or in the URL of such a one; undefined if it refers to another type.
 */
export function referredId(reference: unknown, type: ResourceType): string | undefined {
  if (!isObject(reference) || typeof reference.reference !== "string") return undefined;
  const [, id = ""] = references[type].exec(reference.reference) ?? [];
  return id.replace(/\/_history\/[^/]*$/, "") || undefined;
}

/** What a Slot says of its capacity. */
interface Capacity {
  /** Absent if it is not a count. */
  readonly count?: number;
  /** What it stands as: an integer, as it should, a number of another type, or a text. */
  readonly form: "integer" | "number" | "text";
  /** The value as it is, for a message. */
  readonly value: unknown;
}

/** The types of number that a capacity is found as; the first is right. */
const capacityKeys = [
  "valueInteger",
  "valueUnsignedInt",
  "valuePositiveInt",
  "valueDecimal",
  "valueInteger64",
] as const;

/**
 * Reads the capacity of a Slot: a whole number from 0, or the same as a text; undefined if it has none. What a site
 * counts that it was exported from comes before.
 */
export function capacityOf(slot: JsonObject): Capacity | undefined {
  const [own] = extensionsOf(slot, extensionUrls.count);
  const ownCount = own === undefined ? undefined : countOf(own.valueString);
  if (ownCount !== undefined) return { count: ownCount, form: "integer", value: ownCount };
  const [extension, ...others] = extensionsOf(slot, extensionUrls.capacity);
  if (extension === undefined) return undefined;
  const key = capacityKeys.find((key) => extension[key] !== undefined);
  const value = key === undefined ? extension.valueString : extension[key];
  const form = typeof value === "string" ? "text" : key === "valueInteger" ? "integer" : "number";
  if (others.length > 0) return { form, value: [extension, ...others] };
  const count = countOf(value);
  return count === undefined ? { form, value } : { count, form, value };
}

function countOf(value: unknown): number | undefined {
  const count = typeof value === "string" && /^\s*\d{1,16}(?:\.0+)?\s*$/.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** What a Slot or a Schedule that was exported counts, if not appointments. */
export function unitOf(resource: JsonObject): "doses" | "unknown" | undefined {
  const [{ valueCode } = {} as JsonObject] = extensionsOf(resource, extensionUrls.unit);
  return valueCode === "doses" || valueCode === "unknown" ? valueCode : undefined;
}
