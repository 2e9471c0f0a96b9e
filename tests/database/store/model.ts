/**
 * What the database does, with arrays and searches from front to back: a model to compare it with.
 *
 * Pages are cut by their limits only; how much fits one is tested apart.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  type ChangeCommand,
  type Command,
  knowsSources,
  type SetCommand,
} from "../../../src/database/wire/commands.ts";
import type { ConfirmedEntry, DocumentedEntry, Entry, ReportEntry } from "../../../src/database/entries.ts";
import type { Effect, Output, SiteDetails, SiteState } from "../../../src/database/wire/outputs.ts";
import {
  type Availability,
  type FullSite,
  type Identifier,
  isAvailable,
  type SourceReport,
  type Unit,
} from "../../../src/database/values.ts";
import { foundSitesMax, mergedSitesMax, observedAheadMsMax, sameMomentMax } from "../../../src/limits.ts";
import { bytesOf } from "./memory.ts";

/** An entry without what depends on when it is read: the names. */
type Logged = Entry & { readonly other?: ModelSite; readonly shown?: number | "nothing" };

/** A site of the model: its entries are all that it knows, and to which site it leads. */
class ModelSite {
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
class ModelStrand {
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
interface Shown {
  readonly availability: Availability;
  readonly unit: Unit | undefined;
  readonly observedAt: number;
  readonly checkedAt: number;
  readonly report: ReportEntry;
  readonly parts: readonly ReportEntry[];
}

function saidBy({ report, checkedAt }: ModelStrand): Omit<Shown, "parts"> {
  const { availability, unit, observedAt } = report!;
  return { availability, unit, observedAt, checkedAt, report: report! };
}

function isSaying(report: ReportEntry, { availability, unit }: { availability: Availability; unit?: Unit }): boolean {
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

function asOf({ observedAt, checkedAt }: Shown): number {
  return Math.max(observedAt, checkedAt);
}

/** The one that is known as of the latest time, of several the one whose report came last. */
function newestOf(shown: readonly (Shown | undefined)[]): Shown | undefined {
  return shown.filter((each) => each !== undefined)
    .toSorted((a, b) => asOf(a) - asOf(b) || a.report.index - b.report.index).at(-1);
}

function reportOf({ index, recordedAt, who, source, note }: ReportEntry): Required<FullSite>["report"] {
  return { index, recordedAt, ...optional({ who, source, note }) };
}

/** Without what is undefined. */
function optional<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The database. */
export class Model {
  readonly #log: { readonly site: ModelSite; readonly entry: Logged }[] = [];
  readonly #sites: ModelSite[] = [];
  /** The indices of the reports that named no time. */
  readonly #plain = new Set<number>();
  /** The indices of the entries whose note was redacted: no report says the same. */
  readonly #forgotten = new Set<number>();

  constructor() {
    this.#append(new ModelSite(1), { kind: "added", site: "Harvard University", zip: "02138", recordedAt: 0 });
  }

  /** All entries, with the names that the sites have now, except where they were added. */
  get entries(): Entry[] {
    return this.#log.map(({ site, entry }) => this.#read(site, entry));
  }

  #read(site: ModelSite, { other, shown, ...entry }: Logged): Entry {
    if (shown !== undefined) {
      const shows = shown === "nothing" ? shown : this.#read(this.#log[shown - 1].site, this.#log[shown - 1].entry);
      return { ...entry, site: site.name, siteId: site.id, shows } as Entry;
    }
    const into = other === undefined ? {} : { into: { id: other.id, name: other.name } };
    return { ...entry, site: entry.kind === "added" ? entry.site : site.name, siteId: site.id, ...into } as Entry;
  }

  #append(site: ModelSite, fields: object): number {
    if (!this.#sites.includes(site)) this.#sites.push(site);
    const entry = { index: this.#log.length + 1, ...fields } as Logged;
    this.#log.push({ site, entry });
    site.entries.push(entry);
    return entry.index;
  }

  /** Changes what the last entry says. */
  #replaceLast(site: ModelSite, fields: object): void {
    const entry = { ...site.entries.pop()!, ...fields };
    site.entries.push(entry);
    this.#log.pop();
    this.#log.push({ site, entry });
  }

  /** A site and all that lead to it. */
  #members(site: ModelSite): ModelSite[] {
    return this.#sites.filter((each) => {
      for (let at: ModelSite | undefined = each; at !== undefined; at = at.into) if (at === site) return true;
      return false;
    });
  }

  #shown(site: ModelSite): Shown | undefined {
    return newestOf(this.#members(site).map(({ ownShown }) => ownShown));
  }

  #state(site: ModelSite, typed: string, shown = this.#shown(site)): SiteState {
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

  #full(site: ModelSite, typed: string, shown = this.#shown(site)): SiteDetails {
    const { documented, identifiers } = site;
    const aliases = this.#members(site).filter((each) => each !== site).map(({ id, name }) => ({ id, name }));
    return {
      ...this.#state(site, typed, shown),
      ...(shown === undefined ? {} : { report: reportOf(shown.report) }),
      ...(documented === undefined ? {} : { document: documented.document }),
      ...(identifiers.length === 0 ? {} : { identifiers }),
      ...(aliases.length === 0 ? {} : { aliases }),
      ...optional({ locationId: site.published?.locationId }),
    };
  }

  #find(typed: string): ModelSite | undefined {
    return this.#sites.find(({ name }) => name === typed) ?? this.#sites.find(({ id }) => `id:${id}` === typed);
  }

  #alike(typed: string): ModelSite | undefined {
    return this.#sites.find(({ name }) => plain(name) === plain(typed));
  }

  /** Executes a command, which has no value that breaks a rule, and fails unless that is what it was answered with. */
  check(command: Command, output: Output): void {
    const expected = asAsked(withCutName(this.apply(command), command), command);
    const [actual, wanted] = [output, expected].map((each) => this.#comparable(withName(each, command), command));
    assertEquals(actual, wanted, JSON.stringify(command));
    if (output.status !== "page" || expected.status !== "page") return;
    // Where more sites follow that are wanted, the page says so; where none do, it may not know.
    assert(output.next !== undefined || expected.next === undefined);
  }

  /** The parts of an output that must be the same. */
  #comparable(output: Output, command: Command): unknown {
    switch (output.status) {
      case "invalid":
        return output.status;
      case "summary":
        return { ...output, logBytes: 0 };
      case "page":
        return { ...output, next: undefined };
      case "done": {
        if (output.effect !== "same" || command.kind !== "set") return output;
        // If several reports say the same, the output may name any of them.
        const { site, entry } = this.#log[output.entry - 1];
        assert(entry.kind === "report" && site.root === this.#find(command.name)?.root);
        assertEquals([entry.availability, entry.unit], [command.value, command.unit]);
        assertEquals([entry.source, entry.product], [command.source, command.product]);
        if (command.confirms) return { ...output, entry: 0 };
        assertEquals([entry.observedAt, entry.note], [command.observedAt, command.note]);
        return { ...output, entry: 0 };
      }
      default:
        return output;
    }
  }

  /** Executes a command, which has no value that breaks a rule. */
  apply(command: Command): Output {
    switch (command.kind) {
      case "list-page":
        return this.#list(command);
      case "changes-page":
        return page(this.entries.filter(({ index }) => index > command.after), command.limit);
      case "summary": {
        const sites = this.#sites.filter(({ into }) => into === undefined);
        const retired = sites.filter(({ retirement }) => retirement !== undefined).length;
        return { status: "summary", sites: sites.length, retired, lastEntry: this.#log.length, logBytes: 0 };
      }
    }
    if (command.kind === "find") return this.#findBy(command.identifier);
    if (command.kind === "retract" || command.kind === "redact") return this.#mark(command);
    const { name: typed } = command;
    if (command.kind === "add") {
      const site = this.#sites.find(({ name }) => name === typed) ?? this.#alike(typed);
      if (site !== undefined) return { status: "exists", state: this.#state(site.root, typed) };
      if (isId(typed)) return { status: "invalid", reason: "" };
      const added = new ModelSite(this.#log.length + 1);
      const entry = { kind: "added", site: typed, zip: command.zip, ...origin(command) };
      return this.#done("changed", added, this.#append(added, entry), typed);
    }
    const own = this.#find(typed);
    if (own === undefined) {
      const alike = this.#alike(typed);
      return alike === undefined
        ? { status: "unknown" }
        : { status: "alike", alike: { id: alike.id, name: alike.name } };
    }
    const site = own.root;
    switch (command.kind) {
      case "sources": {
        const sources = this.#members(site).filter(({ id }) => id >= command.site)
          .flatMap((each) => each.strands.map((strand) => sourceReport(strand, each === site ? undefined : each)));
        return { status: "sources", sources, next: undefined };
      }
      case "view": {
        const { documented } = site;
        const shown = this.#shown(site);
        const report = shown === undefined ? undefined : reportOf(shown.report);
        return { status: "site", state: this.#state(site, typed), report, hasDocument: documented !== undefined };
      }
      case "details":
        return { status: "details", details: this.#full(site, typed) };
      case "history-page": {
        const { newestFirst, bound } = command;
        const all = this.#members(site).flatMap((each) => each.entries.map((entry) => this.#read(each, entry)))
          .sort((a, b) => a.index - b.index);
        const entries = newestFirst
          ? all.filter(({ index }) => bound === 0 || index < bound).toReversed()
          : all.filter(({ index }) => index > bound);
        return page(entries, command.limit);
      }
      case "set":
        return this.#set(site, command);
      case "retire": {
        const { retirement } = site;
        if (retirement?.reason === command.reason) return this.#done("same", site, retirement.index, typed);
        if (retirement !== undefined) return { status: "retired", state: this.#state(site, typed) };
        const entry = { kind: "retired", reason: command.reason, ...origin(command) };
        return this.#done("changed", site, this.#append(site, entry), typed);
      }
      case "reopen":
        if (site.retirement === undefined) return this.#done("same", site, 0, typed);
        return this.#done("changed", site, this.#append(site, { kind: "reopened", ...origin(command) }), typed);
      case "document": {
        const { document, observedAt, extra } = command;
        if ((observedAt ?? 0) > command.recordedAt + observedAheadMsMax) return { status: "invalid", reason: "" };
        const documented = own.strands.find(({ source, product }) => source === command.source && product === undefined)
          ?.documented;
        if (documented?.document === document) return this.#done("same", site, documented.index, typed);
        if (documented !== undefined && (observedAt ?? Infinity) < (documented.observedAt ?? 0)) {
          return this.#done("outOfDate", site, documented.index, typed);
        }
        const entry = { kind: "documented", document, ...optional({ observedAt, extra }), ...origin(command) };
        return this.#done("changed", site, this.#append(own, entry), typed);
      }
      case "edit":
        return this.#edit(site, command);
      case "publish": {
        const { published } = site;
        const { locationId } = command;
        const state = this.#state(site, typed);
        if (published !== undefined) {
          return {
            status: "published",
            effect: "same",
            entry: published.index,
            locationId: published.locationId,
            state,
          };
        }
        const holder = this.#sites.find((each) => each.published?.locationId === locationId)?.root;
        if (holder !== undefined) return { status: "taken", state: this.#named(holder) };
        const entry = this.#append(site, { kind: "published", locationId, ...origin(command) });
        return { status: "published", effect: "changed", entry, locationId, state };
      }
      case "merge": {
        const into = this.#find(command.into)?.root;
        if (into === undefined) return { status: "unknownInto" };
        // The output always has the name.
        const state = () => ({ ...this.#state(into, typed), name: into.name });
        if (own.into !== undefined && own.root === into) {
          return { status: "done", effect: "same", entry: 0, state: state() };
        }
        const sites = this.#members(into).length + this.#members(own).length;
        if (into === own || own.into !== undefined || sites > mergedSitesMax) return { status: "invalid", reason: "" };
        const entry = this.#append(own, { kind: "merged", other: into, ...origin(command) });
        own.into = into;
        return { status: "done", effect: "changed", entry, state: state() };
      }
      case "unmerge": {
        const { into } = own;
        if (into === undefined) return this.#done("same", own, 0, typed);
        const entry = this.#append(own, { kind: "unmerged", other: into, ...origin(command) });
        own.into = undefined;
        return this.#done("changed", own, entry, typed);
      }
    }
  }

  #edit(site: ModelSite, command: Extract<Command, { kind: "edit" }>): Output {
    const { edits: { name, zip, identifiers }, name: typed } = command;
    const isRenamed = name !== undefined && name !== site.name;
    if (name !== undefined && isId(name)) return { status: "invalid", reason: "" };
    if (isRenamed) {
      const taken = this.#sites.find((each) => each.name === name) ??
        this.#sites.find((each) => each !== site && plain(each.name) === plain(name));
      if (taken !== undefined) {
        const { root } = taken;
        return { status: "exists", state: { ...this.#state(root, typed), name: root.name } };
      }
    }
    const values = new Map([...site.identifiers, ...identifiers ?? []].map(({ system, value }) => [system, value]));
    const all = [...values].map(([system, value]) => ({ system, value })).filter(({ value }) => value !== "")
      .sort((a, b) => codePoints(a.system) < codePoints(b.system) ? -1 : 1);
    const isIdentified = JSON.stringify(all) !== JSON.stringify(site.identifiers);
    const isMoved = zip !== undefined && zip !== site.zip;
    const holder = command.unique ? this.#holderOf(identifiers ?? [], site) : undefined;
    if (holder !== undefined) return { status: "taken", state: this.#named(holder) };
    const edited = {
      ...(isRenamed ? { name } : {}),
      ...(isMoved ? { zip } : {}),
      ...(isIdentified ? { identifiers: all } : {}),
    };
    if (Object.keys(edited).length === 0) return this.#done("same", site, 0, typed);
    return this.#done("changed", site, this.#append(site, { kind: "edited", ...edited, ...origin(command) }), typed);
  }

  /** The state of a site with its name, whatever name was typed. */
  #named(site: ModelSite): SiteState & { readonly name: string } {
    return { ...this.#state(site, site.name), name: site.name };
  }

  #has(site: ModelSite, wanted: Identifier): boolean {
    return site.identifiers.some(({ system, value }) => system === wanted.system && value === wanted.value);
  }

  #findBy(identifier: Identifier): Output {
    const found = new Map<ModelSite, ModelSite>();
    for (const site of this.#sites.filter((site) => this.#has(site, identifier))) {
      if (!found.has(site.root)) found.set(site.root, site);
    }
    const sites = [...found].slice(0, foundSitesMax).map(([root, { id, name }]) => ({
      ...this.#named(root),
      ...(id === root.id ? {} : { alias: { id, name } }),
    }));
    return { status: "found", sites };
  }

  /** The root of the first other site, in the order of the identifiers, that has one. */
  #holderOf(identifiers: readonly Identifier[], site: ModelSite): ModelSite | undefined {
    const holders = identifiers.flatMap((each) => this.#sites.filter((other) => this.#has(other, each)));
    return holders.find(({ root }) => root !== site)?.root;
  }

  /** Takes a report back, or redacts an entry. */
  #mark(command: Extract<Command, { kind: "retract" | "redact" }>): Output {
    const logged = this.#log[command.entry - 1];
    if (logged === undefined) return { status: "noEntry" };
    const { site } = logged;
    const entry = logged.entry as { -readonly [Key in keyof ReportEntry]?: ReportEntry[Key] } & { reason?: string };
    const kind = command.kind === "retract" ? "retracted" : "redacted";
    if (kind === "retracted" && logged.entry.kind !== "report") return { status: "noReport" };
    const done = (effect: Effect, entry: number): Output => {
      return { status: "done", effect, entry, state: this.#named(site.root) };
    };
    const said = [entry.who, logged.entry.kind === "retired" ? entry.reason : entry.note];
    if (kind === "redacted" && !entry.redacted && said.every((text) => text === undefined)) return done("same", 0);
    const before = site.entries.find((each) => each.kind === kind && each.of === command.entry);
    if (before !== undefined) return done("same", before.index);
    const strand = kind === "retracted" && site.strands.find(({ report }) => report?.index === command.entry);
    const isReason = kind === "redacted" && site.retirement?.index === command.entry;
    entry[kind] = true;
    if (kind === "redacted") {
      if (said[1] !== undefined) this.#forgotten.add(command.entry);
      if (entry.reason !== undefined) entry.reason = "redacted";
      delete entry.who;
      delete entry.note;
    }
    const fields = { kind, of: command.entry, ...(isReason ? { reason: true } : {}), ...origin(command) };
    const index = this.#append(site, fields);
    if (strand) {
      const { report } = site.strands.find((each) => each.source === strand.source && each.product === strand.product)!;
      Object.assign(this.#log[index - 1].entry, { shown: report?.index ?? "nothing" });
    }
    return done("changed", index);
  }

  #set(site: ModelSite, command: SetCommand): Output {
    const { name: typed } = command;
    const state = this.#state(site, typed);
    if (site.retirement !== undefined) return { status: "retired", state };
    const { value, unit, recordedAt, note, source, product } = command;
    if (command.observedAt !== undefined && command.observedAt > recordedAt + observedAheadMsMax) {
      return { status: "invalid", reason: "" };
    }
    const shown = this.#shown(site);
    const entry = shown?.report.index ?? 0;
    if ((command.if ?? state.availability) !== state.availability || (command.ifEntry ?? entry) !== entry) {
      return { status: "conflict", entry, state };
    }
    const strand = site.strands.find((each) => each.source === source && each.product === product);
    if (command.confirms && strand?.report !== undefined && isSaying(strand.report, { availability: value, unit })) {
      const checkedAt = command.observedAt ?? recordedAt;
      if (checkedAt > strand.asOf) {
        const confirmed = { kind: "confirmed", ...optional({ product }), observedAt: checkedAt, ...origin(command) };
        return this.#done("confirmed", site, this.#append(site, confirmed), typed);
      }
      if (checkedAt >= strand.report.observedAt) return this.#done("same", site, strand.report.index, typed);
    }
    const observedAt = command.observedAt ?? Math.max(recordedAt, shown === undefined ? 0 : asOf(shown));
    if (command.observedAt !== undefined) {
      const said = JSON.stringify([observedAt, value, unit, source, note, product]);
      const same = this.#members(site).flatMap((each) => this.#findable(each, observedAt)).filter((known) =>
        JSON.stringify([observedAt, known.availability, known.unit, known.source, known.note, known.product]) === said
      );
      // Which one it is told of does not matter.
      if (same.length > 0) return this.#done("same", site, same[0].index, typed);
    }
    const report = { kind: "report", availability: value, ...optional({ unit, product }), observedAt };
    const index = this.#append(site, { ...report, outOfDate: false, ...origin(command) });
    const outOfDate = !this.#shown(site)!.parts.some((part) => part.index === index);
    if (outOfDate) this.#replaceLast(site, { outOfDate });
    if (command.observedAt === undefined) this.#plain.add(index);
    return this.#done(outOfDate ? "outOfDate" : "shown", site, index, typed);
  }

  /**
   * The reports of a moment among which an explicit one is searched for: all explicit ones; and of the plain ones the
   * one that is shown, the first of the moment, and those among the newest entries that came while it was the newest.
   */
  #findable(site: ModelSite, observedAt: number): ReportEntry[] {
    const isReport = (entry: Entry): entry is ReportEntry => entry.kind === "report";
    let newest = 0;
    const reached = site.entries.map((entry) => newest = Math.max(newest, isReport(entry) ? entry.observedAt : 0));
    const first = reached.findIndex((reach) => reach >= observedAt);
    const near = site.entries.filter((_, at) => reached[at] === observedAt).slice(-sameMomentMax);
    const ofMoment = site.entries.filter(isReport).filter((report) => report.observedAt === observedAt)
      .filter(({ index, retracted }) => !retracted && !this.#forgotten.has(index));
    const shown = site.ownShown?.report;
    return ofMoment.filter((report) =>
      !this.#plain.has(report.index) || report.index === shown?.index || report === site.entries[first] ||
      near.includes(report)
    );
  }

  #done(effect: Effect, site: ModelSite, entry: number, typed: string): Output {
    return { status: "done", effect, entry, state: this.#state(site, typed) };
  }

  #list(command: Extract<Command, { kind: "list-page" }>): Output {
    const { after, limit, detail = "brief", zip = "", available = false, retired = false, product, source } = command;
    const shownOf = (site: ModelSite) => {
      if (product === undefined && source === undefined) return this.#shown(site);
      const meant = this.#members(site).flatMap(({ strands }) => strands).filter((strand) =>
        strand.report !== undefined && (source ?? strand.source) === strand.source &&
        (product ?? strand.product) === strand.product
      );
      return newestOf(meant.map((strand) => ({ ...saidBy(strand), parts: [] })));
    };
    const wanted = this.#sites.filter((site) =>
      site.into === undefined && (after === undefined || codePoints(site.name) > codePoints(after)) &&
      site.zip.startsWith(zip) &&
      ((product === undefined && source === undefined) || shownOf(site) !== undefined) &&
      (!available || isAvailable(shownOf(site)?.availability ?? 0)) &&
      (retired || site.retirement === undefined)
    ).toSorted((a, b) => codePoints(a.name) < codePoints(b.name) ? -1 : 1);
    const sites = wanted.slice(0, limit).map((site) => {
      const { name, zip } = site;
      const state = this.#state(site, name, shownOf(site));
      if (detail === "full") return { name, ...this.#full(site, name, shownOf(site)) };
      return detail === "state" ? { name, ...state } : { name, zip, availability: state.availability };
    });
    // It says that more follow only if they do, but perhaps not where.
    return { status: "page", detail, sites, next: sites.length < wanted.length ? sites.at(-1)?.name : undefined };
  }
}

/** What a source says, as an output has it. */
function sourceReport(strand: ModelStrand, site: ModelSite | undefined): SourceReport {
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

/** Who, where from and when, as an entry has it. */
function origin(command: ChangeCommand): object {
  const { recordedAt, who, source, by } = command;
  const note = command.kind === "retire" ? undefined : command.note;
  return { recordedAt, ...optional({ who, source, note, by }) };
}

function page(entries: readonly Entry[], limit = Infinity): Output {
  return { status: "entries", entries: entries.slice(0, limit), more: entries.length > limit };
}

/** An output that says the name of the site, also where that is the one in the command. */
function withName(output: Output, command: Command): Output {
  if (!("state" in output) || !("name" in command)) return output;
  return { ...output, state: { name: command.name, ...output.state } };
}

/** An output without what only commands are told that know of sources. */
function asAsked(output: Output, command: Command): Output {
  if (!("state" in output) || (bytesOf(command)[0] & knowsSources) !== 0) return output;
  const { checkedAt: _, ...state } = output.state;
  return { ...output, state } as Output;
}

/** An output as it is where there is no room for all of a long name. */
function withCutName(output: Output, { kind }: Command): Output {
  if (output.status === "alike") return { ...output, alike: { ...output.alike, name: cut(output.alike.name, 160) } };
  if (!("state" in output) || output.state.name === undefined) return output;
  const isLong = ["view", "edit", "merge", "unmerge", "publish", "retract", "redact"].includes(kind);
  return isLong ? output : { ...output, state: { ...output.state, name: cut(output.state.name, 120) } };
}

/** Long names of the tests are ASCII. */
function cut(name: string, bytesMax: number): string {
  return new TextEncoder().encode(name).length <= bytesMax ? name : `${name.slice(0, bytesMax - 3)}…`;
}

function isId(name: string): boolean {
  return /^id:[1-9]\d*$/.test(name);
}

/** A name without what people overlook. */
function plain(name: string): string {
  return name.replace(/[\u200b\ufeff]/g, "").split(/[ \u00a0]+/).filter((word) => word !== "").join(" ").toLowerCase();
}

/** A name as text that JavaScript compares by code point. */
function codePoints(name: string): string {
  return [...name].map((char) => char.codePointAt(0)!.toString(16).padStart(6, "0")).join();
}
