/**
 * The sites that the Locations of a feed are, and names for those that become new ones.
 *
 * The same Location must find its site again at the next import, in whatever order the feed has them, and no two
 * Locations of a feed are ever one site. So a Location is the first of these sites that belongs to it alone:
 *
 * 1. that which it has become before, by its id in the feed, or which it was exported from;
 * 2. the only one that has an identifier of it, and its name;
 * 3. one of its name, ZIP code and address: if a name is shared by several ("Rite Aid", 112 times), with its city and
 *    its id behind it, which no other has: `Rite Aid, Millville (116)`; or with its ZIP code and its source, too.
 *
 * If there is none, it becomes a site of the first of these names that nobody has.
 *
 * @module
 */

import { folded, formatId } from "../database/look_alikes.ts";
import { placeOf } from "../database/place.ts";
import { whyNotName } from "../database/values.ts";
import { quotedShort } from "../quoted.ts";
import type { MetSite } from "./met_site.ts";
import { isSound, type KnownSites } from "./known_sites.ts";
import type { FeedLocation } from "./links_locations.ts";
import { withSuffix } from "./longer_names.ts";
import { isSameAddress } from "./namesakes.ts";
import { type OnProblem, tellAt } from "./problems.ts";

/** The names that the site of a Location may get, in the order in which they are tried. */
export function namesFor({ name, id, zip, city, source }: FeedLocation): readonly string[] {
  const inCity = city === undefined ? "" : `, ${city}`;
  return [
    name,
    withSuffix(name, `${inCity} (${id})`),
    withSuffix(name, `${inCity} ${zip} (${id}, ${source ?? "no source"})`),
  ];
}

/** How much a site or a name is worth: of several Locations that want one, the unique best has it. */
const worths = { plain: 0, distinct: 1, alike: 2, identified: 3, exported: 4, own: 5 };

/** A site that a Location may be, or a name that its new site may get. */
interface LocationChoice {
  readonly name: string;
  readonly worth: number;
  /** Absent: no site has the name. */
  readonly site?: MetSite;
}

/** What a Location becomes. */
export interface Naming {
  readonly name: string;
  /** The site that is there; absent: it is new. */
  readonly site?: MetSite;
  /** Whether the site has the id of the Location in the feed. */
  readonly isKnown: boolean;
}

