/**
 * The sites that an import of a feed may be about, by what they are known by.
 *
 * @module
 */

import { folded } from "../database/look_alikes.ts";
import { type Identifier, whyNotText } from "../database/values.ts";
import { identifierValueBytesMax, sourceBytesMax } from "../limits.ts";
import { bytesOf, isObject, textOfValue } from "./json_text.ts";
import type { MetSite } from "./met_site.ts";
import { readLinksDocument } from "./links_document.ts";
import { withoutQuery } from "./links_terms.ts";
import { orElse } from "./problems.ts";
import { stateOf } from "./states.ts";
import { readPostalCode } from "./zips.ts";

/** A Location, as far as it tells which it is. */
export interface LocationKey {
  /** Its id in the feed. */
  readonly id: string;
  /** Its publisher, by the Location itself; undefined: none. */
  readonly source: string | undefined;
}

/** A site that has been a Location of the feed. */
interface ReportedSite {
  readonly id: string;
  readonly site: MetSite;
}

/**
 * The identifier of a Location in its feed; undefined if it has characters or a length that no identifier has. Such a
 * one is known by its document alone.
 */
export function identifierOf(feed: string | undefined, id: string): Identifier | undefined {
  if (feed === undefined || !isPlain(feed, sourceBytesMax) || !isPlain(id, identifierValueBytesMax)) return undefined;
  return { system: feed, value: id };
}

function isPlain(text: string, bytesMax: number): boolean {
  return text !== "" && whyNotText(text) === undefined && bytesOf(text) <= bytesMax;
}

/** Whether an identifier may be one of a site. */
export function isSound({ system, value }: Identifier): boolean {
  return isPlain(system, sourceBytesMax) && isPlain(value, identifierValueBytesMax);
}

function keyOf(system: string | undefined, value: string): string {
  return JSON.stringify([system ?? "", value]);
}

/** The Location that a site became of, by its document: who publishes it, and its id there. */
export function locationOf({ document: text }: Pick<MetSite, "document">): LocationKey | undefined {
  const document = readLinksDocument(text);
  const id = document && textOfValue(document.location.id);
  return id === undefined ? undefined : { id, source: document?.source && withoutQuery(document.source) };
}

/** The ZIP code of the Location in a document; undefined if there is none. */
export function zipIn(document: string | undefined): string | undefined {
  const address = readLinksDocument(document)?.location.address;
  if (!isObject(address)) return undefined;
  return orElse(() => readPostalCode(address.postalCode, stateOf(address.state), true, () => {}), () => undefined);
}

/** Sites that are there, so that each Location finds its own, and none takes another's. */
export class KnownSites {
  readonly #byName = new Map<string, MetSite>();
  /** The names of those of which all is known. */
  readonly #isWhole = new Set<string>();
  readonly #byIdentifier = new Map<string, MetSite[]>();
  readonly #byDocument = new Map<string, MetSite>();
  /** The Location that a site has become of, by its document. */
  readonly #locations = new Map<MetSite, LocationKey>();
  /** By the source that their report is from. */
  readonly #reported = new Map<string, ReportedSite[]>();

  /** Adds one that is there, with all that is known of it; of an alias, nothing but its name. */
  add(site: MetSite): void {
    const { alias } = site;
    const name = folded(alias?.name ?? site.name);
    if (this.#isWhole.has(name)) return;
    this.#isWhole.add(name);
    this.#byName.set(name, site);
    if (alias !== undefined) return;
    for (const identifier of site.identifiers ?? []) this.identify(identifier, site);
    const location = locationOf(site);
    if (location !== undefined) {
      this.#locations.set(site, location);
      this.#byDocument.set(keyOf(location.source, location.id), site);
    }
    if (site.report !== undefined) this.addReported(site);
  }

  /** Adds one of which no more is known than that it has an identifier. */
  addFound(identifier: Identifier, site: MetSite): void {
    this.identify(identifier, site);
    const name = folded(site.alias?.name ?? site.name);
    if (!this.#byName.has(name)) this.#byName.set(name, { ...site, identifiers: [identifier] });
  }

  /** Says that a site has an identifier. */
  identify({ system, value }: Identifier, site: MetSite): void {
    const sites = this.#byIdentifier.getOrInsertComputed(keyOf(system, value), () => []);
    const isThere = sites.some(({ name, alias }) => name === site.name && alias?.id === site.alias?.id);
    if (!isThere) sites.push(site);
  }

  /** Says what a feed has reported last of a site. */
  addReported(site: MetSite): void {
    const source = site.report?.source && withoutQuery(site.report.source);
    if (source === undefined || site.retired !== undefined || site.report?.note === goneNote) return;
    const location = locationOf(site);
    const id = site.identifiers?.find(({ system }) => system === source)?.value ??
      (location?.source === source ? location.id : undefined);
    if (id !== undefined) this.#reported.getOrInsertComputed(source, () => []).push({ id, site });
  }

  /** The Locations of a source whose sites have its report. */
  reportedBy(source: string): readonly ReportedSite[] {
    return this.#reported.get(source) ?? [];
  }

  /** The site that a Location of a feed has become before. */
  siteOf(feed: string | undefined, { id, source }: LocationKey): MetSite | undefined {
    return this.having({ system: feed ?? "", value: id })[0] ?? this.#byDocument.get(keyOf(source, id));
  }

  /** The sites with an identifier. */
  having({ system, value }: Identifier): readonly MetSite[] {
    return this.#byIdentifier.get(keyOf(system, value)) ?? [];
  }

  /** The site of a name, or of one like it. */
  named(name: string): MetSite | undefined {
    return this.#byName.get(folded(name));
  }

  /** Whether a site is another Location of the feed. */
  isOther(site: MetSite, feed: string | undefined, { id, source }: LocationKey): boolean {
    const value = site.identifiers?.find(({ system }) => system === feed)?.value;
    if (value !== undefined) return value !== id;
    const location = this.#locations.get(site);
    return location !== undefined && location.source === source && location.id !== id;
  }

  /** The Location that a site has become of, by its document. */
  locationOf(site: MetSite): LocationKey | undefined {
    return this.#locations.get(site);
  }
}

/** The note of a report that a Location is in its feed no more. */
export const goneNote = "no longer listed";
