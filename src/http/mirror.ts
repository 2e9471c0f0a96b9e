/**
 * The mirror: all sites in the memory of the gateway, so that a search costs the cluster nothing.
 *
 * The mirror applies the entries of the log from the first one on, and knows nothing else: its answers are a function
 * of the log up to {@link Mirror.position}, the same at every gateway. It lags behind the cluster by the time that an
 * entry travels.
 *
 * @module
 */

import { type Absence, arrivalBetween, mayArrive, saidArrival } from "../alerts/arrivals.ts";
import type { ChangeSubject } from "../alerts/change_filter.ts";
import type { Entry, RetractedEntry } from "../database/entries.ts";
import { folded } from "../database/look_alikes.ts";
import { compareNames, countBefore } from "../database/name_order.ts";
import { asOf, finderOf, joinedSite, type Search, searchable } from "../database/site_rules.ts";
import { type SourcedSite, sourcedSiteAfter, sourcesOf } from "../database/source_rules.ts";
import { given } from "../database/given.ts";
import type { FullSite, SourceReport } from "../database/values.ts";
import { ArrivalList } from "./arrival_list.ts";
import { logName } from "./log_name.ts";

/** A site in the mirror. It never changes: a new object takes its place. */
export interface MirrorSite extends FullSite {
  /** The index of its last entry. */
  readonly lastEntry: number;
  /** The latest time, in ms since 1970, at which any entry up to that one was recorded, of this site or another. */
  readonly lastTime: number;
  /** Its newest entry but documents, and reports that it never showed. */
  readonly change?: Entry;
  /** Its newest arrival, and what there was before; absent: there was none. */
  readonly arrival?: Arrival;
}

/** An entry after which a site that had nothing has some. */
export interface Arrival {
  readonly entry: Entry;
  readonly was: Absence;
}

/** Names that are put among the others in one turn: to sort 100,000 takes several times as long as a turn may. */
const newNamesMax = 2_048;

/** A search in the mirror. */
export interface MirrorSearch extends Search {
  /** Only sites with a report about this product, with the newest such report. */
  readonly product?: string;
  /** Only sites with a report of this source, with the newest such report. */
  readonly source?: string;
  /** Only sites that fit. */
  fits?(site: FullSite): boolean;
}

/** How to look at sites. */
interface LookOptions {
  /** Whether to look at those before, from the last one on. */
  readonly isBack?: boolean;
  /** How many to find, at most. */
  readonly limit?: number;
}

/** The sites as a log says. */
export class Mirror {
  /** The cluster whose log it is. */
  readonly cluster: string;
  /** What the log is called. */
  readonly log: string;
  /** All sites by their ids, each as if no other one was merged into it. */
  readonly #sites = new Map<number, MirrorSite>();
  /** What else is known of those with several sources, by their ids. */
  readonly #sources = new Map<number, Omit<SourcedSite, "site">>();
  /** The sites that are not aliases, by their names. */
  readonly #ids = new Map<string, number>();
  /** The site that an alias leads to, by its id. */
  readonly #into = new Map<number, number>();
  /** The names as searches compare them. */
  readonly #searchable = new Map<string, string>();
  /** For each site that others lead to, their ids, in order; undefined: to be gathered again. */
  #aliases: Map<number, number[]> | undefined = new Map();
  /** The aliases by their names; undefined: to be gathered again. */
  #aliasIds: Map<string, number> | undefined;
  /** All sites by their names as people take them for the same; of several, the last one that got its name. */
  readonly #alike = new Map<string, number>();
  /** Arrivals at sites. */
  readonly #arrivals = new ArrivalList();
  /** Arrivals among what a source says of a product. */
  readonly #saidArrivals = new ArrivalList();
  /** The sources and products of reports that were taken back, by the entries that did it: they are few. */
  readonly #takenBack = new Map<number, ChangeSubject>();
  /** The names of {@link #ids} in the order of their code points, without the newest ones. */
  #names: string[] = [];
  #newNames: string[] = [];
  #last: Pick<Entry, "index" | "recordedAt"> = { index: 0, recordedAt: 0 };
  #latest = 0;

