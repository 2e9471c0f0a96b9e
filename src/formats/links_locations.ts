/**
 * Locations of a feed of SMART Scheduling Links: each becomes a site.
 *
 * @module
 */

import { isVtrcksPin } from "../database/vtrcks.ts";
import { nameCodePointsMax, sourceBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { repairInstant } from "./instants.ts";
import { isObject, type JsonObject, shown, shownJson, textOfValue } from "./json_text.ts";
import { isActive } from "./links_availability.ts";
import { takeLastKnown } from "./links_last_known.ts";
import { extensionsOf, extensionUrls, identifierSystems, objectsIn } from "./links_terms.ts";
import { type InputPlace, orElse, refuse, type TellProblem } from "./problems.ts";
import { addressBytesMax, nameOf, readText } from "./record_fields.ts";
import { isStateName, stateOf } from "./states.ts";
import { readPostalCode, stateOfZip } from "./zips.ts";

/** A Location, as far as it concerns its site. */
export type FeedLocation = InputPlace & { readonly id: string } & Readonly<ReturnType<typeof readLocation>>;

/** What publishers call the store with which they try things out. */
const testId = /^9{5,}$/;
const testName = /\btest (?:store|site|location|pharmacy|clinic)\b/i;

const idPattern = /^[A-Za-z0-9.-]{1,64}$/;

/**
 * The id of a resource.
 *
 * @throws {InputRefusal} if it has none.
 */
export function readId({ resourceType, id }: JsonObject, tell: TellProblem): string {
  const text = Number.isSafeInteger(id) ? String(id) : id;
  if (typeof text !== "string" || text === "") {
    const what = id === undefined || id === "" ? `The ${resourceType} has no id` : `Its id is ${shownJson(id)}`;
    refuse("id-missing", `${what}; it was left out: give an id of up to 64 letters and digits`);
  }
  if (text !== id) tell("id-as-number", `The id ${text} is a JSON number; it was taken as a text`);
  if (!idPattern.test(text)) {
    const what = `The id ${quotedShort(text)} is not of up to 64 letters, digits, "-" and "."; it was taken as it is`;
    tell("id-invalid", what);
  }
  return text;
}

/**
 * Reads a Location.
 *
 * @param request the URL of the feed.
 * @param tell is told what was repaired, and what is doubtful.
 * @throws {InputRefusal} if no site can be made of it.
 */
export function readLocation(location: JsonObject, request: string, tell: TellProblem) {
  const address = isObject(location.address) ? location.address : {};
  const identifiers = objectsIn(location.identifier);
  const name = locationName(location.name, tell);
  const stated = stateOf(address.state);
  if (isStateName(address.state)) {
    tell("state-name", `The state ${quotedShort(textOfValue(address.state))} was taken as "${stated}"`);
  }
  const siteName = textOr(identifiers.find(({ system }) => system === identifierSystems.siteName)?.value);
  const zip = readPostalCode(address.postalCode, stated, siteName !== undefined, tell);
  for (const { system, value } of identifiers) {
    if (system !== identifierSystems.vtrcks || (typeof value === "string" && isVtrcksPin(value))) continue;
    tell("vtrcks-unknown", `The VTrckS PIN ${quotedShort(textOfValue(value))} is not valid; it was kept as it is`);
  }
  if (testId.test(textOfValue(location.id)) || testName.test(name)) {
    const what = `The Location ${quotedShort(name)} with the id ${shown(location.id)} looks like a test`;
    tell("location-test", `${what}; it was kept`);
  }
  const isOpen = isActive(location);
  if (!isOpen) tell("location-inactive", `The Location ${quotedShort(name)} is not active: nothing is available there`);
  const { source, resource: rest } = takeSource(location);
  // Only a feed of ours says that.
  const { lastKnown, resource } = siteName === undefined ? { lastKnown: [], resource: rest } : takeLastKnown(rest);
  const reportSource = source ?? usableSource(request, tell);
  return {
    /** Its own name, which others may have too. */
    name,
    /** The name of the site that it was exported from, if it says so. */
    siteName,
    zip,
    /** Two letters; undefined if it is not known. */
    state: stated ?? stateOfZip(zip),
    city: textOr(address.city),
    /** Its lines and its city. */
    address: addressText(address),
    /** What else it is known by. */
    identifiers: identifiers.flatMap(({ system, value }) => {
      const isOwn = system === identifierSystems.siteName || system === identifierSystems.originalId;
      return !isOwn && typeof system === "string" && typeof value === "string" ? [{ system, value }] : [];
    }),
    /** Whether anything can be available there. */
    isOpen,
    /** The source that the publisher names, or else the feed itself; undefined for an exported site without one. */
    source: source ?? (siteName === undefined ? reportSource : undefined),
    /** The same for its report, which always comes from somewhere. */
    reportSource,
    /** The last that was known of it before it was stale. */
    lastKnown,
    /** The part that the document keeps. */
    resource,
  };
}

/** Its name, cut at its end if it is longer than that of a site may be. */
function locationName(value: unknown, tell: TellProblem): string {
  const characters = typeof value === "string" ? [...value.trim().normalize("NFC")] : [];
  if (characters.length <= nameCodePointsMax) return nameOf(value);
  const name = nameOf(characters.slice(0, nameCodePointsMax).join(""));
  const what = `The name ${quotedShort(characters.join(""))} has ${characters.length} characters`;
  tell("name-shortened", `${what}; the site has the first ${nameCodePointsMax}`);
  return name;
}

/** An address as one text; undefined if there is none, or it is too long to tell sites apart. */
function addressText({ line, city }: JsonObject): string | undefined {
  const parts = [...Array.isArray(line) ? line : [line], city].filter((part) => typeof part === "string");
  return orElse(() => readText(parts.join(", "), "address", addressBytesMax), () => undefined);
}

/** A text that may stand in a site's name. */
function textOr(value: unknown): string | undefined {
  return orElse(() => nameOf(value), () => undefined);
}

function usableSource(request: string, tell: TellProblem): string | undefined {
  return orElse(() => readText(request, "source", sourceBytesMax), ({ message }) => {
    tell("source-unusable", `${message}. The report was taken without it`);
    return undefined;
  });
}

/** A resource with another meta; without one if nothing is left of it. */
function withMeta(resource: JsonObject, meta: JsonObject): JsonObject {
  const { meta: _, ...rest } = resource;
  // A key keeps its place, so that the text stays the same where nothing was taken out.
  return Object.keys(meta).length === 0 ? rest : { ...resource, meta };
}

/** Takes out of a Location where its publisher has it from: that belongs to the report, and changes with each. */
function takeSource(location: JsonObject): { readonly source: string | undefined; readonly resource: JsonObject } {
  const { source: value, ...left } = isObject(location.meta) ? location.meta : {};
  const source = orElse(() => readText(value, "source", sourceBytesMax), () => undefined);
  // One that would not come back word for word stays where it is.
  if (source === undefined || source !== value) return { source: undefined, resource: location };
  return { source, resource: withMeta(location, left) };
}

/**
 * Takes out of a resource when an aggregator has seen that it was true: that changes with each report too.
 *
 * @returns milliseconds since 1970, Infinity if no aggregator has said so; and the rest.
 */
export function takeSyncedAt(resource: JsonObject): { readonly syncedAt: number; readonly rest: JsonObject } {
  const meta = isObject(resource.meta) ? resource.meta : {};
  const [extension, ...others] = extensionsOf(meta, extensionUrls.lastSourceSync);
  const value = extension?.valueDateTime ?? extension?.valueInstant;
  const instant = typeof value === "string" ? repairInstant(value) : undefined;
  if (instant === undefined || instant.ms < 0 || others.length > 0) return { syncedAt: Infinity, rest: resource };
  const { extension: all, ...left } = meta;
  const kept = Array.isArray(all) ? all.filter((other) => other !== extension) : [];
  return { syncedAt: instant.ms, rest: withMeta(resource, kept.length === 0 ? left : { ...meta, extension: kept }) };
}
