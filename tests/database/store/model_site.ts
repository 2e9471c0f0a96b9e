/**
 * A site of the model: its entries are all that it knows, and what it shows is worked out of them each time.
 *
 * @module
 */

import type { ConfirmedEntry, DocumentedEntry, Entry, ReportEntry } from "../../../src/database/entries.ts";
import {
  type Availability,
  type FullSite,
  type Identifier,
  isAvailable,
  type SourceReport,
  type Unit,
} from "../../../src/database/values.ts";

/** An entry without what depends on when it is read: the names. */
export type Logged = Entry & { readonly other?: ModelSite; readonly shown?: number | "nothing" };

/** A site of the model: its entries are all that it knows, and to which site it leads. */
export class ModelSite {
  readonly entries: Logged[] = [];
  into: ModelSite | undefined;
  // Kept until there is another entry: everything asks for them.
  #strands: readonly ModelStrand[] = [];
  #strandsOf: Logged | undefined;

  constructor(readonly id: number) {}

  get name(): string {
    const named = this.entries.findLast((entry) => entry.kind === "edited" && entry.name !== undefined);
    return named?.kind === "edited" ? named.name! : this.entries[0].site;
  }

  get zip(): string {
    const moved = this.entries.findLast((entry) => "zip" in entry && entry.zip !== undefined);
    return moved?.kind === "edited" || moved?.kind === "added" ? moved.zip! : "";
  }

  get identifiers(): readonly Identifier[] {
    const entry = this.entries.findLast((entry) => entry.kind === "edited" && entry.identifiers !== undefined);
    return entry?.kind === "edited" ? entry.identifiers! : [];
  }

  get root(): ModelSite {
    return this.into?.root ?? this;
  }

  /** The id under which it is published. */
  get published(): Extract<Entry, { kind: "published" }> | undefined {
    return this.entries.find((entry) => entry.kind === "published");
  }

  /** What each source says of each product, in the order in which they came. */
  get strands(): readonly ModelStrand[] {
    if (this.#strandsOf !== this.entries.at(-1)) this.#strands = this.#gathered();
    this.#strandsOf = this.entries.at(-1);
    return this.#strands;
  }

  #gathered(): ModelStrand[] {
    const strands: ModelStrand[] = [];
    const gone = new Set<number>();
    for (const entry of this.entries) {
      if (entry.kind === "retracted") {
        gone.add(entry.of);
        strands.find(({ report }) => report?.index === entry.of)?.fallBack(gone);
      }
      if (entry.kind !== "report" && entry.kind !== "confirmed" && entry.kind !== "documented") continue;
      const { source } = entry;
      const product = entry.kind === "documented" ? undefined : entry.product;
      let strand = strands.find((each) => each.source === source && each.product === product);
      if (strand === undefined) strands.push(strand = new ModelStrand(source, product));
      strand.take(entry);
    }
    return strands;
  }

  /** What it shows of its own reports. */
  get ownShown(): Shown | undefined {
    const strands = this.strands.filter(({ report }) => report !== undefined);
    const newest = strands.toSorted((a, b) => a.asOf - b.asOf || a.report!.index - b.report!.index).at(-1);
    if (newest === undefined) return undefined;
    if (newest.product === undefined) return { ...saidBy(newest), parts: [newest.report!] };
    const together = strands.filter((each) =>
      each.source === newest.source && each.product !== undefined && each.asOf >= newest.asOf - 24 * 3_600_000
    );
    const parts = together.map((each) => each.report!);
    const known = parts.filter(({ availability }) => availability !== "unknown");
    const units = new Set(known.map(({ unit }) => unit));
    const observedAt = Math.max(...parts.map((report) => report.observedAt));
    const checkedAt = Math.max(...together.map((each) => each.checkedAt));
    return {
      availability: known.length === 0 ? "unknown" : combined(known),
      unit: units.size === 1 ? [...units][0] : undefined,
      observedAt,
      checkedAt: checkedAt > observedAt ? checkedAt : 0,
      report: parts.reduce((a, b) => a.index > b.index ? a : b),
      parts,
    };
  }

  /** The entry that says why it is retired. */
  get retirement(): Extract<Entry, { kind: "retired" }> | undefined {
    const last = this.entries.findLast(({ kind }) => kind === "retired" || kind === "reopened");
    return last?.kind === "retired" ? last : undefined;
  }

