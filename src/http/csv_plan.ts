/**
 * What the records of a CSV would do to the sites as they are, and the commands that do it.
 *
 * Nothing is executed here, so a person can look first. Between the look and the commands, others may change the sites:
 * a command that no longer fits is refused on its own, and a report that is older than the one shown is kept and not
 * shown.
 *
 * @module
 */

import { folded, parseId } from "../database/look_alikes.ts";
import type { FullSite, SourceReport } from "../database/values.ts";
import {
  documentOf,
  isKnownReport,
  isLate,
  isSamePlace,
  isShownDocument,
  isShownTogether,
  saidBy,
} from "../formats/known_reports.ts";
import { isExtra, mergedDocument } from "../formats/merged_document.ts";
import { withNameOfSite } from "../formats/namesakes.ts";
import { InputRefusal, type OnProblem, refuse, tellAt } from "../formats/problems.ts";
import type { ImportRecord } from "../formats/records.ts";
import { calledIn, isMerged, refuseRetired, withoutFuture } from "../formats/record_rules.ts";
import { quotedShort } from "../quoted.ts";
import type { BatchCommand } from "./batch_route.ts";
import { ManyKeys } from "./many_keys.ts";

/**
 * What a record would do: add its site, or change what the site shows or what is known of it; report something older
 * than what the site shows, which is kept and not shown; confirm what its source has said; or nothing, since all of it
 * is known.
 */
export const effects = ["added", "changed", "outOfDate", "confirmed", "same"] as const;

/** What a record would do, and the commands that do it, in their order. */
export interface PlannedRecord {
  /** The line at which it begins, from 1. */
  readonly line: number;
  readonly name: string;
  readonly effect: typeof effects[number];
  readonly commands: readonly BatchCommand[];
}

/** The times that a plan goes by, in ms since 1970. */
export interface PlanTimes {
  /** The time now. */
  readonly now: number;
  /** When a report was observed that does not say so. */
  readonly observedAt: number;
}

/** The site that a name leads to. */
export interface PlanSite {
  readonly site: FullSite;
  /** The id of the site whose name is only like this one, if that was merged into {@link PlanSite.site}. */
  readonly aliasId?: number | undefined;
}

/** Looks up sites, and their sources. */
export interface PlanSites {
  /** The site of a name, or of one that people take for that; undefined: there is none. */
  site(name: string): PlanSite | undefined;
  /** What each source says of a site that is there. */
  sources(site: FullSite): Promise<readonly SourceReport[]>;
}

/** Plans records one after the other: each finds the sites as those before it would leave them. */
export class CsvPlan {
  readonly #sites: PlanSites;
  readonly #times: PlanTimes;
  readonly #onProblem: OnProblem;
  /**
   * The sites that records would change, as they would be, and what sources would say of them: by id, or by
   * {@link folded} name if they would be added.
   */
  readonly #planned = new ManyKeys<number | string, PlannedSite>();

  /** @param onProblem is told of each record that the database would refuse. */
  constructor(sites: PlanSites, times: PlanTimes, onProblem: OnProblem) {
    this.#sites = sites;
    this.#times = times;
    this.#onProblem = onProblem;
  }

