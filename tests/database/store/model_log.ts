/**
 * The log of the model and its sites, with arrays and searches from front to back: what commands read and add to.
 *
 * @module
 */

import type { Entry } from "../../../src/database/entries.ts";
import type { SiteDetails, SiteState } from "../../../src/database/wire/outputs.ts";
import { plain } from "./model_names.ts";
import { type Logged, ModelSite, newestOf, optional, reportOf, type Shown } from "./model_site.ts";

/** All entries, and the sites that they are of. */
export class ModelLog {
  /** Every entry with its site, by index - 1. */
  readonly logged: { readonly site: ModelSite; readonly entry: Logged }[] = [];
  /** All sites, in the order in which they were added. */
  readonly sites: ModelSite[] = [];

  constructor() {
    this.append(new ModelSite(1), { kind: "added", site: "Harvard University", zip: "02138", recordedAt: 0 });
  }

  /** All entries, with the names that the sites have now, except where they were added. */
  get entries(): Entry[] {
    return this.logged.map(({ site, entry }) => this.read(site, entry));
  }

  /** An entry as it is read now: with the names that the sites have. */
  read(site: ModelSite, { other, shown, ...entry }: Logged): Entry {
    if (shown !== undefined) {
      const shows = shown === "nothing" ? shown : this.read(this.logged[shown - 1].site, this.logged[shown - 1].entry);
      return { ...entry, site: site.name, siteId: site.id, shows } as Entry;
    }
    const into = other === undefined ? {} : { into: { id: other.id, name: other.name } };
    return { ...entry, site: entry.kind === "added" ? entry.site : site.name, siteId: site.id, ...into } as Entry;
  }

  /** Adds an entry to the log and to its site, and returns its index. */
  append(site: ModelSite, fields: object): number {
    if (!this.sites.includes(site)) this.sites.push(site);
    const entry = { index: this.logged.length + 1, ...fields } as Logged;
    this.logged.push({ site, entry });
    site.entries.push(entry);
    return entry.index;
  }

  /** Changes what the last entry says. */
  replaceLast(site: ModelSite, fields: object): void {
    const entry = { ...site.entries.pop()!, ...fields };
    site.entries.push(entry);
    this.logged.pop();
    this.logged.push({ site, entry });
  }

  /** A site and all that lead to it. */
  members(site: ModelSite): ModelSite[] {
    return this.sites.filter((each) => {
      for (let at: ModelSite | undefined = each; at !== undefined; at = at.into) if (at === site) return true;
      return false;
    });
  }

  /** What a site shows of all its members. */
  shown(site: ModelSite): Shown | undefined {
    return newestOf(this.members(site).map(({ ownShown }) => ownShown));
  }

  /** The state of a site for a command that typed a name: without its name if that is the one. */
  state(site: ModelSite, typed: string, shown = this.shown(site)): SiteState {
    const { retirement, zip, id, name } = site;
    return {
      id,
      ...(name === typed ? {} : { name }),
      zip,
      availability: shown?.availability ?? 0,
      ...(shown?.unit === undefined ? {} : { unit: shown.unit }),
      observedAt: shown?.observedAt ?? 0,
      ...(shown === undefined || shown.checkedAt === 0 ? {} : { checkedAt: shown.checkedAt }),
      ...(retirement === undefined ? {} : { retired: retirement.reason }),
    };
  }

  /** The same with everything else that is known of it. */
  full(site: ModelSite, typed: string, shown = this.shown(site)): SiteDetails {
    const { documented, identifiers } = site;
    const aliases = this.members(site).filter((each) => each !== site).map(({ id, name }) => ({ id, name }));
    return {
      ...this.state(site, typed, shown),
      ...(shown === undefined ? {} : { report: reportOf(shown.report) }),
      ...(documented === undefined ? {} : { document: documented.document }),
      ...(identifiers.length === 0 ? {} : { identifiers }),
      ...(aliases.length === 0 ? {} : { aliases }),
      ...optional({ locationId: site.published?.locationId }),
    };
  }

  /** The site of a name or an id. */
  find(typed: string): ModelSite | undefined {
    return this.sites.find(({ name }) => name === typed) ?? this.sites.find(({ id }) => `id:${id}` === typed);
  }

  /** The first site whose name differs at most in what people overlook. */
  alike(typed: string): ModelSite | undefined {
    return this.sites.find(({ name }) => plain(name) === plain(typed));
  }

  /** The state of a site with its name, whatever name was typed. */
  named(site: ModelSite): SiteState & { readonly name: string } {
    return { ...this.state(site, site.name), name: site.name };
  }
}