/** The identifiers of a Location that no other Location of its feed has, and that tell nothing but which it is. */
export function distinctIdentifiers(locations: readonly FeedLocation[]): (location: FeedLocation) => Identifiers {
  const counts = new Map<string, number>();
  const keyOf = ({ system, value }: Identifiers[number]) => JSON.stringify([system, value]);
  for (const { identifiers } of locations) {
    for (const key of new Set(identifiers.map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return ({ identifiers }) => identifiers.filter((each) => isSound(each) && counts.get(keyOf(each)) === 1);
}

/** Identifiers of a Location. */
export type Identifiers = FeedLocation["identifiers"];

/**
 * Finds the site of each Location, or a name for it; in which order they come makes no difference.
 *
 * @param feed what the feed is called.
 * @param onProblem is told of each that shares its name, got none, or may be a site that is there.
 * @returns none for those that were refused.
 */
export function nameLocations(
  locations: readonly FeedLocation[],
  feed: string,
  known: KnownSites,
  onProblem: OnProblem,
): Map<FeedLocation, Naming> {
  const identifiersOf = distinctIdentifiers(locations);
  const left = new Map(locations.map((location) => {
    return [location, candidatesFor(location, feed, identifiersOf(location), known)];
  }));
  const first = (location: FeedLocation) => left.get(location)?.[0];
  const keyOf = (location: FeedLocation) => first(location) && folded(first(location)?.name ?? "");
  for (let goesOn = true; goesOn;) {
    goesOn = false;
    for (const [name, group] of Map.groupBy(locations, keyOf)) {
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
  const found = new Map<FeedLocation, Naming>();
  const own = new Set<FeedLocation>();
  for (const location of locations) {
    const chosen = first(location);
    tellName(location, chosen, namesakes.get(location.name)?.length ?? 1, onProblem);
    if (chosen === undefined) continue;
    const { name, site, worth } = chosen;
    const isKnown = known.having({ system: feed, value: location.id }).some((each) => each === site);
    found.set(location, { name, ...site && { site }, isKnown });
    if (worth >= worths.exported) own.add(location);
    if (site === undefined) tellDuplicate(location, name, feed, identifiersOf(location), known, onProblem);
  }
  tellMoved(found, own, feed, known, onProblem);
  return found;
}

/** What a Location may become, the best first. */
function candidatesFor(
  location: FeedLocation,
  feed: string,
  identifiers: Identifiers,
  known: KnownSites,
): LocationChoice[] {
  const { siteName, zip } = location;
  const of = (site: MetSite, worth: number): LocationChoice => ({ name: site.alias?.name ?? site.name, worth, site });
  const before = known.siteOf(feed, location);
  const exported = siteName === undefined ? undefined : known.named(siteName);
  const isElsewhere = (exported?.zip ?? zip) !== zip;
  return [
    ...before === undefined ? [] : [of(before, worths.own)],
    ...siteName === undefined || isElsewhere
      ? []
      : [exported === undefined ? { name: siteName, worth: worths.exported } : of(exported, worths.exported)],
    ...identifiers.flatMap((identifier) => {
      const sites = known.having(identifier);
      const [site] = sites;
      const isIt = sites.length === 1 && site.alias === undefined && isCalled(site, location.name) &&
        !known.isOther(site, feed, location);
      return isIt ? [of(site, worths.identified)] : [];
    }),
    ...namesFor(location).flatMap((name, at) => {
      const site = known.named(name);
      if (site === undefined) return [{ name, worth: at === 0 ? worths.plain : worths.distinct }];
      return isAlike(site, location, feed, known) ? [of(site, at === 0 ? worths.alike : worths.distinct)] : [];
    }),
  ].filter(({ name }) => whyNotName(name) === undefined);
}

/** Whether a site has a name, perhaps with something behind it that tells it from others of that name. */
function isCalled({ name, alias }: MetSite, called: string): boolean {
  const [whole, beginning] = [folded(alias?.name ?? name), folded(called)];
  return whole === beginning || whole.startsWith(`${beginning},`) || whole.startsWith(`${beginning} (`);
}

/** Whether a site of the right name may be what a Location is: another publisher's only if both say where it is. */
function isAlike(site: MetSite, location: FeedLocation, feed: string, known: KnownSites): boolean {
  if (site.alias !== undefined || site.zip !== location.zip || known.isOther(site, feed, location)) return false;
  const there = placeOf(site.document).address;
  if (there !== undefined && location.address !== undefined) return isSameAddress(there, location.address);
  return known.locationOf(site) === undefined;
}

function tellName(
  location: FeedLocation,
  chosen: LocationChoice | undefined,
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

/** Tells of a new site that a site which is there has an identifier of, under another name. */
function tellDuplicate(
  location: FeedLocation,
  name: string,
  feed: string,
  identifiers: Identifiers,
  known: KnownSites,
  onProblem: OnProblem,
): void {
  for (const { system, value } of identifiers) {
    const other = known.having({ system, value }).find((site) => !known.isOther(site, feed, location));
    if (other === undefined) continue;
    return tellAt(onProblem, location, "possible-duplicate", duplicateText(name, value, other));
  }
}

/** That a new site has an identifier which another one has, with the command that joins them. */
export function duplicateText(name: string, value: string, other: Pick<MetSite, "id" | "name">): string {
  const ids = other.id === undefined ? "" : ` (${formatId(other.id)})`;
  return `${quotedShort(name)} has the identifier ${quotedShort(value)}, as ${quotedShort(other.name)}${ids} ` +
    `has. If they are one: merge ${typed(name)} --into ${typed(other.name)}`;
}

/** A name as a shell takes it. */
function typed(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}

/** Tells if most Locations of a feed that is new are those of another one, by their sites and their ids there. */
function tellMoved(
  found: ReadonlyMap<FeedLocation, Naming>,
  own: ReadonlySet<FeedLocation>,
  feed: string,
  known: KnownSites,
  onProblem: OnProblem,
): void {
  const counts = new Map<string, number>();
  // A feed of which some sites are known has not moved, nor has one that was exported.
  if (own.size > 0) return;
  for (const [{ id }, { site }] of found) {
    const before = site && known.locationOf(site);
    if (before?.source === undefined || before.id !== id) continue;
    counts.set(before.source, (counts.get(before.source) ?? 0) + 1);
  }
  for (const [source, count] of counts) {
    if (2 * count <= found.size) continue;
    const [first] = found.keys();
    const what = `The feed has moved from ${quotedShort(source)} to ${quotedShort(feed)}: ` +
      `${count} of its ${found.size} Locations are sites of before`;
    tellAt(onProblem, { ...first, line: 1 }, "feed-moved", what);
  }
}
