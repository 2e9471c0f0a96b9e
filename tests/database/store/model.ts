/**
 * What the database does, with arrays and searches from front to back: a model to compare it with.
 *
 * Pages are cut by their limits only; how much fits one is tested apart.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { ChangeCommand, Command, SetCommand } from "../../../src/database/wire/commands.ts";
import type { Entry, ReportEntry } from "../../../src/database/entries.ts";
import type { Effect, Output, SiteDetails, SiteState } from "../../../src/database/wire/outputs.ts";
import { type FullSite, type Identifier, isAvailable } from "../../../src/database/values.ts";
import { mergedSitesMax, observedAheadMsMax, sameMomentMax } from "../../../src/limits.ts";

/** An entry without what depends on when it is read: the names. */
type Logged = Entry & { readonly other?: ModelSite };

/** A site of the model: its entries are all that it knows, and to which site it leads. */
class ModelSite {
  readonly entries: Logged[] = [];
  into: ModelSite | undefined;

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

  get ownReports(): ReportEntry[] {
    return this.entries.filter((entry) => entry.kind === "report");
  }

  /** The report with the newest observation, of several the one that came last. */
  get ownShown(): ReportEntry | undefined {
    return newestOf(this.ownReports);
  }

  /** The entry that says why it is retired. */
  get retirement(): Extract<Entry, { kind: "retired" }> | undefined {
    const last = this.entries.findLast(({ kind }) => kind === "retired" || kind === "reopened");
    return last?.kind === "retired" ? last : undefined;
  }

  get documented(): Extract<Entry, { kind: "documented" }> | undefined {
    return this.entries.findLast((entry) => entry.kind === "documented");
  }
}

