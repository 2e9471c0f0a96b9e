/**
 * SMART Scheduling Links, written: a manifest, and files of Locations, Schedules and Slots.
 *
 * The resources of a site that came from a feed go out as they came, as long as their Slots say what the site shows.
 * The writer repairs certain faults that a validator would refuse: shared ids, capacities as text, ZIP codes without
 * their zeros, instants without seconds, Schedules that do not say that they are for immunization. Any other site gets
 * one Slot of a day, with a capacity if its count of appointments is known, and no Slot if nothing is known, or only
 * something stale. An import of the feed gives the same sites, and their export the same bytes.
 *
 * As aggregators are asked to, each Location says by `meta` where it comes from and as of when it is; and by an
 * identifier the name of its site, under which it is found again.
 *
 * @module
 */

import { formatInstant, lastInstantMs, repairInstant } from "./instants.ts";
import { isObject, isRawNumber, type JsonObject, textOfValue, writeJson } from "./json_text.ts";
import { byId, byTime, type LinksDocument, readLinksDocument } from "./links_document.ts";
import {
  availabilityBy,
  hasAvailability,
  isActive,
  otherProducts,
  productOf,
  unitOfSlots,
} from "./links_availability.ts";
import {
  capacityOf,
  cvxSystem,
  extensionUrls,
  identifierSystems,
  immunization,
  objectsIn,
  referredId,
  type ResourceType,
  resourceTypes,
  unitOf,
} from "./links_terms.ts";
import { DistinctIds, idOfName } from "./distinct_ids.ts";
import { type LastKnown, lastKnownWord } from "./links_last_known.ts";
import { absent, nameOfProduct, withRequired, withService } from "./links_required.ts";
import { deletionLine } from "./links_deleted.ts";
import type { Unit } from "../database/values.ts";
import { isCvxCode } from "../database/cvx.ts";
import type { ExportProduct, ExportRecord } from "./records.ts";
import { type Day, dayOf } from "./time_zones.ts";
import { isStateName, stateOf } from "./states.ts";
import { stateOfZip } from "./zips.ts";

/** What the files are called, beside the manifest. */
export const linksFiles: Readonly<Record<ResourceType, string>> = {
  Location: "locations.ndjson",
  Schedule: "schedules.ndjson",
  Slot: "slots.ndjson",
};

/** What a manifest is called: clients know it by the end of its URL. */
export const manifestFile = "$bulk-publish";

/** The lines of a site for each file, each with its end: of its resources, or of a bundle that deletes them. */
export type SiteLines = Readonly<Record<ResourceType | "Bundle", string>>;

/** Writes a feed: first the sites, one after the other, then the manifest. */
export class LinksWriter {
  readonly #ids = { Location: new DistinctIds(), Schedule: new DistinctIds(), Slot: new DistinctIds() };
  readonly #states = new Set<string>();
  readonly #staleBefore: number;
  #transactionMs = 0;
  /** Sites that were left out because they are retired: a feed has no word for them. */
  retired = 0;
  /** Sites that are stale, so that the feed says nothing of what is available there. */
  stale = 0;

  /** A site is published under this id: no other one gets it. */
  reserve(locationId: string): void {
    this.#ids.Location.reserve(locationId);
  }

  /**
   * Begins.
   *
   * @param staleBefore what was observed before this is stale, in ms since 1970; absent: nothing is.
   */
  constructor(staleBefore = -Infinity) {
    this.#staleBefore = staleBefore;
  }

  /** Writes a site. Those of the same names in the same order have the same lines. */
  add(record: ExportRecord): SiteLines {
    if (record.retired !== undefined) {
      this.retired++;
      return this.gone(record);
    }
    const observedMs = this.#asOf(record);
    this.#transactionMs = Math.max(this.#transactionMs, observedMs);
    const isStale = observedMs !== 0 && observedMs < this.#staleBefore;
    if (isStale) this.stale++;
    const { location, state, schedules, slots } = this.#resources(record, observedMs, isStale);
    if (state !== undefined) this.#states.add(state);
    return { Location: linesOf([location]), Schedule: linesOf(schedules), Slot: linesOf(slots), Bundle: "" };
  }

