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
import { readLines } from "./lines.ts";
import { buildDocument, type DocumentSchedule } from "./links_document.ts";
import { type FeedLocation, readId, readLocation, takeSyncedAt } from "./links_locations.ts";
import { FeedError, type FeedFile, type Manifest, readManifest } from "./links_manifest.ts";
import { KnownSites, nameLocations } from "./links_names.ts";
import { type FeedSlot, locationIdOf, readSlot, scheduleIdOf, tellDose } from "./links_slots.ts";
import { availabilityBy, hasAvailability, type ResourceType, resourceTypes } from "./links_terms.ts";
import { objectOf } from "./ndjson.ts";
import { type InputPlace, madeOf, tellAt, type TellProblem } from "./places.ts";
import type { ProblemKind } from "./problem_kinds.ts";
import { defined } from "./record_fields.ts";
import type { Bytes, ImportRecord, OnProblem } from "./records.ts";
import { InputRefusal } from "./refusal.ts";

export { FeedError, parseManifest } from "./links_manifest.ts";
export { type KnownSite, KnownSites } from "./links_names.ts";

/** A feed, and what is needed to read it. */
export interface FeedSource {
  /** The manifest, as JSON. */
  readonly manifest: JsonObject;
  /** Where it was found; what its URLs are relative to. */
  readonly url: string;
  /** Reads a file of the feed; an error that it throws is that of the import. */
  fetchBytes(url: string): Bytes;
  /** The sites that are there; none if absent. */
  readonly known?: KnownSites;
  /** Is told of each line that was repaired or refused. */
  readonly onProblem: OnProblem;
}

/** A Location with what belongs to it. */
interface FeedSite {
  readonly location: FeedLocation;
  readonly schedules: (DocumentSchedule & { readonly said: unknown })[];
  readonly slots: FeedSlot[];
  /** Whether something was left out on which its availability depends. */
  isIncomplete: boolean;
  /** When it was true at the earliest, by what aggregators say. */
  syncedAt: number | undefined;
}

/** A resource of one id; several with the same are told apart only where nothing refers to them. */
interface Resource<T> {
  readonly place: InputPlace;
  /** The result; undefined if it was refused. */
  readonly made: T | undefined;
}

/** A Schedule, and whose it is. */
interface FeedSchedule {
  readonly site: FeedSite;
  readonly schedule: FeedSite["schedules"][number];
}

/** A resource that is being read. */
interface Read {
  readonly resource: JsonObject;
  readonly id: string;
  /** The part that the document keeps. */
  readonly text: string;
  readonly syncedAt: number | undefined;
  readonly place: InputPlace;
  readonly tell: TellProblem;
}

const repeatedKinds = { Location: "location-repeated", Schedule: "schedule-repeated", Slot: "slot-repeated" } as const;

/**
 * Reads a feed.
 *
 * @returns a record for each Location, once all files are read.
 * @throws {FeedError} if nothing of it can be imported.
 */
export async function* readSchedulingLinks(feed: FeedSource): AsyncGenerator<ImportRecord> {
  const manifest = readManifest(feed.manifest, feed.url, feed.onProblem);
  const reading = new FeedReading(feed, manifest);
  for (const type of resourceTypes) await reading.read(type);
  yield* reading.records(feed.known ?? new KnownSites());
}

