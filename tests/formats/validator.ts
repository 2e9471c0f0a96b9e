/**
 * The checks of the validator that the field uses for SMART Scheduling Links, as far as they need no server: of the
 * manifest, and of the profiles of its resources.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { isObject, type JsonObject } from "../../src/formats/json_text.ts";
import type { WrittenFeed } from "./reading.ts";

const instant = new RegExp(
  "^([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])" +
    "T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?(Z|(\\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))$",
);
const registry = "http://fhir-registry.smarthealthit.org";

/** Fails at the first check that a feed does not pass. */
export function assertValidFeed({ manifest, files }: WrittenFeed): void {
  const parsed = JSON.parse(manifest);
  assert(isObject(parsed));
  assertInstant(parsed.transactionTime);
  assertUrl(parsed.request);
  assert(String(parsed.request).endsWith("$bulk-publish"), "the manifest's URL");
  assert(Array.isArray(parsed.output));
  assertEquals(parsed.output.map(({ type }) => type), ["Location", "Schedule", "Slot"]);
  for (const { url, extension } of parsed.output) {
    assertUrl(url);
    if (extension !== undefined) assert(extension.state.every((state: unknown) => /^[A-Z]{2}$/.test(String(state))));
  }
  const locations = resourcesOf(files["locations.ndjson"]);
  const schedules = resourcesOf(files["schedules.ndjson"]);
  const slots = resourcesOf(files["slots.ndjson"]);
  for (const location of locations) assertLocation(location);
  for (const schedule of schedules) assertSchedule(schedule, locations);
  for (const slot of slots) assertSlot(slot, schedules);
}

/** The resources of a file, whose ids are sound and distinct. */
function resourcesOf(text = ""): JsonObject[] {
  const resources: JsonObject[] = text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  for (const { id } of resources) assert(/^[A-Za-z0-9.-]{1,64}$/.test(String(id)), `the id ${id}`);
  assertEquals(new Set(resources.map(({ id }) => id)).size, resources.length);
  return resources;
}

function assertLocation(location: JsonObject): void {
  const { resourceType, name, telecom, address } = location;
  assertEquals(resourceType, "Location");
  assertEquals(typeof name, "string");
  assert(Array.isArray(telecom) && telecom.length > 0, "telecom 1..*");
  for (const point of telecom) {
    assert(point.system === "phone" || point.system === "url");
    assertThere(point, "value");
  }
  assert(isObject(address));
  for (const field of ["line", "city", "state", "postalCode"]) assertThere(address, field);
}

function assertSchedule(schedule: JsonObject, locations: readonly JsonObject[]): void {
  const { resourceType, actor, serviceType } = schedule;
  assertEquals(resourceType, "Schedule");
  assert(Array.isArray(actor) && actor.length === 1, "actor 1..1");
  assert(locations.some(({ id }) => actor[0].reference === `Location/${id}`), "an actor that is there");
  assert(Array.isArray(serviceType));
  const codes = serviceType[0].coding.map(({ system, code }: JsonObject) => `${system}#${code}`);
  assert(codes.includes("http://terminology.hl7.org/CodeSystem/service-type#57"));
  assert(codes.includes(`${registry}/CodeSystem/service-type#covid19-immunization`));
}

function assertSlot(slot: JsonObject, schedules: readonly JsonObject[]): void {
  const { resourceType, schedule, status, start, end, extension } = slot;
  assertEquals(resourceType, "Slot");
  assert(isObject(schedule));
  assert(schedules.some(({ id }) => schedule.reference === `Schedule/${id}`), "a Schedule that is there");
  assert(status === "free" || status === "busy");
  assertInstant(start);
  assertInstant(end);
  const capacities = (Array.isArray(extension) ? extension : []).filter(({ url }) => url.endsWith("/slot-capacity"));
  assert(capacities.length <= 1, "capacity 0..1");
  assert(capacities.every(({ valueInteger }) => Number.isSafeInteger(valueInteger)), "an integer");
}

/** FHIR: an element is there with its value, or with the reason why that is not known. */
function assertThere(element: JsonObject, field: string): void {
  assert(element[field] !== undefined || element[`_${field}`] !== undefined, `${field} 1..1`);
}

function assertInstant(value: unknown): void {
  assert(instant.test(String(value)), `the instant ${value}`);
}

function assertUrl(value: unknown): void {
  assert(URL.canParse(String(value)) && /^https?:/.test(String(value)), `the URL ${value}`);
}