  /** Writes that a site is gone. Its ids remain its own, so that those of the others stay as they are. */
  gone(record: ExportRecord): SiteLines {
    const { location, schedules, slots } = this.#resources(record, this.#asOf(record), false);
    const references = [location, ...schedules, ...slots].map(({ resourceType, id }) => `${resourceType}/${id}`);
    return { Location: "", Schedule: "", Slot: "", Bundle: deletionLine(references) };
  }

  /** As of when a record is: of several products, as of when each is at least, as far as they are not stale. */
  #asOf({ observedAt = 0, checkedAt = 0, shownProducts: products = [] }: ExportRecord): number {
    const fresh = products.filter((product) => !this.#isStale(product)).map(({ asOf }) => asOf);
    return Math.min(...fresh.length === 0 ? [Math.max(observedAt, checkedAt)] : fresh, lastInstantMs);
  }

  #isStale({ asOf }: ExportProduct): boolean {
    return asOf < this.#staleBefore;
  }

  /** The resources of a site. */
  #resources(record: ExportRecord, observedMs: number, isStale: boolean) {
    const isUnknown = isStale || record.availability === "unknown" || observedMs === 0;
    const document = readLinksDocument(record.document);
    const isAsRead = !isStale && document !== undefined && showsItsSlots(record, document);
    // Each product has a Schedule that says it.
    const isSaid = isUnknown && record.shownProducts === undefined;
    const said = isSaid ? wordsFor(observedMs === 0 ? "appointments" : record.unit) : [];
    const location = withLastKnown(
      this.#location(record, document, isAsRead, observedMs),
      isAsRead ? [] : this.#lastKnown(record, observedMs, isStale),
    );
    const locationId = textOfValue(location.id);
    const state = stateOf(isObject(location.address) ? location.address.state : undefined);
    if (record.shownProducts !== undefined && !isAsRead) {
      const days = { day: dayOf(state, observedMs), isStale };
      return { location, state, ...this.#ofProducts(record.shownProducts, document, locationId, days) };
    }
    const { schedules, idByOld } = this.#schedules(document, locationId, isAsRead, said);
    const scheduleId = schedules[0].id;
    const daySlots = () => isUnknown ? [] : [this.#daySlot(record, scheduleId, dayOf(state, observedMs))];
    const slots = isAsRead ? this.#slots(document.slots, idByOld, scheduleId) : daySlots();
    return { location, state, schedules, slots };
  }

  /** The last that was known of a site before it was stale, or of its products that are. */
  #lastKnown({ availability, shownProducts }: ExportRecord, observedMs: number, isStale: boolean): LastKnown[] {
    const known = shownProducts === undefined
      ? isStale ? [{ availability, asOf: observedMs }] : []
      : shownProducts.filter((each) => isStale || this.#isStale(each));
    return known.filter(({ availability }) => availability !== "unknown");
  }

  /**
   * The manifest, once all sites are written.
   *
   * @param baseUrl where the files will be found: a URL with `/` at its end. If absent, URLs are relative: good for a
   * directory; whoever publishes it needs full ones.
   * @param ending what the names of the files have behind them, such as `.gz`.
   */
  manifest(baseUrl = "", ending = ""): string {
    const states = [...this.#states].sort();
    const extension = states.length === 0 ? {} : { extension: { state: states } };
    const manifest = {
      transactionTime: formatInstant(this.#transactionMs),
      request: `${baseUrl}${manifestFile}`,
      requiresAccessToken: false,
      output: resourceTypes.map((type) => ({ type, url: `${baseUrl}${linksFiles[type]}${ending}`, ...extension })),
      error: [],
    };
    return `${JSON.stringify(manifest, null, 2)}\n`;
  }

  #location(
    record: ExportRecord,
    document: LinksDocument | undefined,
    isAsRead: boolean,
    observedMs: number,
  ): JsonObject {
    const known = document?.location ?? bareLocation(record);
    const base = withRequired(isAsRead ? known : inUse(known));
    const before = textOfValue(base.id);
    const id = record.locationId ?? this.#ids.Location.take(before);
    const identifiers = [
      ...record.identifiers ?? [],
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

  /**
   * The Schedules of a site, and the id of each by the one that it had.
   *
   * @param said extensions that say what is available; none: the Slots say it.
   */
  #schedules(document: LinksDocument | undefined, locationId: string, isAsRead: boolean, said: readonly JsonObject[]) {
    const reference = `Location/${locationId}`;
    const idByOld = new Map<string, string>();
    const schedules = (document?.schedules ?? []).map((schedule): JsonObject & { readonly id: string } => {
      const before = textOfValue(schedule.id);
      const id = this.#ids.Schedule.take(before);
      idByOld.set(before, id);
      const actor = objectsIn(schedule.actor).map((actor) =>
        referredId(actor, "Location") === undefined ? actor : { ...actor, reference }
      );
      const isSaid = isAsRead && said.length === 0;
      const worded = isSaid ? schedule : withWords(isAsRead ? schedule : inUse(schedule), said);
      return { ...withService(worded), id, actor };
    });
    if (schedules.length === 0) {
      const id = this.#ids.Schedule.take(locationId);
      const schedule = { resourceType: "Schedule", id, serviceType: immunization, actor: [{ reference }] };
      schedules.push({ ...withWords(schedule, said), id });
    }
    // In the order in which they will be read again.
    return { schedules: schedules.sort(byId), idByOld };
  }

  /** A Schedule for each product, and a Slot of a day if anything is known of it. */
  #ofProducts(
    products: readonly ExportProduct[],
    document: LinksDocument | undefined,
    locationId: string,
    { day, isStale }: { readonly day: Day; readonly isStale: boolean },
  ) {
    const reference = `Location/${locationId}`;
    const slots: (JsonObject & { readonly id: string })[] = [];
    const schedules = products.map((each): JsonObject & { readonly id: string } => {
      const { product, availability, unit } = each;
      const known = document?.schedules.find((schedule) => productOf(schedule) === product);
      const id = this.#ids.Schedule.take(known === undefined ? `${locationId}-${product}` : textOfValue(known.id));
      const isUnknown = isStale || this.#isStale(each) || availability === "unknown";
      const base = known === undefined
        ? { resourceType: "Schedule", id, serviceType: immunization, extension: [productWord(product)] }
        : withService(inUse(known));
      if (!isUnknown) slots.push(this.#daySlot(each, id, day));
      return { ...withWords(base, isUnknown ? wordsFor(unit) : []), id, actor: [{ reference }] };
    });
    return { schedules: schedules.sort(byId), slots: slots.sort(byId) };
  }

  #slots(slots: readonly JsonObject[], idByOld: ReadonlyMap<string, string>, firstId: string): readonly JsonObject[] {
    const written = slots.map((slot) => {
      const id = this.#ids.Slot.take(textOfValue(slot.id));
      const schedule = isObject(slot.schedule) ? slot.schedule : {};
      const reference = `Schedule/${idByOld.get(referredId(schedule, "Schedule") ?? "") ?? firstId}`;
      const start = repairInstant(textOfValue(slot.start));
      const end = repairInstant(textOfValue(slot.end));
      const times = { start: start?.repaired ?? slot.start, end: end?.repaired ?? slot.end };
      // A free Slot has room for somebody.
      const status = slot.status === "free" && capacityOf(slot)?.count !== 0 ? "free" : "busy";
      const resource = withCount({ ...slot, id, schedule: { ...schedule, reference }, status, ...times });
      return { id, text: "", startMs: start?.ms ?? 0, endMs: end?.ms ?? 0, resource };
    });
    // In the order in which they will be read again, by the ids that they have now.
    return written.sort(byTime).map(({ resource }) => resource);
  }

  /** A Slot of a day: how many appointments there are, or only whether there are any. */
  #daySlot(
    { availability, unit }: Pick<ExportRecord, "availability" | "unit">,
    scheduleId: string,
    day: Day,
  ): JsonObject & { readonly id: string } {
    const isCount = typeof availability === "number";
    const isCapacity = isCount && unit !== "doses" && availability <= capacityMax;
    const extension = [
      ...isCapacity ? [{ url: extensionUrls.capacity, valueInteger: availability }] : [],
      // Doses are not appointments: only that some exist is what others can take of it.
      ...isCount && !isCapacity ? [{ url: extensionUrls.count, valueString: String(availability) }] : [],
      ...unitWords(unit),
    ];
    return {
      resourceType: "Slot",
      id: this.#ids.Slot.take(scheduleId),
      schedule: { reference: `Schedule/${scheduleId}` },
      status: availability === 0 || availability === false ? "busy" : "free",
      ...day,
      extension,
    };
  }
}

