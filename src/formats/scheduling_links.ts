/**
 * SMART Scheduling Links, read: a manifest, and files of Locations, Schedules and Slots in FHIR's JSON.
 *
 * Each Location becomes a site with one report: what its Slots say is available, as of the feed's `transactionTime`, or
 * of when an aggregator has last seen it. Whatever else the publisher says is kept in the site's document.
 *
 * Feeds have faults. The reader repairs a fault that has one possible repair, keeps a wrong value that changes nothing,
 * and leaves the rest out line by line; it tells each with its file and line. A file that cannot be read to its end
 * makes the whole feed fail: nothing in it is certain.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { type JsonObject, shown, textOfValue, writeJson } from "./json_text.ts";
import { hasAvailability, isActive, productOf } from "./links_availability.ts";
import { readDeleted } from "./links_deleted.ts";
import { readFeedFile } from "./links_files.ts";
import { type FeedLocation, readId, readLocation, takeSyncedAt } from "./links_locations.ts";
import { FeedError, type Manifest, readManifest } from "./links_manifest.ts";
import { lookUpSites, type SiteFinder } from "./known_lookup.ts";
import { goneNote, KnownSites } from "./known_sites.ts";
import { nameLocations } from "./links_names.ts";
import { type FeedSchedule, type FeedSite, recordOf } from "./links_record.ts";
import { RepeatedResources } from "./links_repeated.ts";
import { type FeedSlot, locationIdOf, readSlot, scheduleIdOf, tellDose } from "./links_slots.ts";
import {
  isImmunization,
  objectsIn,
  referredId,
  type ResourceType,
  resourceTypes,
  servicesOf,
  unitOf,
} from "./links_terms.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import { type InputPlace, madeOf, type OnProblem, refuse, tellAt, type TellProblem } from "./problems.ts";
import type { Bytes, ImportRecord } from "./records.ts";
import { stateOf } from "./states.ts";

/** Bytes of the resources of one feed. All are held at once, because any Slot may belong to any Location. */
export const feedBytesMax = 512 * 1024 * 1024;

export { FeedError, parseManifest } from "./links_manifest.ts";
export { KnownSites } from "./known_sites.ts";

/** A feed, and what is needed to read it. */
interface FeedSource {
  /** The manifest, as JSON. */
  readonly manifest: JsonObject;
  /** Where it was found; what its URLs are relative to. */
  readonly url: string;
  /** Two letters: only Locations of this state are read; absent: all. */
  readonly state?: string;
  /** Reads a file of the feed; an error that it throws is that of the import. */
  fetchBytes(url: string): Bytes;
  /** What the feed is called; absent: the URL of its manifest by its own word, without query. */
  readonly source?: string;
  /** The sites that are there, or how to look them up. */
  readonly known: KnownSites | SiteFinder;
  /** Is told of each line that was repaired or refused. */
  readonly onProblem: OnProblem;
}

/** The resources of one type by id; several of one id are told apart only where nothing refers to them. */
type Resources<T> = Map<string, Resource<T>[]>;

interface Resource<T> {
  readonly place: InputPlace;
  /** The result; undefined if it was refused or passed over. */
  made: T | undefined;
  /** Whether it is about something else, as is all that refers to it. */
  isPassed: boolean;
}

const repeatedKinds = { Location: "location-repeated", Schedule: "schedule-repeated", Slot: "slot-repeated" } as const;

/**
 * Reads a feed.
 *
 * @returns a record for each Location, and for each that the feed has listed before and does not list any more, once
 * all files are read.
 * @throws {FeedError} if nothing of it can be imported.
 */
export async function* readSchedulingLinks(feed: FeedSource): AsyncGenerator<ImportRecord> {
  const manifest = readManifest(feed.manifest, feed.url, feed.state, feed.onProblem);
  const reading = new FeedReading(feed, feed.source === undefined ? manifest : { ...manifest, request: feed.source });
  for (const type of resourceTypes) await reading.read(type);
  await reading.readDeleted();
  yield* reading.records();
}

