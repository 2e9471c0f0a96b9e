/**
 * SMART Scheduling Links, written: a manifest, and files of Locations, Schedules and Slots.
 *
 * The resources of a site that came from a feed go out as they came, as long as their Slots say what the site shows.
 * The writer repairs certain faults that a validator would refuse: shared ids, capacities as text, ZIP codes without
 * their zeros, instants without seconds. Any other site gets one Slot of a day, with a capacity if its count of
 * appointments is known, and no Slot if nothing is known. An import of the feed gives the same sites, and their export
 * the same bytes.
 *
 * As aggregators are asked to, each Location says by `meta` where it comes from and as of when it is; and by an
 * identifier the name of its site, under which it is found again.
 *
 * @module
 */

import { formatInstant, lastInstantMs, parseInstant } from "./instants.ts";
import { isObject, type JsonObject, textOfValue, writeJson } from "./json_text.ts";
import { byId, byTime, type LinksDocument, readLinksDocument } from "./links_document.ts";
import {
  availabilityBy,
  capacityOf,
  extensionUrls,
  hasAvailability,
  identifierSystems,
  immunization,
  objectsIn,
  referredId,
  type ResourceType,
  resourceTypes,
} from "./links_terms.ts";
import { DistinctIds, idOfName } from "./distinct_ids.ts";
import type { ExportRecord } from "./records.ts";
import { type Day, dayOf } from "./time_zones.ts";
import { stateOf, stateOfZip } from "./zips.ts";

/** What the files are called, beside the manifest. */
export const linksFiles: Readonly<Record<ResourceType, string>> = {
  Location: "locations.ndjson",
  Schedule: "schedules.ndjson",
  Slot: "slots.ndjson",
};

/** What a manifest is called: clients know it by the end of its URL. */
export const manifestFile = "$bulk-publish";

/** Writes a feed: first the sites, one after the other, then the manifest. */
export class LinksWriter {
  readonly #ids = { Location: new DistinctIds(), Schedule: new DistinctIds(), Slot: new DistinctIds() };
  readonly #states = new Set<string>();
  #transactionMs = 0;
  /** Sites that were left out because they are retired: a feed has no word for them. */
  retired = 0;

  /**
   * Writes a site. Those of the same names in the same order have the same lines.
   *
   * @returns the lines for each file, each with its end.
   */
  add(record: ExportRecord): Readonly<Record<ResourceType, string>> {
    if (record.retired !== undefined) {
      this.retired++;
      return { Location: "", Schedule: "", Slot: "" };
    }
    const observedMs = Math.min(record.observedAt ?? 0, lastInstantMs);
    this.#transactionMs = Math.max(this.#transactionMs, observedMs);
    const document = readLinksDocument(record.document);
    const location = this.#location(record, document, observedMs);
    const locationId = textOfValue(location.id);
    const state = stateOf(isObject(location.address) ? location.address.state : undefined);
    if (state !== undefined) this.#states.add(state);
    const isAsRead = document !== undefined && showsItsSlots(record, document);
    const { schedules, idByOld } = this.#schedules(document, locationId, isAsRead);
    const scheduleId = schedules[0].id;
    const slots = isAsRead
      ? this.#slots(document.slots, idByOld, scheduleId)
      : this.#daySlot(record, scheduleId, dayOf(state, observedMs));
    return { Location: linesOf([location]), Schedule: linesOf(schedules), Slot: linesOf(slots) };
  }

  /**
   * The manifest, once all sites are written.
   *
   * @param baseUrl where the files will be found: a URL with `/` at its end. If absent, URLs are relative: good for a
   * directory; whoever publishes it needs full ones.
   */
  manifest(baseUrl = ""): string {
    const states = [...this.#states].sort();
    const extension = states.length === 0 ? {} : { extension: { state: states } };
    const manifest = {
      transactionTime: formatInstant(this.#transactionMs),
      request: `${baseUrl}${manifestFile}`,
      requiresAccessToken: false,
      output: resourceTypes.map((type) => ({ type, url: `${baseUrl}${linksFiles[type]}`, ...extension })),
      error: [],
    };
    return `${JSON.stringify(manifest, null, 2)}\n`;
  }

  #location(record: ExportRecord, document: LinksDocument | undefined, observedMs: number): JsonObject {
    const base = document?.location ?? bareLocation(record);
    const before = textOfValue(base.id);
    const id = this.#ids.Location.take(before);
    const identifiers = [
      // Nobody knows a bare one by the id that was made of its name.
      ...(document === undefined || id === before ? [] : [{ system: identifierSystems.originalId, value: before }]),
      { system: identifierSystems.siteName, value: record.name },
    ];
    const systems = new Set<string>(identifiers.map(({ system }) => system));
    const others = objectsIn(base.identifier).filter(({ system }) => !systems.has(textOfValue(system)));
    return withSync(
      { ...base, id, identifier: [...others, ...identifiers], address: addressOf(base, record.zip) },
      document === undefined ? uriOf(record.source) : document.source,
      observedMs,
    );
  }

  /** The Schedules of a site, and the id of each by the one that it had. */
  #schedules(document: LinksDocument | undefined, locationId: string, isAsRead: boolean) {
    const reference = `Location/${locationId}`;
    const idByOld = new Map<string, string>();
    const schedules = (document?.schedules ?? []).map((schedule): JsonObject & { readonly id: string } => {
      const before = textOfValue(schedule.id);
      const id = this.#ids.Schedule.take(before);
      idByOld.set(before, id);
      const actor = objectsIn(schedule.actor).map((actor) =>
        referredId(actor, "Location") === undefined ? actor : { ...actor, reference }
      );
      return { ...isAsRead ? schedule : withoutWord(schedule), id, actor };
    });
    if (schedules.length === 0) {
      const id = this.#ids.Schedule.take(locationId);
      schedules.push({ resourceType: "Schedule", id, serviceType: immunization, actor: [{ reference }] });
    }
    // In the order in which they will be read again.
    return { schedules: schedules.sort(byId), idByOld };
  }

