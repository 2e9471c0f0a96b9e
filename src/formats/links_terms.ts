/**
 * The words of SMART Scheduling Links, and how its resources say things.
 *
 * A resource may come from anyone, and hold anything: a wrong value counts as absent here. A caller that has to tell it
 * looks at the value itself.
 *
 * @module
 */

import { isObject, type JsonObject } from "./json_text.ts";
import type { Availability } from "../database/values.ts";

/** The types of resource that a feed has, in the order in which they refer to one another. */
export const resourceTypes = ["Location", "Schedule", "Slot"] as const;

/** One of them. */
export type ResourceType = typeof resourceTypes[number];

const registry = "http://fhir-registry.smarthealthit.org";

/** Where extensions are defined. */
export const extensionUrls = {
  capacity: `${registry}/StructureDefinition/slot-capacity`,
  dose: `${registry}/StructureDefinition/vaccine-dose`,
  hasAvailability: `${registry}/StructureDefinition/has-availability`,
  lastSourceSync: "http://hl7.org/fhir/StructureDefinition/lastSourceSync",
  dataAbsent: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
} as const;

/** Whose identifiers a Location has. */
export const identifierSystems = {
  /** PINs of the provider's account for ordering vaccine. */
  vtrcks: "https://cdc.gov/vaccines/programs/vtrcks",
  /** Ours: the name of the site that a Location was exported from. */
  siteName: "urn:vaxlog:site-name",
  /** Ours: the id of a resource before it was told apart from others. */
  originalId: "urn:vaxlog:original-id",
} as const;

/** What the Schedules of COVID-19 immunizations say that they are for, word for word. */
export const immunization: readonly JsonObject[] = [{
  coding: [
    { system: "http://terminology.hl7.org/CodeSystem/service-type", code: "57", display: "Immunization" },
    {
      system: `${registry}/CodeSystem/service-type`,
      code: "covid19-immunization",
      display: "COVID-19 Immunization Appointment",
    },
  ],
}];

/** The objects in a list, or none if it is not a list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The extensions of an element that have this URL. */
export function extensionsOf(element: JsonObject, url: string): readonly JsonObject[] {
  return objectsIn(element.extension).filter((extension) => extension.url === url);
}

/**
 * The id in a reference such as `Schedule/116`, or in the URL of such a one; undefined if it refers to another type.
 */
export function referredId(reference: unknown, type: ResourceType): string | undefined {
  if (!isObject(reference) || typeof reference.reference !== "string") return undefined;
  const [id, before] = reference.reference.split("/").reverse();
  return before === type && id !== "" ? id : undefined;
}

/** What a Slot says of its capacity. */
interface Capacity {
  /** Absent if it is not a count. */
  readonly count?: number;
  /** Whether it stands where a text does. */
  readonly isText: boolean;
  /** The value as it is, for a message. */
  readonly value: unknown;
}

/** Reads the capacity of a Slot: an integer from 0, or the same as a text; undefined if it has none. */
export function capacityOf(slot: JsonObject): Capacity | undefined {
  const [extension, ...others] = extensionsOf(slot, extensionUrls.capacity);
  if (extension === undefined) return undefined;
  const value = extension.valueInteger ?? extension.valueString;
  const isText = typeof value === "string" || extension.valueInteger === undefined;
  if (others.length > 0) return { isText, value: [extension, ...others] };
  const count = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  const isCount = typeof count === "number" && Number.isSafeInteger(count) && count >= 0;
  return isCount ? { count, isText, value } : { isText, value };
}

/** The part of a Slot from which its site's availability follows. */
interface SlotState {
  readonly isFree: boolean;
  /** Absent if the Slot does not say. */
  readonly capacity: number | undefined;
}

/** What an aggregator says of a Schedule without Slots: `some`, `none` or `unknown`. */
export function hasAvailability(schedule: JsonObject): unknown {
  return extensionsOf(schedule, extensionUrls.hasAvailability)[0]?.valueCode;
}

/**
 * A site's availability by its Slots: the capacity of those that are free, or whether there are any if one of these
 * says nothing of its capacity. Without Slots nobody knows, unless an aggregator says `some` or `none` of each
 * Schedule.
 *
 * @param said what its Schedules say by {@link hasAvailability}.
 */
export function availabilityBy(slots: readonly SlotState[], said: readonly unknown[]): Availability {
  if (slots.length === 0) {
    if (said.includes("some")) return true;
    return said.length > 0 && said.every((word) => word === "none") ? false : "unknown";
  }
  const free = slots.filter(({ isFree }) => isFree);
  if (free.length === 0) return slots.some(({ capacity }) => capacity !== undefined) ? 0 : false;
  const sum = free.reduce((sum, { capacity = NaN }) => sum + capacity, 0);
  return Number.isSafeInteger(sum) ? sum : true;
}