/** A feed while it is read. */
class FeedReading {
  readonly #feed: FeedSource;
  readonly #manifest: Manifest;
  readonly #locations: Resources<FeedSite> = new Map();
  readonly #schedules: Resources<FeedSchedule> = new Map();
  readonly #slots = new Map<string, FeedSlot[]>();
  readonly #repeated = new RepeatedResources();
  #deleted: ReadonlySet<string> = new Set();
  /** Types of which a line could not be read, which may be about any site. */
  readonly #unread = new Set<ResourceType>();
  #bytes = 0;

  constructor(feed: FeedSource, manifest: Manifest) {
    this.#feed = feed;
    this.#manifest = manifest;
  }

  /** Reads all files of one type; those that it refers to come before. */
  async read(type: ResourceType): Promise<void> {
    for (const file of this.#manifest.files) {
      if (file.type === type) await this.#readFile(file);
    }
    if (type === "Location") this.#refuseAmbiguous(this.#locations, "Locations", "location-ambiguous");
    if (type === "Schedule") {
      for (const schedule of this.#refuseAmbiguous(this.#schedules, "Schedules", "schedule-ambiguous")) {
        const { site } = schedule;
        site.schedules.splice(site.schedules.indexOf(schedule), 1);
        site.isIncomplete = true;
      }
    }
  }

  /** Reads which Locations were deleted. */
  async readDeleted(): Promise<void> {
    const { fetchBytes, onProblem } = this.#feed;
    this.#deleted = await readDeleted(this.#manifest.deleted, fetchBytes, onProblem);
  }