  /** Plans the next record; undefined if it was refused. */
  async take(read: ImportRecord): Promise<PlannedRecord | undefined> {
    const named = withNameOfSite(read, (name) => this.#plannedOf(name)?.site ?? this.#site(name), this.#onProblem);
    const { line, name } = named;
    try {
      const record = withoutFuture(named, this.#times.now, this.#onProblem);
      const present = this.#sites.site(name);
      const before = this.#plannedOf(name) ??
        (present && { site: present.site, sources: await this.#sites.sources(present.site), isPlanned: false });
      const onCorrected = (what: string) => tellAt(this.#onProblem, record, "zip-corrected", what);
      const called = this.#called(record, before?.site, present?.aliasId);
      const { effect, commands, after } = planned(record, called, before, this.#times.observedAt, onCorrected);
      this.#planned.set(present?.site.id ?? folded(name), after);
      return { line, name, effect, commands };
    } catch (error) {
      if (!(error instanceof InputRefusal)) throw error;
      tellAt(this.#onProblem, named, error.kind, `${quotedShort(name)}: ${error.message}`);
      return undefined;
    }
  }

  #site(name: string): FullSite | undefined {
    return this.#sites.site(name)?.site;
  }

  /** The site of a name as the records before leave it; undefined: none is about it. */
  #plannedOf(name: string): PlannedSite | undefined {
    return this.#planned.get(this.#site(name)?.id ?? folded(name));
  }

  /** What commands call the site of a record. A site that is not there yet has no id. */
  #called(record: ImportRecord, site: FullSite | undefined, aliasId: number | undefined): string {
    if (site !== undefined) return site.id === 0 ? site.name : calledIn(record, site, aliasId);
    if (parseId(record.name) === undefined) return record.name;
    refuse("not-taken", "the name is written like the id of a site; give another one");
  }
}

/** A site as records before have left it. */
interface PlannedSite {
  readonly site: FullSite;
  readonly sources: readonly SourceReport[];
  /** Whether a record was about it: then no other one corrects its ZIP code. */
  readonly isPlanned: boolean;
}

function planned(
  record: ImportRecord,
  name: string,
  before: PlannedSite | undefined,
  usualTime: number,
  onCorrected: (what: string) => void,
) {
  const { zip, who, source, note, unit, product, availability: value, retired } = record;
  const origin = { who, source };
  const commands: BatchCommand[] = [];
  if (before === undefined) commands.push({ op: "add", name, zip, ...origin, note: undefined });
  let { site, sources } = before ??
    { site: { id: 0, name, zip, availability: 0, observedAt: 0 } as FullSite, sources: [] as readonly SourceReport[] };
  const own = saidBy(source, sources);
  const observedAt = record.observedAt ?? usualTime;
  const last = own.find((each) => each.product === product && each.index > 0);
  const isRetired = site.retired !== undefined;
  // Another note makes another report; a retired site takes none.
  const isKnown = isKnownReport({ product, availability: value, unit, observedAt }, own) &&
    (isRetired || last?.observedAt !== observedAt || last.note === note);
  const isNews = value !== undefined && !isKnown && !isShownTogether(record, site, sources);
  // A document alone reports nothing.
  const isReport = value === undefined ? (retired ?? record.document) === undefined : isNews;
  if (isRetired && isReport) refuseRetired(site);
  // A site into which that of the name was merged may have another ZIP code.
  if (site.zip !== zip && !isMerged(record.name, site)) {
    const isCorrected = before?.isPlanned === false && isSamePlace(record, site.zip, own);
    const what = `it is there with the ZIP code ${site.zip}, and this one has ${zip}; give it another name`;
    if (!isCorrected) refuse("zip-differs", what);
    onCorrected(`${quotedShort(record.name)}: the ZIP code was ${site.zip}, and would be ${zip}`);
    const others = { newName: undefined, identifiers: undefined, unique: undefined, note: undefined };
    commands.push({ op: "edit", name, zip, ...others, ...origin });
    site = { ...site, zip };
  }
  const known = documentOf(own);
  const isShown = isShownDocument(record, site);
  const document = record.document === undefined || isShown || isLate(record, observedAt, own)
    ? undefined
    : record.isPart
    ? mergedDocument(known, record.document)
    : record.document;
  if (document !== undefined && document !== known) {
    const extra = isExtra(document) ? true : undefined;
    commands.push({ op: "document", name, document, observedAt, extra, ...origin, note: undefined });
    sources = withSaid(sources, { source, product: undefined }, { document });
    if (extra === undefined || known === site.document) site = { ...site, document };
  }
  let effect: PlannedRecord["effect"] = "changed";
  if (isNews) {
    const conditions = { if: undefined, ifEntry: undefined };
    commands.push({ op: "set", name, value, observedAt, unit, product, confirm: true, ...conditions, ...origin, note });
    const { checkedAt = last?.observedAt ?? 0 } = last ?? {};
    const isSame = last !== undefined && last.availability === value && last.unit === unit && observedAt > checkedAt;
    if (observedAt < checkedAt) effect = "outOfDate";
    else if (isSame) effect = "confirmed";
    else if (observedAt < Math.max(site.observedAt, site.checkedAt ?? 0)) effect = "outOfDate";
    if (observedAt >= checkedAt) {
      const said = isSame ? { checkedAt: observedAt } : { availability: value, unit, observedAt, checkedAt: undefined };
      sources = withSaid(sources, { source, product }, { ...said, index: last?.index ?? planIndex });
    }
    if (effect === "changed") site = { ...site, availability: value, unit, observedAt };
  }
  if (isRetired && retired !== undefined && retired !== site.retired) refuseRetired(site);
  if (retired !== undefined && !isRetired) {
    commands.push({ op: "retire", name, reason: retired, ...origin });
    site = { ...site, retired };
    effect = "changed";
  }
  if (before === undefined) effect = "added";
  else if (commands.length === 0) effect = "same";
  else if (effect === "confirmed" && commands.length > 1) effect = "changed";
  return { effect, commands, after: { site, sources, isPlanned: true } };
}

/** The index of a report that is not made yet. */
const planIndex = Number.MAX_SAFE_INTEGER;

/** What sources say after one of them has said something. */
function withSaid(
  sources: readonly SourceReport[],
  { source, product }: Pick<SourceReport, "source" | "product">,
  said: Partial<SourceReport>,
): readonly SourceReport[] {
  const at = sources.findIndex((each) => each.source === source && each.product === product && each.site === undefined);
  const nothing = { availability: "unknown", observedAt: 0, changedAt: 0, index: 0, recordedAt: 0 } as const;
  const after = { ...nothing, source, product, ...sources[at], ...said } as SourceReport;
  return at < 0 ? [...sources, after] : sources.with(at, after);
}