  #slots(slots: readonly JsonObject[], idByOld: ReadonlyMap<string, string>, firstId: string): readonly JsonObject[] {
    const written = slots.map((slot) => {
      const id = this.#ids.Slot.take(textOfValue(slot.id));
      const schedule = isObject(slot.schedule) ? slot.schedule : {};
      const reference = `Schedule/${idByOld.get(referredId(schedule, "Schedule") ?? "") ?? firstId}`;
      const start = parseInstant(textOfValue(slot.start));
      const end = parseInstant(textOfValue(slot.end));
      const times = { start: start?.repaired ?? slot.start, end: end?.repaired ?? slot.end };
      const resource = withNumber({ ...slot, id, schedule: { ...schedule, reference }, ...times });
      return { id, text: "", startMs: start?.ms ?? 0, endMs: end?.ms ?? 0, resource };
    });
    // In the order in which they will be read again, by the ids that they have now.
    return written.sort(byTime).map(({ resource }) => resource);
  }

  /** A Slot of a day: how many appointments there are, or only whether there are any. */
  #daySlot({ availability, unit, observedAt }: ExportRecord, scheduleId: string, day: Day): JsonObject[] {
    // Nothing is known of a site without a report either.
    if (availability === "unknown" || !observedAt) return [];
    // Doses are not appointments: only that some exist follows.
    const isCount = typeof availability === "number" && unit !== "doses";
    return [{
      resourceType: "Slot",
      id: this.#ids.Slot.take(scheduleId),
      schedule: { reference: `Schedule/${scheduleId}` },
      status: availability === 0 || availability === false ? "busy" : "free",
      ...day,
      ...isCount && { extension: [{ url: extensionUrls.capacity, valueInteger: availability }] },
    }];
  }
}

/** Whether a site shows what the Slots in its document say. */
function showsItsSlots({ availability, unit }: ExportRecord, { slots, schedules, isComplete }: LinksDocument): boolean {
  if (!isComplete || unit === "doses") return false;
  const states = slots.map((slot) => ({ isFree: slot.status === "free", capacity: capacityOf(slot)?.count }));
  return availabilityBy(states, schedules.map(hasAvailability)) === availability;
}

/**
 * A Location of a site of which no feed has said anything. What nobody knows of it, its address and how to reach it, is
 * marked as unknown in FHIR's way.
 */
function bareLocation({ name, zip }: ExportRecord): JsonObject {
  const absent = { extension: [{ url: extensionUrls.dataAbsent, valueCode: "unknown" }] };
  const state = stateOfZip(zip);
  return {
    resourceType: "Location",
    id: idOfName(name),
    identifier: [],
    name,
    telecom: [{ system: "phone", _value: absent }],
    address: { _line: [absent], _city: absent, ...state === undefined ? { _state: absent } : { state } },
  };
}

/** A source that may stand where FHIR wants a URI. */
function uriOf(source: string | undefined): string | undefined {
  return source !== undefined && URL.canParse(source) ? source : undefined;
}

/** An address with the ZIP code of its site, and the four digits that it may have had behind it. */
function addressOf({ address }: JsonObject, zip: string): JsonObject {
  const known = isObject(address) ? address : {};
  const [, five = "", four] = /^(\d{4,5})-?(\d{4})$/.exec(textOfValue(known.postalCode)) ?? [];
  return { ...known, postalCode: five.padStart(5, "0") === zip ? `${zip}-${four}` : zip };
}

/** A resource that says where it comes from, and as of when it is. */
function withSync(resource: JsonObject, source: string | undefined, observedMs: number): JsonObject {
  const meta = isObject(resource.meta) ? resource.meta : {};
  const synced = { url: extensionUrls.lastSourceSync, valueDateTime: formatInstant(observedMs) };
  const extension = [...otherExtensions(meta, synced.url), synced];
  return { ...resource, meta: { ...meta, ...source !== undefined && { source }, extension } };
}

/** A Slot whose capacity is a number, where it was a text of one; and left out, where it was none. */
function withNumber(slot: JsonObject): JsonObject {
  const capacity = capacityOf(slot);
  if (capacity === undefined || (capacity.count !== undefined && !capacity.isText)) return slot;
  const { count } = capacity;
  const extension = objectsIn(slot.extension).flatMap((each) => {
    if (each.url !== extensionUrls.capacity) return [each];
    const { valueString: _, ...rest } = each;
    return count === undefined ? [] : [{ ...rest, valueInteger: count }];
  });
  return { ...slot, extension };
}

/** A Schedule that does not say whether anything is available: what it said is not what its site shows. */
function withoutWord(schedule: JsonObject): JsonObject {
  if (hasAvailability(schedule) === undefined) return schedule;
  return { ...schedule, extension: otherExtensions(schedule, extensionUrls.hasAvailability) };
}

function otherExtensions(element: JsonObject, url: string): readonly JsonObject[] {
  return objectsIn(element.extension).filter((extension) => extension.url !== url);
}

function linesOf(resources: readonly JsonObject[]): string {
  return resources.map((resource) => `${writeJson(resource)}\n`).join("");
}