  /** The document that it shows: the last one that is not extra, or else the last one. */
  get documented(): DocumentedEntry | undefined {
    const all = this.entries.filter((entry) => entry.kind === "documented");
    return all.findLast(({ extra }) => !extra) ?? all.at(-1);
  }
}

/** What one source says of one product. */
export class ModelStrand {
  report: ReportEntry | undefined;
  checkedAt = 0;
  changedAt = 0;
  documented: DocumentedEntry | undefined;
  readonly #reports: ReportEntry[] = [];

  constructor(readonly source: string | undefined, readonly product: string | undefined) {}

  get asOf(): number {
    return Math.max(this.report?.observedAt ?? 0, this.checkedAt);
  }

  /** Its report was taken back: it says the newest one of those that were not. */
  fallBack(gone: ReadonlySet<number>): void {
    const left = this.#reports.filter(({ index }) => !gone.has(index));
    const newest = Math.max(...left.map(({ observedAt }) => observedAt));
    this.report = left.findLast(({ observedAt }) => observedAt === newest);
    this.changedAt = this.report?.observedAt ?? 0;
    this.checkedAt = 0;
  }

  take(entry: ReportEntry | ConfirmedEntry | DocumentedEntry): void {
    if (entry.kind === "report") this.#reports.push(entry);
    if (entry.kind === "documented") this.documented = entry;
    else if (entry.kind === "confirmed") this.checkedAt = entry.observedAt;
    else if (this.report === undefined || entry.observedAt >= this.asOf) {
      if (this.report === undefined || !isSaying(this.report, entry)) this.changedAt = entry.observedAt;
      this.report = entry;
      this.checkedAt = 0;
    }
  }
}

/** A site as it is shown, the report that it names, and all reports that make it up. */
export interface Shown {
  readonly availability: Availability;
  readonly unit: Unit | undefined;
  readonly observedAt: number;
  readonly checkedAt: number;
  readonly report: ReportEntry;
  readonly parts: readonly ReportEntry[];
}

export function saidBy({ report, checkedAt }: ModelStrand): Omit<Shown, "parts"> {
  const { availability, unit, observedAt } = report!;
  return { availability, unit, observedAt, checkedAt, report: report! };
}

export function isSaying(
  report: ReportEntry,
  { availability, unit }: { availability: Availability; unit?: Unit },
): boolean {
  return report.availability === availability && report.unit === unit;
}

/** What reports of several products, none of which is unknown, say together. */
function combined(reports: readonly ReportEntry[]): Availability {
  const counts = reports.map(({ availability }) => availability).filter((value) => typeof value === "number");
  const units = new Set(reports.map(({ unit }) => unit));
  const areCounts = counts.length === reports.length;
  if (areCounts && units.size === 1) {
    if (!units.has("doses")) return Math.max(...counts);
    return counts.reduce((sum, count) => Math.min(Number.MAX_SAFE_INTEGER, sum + count), 0);
  }
  if (reports.some(({ availability }) => isAvailable(availability))) return true;
  return areCounts ? 0 : false;
}

export function asOf({ observedAt, checkedAt }: Shown): number {
  return Math.max(observedAt, checkedAt);
}

/** The one that is known as of the latest time, of several the one whose report came last. */
export function newestOf(shown: readonly (Shown | undefined)[]): Shown | undefined {
  return shown.filter((each) => each !== undefined)
    .toSorted((a, b) => asOf(a) - asOf(b) || a.report.index - b.report.index).at(-1);
}

export function reportOf({ index, recordedAt, who, source, note }: ReportEntry): Required<FullSite>["report"] {
  return { index, recordedAt, ...optional({ who, source, note }) };
}

/** Without what is undefined. */
export function optional<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** What a source says, as an output has it. */
export function sourceReport(strand: ModelStrand, site: ModelSite | undefined): SourceReport {
  const { source, product, report, checkedAt, changedAt, documented } = strand;
  const named = site === undefined ? undefined : { id: site.id, name: site.name };
  const said = report === undefined
    ? { availability: "unknown", observedAt: 0, changedAt: 0, index: 0, recordedAt: 0 } as const
    : {
      availability: report.availability,
      ...optional({ unit: report.unit }),
      observedAt: report.observedAt,
      ...optional({ checkedAt: checkedAt || undefined }),
      changedAt,
      index: report.index,
      recordedAt: report.recordedAt,
      ...optional({ who: report.who, note: report.note, by: report.by }),
    };
  return { ...optional({ site: named, source, product }), ...said, ...optional({ document: documented?.document }) };
}