/** A feed while it is read. */
class FeedReading {
  readonly #feed: FeedSource;
  readonly #manifest: Manifest;
  readonly #locations = new Map<string, Resource<FeedSite>[]>();
  readonly #schedules = new Map<string, Resource<FeedSchedule>[]>();
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
    if (type === "Location") this.#refuseAmbiguous(this.#locations, "location-ambiguous");
    if (type === "Schedule") this.#refuseAmbiguous(this.#schedules, "schedule-ambiguous");
  }

  async #readFile({ type, name, url }: FeedFile): Promise<void> {
    const { fetchBytes, onProblem } = this.#feed;
    for await (const lines of readLines(fetchBytes(url), { file: name, onProblem })) {
      for (const line of lines) {
        const resource = objectOf(line, onProblem);
        if (resource === undefined) continue;
        this.#bytes += line.text.length;
        if (this.#bytes > feedBytesMax) {
          const size = `over ${feedBytesMax} bytes`;
          throw new FeedError(`Cannot import the feed: its resources have ${size}; import its states one by one`);
        }
        this.#readResource(type, resource, { file: name, line: line.line });
      }
    }
  }

  #readResource(type: ResourceType, resource: JsonObject, place: InputPlace): void {
    madeOf(place, this.#feed.onProblem, (tell) => {
      if (resource.resourceType !== type) {
        throw new InputRefusal(
          "resource-type",
          `The resourceType is ${shownJson(resource.resourceType)} in a file of ${type}s; it was left out`,
        );
      }
      const id = readId(resource, tell);
      const { rest, syncedAt } = takeSyncedAt(resource);
      const text = writeJson(rest);
      if (this.#texts.has(text)) {
        const kind = repeatedKinds[type];
        return tell(kind, `The ${type} ${quotedShort(id)} appeared before, word for word; it counts once`);
      }
      this.#texts.add(text);
      const read: Read = { resource, id, text, syncedAt, place, tell };
      if (type === "Location") this.#readLocation(read);
      else if (type === "Schedule") this.#readSchedule(read);
      else this.#readSlot(read);
    });
  }

  #readLocation({ resource, id, place, tell }: Read): void {
    add(this.#locations, id, place, () => {
      const location = readLocation(resource, id, place, this.#manifest.request, tell);
      const { syncedAt } = location;
      return { location, schedules: [], slots: [], isIncomplete: false, syncedAt };
    });
  }

  #readSchedule({ resource, id, text, syncedAt, place, tell }: Read): void {
    add(this.#schedules, id, place, () => {
      const site = resolved(this.#locations, locationIdOf(resource), "Location", "schedule-unresolved");
      tellDose(resource, tell);
      site.syncedAt = earliest(site.syncedAt, syncedAt);
      const schedule = { id, text, said: hasAvailability(resource) };
      site.schedules.push(schedule);
      return { site, schedule };
    });
  }

  #readSlot({ resource, id, text, syncedAt, place, tell }: Read): void {
    const { site } = resolved(this.#schedules, scheduleIdOf(resource), "Schedule", "slot-unresolved");
    try {
      const slot = { ...readSlot(resource, id, place, site.location.state, tell), text };
      site.syncedAt = earliest(site.syncedAt, syncedAt);
      site.slots.push(slot);
      const namesakes = this.#slots.get(id);
      if (namesakes === undefined) this.#slots.set(id, [slot]);
      else namesakes.push(slot);
    } catch (error) {
      site.isIncomplete = true;
      throw error;
    }
  }

  /** Which of several that differ is meant by their id is not certain: none is taken. */
  #refuseAmbiguous<T>(
    byId: ReadonlyMap<string, Resource<T>[]>,
    kind: "location-ambiguous" | "schedule-ambiguous",
  ): void {
    for (const [id, resources] of byId) {
      if (resources.length === 1) continue;
      const called = kind === "location-ambiguous" ? "Locations" : "Schedules";
      for (const [index, { place, made }] of resources.entries()) {
        if (made === undefined) continue;
        const what = `${resources.length} ${called} have the id ${quotedShort(id)} and differ; this one was left out`;
        tellAt(this.#feed.onProblem, place, kind, what);
        resources[index] = { place, made: undefined };
        if (isSchedule(made)) dropSchedule(made);
      }
    }
  }

  /** The records of the feed. */
  *records(known: KnownSites): Generator<ImportRecord> {
    this.#tellSharedIds();
    const sites = [...this.#locations.values()].flatMap((resources) => resources[0]?.made ?? []);
    const names = nameLocations(sites.map(({ location }) => location), known, this.#feed.onProblem);
    for (const site of sites) {
      const name = names.get(site.location);
      if (name !== undefined) yield this.#recordOf(site, name);
    }
  }

  #tellSharedIds(): void {
    for (const [id, slots] of this.#slots) {
      if (slots.length === 1) continue;
      for (const slot of slots) {
        const what = `${slots.length} Slots have the id ${quotedShort(id)}; each counts, and gets an id of its own`;
        tellAt(this.#feed.onProblem, slot, "slot-id-shared", what);
      }
    }
  }

  #recordOf(site: FeedSite, name: string): ImportRecord {
    const { location, schedules, slots } = site;
    const by = availabilityBy(slots, schedules.map(({ said }) => said));
    // With a Slot left out there may be more than is known, so that nothing is certain of nothing.
    const availability = site.isIncomplete && (by === 0 || by === false) ? "unknown" : by;
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
    const observedAt = Math.min(site.syncedAt ?? Infinity, this.#manifest.transactionTime);
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

function isSchedule(made: unknown): made is FeedSchedule {
  return typeof made === "object" && made !== null && "schedule" in made;
}

function dropSchedule({ site, schedule }: FeedSchedule): void {
  site.schedules.splice(site.schedules.indexOf(schedule), 1);
  site.isIncomplete = true;
}

/** Adds a resource under its id, also if it is refused: what refers to it is to know why it is not there. */
function add<T>(byId: Map<string, Resource<T>[]>, id: string, place: InputPlace, make: () => T): void {
  const resources = byId.get(id) ?? [];
  byId.set(id, resources);
  const index = resources.push({ place, made: undefined }) - 1;
  resources[index] = { place, made: make() };
}

/** What a reference is to. */
function resolved<T>(
  byId: ReadonlyMap<string, readonly Resource<T>[]>,
  id: string,
  type: ResourceType,
  kind: ProblemKind,
): T {
  const [resource] = byId.get(id) ?? [];
  if (resource?.made !== undefined) return resource.made;
  if (resource === undefined) {
    throw new InputRefusal(kind, `It refers to ${quotedShort(`${type}/${id}`)}, which is not there; it was left out`);
  }
  throw new InputRefusal(
    "of-refused",
    `It refers to ${quotedShort(`${type}/${id}`)}, which was left out at line ${resource.place.line}; so was this`,
  );
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