/**
 * Whether a feed of a site is the same with a document as with the one that the site has: then the document came of
 * that feed, with what the writer repairs and adds, and says nothing new.
 *
 * @param isStale whether the feed had no Slots of the site: then it says nothing of those that the site has.
 */
export function isWrittenAlike(record: ExportRecord, document: string, isStale: boolean): boolean {
  const staleBefore = isStale ? Infinity : -Infinity;
  const linesWith = (record: ExportRecord) => Object.values(new LinksWriter(staleBefore).add(record)).join("");
  return linesWith(record) === linesWith({ ...record, document });
}

/** The largest integer that FHIR has. */
const capacityMax = 2 ** 31 - 1;

/** Whether a site shows what the Slots in its document say. */
function showsItsSlots(record: ExportRecord, document: LinksDocument): boolean {
  const { availability, unit, shownProducts: products } = record;
  const { location, slots, schedules, isComplete } = document;
  const ids = schedules.map(({ id }) => textOfValue(id));
  const scheduleOf = (slot: JsonObject) => Math.max(0, ids.indexOf(referredId(slot.schedule, "Schedule") ?? ""));
  const bySchedule = Map.groupBy(slots, scheduleOf);
  const countedIn = (product: string | undefined) => {
    const isOf = (schedule: JsonObject) => product === undefined || (productOf(schedule) ?? otherProducts) === product;
    const own = schedules.flatMap((schedule, at) => isOf(schedule) ? [at] : []);
    const ownSlots = product === undefined ? slots : own.flatMap((at) => bySchedule.get(at) ?? []);
    return unitOfSlots([...ownSlots, ...own.map((at) => schedules[at])].map(unitOf));
  };
  // Where nobody said what a site counts, it is what its feed counts.
  const isOther = ({ product, unit }: { readonly product?: string; readonly unit?: Unit }) => {
    const counted = countedIn(product);
    return unit !== counted && (unit !== undefined || counted === "doses");
  };
  if (!isComplete || (products ?? [{ unit }]).some(isOther)) return false;
  const states = (schedules.length > 0 ? schedules : [{}]).map((schedule: JsonObject, at) => ({
    said: hasAvailability(schedule),
    product: productOf(schedule),
    isActive: isActive(schedule),
    slots: (bySchedule.get(at) ?? []).map((slot) => {
      return { isFree: slot.status === "free", capacity: capacityOf(slot)?.count };
    }),
  }));
  const said = availabilityBy(isActive(location), states);
  if (products === undefined) return said.availability === availability;
  return products.length === said.products.length &&
    products.every(({ product, availability }) =>
      said.products.some((each) => each.product === product && each.availability === availability)
    );
}

