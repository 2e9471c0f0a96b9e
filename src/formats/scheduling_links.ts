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

import { feedBytesMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { type JsonObject, shownJson, writeJson } from "./json_text.ts";
import { buildDocument } from "./links_document.ts";
import { type FeedLocation, readId, readLocation, takeSyncedAt } from "./links_locations.ts";
import { FeedError, type Manifest, readManifest } from "./links_manifest.ts";
import { type KnownSites, nameLocations } from "./links_names.ts";
import { type FeedSlot, locationIdOf, readSlot, scheduleIdOf, tellDose } from "./links_slots.ts";
import { availabilityBy, hasAvailability, type ResourceType, resourceTypes } from "./links_terms.ts";
import { readObjects } from "./ndjson.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import { type InputPlace, madeOf, type OnProblem, refuse, tellAt } from "./problems.ts";
import { defined } from "./record_fields.ts";
import type { Bytes, ImportRecord } from "./records.ts";

export { FeedError, parseManifest } from "./links_manifest.ts";
export { KnownSites } from "./links_names.ts";

/** A feed, and what is needed to read it. */
interface FeedSource {
  /** The manifest, as JSON. */
  readonly manifest: JsonObject;
  /** Where it was found; what its URLs are relative to. */
  readonly url: string;
  /** Reads a file of the feed; an error that it throws is that of the import. */
  fetchBytes(url: string): Bytes;
  /** The sites that are there. */
  readonly known: KnownSites;
  /** Is told of each line that was repaired or refused. */
  readonly onProblem: OnProblem;
}

/** A Location with what belongs to it. */
interface FeedSite {
  readonly location: FeedLocation;
  readonly schedules: FeedSchedule[];
  readonly slots: FeedSlot[];
  /** Whether something was left out on which its availability depends. */
  isIncomplete: boolean;
  /** When it was true at the earliest, by what aggregators say; Infinity if they say nothing. */
  syncedAt: number;
}

/** A Schedule, and whose it is. */
interface FeedSchedule {
  readonly site: FeedSite;
  readonly id: string;
  /** The part that the document keeps. */
  readonly text: string;
  /** What an aggregator says of its availability. */
  readonly said: unknown;
}

/** The resources of one type by id; several of one id are told apart only where nothing refers to them. */
type Resources<T> = Map<string, Resource<T>[]>;

interface Resource<T> {
  readonly place: InputPlace;
  /** The result; undefined if it was refused. */
  made: T | undefined;
}

const repeatedKinds = { Location: "location-repeated", Schedule: "schedule-repeated", Slot: "slot-repeated" } as const;

/**
 * Reads a feed.
 *
 * @returns a record for each Location, once all files are read.
 * @throws {FeedError} if nothing of it can be imported.
 */
export async function* readSchedulingLinks(feed: FeedSource): AsyncGenerator<ImportRecord> {
  const reading = new FeedReading(feed, readManifest(feed.manifest, feed.url, feed.onProblem));
  for (const type of resourceTypes) await reading.read(type);
  yield* reading.records();
}

/** A feed while it is read. */
class FeedReading {
  readonly #feed: FeedSource;
  readonly #manifest: Manifest;
  readonly #locations: Resources<FeedSite> = new Map();
  readonly #schedules: Resources<FeedSchedule> = new Map();
  readonly #slots = new Map<string, FeedSlot[]>();
  /** The resources that were there, to find those that are there again. */
  readonly #texts = new Set<string>();
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

  async #readFile({ type, name, url }: Manifest["files"][number]): Promise<void> {
    const { fetchBytes, onProblem } = this.#feed;
    for await (const [{ line, text }, resource] of readObjects(fetchBytes(url), { file: name, onProblem })) {
      this.#bytes += text.length;
      if (this.#bytes > feedBytesMax) {
        const size = `over ${feedBytesMax} bytes`;
        throw new FeedError(`Cannot import the feed: its resources have ${size}; import its states one by one`);
      }
      this.#readResource(type, resource, { file: name, line });
    }
  }

  #readResource(type: ResourceType, whole: JsonObject, place: InputPlace): void {
    madeOf(place, this.#feed.onProblem, (tell) => {
      const { resourceType } = whole;
      if (resourceType !== type) {
        const what = `The resourceType is ${shownJson(resourceType)} in a file of ${type}s; it was left out`;
        refuse("resource-type", what);
      }
      const id = readId(whole, tell);
      const { rest: resource, syncedAt } = takeSyncedAt(whole);
      const text = writeJson(resource);
      if (this.#texts.has(text)) {
        const what = `The ${type} ${quotedShort(id)} appeared before, word for word; it counts once`;
        return tell(repeatedKinds[type], what);
      }
      this.#texts.add(text);
      if (type === "Location") {
        add(this.#locations, id, place, () => {
          const location = { ...place, id, ...readLocation(resource, this.#manifest.request, tell) };
          return { location, schedules: [], slots: [], isIncomplete: false, syncedAt };
        });
      } else if (type === "Schedule") {
        add(this.#schedules, id, place, () => {
          const site = resolved(this.#locations, locationIdOf(resource), "Location", "schedule-unresolved");
          tellDose(resource, tell);
          const schedule: FeedSchedule = { site, id, text, said: hasAvailability(resource) };
          site.schedules.push(schedule);
          site.syncedAt = Math.min(site.syncedAt, syncedAt);
          return schedule;
        });
      } else {
        const { site } = resolved(this.#schedules, scheduleIdOf(resource), "Schedule", "slot-unresolved");
        const { isIncomplete } = site;
        // It stays so if the Slot is refused.
        site.isIncomplete = true;
        const slot = { ...place, id, text, ...readSlot(resource, site.location.state, tell) };
        site.isIncomplete = isIncomplete;
        site.slots.push(slot);
        site.syncedAt = Math.min(site.syncedAt, syncedAt);
        this.#slots.getOrInsertComputed(id, () => []).push(slot);
      }
    });
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
  *records(): Generator<ImportRecord> {
    for (const [id, slots] of this.#slots) {
      if (slots.length === 1) continue;
      const what = `${slots.length} Slots have the id ${quotedShort(id)}; each counts, and gets an id of its own`;
      for (const slot of slots) tellAt(this.#feed.onProblem, slot, "slot-id-shared", what);
    }
    const sites = [...this.#locations.values()].flatMap(([resource]) => resource?.made ?? []);
    const { known, onProblem } = this.#feed;
    const names = nameLocations(sites.map(({ location }) => location), known, onProblem);
    for (const site of sites) {
      const name = names.get(site.location);
      if (name !== undefined) yield this.#recordOf(site, name);
    }
  }

  #recordOf({ location, schedules, slots, isIncomplete, syncedAt }: FeedSite, name: string): ImportRecord {
    const by = availabilityBy(slots, schedules.map(({ said }) => said));
    // With a Slot left out there may be more than is known, so that nothing is certain of nothing.
    const availability = isIncomplete && (by === 0 || by === false) ? "unknown" : by;
    const { text: document, slotsLeftOut } = buildDocument(location, schedules, slots);
    const { onProblem } = this.#feed;
    const shown = quotedShort(name);
    if (document === undefined) {
      const what = `There is no room for the Location and the Schedules of ${shown}; its report was taken without them`;
      tellAt(onProblem, location, "document-left-out", what);
    } else if (slotsLeftOut > 0) {
      const what = `There is no room for ${slotsLeftOut} of the ${slots.length} Slots of ${shown}: its document has ` +
        "the earliest, its report counts all";
      tellAt(onProblem, location, "slots-left-out", what);
    }
    const observedAt = Math.min(syncedAt, this.#manifest.transactionTime);
    // An export of ours says of a site that nobody has reported that nothing was known at the beginning of time.
    const isReport = availability !== "unknown" || observedAt > 0;
    return defined({
      line: location.line,
      file: location.file,
      name,
      zip: location.zip,
      ...isReport && { availability, unit: "appointments" as const, observedAt, source: location.reportSource },
      document,
    });
  }
}

/** Adds a resource under its id, also if it is refused: what refers to it is to know why it is not there. */
function add<T>(byId: Resources<T>, id: string, place: InputPlace, make: () => T): void {
  const resource: Resource<T> = { place, made: undefined };
  byId.getOrInsertComputed(id, () => []).push(resource);
  resource.made = make();
}

/** What a reference is to. */
function resolved<T>(byId: Resources<T>, id: string, type: ResourceType, kind: ProblemKind): T {
  const [resource] = byId.get(id) ?? [];
  if (resource?.made !== undefined) return resource.made;
  const target = `It refers to ${quotedShort(`${type}/${id}`)}, which`;
  if (resource === undefined) refuse(kind, `${target} is not there; it was left out`);
  refuse("of-refused", `${target} was left out at line ${resource.place.line}; so was this`);
}
