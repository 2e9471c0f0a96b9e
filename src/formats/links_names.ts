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

import { nameCodePointsMax } from "../limits.ts";
import { quotedShort } from "../quoted.ts";
import { whyNotName } from "../database/values.ts";
import { textOfValue } from "./json_text.ts";
import { readLinksDocument } from "./links_document.ts";
import type { FeedLocation } from "./links_locations.ts";
import { tellAt } from "./places.ts";
import type { OnProblem } from "./records.ts";

/** A site that exists when an import begins. */
export interface KnownSite {
  readonly name: string;
  readonly zip: string;
  readonly document?: string;
}

/** The sites that are there when an import begins, so that each Location finds its own, and none takes another's. */
export class KnownSites {
  readonly #nameByKey = new Map<string, string>();
  readonly #sites = new Map<string, { readonly zip: string; readonly key: string | undefined }>();

  /** Adds one that is there. */
  add({ name, zip, document }: KnownSite): void {
    const key = document === undefined ? undefined : keyIn(document);
    this.#sites.set(name, { zip, key });
    if (key !== undefined) this.#nameByKey.set(key, name);
  }

  /** The site that a Location has become before. */
  nameOf({ source, id }: Pick<FeedLocation, "source" | "id">): string | undefined {
    return this.#nameByKey.get(keyOf(source, id));
  }

  /** Whether there is a site of that name which is not this Location's. */
  isOther(name: string, { source, id, zip }: FeedLocation): boolean {
    const site = this.#sites.get(name);
    if (site === undefined) return false;
    return site.key === undefined ? site.zip !== zip : site.key !== keyOf(source, id);
  }

  /** Whether there is a site of that name with another ZIP code. */
  isElsewhere(name: string, zip: string): boolean {
    const site = this.#sites.get(name);
    return site !== undefined && site.zip !== zip;
  }
}

function keyOf(source: string | undefined, id: string): string {
  return JSON.stringify([source ?? "", id]);
}

/** Which Location a document is of. */
function keyIn(text: string): string | undefined {
  const document = readLinksDocument(text);
  return document === undefined ? undefined : keyOf(document.source, textOfValue(document.location.id));
}

/** A name that a site may get, and how much it is worth: of several that want one, the unique best has it. */
interface NameCandidate {
  readonly name: string;
  readonly worth: "own" | "exported" | "distinct" | "plain";
}

const worths: readonly NameCandidate["worth"][] = ["plain", "distinct", "exported", "own"];

/** Names in the order in which they are tried, without those that are other sites'. */
function candidatesOf(location: FeedLocation, known: KnownSites): NameCandidate[] {
  const { name, siteName, id, zip, city, source } = location;
  const before = known.nameOf(location);
  const inCity = city === undefined ? "" : `, ${city}`;
  const candidates: NameCandidate[] = [];
  if (before !== undefined) candidates.push({ name: before, worth: "own" });
  if (siteName !== undefined && !known.isElsewhere(siteName, zip)) {
    candidates.push({ name: siteName, worth: "exported" });
  }
  const others: NameCandidate[] = [
    { name, worth: "plain" },
    { name: withSuffix(name, `${inCity} (${id})`), worth: "distinct" },
    { name: withSuffix(name, `${inCity} ${zip} (${id}, ${source ?? "no source"})`), worth: "distinct" },
  ];
  candidates.push(...others.filter((candidate) => !known.isOther(candidate.name, location)));
  return candidates.filter((candidate) => whyNotName(candidate.name) === undefined);
}

/** A name with something behind it that makes it distinct; of a long one, only its beginning. */
function withSuffix(name: string, suffix: string): string {
  const room = Math.max(0, nameCodePointsMax - [...suffix].length);
  const characters = [...name];
  return `${(characters.length > room ? characters.slice(0, room).join("") : name).trimEnd()}${suffix}`.normalize(
    "NFC",
  );
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
  const left = new Map(locations.map((location) => [location, candidatesOf(location, known)]));
  const worthOf = (location: FeedLocation) => worths.indexOf(left.get(location)?.[0]?.worth ?? "plain");
  for (let goesOn = true; goesOn;) {
    goesOn = false;
    const wanting = Map.groupBy(locations, (location) => left.get(location)?.[0]?.name);
    for (const [name, group] of wanting) {
      if (name === undefined || group.length === 1) continue;
      const most = group.reduce((most, location) => Math.max(most, worthOf(location)), 0);
      const best = group.filter((location) => worthOf(location) === most);
      const others = best.length === 1 ? group.filter((location) => location !== best[0]) : group;
      for (const location of others) left.get(location)?.shift();
      goesOn = true;
    }
  }
  const namesakes = new Map<string, number>();
  for (const { name } of locations) namesakes.set(name, (namesakes.get(name) ?? 0) + 1);
  const found = new Map<FeedLocation, string>();
  for (const location of locations) {
    const [chosen] = left.get(location) ?? [];
    if (chosen !== undefined) found.set(location, chosen.name);
    tellName(location, chosen, namesakes.get(location.name) ?? 1, onProblem);
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
  if (chosen.worth === "exported" || (namesakes === 1 && chosen.worth !== "distinct")) return;
  const shared = namesakes === 1 ? `Another site is called ${name}` : `${namesakes} Locations are called ${name}`;
  tellAt(onProblem, location, "name-shared", `${shared}; the site of this one is ${quotedShort(chosen.name)}`);
}
