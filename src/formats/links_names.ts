/**
 * Names for the sites that the Locations of a feed become.
 *
 * A site is known by its name, and a Location by its id within its source. Names of Locations are not distinct ("Rite
 * Aid", 112 times), and the same Location must find its site again at the next import, in whatever order the feed has
 * them. So a name is the first of these that belongs to nobody else:
 *
 * 1. that of the site which this Location has become before, or was exported from;
 * 2. its own, if no other Location of the feed has it;
 * 3. its own with its city and its id, which no other has: `Rite Aid, Millville (116)`;
 * 4. the same with its ZIP code and its source.
 *
 * @module
 */

import { quotedShort } from "../quoted.ts";
import { type FullSite, whyNotName } from "../database/values.ts";
import { textOfValue } from "./json_text.ts";
import { readLinksDocument } from "./links_document.ts";
import { withoutQuery } from "./links_terms.ts";
import type { FeedLocation } from "./links_locations.ts";
import { withSuffix } from "./longer_names.ts";
import { type OnProblem, tellAt } from "./problems.ts";

/** A site that is there, as far as a feed must know it. */
type KnownSite = Pick<FullSite, "name" | "zip" | "document"> & Partial<Pick<FullSite, "retired" | "report">>;

/** A Location that has become a site before. */
interface KnownLocation {
  readonly id: string;
  readonly name: string;
  readonly zip: string;
}

/** The sites that are there when an import begins, so that each Location finds its own, and none takes another's. */
export class KnownSites {
  readonly #nameByKey = new Map<string, string>();
  readonly #sites = new Map<string, { readonly zip: string; readonly key: string | undefined }>();
  /** By the source that their shown report is from. */
  readonly #reported = new Map<string, KnownLocation[]>();

  /** Adds one that is there. */
  add({ name, zip, document: text, retired, report }: KnownSite): void {
    const document = readLinksDocument(text);
    // Which Location it has become of.
    const id = document && textOfValue(document.location.id);
    const source = document?.source && withoutQuery(document.source);
    const key = id === undefined ? undefined : keyOf(source, id);
    this.#sites.set(name, { zip, key });
    if (key !== undefined) this.#nameByKey.set(key, name);
    const isShown = source !== undefined && report?.source !== undefined && withoutQuery(report.source) === source;
    if (id === undefined || !isShown || retired !== undefined || report.note === goneNote) return;
    this.#reported.getOrInsertComputed(source, () => []).push({ id, name, zip });
  }

  /** The Locations of a source whose sites show what it has reported last. */
  reportedBy(source: string): readonly KnownLocation[] {
    return this.#reported.get(source) ?? [];
  }

  /** Names for a Location in the order in which they are tried, without those that are other sites'. */
  candidatesFor({ name, siteName, id, zip, city, source }: FeedLocation): NameCandidate[] {
    const key = keyOf(source, id);
    const before = this.#nameByKey.get(key);
    const inCity = city === undefined ? "" : `, ${city}`;
    const isElsewhere = (name: string) => (this.#sites.get(name)?.zip ?? zip) !== zip;
    const isOther = (name: string) => {
      const known = this.#sites.get(name)?.key;
      return known === undefined ? isElsewhere(name) : known !== key;
    };
    const others: NameCandidate[] = [
      { name, worth: worths.plain },
      { name: withSuffix(name, `${inCity} (${id})`), worth: worths.distinct },
      { name: withSuffix(name, `${inCity} ${zip} (${id}, ${source ?? "no source"})`), worth: worths.distinct },
    ];
    return [
      ...before === undefined ? [] : [{ name: before, worth: worths.own }],
      ...siteName === undefined || isElsewhere(siteName) ? [] : [{ name: siteName, worth: worths.exported }],
      ...others.filter(({ name }) => !isOther(name)),
    ].filter(({ name }) => whyNotName(name) === undefined);
  }
}

function keyOf(source: string | undefined, id: string): string {
  return JSON.stringify([source ?? "", id]);
}

/** The note of a report that a Location is in its feed no more. */
export const goneNote = "no longer listed";

/** How much a name is worth: of several Locations that want one, the unique best has it. */
const worths = { plain: 0, distinct: 1, exported: 2, own: 3 };

/** A name that a site may get. */
interface NameCandidate {
  readonly name: string;
  readonly worth: number;
}

/**
 * Finds a name for each Location; in which order they come makes no difference.
 *
 * @param onProblem is told of each that shares its own, or got none.
 * @returns none for those that were refused.
 */
export function nameLocations(
  locations: readonly FeedLocation[],
  known: KnownSites,
  onProblem: OnProblem,
): Map<FeedLocation, string> {
  const left = new Map(locations.map((location) => [location, known.candidatesFor(location)]));
  const first = (location: FeedLocation) => left.get(location)?.[0];
  for (let goesOn = true; goesOn;) {
    goesOn = false;
    for (const [name, group] of Map.groupBy(locations, (location) => first(location)?.name)) {
      if (name === undefined || group.length === 1) continue;
      const worthOf = (location: FeedLocation) => first(location)?.worth ?? worths.plain;
      const most = group.reduce((most, location) => Math.max(most, worthOf(location)), worths.plain);
      const best = group.filter((location) => worthOf(location) === most);
      const others = best.length === 1 ? group.filter((location) => location !== best[0]) : group;
      for (const location of others) left.get(location)?.shift();
      goesOn = true;
    }
  }
  const namesakes = Map.groupBy(locations, ({ name }) => name);
  const found = new Map<FeedLocation, string>();
  for (const location of locations) {
    const chosen = first(location);
    if (chosen !== undefined) found.set(location, chosen.name);
    tellName(location, chosen, namesakes.get(location.name)?.length ?? 1, onProblem);
  }
  return found;
}

function tellName(
  location: FeedLocation,
  chosen: NameCandidate | undefined,
  namesakes: number,
  onProblem: OnProblem,
): void {
  const name = quotedShort(location.name);
  if (chosen === undefined) {
    const what = `The Location ${name} with the id ${quotedShort(location.id)} was left out: other sites have all ` +
      "the names that it could have";
    return tellAt(onProblem, location, "name-taken", what);
  }
  if (chosen.worth === worths.exported || (namesakes === 1 && chosen.worth !== worths.distinct)) return;
  const shared = namesakes === 1 ? `Another site is called ${name}` : `${namesakes} Locations are called ${name}`;
  tellAt(onProblem, location, "name-shared", `${shared}; the site of this one is ${quotedShort(chosen.name)}`);
}