/**
 * A Location of a site of which no feed has said anything. What nobody knows of it, its address and how to reach it, is
 * marked as unknown in FHIR's way.
 */
function bareLocation({ name, zip }: ExportRecord): JsonObject {
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
  const known: JsonObject = isObject(address) ? address : {};
  const [, five = "", four] = /^(\d{4,5})-?(\d{4})$/.exec(textOfValue(known.postalCode)) ?? [];
  const postalCode = five.padStart(5, "0") === zip ? `${zip}-${four}` : zip;
  return { ...known, ...isStateName(known.state) && { state: stateOf(known.state) }, postalCode };
}

function withLastKnown<T extends JsonObject>(location: T, known: readonly LastKnown[]): T {
  if (known.length === 0) return location;
  const others = objectsIn(otherExtensions(location, extensionUrls.lastKnown).extension);
  return { ...location, extension: [...others, ...known.map(lastKnownWord)] };
}

/** A resource that says where it comes from, and as of when it is. */
function withSync(resource: JsonObject, source: string | undefined, observedMs: number): JsonObject {
  const meta = isObject(resource.meta) ? resource.meta : {};
  const synced = { url: extensionUrls.lastSourceSync, valueDateTime: formatInstant(observedMs) };
  const extension = [...objectsIn(otherExtensions(meta, synced.url).extension), synced];
  return { ...resource, meta: { ...meta, ...source !== undefined && { source }, extension } };
}