  async #readFile({ type, name, url, syncedAt }: Manifest["files"][number]): Promise<void> {
    const { fetchBytes, onProblem } = this.#feed;
    for await (const { resource, place, length } of readFeedFile(fetchBytes(url), name, onProblem)) {
      this.#bytes += length;
      if (this.#bytes > feedBytesMax) {
        const size = `over ${feedBytesMax} bytes`;
        throw new FeedError(`Cannot import the feed: its resources have ${size}; import its states one by one`);
      }
      if (resource !== undefined) this.#readResource(type, resource, place, syncedAt);
      else this.#unread.add(type);
    }
  }

  #readResource(type: ResourceType, whole: JsonObject, place: InputPlace, fileSyncedAt: number): void {
    const isTaken = madeOf(place, this.#feed.onProblem, (tell) => {
      const { resourceType } = whole;
      if (resourceType !== type) {
        const what = `The resourceType is ${shown(resourceType)} in a file of ${type}s; it was left out`;
        refuse("resource-type", what);
      }
      const { rest: resource, syncedAt: ownSyncedAt } = takeSyncedAt(whole);
      const syncedAt = Math.min(ownSyncedAt, fileSyncedAt);
      const id = readId(whole, tell);
      const text = writeJson(resource);
      if (this.#repeated.has(type, id, resource, text)) {
        tell(repeatedKinds[type], `The ${type} ${quotedShort(id)} appeared before, the same in all; it counts once`);
      } else if (type === "Location") this.#takeLocation(resource, { id, syncedAt, place, tell });
      else if (type === "Schedule") this.#takeSchedule(resource, { id, text, syncedAt, place, tell });
      else this.#takeSlot(resource, { id, text, syncedAt, place, tell });
      return true;
    });
    if (isTaken) return;
    // There may be more than is read.
    for (const site of this.#sitesOf(type, whole)) site.isIncomplete = true;
    if (type === "Location" && !this.#locations.has(textOfValue(whole.id))) this.#unread.add(type);
  }

  #takeLocation(resource: JsonObject, { id, syncedAt, place, tell }: Omit<Taken, "text">): void {
    const { state } = this.#feed;
    const { address } = resource;
    const stated = stateOf(objectsIn([address])[0]?.state);
    add(this.#locations, id, place, () => {
      if (state !== undefined && stated !== undefined && stated !== state) return "passed";
      const location = { ...place, id, ...readLocation(resource, this.#manifest.request, tell) };
      if (state !== undefined && location.state !== state) return "passed";
      return { location, schedules: [], isIncomplete: false, syncedAt };
    });
  }

  #takeSchedule(resource: JsonObject, { id, text, syncedAt, place, tell }: Taken): void {
    add(this.#schedules, id, place, () => {
      const site = this.#resolved(this.#locations, locationIdOf(resource), "Location", "schedule-unresolved");
      if (site === undefined) return "passed";
      if (!isImmunization(resource)) {
        const what = `The Schedule ${quotedShort(id)} is for ${shown(servicesOf(resource))}, not for immunization`;
        tell("schedule-other", `${what}; it was left out with its Slots`);
        // Whether vaccine is given in these appointments, too, nobody knows.
        site.isIncomplete = true;
        return "passed";
      }
      tellDose(resource, tell);
      const isInUse = isActive(resource);
      if (!isInUse) tell("schedule-inactive", `The Schedule ${quotedShort(id)} is not active; its Slots do not count`);
      const [said, product] = [hasAvailability(resource), productOf(resource)];
      const unit = unitOf(resource);
      const schedule: FeedSchedule = { ...place, site, id, text, said, product, unit, isActive: isInUse, slots: [] };
      site.schedules.push(schedule);
      site.syncedAt = Math.min(site.syncedAt, syncedAt);
      return schedule;
    });
  }

  #takeSlot(resource: JsonObject, { id, text, syncedAt, place, tell }: Taken): void {
    if (resource.status === "entered-in-error") {
      return tell("slot-in-error", `The Slot ${quotedShort(id)} was entered in error, says its publisher`);
    }
    const schedule = this.#resolved(this.#schedules, scheduleIdOf(resource), "Schedule", "slot-unresolved");
    if (schedule === undefined) return;
    const { site } = schedule;
    const slot = { ...place, id, text, schedule, ...readSlot(resource, site.location.state, tell) };
    schedule.slots.push(slot);
    site.syncedAt = Math.min(site.syncedAt, syncedAt);
    this.#slots.getOrInsertComputed(id, () => []).push(slot);
  }

  /** The sites that a Schedule or a Slot is about, whatever else is wrong with it. */
  #sitesOf(type: ResourceType, { actor, schedule }: JsonObject): readonly FeedSite[] {
    if (type === "Slot") {
      const id = referredId(schedule, "Schedule");
      return (this.#schedules.get(id ?? "") ?? []).flatMap(({ made }) => made?.site ?? []);
    }
    const ids = type === "Schedule" ? objectsIn(actor).flatMap((each) => referredId(each, "Location") ?? []) : [];
    return ids.flatMap((id) => this.#locations.get(id) ?? []).flatMap(({ made }) => made ?? []);
  }

  /** What a reference is to; undefined if that was passed over. */
  #resolved<T>(byId: Resources<T>, id: string, type: ResourceType, kind: ProblemKind): T | undefined {
    const [resource] = byId.get(id) ?? [];
    if (resource?.made !== undefined) return resource.made;
    // Files of other states were not read.
    if (resource === undefined ? this.#feed.state !== undefined : resource.isPassed) return undefined;
    const target = `It refers to ${quotedShort(`${type}/${id}`)}, which`;
    if (resource === undefined) refuse(kind, `${target} is not there; it was left out`);
    refuse("of-refused", `${target} was left out at line ${resource.place.line}; so was this`);
  }

  /** Which of several that differ is meant by their id is not certain: none is taken. @returns those. */
  #refuseAmbiguous<T>(byId: Resources<T>, called: string, kind: ProblemKind): T[] {
    const refused: T[] = [];
    for (const [id, resources] of byId) {
      if (resources.length === 1) continue;
      const what = `${resources.length} ${called} have the id ${quotedShort(id)} and differ; this one was left out`;
      for (const resource of resources) {
        if (resource.made === undefined) continue;
        tellAt(this.#feed.onProblem, resource.place, kind, what);
        refused.push(resource.made);
        resource.made = undefined;
      }
    }
    return refused;
  }

  /** The records of the feed. */
  async *records(): AsyncGenerator<ImportRecord> {
    for (const [id, slots] of this.#slots) {
      if (slots.length === 1) continue;
      const what = `${slots.length} Slots have the id ${quotedShort(id)}; each counts, and gets an id of its own`;
      for (const slot of slots) tellAt(this.#feed.onProblem, slot, "slot-id-shared", what);
    }
    const { onProblem, url } = this.#feed;
    const isUnsure = this.#unread.has("Schedule") || this.#unread.has("Slot");
    if (this.#locations.size === 0 && !this.#unread.has("Location")) {
      tellAt(onProblem, { file: url, line: 1 }, "feed-empty", "The feed lists no Location; nothing was imported");
    }
    const sites = [...this.#locations.values()].flatMap(([resource]) => resource?.made ?? []);
    const locations = sites.map(({ location }) => location);
    const known = await this.#known(locations);
    const names = nameLocations(locations, this.#manifest.request, known, onProblem);
    for (const site of sites) {
      site.isIncomplete ||= isUnsure;
      const naming = names.get(site.location);
      if (naming !== undefined) yield recordOf(site, naming, this.#manifest, onProblem);
    }
    yield* this.#gone(known);
  }

  async #known(locations: readonly FeedLocation[]): Promise<KnownSites> {
    const { known } = this.#feed;
    if (known instanceof KnownSites) return known;
    const wanted = { feed: this.#manifest.request, locations, deleted: this.#deleted, isWhole: this.#isWhole };
    return await lookUpSites(wanted, known);
  }

  /** Whether a Location that the feed does not list is gone. */
  get #isWhole(): boolean {
    // What an empty feed wants to say is not certain; nor is which Location is in a line that cannot be read.
    return this.#manifest.isFull && this.#locations.size > 0 && !this.#unread.has("Location");
  }

  /** Records of the sites that the feed has reported, and lists no more: nobody knows what is there now. */
  *#gone(known: KnownSites): Generator<ImportRecord> {
    const { onProblem, url } = this.#feed;
    const { request, transactionTime } = this.#manifest;
    for (const { id, site } of known.reportedBy(request)) {
      if (this.#locations.has(id) || !(this.#isWhole || this.#deleted.has(id))) continue;
      const place = { file: url, line: 1 };
      const { name, zip, productsTold } = site;
      const what = `The Location ${quotedShort(id)} is not in the feed any more: what is available at ` +
        `${quotedShort(name)} is unknown now`;
      tellAt(onProblem, place, "location-gone", what);
      const report = { availability: "unknown", observedAt: transactionTime, source: request, note: goneNote } as const;
      const location = { feed: request, id, identifiers: [], madeAt: transactionTime, isKnown: true };
      yield { ...place, name, zip, ...report, products: productsTold && unknownOf(productsTold), location, site };
    }
  }
}

function unknownOf(products: readonly string[]) {
  return products.map((product) => ({ product, availability: "unknown" as const }));
}

/** A resource that is taken. */
interface Taken {
  readonly id: string;
  /** The part that the document keeps. */
  readonly text: string;
  /** When it was true, by what an aggregator or its file says; Infinity if they say nothing. */
  readonly syncedAt: number;
  readonly place: InputPlace;
  readonly tell: TellProblem;
}

/** Adds a resource under its id, also if it is refused: what refers to it is to know why it is not there. */
function add<T>(byId: Resources<T>, id: string, place: InputPlace, make: () => T | "passed"): void {
  const resource: Resource<T> = { place, made: undefined, isPassed: false };
  byId.getOrInsertComputed(id, () => []).push(resource);
  const made = make();
  if (made === "passed") resource.isPassed = true;
  else resource.made = made;
}
