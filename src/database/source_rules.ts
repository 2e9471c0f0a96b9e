/**
 * What a site shows of all that its sources say, as objects: for the gateway's mirror, which has no packed table.
 *
 * The replica's store has the same rules in `store/combination.ts`; a property test compares them.
 *
 * @module
 */

import { strandsPerSiteMax, togetherMs } from "../limits.ts";
import type { ConfirmedEntry, Entry, ReportEntry, RetractedEntry } from "./entries.ts";
import { given } from "./given.ts";
import { fullSiteAfter } from "./site_rules.ts";
import { type Availability, type FullSite, isAvailable, type SourceReport } from "./values.ts";

/** What a source says. */
export interface MirroredReport extends SourceReport {
  /** The source in the report itself, if that counts as one without a source: the site keeps no more apart. */
  readonly told?: string;
}

/** A site, with what is needed to know what it shows after the next entry. It never changes. */
export interface SourcedSite {
  /** The site as it is shown. */
  readonly site: FullSite;
  /** What each source says; absent: all reports came from one source, about no product, and none was confirmed. */
  readonly sources?: readonly MirroredReport[];
  /** Whether its document is an extra one, which the next one replaces. */
  readonly isExtra?: boolean;
}

/** The site after an entry of its own. @throws {Error} as `siteAfter`. */
export function sourcedSiteAfter(known: SourcedSite | undefined, entry: Entry): SourcedSite {
  if (known === undefined) return { site: fullSiteAfter(undefined, entry) };
  const { site, sources, isExtra = false } = known;
  if (entry.kind === "documented") {
    const { extra = false, document } = entry;
    if (extra && site.document !== undefined && !isExtra) return known;
    return { site: { ...site, document }, ...given({ sources }), ...(extra ? { isExtra: true } : {}) };
  }
  if (entry.kind === "retracted") return withoutReport(known, entry);
  if (entry.kind === "redacted") {
    const others = sources?.map((each) => each.index === entry.of ? withoutPeople(each) : each);
    return { ...known, site: fullSiteAfter(site, entry), ...given({ sources: others }) };
  }
  const rest = { ...given({ sources }), ...(isExtra ? { isExtra } : {}) };
  const isSaid = entry.kind === "report" || entry.kind === "confirmed";
  if (!isSaid || (sources === undefined && !needsSources(site, entry))) {
    return { ...rest, site: fullSiteAfter(site, entry) };
  }
  const after = sourcesAfter(sources ?? sourcesOf(site), entry);
  return { ...rest, site: shownOf(site, after), sources: after };
}

function withoutPeople({ who: _, note: __, ...said }: MirroredReport): MirroredReport {
  return said;
}

/** A report was taken back: its source says another one, or nothing. */
function withoutReport(known: SourcedSite, { of, shows }: RetractedEntry): SourcedSite {
  if (shows === undefined) return known;
  const { site, sources = sourcesOf(site) } = known;
  const left = sources.flatMap((each) =>
    each.index !== of ? [each] : typeof shows === "object" ? [saidBy(shows, each.source)] : []
  );
  const after = left.length > 0 ? shownOf(site, left) : nothingOf(site, shows === "unknown");
  return { ...known, site: after, ...(known.sources === undefined ? {} : { sources: left }) };
}

function nothingOf(site: FullSite, isUnknown: boolean): FullSite {
  const { unit: _, checkedAt: __, report: ___, ...own } = site;
  return { ...own, availability: isUnknown ? "unknown" : 0, observedAt: 0 };
}

function saidBy(report: ReportEntry, source: string | undefined): MirroredReport {
  const { product, unit, who, note, by, availability, observedAt, index, recordedAt } = report;
  const told = source === report.source ? undefined : report.source;
  return {
    ...given({ source, told, product, unit, who, note, by }),
    ...{ availability, observedAt, changedAt: observedAt, index, recordedAt },
  };
}

function needsSources({ report }: FullSite, entry: ReportEntry | ConfirmedEntry): boolean {
  return entry.kind === "confirmed" || entry.product !== undefined ||
    (report !== undefined && report.source !== entry.source);
}