function newestOf(reports: readonly ReportEntry[]): ReportEntry | undefined {
  const newest = Math.max(...reports.map(({ observedAt }) => observedAt));
  return reports.findLast(({ observedAt }) => observedAt === newest);
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

  constructor() {
    this.#append(new ModelSite(1), { kind: "added", site: "Harvard University", zip: "02138", recordedAt: 0 });
  }

  /** All entries, with the names that the sites have now, except where they were added. */
  get entries(): Entry[] {
    return this.#log.map(({ site, entry }) => this.#read(site, entry));
  }

  #read(site: ModelSite, { other, ...entry }: Logged): Entry {
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

  /** A site and all that lead to it. */
  #members(site: ModelSite): ModelSite[] {
    return this.#sites.filter((each) => {
      for (let at: ModelSite | undefined = each; at !== undefined; at = at.into) if (at === site) return true;
      return false;
    });
  }

  #shown(site: ModelSite): ReportEntry | undefined {
    const reports = this.#members(site).flatMap(({ ownReports }) => ownReports);
    return newestOf(reports.sort((a, b) => a.index - b.index));
  }

  #state(site: ModelSite, typed: string): SiteState {
    const { retirement, zip, id, name } = site;
    const shown = this.#shown(site);
    return {
      id,
      ...(name === typed ? {} : { name }),
      zip,
      availability: shown?.availability ?? 0,
      ...(shown?.unit === undefined ? {} : { unit: shown.unit }),
      observedAt: shown?.observedAt ?? 0,
      ...(retirement === undefined ? {} : { retired: retirement.reason }),
    };
  }

  #full(site: ModelSite, typed: string): SiteDetails {
    const { documented, identifiers } = site;
    const shown = this.#shown(site);
    const aliases = this.#members(site).filter((each) => each !== site).map(({ id, name }) => ({ id, name }));
    return {
      ...this.#state(site, typed),
      ...(shown === undefined ? {} : { report: reportOf(shown) }),
      ...(documented === undefined ? {} : { document: documented.document }),
      ...(identifiers.length === 0 ? {} : { identifiers }),
      ...(aliases.length === 0 ? {} : { aliases }),
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
    const expected = withCutName(this.apply(command), command);
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
        assertEquals([entry.observedAt, entry.availability], [command.observedAt, command.value]);
        assertEquals([entry.unit, entry.source, entry.note], [command.unit, command.source, command.note]);
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
      case "sources":
        throw new Error("The model has no sources yet");
      case "view": {
        const { documented } = site;
        const shown = this.#shown(site);
        const report = shown === undefined ? undefined : reportOf(shown);
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
        const { document } = command;
        const { documented } = own;
        if (documented?.document === document) return this.#done("same", site, documented.index, typed);
        const entry = { kind: "documented", document, ...origin(command) };
        return this.#done("changed", site, this.#append(own, entry), typed);
      }
      case "edit":
        return this.#edit(site, command);
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
    const edited = {
      ...(isRenamed ? { name } : {}),
      ...(isMoved ? { zip } : {}),
      ...(isIdentified ? { identifiers: all } : {}),
    };
    if (Object.keys(edited).length === 0) return this.#done("same", site, 0, typed);
    return this.#done("changed", site, this.#append(site, { kind: "edited", ...edited, ...origin(command) }), typed);
  }

  #set(site: ModelSite, command: SetCommand): Output {
    const { name: typed } = command;
    const state = this.#state(site, typed);
    if (site.retirement !== undefined) return { status: "retired", state };
    const { value, unit, recordedAt, note, source } = command;
    if (command.observedAt !== undefined && command.observedAt > recordedAt + observedAheadMsMax) {
      return { status: "invalid", reason: "" };
    }
    const entry = this.#shown(site)?.index ?? 0;
    if ((command.if ?? state.availability) !== state.availability || (command.ifEntry ?? entry) !== entry) {
      return { status: "conflict", entry, state };
    }
    const observedAt = command.observedAt ?? Math.max(recordedAt, state.observedAt);
    if (command.observedAt !== undefined) {
      const said = JSON.stringify([observedAt, value, unit, source, note]);
      const same = this.#members(site).flatMap((each) => this.#findable(each, observedAt)).filter((known) =>
        JSON.stringify([known.observedAt, known.availability, known.unit, known.source, known.note]) === said
      );
      // Which one it is told of does not matter.
      if (same.length > 0) return this.#done("same", site, same[0].index, typed);
    }
    const outOfDate = observedAt < state.observedAt;
    const report = { kind: "report", availability: value, ...optional({ unit }), observedAt, outOfDate };
    const index = this.#append(site, { ...report, ...origin(command) });
    if (command.observedAt === undefined) this.#plain.add(index);
    return this.#done(outOfDate ? "outOfDate" : "shown", site, index, typed);
  }

  /**
   * The reports of a moment among which an explicit one is searched for: all explicit ones; and of the plain ones the
   * one that is shown, the first of the moment, and those among the newest entries that came while it was the newest.
   */
  #findable(site: ModelSite, observedAt: number): ReportEntry[] {
    const isReport = (entry: Entry) => entry.kind === "report";
    let newest = 0;
    const reached = site.entries.map((entry) => newest = Math.max(newest, isReport(entry) ? entry.observedAt : 0));
    const first = reached.findIndex((reach) => reach >= observedAt);
    const near = site.entries.filter((_, at) => reached[at] === observedAt).slice(-sameMomentMax);
    const ofMoment = site.entries.filter(isReport).filter((report) => report.observedAt === observedAt);
    const shown = observedAt === newest ? ofMoment.at(-1) : undefined;
    return ofMoment.filter((report) =>
      !this.#plain.has(report.index) || report === shown || report === site.entries[first] || near.includes(report)
    );
  }

  #done(effect: Effect, site: ModelSite, entry: number, typed: string): Output {
    return { status: "done", effect, entry, state: this.#state(site, typed) };
  }

  #list(command: Extract<Command, { kind: "list-page" }>): Output {
    const { after, limit, detail = "brief", zip = "", available = false, retired = false } = command;
    const wanted = this.#sites.filter((site) =>
      site.into === undefined && (after === undefined || codePoints(site.name) > codePoints(after)) &&
      site.zip.startsWith(zip) &&
      (!available || isAvailable(this.#state(site, site.name).availability)) &&
      (retired || site.retirement === undefined)
    ).toSorted((a, b) => codePoints(a.name) < codePoints(b.name) ? -1 : 1);
    const sites = wanted.slice(0, limit).map((site) => {
      const { name, zip } = site;
      const state = this.#state(site, name);
      if (detail === "full") return { name, ...this.#full(site, name) };
      return detail === "state" ? { name, ...state } : { name, zip, availability: state.availability };
    });
    // It says that more follow only if they do, but perhaps not where.
    return { status: "page", detail, sites, next: sites.length < wanted.length ? sites.at(-1)?.name : undefined };
  }
}

/** Who, where from and when, as an entry has it. */
function origin(command: ChangeCommand): object {
  const { recordedAt, who, source } = command;
  const note = command.kind === "retire" ? undefined : command.note;
  return { recordedAt, ...optional({ who, source, note }) };
}

function page(entries: readonly Entry[], limit = Infinity): Output {
  return { status: "entries", entries: entries.slice(0, limit), more: entries.length > limit };
}

/** An output that says the name of the site, also where that is the one in the command. */
function withName(output: Output, command: Command): Output {
  if (!("state" in output) || !("name" in command)) return output;
  return { ...output, state: { name: command.name, ...output.state } };
}

/** An output as it is where there is no room for all of a long name. */
function withCutName(output: Output, { kind }: Command): Output {
  if (output.status === "alike") return { ...output, alike: { ...output.alike, name: cut(output.alike.name, 160) } };
  if (!("state" in output) || output.state.name === undefined) return output;
  const isLong = ["view", "edit", "merge", "unmerge"].includes(kind);
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