/**
 * A Slot whose capacity is an integer of FHIR, where it stood as something else. One that is none is left out; one that
 * is too large is said in our way.
 */
function withCount(slot: JsonObject): JsonObject {
  const { count, form } = capacityOf(slot) ?? {};
  if (form === undefined || (form === "integer" && count !== undefined && count <= capacityMax)) return slot;
  const others = [extensionUrls.capacity, extensionUrls.count].reduce(otherExtensions, slot);
  const isLarge = count !== undefined && count > capacityMax;
  const own = isLarge
    ? { url: extensionUrls.count, valueString: String(count) }
    : { url: extensionUrls.capacity, valueInteger: count };
  const at = objectsIn(slot.extension).findIndex(({ url }) => url === extensionUrls.capacity);
  return {
    ...slot,
    extension: count === undefined ? others.extension : objectsIn(others.extension).toSpliced(at, 0, own),
  };
}

/** A Location or a Schedule that is in use: its site shows more than its publisher said. */
function inUse(resource: JsonObject): JsonObject {
  if (isActive(resource)) return resource;
  const { status: _, active: _active, ...others } = resource;
  return others;
}

/** What a Schedule says of its product. Others know codes of CVX, one for each Schedule. */
function productWord(product: string): JsonObject {
  if (!isCvxCode(product)) return { url: extensionUrls.ownProduct, valueString: product };
  const coding = { system: cvxSystem, code: product, display: nameOfProduct(product) };
  return { url: extensionUrls.product, valueCoding: coding };
}

/** What a Schedule says of a site of which nothing is known: that, and what a count would be of. */
function wordsFor(unit: Unit | undefined): readonly JsonObject[] {
  return [{ url: extensionUrls.hasAvailability, valueCode: "unknown" }, ...unitWords(unit)];
}

/** What a site counts, if not appointments. */
function unitWords(unit: Unit | undefined): readonly JsonObject[] {
  return unit === "appointments" ? [] : [{ url: extensionUrls.unit, valueCode: unit ?? "unknown" }];
}

/** A Schedule with these words on what is available, in place of those that it had. */
function withWords(schedule: JsonObject, words: readonly JsonObject[]): JsonObject {
  const hasNone = hasAvailability(schedule) === undefined && unitOf(schedule) === undefined;
  if (hasNone && words.length === 0) return schedule;
  const others = [extensionUrls.hasAvailability, extensionUrls.unit].reduce(otherExtensions, schedule);
  return { ...others, extension: [...objectsIn(others.extension), ...words] };
}

/** An element without its extensions of a URL. */
function otherExtensions(element: JsonObject, url: string): JsonObject {
  return { ...element, extension: objectsIn(element.extension).filter((extension) => extension.url !== url) };
}

function linesOf(resources: readonly JsonObject[]): string {
  return resources.map((resource) => {
    const text = writeJson(resource);
    return `${mayBeEmpty.test(text) ? writeJson(withoutEmpty(resource)) : text}\n`;
  }).join("");
}

/** Text of JSON in which something may be empty, or null; most has none of that. */
const mayBeEmpty = /\[\]|\{\}|""|null/;

/** A value without what FHIR does not have: lists, objects and texts in which nothing is, and null. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutEmpty).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (value === null || value === "") return undefined;
  if (!isObject(value) || isRawNumber(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, withoutEmpty(member)] as const);
  const some = members.filter(([, member]) => member !== undefined);
  return some.length === 0 ? undefined : Object.fromEntries(some);
}
