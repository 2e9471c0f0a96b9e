/**
 * Looks up the sites that a feed may be about: as many as it has Locations, however many there are.
 *
 * @module
 */

import { folded, formatId } from "../database/look_alikes.ts";
import type { FullSite, IdentifiedSite, Identifier, Site, SourceReport } from "../database/values.ts";
import { lookUpsTogether } from "../limits.ts";
import type { MetSite } from "./met_site.ts";
import { identifierOf, KnownSites } from "./known_sites.ts";
import type { FeedLocation } from "./links_locations.ts";
import { distinctIdentifiers, namesFor } from "./links_names.ts";

/** Looks up sites; each call gives what is true at its time. */
export interface SiteFinder {
  /** The sites that have an identifier, in the order in which they were added. */
  find(identifier: Identifier): Promise<readonly IdentifiedSite[]>;
  /** The site of a name, or of one like it. */
  details(name: string): Promise<FullSite | undefined>;
  /** What each source says of a site that is there. */
  sources(name: string): Promise<readonly SourceReport[]>;
  /** The sites that a source has reported, without those that are retired. */
  reportedBy(source: string): AsyncIterable<readonly Site[]>;
}

/** The feed whose sites are looked up. */
interface Wanted {
  /** What the feed is called. */
  readonly feed: string;
  /** Its Locations. */
  readonly locations: readonly FeedLocation[];
  /** Ids of Locations that are no longer there, by its word. */
  readonly deleted: ReadonlySet<string>;
  /** Whether a Location that it does not list is gone. */
  readonly isWhole: boolean;
}

/** Looks up all that is to be known about the sites of a feed. */
export async function lookUpSites(
  { feed, locations, deleted, isWhole }: Wanted,
  finder: SiteFinder,
): Promise<KnownSites> {
  const known = new KnownSites();
  const ids = new Set<number>();
  const missing: FeedLocation[] = [];
  await each(locations, async (location) => {
    const site = await siteOf(finder, feed, location.id);
    if (site === undefined) return void missing.push(location);
    known.addFound({ system: feed, value: location.id }, site.known);
    ids.add(site.root);
  });
  await new NewSites(known, finder, feed, ids).lookUp(missing, locations);
  const gone = new Set<string>();
  if (isWhole) {
    for await (const page of finder.reportedBy(feed)) {
      for (const { id, name } of page) if (!ids.has(id)) gone.add(name);
    }
  }
  const listed = new Set(locations.map(({ id }) => id));
  await each([...deleted].filter((id) => !listed.has(id)), async (id) => {
    const site = await siteOf(finder, feed, id);
    if (site !== undefined) gone.add(site.known.name);
  });
  await each([...gone], async (name) => {
    const site = await goneSite(finder, feed, name);
    if (site !== undefined) known.addReported(site);
  });
  return known;
}

/** The site of a Location that the feed has had before, and the id of the one that shows it. */
async function siteOf(finder: SiteFinder, feed: string, id: string) {
  const identifier = identifierOf(feed, id);
  const [found] = identifier === undefined ? [] : await finder.find(identifier);
  if (found === undefined) return undefined;
  const { alias, ...site } = found;
  return { root: site.id, known: { ...site, ...alias && { alias } } as MetSite };
}

/** A site with what the feed has said of it last. */
async function goneSite(finder: SiteFinder, feed: string, name: string): Promise<MetSite | undefined> {
  const [site, all] = await Promise.all([finder.details(name), finder.sources(name)]);
  const reports = all.filter(({ source, index }) => source === feed && index > 0);
  if (site === undefined || reports.length === 0) return undefined;
  const newest = reports.reduce((newest, report) => report.index > newest.index ? report : newest);
  const products = reports.flatMap(({ product, availability }) => {
    return product === undefined || availability === "unknown" ? [] : [product];
  });
  const isPlain = reports.every(({ product }) => product === undefined);
  return { ...site, report: newest, ...!isPlain && { productsTold: products } };
}

/** Looks up what new Locations may be. */
class NewSites {
  readonly #known: KnownSites;
  readonly #finder: SiteFinder;
  readonly #feed: string;
  readonly #ids: Set<number>;
  readonly #looked = new Set<string>();

  constructor(known: KnownSites, finder: SiteFinder, feed: string, ids: Set<number>) {
    this.#known = known;
    this.#finder = finder;
    this.#feed = feed;
    this.#ids = ids;
  }

  async lookUp(missing: readonly FeedLocation[], all: readonly FeedLocation[]): Promise<void> {
    const identifiersOf = distinctIdentifiers(all);
    await each(missing, async (location) => {
      const [plain, distinct] = namesFor(location);
      const names = [plain, distinct, ...location.siteName === undefined ? [] : [location.siteName]];
      await Promise.all([
        ...names.map((name) => this.#named(name)),
        ...identifiersOf(location).map((identifier) => this.#identified(identifier)),
      ]);
    });
    // Few have that one, too.
    const others = missing.filter((location) => this.#known.named(namesFor(location)[1]) !== undefined);
    await each(others, async (location) => await this.#named(namesFor(location)[2]));
    for (const location of missing) {
      const site = this.#known.siteOf(this.#feed, location);
      if (site?.id !== undefined) this.#ids.add(site.id);
    }
  }

  async #named(name: string): Promise<void> {
    if (this.#looked.has(name)) return;
    this.#looked.add(name);
    const site = await this.#finder.details(name);
    // Where a name leads to a site that its own was merged into, nobody else can have it.
    const alias = site?.aliases?.find((alias) => folded(alias.name) === folded(name));
    if (site !== undefined) this.#known.add(alias === undefined ? site : { ...site, alias });
  }

  async #identified(identifier: Identifier): Promise<void> {
    const [first, second] = await this.#finder.find(identifier);
    for (const found of [first, second]) {
      if (found === undefined) continue;
      const { alias } = found;
      const site = alias === undefined ? await this.#finder.details(formatId(found.id)) : { ...found, alias };
      if (site === undefined) continue;
      this.#known.add(site);
      this.#known.identify(identifier, site);
    }
  }
}

/** Does something for each of many, some at a time. */
async function each<T>(items: readonly T[], look: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += lookUpsTogether) {
    await Promise.all(items.slice(at, at + lookUpsTogether).map(look));
  }
}