  /** @param cluster the id of the cluster whose log it is. */
  constructor(cluster: string) {
    this.cluster = cluster;
    this.log = logName(cluster);
  }

  /** The index of the last entry that it has. */
  get position(): number {
    return this.#last.index;
  }

  /** When that entry was recorded, in ms since 1970; 0 if there is none. */
  get recordedAt(): number {
    return this.#last.recordedAt;
  }

  /** How many sites there are, with those that are retired. */
  get size(): number {
    return this.#ids.size;
  }

  /** The id of the site of a name; undefined if there is none. */
  idOf(name: string): number | undefined {
    return this.#ids.get(name);
  }

  /**
   * Applies the next entry, and ignores one that it has applied already.
   *
   * @throws {Error} if an entry between is missing: an error of ours.
   */
  take(entry: Entry): void {
    if (entry.index <= this.position) return;
    if (entry.index !== this.position + 1) throw new Error(`Entry ${entry.index} does not follow ${this.position}`);
    this.#last = entry;
    this.#latest = Math.max(this.#latest, entry.recordedAt);
    const before = this.#sites.get(entry.siteId);
    const shownBefore = mayArrive(entry) ? this.siteWithId(entry.siteId) : undefined;
    const known = before === undefined ? undefined : { ...this.#sources.get(entry.siteId), site: before };
    if (entry.kind === "retracted" && known !== undefined) this.#noteTakenBack(entry, known);
    const sourced = sourcedSiteAfter(known, entry);
    this.#saidArrivals.note(entry.index, saidArrival(known, sourced, entry));
    const { site, ...sources } = sourced;
    if (Object.keys(sources).length > 0) this.#sources.set(site.id, sources);
    else this.#sources.delete(site.id);
    const after = this.#put(site, before, entry);
    if (shownBefore !== undefined) this.#noteArrival(entry, shownBefore);
    if (before?.name !== after.name) this.#rename(before, after);
    if (entry.kind === "added") this.#list(after);
    else if (entry.kind === "merged") {
      this.#unlist(after.name);
      this.#into.set(after.id, entry.into.id);
    } else if (entry.kind === "unmerged") {
      this.#into.delete(after.id);
      this.#list(after);
    } else if (before !== undefined && before.name !== after.name) {
      this.#unlist(before.name);
      this.#list(after);
    }
    // What another site shows may have changed, or that it exists.
    if (entry.kind === "merged" || entry.kind === "unmerged") {
      this.#aliases = undefined;
      this.#aliasIds = undefined;
      const root = this.#sites.get(this.#rootOf(entry.into.id))!;
      this.#put(root, root, entry);
    }
  }

  #put(site: FullSite, before: MirrorSite | undefined, entry: Entry): MirrorSite {
    // A site with a new id is published with it at once, and has not changed since.
    const isOnlyPublished = entry.kind === "published" && before !== undefined;
    const put = {
      ...site,
      lastEntry: this.position,
      lastTime: isOnlyPublished ? before.lastTime : this.#latest,
      change: isTold(entry) ? entry : before?.change && redactedBy(entry, before.change),
      arrival: before?.arrival && { ...before.arrival, entry: redactedBy(entry, before.arrival.entry) },
    };
    this.#sites.set(site.id, put);
    return put;
  }