/** What the only source of a site says; since when it has been so is not known. */
export function sourcesOf({ availability, unit, observedAt, report }: FullSite): readonly MirroredReport[] {
  return report === undefined
    ? []
    : [{ availability, observedAt, changedAt: observedAt, ...report, ...given({ unit }) }];
}

/** As of when it is known what somebody says. */
function asOf({ observedAt, checkedAt = 0 }: { readonly observedAt: number; readonly checkedAt?: number }): number {
  return Math.max(observedAt, checkedAt);
}

function sourcesAfter(
  sources: readonly MirroredReport[],
  entry: ReportEntry | ConfirmedEntry,
): readonly MirroredReport[] {
  const { product } = entry;
  const find = (source?: string) => sources.findIndex((each) => each.source === source && each.product === product);
  const isFull = sources.length >= strandsPerSiteMax - 1 && find(entry.source) < 0;
  const source = isFull && product === undefined ? undefined : entry.source;
  const at = find(source);
  const before = sources[at];
  if (entry.kind === "confirmed") {
    return before === undefined ? sources : sources.with(at, { ...before, checkedAt: entry.observedAt });
  }
  if (before !== undefined && entry.observedAt < asOf(before)) return sources;
  const said = saidBy(entry, source);
  const isSame = before !== undefined && before.availability === said.availability && before.unit === said.unit;
  const after = isSame ? { ...said, changedAt: before.changedAt } : said;
  return before === undefined ? [...sources, after] : sources.with(at, after);
}

/** The reports that a site shows together: one about all that it has, or those of several products; not empty. */
export function shownParts<T extends SourceReport>(sources: readonly T[]): readonly T[] {
  const newest = sources.reduce((a, b) => (asOf(b) - asOf(a) || b.index - a.index) > 0 ? b : a);
  if (newest.product === undefined) return [newest];
  return sources.filter((each) =>
    each.product !== undefined && each.source === newest.source && each.site?.id === newest.site?.id &&
    asOf(each) >= asOf(newest) - togetherMs
  );
}

/** The site as its sources say. */
function shownOf(site: FullSite, sources: readonly MirroredReport[]): FullSite {
  const parts = shownParts(sources);
  const { product, source } = parts[0];
  const last = parts.reduce((a, b) => b.index > a.index ? b : a);
  const observedAt = Math.max(...parts.map((part) => part.observedAt));
  const checkedAt = Math.max(...parts.map((part) => part.checkedAt ?? 0));
  const { unit: _, checkedAt: __, report: ___, availability: ____, observedAt: _____, ...own } = site;
  const { index, recordedAt, who, note, told } = last;
  return {
    ...own,
    ...(product === undefined ? given({ availability: parts[0].availability, unit: parts[0].unit }) : combined(parts)),
    observedAt,
    ...(checkedAt > observedAt ? { checkedAt } : {}),
    report: { index, recordedAt, ...given({ who, source: told ?? source, note }) },
  };
}

/** What reports of several products say together. */
function combined(parts: readonly SourceReport[]): Pick<FullSite, "availability" | "unit"> {
  const known = parts.filter(({ availability }) => availability !== "unknown");
  if (known.length === 0) return { availability: "unknown" };
  const [unit, ...others] = new Set(known.map((part) => part.unit));
  const isOneUnit = others.length === 0;
  return { availability: sumOf(known, isOneUnit), ...given({ unit: isOneUnit ? unit : undefined }) };
}

function sumOf(known: readonly SourceReport[], isOneUnit: boolean): Availability {
  const counts = known.map(({ availability }) => availability).filter((value) => typeof value === "number");
  const areCounts = counts.length === known.length;
  if (areCounts && isOneUnit) {
    if (known[0].unit !== "doses") return Math.max(...counts);
    return counts.reduce((sum, count) => Math.min(Number.MAX_SAFE_INTEGER, sum + count), 0);
  }
  if (known.some(({ availability }) => isAvailable(availability))) return true;
  return areCounts ? 0 : false;
}