  /** Notes whether an entry brought an arrival. @param before what its site showed before. */
  #noteArrival(entry: Entry, before: MirrorSite): void {
    const { id } = before;
    const was = arrivalBetween(before, this.siteWithId(id)!);
    if (was === undefined) return;
    this.#sites.set(id, { ...this.#sites.get(id)!, arrival: { entry, was } });
    this.#arrivals.note(entry.index, was);
  }

  /**
   * What there was before an entry that brought an arrival; undefined: it brought none, or is not here yet.
   *
   * @param isOfSaid whether that is what its source had said of its product, and not what the site showed.
   */
  arrivalAt(index: number, isOfSaid = false): Absence | undefined {
    return (isOfSaid ? this.#saidArrivals : this.#arrivals).at(index);
  }

  #noteTakenBack({ index, of }: RetractedEntry, { site, sources = sourcesOf(site) }: SourcedSite): void {
    const report = sources.find((each) => each.index === of);
    if (report === undefined) return;
    const { told, source = told, product } = report;
    this.#takenBack.set(index, given({ source, product }));
  }

  /**
   * The source and the product of the report that an entry has taken back; undefined: it takes none back, or the report
   * was not the last of its source.
   */
  takenBackBy(index: number): ChangeSubject | undefined {
    return this.#takenBack.get(index);
  }

  /** The site that an id leads to, its own or that of an alias; undefined if there is none. */
  siteWithId(id: number): MirrorSite | undefined {
    const site = this.#sites.get(this.#rootOf(id));
    return site && this.#joined(site);
  }

  /** The site of a name; or else the one whose name people take for this one, its own or that of an alias. */
  siteLike(name: string): { readonly site: MirrorSite; readonly aliasId?: number } | undefined {
    const site = this.site(name);
    if (site !== undefined) return { site };
    const id = this.#alike.get(folded(name));
    const alike = id === undefined ? undefined : this.siteWithId(id);
    return alike && { site: alike, ...alike.id !== id && { aliasId: id } };
  }

  #list({ id, name }: FullSite): void {
    this.#ids.set(name, id);
    this.#searchable.set(name, searchable(name));
    if (this.#newNames.push(name) >= newNamesMax) this.#sortedNames();
  }

  #unlist(name: string): void {
    this.#ids.delete(name);
    this.#searchable.delete(name);
    const at = this.#newNames.indexOf(name);
    if (at >= 0) this.#newNames.splice(at, 1);
    else this.#names.splice(countBefore(this.#names, (before) => compareNames(before, name) < 0), 1);
  }

  #rename(before: FullSite | undefined, { id, name }: FullSite): void {
    const old = before && folded(before.name);
    if (old !== undefined && this.#alike.get(old) === id) this.#alike.delete(old);
    this.#alike.set(folded(name), id);
  }

  #rootOf(id: number): number {
    for (let into = this.#into.get(id); into !== undefined; into = this.#into.get(id)) id = into;
    return id;
  }

  /** The site of a name, with what it shows of the sites that were merged into it. */
  #named(name: string): MirrorSite {
    return this.#joined(this.#sites.get(this.#ids.get(name)!)!);
  }

  #joined(site: MirrorSite): MirrorSite {
    if (this.#into.size === 0) return site;
    const aliases = this.#aliasesByRoot().get(site.id);
    return aliases === undefined ? site : joinedSite(site, aliases.map((id) => this.#sites.get(id)!));
  }

  #aliasesByRoot(): ReadonlyMap<number, readonly number[]> {
    return this.#aliases ??= Map.groupBy([...this.#into.keys()].sort((a, b) => a - b), (id) => this.#rootOf(id));
  }

  /** The site that a name leads to, its own or that of an alias; undefined if there is none. */
  site(name: string): MirrorSite | undefined {
    if (this.#ids.has(name)) return this.#named(name);
    this.#aliasIds ??= new Map([...this.#into.keys()].map((id) => [this.#sites.get(id)!.name, id]));
    const alias = this.#aliasIds.get(name);
    return alias === undefined ? undefined : this.#named(this.#sites.get(this.#rootOf(alias))!.name);
  }

  /**
   * What each source says of a site, and of those that were merged into it. Where a site has but one source, nobody
   * knows here since when it has said the same.
   */
  sourcesOf({ id }: FullSite): readonly SourceReport[] {
    return this.#saidOf(this.#sites.get(id)!).concat(
      (this.#aliasesByRoot().get(id) ?? []).flatMap((alias) => {
        const { name } = this.#sites.get(alias)!;
        return this.#saidOf(this.#sites.get(alias)!).map((said) => ({ ...said, site: { id: alias, name } }));
      }),
    );
  }

  #saidOf(site: MirrorSite): readonly SourceReport[] {
    return this.#sources.get(site.id)?.sources ?? sourcesOf(site);
  }

  /** A site as a search finds it; undefined if it does not. */
  #foundBy(search: MirrorSearch, isFound: ReturnType<typeof finderOf>, name: string): MirrorSite | undefined {
    const site = this.#said(this.#named(name), search);
    const fits = site !== undefined && isFound(site, this.#searchable.get(name)) && (search.fits?.(site) ?? true);
    return fits ? site : undefined;
  }

  /** A site with the newest report that a search is about; undefined if there is none. */
  #said(site: MirrorSite, { product, source }: MirrorSearch): MirrorSite | undefined {
    if (product === undefined && source === undefined) return site;
    const meant = this.sourcesOf(site).filter((said) =>
      (product === undefined || said.product === product) && (source === undefined || said.source === source)
    );
    if (meant.length === 0) return undefined;
    const said = meant.reduce((a, b) => (asOf(b) - asOf(a) || b.index - a.index) > 0 ? b : a);
    const { unit: _, checkedAt: __, ...own } = site;
    const { availability, observedAt, unit, checkedAt, index, recordedAt, who, note } = said;
    const report = { index, recordedAt, ...given({ who, source: said.source, note }) };
    return { ...own, availability, observedAt, ...given({ unit, checkedAt }), report } as MirrorSite;
  }

  /** The ids under which sites are published, also those that were merged. */
  *locationIds(): Generator<string> {
    for (const { locationId } of this.#sites.values()) if (locationId !== undefined) yield locationId;
  }

  /** All sites in the order of their names, as they are now. */
  all(): MirrorSite[] {
    return this.#sortedNames().map((name) => this.#named(name));
  }

  /** The sites that were merged into others, each as it is by itself. */
  merged(): MirrorSite[] {
    return [...this.#into.keys()].map((id) => this.#sites.get(id)!);
  }

  /**
   * The sites that match among the next ones in the order of their names, or among those before, from the last one on.
   *
   * @param count how many to look at.
   * @param from only sites whose name comes after this one, or before it; absent: all.
   * @returns them, and the name from which there are more to look at; undefined: from none.
   */
  look(
    search: MirrorSearch,
    count: number,
    from: string | undefined,
    { isBack = false, limit = Infinity }: LookOptions = {},
  ): { readonly sites: readonly MirrorSite[]; readonly next: string | undefined } {
    const names = this.#sortedNames();
    const isFound = finderOf(search);
    const step = isBack ? -1 : 1;
    const sites: MirrorSite[] = [];
    let at = isBack
      ? countBefore(names, (name) => from === undefined || compareNames(name, from) < 0) - 1
      : countBefore(names, (name) => from !== undefined && compareNames(name, from) <= 0);
    for (let left = count; left > 0 && sites.length < limit && names[at] !== undefined; left--, at += step) {
      const site = this.#foundBy(search, isFound, names[at]);
      if (site !== undefined) sites.push(site);
    }
    return { sites, next: names[at] === undefined ? undefined : names[at - step] };
  }

  #sortedNames(): readonly string[] {
    if (this.#newNames.length === 0) return this.#names;
    const [old, names] = [this.#names, [] as string[]];
    let at = 0;
    for (const name of this.#newNames.sort(compareNames)) {
      const end = countBefore(old, (before) => compareNames(before, name) < 0);
      while (at < end) names.push(old[at++]);
      names.push(name);
    }
    while (at < old.length) names.push(old[at++]);
    this.#newNames = [];
    return this.#names = names;
  }
}

/** An entry that is kept, without who and note if another one redacts it. */
function redactedBy(entry: Entry, kept: Entry): Entry {
  if (entry.kind !== "redacted" || entry.of !== kept.index) return kept;
  const { who: _who, ...others } = kept;
  if (others.kind === "retired") return { ...others, reason: "", redacted: true };
  const { note: _note, ...rest } = others;
  return { ...rest, redacted: true };
}

/** Whether an entry changes what people see of a site. */
function isTold(entry: Entry): boolean {
  if (entry.kind === "documented" || entry.kind === "confirmed") return false;
  if (entry.kind === "published" || entry.kind === "redacted") return false;
  return !(entry.kind === "report" && entry.outOfDate);
}
